// A thread of 5,000 comments takes the program little memory: comments of others are read and forgotten.
#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "report/watermark.hpp"
#include "support/forge_command.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

constexpr int kComments = 5000;
constexpr long long kMostKilobytes = 60'000;
// Prints the most memory that the program held at a time, in KiB.
constexpr char const* kMeasure =
    "import resource, subprocess, sys\n"
    "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    "sys.exit(done.returncode)\n";

}  // namespace

TEST_CASE("cli: an update in a thread of 5,000 comments takes less than 60 MB", "[cli][comment][memory]") {
  char const* const binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  if (std::string_view(binary).find("asan") != std::string_view::npos) return;  // Its own memory is many times that.
  for (CommandForge const& row : command_forges()) {
    INFO(row.name);
    TemporaryFolder folder;
    std::ofstream(folder.path / "report.md") << "# Report\n";
    auto const fake = row.fake();
    CommentTarget const target = PullRequestTarget{7};
    std::string const talk(1500, 'x');
    for (int i = 0; i < kComments; ++i)
      if (i == kComments / 2)
        fake->add_body(target, text_of({"an old report", {}, {"abc", ""}}));
      else
        fake->add_body(target, "comment " + std::to_string(i) + " " + talk, "ada");
    ProcessRequest request;
    request.arguments = {"python3", "-c",     kMeasure,        binary,     "comment",
                         "update",  "--json", "--target=pr/7", "report.md"};
    request.directory = folder.path;
    request.environment = {{"REPO_TOKEN", "good-token"},
                           {"CML_DRIVER", row.name},
                           {"CML_REPO", fake->url() + "/" + row.repository},
                           {"CML_API_URL", fake->url() + row.api_path},
                           {"CI", ""}};
    request.timeout = std::chrono::seconds(120);
    SpawnedProcess process;
    auto const run = process.run(request);
    REQUIRE(run);
    INFO(run->out << run->err);
    CHECK(run->exit_code == 0);
    auto const bodies = fake->bodies(target);
    REQUIRE(bodies.size() == kComments);
    CHECK(bodies[kComments / 2].starts_with("# Report\n"));
    CHECK(parse_integer(trim(run->out)).value_or(1 << 30) < kMostKilobytes);
  }
}
