// --json: every command prints what docs/schemas says, done, in a dry run, and when there is nothing to do.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <set>

#include "app/commands.hpp"
#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/git_repository.hpp"
#include "support/json_schema.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

// Commands whose JSON is described elsewhere, or that print none.
std::set<std::string> const kElsewhere{"runner launch", "runner list", "runner logs",  // runner_json_test.cpp
                                       "runner stop",   "runner gc",   "tensorboard connect"};

json schema_of(std::string const& command) {
  std::ifstream file(CML_SOURCE_DIR "/docs/schemas/" + replace_all(command, " ", "-") + ".json");
  INFO(command);
  REQUIRE(file);
  return json::parse(file);
}

}  // namespace

TEST_CASE("cli: --json prints what the command's schema says, in every case", "[cli][json]") {
  FakeGitHub fake;
  GitPlace place;
  fake.add_pull_request(7, place.head());
  std::map<std::string, std::string> const environment{{"REPO_TOKEN", "good-token"},
                                                       {"CML_API_URL", fake.url() + "/api/v3"},
                                                       {"CML_REPO", fake.url() + "/o/r"},
                                                       {"CML_DRIVER", "github"},
                                                       {"GITHUB_RUN_ID", "1"}};
  place.put("a.png", "\x89PNG\r\n\x1a\n-picture");
  place.put("report.md", "# R\n\n![a](a.png) ![b](gone.png)\n");
  place.put("new.txt", "new\n");
  place.put("m.json", R"({"acc": 0.9, "loss": NaN, "note": "text", "ok": true})");
  place.put("t.csv", "a,b\n1,x\n2,\n");
  place.put("bar.json", R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","mark":"bar",)"
                        R"("data":{"values":[{"a":1}]},"encoding":{"x":{"field":"a","type":"quantitative"}}})");
  struct Row {
    std::string command;
    std::vector<std::string> words;
    int exit_code = 0;
  };
  std::set<std::string> seen;
  for (Row const& row :
       std::vector<Row>{{"comment delete", {"--target=pr/7"}},  // Nothing there.
                        {"comment create", {"--target=pr/7", "--dry-run", "report.md"}},
                        {"comment create", {"--target=pr/7", "report.md"}},
                        {"comment update", {"--target=pr/7", "report.md"}},
                        {"comment update", {"--target=pr/7", "--dry-run", "report.md"}},
                        {"comment create", {"--target=pr/7", "--mode=delete", "report.md"}},
                        {"comment create", {"--target=pr/7", "--mode=delete", "report.md"}},
                        {"comment create", {"--target=pr/7", "report.md"}},
                        {"comment create", {"--bundle=bundle", "--dry-run", "report.md"}},
                        {"comment create", {"--bundle=bundle", "report.md"}},
                        {"comment update", {"--bundle=other", "report.md"}},
                        {"comment deliver", {"--target=pr/8", "--dry-run", "bundle"}},
                        {"comment deliver", {"--target=pr/8", "bundle"}},
                        {"comment deliver", {"--target=pr/8", "--mode=delete", "bundle"}},
                        {"comment list", {"--target=pr/7"}},
                        {"comment list", {"--target=pr/9"}},
                        {"comment delete", {"--target=pr/7", "--dry-run"}},
                        {"comment delete", {"--target=pr/7"}},
                        {"asset publish", {"--dry-run", "a.png"}},
                        {"asset publish", {"a.png", "new.txt"}},
                        {"check create", {"--dry-run", "report.md"}},
                        {"check create", {"report.md"}},
                        {"check create", {"--metrics=m.json", "--fail-if=acc > 0.5"}, 2},
                        {"report create", {"--compare=HEAD", "--table=t.csv:key=a,top=1"}},
                        {"pr create", {"--dry-run", "."}},
                        {"pr create", {"."}},
                        {"pr create", {"."}},
                        {"pr create", {"none*"}},
                        {"repo prepare", {"--dry-run"}},
                        {"repo prepare", {}},
                        {"workflow rerun", {"--dry-run", "--id=1"}},
                        {"report preview", {"--dry-run", "report.md"}},
                        {"report preview", {"report.md"}},
                        {"vega-render", {"--dry-run", "-o", "bar.png", "bar.json"}},
                        {"vega-render", {"-o", "bar.png", "bar.json"}},
                        {"vega-render", {"--output-dir", "p", "bar.json", "report.md"}, 1},
                        {"vega-render", {"bar.json"}, 1},
                        {"vega-render", {"--scale=x", "bar.json"}, 1},
                        {"comment create", {"--target=pr/7", "gone.md"}, 1},
                        {"comment create", {"--target=pr/7", "--no-fail", "gone.md"}, 0},
                        {"comment create", {"--target=pr/7", "--no-fail", "--strict", "report.md"}, 0},
                        {"comment create", {"--target=pr/7", "--token=", "--strict", "report.md"}, 1},
                        {"check create", {"--token=wrong-token", "report.md"}, 3},
                        {"report preview", {"gone.md"}, 1},
                        {"report create", {"--compare=none"}, 1},  // Nothing to show.
                        {"report create",
                         {"--metrics=m.json", "--params=m.json", "--table=t.csv", "--log=new.txt", "--section=S",
                          "--details=D", "--text=T", "--markdown=report.md", "--plot=t.csv:x=a,y=b", "--image=a.png",
                          "--image=gone.png", "--fail-if=acc < 0.1", "--warn-if=acc > 0.5"}},
                        {"report create", {"--metrics=m.json", "--fail-if=acc > 0.5"}, 2},
                        {"report create", {"--metrics=gone.json", "--strict"}, 1},
                        {"doctor", {}},
                        {"doctor", {"--token=wrong-token"}, 1},
                        {"init", {"--forge=gitlab", "--dry-run"}},
                        {"init", {"--forge=gitlab"}},
                        {"completion", {"fish"}},
                        {"completion", {"tcsh"}, 1},
                        {"report create",
                         {"--metrics=m.json", "--compare=HEAD", "--compare=gone", "--tolerance=1", "--regressions",
                          "--repeats=m.json"}},
                        {"report init", {"--dry-run"}},
                        {"report init", {}},
                        {"report init", {}},  // Over nothing that is there.
                        {"report record", {"--metrics=m.json", "--branch=main", "--records=dir:kept", "--dry-run"}},
                        {"report record", {"--metrics=m.json", "--branch=main", "--records=dir:kept"}},
                        {"report record", {"--metrics=m.json", "--records=s3://b"}, 1},
                        {"report trend", {"--records=dir:kept"}},
                        {"report trend", {"--records=dir:kept", "--branch=gone"}, 1},
                        {"report create", {"--metrics=m.json", "--records=dir:kept", "--baseline=last:main"}},
                        {"report templates", {}}}) {
    std::vector<std::string> words = split(row.command, ' ');
    words.push_back("--json");
    words.insert(words.end(), row.words.begin(), row.words.end());
    auto const run = run_cml(words, place.clone, "", environment);
    INFO(Catch::Detail::stringify(words) << "\n" << run.out << run.err);
    CHECK(run.exit_code == row.exit_code);
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);
    json const printed = json::parse(run.out, nullptr, false);
    REQUIRE_FALSE(printed.is_discarded());
    json const schema = schema_of(printed.is_object() && printed.contains("error") ? "error" : row.command);
    CHECK(violations(schema, printed) == std::vector<std::string>{});
    seen.insert(row.command);
  }
  // Asked for by the environment, a line that cannot be read is answered in JSON, too.
  auto with_json = environment;
  with_json["CML_JSON"] = "true";
  auto const unread = run_cml({"comment", "create", "--bogus"}, place.clone, "", with_json);
  CHECK(violations(schema_of("error"), json::parse(unread.out, nullptr, false)) == std::vector<std::string>{});
  schema_of("asset prune");  // tests/cli/prune_test.cpp runs it.
  seen.insert("asset prune");
  for (Command const& command : commands())
    if (command.listed)
      CHECK(seen.contains(std::string(command.name)) != kElsewhere.contains(std::string(command.name)));
}
