#include "support/forge_command.hpp"

#include "app/program.hpp"
#include "base/exit_code.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"

namespace cml::test {
namespace {

template <class Fake>
std::unique_ptr<FakeForge> command_fake() {
  return std::make_unique<Fake>();
}

}  // namespace

std::vector<CommandForge> const& command_forges() {
  static std::vector<CommandForge> const table{
      {"github", "/api/v3", "o/r", command_fake<FakeGitHub>, 65'536, "/comments", "/git/", "PATCH"},
      {"gitea", "/api/v1", "o/r", command_fake<FakeGitea>, 1'000'000, "/comments", "/contents", "PATCH"},
      {"gitlab", "/api/v4", "g/p", command_fake<FakeGitLab>, 999'999, "/notes", "/uploads", "PUT"},
      {"bitbucket", "", "w/r", command_fake<FakeBitbucket>, 32'000, "/comments", "/downloads", "PUT"},
  };
  return table;
}

ForgeCommand::ForgeCommand(CommandForge const& row, FakeForge const& fake, HttpClient& http, Clock& clock,
                           Random& random)
    : http_(http), clock_(clock), random_(random) {
  ports.environment.variables = {{"REPO_TOKEN", "good-token"},
                                 {"CML_DRIVER", row.name},
                                 {"CML_REPO", fake.url() + "/" + row.repository},
                                 {"CML_API_URL", fake.url() + row.api_path},
                                 {"CML_COMMENT_TARGET", "pr/7"}};
  ports.process.fallback = [](ProcessRequest const&) { return ProcessResult{128, "", "not a git repository"}; };
}

CmlRun ForgeCommand::run(std::vector<std::string> words) {
  words.insert(words.begin(), "cml");
  ports.console.output.clear();
  ports.console.lines.clear();
  Context context{Ports{http_, clock_, ports.files, ports.process, ports.environment, random_, ports.console,
                        ports.watcher, ports.pages, ports.supervisor, ports.signer, ports.workers}};
  auto const done = run_program(words, context);
  CmlRun run{done ? 0 : exit_code(done.error().kind), ports.console.output, ""};
  for (std::string const& line : ports.console.lines) run.err += line + "\n";
  if (!done) run.err += "error: " + done.error().message + "\n";
  return run;
}

}  // namespace cml::test
