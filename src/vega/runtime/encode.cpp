// Semantics after vega-parser's encode/* and vega-runtime's encode expression: rules, scales, band, mult, offset.
#include "vega/runtime/encode.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/runtime/fields.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// A channel's value where the encode object says nothing of it, in order of first sight. A signal belongs to "update".
struct Default {
  Str name;
  Value value;
  bool signal() const { return value.is_object() && value["signal"].truthy(); }
};

std::vector<Default> defaults_of(Value const& encode, std::string_view type, std::string_view role, Value const& style,
                                 Value const& config) {
  std::vector<Default> out;
  Value const &enter = encode["enter"], &update = encode["update"];
  auto const has = [&](std::string_view name) { return enter[name].truthy() || update[name].truthy(); };
  auto const set = [&](Str const& name, Value const& value) {
    auto const known = std::find_if(out.begin(), out.end(), [&name](Default const& d) { return d.name == name; });
    if (known == out.end())
      out.push_back({name, value});
    else
      known->value = value;
  };
  bool const painted = has("fill") || has("stroke");
  auto const apply = [&](Value const& properties, bool paint_rule) {
    for (auto const& [name, value] : properties.properties())
      if (!has(name) && !(paint_rule && painted && (name == "fill" || name == "stroke"))) set(name, value);
  };
  if (Value const& lines = config["lineBreak"]; type == "text" && !lines.is_nullish() && !has("lineBreak"))
    set("lineBreak", lines);
  if (role == "frame") apply(config["group"], true);
  if (role == "mark") {
    apply(config["mark"], true);
    apply(config[type], true);
  }
  Value const& styles = config["style"];
  if (style.is_string()) apply(styles[style.string()], false);
  for (auto const& name : style.items()) apply(styles[name.string_or("")], false);
  return out;
}

class BlockEncoder {
 public:
  BlockEncoder(Mark& mark, GroupScope& scope, std::string path)
      : mark_(mark), scope_(scope), path_(std::move(path) + "."), where_(path_) {}

  void run(Value const& block, std::vector<Default> const& defaults, bool signals) {
    for (auto const& d : defaults)
      if (d.signal() == signals && !block.has(d.name))
        if (auto const channel = drawn(d.name))
          set(*channel, signals ? text_expression(d.value["signal"].string()) : Channel(d.value));
    for (auto const& [name, entry] : block.properties()) {
      if (entry.is_nullish()) continue;
      if (auto const channel = drawn(name)) {
        set(*channel, rules(entry));
      } else if (!find_channel(name)) {
        where_.resize(path_.size());
        where_ += name;
        mark_.set_own(name, rules(entry));
      }
    }
    adjust();
  }

 private:
  // The channel of a name, if a picture shows it. `where_` then names it.
  std::optional<Ch> drawn(std::string_view name) {
    auto const channel = find_channel(name);
    if (!channel) return {};  // A channel of the author's own: nothing draws it.
    if (*channel == Ch::Tooltip || *channel == Ch::Cursor) return {};  // No part of a static picture.
    if (*channel == Ch::Description && !scope_.view().options.descriptions) return {};
    where_.resize(path_.size());
    where_ += name;
    return channel;
  }
  void set(Ch channel, Channel value) {
    mark_[channel] = std::move(value);
    given_.set(static_cast<std::size_t>(channel));
  }

  // A rule list: the first whose test holds; a last one without a test is the default.
  Channel rules(Value const& entry) {
    if (!entry.is_array()) return single(entry);
    std::vector<std::pair<std::vector<bool>, Channel>> branches;
    std::vector<bool> open(mark_.count, true);
    std::size_t left = mark_.count;
    for (auto const& rule : entry.items()) {
      Value const test = rule["test"];
      if (!test.truthy()) {
        if (left == mark_.count) return single(rule);
        branches.emplace_back(open, single(rule));
        left = 0;
        break;
      }
      auto const& expression = scope_.view().expression(test.string_or("false"), where_ + ".test");
      auto const verdict = evaluate(expression);
      if (verdict.constant()) {
        if (!verdict.constant_value().truthy()) continue;
        if (left == mark_.count) return single(rule);
        branches.emplace_back(open, single(rule));
        left = 0;
        break;
      }
      std::vector<bool> take(mark_.count, false);
      for (std::size_t i = 0; i < mark_.count; ++i)
        if (open[i] && verdict.at(i).truthy()) {
          take[i] = true;
          open[i] = false;
          --left;
        }
      branches.emplace_back(std::move(take), single(rule));
      if (left == 0) break;
    }
    if (branches.empty()) return Channel(Value(nullptr));
    ColumnBuilder out;
    out.reserve(mark_.count);
    for (std::size_t i = 0; i < mark_.count; ++i) {
      Value v(nullptr);
      for (auto const& [take, channel] : branches)
        if (take[i]) {
          v = channel.at(i);
          break;
        }
      out.push(v);
    }
    return Channel(out.finish());
  }

  // One expression over all items.
  Channel evaluate(Expression const& expression) {
    if (!expression.uses_datum()) return Channel(expression.evaluate(scope_));
    if (expression.uses_item()) {
      ColumnBuilder out;
      ItemValues const items(mark_);
      for (std::size_t i = 0; i < mark_.count; ++i) {
        Value const item = items.at(i);
        Value const datum = mark_.datum(i);
        out.push(expression.evaluate(scope_, {nullptr, 0, &datum}, &item));
      }
      if (mark_.count == 1) return Channel(out.finish()->at(0));
      return Channel(out.finish());
    }
    if (!mark_.data) {
      Value const datum = Value(Object());
      return Channel(expression.evaluate(scope_, {nullptr, 0, &datum}));
    }
    auto column = expression.evaluate_column(scope_, *mark_.data);
    if (mark_.count == 1) return Channel(column->at(0));
    return Channel(std::move(column));
  }
  Channel text_expression(std::string_view text) { return evaluate(scope_.view().expression(text, where_)); }

  Channel single(Value const& entry) {
    if (!entry.is_object()) return Channel(Value(nullptr));
    if (!entry["gradient"].is_nullish()) return gradient(entry);
    Channel value;
    bool known = true;
    if (entry["signal"].truthy())
      value = text_expression(entry["signal"].string_or(""));
    else if (entry["color"].is_object())
      value = color(entry["color"]);
    else if (!entry["field"].is_nullish())
      value = field(entry["field"]);
    else if (entry.has("value"))
      value = Channel(entry["value"]);
    else
      known = false;
    if (known && entry.size() == 1) return value;

    if (!entry["scale"].is_nullish())
      value = scaled(entry, std::move(value), known);
    else if (!known)
      value = Channel(Value(nullptr));

    if (!entry["exponent"].is_nullish())
      value = arithmetic(value, property(entry["exponent"]), [](double a, double b) { return std::pow(a, b); });
    if (!entry["mult"].is_nullish())
      value = arithmetic(value, property(entry["mult"]), [](double a, double b) { return a * b; });
    if (!entry["offset"].is_nullish())
      value = arithmetic(value, property(entry["offset"]), [](double a, double b) { return a + b; });
    if (entry["round"].truthy()) {
      Value const on = entry["round"].is_object() ? first_of(property(entry["round"])) : entry["round"];
      if (on.truthy())
        value = arithmetic(value, Channel(Value(0)), [](double a, double) { return std::floor(a + 0.5); });
    }
    return value;
  }
  // A number, or an entry of its own.
  Channel property(Value const& v) { return v.is_object() ? single(v) : Channel(v); }

  template <class Op>
  Channel arithmetic(Channel const& a, Channel const& b, Op op) {
    if (a.constant() && b.constant())
      return Channel(Value(op(a.constant_value().to_number(), b.constant_value().to_number())));
    std::vector<double> out(mark_.count);
    for (std::size_t i = 0; i < mark_.count; ++i) {
      auto const number = [i](Channel const& c) {
        return c.constant() ? c.constant_value().to_number() : c.column()->number_at(i);
      };
      out[i] = op(number(a), number(b));
    }
    return Channel(Column::of_numbers(std::move(out)));
  }

  Channel map(Channel const& in, std::function<Value(Value const&)> const& f) {
    if (in.constant()) return Channel(f(in.constant_value()));
    ColumnBuilder out;
    out.reserve(mark_.count);
    for (std::size_t i = 0; i < mark_.count; ++i) out.push(f(in.column()->at(i)));
    return Channel(out.finish());
  }

  Channel field(Value const& ref) {
    if (!ref.is_object()) return datum_field(ref.to_string());
    if (ref.has("signal")) {
      Value const name = scope_.evaluate(ref["signal"].string(), where_);
      return datum_field(name.to_string(), false);
    }
    if (ref["datum"].truthy()) {
      if (ref["datum"].is_object()) {  // The field's name comes from a field itself.
        Channel const names = field(ref["datum"]);
        ColumnBuilder out;
        for (std::size_t i = 0; i < mark_.count; ++i)
          out.push(mark_.data ? mark_.data->get(i, names.at(i).to_string()) : Value());
        return Channel(out.finish());
      }
      return datum_field(ref["datum"].to_string());
    }
    bool const parent = ref["parent"].truthy();
    Value const name = parent ? ref["parent"] : ref["group"];
    if (name.is_nullish()) fail(where_, "a field reference needs datum, group, parent or signal");
    Mark const* mark = &mark_;
    std::size_t item = 0;
    for (double level = std::max(1.0, ref["level"].number_or(1)); level > 0 && mark->parent; --level) {
      item = mark->parent_item;
      mark = mark->parent;
    }
    if (mark == &mark_) return Channel(Value());
    Value const datum = parent ? mark->datum(item) : Value();
    auto const read = [&](Value const& path) -> Value {
      auto const parts = split_path(path.to_string());
      if (parts.empty()) return {};
      if (parent) return read_path(datum, parts);
      auto const channel = find_channel(parts[0]);
      return channel ? read_path(mark->value(*channel, item), parts, 1) : Value();
    };
    if (!name.is_object()) return Channel(read(name));
    return map(field(name), read);  // The field's name comes from a field itself.
  }
  Channel datum_field(std::string const& path, bool split = true) {
    if (!mark_.data) return Channel(Value());
    ColumnRef column;
    if (split) {
      column = field_column(*mark_.data, path);
    } else {
      ColumnBuilder out;
      for (std::size_t i = 0; i < mark_.count; ++i) out.push(mark_.data->get(i, path));
      column = out.finish();
    }
    if (mark_.count == 1) return Channel(column->at(0));
    return Channel(std::move(column));
  }

  Channel color(Value const& spec) {
    // The spaces of vega's colour entries, as an expression of the same name.
    auto const any = [&](char const* k) { return spec[k].truthy(); };
    std::array<char const*, 3> keys{};
    char const* space = nullptr;
    if (any("c"))
      space = "hcl", keys = {"h", "c", "l"};
    else if (any("h") || any("s"))
      space = "hsl", keys = {"h", "s", "l"};
    else if (any("l") || any("a"))
      space = "lab", keys = {"l", "a", "b"};
    else if (any("r") || any("g") || any("b"))
      space = "rgb", keys = {"r", "g", "b"};
    if (!space) return Channel(Value(nullptr));
    std::array<Channel, 3> parts;
    bool constant = true;
    for (std::size_t k = 0; k < 3; ++k) {
      parts[k] = spec[keys[k]].is_array() ? rules(spec[keys[k]]) : single(spec[keys[k]]);
      constant = constant && parts[k].constant();
    }
    auto const one = [&](std::size_t i) {
      std::string call = std::string(space) + "(";
      for (std::size_t k = 0; k < 3; ++k) {
        double const v = parts[k].at(i).to_number();
        call += (k ? "," : "") + (std::isnan(v) ? std::string("null") : number_to_string(v));
      }
      return Value(js_string(Expression(call + ")", where_).evaluate(scope_)));
    };
    if (constant) return Channel(one(0));
    ColumnBuilder out;
    for (std::size_t i = 0; i < mark_.count; ++i) out.push(one(i));
    return Channel(out.finish());
  }

  // Where one value must do for the whole mark. A mark without items has none.
  Value first_of(Channel const& channel) const {
    return channel.constant() || mark_.count > 0 ? channel.at(0) : Value();
  }

  std::string scale_name(Value const& ref) {
    if (ref.is_string()) return std::string(ref.string());
    if (ref.is_object() && ref.has("signal")) return scope_.evaluate(ref["signal"].string(), where_).to_string();
    return first_of(field(ref)).to_string();
  }
  Channel gradient(Value const& entry) {
    double const count = entry["count"].is_nullish() ? 0 : entry["count"].to_number();
    return Channel(scope_.gradient(scale_name(entry["gradient"]), entry["start"], entry["stop"], count));
  }

  // A scale whose name differs from row to row.
  Channel scaled_by_row(Channel const& names, Channel const& value, bool known) {
    if (!known) return Channel(Value(0));
    ColumnBuilder out;
    out.reserve(mark_.count);
    for (std::size_t i = 0; i < mark_.count; ++i) {
      auto const scale = scope_.find_scale(names.at(i).to_string());
      out.push(scale ? scale->map(value.at(i)) : Value());
    }
    return Channel(out.finish());
  }

  Channel scaled(Value const& entry, Channel value, bool known) {
    if (entry["scale"].is_object() && !entry["scale"].has("signal") && entry["range"].is_nullish() &&
        !entry["band"].truthy())
      if (Channel const names = field(entry["scale"]); !names.constant()) return scaled_by_row(names, value, known);
    auto const name = scale_name(entry["scale"]);
    auto const scale = scope_.find_scale(name);
    if (!entry["range"].is_nullish()) {
      if (!scale) return Channel(Value());
      auto const range = scale->range();
      if (range.empty()) return Channel(Value());
      double const f = entry["range"].to_number(), a = range.front().to_number(), b = range.back().to_number();
      return Channel(Value(a + f * (b - a)));
    }
    if (!scale && known) {
      scope_.view().diagnostics.warn(where_, "scale \"" + name + "\" is not defined");
      return Channel(Value());
    }
    if (known) {
      if (value.constant())
        value = Channel(scale->map(value.constant_value()));
      else
        value = Channel(scale->map_column(*value.column()));
    }
    if (entry["band"].truthy()) {
      double const width = scale ? scale->bandwidth() : 0;
      Channel band = property(entry["band"]);
      band = arithmetic(band, Channel(Value(width)), [](double a, double b) { return a * b; });
      value = known ? arithmetic(value, band, [](double a, double b) { return a + b; }) : band;
      Value const extra = entry["extra"].is_object() ? first_of(property(entry["extra"])) : entry["extra"];
      if (extra.truthy() && mark_.data && mark_.data->column("extra")) {
        // The extra tick of binned axes is pegged to the first value.
        std::vector<Value> cells(mark_.count);
        for (std::size_t i = 0; i < mark_.count; ++i) {
          Value const datum = mark_.data->get(i, "extra");
          cells[i] = datum.is_object() && scale ? scale->map(datum["value"]) : value.at(i);
        }
        value = Channel(Column::of_values(std::move(cells)));
      }
    } else if (!known) {
      value = Channel(Value(0));
    }
    return value;
  }

  // x2, xc and friends become x and width (vega-runtime's adjustSpatial).
  void adjust() {
    if (mark_.type == MarkType::Rule) return;
    auto const in = [this](Ch channel) { return given_[static_cast<std::size_t>(channel)]; };
    bool const rectangle =
        mark_.type == MarkType::Group || mark_.type == MarkType::Image || mark_.type == MarkType::Rect;
    axis(in(Ch::X), in(Ch::X2), in(Ch::Xc), rectangle, Ch::X, Ch::X2, Ch::Xc, Ch::Width);
    axis(in(Ch::Y), in(Ch::Y2), in(Ch::Yc), rectangle, Ch::Y, Ch::Y2, Ch::Yc, Ch::Height);
  }
  void axis(bool has1, bool has2, bool has_center, bool rectangle, Ch low, Ch high, Ch center, Ch extent) {
    auto const raw = [this](Ch c, std::size_t i) {
      auto const& channel = mark_[c];
      if (!channel.present()) return std::nan("");
      return channel.constant() ? channel.constant_value().to_number() : channel.column()->number_at(i);
    };
    auto const fill = [&](Ch target, auto compute) {
      std::size_t const n = mark_.count == 0 ? 0 : all_constant({low, high, center, extent}) ? 1 : mark_.count;
      std::vector<double> out(n);
      for (std::size_t i = 0; i < n; ++i) out[i] = compute(i);
      if (n == 1)
        mark_[target] = Channel(Value(out[0]));
      else if (n)
        mark_[target] = Channel(Column::of_numbers(std::move(out)));
    };
    if (has2) {
      if (has1) {
        if (rectangle && mark_.count) {
          bool swap = false;
          for (std::size_t i = 0; i < mark_.count && !swap; ++i) swap = raw(low, i) > raw(high, i);
          if (swap) {
            Channel const a = mark_[low], b = mark_[high];
            auto const number = [](Channel const& c, std::size_t i) {
              return c.constant() ? c.constant_value().to_number() : c.column()->number_at(i);
            };
            fill(low, [&](std::size_t i) { return number(a, i) > number(b, i) ? number(b, i) : number(a, i); });
            std::vector<double> tops(mark_.count);
            for (std::size_t i = 0; i < mark_.count; ++i)
              tops[i] = number(a, i) > number(b, i) ? number(a, i) : number(b, i);
            mark_[high] =
                a.constant() && b.constant() ? Channel(Value(tops[0])) : Channel(Column::of_numbers(std::move(tops)));
          }
        }
        fill(extent, [&](std::size_t i) { return raw(high, i) - raw(low, i); });
      } else {
        fill(low, [&](std::size_t i) { return raw(high, i) - mark_.number(extent, i, 0); });
      }
    }
    if (has_center) fill(low, [&](std::size_t i) { return raw(center, i) - mark_.number(extent, i, 0) / 2; });
  }
  bool all_constant(std::initializer_list<Ch> channels) const {
    return std::all_of(channels.begin(), channels.end(), [this](Ch c) { return mark_[c].constant(); });
  }

  Mark& mark_;
  GroupScope& scope_;
  std::string const path_;  // Ends in a dot.
  std::string where_;
  std::bitset<kChannels> given_;  // By this block.
};

// Made once a thread: an item is built for every evaluation that asks for it.
struct ItemNames {
  std::array<Str, kChannels> channels;
  Str datum{"datum"}, mark{"mark"}, type{"marktype"}, role{"role"}, items{"items"}, group{"group"};
  ItemNames() {
    for (std::size_t c = 0; c < kChannels; ++c) channels[c] = channel_name(static_cast<Ch>(c));
  }
};
ItemNames const& item_names() {
  thread_local ItemNames const names;
  return names;
}

}  // namespace

void encode_mark(Mark& mark, Value const& encode, std::string_view role, Value const& style, GroupScope& scope,
                 std::string const& path) {
  auto const defaults = defaults_of(encode, mark_type_name(mark.type), role, style, scope.view().config);
  for (bool const update : {false, true}) {
    char const* const block = update ? "update" : "enter";
    BlockEncoder(mark, scope, path + ".encode." + block).run(encode[block], defaults, update);
  }
}

ItemValues::ItemValues(Mark const& mark) : mark_(mark) {
  auto const& names = item_names();
  Object around;
  auto& entries = around.entries();
  entries.reserve(4);
  entries.emplace_back(names.type, mark_type_name(mark.type));
  entries.emplace_back(names.role, mark.role);
  entries.emplace_back(names.items, Value::object({{"length", mark.count}}));
  if (mark.parent) entries.emplace_back(names.group, ItemValues(*mark.parent).at(mark.parent_item));
  around_ = Value(std::move(around));
}

Value ItemValues::at(std::size_t item) const {
  auto const& names = item_names();
  Object out;
  auto& entries = out.entries();
  entries.reserve(32);
  for (std::size_t c = 0; c < kChannels; ++c)
    if (mark_.channels[c].present()) entries.emplace_back(names.channels[c], mark_.channels[c].at(item));
  entries.emplace_back(names.datum, mark_.datum(item));
  entries.emplace_back(names.mark, around_);
  return Value(std::move(out));
}

}  // namespace cml::vega
