#include "runner/agents/download.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml::runner {
namespace {

constexpr std::size_t kMaxAgentBytes = 1u << 30, kMaxTextBytes = 1u << 20;

Error not_there(std::string const& url, int status) {
  return {ErrorKind::NotFound, "GET " + safe_url(url) + " answered " + std::to_string(status) +
                                   "; unpack the agent yourself and give --runner-path"};
}

}  // namespace

Result<std::string> machine_architecture(Process& process) {
  CML_TRY(answer, process.run({.arguments = {"uname", "-m"}, .timeout = std::chrono::seconds(10)}));
  std::string const name(trim(answer.out));
  if (name == "x86_64" || name == "amd64") return std::string("amd64");
  if (name == "aarch64" || name == "arm64") return std::string("arm64");
  if (name.substr(0, 3) == "arm") return std::string("arm");
  return Error{ErrorKind::Unsupported,
               "no agent is known for the architecture \"" + one_line(name, 40) + "\"; give --runner-path"};
}

Result<std::string> place_of_agent(Environment const& environment, std::string const& variable,
                                   std::string const& makers) {
  std::string base = environment.get(variable).value_or(makers);
  while (!base.empty() && base.back() == '/') base.pop_back();
  auto const url = parse_url(base);
  if (!url || (url->scheme != "https" && !is_loopback(url->host)))
    return Error{ErrorKind::Usage, variable + "=" + one_line(safe_url(base), 100) +
                                       ": the agent and its SHA-256 come from there, so it must be https"};
  return base;
}

Result<std::string> fetch_text(HttpClient& http, std::string const& url) {
  CML_TRY(response, http.send({.url = url, .max_response_bytes = kMaxTextBytes}));
  if (response.status != 200) return not_there(url, response.status);
  return std::move(response.body);
}

Status fetch_file(Workplace const& place, std::string const& url, std::filesystem::path const& path,
                  std::string const& sha256) {
  place.notify("fetching the agent " + safe_url(url));
  HttpRequest request{.url = url};
  request.save_to = path;
  request.max_response_bytes = kMaxAgentBytes;
  request.timeout = std::chrono::seconds(900);
  CML_TRY(response, place.http.send(request));
  if (response.status != 200) return not_there(url, response.status);
  if (sha256.empty() || response.saved_sha256 == to_lower(sha256)) return ok();
  (void)place.files.remove(path);
  return Error{ErrorKind::BadInput,
               "GET " + safe_url(url) + ": the SHA-256 is not the announced one; refusing to run it"};
}

Status run_checked(Process& process, ProcessRequest const& request, std::string_view what) {
  CML_TRY(answer, process.run(request));
  if (answer.exit_code == 0) return ok();
  std::string const said = !trim(answer.err).empty() ? answer.err : answer.out;
  // The reason stands at the end of what such programs print.
  std::string_view const end(said.data() + (said.size() > 600 ? said.size() - 600 : 0),
                             std::min<std::size_t>(said.size(), 600));
  return Error{ErrorKind::BadInput, std::string(what) + " failed with exit code " + std::to_string(answer.exit_code) +
                                        ": " + clean_line(trim(end), 600)};
}

Status make_executable(Workplace const& place, std::filesystem::path const& path) {
  return run_checked(place.process, {.arguments = {"chmod", "755", path.string()}, .timeout = std::chrono::seconds(10)},
                     "chmod");
}

Status write_secret(Workplace const& place, std::filesystem::path const& path, std::string_view text) {
  if (place.files.kind(path) == FileKind::Regular) CML_CHECK_OK(place.files.remove(path));
  ProcessRequest store;
  store.arguments = {"sh", "-c", "umask 077 && cat > \"$1\"", "sh", path.string()};
  store.input = std::string(text);
  store.timeout = std::chrono::seconds(10);
  return run_checked(place.process, store, "writing " + path.filename().string());
}

bool answers(Process& process, std::vector<std::string> const& program) {
  auto const answer = process.run({.arguments = program, .timeout = std::chrono::seconds(20)});
  return answer && answer->exit_code == 0;
}

}  // namespace cml::runner
