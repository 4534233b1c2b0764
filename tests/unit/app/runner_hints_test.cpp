#include <catch2/catch.hpp>

#include "app/commands/runner_hints.hpp"

using namespace cml;

TEST_CASE("runner hints: what the jobs of a workflow ask for", "[app][runner]") {
  using Sets = std::vector<std::set<std::string>>;
  CHECK(labels_asked_for(R"(
on: push
jobs:
  hosted: {runs-on: ubuntu-latest}
  one: {runs-on: cml, steps: [{run: "echo runs-on: x"}]}
  list:
    runs-on: [self-hosted, gpu]
    steps:
      - name: runs-on
        run: jobs
  group:
    runs-on: {group: machines, labels: [self-hosted, big]}
  decided:
    runs-on: ${{ matrix.where }}
  partly:
    runs-on: [self-hosted, "${{ inputs.label }}"]
)") == Sets{{"cml"}, {"self-hosted", "gpu"}, {"self-hosted", "big"}});
  CHECK(labels_asked_for("jobs: [").empty());
  CHECK(labels_asked_for("").empty());
}
