#include "vega/runtime/run.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "vega/render/render.hpp"
#include "support/scene_context.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

using Context = cml::test::FontContext;

struct Outcome {
  std::string error;
  Value scene;
  Diagnostics diagnostics;
  double width = 0, height = 0;
};
Outcome drawn(std::string const& text) {
  Outcome out;
  auto const spec = parse_spec(text);
  REQUIRE(spec);
  Context context;
  RunOptions options;
  auto const scene = run(*spec, options, context, out.diagnostics);
  if (!scene) {
    out.error = scene.error().message;
    return out;
  }
  out.width = scene->width;
  out.height = scene->height;
  out.scene = *parse_json(scene_to_json(*scene, 0));
  return out;
}

}  // namespace

TEST_CASE("run: what cannot be drawn is refused with its JSON path", "[vega][runtime]") {
  struct Row {
    char const* spec;
    char const* message;
  };
  for (auto const& row : {
           Row{R"({"signals":[{"name":"a","update":"b + 1"},{"name":"b","update":"a"}],"width":{"signal":"a"}})",
               "depends on itself"},
           {R"({"data":[{"name":"a","source":"b"},{"name":"b","source":"a"}],"marks":[{"type":"rect",)"
            R"("from":{"data":"a"}}]})",
            "dataset \"a\" depends on itself"},
           {R"json({"scales":[{"name":"x","domain":{"signal":"domain('x')"},"range":[0,1]}],"axes":[{"scale":"x",)json"
            R"json("orient":"left"}]})json",
            "scale \"x\" depends on itself"},
           {R"({"marks":[{"type":"blob"}]})", "$.marks[0].type: unknown mark type \"blob\""},
           {R"({"marks":[{"type":"rect","from":{"data":"nowhere"}}]})",
            "$.marks[0].from: cannot find dataset \"nowhere\""},
           {R"({"axes":[{"scale":"nope","orient":"left"}]})", "$.axes[0].scale: scale \"nope\" is not defined"},
           {R"({"legends":[{}]})", "$.legends[0]: a legend needs a scale"},
           {R"({"data":[{"name":"t","values":[1],"transform":[{"type":"wormhole"}]}],"marks":[{"type":"rect",)"
            R"("from":{"data":"t"}}]})",
            "unknown transform \"wormhole\""},
           {R"({"width":1e9})", "$.width: must be a number below"},
           {R"({"marks":[{"type":"rect","encode":{"update":{"x":{"signal":"1 +"}}}}]})", "$.marks[0].encode.update.x"},
           {R"({"scales":[{"name":"x","type":"cubic","domain":[0,1]}],"axes":[{"scale":"x","orient":"left"}]})",
            "unrecognized scale type \"cubic\""},
           {R"({"data":[{"name":"t","url":"t.json"}],"marks":[{"type":"rect","from":{"data":"t"}}]})",
            "there is no loader"},
           {R"({"signals":[{}]})", "$.signals[0]: a signal needs a name"},
       }) {
    INFO(row.spec);
    auto const outcome = drawn(row.spec);
    INFO(outcome.error);
    CHECK(outcome.error.find(row.message) != std::string::npos);
  }
}

TEST_CASE("run: groups nested without end are refused", "[vega][runtime]") {
  std::string spec = "{", tail = "}";
  for (int i = 0; i < 100; ++i) spec += R"("marks":[{"type":"group",)", tail = "}]" + tail;
  auto const outcome = drawn(spec + "\"name\":\"in\"" + tail);
  CHECK(outcome.error.find("nested deeper than") != std::string::npos);
}

TEST_CASE("run: production rules take the first test that holds", "[vega][runtime]") {
  auto const outcome = drawn(R"({"data":[{"name":"t","values":[{"v":1},{"v":5},{"v":9}]}],
    "marks":[{"type":"rect","from":{"data":"t"},"encode":{"update":{"x":[{"test":"datum.v < 3","value":10},
    {"test":"datum.v < 7","field":"v","mult":2,"offset":1},{"value":-1}]}}}]})");
  REQUIRE(outcome.error.empty());
  auto const& items = outcome.scene["items"].at(0)["items"].at(0)["items"];
  CHECK(items.at(0)["x"].number() == 10);
  CHECK(items.at(1)["x"].number() == 11);
  CHECK(items.at(2)["x"].number() == -1);
}

TEST_CASE("run: x2 and xc become x and width, corners are put in order", "[vega][runtime]") {
  auto const outcome =
      drawn(R"({"marks":[{"type":"rect","encode":{"update":{"x":{"value":30},"x2":{"value":10},"yc":{"value":50},)"
            R"("height":{"value":20}}}}]})");
  auto const& item = outcome.scene["items"].at(0)["items"].at(0)["items"].at(0);
  CHECK(item["x"].number() == 10);
  CHECK(item["width"].number() == 20);
  CHECK(item["y"].number() == 40);
}

TEST_CASE("run: facets see their own rows and their group's datum as parent", "[vega][runtime]") {
  auto const outcome = drawn(R"({"data":[{"name":"t","values":[{"g":"a","v":1},{"g":"b","v":2},{"g":"a","v":3}]}],
    "marks":[{"type":"group","from":{"facet":{"name":"f","data":"t","groupby":"g"}},
      "marks":[{"type":"text","from":{"data":"f"},"encode":{"update":{"text":{"signal":"parent.g + datum.v"}}}}]}]})");
  REQUIRE(outcome.error.empty());
  auto const& groups = outcome.scene["items"].at(0)["items"].at(0)["items"];
  REQUIRE(groups.size() == 2);
  auto const& first = groups.at(0)["items"].at(0)["items"];
  REQUIRE(first.size() == 2);
  CHECK(first.at(1)["text"].string() == "a3");
}

TEST_CASE("run: autosize fit draws the axes inside the size asked for", "[vega][runtime]") {
  auto const outcome =
      drawn(R"({"width":200,"height":100,"autosize":"fit","scales":[{"name":"y","domain":[0,1000],"range":"height"}],)"
            R"("axes":[{"scale":"y","orient":"left"}]})");
  REQUIRE(outcome.error.empty());
  CHECK(outcome.width == 200);
  CHECK(outcome.height == 100);
  CHECK(outcome.scene["items"].at(0)["width"].number() < 200);
}

TEST_CASE("run: event handlers are read and have no effect", "[vega][runtime]") {
  auto const outcome = drawn(R"({"signals":[{"name":"s","value":7,"on":[{"events":"click","update":"s + 1"}]}],
    "marks":[{"type":"rect","encode":{"update":{"x":{"signal":"s"}},"hover":{"x":{"value":99}}}}]})");
  CHECK(outcome.scene["items"].at(0)["items"].at(0)["items"].at(0)["x"].number() == 7);
}

TEST_CASE("run: crowded labels are hidden, not dropped", "[vega][runtime]") {
  auto const outcome = drawn(R"({"width":100,"height":20,"scales":[{"name":"x","domain":[0,100000000],"range":"width"}],
    "axes":[{"scale":"x","orient":"bottom","tickCount":10,"labelOverlap":true,"format":",d"}]})");
  REQUIRE(outcome.error.empty());
  auto const& labels = outcome.scene["items"].at(0)["items"].at(0)["items"].at(0)["items"].at(1)["items"];
  std::size_t shown = 0;
  for (auto const& label : labels.items()) shown += label["opacity"].number() == 1 ? 1 : 0;
  CHECK(labels.size() == 11);
  CHECK(shown < 4);
}

TEST_CASE("run: defaults of config and style fill in what an encode block leaves open", "[vega][runtime]") {
  auto const mark = [](std::string const& encode, std::string const& more = "") {
    auto const outcome = drawn(R"({"signals":[{"name":"s","value":3}],
      "config":{"mark":{"opacity":0.5,"cursor":"help"},"rect":{"fill":"red","opacity":0.25,
      "strokeWidth":{"signal":"s"}},"style":{"a":{"angle":9},"b":{"angle":{"signal":"s"}}}},
      "marks":[{"type":"rect",)" +
                               more + R"("encode":)" + encode + "}]}");
    REQUIRE(outcome.error.empty());
    return outcome.scene["items"].at(0)["items"].at(0)["items"].at(0);
  };
  auto const plain = mark("{}");
  CHECK(plain["fill"].string() == "red");
  CHECK(plain["opacity"].number() == 0.25);
  CHECK(plain["strokeWidth"].number() == 3);
  auto const own =
      mark(R"({"enter":{"opacity":{"value":1}},"update":{"stroke":{"value":"blue"},"strokeWidth":{"value":7}}})");
  CHECK(own["fill"].is_undefined());  // A mark with a paint of its own gets none.
  CHECK(own["stroke"].string() == "blue");
  CHECK(own["opacity"].number() == 1);
  CHECK(own["strokeWidth"].number() == 7);
  CHECK(mark(R"({"enter":{"opacity":null}})")["opacity"].is_undefined());
  CHECK(mark(R"({"update":{"opacity":null}})")["opacity"].number() == 0.25);
  CHECK(mark("{}", R"("style":["b","a"],)")["angle"].number() == 9);
  CHECK(mark("{}", R"("style":["a","b"],)")["angle"].number() == 3);
}

TEST_CASE("run: expressions see the items around theirs", "[vega][runtime]") {
  auto const outcome =
      drawn(R"({"data":[{"name":"t","values":[{"v":1},{"v":2}]}],
    "marks":[{"type":"group","encode":{"update":{"x":{"value":40}}},"marks":[{"type":"text","from":{"data":"t"},
    "role":"r",
      "encode":{"enter":{"x":{"field":"v"}},"update":{"text":{"signal":"[item.x, item.datum.v, )"
            R"(item.mark.marktype, item.mark.role, item.mark.items.length, item.mark.group.x] + ''"}}}}]}]})");
  REQUIRE(outcome.error.empty());
  auto const& items = outcome.scene["items"].at(0)["items"].at(0)["items"].at(0)["items"].at(0)["items"];
  CHECK(items.at(0)["text"].string() == "1,1,text,r,2,40");
  CHECK(items.at(1)["text"].string() == "2,2,text,r,2,40");
}

TEST_CASE("run: an expression that several pictures share fails under each one's own path", "[vega][runtime]") {
  std::string const text = R"({"type":"text","encode":{"update":{"text":{"signal":"missing + 1"}}}})";
  CHECK_THAT(drawn(R"({"marks":[)" + text + "]}").error, Catch::Contains("marks[0].encode.update.text"));
  CHECK_THAT(drawn(R"({"marks":[{"type":"rect"},)" + text + "]}").error,
             Catch::Contains("marks[1].encode.update.text"));
}

TEST_CASE("run: pictures that type a file's columns differently load it once", "[vega][runtime]") {
  DataStore store;
  DataCache cache(store, "");
  int loads = 0;
  Context context;
  for (std::string const parse : {R"({"d":"date"})", R"({"n":"number"})", R"({"d":"date"})", R"({"n":"wrong"})"}) {
    RunOptions options;
    options.kept_data = &cache;
    options.load = [&](std::string_view) -> Result<std::string> { return ++loads, std::string("d,n\n2020-01-01,7\n"); };
    auto const spec = parse_spec(
        R"json({"data":[{"name":"t","url":"t.csv","format":{"parse":)json" + parse +
        R"json(}}],"marks":[{"type":"text","from":{"data":"t"},)json"
        R"json("encode":{"update":{"text":{"signal":"isNumber(datum.d) + ' ' + isNumber(datum.n)"}}}}]})json");
    REQUIRE(spec);
    Diagnostics diagnostics;
    auto const scene = run(*spec, options, context, diagnostics);
    if (parse.find("wrong") != std::string::npos) {
      REQUIRE_FALSE(scene);
      CHECK(scene.error().message.find("unknown type \"wrong\"") != std::string::npos);
    } else {
      REQUIRE(scene);
      CHECK(scene_to_json(*scene, 0).find(parse.find("date") != std::string::npos ? "true false" : "false true") !=
            std::string::npos);
    }
  }
  CHECK(loads == 1);
}

TEST_CASE("run: a transform of items reads channels of the author's own, and a signal may be named as a keyword",
          "[vega][runtime]") {
  auto const out = drawn(R"({"signals":[{"name":"static","value":true}],
    "data":[{"name":"d","values":[{"k":10},{"k":30}]}],
    "marks":[{"type":"symbol","from":{"data":"d"},"encode":{"enter":{"focus":{"field":"k","mult":2}}},
      "transform":[{"type":"force","static":{"signal":"static"},
        "forces":[{"force":"x","x":"focus","strength":1}]}]}]})");
  INFO(out.error);
  REQUIRE(out.error.empty());
  auto const text = to_json(out.scene);
  auto const x = [&](std::size_t i) {
    return out.scene["items"].items()[0]["items"].items()[0]["items"].items()[i]["x"].to_number();
  };
  INFO(text);
  CHECK(x(0) == Approx(20).margin(0.01));
  CHECK(x(1) == Approx(60).margin(0.01));
}

TEST_CASE("run: the nodes of a force stand in its links", "[vega][runtime]") {
  auto const out = drawn(R"({"data":[{"name":"n","values":[{"id":"a"},{"id":"b"}],"transform":[{"type":"force",
      "static":true,"forces":[{"force":"link","links":"l","id":"id","distance":40}]}]},
      {"name":"l","values":[{"source":"a","target":"b"}]}],
    "marks":[{"type":"symbol","from":{"data":"n"},"encode":{"enter":{"x":{"field":"x"},"y":{"field":"y"}}}},
      {"type":"rule","from":{"data":"l"},"encode":{"enter":{"x":{"field":"source.x"},"y":{"field":"source.y"},
        "x2":{"field":"target.x"},"y2":{"field":"target.y"}}}}]})");
  INFO(out.error);
  REQUIRE(out.error.empty());
  auto const marks = out.scene["items"].items()[0]["items"].items();
  auto const link = marks[1]["items"].items()[0];
  CHECK(link["x"] == marks[0]["items"].items()[0]["x"]);
  CHECK(link["y2"] == marks[0]["items"].items()[1]["y"]);
  double const dx = link["x2"].to_number() - link["x"].to_number(), dy = link["y2"].to_number() - link["y"].to_number();
  CHECK(std::hypot(dx, dy) == Approx(40).margin(1));
  auto const missing = drawn(R"({"data":[{"name":"l","values":[{"source":"a","target":"z"}]},
      {"name":"n","values":[{"id":"a"}],"transform":[{"type":"force","forces":[{"force":"link","links":"l",
      "id":"id"}]}]}],"marks":[{"type":"symbol","from":{"data":"n"}}]})");
  CHECK_THAT(missing.error, Catch::Contains("row 1 of \"l\" links to the node z, which is not there"));
}

TEST_CASE("run: signals that read themselves or say nothing, nameless data and signals in formats", "[vega][runtime]") {
  struct Row {
    char const *parts, *text, *shown;
  };
  for (Row const& row : {
           Row{R"("signals":[{"name":"s","init":"","value":3}])", "''+s", "3"},
           {R"("signals":[{"name":"s","update":"","value":3}])", "''+s", "3"},
           {R"("signals":[{"name":"s","update":"s != null ? s + 1 : 5"}])", "''+s", "5"},
           {R"("signals":[{"name":"s","value":1,"update":"s + 1"}])", "''+s", "2"},
           {R"("width":200,"signals":[{"name":"width","init":"width"}])", "''+width", "200"},
           {R"("data":[{"values":[1]},{"name":"t","values":[1,2],"transform":[{"type":"extent","field":"data",)"
            R"("signal":"e"}]}])",
            "''+e", "1,2"},
           {R"("signals":[{"name":"p","value":"a"}],"data":[{"name":"t","values":{"a":[{"k":7}]},"format":)"
            R"({"type":"json","property":{"signal":"p"}}}])",
            "''+data('t')[0].k", "7"},
           {R"("signals":[{"name":"p","value":{"k":"number"}}],"data":[{"name":"t","values":"k\n1","format":)"
            R"({"type":"csv","parse":{"signal":"p"}}}])",
            "''+(data('t')[0].k+1)", "2"},
           {R"("signals":[{"name":"p","value":"number"}],"data":[{"name":"t","values":"k\n1","format":)"
            R"({"type":"csv","parse":{"k":{"signal":"p"}}}}])",
            "''+(data('t')[0].k+1)", "2"},
       }) {
    INFO(row.parts);
    auto const out = drawn("{" + std::string(row.parts) +
                           R"(,"marks":[{"type":"text","encode":{"enter":{"text":{"signal":")" + row.text + "\"}}}}]}");
    INFO(out.error);
    REQUIRE(out.error.empty());
    CHECK(out.scene["items"].items()[0]["items"].items()[0]["items"].items()[0]["text"].string_or("") == row.shown);
  }
  auto const empty = drawn(R"({"width":100,"scales":[{"name":"x","domain":[0,1],"range":"width"}],
    "axes":[{"scale":"x","orient":"bottom","tickCount":{}}]})");
  CHECK(to_json(empty.scene).find("\"0.2\"") != std::string::npos);
}

TEST_CASE("run: random numbers are drawn in the reference's order, whoever asks first", "[vega][runtime]") {
  std::string const draw = R"json({"type":"formula","as":"y","expr":"random()"})json";
  auto const rows = [](int n) { return R"({"type":"sequence","start":0,"stop":)" + std::to_string(n) + "}"; };
  auto const data = [&](char const* name, int n, std::string const& transform) {
    return std::string(R"({"name":")") + name + R"(","transform":[)" + rows(n) + "," + transform + "]}";
  };
  auto const text = [](char const* from) {
    return std::string(R"({"type":"text","from":{"data":")") + from +
           R"("},"encode":{"enter":{"text":{"field":"y"}}}})";
  };
  std::string const own = R"({"type":"text","encode":{"enter":{"text":{"signal":")";
  struct Row {
    std::string spec;
    std::vector<double> texts;  // Of the reference with the same seed.
  };
  for (auto const& row : {
           Row{R"({"data":[)" + data("unused", 3, draw) + "," + data("b", 1, draw) + R"(],"marks":[)" + text("b") +
                   "]}",
               {0.5537503978953466}},
           Row{R"({"data":[)" + data("unused", 50, R"({"type":"sample","size":5})") + "," + data("b", 1, draw) +
                   R"(],"marks":[)" + text("b") + "]}",
               {0.1638376746158291}},
           Row{R"({"data":[)" + data("a", 1, draw) + "," + data("b", 1, draw) + R"(],"marks":[)" + text("b") + "," +
                   text("a") + "]}",
               {0.6101966954815186, 0.5823075997560786}},
           Row{R"json({"signals":[{"name":"s","update":"random()"},{"name":"t","init":"random()"}],"data":[)json" +
                   data("b", 1, draw) + R"(],"marks":[)" + text("b") + "," + own + R"(t"}}}},)" + own + R"(s"}}}}]})",
               {0.912484144751208, 0.6101966954815186, 0.5823075997560786}},
           Row{R"({"data":[)" + data("b", 1, draw) + R"(],"marks":[)" + own + R"json(random()"}}}},)json" + text("b") +
                   "]}",
               {0.6101966954815186, 0.5823075997560786}},
       }) {
    INFO(row.spec);
    auto const outcome = drawn(row.spec);
    CHECK(outcome.error.empty());
    std::vector<double> texts;
    for (auto const& mark : outcome.scene["items"].at(0)["items"].items())
      texts.push_back(mark["items"].at(0)["text"].number());
    CHECK(texts == row.texts);
  }
}
