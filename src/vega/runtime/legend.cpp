// Legends as groups, after vega-parser's legend and guides/legend-*, entries after vega-encode's LegendEntries.
#include <algorithm>
#include <cmath>
#include <limits>

#include "vega/runtime/build.hpp"
#include "vega/runtime/guide.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr char const* kLegendScales[] = {"size", "shape", "fill", "stroke", "strokeWidth", "strokeDash", "opacity"};

class LegendBuilder {
 public:
  LegendBuilder(Value const& spec, GroupScope& scope, std::string path)
      : spec_(spec), scope_(scope), path_(std::move(path)), config_(scope.view().config["legend"]), _(spec, config_) {}

  Value build() {
    int scales = 0;
    for (char const* channel : kLegendScales)
      if (spec_[channel].truthy()) {
        if (scales++ == 0) name_ = spec_[channel].to_string();
      }
    if (!scales)
      fail(path_, "a legend needs a scale: one of size, shape, fill, stroke, strokeWidth, strokeDash, opacity");
    scale_ = scope_.find_scale(name_);
    if (!scale_) fail(path_, "scale \"" + name_ + "\" is not defined");
    kind(scales);
    Value const datum = Value::object({{"title", !spec_["title"].is_nullish()},
                                       {"type", type_name()},
                                       {"vgrad", kind_ != LegendKind::Symbol && _.vertical(false)}});
    Value const group_data = Value::object({{"data", Value(Table::from_rows({datum}))}});
    Value const encode = spec_["encode"];

    Array inner;
    Value layout;
    if (kind_ == LegendKind::Symbol) {
      Value const symbols = symbol_groups(encode);
      inner.push_back(symbols);
      layout = symbol_layout();
    } else {
      Value const entries = Value::object({{"data", Value(entry_table({}))}});
      inner.push_back(kind_ == LegendKind::Gradient ? gradient_mark(encode["gradient"])
                                                    : bands_mark(encode["gradient"], entries));
      inner.push_back(gradient_labels(encode["labels"], entries));
    }
    Value entry_group = Value::object(
        {{"type", "group"},
         {"role", "legend-entry"},
         {"from", group_data},
         {"interactive", encode["legend"]["interactive"].truthy()},
         {"marks", Value(std::move(inner))},
         {"encode", Value::object({{"enter", Value::object({{"x", constant(0)}, {"y", constant(0)}})}})}});
    if (layout.is_object()) entry_group.set("layout", layout);
    Array children{entry_group};
    if (!spec_["title"].is_nullish()) children.push_back(title_mark(encode["title"], group_data));

    GuideEncode group;
    for (auto const& [channel, property] : {std::pair{"orient", "orient"},
                                            {"offset", "offset"},
                                            {"padding", "padding"},
                                            {"titlePadding", "titlePadding"},
                                            {"cornerRadius", "cornerRadius"},
                                            {"fill", "fillColor"},
                                            {"stroke", "strokeColor"},
                                            {"x", "legendX"},
                                            {"y", "legendY"}})
      group.add(channel, _(property));
    group.add("strokeWidth", config_["strokeWidth"]);
    group.add("strokeDash", config_["strokeDash"]);
    Value const user = encode["legend"];
    Value mark = Value::object({{"type", "group"},
                                {"role", "legend"},
                                {"from", group_data},
                                {"encode", group.finish(user)},
                                {"marks", Value(std::move(children))},
                                {"interactive", user["interactive"].truthy()},
                                {"zindex", _("zindex")}});
    for (char const* key : {"aria", "description"})
      if (!_(key).is_nullish()) mark.set(key, _(key));
    if (scope_.view().options.descriptions) mark.set("caption", caption());
    for (char const* key : {"name", "style"})
      if (!user[key].is_nullish()) mark.set(key, user[key]);
    return mark;
  }

 private:
  char const* type_name() const {
    return kind_ == LegendKind::Symbol ? "symbol" : kind_ == LegendKind::Gradient ? "gradient" : "discrete";
  }
  void kind(int scales) {
    auto const given = spec_["type"].string_or("");
    if (given == "gradient")
      kind_ = LegendKind::Gradient;
    else if (given.empty() && scales == 1 && (spec_["fill"].truthy() || spec_["stroke"].truthy()))
      kind_ = scale_->continuous()     ? LegendKind::Gradient
              : scale_->discretizing() ? LegendKind::Discrete
                                       : LegendKind::Symbol;
    if (kind_ == LegendKind::Gradient && scale_->discretizing()) kind_ = LegendKind::Discrete;
  }
  Value object_property(Value const& v) { return resolve_members(v, scope_, path_); }
  Value gradient_length() const {
    if (!spec_["gradientLength"].is_nullish()) return spec_["gradientLength"];
    return config_["gradientLength"].truthy() ? config_["gradientLength"] : config_["gradientWidth"];
  }
  Value gradient_thickness() const {
    if (!spec_["gradientThickness"].is_nullish()) return spec_["gradientThickness"];
    return config_["gradientThickness"].truthy() ? config_["gradientThickness"] : config_["gradientHeight"];
  }
  Value columns() const {
    if (!spec_["columns"].is_nullish()) return spec_["columns"];
    if (!config_["columns"].is_nullish()) return config_["columns"];
    return _.vertical(true) ? 1 : 0;
  }

  std::string caption() {
    std::string text = kind_ == LegendKind::Symbol     ? "Symbol legend"
                       : kind_ == LegendKind::Gradient ? "Gradient legend"
                                                       : "Discrete legend";
    Value const title = spec_["title"];
    if (!title.is_nullish() && !is_signal(title)) text += " titled '" + title.to_string() + "'";
    std::vector<std::string> channels;
    for (char const* channel : kLegendScales)
      if (spec_[channel].truthy())
        channels.push_back(
            std::string(channel) +
            (std::string_view(channel) == "fill" || std::string_view(channel) == "stroke" ? " color" : ""));
    text += " for ";
    for (std::size_t i = 0; i < channels.size(); ++i)
      text += (i == 0 ? "" : i + 1 == channels.size() ? " and " : ", ") + channels[i];
    LabelFormat const format{object_property(spec_["format"]), scope_.resolve(spec_["formatType"], path_)};
    return text + " with " + domain_caption(*scale_, format, scope_.view());
  }

  // --- Entries ---------------------------------------------------------------------------------------------------

  // Values that entries stand for, and the end of the last bin (vega-scale labelValues).
  Array label_values(Value const& count, Value& upper) const {
    upper = std::numeric_limits<double>::infinity();
    if (scale_->bins()) {
      Array values = *scale_->bins();
      if (values.empty()) return values;
      upper = values.back();
      values.pop_back();
      return values;
    }
    if (scale_->logarithmic() && scale_->ramp() == Ramp::None) {  // A ramp keeps every tick; most have no label.
      double const base = scale_->base(), n = count.is_number() ? count.number() : 10;
      auto const ticks = tick_values(*scale_, count);
      double const k = std::max(1.0, base * n / static_cast<double>(ticks.size()));
      Array kept;
      for (auto const& t : ticks) {
        double i = t.to_number() / std::pow(base, std::floor(std::log(t.to_number()) / std::log(base) + 0.5));
        if (i * base < base - 0.5) i *= base;
        if (i <= k) kept.push_back(t);
      }
      return kept;
    }
    if (scale_->discretizing() && scale_->type() != ScaleType::BinOrdinal) {
      Array values{-std::numeric_limits<double>::infinity()};
      if (scale_->type() == ScaleType::Threshold)
        for (auto const& d : scale_->domain()) values.push_back(d);
      else
        for (double t : scale_->thresholds()) values.emplace_back(t);
      return values;
    }
    return tick_values(*scale_, count);
  }

  TableRef entry_table(std::string const& size_expression) {
    Value const given = object_property(spec_["values"]);
    Value count = object_property(_("tickCount"));
    if (count.is_nullish() && kind_ == LegendKind::Gradient) {
      double const length = scope_.resolve(gradient_length(), path_).to_number();
      count = std::max(2.0, 2 * std::floor(length / 100));
    }
    if (count.is_nullish()) count = 5;
    count = effective_tick_count(*scale_, count, scope_.resolve(spec_["tickMinStep"], path_));
    LabelFormat const format{object_property(spec_["format"]), scope_.resolve(spec_["formatType"], path_)};
    Value upper;
    Array values;
    if (given.is_array()) {
      values = given.items();
      upper = std::numeric_limits<double>::infinity();
    } else {
      values = label_values(count, upper);
    }
    Array rows;
    auto& diagnostics = scope_.view().diagnostics;
    if (kind_ == LegendKind::Symbol) {
      double const limit = scope_.resolve(_("symbolLimit"), path_).to_number();
      Array items = values;
      double const have = static_cast<double>(values.size());
      bool const cut = limit != 0 && have > limit;
      if (cut) {
        diagnostics.warn(path_, "the legend has " + std::to_string(values.size()) +
                                    " entries, over its symbolLimit of " + number_to_string(limit) +
                                    ": the rest is summed up");
        double const end = std::trunc(limit - 1);  // A negative one counts from the end, as in Array.slice.
        items.resize(whole<std::size_t>(end < 0 ? have + end : end, 0, items.size()));
      }
      if (!given.is_array() && !items.empty()) {
        Value const first = scale_->map(items[0]);
        if (first.is_number() && first.number() == 0) items.erase(items.begin());
      }
      auto const size = [&](Value const& v) {
        return scope_.view().expression(size_expression, path_).evaluate(scope_, {nullptr, 0, &v}).to_number();
      };
      double offset = 0;
      for (auto const& v : items)
        if (double const s = size(v); s > offset) offset = s;
      auto const labels = legend_labels(*scale_, items, upper, count, kind_, format, given.is_array(), scope_.view());
      for (std::size_t i = 0; i < items.size(); ++i)
        rows.push_back(Value::object(
            {{"index", i}, {"label", labels[i]}, {"value", items[i]}, {"offset", offset}, {"size", size(items[i])}}));
      if (cut) {
        Value const next = values[items.size()];
        rows.push_back(Value::object({{"index", items.size()},
                                      {"label", "\u2026" + std::to_string(values.size() - items.size()) + " entries"},
                                      {"value", next},
                                      {"offset", offset},
                                      {"size", size(next)}}));
      }
    } else if (kind_ == LegendKind::Gradient) {
      auto const domain = scale_->domain();
      if (domain.empty()) return Table::from_rows({});
      auto const fraction = scale_->fraction(domain.front().to_number(), domain.back().to_number());
      if (values.size() < 3 && !given.is_array() && domain.front().to_number() != domain.back().to_number())
        values = {domain.front(), domain.back()};
      auto const labels = legend_labels(*scale_, values, upper, count, kind_, format, given.is_array(), scope_.view());
      for (std::size_t i = 0; i < values.size(); ++i)
        rows.push_back(Value::object(
            {{"index", i}, {"label", labels[i]}, {"value", values[i]}, {"perc", fraction(values[i].to_number())}}));
    } else {
      auto const domain = scale_->domain();
      double low = domain.empty() ? 0 : domain.front().to_number(),
             high = domain.empty() ? 1 : domain.back().to_number();
      if (scale_->type() == ScaleType::Threshold) {
        double const n = static_cast<double>(domain.size()) - 1, adjust = n > 0 ? (high - low) / n : 0.1;
        low -= adjust;
        high += adjust;
      }
      auto const fraction = [low, high](Value const& v) { return (v.to_number() - low) / (high - low); };
      auto const labels = legend_labels(*scale_, values, upper, count, kind_, format, given.is_array(), scope_.view());
      for (std::size_t i = 0; i < values.size(); ++i)
        rows.push_back(Value::object({{"index", i},
                                      {"label", labels[i]},
                                      {"value", values[i]},
                                      {"perc", i ? fraction(values[i]) : 0},
                                      {"perc2", i + 1 == values.size() ? 1 : fraction(values[i + 1])}}));
    }
    return Table::from_rows(rows);
  }

  // --- Marks -----------------------------------------------------------------------------------------------------

  static GuideEncode begin() {
    GuideEncode e;
    e.enter.set("opacity", constant(0));
    e.update.set("opacity", constant(1));
    return e;
  }
  static void both(GuideEncode& e, char const* channel, Value const& v) {
    e.enter.set(channel, v);
    e.update.set(channel, v);
  }
  void label_text(GuideEncode& e) const {
    e.add("fill", _("labelColor"));
    e.add("fillOpacity", _("labelOpacity"));
    e.add("font", _("labelFont"));
    e.add("fontSize", _("labelFontSize"));
    e.add("fontStyle", _("labelFontStyle"));
    e.add("fontWeight", _("labelFontWeight"));
  }

  Value symbol_groups(Value const& user) {
    Value const entries = user["entries"];
    Value const height = _("clipHeight"), symbol_offset = _("symbolOffset");
    auto const columns_text = to_expression(columns());
    auto const x = "(" + columns_text + ") ? datum.offset : datum.size";
    Value y = height.truthy() ? encoder(height) : Value::object({{"field", "size"}});
    y.set("mult", 0.5);

    GuideEncode symbols = begin();
    both(symbols, "x", Value::object({{"signal", x}, {"mult", 0.5}, {"offset", symbol_offset}}));
    both(symbols, "y", y);
    Value base_fill(nullptr), base_stroke(nullptr);
    if (!spec_["fill"].truthy())
      base_fill = config_["symbolBaseFillColor"], base_stroke = config_["symbolBaseStrokeColor"];
    symbols.add("fill", _("symbolFillColor", base_fill));
    symbols.add("shape", _("symbolType"));
    symbols.add("size", _("symbolSize"));
    symbols.add("stroke", _("symbolStrokeColor", base_stroke));
    symbols.add("strokeDash", _("symbolDash"));
    symbols.add("strokeDashOffset", _("symbolDashOffset"));
    symbols.add("strokeWidth", _("symbolStrokeWidth"));
    symbols.add("opacity", _("symbolOpacity"), true);
    for (char const* channel : kLegendScales)
      if (spec_[channel].truthy())
        both(symbols, channel, Value::object({{"scale", spec_[channel]}, {"field", "value"}}));
    Value const from = Value::object({{"data", "value"}});
    Value symbol_mark = Value::object(
        {{"type", "symbol"}, {"role", "legend-symbol"}, {"from", from}, {"encode", symbols.finish(Value())}});
    if (height.truthy()) symbol_mark.set("clip", true);
    symbol_mark = guide_mark(symbol_mark, user["symbols"]);

    GuideEncode labels = begin();
    Value shift = encoder(symbol_offset);
    shift.set("offset", _("labelOffset"));
    both(labels, "x", Value::object({{"signal", x}, {"offset", shift}}));
    both(labels, "y", y);
    labels.update.set("text", Value::object({{"field", "label"}}));
    labels.add("align", _("labelAlign"));
    labels.add("baseline", _("labelBaseline"));
    label_text(labels);
    labels.add("limit", _("labelLimit"));
    Value const label_mark = guide_mark(Value::object({{"type", "text"},
                                                       {"role", "legend-label"},
                                                       {"style", "guide-label"},
                                                       {"from", from},
                                                       {"encode", labels.finish(Value())}}),
                                        user["labels"]);

    GuideEncode groups;
    groups.enter.set("noBound", constant(!height.truthy()));
    groups.enter.set("width", constant(0));
    groups.enter.set("height", height.truthy() ? encoder(height) : constant(0));
    groups.enter.set("opacity", constant(0));
    groups.update.set("opacity", constant(1));
    auto const table = entry_table(size_expression(symbol_mark["encode"], label_mark["encode"]));
    auto const ncols = "max(1, " + columns_text + ")";
    std::string row, column;
    Value sort;
    if (_.vertical(true)) {
      auto const nrows = "ceil(" + std::to_string(table->size()) + " / " + ncols + ")";
      row = "datum.index%" + nrows;
      column = "floor(datum.index / " + nrows + ")";
      sort = Value::object({{"field", Value::array({"row", "datum.index"})}});
    } else {
      row = "floor(datum.index / " + ncols + ")";
      column = "datum.index % " + ncols;
      sort = Value::object({{"field", "datum.index"}});
    }
    groups.update.set("row", signal_ref(row));
    groups.update.set("column", signal_ref("(" + columns_text + ")?" + column + ":datum.index"));
    Value const facet =
        Value::object({{"facet", Value::object({{"data", Value(table)}, {"name", "value"}, {"groupby", "index"}})}});
    Value out = Value::object({{"type", "group"},
                               {"role", "scope"},
                               {"from", facet},
                               {"encode", groups.finish(entries)},
                               {"marks", Value::array({symbol_mark, label_mark})},
                               {"interactive", entries["interactive"].truthy()},
                               {"sort", sort}});
    if (!entries["name"].is_nullish()) out.set("name", entries["name"]);
    return out;
  }

  // What an entry's symbol takes in height: its size and stroke, at least the label's font size.
  std::string size_expression(Value const& symbols, Value const& labels) {
    auto const channel = [&](char const* name, Value const& encode) -> std::string {
      if (spec_[name].truthy()) return "scale(" + literal(spec_[name]) + ",datum)";
      Value const v = encode["update"][name].truthy() ? encode["update"][name] : encode["enter"][name];
      if (is_signal(v)) return std::string(v["signal"].string());
      return v.is_object() && !v["value"].is_nullish() ? literal(v["value"]) : "null";
    };
    auto font = labels["update"]["fontSize"].truthy() ? labels["update"]["fontSize"] : labels["enter"]["fontSize"];
    std::string const font_size = is_signal(font) ? std::string(font["signal"].string())
                                  : font.is_object() && !font["value"].is_nullish()
                                      ? literal(font["value"])
                                      : to_expression(scope_.view().config["style"]["guide-label"]["fontSize"]);
    return "max(ceil(sqrt(" + channel("size", symbols) + ")+" + channel("strokeWidth", symbols) + ")," + font_size +
           ")";
  }

  Value symbol_layout() const {
    return Value::object({{"align", _("gridAlign")},
                          {"columns", columns()},
                          {"center", Value::object({{"row", true}, {"column", false}})},
                          {"padding", Value::object({{"row", _("rowPadding")}, {"column", _("columnPadding")}})}});
  }

  Value gradient_mark(Value const& user) {
    bool const vertical = _.vertical(false);
    GuideEncode e = begin();
    both(e, "x", constant(0));
    both(e, "y", constant(0));
    both(e, "width", encoder(vertical ? gradient_thickness() : gradient_length()));
    both(e, "height", encoder(vertical ? gradient_length() : gradient_thickness()));
    e.update.set("fill", Value::object({{"gradient", name_},
                                        {"start", vertical ? Value::array({0, 1}) : Value::array({0, 0})},
                                        {"stop", vertical ? Value::array({0, 0}) : Value::array({1, 0})}}));
    gradient_stroke(e);
    return guide_mark(Value::object({{"type", "rect"}, {"role", "legend-gradient"}, {"encode", e.finish(Value())}}),
                      user);
  }
  void gradient_stroke(GuideEncode& e) const {
    e.add("stroke", _("gradientStrokeColor"));
    e.add("strokeWidth", _("gradientStrokeWidth"));
    e.add("opacity", _("gradientOpacity"), true);
  }
  Value bands_mark(Value const& user, Value const& from) {
    bool const vertical = _.vertical(false);
    Value const length = gradient_length();
    std::string const turn = vertical ? "1-" : "";
    GuideEncode e = begin();
    both(e, "fill", Value::object({{"scale", name_}, {"field", "value"}}));
    both(e, vertical ? "y" : "x", Value::object({{"signal", turn + "datum.perc"}, {"mult", length}}));
    both(e, vertical ? "x" : "y", constant(0));
    both(e, vertical ? "y2" : "x2", Value::object({{"signal", turn + "datum.perc2"}, {"mult", length}}));
    both(e, vertical ? "width" : "height", encoder(gradient_thickness()));
    gradient_stroke(e);
    return guide_mark(
        Value::object({{"type", "rect"}, {"role", "legend-band"}, {"from", from}, {"encode", e.finish(Value())}}),
        user);
  }
  Value gradient_labels(Value const& user, Value const& from) {
    bool const vertical = _.vertical(false);
    GuideEncode e = begin();
    e.update.set("text", Value::object({{"field", "label"}}));
    label_text(e);
    e.add("limit", spec_["labelLimit"].is_nullish() ? config_["gradientLabelLimit"] : spec_["labelLimit"]);
    Value across = encoder(gradient_thickness());
    Value const offset = spec_["labelOffset"].is_nullish() ? config_["gradientLabelOffset"] : spec_["labelOffset"];
    across.set("offset", offset.truthy() ? offset : Value(0));
    if (vertical) {
      e.enter.set("align", constant("left"));
      both(e, "baseline", signal_ref("datum.perc<=0?\"bottom\":datum.perc>=1?\"top\":\"middle\""));
    } else {
      both(e, "align", signal_ref("datum.perc<=0?\"left\":datum.perc>=1?\"right\":\"center\""));
      e.enter.set("baseline", constant("top"));
    }
    both(e, vertical ? "y" : "x",
         Value::object({{"signal", std::string(vertical ? "1-" : "") + "datum.perc"}, {"mult", gradient_length()}}));
    both(e, vertical ? "x" : "y", across);
    Value mark = Value::object({{"type", "text"},
                                {"role", "legend-label"},
                                {"style", "guide-label"},
                                {"from", from},
                                {"encode", e.finish(Value())}});
    if (Value const overlap = _("labelOverlap"); overlap.truthy())
      mark.set("overlap",
               Value::object({{"separation", _("labelSeparation")}, {"method", overlap}, {"order", "index"}}));
    return guide_mark(mark, user);
  }

  Value title_mark(Value const& user, Value const& from) {
    std::string const left = "item.orient === \"left\"", right = "item.orient === \"right\"",
                      side = "(" + left + " || " + right + ")";
    auto const anchored = [](char const* s, char const* e, char const* m) {
      return std::string("item.anchor === 'start' ? ") + s + " : item.anchor === 'end' ? " + e + " : " + m;
    };
    GuideEncode e = begin();
    e.update.set("x", Value::object({{"field", Value::object({{"group", "padding"}})}}));
    e.update.set("y", Value::object({{"field", Value::object({{"group", "padding"}})}}));
    e.add("orient", _("titleOrient"));
    e.add("_anchor", _("titleAnchor"));
    e.add("anchor", signal_ref("item._anchor || (" + side + " ? \"middle\" : \"start\")"));
    e.add("angle", signal_ref("datum.vgrad && " + side + " ? (" + left + " ? -90 : 90) : 0"));
    e.add("align", signal_ref("datum.vgrad && " + right + " ? (" + anchored("\"right\"", "\"left\"", "\"center\"") +
                              ") : (" + side + " && !(datum.vgrad && " + left +
                              ")) ? \"left\" : " + anchored("\"left\"", "\"right\"", "\"center\"")));
    e.add("baseline", signal_ref(side + " ? (datum.vgrad ? (" + right + " ? \"bottom\" : \"top\") : " +
                                 anchored("\"top\"", "\"bottom\"", "\"middle\"") + ") : \"top\""));
    e.add("text", spec_["title"]);
    e.add("fill", _("titleColor"));
    e.add("fillOpacity", _("titleOpacity"));
    for (auto const& [channel, property] : {std::pair{"font", "titleFont"},
                                            {"fontSize", "titleFontSize"},
                                            {"fontStyle", "titleFontStyle"},
                                            {"fontWeight", "titleFontWeight"},
                                            {"limit", "titleLimit"},
                                            {"lineHeight", "titleLineHeight"}})
      e.add(channel, _(property));
    e.add("align", _("titleAlign"), true);
    e.add("baseline", _("titleBaseline"), true);
    return guide_mark(Value::object({{"type", "text"},
                                     {"role", "legend-title"},
                                     {"style", "guide-title"},
                                     {"from", from},
                                     {"encode", e.finish(Value())}}),
                      user);
  }

  Value spec_;
  GroupScope& scope_;
  std::string path_;
  Value config_;
  GuideLookup _;
  std::string name_;
  ScalePtr scale_;
  LegendKind kind_ = LegendKind::Symbol;
};

}  // namespace

Value legend_marks(Value const& legend, GroupScope& scope, std::string const& path) {
  return LegendBuilder(legend, scope, path).build();
}

}  // namespace cml::vega
