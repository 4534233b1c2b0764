#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <thread>

#include "app/program.hpp"
#include "base/text.hpp"
#include "platform/inotify_watcher.hpp"
#include "report/compose/render.hpp"
#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Fixture : FakePorts {
  Fixture() {
    process.fallback = [](ProcessRequest const&) { return ProcessResult{128, "", "not a git repository"}; };
    files.put("/project/a.png", "\x89PNG one");
    files.put("/project/report.md", "one ![a](a.png)");
  }
  Status run(std::vector<std::string> words) {
    words.insert(words.begin(), "cml");
    return run_program(words, context);
  }
  std::string body() {
    return files.has("/project/.cml/comments/pr-1/000001.json") ? files.at("/project/.cml/comments/pr-1/000001.json")
                                                                : "";
  }
  FakeHttp http;
  Context context{with_http(http)};
};

}  // namespace

TEST_CASE("comment --watch: posts at once, then the same comment after every change", "[app][comment][watch]") {
  Fixture f;
  f.watcher.steps.push_back([&] {
    CHECK(f.watcher.watched == std::vector<std::filesystem::path>{"/project/report.md", "/project/a.png"});
    CHECK(contains(f.body(), "one "));
    f.files.put("/project/report.md", "two");
  });
  f.watcher.steps.push_back([&] {
    CHECK(contains(f.body(), "two"));
    REQUIRE(f.files.remove("/project/report.md"));
  });
  f.watcher.steps.push_back([&] { f.files.put("/project/report.md", "three"); });
  REQUIRE(f.run({"comment", "create", "--watch", "report.md"}));
  CHECK(contains(f.body(), "three"));
  CHECK_FALSE(f.files.has("/project/.cml/comments/pr-1/000002.json"));
  CHECK(f.console.logged("report report.md: cannot read"));
}

TEST_CASE(
    "comment --watch: a report from options is made anew when any file it is made from changes, and stays one comment",
    "[app][comment][watch][report]") {
  Fixture f;
  f.files.put("/project/metrics.json", R"({"acc": 0.5})");
  f.files.put("/project/old.json", R"({"acc": 0.4})");
  auto const watched = [&](std::string const& name) {
    return std::find(f.watcher.watched.begin(), f.watcher.watched.end(), "/project/" + name) != f.watcher.watched.end();
  };
  f.watcher.steps.push_back([&] {
    for (char const* name : {"metrics.json", "old.json", "logs/loss.csv", "a.png", "my.mustache"}) {
      INFO(name);
      CHECK(watched(name));
    }
    CHECK(contains(f.body(), "acc &lt; 0.9: it is 0.5"));  // A threshold that is met posts all the same.
    CHECK(contains(f.body(), "| acc | 0.4 | **0.5** |"));
    CHECK(contains(f.body(), "logs/loss.csv: no such file"));
    f.files.put("/project/metrics.json", R"({"acc": 0.95})");
    f.files.put("/project/logs/loss.csv", "step,loss\n0,1\n1,0.5\n");
  });
  f.watcher.steps.push_back([&] {
    CHECK(contains(f.body(), "**0.95**"));
    CHECK_FALSE(contains(f.body(), "no such file"));
    CHECK_FALSE(contains(f.body(), "acc &lt; 0.9"));
    f.files.put("/project/old.json", R"({"acc": 0.1})");
  });
  f.files.put("/project/my.mustache", std::string(report::report_template("default")));
  REQUIRE(f.run({"comment", "create", "--watch", "--compare", "old.json", "--fail-if", "acc < 0.9", "--metrics",
                 "metrics.json", "--plot", "logs/loss.csv", "--image", "a.png", "--template", "my.mustache"}));
  CHECK(contains(f.body(), "| acc | 0.10 | **0.95** |"));
  CHECK_FALSE(f.files.has("/project/.cml/comments/pr-1/000002.json"));
}

TEST_CASE("comment --watch: cml.yaml is read anew each time", "[app][comment][watch][report]") {
  Fixture f;
  f.files.put("/project/m.json", R"({"acc": 0.5})");
  f.files.put("/project/cml.yaml", "report:\n  title: One\n  metrics: m.json\n");
  f.watcher.steps.push_back([&] {
    CHECK(contains(f.body(), "# One"));
    f.files.put("/project/cml.yaml", "report:\n  title: Two\n  metrics: m.json\n  section: End\n");
  });
  REQUIRE(f.run({"comment", "update", "--watch"}));
  CHECK(contains(f.body(), "# Two"));
  CHECK(contains(f.body(), "## End"));
  CHECK_FALSE(contains(f.body(), "# One"));
}

TEST_CASE("comment --watch: what the report options read is watched, and a cml.yaml counts once in every round",
          "[app][comment][watch]") {
  Fixture f;
  f.files.put("/project/metrics.json", R"({"acc": 0.5})");
  f.files.put("/project/cml.yaml", "report:\n  metrics: [more.json]\n");
  f.files.put("/project/more.json", R"({"loss": 2})");
  auto const has = [&](char const* name) {
    return std::find(f.watcher.watched.begin(), f.watcher.watched.end(), name) != f.watcher.watched.end();
  };
  f.watcher.steps.push_back([&] {
    for (char const* name :
         {"/project/report.md", "/project/a.png", "/project/metrics.json", "/project/cml.yaml", "/project/more.json"}) {
      INFO(name);
      CHECK(has(name));
    }
    CHECK_FALSE(has("/project/.cml/comments/pr-1/000001.json"));  // Our own writing is no change.
    f.files.put("/project/metrics.json", R"({"acc": 0.75})");
  });
  f.watcher.steps.push_back([&] {
    CHECK(contains(f.body(), "0.75"));
    CHECK(f.body().find("loss") == f.body().rfind("loss"));
  });
  REQUIRE(f.run(
      {"comment", "create", "--watch", "report.md", "--metrics=metrics.json", "--config=cml.yaml", "--compare=none"}));
  CHECK_FALSE(f.files.has("/project/.cml/comments/pr-1/000002.json"));
  CHECK(f.console.output.find("file://") == f.console.output.rfind("file://"));  // The address is printed once.
}

TEST_CASE(
    "comment --watch: needs no report file, a threshold that is met posts no second comment, a missing file is waited "
    "for",
    "[app][comment][watch]") {
  Fixture f;
  f.files.put("/project/metrics.json", R"({"acc": 0.5})");
  f.watcher.steps.push_back([&] { f.files.put("/project/metrics.json", R"({"acc": 0.625})"); });
  f.watcher.steps.push_back([&] { REQUIRE(f.files.remove("/project/metrics.json")); });
  f.watcher.steps.push_back([&] {
    CHECK(f.watcher.watched == std::vector<std::filesystem::path>{"/project/metrics.json"});
    f.files.put("/project/metrics.json", R"({"acc": 0.875})");
  });
  REQUIRE(
      f.run({"comment", "create", "--watch", "--metrics=metrics.json", "--compare=none", "--fail-if", "acc < 0.9"}));
  CHECK(contains(f.body(), "0.875"));
  CHECK_FALSE(f.files.has("/project/.cml/comments/pr-1/000002.json"));
  CHECK(f.console.logged("--fail-if"));
}

TEST_CASE("comment --watch: a trigger file is removed and posts once", "[app][comment][watch]") {
  Fixture f;
  f.watcher.steps.push_back([&] {
    CHECK(f.watcher.watched == std::vector<std::filesystem::path>{"/project/go"});
    f.files.put("/project/report.md", "two");
    f.files.put("/project/go", "");
  });
  f.watcher.steps.push_back([&] {
    CHECK_FALSE(f.files.has("/project/go"));
    CHECK(contains(f.body(), "two"));
    f.files.put("/project/report.md", "never posted");
  });
  REQUIRE(f.run({"comment", "create", "--watch", "--trigger-file=go", "report.md"}));
  CHECK(contains(f.body(), "two"));
}

TEST_CASE("inotify: a replaced file counts, its neighbours do not", "[platform][watch]") {
  TemporaryFolder folder;
  InotifyWatcher watcher;
  REQUIRE(watcher.watch({folder.path / "report.md"}));
  std::ofstream(folder.path / "other.md") << "x";
  std::ofstream(folder.path / "new.md") << "x";
  std::filesystem::rename(folder.path / "new.md", folder.path / "report.md");
  auto const start = std::chrono::steady_clock::now();
  CHECK(watcher.wait().value());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("inotify: a file in a folder that does not exist yet is waited for by the folder", "[platform][watch]") {
  TemporaryFolder folder;
  InotifyWatcher watcher;
  REQUIRE(watcher.watch({folder.path / "logs" / "train" / "loss.csv"}));
  std::filesystem::create_directory(folder.path / "logs");
  CHECK(watcher.wait().value());
}
