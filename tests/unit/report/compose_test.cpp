// The pure middle of `cml report`: tables, numbers, thresholds, escaping, plots, templates.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/ansi.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "markdown/html.hpp"
#include "markdown/locate.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/number.hpp"
#include "report/compose/options.hpp"
#include "report/compose/plot.hpp"
#include "report/compose/render.hpp"
#include "report/compose/sparkline.hpp"
#include "report/compose/tables.hpp"
#include "vega/render/images.hpp"

using namespace cml;
using namespace cml::report;
using metrics::Metric;

namespace {

std::vector<Row> rows_of(std::vector<Metric> const& before, std::vector<Metric> const& after,
                         std::string const& file = "metrics.json") {
  auto rows = pair_up(file, &before, &after);
  for (Row& row : rows) row.better = direction_of(row.name, {});
  return rows;
}

Pictures named_pictures() {
  Pictures pictures;
  pictures.plot = [](PlotBlock const& plot) -> Result<std::string> {
    return "![" + plot.title + "](" + plot.name + ".png)\n";
  };
  pictures.cell = [](PlotBlock const& plot) -> Result<std::string> {
    return "![" + plot.title + "](" + plot.name + ".png)";
  };
  pictures.link = [](std::string const& path) { return link_destination(path); };
  pictures.file = [](std::string const& name, std::string const&) -> Result<std::string> { return "file:" + name; };
  return pictures;
}

std::string rendered(Model const& model, Settings const& settings = {}) {
  auto const text = render(model, settings, named_pictures(), std::string(report_template(settings.template_name)), {});
  INFO((text ? "" : text.error().message));
  REQUIRE(text);
  return *text;
}

}  // namespace

TEST_CASE("report: metrics as dvc metrics diff --show-md prints them", "[report][compose]") {
  auto const rows = rows_of({{"train.loss", 0.4123},
                             {"acc", 0.81234567},
                             {"n", std::int64_t{100}},
                             {"same", 1.0},
                             {"gone", 2.5},
                             {"flag", true},
                             {"nan", std::nan("")}},
                            {{"train.loss", 0.3777},
                             {"acc", 0.9},
                             {"n", std::int64_t{110}},
                             {"same", std::int64_t{1}},
                             {"tiny", 1e-7},
                             {"flag", false},
                             {"nan", std::nan("")}});
  CHECK(dvc_table(rows, {"main", "workspace", false, true, {}}) ==
        "| Path         | Metric     | main    | workspace   | Change   |\n"
        "|--------------|------------|---------|-------------|----------|\n"
        "| metrics.json | acc        | 0.81235 | 0.9         | 0.08765  |\n"
        "| metrics.json | flag       | True    | False       | -1       |\n"
        "| metrics.json | gone       | 2.5     | -           | -        |\n"
        "| metrics.json | n          | 100     | 110         | 10       |\n"
        "| metrics.json | nan        | nan     | nan         | nan      |\n"
        "| metrics.json | tiny       | -       | 0.0         | -        |\n"
        "| metrics.json | train.loss | 0.4123  | 0.3777      | -0.0346  |\n");
}

TEST_CASE("report: parameters as dvc params diff --show-md prints them", "[report][compose]") {
  auto const rows = rows_of({{"lr", 0.1}, {"layers", std::string("[1, 2]")}, {"name", std::string("a_b")}},
                            {{"lr", 0.05}, {"layers", std::string("[1, 2, 3]")}, {"name", {}}}, "params.yaml");
  CHECK(dvc_table(rows, {"HEAD", "workspace", true, true, {}}) ==
        "| Path        | Param   | HEAD     | workspace   |\n"
        "|-------------|---------|----------|-------------|\n"
        "| params.yaml | layers  | \\[1, 2\\] | \\[1, 2, 3\\] |\n"
        "| params.yaml | lr      | 0.1      | 0.05        |\n"
        "| params.yaml | name    | a_b      | -           |\n");
}

TEST_CASE("report: DVC's tables take no list for a metric, and compare what lists of one element hold",
          "[report][compose]") {
  auto const values = [](std::string const& text) {
    auto const tree = metrics::parse_json(text);
    REQUIRE(tree);
    return metrics::flatten(*tree).metrics;
  };
  auto const before = values(R"({"a": [1, 2], "b": 1, "one": [64], "names": ["x"]})"),
             after = values(R"({"a": [1, 3], "b": [1], "one": [128], "names": ["y"]})");
  CHECK(dvc_table(pair_up("m.json", &before, &after), {"main", "workspace", false, true, {}}) ==
        "| Path   | Metric   | main   | workspace   | Change   "
        "|\n|--------|----------|--------|-------------|----------|\n| m.json | b        | 1      | -           | -    "
        "    |\n");
  CHECK(dvc_table(pair_up("p.json", &before, &after), {"main", "workspace", true, true, {}}) ==
        "| Path   | Param   | main     | workspace   |\n|--------|---------|----------|-------------|\n| p.json | a    "
        "   | \\[1, 2\\] | \\[1, 3\\]    |\n"
        "| p.json | b       | 1        | \\[1\\]       |\n| p.json | names   | x        | y           |\n| p.json | "
        "one     | 64       | 128         |\n");
}

TEST_CASE("report: the table of changes shows how far and which way is good", "[report][compose]") {
  auto const rows = rows_of({{"accuracy", 0.9012}, {"val_loss", 0.5}, {"epoch", std::int64_t{3}}, {"gone", 1.0}},
                            {{"accuracy", 0.9234}, {"val_loss", 0.55}, {"epoch", std::int64_t{3}}, {"fresh", 2.0}});
  CHECK(diff_table(rows, {"main", "workspace", false, true, {}}) ==
        "| Metric | main | workspace | Change | % |  |\n"
        "| --- | ---: | ---: | ---: | ---: | --- |\n"
        "| accuracy | 0.9012 | **0.9234** | +0.0222 | +2.5% | ▲ ✅ |\n"
        "| val_loss | 0.50 | **0.55** | +0.05 | +10.0% | ▲ ❌ |\n"
        "| epoch | 3 | 3 |  |  |  |\n"
        "| fresh |  | **2** |  |  | new |\n"
        "| gone | 1 |  |  |  | gone |\n");
  CHECK(diff_table(rows_of({}, {{"f1", 0.5}}), {"", "", false, false, {}}) ==
        "| Metric | Value |\n| --- | ---: |\n| f1 | 0.5 |\n");
}

TEST_CASE("report: digits follow the size of the number and of its change", "[report][compose]") {
  auto const text = [](double before, double after) {
    RowText const t = texts_of(rows_of({{"x", before}}, {{"x", after}})[0]);
    return t.old_value + " " + t.new_value + " " + t.change + " " + t.percent;
  };
  CHECK(text(0.9012345, 0.9234567) == "0.9012 0.9235 +0.0222 +2.5%");
  CHECK(text(0.98765432, 0.98765433) == "0.98765432 0.98765433 +0.00000001 ");
  CHECK(text(1234.5678, 1234.5678) == "1235 1235  ");
  CHECK(text(0.5, 0.25) == "0.50 0.25 -0.25 -50.0%");
  CHECK(text(2e-7, 1e-7) == "2.000e-07 1.000e-07 -1.000e-07 -50.0%");
  CHECK(text(0, 5) == "0 5 +5 ");
  CHECK(text(100, std::nan("")) == "100 NaN  ");
  CHECK(text(-1, 1) == "-1 1 +2 +200%");
}

TEST_CASE("report: names tell which way is good, and the user's rules come first", "[report][compose]") {
  for (char const* name : {"loss", "train.val_loss", "log_loss", "RMSE", "test/mae", "error_rate", "latency_ms",
                           "failed", "wordErrorRate"})
    CHECK((direction_of(name, {}) == Direction::Lower));
  for (char const* name :
       {"acc", "val_accuracy", "AUC", "mAP50", "f1-score", "macro avg.precision", "r2", "avg_prec", "top5"})
    CHECK((direction_of(name, {}) == Direction::Higher));
  for (char const* name : {"epoch", "step", "n_samples", "lr", "glossary"})
    CHECK((direction_of(name, {}) == Direction::Unknown));
  auto const rules = parse_better("elapsed=lower, val_*=none");
  REQUIRE(rules);
  CHECK((direction_of("train.elapsed", *rules) == Direction::Lower));
  CHECK((direction_of("val_loss", *rules) == Direction::Unknown));
  CHECK(parse_better("loss=down").error().message == "\"loss=down\" is not NAME=lower, NAME=higher or NAME=none");
}

TEST_CASE("report: thresholds on values, changes and percents, NaN never passes", "[report][compose]") {
  auto const rows =
      rows_of({{"test.accuracy", 0.9}, {"loss", 1.0}, {"errors", 0.0}, {"still", 0.0}}, {{"test.accuracy", 0.85},
                                                                                         {"loss", 1.1},
                                                                                         {"broken", std::nan("")},
                                                                                         {"time (seconds)", 4.0},
                                                                                         {"errors", 3.0},
                                                                                         {"still", 0.0},
                                                                                         {"recall (%)", 50.0}});
  auto const findings = [&](std::string const& text) {
    auto const threshold = parse_threshold(text, true);
    INFO((threshold ? "" : threshold.error().message));
    REQUIRE(threshold);
    std::vector<std::string> unmatched;
    auto const found = check({*threshold}, {rows, {}}, unmatched);
    return !unmatched.empty() ? "unmatched" : found.empty() ? "" : found[0].text;
  };
  CHECK(findings("accuracy < 0.9") == "accuracy < 0.9: test.accuracy is 0.85");
  CHECK(findings("accuracy<0.8").empty());
  CHECK(findings("loss >= 1.1") == "loss >= 1.1: it is 1.1");
  CHECK(findings("change(accuracy) < -0.01") == "change(accuracy) < -0.01: test.accuracy is -0.05");
  CHECK(findings("percent(loss) > 5") == "percent(loss) > 5: it is 10");
  CHECK(findings("broken < 0") == "broken < 0: it is NaN");
  CHECK(findings("time < 5") == "time < 5: time (seconds) is 4");
  CHECK(findings("accurcy < 1") == "accurcy < 1: there is no such metric; did you mean accuracy?");
  CHECK(findings("change(accurcy) < 1") == "change(accurcy) < 1: there is no such metric; did you mean accuracy?");
  CHECK(findings("* > 100") == "* > 100: broken is NaN");
  CHECK(findings("percent(errors) > 5") ==
        "percent(errors) > 5: it went from 0 to 3, which is no percentage; use change(errors)");
  CHECK(findings("percent(still) > 5").empty());
  CHECK(findings("recall < 0.9") == "recall < 0.9: recall (%) is 50%; write the limit with a %, as in 90%");
  CHECK(findings("recall < 90%") == "recall < 90%: recall (%) is 50");
  CHECK(findings("recall < 40").empty());
  for (char const* wrong : {"accuracy", "< 1", "a ! 1", "a < b", "a < ", "change() < 1"}) {
    INFO(wrong);
    CHECK_FALSE(parse_threshold(wrong, true));
  }
}

TEST_CASE("report: hostile names cannot break the table, ping, link or inject", "[report][compose][security]") {
  std::vector<std::string> const hostile{"a|b",
                                         "`code",
                                         "@octocat",
                                         "#123",
                                         "GH-12",
                                         "!7",
                                         "%3",
                                         "~bug",
                                         "$1",
                                         "<img src=x onerror=alert(1)>",
                                         "</td></tr></table><script>x</script>",
                                         "[click](https://evil.test)",
                                         "![x](https://evil.test/a.png)",
                                         "https://evil.test/phish",
                                         "www.evil.test",
                                         "line\nbreak",
                                         "line\r\n\r\n# heading",
                                         "*bold*",
                                         "__init__",
                                         "~~gone~~",
                                         "\\|",
                                         "&lt;b&gt;",
                                         "a@b.test",
                                         "mailto:a@b.test",
                                         "org/repo#5",
                                         "@{557058:1}",
                                         "~one~",
                                         "[issue:9]",
                                         "train:100:loss",
                                         "C #",
                                         "\xE2\x80\xAEgnp.exe",
                                         "na\xEFve",
                                         ":smile:",
                                         std::string(5000, 'x'),
                                         "<!-- x",
                                         "$x$",
                                         "[ref]",
                                         "\x01\x02",
                                         "<https://evil.test>",
                                         "``a``|``"};
  std::vector<Metric> values;
  for (std::string const& name : hostile) values.push_back({name, name});
  auto const rows = rows_of({}, values);
  TableOptions const options{"@old|`", "new", false, true, {}};
  for (std::string const& table : {diff_table(rows, options), dvc_table(rows, options)}) {
    INFO(table);
    CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) == hostile.size() + 2);
    std::string const html = markdown::to_html(table);
    INFO(html);
    CHECK_FALSE(contains(html, "<img"));
    CHECK_FALSE(contains(html, "<a "));
    CHECK_FALSE(contains(html, "<code"));
    CHECK_FALSE(contains(html, "<em>"));
    CHECK_FALSE(contains(html, "<del>"));
    CHECK_FALSE(contains(html, "<script"));
    CHECK_FALSE(contains(html, "<h1"));
    // What forges look for in the rendered text: a sign with a name right behind it.
    for (char const* sign : {"@octocat", "#123", "#5", "GH-12", "!7", "%3", "~bug", "$1", "@b", "@{",
                             "[issue:", ":100:", ":smile:", "\xE2\x80\xAE", "\xEFve"})
      CHECK_FALSE(contains(html, sign));
    std::size_t rows_seen = 0;
    for (auto at = html.find("<tr>"); at != std::string::npos; at = html.find("<tr>", at + 1)) ++rows_seen;
    CHECK(rows_seen == hostile.size() + 1);
    CHECK(markdown::locate(table).destinations.empty());
  }
  CHECK(escape_markdown("train.log_loss") == "train.log_loss");
  CHECK(escape_markdown("2026-01-02T07:32:00") == "2026-01-02T07:32:00");
  CHECK(escape_markdown("train:params.yaml:lr") == "train:params.yaml:lr");
  CHECK(escape_markdown("na\xEFve \xC3\xA9") == "na\xC3\xAFve \xC3\xA9");  // Latin-1, beside UTF-8.
  CHECK(valid_utf8("\xC0\xAF \xED\xA0\x80 \xF4\x90\x80\x80 \xE2\x82") ==
        "\xC3\x80\xC2\xAF \xC3\xAD\xC2\xA0\xC2\x80 \xC3\xB4\xC2\x90\xC2\x80\xC2\x80 \xC3\xA2\xC2\x82");
  CHECK(escape_summary("a|b") == "a&#124;b");  // The alt text of a picture in a cell.
  CHECK(escape_summary("</summary><b>@x") == "&lt;/summary&gt;&lt;b&gt;@\xE2\x81\xA0x");
  Model model;
  model.title = "@all\n# x";
  model.blocks = {SectionBlock{"<b>"}, MissingBlock{"a|b\n\n![x](y)"}, ImageBlock{"a b(1).png", "x](y"},
                  LogBlock{"f", "```\n@x\n", 0}, DetailsBlock{"</details>"}};
  std::string const page = rendered(model);
  CHECK(contains(page, "![x\\](y](a%20b%281%29.png)"));
  CHECK(contains(page, "````\n```\n@x\n````"));
  CHECK(contains(page, "<summary>&lt;/details&gt;</summary>"));
}

TEST_CASE("report: a log loses colours and what a progress bar overwrote", "[report][compose]") {
  CHECK(without_ansi("\x1b[31;1mred\x1b[0m\x1b]0;title\x07 x\r\n10%\r50%\r100%\nab\bc\t\x01!\n") ==
        "red x\n100%\nac\t!\n");
  CHECK(without_ansi("\x1b[") == "");
}

TEST_CASE("report: long tables fold, findings stand on top, details close before the next section",
          "[report][compose]") {
  Model model;
  model.title = "Run";
  model.old_name = "main";
  model.new_name = "workspace";
  model.findings = {{true, "acc", "acc < 0.9: it is 0.8"}, {false, "loss", "loss > 1: it is 2"}};
  DiffBlock diff;
  diff.compared = true;
  diff.rows = rows_of({{"acc", 0.9}, {"same", 1.0}}, {{"acc", 0.8}, {"same", 1.0}});
  model.blocks = {DetailsBlock{"Numbers"}, diff, SectionBlock{"End"}, TextBlock{"bye"}};
  Settings settings;
  settings.collapse = 1;
  CHECK(rendered(model, settings) ==
        "# Run\n\n- ❌ acc &lt; 0.9: it is 0.8\n- ⚠️ loss \\> 1: it is 2\n\n"
        "<details>\n<summary>Numbers</summary>\n\n"
        "<details>\n<summary>2 metrics, 1 changed</summary>\n\n"
        "| Metric | main | workspace | Change | % |  |\n| --- | ---: | ---: | ---: | ---: | --- |\n"
        "| acc | 0.9 | **0.8** | -0.1 | -11.1% | ▼ ❌ |\n| same | 1 | 1 |  |  |  |\n\n</details>\n\n"
        "</details>\n\n## End\n\nbye\n");
  settings.template_name = "list";
  CHECK(contains(rendered(model, settings), "- **acc**: 0.9 → 0.8 (-0.1, -11.1%) ❌"));
  settings.template_name = "compact";
  CHECK(contains(rendered(model, settings), "0 better, 1 worse, 1 changed of 2 metrics against main."));
  CHECK_FALSE(render(model, settings, named_pictures(), "{{#open}}", {}));
}

TEST_CASE("report: folded parts and headings nest by their level", "[report][compose]") {
  Model model;
  model.blocks = {DetailsBlock{"All", 1}, DetailsBlock{"Ash"}, SectionBlock{"Curves", 3}, TextBlock{"a"},
                  DetailsBlock{"Birch"},  TextBlock{"b"},      SectionBlock{"End", 1}};
  CHECK(rendered(model) ==
        "<details>\n<summary>All</summary>\n\n<details>\n<summary>Ash</summary>\n\n### "
        "Curves\n\na\n\n</details>\n\n<details>\n<summary>Birch</summary>\n\nb\n\n</details>\n\n</details>\n\n# End\n");
  CHECK(parse_heading("### A # b").level == 3);
  CHECK(parse_heading("### A # b").text == "A # b");
  CHECK(parse_heading("#1 model").level == 2);
  CHECK(parse_heading("####### x").text == "####### x");
  CHECK(parse_heading("#").text == "#");
}

TEST_CASE("report: pictures stand side by side when asked, or when they are revisions of one",
          "[report][compose][security]") {
  Model model;
  model.blocks = {ImageBlock{"a.png", "A|1"}, PlotBlock{"p", "P", "{}"}, ImageBlock{"c.png", "C"}, TextBlock{"x"},
                  ImageBlock{"d.png", "D", "50%"}};
  Settings settings;
  settings.columns = 2;
  CHECK(rendered(model, settings) ==
        "| A\\|1 | P |\n| --- | --- |\n| ![A\\|1](a.png) | ![P](p.png) |\n\n![C](c.png)\n\nx\n\n<img src=\"d.png\" "
        "alt=\"D\" width=\"50%\">\n");
  model.blocks = {ImageBlock{"s/a.png", "A (v/1)", "", "v/1", "bytes", 1},
                  ImageBlock{"s/a.png", "A (workspace)", "", "", "", 1}, ImageBlock{"b.png", "B"}};
  CHECK(rendered(model) ==
        "| A (v/1) | A (workspace) |\n| --- | --- |\n| ![A (v/1)](file:s/a-v/1.png) | ![A (workspace)](s/a.png) "
        "|\n\n![B](b.png)\n");
  auto const image = parse_image("a:b.png:title=One, two,rev=main,rev=HEAD~1,width=480");
  REQUIRE(image);
  CHECK(image->file == "a:b.png");
  CHECK(image->title == "One, two");
  CHECK(image->revisions == std::vector<std::string>{"main", "HEAD~1"});
  CHECK(parse_image("a.png:Loss: x=3")->title == "Loss: x=3");
  CHECK_FALSE(parse_image("a.png:width=1\"onload=x"));
  CHECK_FALSE(parse_image("a.png:width=%"));
}

TEST_CASE("report: a sparkline is a small PNG that shows where the values went", "[report][compose]") {
  auto const decoded = [](std::vector<double> const& values, bool dark) {
    auto const bitmap = vega::decode_image(sparkline_png(values, dark));
    REQUIRE(bitmap);
    REQUIRE(bitmap->width == 96);
    REQUIRE(bitmap->height == 26);
    return *bitmap;
  };
  auto const alpha = [](vega::Bitmap const& bitmap, int x, int y) {
    return bitmap.pixels[static_cast<std::size_t>(y) * 96 + static_cast<std::size_t>(x)] >> 24;
  };
  auto const rising = decoded({1, 2}, false);
  CHECK(alpha(rising, 3, 22) > 100);
  CHECK(alpha(rising, 92, 3) > 200);
  CHECK(alpha(rising, 3, 3) == 0);
  CHECK(alpha(rising, 92, 22) == 0);
  CHECK(sparkline_png({1, 2}, true) != sparkline_png({1, 2}, false));
  auto const flat = decoded({0.5, 0.5, 0.5}, false);
  for (int x : {4, 48, 91}) CHECK(alpha(flat, x, 13) > 150);
  auto const gap = decoded({1, std::nan(""), 1e308, -1e308}, false);
  CHECK(alpha(gap, 18, 3) == 0);
  CHECK(sparkline_png({}, false).substr(1, 3) == "PNG");
}

TEST_CASE("report: a Markdown file's links count from its folder", "[report][compose]") {
  Model model;
  model.blocks = {MarkdownBlock{
      "nb/report.md",
      "![a](f/x.png \"T\") [b](../y%20z.md#part) <img src=q.png> [c](https://x.test/) [d](#here) `![e](e.png)`"}};
  CHECK(rendered(model) ==
        "![a](nb/f/x.png \"T\") [b](y%20z.md#part) <img src=\"nb/q.png\"> [c](https://x.test/) [d](#here) "
        "`![e](e.png)`\n");
}

TEST_CASE("report: every plot template fills into JSON without anchors", "[report][compose]") {
  auto const table = metrics::read_delimited("step,loss,actual,predicted,fpr\n0,1.5,a,b,0\n1,,a,a,1\n", ',', {});
  REQUIRE(table);
  CHECK(plot_templates().size() == 15);
  for (std::string const& name : plot_templates()) {
    INFO(name);
    PlotRequest request;
    request.x = "step";
    request.y = {"loss"};
    request.template_name = name;
    request.title = "A \"title\" <DVC_METRIC_X>";
    REQUIRE(complete(request, table->tables[0]));
    auto const spec =
        fill_template(plot_template(name), request, {{"main", table->tables[0]}, {"workspace", table->tables[0]}});
    REQUIRE(spec);
    auto const tree = metrics::parse_json(*spec);
    REQUIRE(tree);
    CHECK(contains(*spec, R"({"rev":"main",)"));
    CHECK(contains(*spec, R"("step":0,"loss":1.5)"));
    CHECK_FALSE(contains(*spec, "\"<DVC_METRIC"));
  }
}

TEST_CASE("report: plots are asked for in one word, and defaults come from template and data", "[report][compose]") {
  auto const request = parse_plot("a:b/loss.csv:x=step,y=loss,y=acc,title=Loss, smoothed: all,template=smooth");
  REQUIRE(request);
  CHECK(request->file == "a:b/loss.csv");
  CHECK(request->title == "Loss, smoothed: all");
  CHECK(request->y == std::vector<std::string>{"loss", "acc"});
  CHECK(parse_plot("f.csv:colour=red").error().message ==
        "a plot has no \"colour\"; known are x, y, rev, template, title, x_label, y_label, log and sort");
  auto const table = metrics::read_delimited("fpr,tpr,threshold\n0,0,1\n1,1,0\n", ',', {});
  PlotRequest roc;
  roc.template_name = "roc";
  REQUIRE(complete(roc, table->tables[0]));
  CHECK(roc.x == "fpr");
  CHECK(roc.y.front() == "tpr");
  PlotRequest wrong;
  wrong.y = {"los"};
  CHECK(complete(wrong, table->tables[0]).error().message == "has no column \"los\" (there are: fpr, tpr, threshold)");
}

TEST_CASE("report: with several columns a colour is a column, and older revisions are paler", "[report][compose]") {
  auto const table = metrics::read_delimited("step,loss,val\n0,1,2\n", ',', {});
  PlotRequest request{"f", "step", "linear", "T", "", "", {"loss", "val"}, {}};
  auto const spec =
      fill_template(plot_template("linear"), request, {{"main", table->tables[0]}, {"workspace", table->tables[0]}});
  REQUIRE(spec);
  CHECK(contains(
      *spec, R"("domain":["main loss","main val","workspace loss","workspace val"],"range":["#6054c070","#cc840070",)"
             R"("#6054c0","#cc8400"])"));
  CHECK(contains(*spec, R"("loss, val")"));
}

TEST_CASE("report: shaken points need classes, measured numbers keep their axis", "[report][compose]") {
  auto const table = metrics::read_delimited("class,score,n\na,0.5,1\nb,0.25,2\n", ',', {});
  auto const filled = [&](std::string x, std::string y) {
    PlotRequest request{"f", std::move(x), "scatter_jitter", "T", "", "", {std::move(y)}, {}};
    auto spec = fill_template(plot_template("scatter_jitter"), request, {{"workspace", table->tables[0]}});
    REQUIRE(spec);
    return *spec;
  };
  CHECK(contains(filled("class", "n"), "\"xOffset\""));
  CHECK(contains(filled("class", "n"), "\"yOffset\""));
  CHECK(contains(filled("class", "score"), "\"xOffset\""));
  CHECK_FALSE(contains(filled("class", "score"), "\"yOffset\""));
}

TEST_CASE("report: DVC's own anchors work in a user's template", "[report][compose]") {
  auto const table = metrics::read_delimited("a.b,y\n0,1\n", ',', {});
  PlotRequest request{"f", "a.b", "mine", "T", "", "", {"y"}, {}};
  auto const spec =
      fill_template(R"({"d":"<DVC_METRIC_DATA>","x":"<DVC_METRIC_X>","l":"<DVC_METRIC_X_LABEL>",)"
                    R"("t":"Plot of <DVC_METRIC_TITLE>","z":"<DVC_METRIC_ZOOM_AND_PAN>","other":"<DVC_METRIC_FOO>"})",
                    request, {{"workspace", table->tables[0]}});
  REQUIRE(spec);
  CHECK(*spec == R"({"d":[{"rev":"workspace","a.b":0,"y":1}],"x":"a\\.b","l":"a.b","t":"Plot of T","z":{"name":"grid",)"
                 R"("select":"interval","bind":"scales"},"other":"<DVC_METRIC_FOO>"})");
  CHECK_FALSE(fill_template("{}", request, {}));
}

TEST_CASE("report: cml.yaml says what flags say, and its mistakes have lines", "[report][compose]") {
  Settings settings;
  auto const read = read_config(R"(report:
  title: Training
  compare: main
  better: {loss: lower}
  fail-if:
    - accuracy < 0.9
  metrics: [metrics.json, extra.yaml]
  blocks:
    - section: Curves
    - plot: {file: loss.csv, x: step, y: [loss, acc], title: "Loss, both"}
    - section: Log
    - log: train.log
  dark: true
)",
                                "cml.yaml", settings);
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  CHECK(settings.title == "Training");
  CHECK(settings.dark);
  REQUIRE(settings.items.size() == 6);
  CHECK(settings.items[3].value == "loss.csv:x=step,y=loss,y=acc,title=Loss, both");
  CHECK((settings.items[5].kind == Item::Kind::Log));
  Settings pictures;
  REQUIRE(
      read_config("report:\n  columns: 2\n  image: {file: a.png, title: A, width: 480, rev: [main, HEAD~1]}\n  "
                  "markdown: notes.md\n",
                  "cml.yaml", pictures));
  CHECK(pictures.columns == 2);
  CHECK(parse_image(pictures.items[0].value)->revisions == std::vector<std::string>{"main", "HEAD~1"});
  CHECK((pictures.items[1].kind == Item::Kind::Markdown));
  struct Case {
    char const* text;
    char const* message;
  };
  for (auto const& c :
       {Case{"report:\n  titel: x\n", "cml.yaml:2: unknown key \"titel\"; did you mean title?"},
        {"report:\n  metrics: a\n  fail-if:\n    - accuracy\n", "cml.yaml:4: fail-if: \"accuracy\" is not a threshold"},
        {"report:\n  title: [a]\n", "cml.yaml:2: title takes one value, not a list"},
        {"report:\n  plot: {x: 1}\n", "cml.yaml:2: plot needs a value"},
        {"report:\n  title: x\n  plot: {file: a.csv, colour: red}\n",
         "cml.yaml:3: plot: a plot has no \"colour\"; known are x"},
        {"report:\n  image: {file: a.png, width: wide}\n", "cml.yaml:2: image: width=wide is neither"},
        {"report:\n  metrics:\n", "cml.yaml:2: metrics: is empty"},
        {"report:\n  titel:\n    - x\n", "cml.yaml:2: unknown key \"titel\""},
        {"report:\n  blocks:\n    - section: A\n    - plots:\n        file: x\n",
         "cml.yaml:4: unknown key \"plots\"; did you mean plot?"},
        {"report:\n  blocks: 3\n", "cml.yaml:2: blocks must be a list"},
        {"report:\n  collapse: many\n", "cml.yaml:2: collapse: not a valid count: many"},
        {"other: 1\n", "cml.yaml: has no report section"},
        {"a: 1\nreports:\n  title: x\n", "cml.yaml:2: has no report section; did you mean report instead of reports?"},
        {"report: [\n", "cml.yaml: line 2"}}) {
    INFO(c.text);
    Settings fresh;
    auto const status = read_config(c.text, "cml.yaml", fresh);
    REQUIRE_FALSE(status);
    CHECK(status.error().message.substr(0, std::string(c.message).size()) == c.message);
  }
}

TEST_CASE("report: parameters stand as they are written, with their types", "[report][compose]") {
  auto rows = rows_of({{"split", 0.01}, {"bs", std::int64_t{32}}, {"lr", 0.1}, {"on", true}},
                      {{"split", std::int64_t{8}}, {"bs", 6.5}, {"lr", 8.0}, {"on", false}});
  CHECK(diff_table(rows, {"a", "b", true, true, {}}) ==
        "| Parameter | a | b |\n| --- | ---: | ---: |\n| split | 0.01 | **8** |\n| bs | 32 | **6.5** |\n"
        "| lr | 0.1 | **8.0** |\n| on | true | **false** |\n");
  CHECK(exact_value(0.123456789) == "0.123456789");
  CHECK(exact_value(metrics::Scalar{}) == "null");
}

TEST_CASE("report: no metric is rounded to a different meaning", "[report][compose]") {
  CHECK(plain_value(0.99996) == "0.99996");
  CHECK(plain_value(1.0) == "1");
  CHECK(plain_value(99.99951) == "99.9995");
  CHECK(plain_number(0.99999999) == "0.99999999");
  auto const threshold = parse_threshold("acc < 0.9", true);
  REQUIRE(threshold);
  std::vector<std::string> unmatched;
  CHECK(check({*threshold}, {rows_of({}, {{"acc", 0.8999999}}), {}}, unmatched)[0].text ==
        "acc < 0.9: it is 0.8999999");
}
