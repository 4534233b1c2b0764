// What plots show, and what they say that they do not show.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"
#include "report/compose/plot_axes.hpp"
#include "report/compose/plot_colors.hpp"
#include "report/compose/plot_theme.hpp"

using namespace cml;
using namespace cml::report;

namespace {

std::vector<PlotData> data_of(std::string const& csv) {
  auto table = metrics::read_delimited(csv, ',', {});
  REQUIRE(table);
  return {{"workspace", std::move(table->tables[0])}};
}

struct Filled {
  PlotRequest request;
  std::string spec, error;
  std::vector<std::string> notes;
};

// What becomes of "FILE:OPTIONS" and these rows.
Filled filled(std::string const& text, std::string const& csv) {
  auto request = parse_plot(text);
  REQUIRE(request);
  auto const data = data_of(csv);
  Filled result;
  auto const completed = complete(*request, data[0].records);
  result.request = *request;
  if (!completed) return result.error = completed.error().message, result;
  auto notes = look_over(*request, data);
  if (!notes) return result.error = notes.error().message, result;
  result.notes = *notes;
  auto const spec = fill_template(plot_template(request->template_name), *request, data);
  REQUIRE(spec);
  REQUIRE(metrics::parse_json(*spec));
  CHECK_FALSE(contains(*spec, "<DVC_METRIC"));
  result.request = *request;
  result.spec = *spec;
  return result;
}

struct Lab {
  double l, a, b;
};
using Rgb = std::array<double, 3>;

Rgb linear_of(std::string_view hex) {
  Rgb rgb{};
  for (std::size_t i = 0; i < 3; ++i) {
    double const c = std::stoi(std::string(hex.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
    rgb[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return rgb;
}
double luminance(Rgb const& c) { return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; }
Rgb times(double const (&m)[3][3], Rgb const& c) {
  Rgb out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = std::clamp(m[i][0] * c[0] + m[i][1] * c[1] + m[i][2] * c[2], 0.0, 1.0);
  return out;
}
Lab lab_of(Rgb const& c) {
  double const kXyz[3][3] = {
      {0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}};
  double const white[3] = {0.95047, 1, 1.08883};
  double f[3];
  for (int i = 0; i < 3; ++i) {
    double const v = (kXyz[i][0] * c[0] + kXyz[i][1] * c[1] + kXyz[i][2] * c[2]) / white[i];
    f[i] = v > 216.0 / 24389 ? std::cbrt(v) : (24389.0 / 27 * v + 16) / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

}  // namespace

TEST_CASE("plots: colours can be told apart with every colour blindness, on white and on dark pages",
          "[report][plot]") {
  // Machado, Oliveira and Fernandes 2009, severity 1.0: protanopia, deuteranopia, tritanopia; and nothing of it.
  double const kSeen[4][3][3] = {
      {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
      {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
      {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
  auto const& palette = plot_palette();
  double const dark = luminance(linear_of("#0d1117"));
  for (std::size_t i = 0; i < palette.size(); ++i) {
    double const own = luminance(linear_of(palette[i]));
    INFO(palette[i]);
    CHECK(1.05 / (own + 0.05) >= 3);
    CHECK((own + 0.05) / (dark + 0.05) >= 3);
    for (std::size_t k = 0; k < i; ++k) {
      for (auto const& seen : kSeen) {
        Lab const a = lab_of(times(seen, linear_of(palette[i]))), b = lab_of(times(seen, linear_of(palette[k])));
        CHECK(std::hypot(a.l - b.l, a.a - b.a, a.b - b.b) >= 25);
      }
    }
  }
  CHECK(plot_color(7) == plot_color(0));
  CHECK(plot_dash(7) != plot_dash(6));
  double const grey = luminance(linear_of(kBaselineColor));
  CHECK(1.05 / (grey + 0.05) >= 3);
  CHECK((grey + 0.05) / (dark + 0.05) >= 3);
  for (auto const& seen : kSeen) {
    Lab const a = lab_of(times(seen, linear_of(kBaselineColor))), b = lab_of(times(seen, linear_of(plot_color(0))));
    CHECK(std::hypot(a.l - b.l, a.a - b.a, a.b - b.b) >= 17);
  }
}

TEST_CASE("plots: the one revision to compare with is grey, of several each has its colour", "[report][plot]") {
  auto data = data_of("step,loss\n1,2\n2,1\n");
  PlotRequest request{"f", "step", "linear", "T", "", "", {"loss"}, {}};
  data.insert(data.begin(), {"main", data[0].records});
  CHECK(contains(*fill_template(plot_template("linear"), request, data), std::string(kBaselineColor)));
  data.insert(data.begin(), {"v1", data[0].records});
  CHECK_FALSE(contains(*fill_template(plot_template("linear"), request, data), std::string(kBaselineColor)));
}

TEST_CASE("plots: names stand where two to four lines end at the right, apart from each other", "[report][plot]") {
  struct {
    std::vector<SeriesEnd> ends;
    bool labelled;
  } const rows[] = {
      {{{9, 1}}, false},  // One line needs no name.
      {{{9, 1}, {9, 5}}, true},
      {{{9, 1}, {9, 1.5}}, false},  // On top of each other.
      {{{9, 1}, {4, 5}}, false},    // One stopped early.
      {{{9, 1}, {9, 3}, {9, 5}, {9, 7}}, true},
      {{{9, 1}, {9, 3}, {9, 5}, {9, 7}, {9, 9}}, false},  // A legend says five in less room.
      {{{9, NAN}, {9, 5}}, false},
  };
  for (auto const& row : rows) CHECK(labelled_at_ends(row.ends, 0, 9, 0, 10, 200) == row.labelled);
  CHECK_FALSE(labelled_at_ends({{1, 1}, {1, 2}}, 1, 1, 1, 2, 200));
  CHECK(contains(filled("a.csv:y=a,y=b", "step,a,b\n1,0,0\n2,1,9\n").spec, R"("legend":null)"));
  CHECK_FALSE(contains(filled("a.csv:y=a,y=b", "step,a,b\n1,0,0\n2,9,9.1\n").spec, R"("legend":null)"));
  CHECK_FALSE(contains(filled("a.csv:y=a,y=b,log=y", "step,a,b\n1,1,1\n2,1,9\n").spec, R"("legend":null)"));
}

TEST_CASE("plots: what the title says stands at no axis again, unless it was asked for", "[report][plot]") {
  std::string const csv = "step,loss,val_loss\n1,2,3\n2,1,2\n";
  CHECK(contains(filled("a.csv:y=loss,title=loss", csv).spec, R"("title": null)"));
  CHECK(contains(filled("a.csv:title=loss", csv).spec, R"("title": null)"));  // "loss", of training and validation.
  CHECK(contains(filled("a.csv:y=loss,y_label=loss", csv).spec, R"("title": "loss",)"));
  CHECK_FALSE(contains(filled("a.csv:y=loss,title=Training", csv).spec, R"("title": null)"));
}

TEST_CASE("plots: lines go from row to row, unless the request sorts them", "[report][plot]") {
  std::string const roc = "fpr,tpr\n1,1\n0,1\n0,0.5\n0,0\n";
  for (char const* name : {"roc", "pr", "linear", "simple", "calibration", "smooth"}) {
    INFO(name);
    std::string const start = std::string("r.csv:x=fpr,y=tpr,template=") + name;
    CHECK(contains(filled(start, roc).spec, R"("order": {"field":"cml_row","type":"quantitative"})"));
    CHECK(contains(filled(start, roc).spec, R"("cml_row":0)"));
    CHECK(contains(filled(start + ",sort=x", roc).spec, R"("order": {"field":"fpr","type":"quantitative"})"));
  }
}

TEST_CASE("plots: an axis is of numbers, times or names by what stands in its column", "[report][plot]") {
  auto const dates = filled("d.csv", "date,mae\n2026-01-01,1\n2026-01-02,2\n");
  CHECK(dates.request.x == "date");
  CHECK(contains(dates.spec, R"("type": "temporal")"));
  CHECK(contains(dates.spec, R"("date":1767225600000.0,"mae":1)"));
  CHECK(contains(filled("n.csv:x=model", "model,acc\nb,1\na,2\n").spec, R"("type": "nominal")"));
  CHECK(contains(filled("n.csv:x=step", "step,acc\n1,1\n2,2\nN/A,3\n").spec, R"("type": "quantitative")"));
  CHECK(*time_of(std::string("2026-01-01 10:00:00,5")) == 1767261600000.0);
  CHECK(*time_of(std::string("2026/01/01T10:00+01:00")) == 1767258000000.0);
  CHECK_FALSE(time_of(std::string("2026-01-99x")));
  CHECK(axis_kind(data_of("timestamp,a\n1767225600,1\n"), "timestamp") == AxisKind::Time);
  CHECK(axis_kind(data_of("samples,a\n1767225600,1\n"), "samples") == AxisKind::Number);
}

TEST_CASE("plots: nothing to draw is an error, and what is left out is said", "[report][plot]") {
  CHECK(contains(filled("a.csv:y=loss", "step,loss\n1,\n2,\n").error, "no point can be drawn: \"loss\" has no value"));
  CHECK(contains(filled("a.csv:y=model", "step,model\n1,a\n2,b\n").error,
                 "no point can be drawn: \"model\" holds text (template linear)"));
  CHECK(contains(filled("a.csv:x=date,y=tpr,template=roc", "date,tpr\n2026-01-01,1\n").error, "\"date\" holds times"));
  CHECK(contains(filled("a.csv:y=loss,log=y", "step,loss\n1,0\n2,-1\n").error, "shows only what is above zero"));
  CHECK(filled("a.csv:y=loss", "step,loss\n1,2\n2,error\n3,nan\n4,3\n").notes ==
        std::vector<std::string>{"loss: 2 of 4 values are no numbers and leave gaps"});
  CHECK(filled("a.csv:y=loss,log=y", "step,loss\n1,0\n2,5\n").notes ==
        std::vector<std::string>{"loss: 1 values are not above zero, which a logarithmic axis cannot show"});
  CHECK(filled("a.csv:y=loss,y=acc", "step,loss,acc\n1,2,\n").notes ==
        std::vector<std::string>{"acc: there is nothing to draw"});
  std::string bars = "feature,importance\n";
  for (int i = 0; i < 60; ++i) bars += "f" + std::to_string(i) + ",1\n";
  CHECK(filled("a.csv:template=importance", bars).notes == std::vector<std::string>{"the first 25 of 60"});
}

TEST_CASE("plots: a logarithmic axis is asked for by log=y", "[report][plot]") {
  auto const log = filled("a.csv:y=loss,log=y", "step,loss\n1,0\n2,5\n");
  CHECK(contains(log.spec, R"("scale": {"type":"log"})"));
  CHECK(contains(log.spec, R"("step":1,"loss":null)"));
  CHECK(contains(parse_plot("a.csv:log=z").error().message, "log=z is not an axis; write log=y, log=x or log=xy"));
}

TEST_CASE("plots: columns that nobody named are those that say something", "[report][plot]") {
  CHECK(filled("a.csv", "epoch,val/loss,lr/pg2\n1,2,3\n").request.y == std::vector<std::string>{"val/loss"});
  CHECK(filled("a.csv:template=scatter", "actual,predicted\n1,2\n").request.x == "actual");
  auto const bars = filled("a.csv:template=bar_horizontal", "model,accuracy\na,0.5\n").request;
  CHECK(bars.x == "accuracy");
  CHECK(bars.y == std::vector<std::string>{"model"});
  CHECK(filled("a.csv", "actual,predicted\ncat,dog\n").request.template_name == "confusion");
  CHECK(filled("a.csv", "actual,predicted\n0.5,0.25\n").request.template_name == "linear");
}

TEST_CASE("plots: training and validation stand in one picture", "[report][plot]") {
  auto const curves = filled("history.csv", "epoch,loss,accuracy,val_loss\n0,2,0.5,2.5\n1,1,0.75,1.5\n").request;
  CHECK(curves.y == std::vector<std::string>{"loss", "val_loss"});
  CHECK(default_title(curves) == "loss");
  auto const split = filled("log.csv", "step,train/acc,valid/acc,lr\n0,0.5,0.25,1\n1,0.75,0.5,1\n").request;
  CHECK(split.y == std::vector<std::string>{"train/acc", "valid/acc"});
  CHECK(filled("a.csv:y=val_loss", "epoch,loss,val_loss\n0,2,2.5\n").request.y ==
        std::vector<std::string>{"val_loss"});  // What was said stands.
  CHECK(filled("a.csv", "step,a,b\n0,2,2.5\n").request.y == std::vector<std::string>{"b"});
}

TEST_CASE("plots: a matrix is as large as its classes need, and figures stand where there is room", "[report][plot]") {
  auto const matrix = [&](int classes) {
    std::string csv = "actual,predicted\n";
    for (int i = 0; i < classes; ++i) csv += "c" + std::to_string(i) + ",c" + std::to_string(i) + "\n";
    return filled("a.csv:template=confusion", csv).spec;
  };
  CHECK(contains(matrix(3), "\"width\": 260"));
  CHECK(contains(matrix(3), "\"labelAngle\":0"));
  CHECK(contains(matrix(3), "datum.share, '.0%'"));  // Beside the count, its share of the row.
  CHECK_FALSE(contains(matrix(7), "datum.share, '.0%'"));
  CHECK(contains(matrix(12), "\"width\": 408"));
  CHECK(contains(matrix(12), R"("filter": "true")"));
  CHECK(contains(matrix(100), "\"width\": 900"));
  CHECK(contains(matrix(100), R"("filter": "false")"));
  CHECK(contains(matrix(3), R"("labels":false)"));  // No header over the only matrix.
}

TEST_CASE("plots: the workspace has one colour, beyond seven series there are dashes", "[report][plot]") {
  auto data = data_of("step,loss\n1,2\n");
  PlotRequest request{"f", "step", "linear", "T", "", "", {"loss"}, {}};
  for (int older = 0; older < 8; ++older) {
    auto const spec = fill_template(plot_template("linear"), request, data);
    REQUIRE(spec);
    std::string const own(plot_color(0));
    CHECK((data.size() == 1 ? contains(*spec, "{\"value\":\"" + own + "\"}") : contains(*spec, own + "\"]")));
    CHECK(contains(*spec, R"("strokeDash": {"value":[1,0]})") == (data.size() <= 7));
    data.insert(data.begin(), {"v" + std::to_string(older), data[0].records});
  }
}

TEST_CASE("plots: long names lose their middle, not their ends", "[report][plot]") {
  CHECK(cut_in_the_middle("short", 20) == "short");
  CHECK(cut_in_the_middle("some_very_long_feature_name_1", 17) == "some_ver…e_name_1");
  CHECK(contains(filled("a.csv:y=loss,title=" + std::string(100, 'x') + "end", "step,loss\n1,2\n").spec, "…"));
  CHECK(contains(filled("a.csv:template=importance", "feature,importance\na,1\n").spec, "labelExpr"));
}

TEST_CASE("plot: many columns have a small picture each, with an axis of their own", "[report][plot]") {
  std::string head = "step", row = "1", next = "2", columns = "a.csv:template=multiples,x=step";
  for (int i = 0; i < 13; ++i) {
    std::string const name = "y" + std::to_string(i);
    head += "," + name, row += "," + std::to_string(i), next += "," + std::to_string(2 * i), columns += ",y=" + name;
  }
  std::string const csv = head + "\n" + row + "\n" + next + "\n";
  Filled const apart = filled(columns, csv);
  CHECK(contains(apart.spec, R"("cml_column":"y12")"));
  CHECK(contains(apart.spec, R"("y": "independent")"));
  CHECK(apart.notes.empty());
  Filled const together = filled(replace_all(columns, "template=multiples", "template=linear"), csv);
  CHECK_FALSE(contains(together.spec, "cml_column"));
  REQUIRE(together.notes.size() == 1);
  CHECK(together.notes[0] == "13 lines in one picture; template=multiples gives each column its own");
}
