// dvc.yaml: what it names, in all the ways it may say it.
#include <catch2/catch.hpp>

#include <map>

#include "base/text.hpp"
#include "metrics/reader.hpp"
#include "metrics/trees.hpp"

using namespace cml;
using namespace cml::metrics;

namespace {

DvcFiles files_of(std::string const& text, std::map<std::string, std::string> const& others = {}) {
  auto files = read_dvc_yaml(text, {}, [&](std::string const& name) -> std::optional<Node> {
    auto const file = others.find(name);
    if (file == others.end()) return std::nullopt;
    auto tree = parse_tree(name, file->second);
    REQUIRE(tree);
    return std::move(*tree);
  });
  INFO((files ? "" : files.error().message));
  REQUIRE(files);
  return std::move(*files);
}

std::string columns_of(DvcPlot const& plot) {
  std::string text = plot.path + " " + (plot.x.file.empty() ? "" : plot.x.file + ":") + plot.x.name;
  for (auto const& column : plot.y) text += " " + (column.file.empty() ? "" : column.file + ":") + column.name;
  return text;
}

}  // namespace

TEST_CASE("metrics: a dvc.yaml's plots name columns, lists of columns, and columns of several files",
          "[metrics][dvc]") {
  struct Case {
    char const *plot, *columns;
  };
  for (auto const& c :
       {Case{"- a.csv", "a.csv "},
        {"- a.csv: {x: step, y: loss}", "a.csv step loss"},
        {"- a.csv: {x: step, y: [loss, acc]}", "a.csv step loss acc"},
        {"- a.csv: {x: step}", "a.csv step"},
        {"- a.csv: null", "a.csv "},
        {"- ROC: {x: fpr, y: {train.json: tpr, test.json: tpr}}", "ROC fpr train.json:tpr test.json:tpr"},
        {"- both: {y: {a.csv: [loss, acc], b.csv: loss}}", "both  a.csv:loss a.csv:acc b.csv:loss"},
        {"- cm: {x: {actual.csv: label}, y: {predicted.csv: label}}", "cm actual.csv:label predicted.csv:label"},
        {"  a.csv: {y: loss}", "a.csv  loss"}}) {
    INFO(c.plot);
    auto const files = files_of(std::string("plots:\n") + c.plot + "\n");
    REQUIRE(files.plots.size() == 1);
    CHECK(columns_of(files.plots[0]) == c.columns);
  }
}

TEST_CASE(
    "metrics: ${...} in a dvc.yaml stands for values of params.yaml, of vars, and of what a stage is repeated over",
    "[metrics][dvc]") {
  std::string const text = R"(vars:
  - config.json:dir
  - out: results
    names: [x, y]
stages:
  one:
    vars: [{out: own}]
    metrics: ["${out}/${model.name}.json"]
  list:
    foreach: ${names}
    do:
      metrics: ["${item}.json"]
  map:
    foreach: {a: {size: 1}, b: {size: 2}}
    do:
      wdir: ${dir}
      metrics:
        - ${key}-${item.size}.json: {cache: false}
  matrix:
    matrix: {size: [1, 2], kind: [p, q]}
    params: ["${item.kind}${item.size}.yaml:"]
    metrics: ["m${item.size}${item.kind}.json"]
plots:
  - ${out}/loss.csv: {y: "${model.metric}", title: '\${out} ${ model.layers[1] } ${unknown}'}
)";
  auto const files = files_of(text, {{"params.yaml", "model: {name: net, metric: loss, layers: [64, 32]}\n"},
                                     {"config.json", R"({"dir": "sub"})"}});
  std::string metrics;
  for (auto const& file : files.metrics) metrics += (metrics.empty() ? "" : " ") + file;
  CHECK(metrics == "own/net.json x.json y.json sub/a-1.json sub/b-2.json m1p.json m1q.json m2p.json m2q.json");
  REQUIRE(files.plots.size() == 1);
  CHECK(columns_of(files.plots[0]) == "results/loss.csv  loss");
  CHECK(files.plots[0].title == "\\${out} 32 ${unknown}");
}

TEST_CASE("metrics: a stage that is repeated without end ends", "[metrics][dvc][security]") {
  std::string list;
  for (int i = 0; i < 200; ++i) list += (i ? "," : "") + std::to_string(i);
  auto const files = files_of("stages:\n  s:\n    matrix: {a: [" + list + "], b: [" + list + "], c: [" + list +
                              "]}\n    metrics: ['${item.a}-${item.b}-${item.c}.json']\n");
  CHECK(files.metrics.size() == 1000);
  std::string stages;
  for (int i = 0; i < 20; ++i)
    stages += "  s" + std::to_string(i) + ":\n    foreach: ${n}\n    do: {metrics: ['" + std::to_string(i) +
              "-${item}.json', same.json]}\n";
  std::string many;
  for (int i = 0; i < 2000; ++i) many += (i ? "," : "") + std::to_string(i);
  CHECK(files_of("vars: [{n: [" + many + "]}]\nstages:\n" + stages).metrics.size() == 10'000);
}
