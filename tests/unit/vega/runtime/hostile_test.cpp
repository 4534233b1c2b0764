// Specifications made to do harm: each ends as a picture or as an error that says why, soon and in little memory.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/fixture.hpp"
#include "support/scene_context.hpp"
#include "vega/lite/compile.hpp"
#include "vega/render/render.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

// The message of what refuses it; empty: it is a picture, in both forms.
std::string verdict(std::string const& text, Limits const& limits = {}) {
  static test::FontContext context;
  Diagnostics diagnostics;
  BudgetScope const budget(limits);
  auto spec = parse_spec(text);
  if (!spec) return spec.error().message;
  if (lite::is_vega_lite(*spec)) {
    spec = lite::compile(*spec, {}, diagnostics);
    if (!spec) return spec.error().message;
  }
  auto const scene = run(*spec, {}, context, diagnostics);
  if (!scene) return scene.error().message;
  Images images;
  auto const svg = render_svg(*scene, 1, context.fonts, images);
  if (!svg) return svg.error().message;
  auto const png = render_png(*scene, {}, context.fonts, images);
  return png ? std::string() : png.error().message;
}
bool over(std::string const& message) { return message.find("over the budget of one drawing") != std::string::npos; }

// A Vega specification of 20 by 20 with these parts.
std::string vega_of(std::string const& parts) { return R"({"width":20,"height":20,)" + parts + "}"; }
std::string rows_of(int rows, std::string const& transforms = "") {
  return R"("data":[{"name":"d","transform":[{"type":"sequence","start":0,"stop":)" + std::to_string(rows) + "}" +
         transforms + "]}]";
}
std::string items_of(std::string const& type, std::string const& channels) {
  return R"("marks":[{"type":")" + type + R"(","from":{"data":"d"},"encode":{"update":{)" + channels + "}}}]";
}
std::string repeated(std::string const& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("what once crashed is drawn or refused", "[vega][hostile]") {
  std::size_t files = 0;
  for (auto const& entry :
       std::filesystem::directory_iterator(std::filesystem::path(CML_SOURCE_DIR) / "fixtures/crashes")) {
    INFO(entry.path().filename().string());
    auto const message = verdict(test::read_file(entry.path().string()));
    CHECK(message.find("internal error") == std::string::npos);
    ++files;
  }
  CHECK(files >= 7);
}

TEST_CASE("an axis of an empty domain is its line, without ticks", "[vega][hostile]") {
  for (std::string const type : {"linear", "log", "pow", "sqrt", "symlog", "time", "utc", "quantize", "quantile",
                                 "threshold", "band", "point", "ordinal", "bin-ordinal"}) {
    INFO(type);
    for (std::string const domain : {"[]", R"({"signal":"[]"})"}) {
      auto const text = vega_of(R"("scales":[{"name":"x","type":")" + type + R"(","range":"width","domain":)" + domain +
                                R"(}],"axes":[{"scale":"x","orient":"bottom","grid":true}])");
      auto const spec = parse_spec(text);
      REQUIRE(spec);
      test::FontContext context;
      Diagnostics diagnostics;
      auto const scene = run(*spec, {}, context, diagnostics);
      REQUIRE(scene);
      auto const& parts = scene->root->groups[0].marks.at(0)->groups[0].marks;
      for (auto const& part : parts) {
        if (part->role == "axis-tick" || part->role == "axis-label") CHECK(part->count == 0);
        if (part->role == "axis-domain") CHECK(part->count == 1);
      }
    }
  }
}

TEST_CASE("a legend of an empty domain is drawn", "[vega][hostile]") {
  for (std::string const type : {"linear", "log", "pow", "sqrt", "symlog", "time", "utc", "quantize", "quantile",
                                 "threshold", "ordinal", "bin-ordinal"}) {
    INFO(type);
    CHECK(verdict(vega_of(R"("scales":[{"name":"c","type":")" + type +
                          R"(","range":{"scheme":"viridis"},"domain":[]}],"legends":[{"fill":"c"}])"))
              .empty());
  }
}

TEST_CASE("what is small for each row is too much for all", "[vega][hostile]") {
  std::string const line = "M0,0" + repeated("L1,1", 5000), big = R"j({"width":2000,"height":2000,)j";
  auto const formula = [](std::string const& text) {
    return R"j(,{"type":"formula","as":"s","expr":")j" + text + R"j("})j";
  };
  auto const signal = [](std::string const& text) {
    return vega_of(R"j("signals":[{"name":"s","update":")j" + text +
                   R"j("}],"marks":[{"type":"text","encode":{"update":{"text":{"signal":"length(s)"}}}}])j");
  };
  auto const of_s = items_of("text", R"j("text":{"field":"s"})j"), dot = items_of("symbol", R"j("size":{"value":1})j");
  auto const rows = [](int count, std::string const& transforms, std::string const& marks) {
    return vega_of(rows_of(count, transforms) + "," + marks);
  };
  auto const sheet = R"j("width":{"value":2000},"height":{"value":2000},"fill":{"value":"red"})j";
  std::pair<char const*, std::string> const kSpecs[] = {
      {"items", rows(1'000'000, "", dot)},
      {"text by row", rows(2000, formula("pad(''+datum.data,1e6)"), of_s)},
      {"text by item", rows(2000, "", items_of("text", R"j("text":{"signal":"pad('',1e5,''+datum.data)"})j"))},
      {"lists", rows(10, formula("sequence(1e6)"), of_s)},
      {"pieces of text", signal("split(pad('a',6e7,'a'),'')")},
      {"searches", rows(100'000, formula("test(/(a+)+$/,'aaaaaaaaaaaaaaaaab')"), of_s)},
      {"sort",
       rows(200'000, R"j(,{"type":"collect","sort":{"field":["data")j" + repeated(R"j(,"data")j", 100) + "]}}", dot)},
      {"names", R"j({"signals":[{"name":"s","update":"pad('a',1e5,'a')"}],)j" +
                    rows(100'000, formula("bandwidth(s)"), of_s).substr(1)},
      {"intervals", rows(50'000, R"j(,{"type":"aggregate","groupby":["data"],"ops":["ci0"],"fields":["data"]})j", dot)},
      {"one search", signal("[test(/a*[bc]/,pad('',1e6,'a'))]")},
      {"density", rows(10'000, R"j(,{"type":"kde","field":"data","cumulative":true,"steps":10000})j", dot)},
      {"window", rows(10'000, R"j(,{"type":"window","ops":["median"],"fields":["data"],"frame":[-5000,5000]})j", dot)},
      {"graticule", rows(1, R"j(,{"type":"graticule","step":[0.01,0.01]})j", dot)},
      {"operations", rows(100'000,
                          R"j(,{"type":"aggregate","ops":["sum")j" + repeated(R"j(,"sum")j", 200) +
                              R"j(],"fields":["data")j" + repeated(R"j(,"data")j", 200) + "]}",
                          dot)},
      {"path text", rows(5000, "", items_of("path", R"j("fill":{"value":"red"},"path":{"value":")j" + line + "\"}"))},
      {"shapes", rows(5000, "", items_of("symbol", R"j("fill":{"value":"red"},"shape":{"value":")j" + line + "\"}"))},
      {"ticks", vega_of(R"j("scales":[{"name":"x","type":"log","base":1e12,"domain":[1,1e7],"range":"width"}],)j"
                        R"j("axes":[{"scale":"x","orient":"bottom","tickCount":5}])j")},
      {"labels", vega_of(R"j("scales":[{"name":"x","domain":[0,1],"range":"width"}],"axes":[{"scale":"x",)j"
                         R"j("orient":"bottom","tickCount":5000,"encode":{"labels":{"update":)j"
                         R"j({"text":{"signal":"pad(datum.label,1e5)"}}}}}])j")},
      {"groups", vega_of(rows_of(20'000) + R"j(,"marks":[{"type":"group","from":{"facet":{"name":"f","data":"d",)j"
                                           R"j("groupby":["data"]}},"marks":[{"type":"symbol"}]}])j")},
      {"blends",
       big + rows_of(50) + "," + items_of("rect", sheet + std::string(R"j(,"blend":{"value":"luminosity"})j")) + "}"},
      {"areas", big + rows_of(50) + "," + items_of("rect", sheet) + "}"},
  };
  for (auto const& [name, spec] : kSpecs) {
    INFO(name);
    auto const message = verdict(spec, {1e8, 3e7});
    INFO(message);
    CHECK((over(message) || message.find("list of more than ten million items") != std::string::npos));
  }
}

TEST_CASE("a grid that is long and holds nothing is none", "[vega][hostile]") {
  auto const grid = [](std::string const& cells, std::string const& transform) {
    return vega_of(R"j("data":[{"name":"g","values":[{)j" + cells + R"j(}]},{"name":"d","source":"g","transform":[)j" +
                   transform + "]}]," + items_of("symbol", ""));
  };
  std::string const lines = R"j({"type":"isocontour","thresholds":[1]})j", image = R"j({"type":"heatmap"})j";
  for (auto const& spec : {grid(R"j("width":1e300,"height":0,"values":[])j", lines),
                           grid(R"j("width":0,"height":1e15,"values":[])j", lines),
                           grid(R"j("width":10,"height":1,"x1":5,"x2":5,"y2":1e12,"values":[1])j", image),
                           grid(R"j("width":1e300,"height":1,"x1":1e300,"x2":1e300,"values":[1])j", image),
                           grid(R"j("width":"a","height":1,"x2":3,"y2":3,"values":[1])j", image)}) {
    INFO(spec);
    CHECK(verdict(spec).find("the field holds no grid with a width, a height and values") != std::string::npos);
  }
  for (std::string const size : {"[1e300,0]", "[0,1e300]", "[1e9,1e9]"}) {
    INFO(size);
    for (std::string const from : {R"j("values":[1,2])j", R"j("x":{"expr":"1"},"y":{"expr":"1"},"bandwidth":0)j"})
      CHECK(verdict(vega_of(rows_of(5, R"j(,{"type":"contour","size":)j" + size + "," + from + "}") + "," +
                            items_of("symbol", "")))
                .find("67 million cells") != std::string::npos);
  }
}

TEST_CASE("forces on nothing, on one place and on far places come to an end", "[vega][hostile]") {
  auto const simulated = [](std::string const& nodes, std::string const& forces) {
    return vega_of(R"j("data":[{"name":"none","values":[]},{"name":"d",)j" + nodes +
                   R"j({"type":"force","static":true,"forces":[)j" + forces + "]}]}]," + items_of("symbol", ""));
  };
  auto const places = [](int count, std::string const& x, std::string const& y) {
    return R"j("transform":[{"type":"sequence","start":0,"stop":)j" + std::to_string(count) +
           R"j(},{"type":"formula","as":"x","expr":")j" + x + R"j("},{"type":"formula","as":"y","expr":")j" + y +
           R"j("},)j";
  };
  std::string const nothing = R"j("values":[],"transform":[)j", push = R"j({"force":"nbody","theta":0})j";
  for (auto const& spec :
       {simulated(nothing, R"j({"force":"collide","iterations":1e9})j"),
        simulated(nothing, R"j({"force":"link","links":"none","iterations":1e9})j"),
        simulated(places(20'000, "1", "1"), push),
        simulated(places(100'000, "datum.data % 2 ? 5e-324 : 0", "floor(datum.data / 2)"), push),
        simulated(places(20'000, "1", "1"), R"j({"force":"x"})j" + repeated(R"j(,{"force":"y"})j", 1000))}) {
    INFO(spec.substr(0, 400));
    auto const message = verdict(spec, {2e8, 1e8});
    INFO(message);
    CHECK(over(message));
  }
  for (std::string const far : {"1.7e308", "-1.7e308", "1e300"})
    CHECK(verdict(simulated(places(3, "datum.data * " + far, "0"), push)).empty());
}

TEST_CASE("lists of lists of lists are counted as long as they are", "[vega][hostile]") {
  std::string signals = R"j({"name":"s0","value":"a"})j";
  for (int i = 1; i < 60; ++i) {
    auto const before = "s" + std::to_string(i - 1);
    signals += R"j(,{"name":"s)j" + std::to_string(i) + R"j(","update":"[)j" + before + "," + before + R"j(]"})j";
  }
  auto const message = verdict(vega_of("\"signals\":[" + signals +
                                       R"j(],"data":[{"name":"d","values":{"signal":"s59"},)j"
                                       R"j("transform":[{"type":"aggregate","groupby":["0"]}]}],)j" +
                                       items_of("symbol", R"j("x":{"value":1})j")),
                               {1e8, 3e7});
  INFO(message);
  CHECK(over(message));
}

TEST_CASE("points named again and again are counted each time", "[vega][hostile]") {
  std::string arc = "[[0,0]", uses = "[0]";
  for (int i = 1; i < 1000; ++i) arc += ",[" + std::to_string(i % 90) + "," + std::to_string(i % 80) + "]";
  for (int i = 1; i < 3000; ++i) uses += ",[0]";
  auto const spec =
      vega_of(R"("data":[{"name":"d","format":{"type":"topojson","feature":"o"},"values":{"type":"Topology","arcs":[)" +
              arc + R"(]],"objects":{"o":{"type":"MultiLineString","arcs":[)" + uses +
              R"(]}}}}],"marks":[{"type":"shape","from":{"data":"d"},"transform":[{"type":"geoshape"}]}])");
  auto const message = verdict(spec, {1e8, 3e7});
  INFO(message);
  CHECK(over(message));
  CHECK(message.find("$.data[0]") == 0);
}

TEST_CASE("many columns and few letters are too much", "[vega][hostile]") {
  std::string csv = "c0";
  for (int i = 1; i < 5000; ++i) csv += ",c" + std::to_string(i);
  csv += repeated("\\n", 1000);
  auto const message = verdict(vega_of(R"("data":[{"name":"d","format":{"type":"csv"},"values":")" + csv + R"("}],)" +
                                       items_of("symbol", R"("x":{"field":"c0"})")),
                               {1e8, 3e7});
  INFO(message);
  CHECK(over(message));
}

TEST_CASE("chains of names end before the stack does", "[vega][hostile]") {
  auto const chain = [](int length, auto one) {
    std::string out;
    for (int i = 0; i < length; ++i) out += (i ? "," : "") + one(i, i + 1);
    return out;
  };
  auto const text = std::string(R"("marks":[{"type":"text","encode":{"update":{"text":{"signal":"s0"}}}}])");
  auto const signals = [&](int length) {
    return vega_of(R"("signals":[)" +
                   chain(length,
                         [](int i, int next) {
                           return R"({"name":"s)" + std::to_string(i) + R"(","update":"s)" + std::to_string(next) +
                                  R"(+1"})";
                         }) +
                   R"(,{"name":"s)" + std::to_string(length) + R"(","value":1}],)" + text);
  };
  CHECK(verdict(signals(200)).empty());
  CHECK(verdict(signals(20'000)).find("ask for each other more levels deep") != std::string::npos);
  auto const data =
      vega_of(R"("data":[{"name":"d0","values":[{}]},)" +
              chain(20'000,
                    [](int i, int next) {
                      return R"({"name":"d)" + std::to_string(next) + R"(","source":"d)" + std::to_string(i) + "\"}";
                    }) +
              R"(],"marks":[{"type":"symbol","from":{"data":"d20000"}}])");
  CHECK(verdict(data).find("ask for each other more levels deep") != std::string::npos);
  auto const nested = vega_of(R"("signals":[{"name":"s0","value":1},)" +
                              chain(5000,
                                    [](int i, int next) {
                                      return R"({"name":"s)" + std::to_string(next) + R"(","update":"[s)" +
                                             std::to_string(i) + R"(]"})";
                                    }) +
                              R"(],"marks":[{"type":"text","encode":{"update":{"text":{"signal":"s1000"}}}},)"
                              R"({"type":"text","encode":{"update":{"text":{"signal":"s1900"}}}},)"
                              R"({"type":"text","encode":{"update":{"text":{"signal":"s2100"}}}}])");
  auto const message = verdict(nested);
  INFO(message);
  CHECK_FALSE(message.empty());
}

TEST_CASE("honest charts stay far below the budget", "[vega][hostile]") {
  CHECK(verdict(
            vega_of(rows_of(100'000) + "," +
                    items_of("symbol", R"("x":{"signal":"datum.data%20"},"size":{"value":4},"fill":{"value":"red"})")),
            {5e8, 1e8})
            .empty());
  CHECK(verdict(vega_of(rows_of(1'000'000, R"(,{"type":"aggregate","ops":["mean"],"fields":["data"]})") + "," +
                        items_of("symbol", R"("x":{"signal":"datum.mean_data/1e5"})")),
                {5e8, 1e8})
            .empty());
}
