// What is said of a specification that cannot be meant as it stands, by the path in the author's file.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "vega/engine/draw.hpp"
#include "vega/value/budget.hpp"

using namespace cml;

namespace {

std::string const kRows = R"({"values":[{"a":"x","b":1,"val_acc":2},{"a":"y","b":3,"val_acc":1}]})";

// The warnings of one drawing, then the error if there is one.
std::vector<std::string> told(std::string const& spec) {
  Drawer drawer;
  Diagnostics diagnostics;
  auto const drawn = drawer.draw(
      spec, {},
      [](std::string_view) -> Result<std::string> {
        return Error{ErrorKind::NotFound, "none"};
      },
      diagnostics);
  std::vector<std::string> lines;
  for (auto const& warning : diagnostics.warnings()) lines.push_back(line_of(warning));
  if (!drawn) lines.push_back(drawn.error().message);
  return lines;
}

// A bar chart with something put into its parts.
struct Bar {
  std::string data = kRows, mark = "\"bar\"", x = R"("field":"a","type":"nominal")",
              y = R"("field":"b","type":"quantitative")", more = "";
  std::string text() const {
    return R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":)" + data + ",\"mark\":" + mark +
           more + ",\"encoding\":{\"x\":{" + x + "},\"y\":{" + y + "}}}";
  }
};

}  // namespace

TEST_CASE("author: a chart without faults is drawn in silence", "[vega][author]") {
  CHECK(told(Bar().text()) == std::vector<std::string>{});
  CHECK(told(Bar{.y = R"("aggregate":"count")"}.text()).empty());
  CHECK(told(Bar{.y = R"("field":"c","type":"quantitative")",
                 .more = R"(,"transform":[{"calculate":"datum.b * 2","as":"c"}])"}
                 .text())
            .empty());
  CHECK(told(Bar{.y = R"("field":"sum","type":"quantitative")",
                 .more = R"(,"transform":[{"aggregate":[{"op":"sum","field":"b","as":"sum"}],"groupby":["a"]}])"}
                 .text())
            .empty());
  CHECK(told(Bar{.y = R"("aggregate":"mean","field":"b","type":"quantitative")"}.text()).empty());
  CHECK(told(Bar{.mark = R"({"type":"bar","color":"steelblue","_note":"mine"})"}.text()).empty());
  CHECK(told(Bar{.more = R"(,"resolve":{"scale":{"color":"independent"}})"}.text()).empty());
}

TEST_CASE("author: fields of the row that argmax picks, and those that Vega's transforms add, are no mistakes",
          "[vega][author]") {
  CHECK(told(Bar{.x = R"("aggregate":{"argmax":"val_acc"},"field":"b","type":"quantitative")",
                 .y = R"("aggregate":"max","field":"val_acc","type":"quantitative")"}
                 .text())
            .empty());
  CHECK(told(R"({"data":[{"name":"d","values":[{"i":1},{"i":2}],"transform":[{"type":"force","static":true,"forces":[]},
      {"type":"identifier","as":"id"}]}],"marks":[{"type":"symbol","from":{"data":"d"},"encode":{"enter":{
      "x":{"field":"x"},"size":{"field":"id"}}}}]})")
            .empty());
}

TEST_CASE("author: a field that no row has is named, with those there are", "[vega][author]") {
  CHECK(told(Bar{.y = R"("field":"acc_val","type":"quantitative")"}.text()) ==
        std::vector<std::string>{R"($.encoding.y.field: no row has "acc_val"; fields are a, b, val_acc)"});
  CHECK(told(Bar{.y = R"("aggregate":"mean","field":"B","type":"quantitative")"}.text()) ==
        std::vector<std::string>{R"($.encoding.y.field: no row has "B"; fields are a, b, val_acc; did you mean "b"?)"});
  CHECK(told(Bar{.x = R"("field":"name","type":"nominal")"}.text()) ==
        std::vector<std::string>{R"($.encoding.x.field: no row has "name"; fields are a, b, val_acc)"});
  // Rows that stand deeper than they should.
  CHECK(told(Bar{.data = R"({"values":{"rows":[{"a":"x","b":1}]}})"}.text()).at(0) ==
        R"($.encoding.x.field: no row has "a"; fields are rows)");
  // Of several layers the one whose field it is.
  std::string const layers = R"(,"layer":[{"mark":"bar","encoding":{"x":{"field":"a","type":"nominal"}}},)"
                             R"({"mark":"rule","encoding":{"y":{"field":"bb","type":"quantitative"}}}]})";
  CHECK(told("{\"data\":" + kRows + layers) ==
        std::vector<std::string>{
            R"($.layer[1].encoding.y.field: no row has "bb"; fields are a, b, val_acc; did you mean "b"?)"});
}

TEST_CASE("author: data without rows are told once", "[vega][author]") {
  for (char const* data : {R"({"values":[]})", R"({"name":"nobody"})"})
    CHECK(told(Bar{.data = data}.text()) ==
          std::vector<std::string>{R"($.encoding.x.field: the data have no rows, so nothing is drawn by "a")"});
  auto const list = told(Bar{.data = R"([{"a":"x","b":1}])"}.text());
  REQUIRE(list.size() == 2);
  CHECK(list[0] == R"($.data: rows belong below "values": {"data": {"values": [...]}})");
}

TEST_CASE("author: a word that Vega-Lite lacks gets the nearest one", "[vega][author]") {
  struct Case {
    Bar chart;
    std::string line;
  };
  for (Case const& one :
       {Case{{.mark = R"({"type":"bar","colour":"red"})"},
             R"($.mark.colour: Vega-Lite has no such property; did you mean "color"?)"},
        Case{{.y = R"("field":"b","type":"quantitative","axis":{"titel":"loss"})"},
             R"($.encoding.y.axis.titel: Vega-Lite has no such property; did you mean "title"?)"},
        Case{{.more = R"(,"config":{"axsi":{}})"},
             R"($.config.axsi: Vega-Lite has no such property; did you mean "axis"?)"},
        Case{{.mark = R"({"type":"bar","color":"bleu"})"},
             R"($.mark.color: not a valid colour: bleu; did you mean "blue"?)"},
        Case{{.x = R"("field":"a","type":"nominal","sort":"descnding")"},
             R"($.encoding.x.sort: not an order: descnding; did you mean "descending"?)"},
        Case{{.x = R"("field":"a","type":"temporal","timeUnit":"yearmnth")"},
             R"($.encoding.x.timeUnit: not a time unit: yearmnth; did you mean "yearmonth"?)"},
        Case{{.y = R"("field":"b","type":"quantative")"},
             R"($.encoding.y.type: not a type: quantative; did you mean "quantitative"?)"},
        Case{{.y = R"("field":"b","type":"quantitative","axis":{"format":"%Y"})"},
             R"($.encoding.y.axis.format: "%Y" formats dates; make the field temporal, or add "formatType": "time")"},
        Case{{.more = R"(,"width":"big")"},
             R"($.width: "big" is not a size; give a number, "container" or {"step": number})"}}) {
    auto const lines = told(one.chart.text());
    REQUIRE_FALSE(lines.empty());
    CHECK(lines[0] == one.line);
  }
  CHECK(told(Bar{.mark = "\"baar\""}.text()) ==
        std::vector<std::string>{R"($.mark: unknown mark "baar"; did you mean "bar"?)"});
}

TEST_CASE("author: a hundred unknown properties are not a hundred lines", "[vega][author]") {
  std::string many;
  for (int i = 0; i < 100; ++i) many += ",\"unknown" + std::to_string(i) + "\":1";
  CHECK(told(Bar{.more = many}.text()).size() == 8);
}

TEST_CASE("author: a thousand wrong words are no thousand lines, and no path holds what a terminal obeys",
          "[vega][author][security]") {
  std::string layers;
  for (int i = 0; i < 1000; ++i)
    layers += (i ? "," : "") + (R"({"mark":{"type":"bar","color":"no such colour )" + std::to_string(i) + "\"}}");
  auto const lines = told(R"({"data":{"values":[{"a":1}]},"layer":[)" + layers + "]}");
  CHECK(lines.size() == 8);
  for (auto const& line :
       told(R"({"data":{"values":[{"a":1}]},"mark":{"type":"bar","co\u202elour\u001b[2J":1,"fill":"r\u202eed"},)"
            R"("encoding":{"x":{"field":"b\u202e\u001b[2J"},"y\n\u001b]0;t\u0007\u202e":{"field":"q\u200b",)"
            R"("type":"zz\u202e"}}})")) {
    INFO(line);
    CHECK(line.find_first_of("\x1b\n\a") == std::string::npos);
    CHECK(line.find("\xE2\x80") == std::string::npos);
  }
}

TEST_CASE("author: to look at the words is work that counts", "[vega][author][security]") {
  std::string layers, deep;
  for (int i = 0; i < 20'000; ++i) layers += R"({"mark":{"type":"bar"},"name":"a","height":1},)";
  auto const work = [](std::string const& spec) {
    vega::BudgetScope const scope({1e15, 1e15});
    (void)told(spec);
    return vega::budget::meter.steps;
  };
  CHECK(work(R"({"data":{"values":[]},"usermeta":[],"layer":[)" + layers + "{}]}") > 4 * 20'000 * 500.0);
  // A long name above many: the path of each is as long.
  std::string many;
  for (int i = 0; i < 1000; ++i) many += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
  std::string const name(100'000, 'n');
  CHECK(work(R"({"mark":"bar","data":{"values":[]},"encoding":{},")" + name + "\":{" + many + "}}") > 1e8);
}

TEST_CASE("author: JSON that is no chart is told for what it looks like", "[vega][author]") {
  auto const only = [](std::string const& spec) {
    auto const lines = told(spec);
    REQUIRE(lines.size() == 1);
    return lines[0];
  };
  CHECK_THAT(only(R"({"acc":0.9,"loss":0.1})"), Catch::Contains("metrics file"));
  CHECK_THAT(only(R"({"data":{"values":[{"a":1}]},"encoding":{"x":{"field":"a"}}})"), Catch::Contains("no \"mark\""));
  CHECK_THAT(only(R"({"data":[{"type":"scatter","x":[1]}],"layout":{}})"), Catch::Contains("Plotly"));
  CHECK_THAT(only(R"({"$schema":"https://vega.github.io/schema/vega/v5.json","mark":"bar"})"),
             Catch::Contains("says Vega, but \"mark\" is Vega-Lite's"));
  CHECK_THAT(only(R"({"data":{"values":"<DVC_METRIC_DATA>"},"mark":"bar","encoding":{}})"),
             Catch::Contains("<DVC_METRIC_DATA>") && Catch::Contains("anchor"));
}

TEST_CASE("author: fields of facets and transforms are named as well", "[vega][author]") {
  auto const first = [](Bar const& bar) {
    auto const lines = told(bar.text());
    return lines.empty() ? std::string() : lines[0];
  };
  CHECK(first(Bar{.y = R"("field":"b","type":"quantitative"},"row":{"field":"zz")"}) ==
        R"($.encoding.row.field: no row has "zz"; fields are a, b, val_acc)");
  CHECK(first(Bar{.more = R"(,"transform":[{"aggregate":[{"op":"mean","field":"zz","as":"b"}],"groupby":["a"]}])"}) ==
        R"($.transform[0].aggregate[0].field: no row has "zz"; fields are a, b, val_acc)");
  CHECK(first(Bar{.more = R"(,"transform":[{"filter":"datum.bb > 1"}])"}) ==
        R"($.transform[0].filter: no row has "bb"; fields are a, b, val_acc; did you mean "b"?)");
  CHECK(first(Bar{.more = R"(,"transform":[{"fold":["zz"]}])"}) ==
        R"($.transform[0].fold[0]: no row has "zz"; fields are a, b, val_acc)");
  CHECK(told(Bar{.more = R"(,"transform":[{"stack":"b","groupby":["a"],"as":["u","v"]}])"}.text()).empty());
}

TEST_CASE("author: a picture without an item of any mark is told", "[vega][author]") {
  std::string const nothing =
      "$: nothing is drawn: no row is left for the marks; check the filters, and that the values of quantitative "
      "fields are numbers";
  CHECK(told(Bar{.more = R"(,"transform":[{"filter":"datum.b > 10"}])"}.text()) == std::vector<std::string>{nothing});
  CHECK(told(Bar{.data = R"({"values":[{"a":"x","b":"N/A"},{"a":"y","b":null}]})", .mark = "\"point\""}.text()) ==
        std::vector<std::string>{nothing});
  CHECK(told(R"({"mark":"bar","data":{"values":[]},"layer":[]})").size() == 1);
  // A layer that shows nothing today beside one that does is no mistake.
  CHECK(told(R"({"data":)" + kRows + R"(,"encoding":{"x":{"field":"a"},"y":{"field":"b","type":"quantitative"}},
      "layer":[{"mark":"bar"},{"mark":"point","transform":[{"filter":"datum.b > 10"}]}]})")
            .empty());
}

TEST_CASE("author: words of properties, anchors of templates and charts of other tools", "[vega][author]") {
  CHECK(told(Bar{.mark = R"({"type":"line","interpolate":"mono"})"}.text()) ==
        std::vector<std::string>{R"($.mark.interpolate: not a value of interpolate: mono; did you mean "monotone"?)"});
  CHECK(told(Bar{.y = R"("field":"b","type":"quantitative","stack":"zer")"}.text())[0] ==
        R"($.encoding.y.stack: not a way to stack: zer; did you mean "zero"?)");
  CHECK(told(Bar{.y = R"("field":"<DVC_METRIC_Y>","type":"quantitative")"}.text())[0].find(
            "$.encoding.y.field: <DVC_METRIC_Y> is a template's anchor") == 0);
  CHECK(told(R"({"type":"bar","data":{"labels":["a"],"datasets":[{"data":[1]}]}})")[0].find("Chart.js") !=
        std::string::npos);
}
