// Axes as groups of rules and texts, after vega-parser's axis and guides/axis-*. Orients may be signals, so many
// encoders are expressions that choose at run time.
#include <cmath>

#include "vega/runtime/build.hpp"
#include "vega/runtime/guide.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

class AxisBuilder {
 public:
  AxisBuilder(Value const& spec, GroupScope& scope, std::string path)
      : spec_(spec), scope_(scope), path_(std::move(path)), orient_(spec["orient"]), _(spec, configuration()) {}

  Value build() {
    auto const scale = scope_.find_scale(scale_name());
    if (!scale) fail(path_ + ".scale", "scale \"" + scale_name() + "\" is not defined");
    band();
    bool const ticks = _("ticks").truthy(), labels = _("labels").truthy(), grid = _("grid").truthy(),
               domain = _("domain").truthy();
    bool const title = !spec_["title"].is_nullish();
    Value const datum = Value::object({{"scale", spec_["scale"]},
                                       {"ticks", resolved(_("ticks"))},
                                       {"labels", resolved(_("labels"))},
                                       {"grid", resolved(_("grid"))},
                                       {"domain", resolved(_("domain"))},
                                       {"title", title}});
    Value const group_data = Value::object({{"data", Value(Table::from_rows({datum}))}});
    Value const tick_data = Value::object({{"data", Value(tick_table(*scale))}});
    Value const encode = spec_["encode"];
    Array children;
    if (grid) children.push_back(grid_mark(encode["grid"], tick_data));
    Value const size = ticks ? _("tickSize") : Value(0);
    if (ticks) children.push_back(ticks_mark(encode["ticks"], tick_data, size));
    if (labels) children.push_back(labels_mark(encode["labels"], tick_data, size));
    if (domain) children.push_back(domain_mark(encode["domain"], group_data));
    if (title) children.push_back(title_mark(encode["title"], group_data));

    GuideEncode group;
    group.add("orient", _("orient"));
    group.add("offset", _("offset").truthy() ? _("offset") : Value(0));
    group.add("position", spec_["position"].is_nullish() ? Value(0) : spec_["position"]);
    group.add("titlePadding", _("titlePadding"));
    group.add("minExtent", _("minExtent"));
    group.add("maxExtent", _("maxExtent"));
    group.add("range", signal_ref("abs(span(range(" + literal(spec_["scale"]) + ")))"));
    group.add("translate", _("translate"));
    group.add("format", spec_["format"].is_object() && !is_signal(spec_["format"]) ? Value() : spec_["format"]);
    group.add("formatType", spec_["formatType"]);
    Value const user = encode["axis"];
    Value mark = Value::object({{"type", "group"},
                                {"role", "axis"},
                                {"from", group_data},
                                {"encode", group.finish(user)},
                                {"marks", Value(std::move(children))},
                                {"interactive", user["interactive"].truthy()},
                                {"zindex", _("zindex")}});
    for (char const* key : {"aria", "description"})
      if (!_(key).is_nullish()) mark.set(key, _(key));
    if (scope_.view().options.descriptions) mark.set("caption", caption(*scale));
    for (char const* key : {"name", "style"})
      if (!user[key].is_nullish()) mark.set(key, user[key]);
    return mark;
  }

 private:
  std::string scale_name() const { return spec_["scale"].to_string(); }
  Value resolved(Value const& v) { return scope_.resolve(v, path_).truthy(); }

  // --- Orientation: plain, or chosen by a signal.
  bool dynamic() const { return is_signal(orient_); }
  std::string orient_signal() const { return "(" + std::string(orient_["signal"].string()) + ")"; }
  bool horizontal() const { return orient_.string_or("") == "top" || orient_.string_or("") == "bottom"; }
  Value sign(double a, double b) const {  // a for left and top.
    if (dynamic())
      return signal_ref(orient_signal() + " === 'left' || " + orient_signal() + " === 'top' ? (" + number_to_string(a) +
                        ") : (" + number_to_string(b) + ")");
    return orient_.string_or("") == "left" || orient_.string_or("") == "top" ? a : b;
  }
  Value if_x(Value const& a, Value const& b = nullptr) const {
    if (!dynamic()) return horizontal() ? a : b;
    return choose(orient_signal() + " === 'top' || " + orient_signal() + " === 'bottom'", a, b);
  }
  Value if_y(Value const& a, Value const& b = nullptr) const {
    if (!dynamic()) return horizontal() ? b : a;
    return choose(orient_signal() + " !== 'top' && " + orient_signal() + " !== 'bottom'", a, b);
  }
  static Value choose(std::string const& test, Value a, Value b) {
    if (!a.is_nullish()) a = encoder(a);
    if (!b.is_nullish()) b = encoder(b);
    auto const simple = [](Value const& e) { return e.is_nullish() || e.size() == 1; };
    if (simple(a) && simple(b)) {
      auto const text = [](Value const& e) {
        return e.is_nullish() ? std::string("null")
               : is_signal(e) ? std::string(e["signal"].string())
                              : literal(e["value"]);
      };
      return signal_ref(test + " ? (" + text(a) + ") : (" + text(b) + ")");
    }
    Value first = a.is_object() ? a : constant(nullptr);
    first.set("test", test);
    Value rules = Value::array({first});
    if (!b.is_nullish()) rules.push(b);
    return rules;
  }
  Value if_side(char const* side, char const* a, char const* b) const {
    if (dynamic())
      return signal_ref(orient_signal() + " === '" + side + "' ? (" + literal(a) + ") : (" + literal(b) + ")");
    return constant(orient_.string_or("") == side ? a : b);
  }

  // --- Configuration by orient and scale type.
  Value configuration() const {
    Value const& config = scope_.view().config;
    Value merged = config["axis"];
    auto const extend = [&merged](Value const& more) {
      for (auto const& [key, value] : more.properties()) merged.set(key, value);
    };
    Value const orient = spec_["orient"];
    if (is_signal(orient)) {
      // Every property of the sides becomes a choice.
      auto const text = "(" + std::string(orient["signal"].string()) + ")";
      for (auto const& [sides, test] : {std::pair<std::pair<char const*, char const*>, std::string>{
               {"axisX", "axisY"}, text + " === 'top' || " + text + " === 'bottom'"}}) {
        Object keys;
        for (char const* side : {sides.first, sides.second})
          for (auto const& [key, value] : config[side].properties()) keys[key] = true;
        for (auto const& [key, unused] : keys)
          merged.set(key, choose(test, fallback(key, config[sides.first]), fallback(key, config[sides.second])));
      }
      Object keys;
      for (char const* side : {"axisTop", "axisBottom", "axisLeft", "axisRight"})
        for (auto const& [key, value] : config[side].properties()) keys[key] = true;
      for (auto const& [key, unused] : keys)
        merged.set(key,
                   signal_ref(text + " === 'left' ? (" + to_expression(fallback(key, config["axisLeft"])) +
                              ") : " + text + " === 'bottom' ? (" + to_expression(fallback(key, config["axisBottom"])) +
                              ") : " + text + " === 'right' ? (" + to_expression(fallback(key, config["axisRight"])) +
                              ") : (" + to_expression(fallback(key, config["axisTop"])) + ")"));
    } else {
      auto const side = orient.string_or("");
      extend(config[side == "top" || side == "bottom" ? "axisX" : "axisY"]);
      if (!side.empty()) {
        std::string key = "axis" + std::string(side);
        key[4] = static_cast<char>(key[4] - 32);
        extend(config[key]);
      }
    }
    auto const scale = scope_.find_scale(spec_["scale"].to_string());
    if (scale && scale->type() == ScaleType::Band) extend(config["axisBand"]);
    return merged;
  }
  Value fallback(std::string_view key, Value const& side) const {
    Value const& config = scope_.view().config;
    if (side.has(key)) return side[key];
    if (config["axis"].has(key)) return config["axis"][key];
    auto const style = [&](char const* name, std::string_view prefix) -> Value {
      if (key.substr(0, prefix.size()) != prefix) return nullptr;
      auto const rest = key.substr(prefix.size());
      if (rest == "Color") return config["style"][name]["fill"];
      if (rest != "Font" && rest != "FontSize" && !(prefix == "title" && rest == "FontWeight")) return nullptr;
      std::string property(rest);
      property[0] = static_cast<char>(property[0] + 32);
      return config["style"][name][property];
    };
    Value const title = style("guide-title", "title");
    return title.is_nullish() ? style("guide-label", "label") : title;
  }

  // --- Ticks.
  void band() {
    Value const v = _("tickBand");
    offset_ = _("tickOffset");
    if (!v.truthy()) {
      band_ = _("bandPosition");
      extra_ = _("tickExtra");
    } else if (is_signal(v)) {
      auto const text = "(" + std::string(v["signal"].string()) + ") === 'extent'";
      band_ = signal_ref(text + " ? 1 : 0.5");
      extra_ = signal_ref(text);
      if (!offset_.is_object()) offset_ = signal_ref(text + " ? 0 : " + to_expression(offset_));
    } else if (v.string_or("") == "extent") {
      band_ = 1, extra_ = true, offset_ = 0;
    } else {
      band_ = 0.5, extra_ = false;
    }
  }
  Value object_property(Value const& v) { return resolve_members(v, scope_, path_); }

  TableRef tick_table(Scale const& scale) {
    Value const values = object_property(spec_["values"]);
    Value count = object_property(spec_["tickCount"]);
    if (count.is_object() && !count["interval"].truthy()) count = Value();
    if (count.is_nullish()) count = values.is_array() ? Value(values.size()) : Value(10);
    count = effective_tick_count(scale, count, scope_.resolve(spec_["tickMinStep"], path_));
    Array const ticks = values.is_array() ? valid_ticks(scale, values.items(), count) : tick_values(scale, count);
    LabelFormat const format{object_property(spec_["format"]), scope_.resolve(spec_["formatType"], path_)};
    auto const labels = axis_labels(scale, ticks, count, format, values.is_array(), scope_.view());
    ColumnBuilder index, number, value, label, extra;
    double const last = ticks.size() > 1 ? static_cast<double>(ticks.size() - 1) : 1;
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      index.push_number(static_cast<double>(i) / last);
      number.push_number(static_cast<double>(i));
      value.push(ticks[i]);
      label.push(labels[i]);
      extra.push_undefined();
    }
    std::size_t rows = ticks.size();
    bool const with_extra = scope_.resolve(extra_, path_).truthy() && rows > 0;
    if (with_extra) {
      index.push_number(-1);
      number.push_number(-1);
      value.push_undefined();
      label.push_string("");
      extra.push(Value::object({{"value", ticks[0]}}));
      ++rows;
    }
    std::vector<Table::Field> fields{{Str("index"), index.finish()},
                                     {Str("tickIndex"), number.finish()},
                                     {Str("value"), value.finish()},
                                     {Str("label"), label.finish()}};
    if (with_extra) fields.push_back({Str("extra"), extra.finish()});
    return make_ref<Table>(std::move(fields), rows);
  }

  std::string caption(Scale const& scale) {
    Value const orient = scope_.resolve(orient_, path_), title = spec_["title"];
    bool const vertical = orient.string_or("") == "left" || orient.string_or("") == "right";
    std::string text = vertical ? "Y-axis" : "X-axis";
    if (!title.is_nullish() && !is_signal(title)) {
      std::string words;
      if (title.is_array())
        for (auto const& line : title.items()) words += (words.empty() ? "" : " ") + line.to_string();
      else
        words = title.to_string();
      text += " titled '" + words + "'";
    }
    LabelFormat const format{object_property(spec_["format"]), scope_.resolve(spec_["formatType"], path_)};
    return text + " for a " + (scale.discrete() ? "discrete" : scale_type_word(scale)) + " scale with " +
           domain_caption(scale, format, scope_.view());
  }
  static std::string scale_type_word(Scale const& scale) {
    static constexpr char const* kWords[] = {"identity", "linear", "log",      "pow",      "sqrt",      "symlog",
                                             "time",     "utc",    "quantile", "quantize", "threshold", "bin-ordinal"};
    return kWords[static_cast<std::size_t>(scale.type())];
  }

  Value tick_position(bool rounded) const {
    Value p = Value::object(
        {{"scale", spec_["scale"]}, {"field", "value"}, {"band", band_}, {"extra", extra_}, {"offset", offset_}});
    if (rounded) p.set("round", _("tickRound"));
    return p;
  }
  void strokes(GuideEncode& encode, std::string const& prefix) const {
    encode.add("stroke", _(prefix + "Color"));
    encode.add("strokeCap", _(prefix + "Cap"));
    encode.add("strokeDash", _(prefix + "Dash"));
    encode.add("strokeDashOffset", _(prefix + "DashOffset"));
    encode.add("strokeOpacity", _(prefix + "Opacity"));
    encode.add("strokeWidth", _(prefix + "Width"));
  }
  static Value begin(GuideEncode& encode) {
    encode.enter.set("opacity", constant(0));
    encode.update.set("opacity", constant(1));
    return {};
  }
  static void both(GuideEncode& encode, char const* channel, Value const& value) {
    encode.enter.set(channel, value);
    encode.update.set(channel, value);
  }
  static Value mark(char const* type, char const* role, Value const& from, GuideEncode const& encode,
                    Value const& user) {
    return guide_mark(
        Value::object({{"type", type}, {"role", role}, {"from", from}, {"encode", encode.finish(Value())}}), user);
  }

  Value grid_mark(Value const& user, Value const& from) {
    GuideEncode e;
    begin(e);
    strokes(e, "grid");
    Value const factor = sign(1, -1);
    Value const offset = grid_offset(spec_["offset"], factor);
    Value const position = tick_position(true);
    auto const edge = [&](Value base) {
      base.set("mult", factor);
      base.set("offset", offset);
      return base;
    };
    Value start = constant(0), end;
    if (Value const other = spec_["gridScale"]; other.truthy()) {
      start = edge(Value::object({{"scale", other}, {"range", 0}}));
      end = edge(Value::object({{"scale", other}, {"range", 1}}));
    } else {
      start.set("offset", offset);
      end = if_x(signal_ref("height"), signal_ref("width"));
      if (end.is_object()) end = edge(end);
    }
    both(e, "x", if_x(position, start));
    both(e, "y", if_y(position, start));
    both(e, "x2", if_y(end));
    both(e, "y2", if_x(end));
    return mark("rule", "axis-grid", from, e, user);
  }
  static Value grid_offset(Value offset, Value const& factor) {
    if (factor.is_number() && factor.number() == 1) return offset;
    if (!offset.is_object()) {
      double const n = offset.is_nullish() ? 0 : offset.to_number();
      return is_signal(factor)
                 ? signal_ref("(" + std::string(factor["signal"].string()) + ") * (" + number_to_string(n) + ")")
                 : Value(factor.number() * n);
    }
    Value const mult = offset["mult"];
    if (mult.is_nullish())
      offset.set("mult", factor);
    else if (!mult.is_object())
      offset.set("mult", is_signal(factor) ? signal_ref("(" + mult.to_string() + ") * (" +
                                                        std::string(factor["signal"].string()) + ")")
                                           : Value(mult.to_number() * factor.number()));
    else
      offset.set("mult", grid_offset(mult, factor));
    return offset;
  }

  Value sized(Value const& size, Value const& factor) const {
    Value e = encoder(size);
    e.set("mult", factor);
    return e;
  }

  Value ticks_mark(Value const& user, Value const& from, Value const& size) {
    GuideEncode e;
    begin(e);
    strokes(e, "tick");
    Value const length = sized(size, sign(-1, 1)), position = tick_position(true), zero = constant(0);
    both(e, "y", if_x(zero, position));
    both(e, "y2", if_x(length));
    both(e, "x", if_y(zero, position));
    both(e, "x2", if_y(length));
    return mark("rule", "axis-tick", from, e, user);
  }

  std::string flush(std::string const& threshold, std::string const& a, std::string const& b,
                    std::string const& c) const {
    auto const name = literal(spec_["scale"]);
    return "flush(range(" + name + "), scale(" + name + ", datum.value), " + threshold + "," + a + "," + b + "," + c +
           ")";
  }
  static Value add_offset(Value const& value, Value const& offset) {
    if (!offset.truthy()) return value;
    if (!value.truthy()) return offset;
    if (!value.is_object()) return Value::object({{"value", value}, {"offset", offset}});
    Value out = value;
    out.set("offset", add_offset(value["offset"], offset));
    return out;
  }
  // A choice by orient that ends in null falls through to the base.
  static Value patch(Value const& value, Value const& base) {
    auto const text = value["signal"].string_or("");
    if (text.size() >= 6 && text.substr(text.size() - 6) == "(null)")
      return signal_ref(std::string(text.substr(0, text.size() - 6)) +
                        to_expression(is_signal(base) ? base : base["value"]));
    return value;
  }

  Value labels_mark(Value const& user, Value const& from, Value const& size) {
    Value const factor = sign(-1, 1), align_given = _("labelAlign"), baseline_given = _("labelBaseline");
    Value const flush_given = _("labelFlush"), flush_offset = _("labelFlushOffset");
    bool const flush_on = (flush_given.is_number() && flush_given.number() == 0) || flush_given.truthy();
    auto const threshold = to_expression(flush_given);
    Value length = sized(size, factor);
    Value padding = encoder(_("labelPadding").truthy() ? _("labelPadding") : Value(0));
    padding.set("mult", factor);
    length.set("offset", padding);
    Value const position = Value::object({{"scale", spec_["scale"]},
                                          {"field", "value"},
                                          {"band", 0.5},
                                          {"offset", add_offset(offset_, _("labelOffset"))}});
    Value const align =
        if_x(flush_on ? signal_ref(flush(threshold, "\"left\"", "\"right\"", "\"center\"")) : constant("center"),
             if_side("right", "left", "right"));
    Value const baseline =
        if_x(if_side("top", "bottom", "top"),
             flush_on ? signal_ref(flush(threshold, "\"top\"", "\"bottom\"", "\"middle\"")) : constant("middle"));
    GuideEncode e;
    begin(e);
    both(e, "x", if_x(position, length));
    both(e, "y", if_y(position, length));
    e.update.set("text", Value::object({{"field", "label"}}));
    e.update.set("align", align);
    e.update.set("baseline", baseline);
    if (flush_on && flush_offset.truthy()) {
      auto const text = to_expression(flush_offset);
      Value const shift = signal_ref(flush(threshold, "-(" + text + ")", text, "0"));
      if (!align_given.truthy()) e.add("dx", if_x(shift));
      if (!baseline_given.truthy()) e.add("dy", if_y(shift));
    }
    e.add("angle", _("labelAngle"));
    e.add("fill", _("labelColor"));
    e.add("fillOpacity", _("labelOpacity"));
    for (auto const& [channel, property] : {std::pair{"font", "labelFont"},
                                            {"fontSize", "labelFontSize"},
                                            {"fontWeight", "labelFontWeight"},
                                            {"fontStyle", "labelFontStyle"},
                                            {"limit", "labelLimit"},
                                            {"lineHeight", "labelLineHeight"}})
      e.add(channel, _(property));
    e.add("align", align_given, true);
    e.add("baseline", baseline_given, true);
    if (!align_given.is_nullish()) e.update.set("align", patch(e.update["align"], align));
    if (!baseline_given.is_nullish()) e.update.set("baseline", patch(e.update["baseline"], baseline));
    Value mark_spec = Value::object({{"type", "text"},
                                     {"role", "axis-label"},
                                     {"style", "guide-label"},
                                     {"from", from},
                                     {"encode", e.finish(Value())}});
    Value const bound = _("labelBound"), overlap = _("labelOverlap");
    if (overlap.truthy() || bound.truthy()) {
      Value o = Value::object({{"separation", _("labelSeparation")}, {"method", overlap}, {"order", "index"}});
      if (bound.truthy())
        o.set("bound", Value::object({{"scale", spec_["scale"]}, {"orient", orient_}, {"tolerance", bound}}));
      mark_spec.set("overlap", std::move(o));
    }
    return guide_mark(std::move(mark_spec), user);
  }

  Value domain_mark(Value const& user, Value const& from) {
    GuideEncode e;
    begin(e);
    strokes(e, "domain");
    auto const position = [&](int end) { return Value::object({{"scale", spec_["scale"]}, {"range", end}}); };
    both(e, "x", if_x(position(0), constant(0)));
    both(e, "x2", if_x(position(1)));
    both(e, "y", if_y(position(0), constant(0)));
    both(e, "y2", if_y(position(1)));
    return mark("rule", "axis-domain", from, e, user);
  }

  static std::string anchored(char const* start, char const* end, char const* middle) {
    return std::string("item.anchor === 'start' ? ") + start + " : item.anchor === 'end' ? " + end + " : " + middle;
  }

  Value title_mark(Value const& user, Value const& from) {
    Value const factor = sign(-1, 1);
    GuideEncode e;
    begin(e);
    Value const align = signal_ref(anchored("\"left\"", "\"right\"", "\"center\""));
    both(e, "anchor", encoder(_("titleAnchor", nullptr)));
    both(e, "align", align);
    e.update.set("opacity", constant(1));
    e.update.set("text", encoder(spec_["title"]));
    Value const position =
        signal_ref("lerp(range(" + literal(spec_["scale"]) + "), " + anchored("0", "1", "0.5") + ")");
    e.update.set("x", if_x(position));
    e.update.set("y", if_y(position));
    Value const turned = is_signal(factor) ? signal_ref("(" + std::string(factor["signal"].string()) + ") * 90")
                                           : constant(factor.number() * 90);
    Value const angle = if_x(constant(0), turned);
    Value const baseline = if_x(if_side("top", "bottom", "top"), constant("bottom"));
    both(e, "angle", angle);
    both(e, "baseline", baseline);
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
    e.add("angle", _("titleAngle"), true);
    e.add("baseline", _("titleBaseline"), true);
    // A given position switches off the automatic one of its dimension.
    auto const automatic = [&](char const* property, char const* channel) {
      Value const given = _(property);
      if (!given.is_nullish()) {
        e.update.set(channel, patch(encoder(given), e.update[channel]));
        return false;
      }
      return !(user["enter"][channel].truthy() || user["update"][channel].truthy());
    };
    bool const auto_y = automatic("titleX", "x"), auto_x = automatic("titleY", "y");
    e.enter.set("auto", auto_x == auto_y ? constant(auto_x) : if_x(constant(auto_x), constant(auto_y)));
    e.update.set("align", patch(e.update["align"], align));
    e.update.set("angle", patch(e.update["angle"], angle));
    e.update.set("baseline", patch(e.update["baseline"], baseline));
    return guide_mark(Value::object({{"type", "text"},
                                     {"role", "axis-title"},
                                     {"style", "guide-title"},
                                     {"from", from},
                                     {"encode", e.finish(Value())}}),
                      user);
  }

  Value spec_;
  GroupScope& scope_;
  std::string path_;
  Value orient_;
  GuideLookup _;
  Value band_, extra_, offset_;
};

}  // namespace

Value axis_marks(Value const& axis, GroupScope& scope, std::string const& path) {
  return AxisBuilder(axis, scope, path).build();
}

}  // namespace cml::vega
