// The real binary on plots that want too much.
#include <catch2/catch.hpp>

#include <string>

#include "base/text.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// Nine million sines, sorted: seconds of processor time, within the budget that is counted.
std::string slow_fence() {
  return "```vega\n"
         R"json({"$schema":"https://vega.github.io/schema/vega/v5.json","data":[{"name":"t","transform":[{"type":)json"
         R"json("sequence","start":0,"stop":9000000},{"type":"formula","as":"s","expr":"pow(sin(datum.data), 2)"},)json"
         R"json({"type":"collect","sort":{"field":"s"}}]}],"marks":[{"type":"symbol","from":{"data":"t"}}]})json"
         "\n```\n\n";
}

std::size_t count_of(std::string const& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace

TEST_CASE("hostile plots: one that ends its process costs one picture, not the comment", "[cli][security]") {
  GitPlace place;
  place.put("report.md", "# important\n\n" + slow_fence() + "tail\n");
  auto const run =
      run_cml({"comment", "create", "report.md", "--plot-time=1"}, place.clone, "", {{"CML_DRIVER", "local"}});
  std::string const posted = everything_below(place.clone / ".cml");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "--plot-time allows more"));
  CHECK(contains(posted, "# important"));
  CHECK(contains(posted, "tail"));
}

TEST_CASE("hostile plots: beyond the time for all of a run the places say so, and the report goes out",
          "[cli][security]") {
  GitPlace place;
  place.put("report.md", "# important\n\n" + slow_fence() + slow_fence() + slow_fence() + slow_fence() + "tail\n");
  auto const run = run_cml({"comment", "create", "report.md", "--plot-time=1", "--total-plot-time=1"}, place.clone, "",
                           {{"CML_DRIVER", "local"}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  // The first, or the first two on a fast machine, are tried.
  CHECK(count_of(run.err, "--total-plot-time allows more") >= 2);
  CHECK(count_of(run.err, "--total-plot-time allows more") < 4);
  CHECK(contains(everything_below(place.clone / ".cml"), "tail"));
}

TEST_CASE("hostile plots: limits that are no numbers are refused", "[cli][security]") {
  GitPlace place;
  for (std::string const option :
       {"--plot-budget=0", "--plot-budget=1001", "--plot-budget=x", "--total-plot-time=0", "--plot-time=-1"}) {
    INFO(option);
    auto const run = run_cml({"report", "create", "--text", "x", option}, place.clone);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, "not a "));
  }
}
