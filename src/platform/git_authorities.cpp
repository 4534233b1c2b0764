#include "platform/git_authorities.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml {
namespace {

bool is_untrusted(Result<HttpResponse> const& answer) { return !answer && answer.error().kind == ErrorKind::Untrusted; }

}  // namespace

bool GitAuthorities::learned_for(std::string const& url) {
  ProcessRequest request;
  request.arguments = {"git", "config", "--get-urlmatch", "http.sslCAInfo", url};
  request.directory = "/";  // Not what a clone says.
  request.without_secrets = true;
  auto const answer = process_.run(request);
  std::string const file(answer && answer->exit_code == 0 ? trim(answer->out) : "");
  if (file.empty() || std::find(known_.begin(), known_.end(), file) != known_.end()) return false;
  known_.push_back(file);
  trust_(file, "git's http.sslCAInfo");
  return true;
}

// A certificate is looked at before anything is sent: sending again is safe whatever the request.
Result<HttpResponse> GitAuthorities::send(HttpRequest const& request) {
  auto answer = inner_.send(request);
  return is_untrusted(answer) && learned_for(request.url) ? inner_.send(request) : std::move(answer);
}

std::vector<Result<HttpResponse>> GitAuthorities::send_all(std::vector<HttpRequest> const& requests, int parallel) {
  auto answers = inner_.send_all(requests, parallel);
  std::vector<HttpRequest> again;
  std::vector<std::size_t> places;
  bool learned = false;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!is_untrusted(answers[i])) continue;
    learned = learned_for(requests[i].url) || learned;
    again.push_back(requests[i]);
    places.push_back(i);
  }
  if (!learned) return answers;
  auto second = inner_.send_all(again, parallel);
  for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(second[i]);
  return answers;
}

}  // namespace cml
