#include "forge/gitlab/api.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "forge/pages.hpp"

namespace cml::gitlab {
namespace {

using nlohmann::json;
constexpr int kParallel = 8;
constexpr std::size_t kAtOnce = 16;  // Pages that are asked for before the first of them is read.

// {"message": text | {field: [texts]}}, {"error": ..., "error_description": ...}
std::string message_of(HttpResponse const& response) {
  json const body = parse_answer(response.body);
  if (!body.is_object()) return "";
  std::string text;
  for (char const* key : {"message", "error", "error_description"}) {
    if (!body.contains(key)) continue;
    json const& value = body[key];
    text += (text.empty() ? "" : "; ") + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

std::string hint_for(HttpRequest const& request, int status) {
  bool const merging =
      contains(request.url, "/merge_requests/") && request.url.substr(request.url.rfind('/')) == "/merge";
  if (status == 401 && merging)
    return "the token's role may not merge into this branch; see its protection (Settings, Repository, Protected "
           "branches)";
  if ((status == 405 || status == 406) && merging)
    return "it cannot be merged: a conflict, a draft, missing approvals, a failed pipeline, or a role below Developer";
  if (status == 401)
    return "use a project, group or personal access token with scope api; the job's own CI_JOB_TOKEN may not write "
           "comments";
  if (status == 403 && contains(request.url, "/runners")) return "the token may not do this";
  if (status == 403) return "the token needs scope api and at least the role Reporter (Developer for uploads)";
  if (status == 404)
    return "it does not exist, or the token may not see it; check --repo, the number and the token's project";
  return "";
}

}  // namespace

Refusal explain(HttpRequest const& request, HttpResponse const& response) {
  std::string const message = message_of(response);
  bool const too_long = (response.status == 400 || response.status == 422) && contains(message, "too long");
  return {message, hint_for(request, response.status), too_long};
}

Api::Api(HttpClient& http, Repository repository, std::string base, Secret token)
    : http_(http), repository_(std::move(repository)), base_(std::move(base)), token_(std::move(token)) {}

HttpRequest Api::authorized(std::string method, std::string url) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  request.credential_header = "PRIVATE-TOKEN";
  request.credential = token_;
  return request;
}

// A path of more than two parts may be nested groups, or an installation below a path: the server tells.
Status Api::find_base() {
  if (!project_.empty()) return ok();
  constexpr std::string_view kApi = "/api/v4";
  if (!base_.empty()) {
    std::string prefix;
    if (auto const url = parse_url(base_);
        url && url->path.size() > kApi.size() && url->path.substr(url->path.size() - kApi.size()) == kApi)
      prefix = url->path.substr(1, url->path.size() - kApi.size() - 1) + "/";
    bool const below = !prefix.empty() && repository_.path.substr(0, prefix.size()) == prefix;
    project_ = percent_encode(below ? repository_.path.substr(prefix.size()) : repository_.path);
    return ok();
  }
  std::string const origin = repository_.scheme + "://" + repository_.authority;
  auto const parts = split(repository_.path, '/');
  std::string prefix, first_trouble;
  for (std::size_t used = 0; used + 2 <= parts.size(); ++used) {
    if (used > 0) prefix += "/" + parts[used - 1];
    std::string const base = origin + prefix + std::string(kApi);
    bool found = parts.size() == 2 || repository_.authority == "gitlab.com";
    if (!found) {
      HttpRequest const probe = authorized("GET", base + "/version");
      auto const answer = http_.send(probe);
      if (!answer) return Error(answer.error());
      // Also a refusal in JSON is GitLab speaking; the sub-path's own web server answers in HTML.
      json const body = parse_answer(answer.value().body);
      found = body.is_object() &&
              (answer.value().status < 400 || answer.value().status == 401 || answer.value().status == 403);
      if (!found && first_trouble.empty())
        first_trouble = refused(probe, answer.value(), {message_of(answer.value()), "", false}).message;
    }
    if (!found) continue;
    base_ = base;
    std::string project = repository_.path.substr(prefix.size());
    if (!prefix.empty()) project.erase(0, project.find_first_not_of('/'));
    project_ = percent_encode(project);
    return ok();
  }
  return Error{ErrorKind::NotFound,
               "no GitLab API found at " + repository_.web_url() + " (" + first_trouble + "); give --api-url"};
}

Result<HttpRequest> Api::request(std::string method, std::string const& path) {
  CML_CHECK_OK(find_base());
  return authorized(std::move(method), base_ + "/projects/" + project_ + path);
}

Result<HttpRequest> Api::request_at_base(std::string method, std::string const& path) {
  CML_CHECK_OK(find_base());
  return authorized(std::move(method), base_ + path);
}

Result<HttpRequest> Api::request(std::string method, std::string const& path, json const& body, Repeat repeat) {
  CML_TRY(bare, request(std::move(method), path));
  return with_json(std::move(bare), body, repeat);
}

Result<json> Api::read(HttpRequest const& request, Result<HttpResponse> const& answer) const {
  return read_json(request, answer, explain);
}

Result<json> Api::call(HttpRequest const& request) const { return read(request, http_.send(request)); }

Result<std::vector<json>> Api::list(std::string const& path) {
  return collected([&](EachElement const& take) { return each(path, nullptr, take); });
}

Status Api::each(std::string const& path, Beside* beside, EachElement const& each) {
  Pages pages;
  auto const take = [&](HttpRequest const& sent, Result<HttpResponse> const& answer) -> Status {
    if (answer) CML_CHECK_OK(pages.take(sent, answer.value()));
    CML_TRY(page, read(sent, answer));
    if (!page.is_array()) return lacks(sent, "no list");
    for (json const& element : page) CML_CHECK_OK(each(element));
    return ok();
  };
  std::string const query = (contains(path, "?") ? "&" : "?") + std::string("per_page=100&page=");
  auto const ask = [&](std::string const& number) -> Result<HttpRequest> {
    CML_TRY(get, request("GET", path + query + number));
    CML_CHECK_OK(pages.ask(get));
    return get;
  };
  CML_TRY(first, ask("1"));
  auto const answer = send_first(http_, first, beside);
  CML_CHECK_OK(take(first, answer));
  std::string next(answer.value().header("x-next-page"));
  // Absent for more than 10,000 elements; then page follows page.
  if (auto const total = parse_integer(answer.value().header("x-total-pages")); total && *total > 1) {
    CML_CHECK_OK(pages.expect(first, static_cast<std::size_t>(*total - 1)));
    for (long long page = 2; page <= *total;) {
      std::vector<HttpRequest> group;
      for (; page <= *total && group.size() < kAtOnce; ++page) {
        CML_TRY(get, ask(std::to_string(page)));
        group.push_back(std::move(get));
      }
      auto const answers = http_.send_all(group, kParallel);
      for (std::size_t i = 0; i < group.size(); ++i) CML_CHECK_OK(take(group[i], answers[i]));
      next = answers.back().value().header("x-next-page");  // After the last: pages that appeared meanwhile.
    }
  }
  while (!next.empty()) {
    if (parse_integer(next).value_or(0) < 1) return lacks(first, "no page number in x-next-page");
    CML_TRY(following, ask(next));
    auto const page = http_.send(following);
    CML_CHECK_OK(take(following, page));
    next = page.value().header("x-next-page");
  }
  return ok();
}

}  // namespace cml::gitlab
