#include "app/plotter.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// Work done in this process; it keeps the limits that it was started with.
struct WorkersHere : WorkerStarter, Worker, std::enable_shared_from_this<WorkersHere> {
  std::shared_ptr<Worker> start(Work given, WorkerLimits const& wanted) override {
    work = std::move(given);
    limits = wanted;
    return shared_from_this();
  }
  Result<std::string> ask(std::string_view request) override { return work(request); }

  Work work;
  WorkerLimits limits;
};

struct PlotterPlace : FakePorts {
  FakeHttp http;
  std::shared_ptr<WorkersHere> worker = std::make_shared<WorkersHere>();
  Context context{
      {http, clock, files, process, environment, random, console, watcher, pages, supervisor, signer, *worker}};

  Result<Plot> plot() {
    return make_plotter(context, Door(files, {"/work"}))(
        R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","mark":"point","data":{"values":[{"a":1}]},)"
        R"("encoding":{"x":{"field":"a","type":"quantitative"}}})",
        "/work", "report.md:1");
  }
};

}  // namespace

TEST_CASE("plotter: the options bound each drawing", "[app][plotter]") {
  PlotterPlace place;
  CHECK(place.plot());
  place.context.options.plot_budget = 1e-9;
  auto const refused = place.plot();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "--plot-budget"));
}

TEST_CASE("plotter: all plots of a command are drawn by one worker with the limits of the options", "[app][plotter]") {
  PlotterPlace place;
  place.context.options.drawing.total_processor_time = std::chrono::seconds(7);
  CHECK(place.plot());
  auto const* first = place.context.drawing.get();
  CHECK(place.plot());
  CHECK(place.context.drawing.get() == first);
  CHECK(place.worker->limits.total_processor_time == std::chrono::seconds(7));
}
