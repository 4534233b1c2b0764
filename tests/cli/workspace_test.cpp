// What the real binary refuses to upload, on a real disk: every way that a report has to name a file outside the
// workspace.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

TEST_CASE("workspace: no way of naming a file outside it gets the file to the forge", "[cli][security]") {
  FakeGitHub fake;
  GitPlace place;
  TemporaryFolder outside;
  std::string const marker = "TOP-SECRET-MARKER";
  std::ofstream(outside.path / "secret.png") << "\x89PNG\r\n\x1a\n" << marker;
  std::ofstream(outside.path / "secret.csv") << "x,y\n1," << marker << "\n";
  std::ofstream(outside.path / "plot.vl.json")
      << R"({"data":{"values":[{"t":")" << marker << R"("}]},"mark":"text","encoding":{"text":{"field":"t"}}})";
  std::string const away = outside.path.string();
  std::string const up = fs::relative(outside.path, fs::canonical(place.clone)).string();
  fs::create_directory_symlink(outside.path, place.clone / "folder");
  fs::create_symlink(outside.path / "secret.png", place.clone / "link.png");
  fs::create_symlink("link.png", place.clone / "chain.png");
  fs::create_directories(place.clone / "sub");
  fs::create_symlink("../" + up + "/secret.png", place.clone / "sub/relative.png");
  git(place.clone, {"config", "user.signingkey", marker});
  std::ofstream(place.clone / "spec.vl.json")
      << R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":")" << up
      << R"(/secret.csv"},"mark":"text","encoding":{"text":{"field":"y"}}})";
  std::ofstream(place.clone / "spec2.vl.json")
      << R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":"file://)" << away
      << R"(/secret.csv"},"mark":"text","encoding":{"text":{"field":"y"}}})";
  std::vector<std::string> const names{away + "/secret.png",
                                       up + "/secret.png",
                                       "./" + up + "/secret.png",
                                       "sub/../" + up + "/secret.png",
                                       "folder/secret.png",
                                       "folder/../link.png",
                                       "link.png",
                                       "chain.png",
                                       "sub/relative.png",
                                       "file://" + away + "/secret.png",
                                       "file:" + up + "/secret.png",
                                       "FILE://localhost" + away + "/secret.png",
                                       replace_all(up, "..", "%2e%2e") + "/secret.png",
                                       "%2F" + away.substr(1) + "/secret.png",
                                       ".git/config",
                                       "sub/../.git/config",
                                       ".git%2Fconfig",
                                       "/proc/self/environ",
                                       "/dev/stdin",
                                       "folder",
                                       "folder/",
                                       away + "/plot.vl.json",
                                       "folder/plot.vl.json",
                                       "spec.vl.json",
                                       "spec2.vl.json",
                                       "link.png?x=1",
                                       "link.png#x"};
  std::string report;
  for (std::string const& name : names)
    report += "![a](<" + name + ">) [b](<" + name + ">) <img src=\"" + name + "\"> <a href=\"" + name +
              "\">c</a>\n\n![d][" + name + "]\n\n[" + name + "]: <" + name + ">\n\n";
  report += "```vega-lite\n{\"data\":{\"url\":\"" + up +
            "/secret.csv\"},\"mark\":\"text\",\"encoding\":{\"text\":{\"field\":\"y\"}}}\n```\n";
  place.put("report.md", report);
  std::map<std::string, std::string> const environment{{"REPO_TOKEN", "good-token"},
                                                       {"CML_API_URL", fake.url() + "/api/v3"},
                                                       {"CML_REPO", fake.url() + "/o/r"},
                                                       {"CML_DRIVER", "github"}};
  auto const run = run_cml({"comment", "create", "--target=pr/7", "report.md"}, place.clone, marker, environment);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  REQUIRE(fake.comments("issue 7").size() == 1);
  CHECK_FALSE(contains(fake.comments("issue 7")[0].body, marker));
  for (auto const& [name, bytes] : fake.branch_files("cml-assets"))
    UNSCOPED_INFO("stored " << name << ": " << bytes.substr(0, 300));
  CHECK(fake.branch_files("cml-assets").empty());
  CHECK(contains(run.err, "outside the workspace"));
  // A link inside stays useful.
  fs::create_symlink("README.md", place.clone / "inner.md");
  place.put("report.md", "[x](inner.md)\n");
  CHECK(run_cml({"comment", "create", "--target=pr/7", "report.md"}, place.clone, "", environment).exit_code == 0);
  CHECK(fake.branch_files("cml-assets").size() == 3);
  // Nor is the report itself such a link; a report that is named where it lies is the user's own choice.
  std::ofstream(outside.path / "report.md") << "made elsewhere\n";
  fs::create_symlink(outside.path / "secret.csv", place.clone / "linked.md");
  fs::create_symlink(".git/config", place.clone / "config.md");
  fake.forget_requests();
  for (std::vector<std::string> const& words :
       {std::vector<std::string>{"comment", "create", "--target=pr/7"}, std::vector<std::string>{"check", "create"}}) {
    for (std::string const& name :
         {std::string("linked.md"), std::string("folder/secret.csv"), std::string("config.md"),
          std::string("sub/../linked.md"), std::string(".git/config")}) {
      INFO(words[0] << " " << name);
      std::vector<std::string> line = words;
      line.push_back(name);
      auto const refused = run_cml(line, place.clone, "", environment);
      INFO(refused.err);
      CHECK(refused.exit_code == 1);
      CHECK(contains(refused.err, "leads to another file"));
      CHECK_FALSE(contains(refused.err, marker));
    }
  }
  CHECK(fake.count("POST") == 0);
  CHECK(run_cml({"comment", "create", "--target=pr/7", away + "/report.md"}, place.clone, "", environment).exit_code ==
        0);
  CHECK(run_cml({"comment", "create", "--target=pr/7", "/dev/stdin"}, place.clone, "piped", environment).exit_code ==
        0);
  CHECK(run_cml({"comment", "create", "--target=pr/7", "inner.md"}, place.clone, "", environment).exit_code == 0);
  // pr create commits a link, not what it points to.
  git(place.clone, {"config", "user.signingkey", "none"});
  REQUIRE(run_cml({"pr", "create", "--branch=links", "link.png", "folder"}, place.clone, "", environment).exit_code ==
          0);
  CHECK(git(place.origin, {"show", "links:link.png"}) == away + "/secret.png");
  CHECK(git(place.origin, {"ls-tree", "-r", "--name-only", "links"}).find("secret") == std::string::npos);
}

TEST_CASE("workspace: asset publish refuses files outside by every road, and takes them when it is told to",
          "[cli][security][asset]") {
  FakeGitHub fake;
  GitPlace place;
  TemporaryFolder outside;
  std::ofstream(outside.path / "secret.png") << "\x89PNG\r\n\x1a\nsecret";
  std::string const away = outside.path.string(), up = fs::relative(outside.path, fs::canonical(place.clone)).string();
  fs::create_directory_symlink(outside.path, place.clone / "folder");
  fs::create_symlink(outside.path / "secret.png", place.clone / "link.png");
  fs::create_symlink("README.md", place.clone / "inner.md");
  fs::create_directories(place.clone / "sub");
  std::map<std::string, std::string> const environment{{"REPO_TOKEN", "good-token"},
                                                       {"CML_API_URL", fake.url() + "/api/v3"},
                                                       {"CML_REPO", fake.url() + "/o/r"},
                                                       {"CML_DRIVER", "github"}};
  auto const publish = [&](std::vector<std::string> arguments, fs::path const& folder, std::string const& input = "") {
    arguments.insert(arguments.begin(), {"asset", "publish"});
    return run_cml(std::move(arguments), folder, input, environment);
  };
  for (std::string const& name : std::vector<std::string>{
           away + "/secret.png", up + "/secret.png", "folder/secret.png", "link.png", "sub/../" + up + "/secret.png",
           "/dev/../" + away + "/secret.png", ".git/config", "sub/../.git/config"}) {
    INFO(name);
    auto const refused = publish({name}, place.clone);
    INFO(refused.err);
    CHECK(refused.exit_code == 1);
    CHECK(refused.out == "");
    CHECK(contains(refused.err, contains(name, ".git") ? ".git, where tokens may lie" : "--allow-outside"));
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  }
  CHECK(publish({"README.md", away + "/secret.png"}, place.clone).exit_code == 1);  // Nor is what stands beside it.
  CHECK(publish({"--allow-outside", ".git/config"}, place.clone).exit_code == 1);
  CHECK(fake.requests().empty());
  struct Case {
    std::vector<std::string> arguments;
    fs::path folder;
    std::string input;
  };
  for (Case const& c :
       {Case{{away + "/secret.png", "--allow-outside"}, place.clone, ""},
        Case{{"--workspace", away, away + "/secret.png"}, place.clone, ""}, Case{{"-"}, place.clone, "piped"},
        Case{{"/dev/stdin"}, place.clone, "piped, too"}, Case{{"../README.md"}, place.clone / "sub", ""},
        Case{{place.clone / "README.md"}, place.clone / "sub", ""}, Case{{"inner.md"}, place.clone, ""},
        Case{{"secret.png"}, outside.path, ""}}) {
    INFO(c.arguments.front());
    auto const run = publish(c.arguments, c.folder, c.input);
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(contains(run.out, "/raw/cml-assets/"));
  }
}
