// report preview --watch: the page follows the report and the files it shows.
#include <catch2/catch.hpp>

#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("report preview --watch: each change makes the page anew, a report that is gone for a moment is waited for",
          "[app][report]") {
  FakeHttp http;
  FakePorts ports;
  auto& files = ports.files;
  auto& process = ports.process;
  auto& console = ports.console;
  auto& watcher = ports.watcher;
  auto& pages = ports.pages;
  process.fallback = [](ProcessRequest const&) -> Result<ProcessResult> {
    return ProcessResult{128, "", "no git here"};
  };
  files.put("/project/report.md", "# One\n\n![a](a.png)\n");
  files.put("/project/a.png", "\x89PNG\r\n\x1a\n-one");
  watcher.steps = {
      [&] {
        CHECK(watcher.watched == std::vector<std::filesystem::path>{"/project/report.md", "/project/a.png"});
        files.put("/project/report.md", "# Two\n");
      },
      [&] { REQUIRE(files.remove("/project/report.md")); }, [&] { files.put("/project/report.md", "# Three\n"); }};
  Context context{ports.with_http(http)};
  auto const status = run_program({"cml", "report", "preview", "--watch", "report.md"}, context);
  INFO((status ? "" : status.error().message));
  REQUIRE(status);
  CHECK(console.output == "http://127.0.0.1:4321/\n");
  REQUIRE(pages.pages.size() == 3);
  CHECK(contains(pages.pages[0], "<h1>One</h1>"));
  CHECK(contains(pages.pages[0], "fetch('/version')"));
  CHECK(contains(pages.pages[2], "<h1>Three</h1>"));
  CHECK(console.logged("report.md"));
}
