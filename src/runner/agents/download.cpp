#include "runner/agents/download.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace cml::runner {
namespace {

constexpr std::size_t kMaxAgentBytes = 1u << 30;

}  // namespace

Result<std::string> machine_architecture(Process& process) {
  CML_TRY(answer, process.run({.arguments = {"uname", "-m"}, .timeout = std::chrono::seconds(10)}));
  std::string const name(trim(answer.out));
  if (name == "x86_64" || name == "amd64") return std::string("amd64");
  if (name == "aarch64" || name == "arm64") return std::string("arm64");
  if (name.substr(0, 3) == "arm") return std::string("arm");
  return Error{ErrorKind::Unsupported, "no agent is known for the architecture \"" + one_line(name, 40) + "\"; give --runner-path"};
}

Result<std::string> fetch_checked(HttpClient& http, HttpRequest request, std::string const& sha256) {
  request.max_response_bytes = kMaxAgentBytes;
  request.timeout = std::chrono::seconds(900);
  CML_TRY(response, http.send(request));
  if (response.status != 200)
    return Error{ErrorKind::NotFound, "GET " + safe_url(request.url) + " answered " + std::to_string(response.status) +
                                          "; unpack the agent yourself and give --runner-path"};
  if (!sha256.empty() && sha256_hex(response.body) != to_lower(sha256))
    return Error{ErrorKind::BadInput, "GET " + safe_url(request.url) + ": the SHA-256 is not the announced one; refusing to run it"};
  return std::move(response.body);
}

Status run_checked(Process& process, ProcessRequest const& request, std::string_view what) {
  CML_TRY(answer, process.run(request));
  if (answer.exit_code == 0) return ok();
  std::string const said = !trim(answer.err).empty() ? answer.err : answer.out;
  // The reason stands at the end of what such programs print.
  std::string_view const end(said.data() + (said.size() > 600 ? said.size() - 600 : 0), std::min<std::size_t>(said.size(), 600));
  return Error{ErrorKind::BadInput, std::string(what) + " failed with exit code " + std::to_string(answer.exit_code) + ": " +
                                        one_line(trim(end), 600)};
}

Status put_program(Workplace const& place, std::filesystem::path const& path, std::string_view bytes) {
  CML_CHECK_OK(place.files.write(path, bytes));
  return run_checked(place.process, {.arguments = {"chmod", "755", path.string()}, .timeout = std::chrono::seconds(10)}, "chmod");
}

bool answers(Process& process, std::vector<std::string> const& program) {
  auto const answer = process.run({.arguments = program, .timeout = std::chrono::seconds(20)});
  return answer && answer->exit_code == 0;
}

}  // namespace cml::runner
