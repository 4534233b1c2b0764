#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("cli: --fallback is for a token that may not comment (403), not for one that is wrong (401)",
          "[cli][github]") {
  FakeGitHub fake;
  TemporaryFolder folder;
  std::ofstream(folder.path / "report.md") << "text";
  for (std::string const token : {"read-only-token", "wrong-token"}) {
    INFO(token);
    auto const run = run_cml({"comment", "create", "--target=pr/7", "--fallback=none", "report.md"}, folder.path, "",
                             {{"REPO_TOKEN", token},
                              {"CML_API_URL", fake.url() + "/api/v3"},
                              {"CML_REPO", fake.url() + "/o/r"},
                              {"CML_DRIVER", "github"}});
    INFO(run.err);
    CHECK(run.exit_code == (token == "read-only-token" ? 0 : 3));
    CHECK(run.out.empty());
  }
  CHECK(fake.comments("issue 7").empty());
  auto const told =
      run_cml({"comment", "create", "--json", "--target=pr/7", "--fallback=none", "report.md"}, folder.path, "",
              {{"REPO_TOKEN", "read-only-token"},
               {"CML_API_URL", fake.url() + "/api/v3"},
               {"CML_REPO", fake.url() + "/o/r"},
               {"CML_DRIVER", "github"}});
  CHECK(told.exit_code == 0);
  CHECK(contains(told.out, R"("action":"nothing")"));
  CHECK(contains(told.out, "not posted: "));
}
