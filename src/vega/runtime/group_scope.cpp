#include "vega/runtime/group_scope.hpp"

#include <utility>
#include <algorithm>
#include <cmath>

#include "vega/geo/projection.hpp"
#include "vega/transform/transform.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/load.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kMaxGroups = 200'000;  // A scope is some kilobytes.

std::string const kNames = "signals, data and scales";  // What asks for each other.

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

// Rows of several tables one after another; columns by name.
TableRef concatenate(std::vector<TableRef> const& tables) {
  TableBuilder builder;
  for (auto const& table : tables)
    for (std::size_t i = 0; i < table->size(); ++i) builder.push_row(table->row(i));
  return builder.finish();
}

}  // namespace

GroupScope::GroupScope(View& view, GroupScope* parent, Value spec, std::string path, Mark* group, std::size_t item)
    : view_(view), parent_(parent), spec_(std::move(spec)), path_(std::move(path)), group_(group), item_(item) {
  budget::steps(20'000);
  budget::bytes(2'000);
  if (++view.groups > kMaxGroups) fail(path_, "more than " + std::to_string(kMaxGroups) + " groups to draw");
  std::size_t i = 0;
  for (auto const& signal : spec_["signals"].items()) {
    auto const where = path_ + ".signals[" + std::to_string(i++) + "]";
    auto const name = signal["name"];
    if (!name.is_string()) fail(where, "a signal needs a name");
    if (signal["push"].string_or("") == "outer") continue;  // Event handlers of a signal defined further out.
    signals_[std::string(name.string())] = {signal, where, -1, -1, State::Waiting, {}};
  }
  i = 0;
  for (auto const& data : spec_["data"].items()) {
    auto const where = path_ + ".data[" + std::to_string(i) + "]";
    auto const name = data["name"];
    if (name.is_nullish()) {  // Nothing can ask for it.
      dataset_names_.emplace_back();
      ++i;
      continue;
    }
    if (!name.is_string()) fail(where, "a dataset's name must be text");
    datasets_[std::string(name.string())] = {data, where, 0, false, State::Waiting, {}};
    dataset_names_.emplace_back(name.string());
    int stage = 0;
    for (auto const& transform : data["transform"].items()) {
      if (auto const output = transform["signal"]; output.is_string())
        signals_[std::string(output.string())] = {Value(), where, static_cast<int>(i), stage, State::Waiting, {}};
      ++stage;
    }
    ++i;
  }
  i = 0;
  for (auto const& scale : spec_["scales"].items()) {
    auto const where = path_ + ".scales[" + std::to_string(i++) + "]";
    if (!scale["name"].is_string()) fail(where, "a scale needs a name");
    scales_[std::string(scale["name"].string())] = {scale, where, State::Waiting, {}};
  }
  i = 0;
  for (auto const& projection : spec_["projections"].items()) {
    auto const where = path_ + ".projections[" + std::to_string(i++) + "]";
    if (!projection["name"].is_string()) fail(where, "a projection needs a name");
    projections_[std::string(projection["name"].string())] = {projection, where, State::Waiting, {}};
  }
}

// --- Projections ---------------------------------------------------------------------------------------------

namespace {

// Signals at any depth become their values.
Value resolved_deeply(Value const& v, GroupScope& scope, std::string const& path) {
  budget::Level const level(4, kNames);
  if (v.is_object() && v.has("signal")) return resolved_deeply(scope.evaluate(v["signal"].string(), path), scope, path);
  if (v.is_array()) {
    Array out;
    budget::steps(20 * v.size());
    for (auto const& item : v.items()) out.push_back(resolved_deeply(item, scope, path));
    return out;
  }
  return v;
}

}  // namespace

Projection const* GroupScope::projection(std::string_view name) {
  auto const found = projections_.find(name);
  if (found == projections_.end()) return parent_ ? parent_->projection(name) : nullptr;
  auto& entry = found->second;
  if (entry.state == State::Running) fail(entry.path, "projection " + quoted(name) + " depends on itself");
  if (entry.state == State::Waiting) {
    budget::Level const level(16, kNames);
    budget::Place const place(entry.path);
    entry.state = State::Running;
    Value spec{Object()};
    for (auto const& [key, value] : entry.spec.properties())
      spec.set(key, resolved_deeply(value, *this, entry.path + "." + std::string(key.view())));
    for (auto const& [key, value] : view_.config["projection"].properties())
      if (spec[key].is_nullish()) spec.set(key, resolved_deeply(value, *this, entry.path));
    entry.projection = Projection::make(spec, entry.path);
    entry.state = State::Done;
  }
  return entry.projection.get();
}

Value GroupScope::geo(std::string_view measure, std::string_view name, Value const& feature) {
  auto const* projection = name.empty() ? nullptr : this->projection(name);
  if (measure == "shape") return geo_outline(projection, feature, projection ? projection->point_radius : 4.5);
  return geo_measure(measure, projection, feature);
}

// --- Signals --------------------------------------------------------------------------------------------------

bool GroupScope::has_signal(std::string_view name) const {
  return signals_.contains(name) || (parent_ && parent_->has_signal(name));
}
void GroupScope::define_signal(std::string_view name, Value value) {
  auto& signal = signals_[std::string(name)];
  signal.state = State::Done;
  signal.value = std::move(value);
}
Value GroupScope::signal(std::string_view name) {
  for (auto* scope = this; scope; scope = scope->parent_) {
    auto const found = scope->signals_.find(name);
    if (found != scope->signals_.end()) return scope->evaluate_signal(name, found->second);
    if (name == "parent" && scope->parent_ && scope->group_) return scope->group_->datum(scope->item_);
  }
  fail(path_, "signal " + quoted(name) + " is not defined");
}
Value GroupScope::evaluate_signal(std::string_view name, Signal& signal) {
  if (signal.state == State::Done) return signal.value;
  if (signal.state == State::Running) {
    if (view_.evaluating == &signal) return signal.value;  // It reads what it was before: its own initial value.
    fail(signal.path, "signal " + quoted(name) + " depends on itself");
  }
  budget::Level const level(8, kNames);
  budget::Place const place(signal.path);
  signal.state = State::Running;
  if (signal.dataset >= 0) {
    auto const& owner = dataset_names_[static_cast<std::size_t>(signal.dataset)];
    run_dataset(owner, datasets_.at(owner), static_cast<std::size_t>(signal.stage) + 1);
    if (signal.state != State::Done) define_signal(name, Value());
    return signal.value;
  }
  Value const& spec = signal.spec;
  signal.value = spec["value"];
  void const* const outer = std::exchange(view_.evaluating, &signal);
  for (char const* key : {"init", "update"})
    if (auto const given = spec[key]; given.truthy())
      signal.value = evaluate(given.is_object() ? given["expr"].string() : given.string(), signal.path + "." + key);
  view_.evaluating = outer;
  signal.state = State::Done;
  return signal.value;
}

Value GroupScope::evaluate(std::string_view text, std::string const& path) {
  return view_.expression(text, path).evaluate(*this);
}

Value GroupScope::resolve(Value const& value, std::string const& path) {
  if (value.is_object() && value.has("signal")) return evaluate(value["signal"].string(), path);
  return value;
}

// --- Data -----------------------------------------------------------------------------------------------------

namespace {

// How a file is read, where any part of it may be a signal: itself, "property", "parse" and the type of one field.
Value resolved_format(Value const& given, GroupScope& scope, std::string const& path) {
  Value format = scope.resolve(given, path);
  if (!format.is_object()) return format;
  Value out{Object()};
  for (auto const& [key, value] : format.properties()) {
    Value part = scope.resolve(value, path);
    if (key == "parse" && part.is_object()) {
      Value types{Object()};
      for (auto const& [field, type] : part.properties()) types.set(field, scope.resolve(type, path + ".parse"));
      part = std::move(types);
    }
    out.set(key, std::move(part));
  }
  return out;
}

}  // namespace

void GroupScope::define_data(std::string_view name, TableRef table) {
  auto& dataset = datasets_[std::string(name)];
  dataset.spec = Value(Object());
  dataset.started = true;
  dataset.state = State::Waiting;
  dataset.table = std::move(table);
}
void GroupScope::replace_data(std::string_view name, TableRef table) {
  for (auto* scope = this; scope; scope = scope->parent_)
    if (scope->datasets_.find(name) != scope->datasets_.end()) return scope->define_data(name, std::move(table));
  define_data(name, std::move(table));
}
void GroupScope::define_mark(std::string_view name, Mark const* mark) { marks_[std::string(name)] = mark; }

TableRef GroupScope::data(std::string_view name) {
  for (auto* scope = this; scope; scope = scope->parent_) {
    auto const found = scope->datasets_.find(name);
    if (found != scope->datasets_.end()) return scope->run_dataset(name, found->second, static_cast<std::size_t>(-1));
    auto const mark = scope->marks_.find(name);
    if (mark != scope->marks_.end()) return mark_table(*mark->second);
  }
  return nullptr;
}

TableRef GroupScope::load_source(std::string_view name, Dataset& dataset) {
  Value const& spec = dataset.spec;
  if (auto const source = spec["source"]; !source.is_nullish()) {
    auto const take = [&](Value const& from) {
      auto table = data(from.string());
      if (!table) fail(dataset.path + ".source", "dataset " + quoted(from.to_string()) + " is not defined");
      return table;
    };
    if (source.is_string()) return take(source);
    std::vector<TableRef> parts;
    for (auto const& from : source.items()) parts.push_back(take(from));
    return concatenate(parts);
  }
  Value const format = resolved_format(spec["format"], *this, dataset.path + ".format");
  if (auto const url = resolve(spec["url"], dataset.path + ".url"); !url.is_nullish()) {
    if (!view_.options.load) fail(dataset.path + ".url", "there is no loader for " + url.to_string());
    return load_file(url.to_string(), format, dataset.path);
  }
  if (auto const values = resolve(spec["values"], dataset.path + ".values"); !values.is_nullish())
    return ingest_values(values, format, dataset.path, view_.diagnostics);
  (void)name;
  return make_ref<Table>(std::size_t{0});
}

TableRef GroupScope::load_file(std::string const& url, Value const& format, std::string const& path) {
  auto* const cache = view_.options.kept_data;
  auto const kept = [&](Value const& format_of_it, LoadData const& load) {
    return cache ? cache->get(to_json(format_of_it, 0) + url, load) : load();
  };
  Value untyped = format;  // Pictures often differ in the types they give to the columns of one file.
  untyped.erase("parse");
  auto const read = [&] {
    auto const warned = view_.diagnostics.warnings().size();
    auto bytes = view_.options.load(url);
    if (!bytes) throw EngineError(bytes.error().kind, path + ".url", bytes.error().message);
    auto table = parse_data(*bytes, untyped, url, path, view_.diagnostics);
    // What was warned of is said again for the next picture.
    return LoadedData{std::move(table), bytes->size(), view_.diagnostics.warnings().size() == warned};
  };
  if (format["parse"].is_nullish()) return kept(untyped, read).table;
  auto const convert = [&] {
    auto data = kept(untyped, read);
    data.table = apply_types(std::move(data.table), format["parse"], path);
    return data;
  };
  return kept(format, convert).table;
}

TableRef GroupScope::run_dataset(std::string_view name, Dataset& dataset, std::size_t until) {
  auto const& transforms = dataset.spec["transform"].items();
  until = std::min(until, transforms.size());
  if (dataset.started && dataset.stage >= until && dataset.state != State::Running) return dataset.table;
  if (dataset.state == State::Running) {
    if (dataset.started && dataset.stage >= until && until < transforms.size()) return dataset.table;
    fail(dataset.path, "dataset " + quoted(name) + " depends on itself");
  }
  budget::Level const level(20, kNames);
  budget::Place const place(dataset.path);
  dataset.state = State::Running;
  if (!dataset.started) {
    dataset.table = load_source(name, dataset);
    dataset.started = true;
  }
  while (dataset.stage < until) {
    Value const& transform = transforms[dataset.stage];
    auto const where = dataset.path + ".transform[" + std::to_string(dataset.stage) + "]";
    TransformContext context{*this, where, view_.diagnostics, {}};
    dataset.table = apply_transform(dataset.table, transform, context);
    if (auto const output = transform["signal"]; output.is_string()) define_signal(output.string(), context.signal);
    ++dataset.stage;
  }
  dataset.state = State::Waiting;
  return dataset.table;
}

// --- Scales ---------------------------------------------------------------------------------------------------

ScalePtr GroupScope::find_scale(std::string_view name) {
  for (auto* scope = this; scope; scope = scope->parent_) {
    auto const found = scope->scales_.find(name);
    if (found != scope->scales_.end()) return scope->build_scale(name, found->second);
  }
  return nullptr;
}
ScalePtr GroupScope::build_scale(std::string_view name, ScaleEntry& entry) {
  if (entry.state == State::Done) return entry.scale;
  if (entry.state == State::Running) fail(entry.path, "scale " + quoted(name) + " depends on itself");
  budget::Level const level(16, kNames);
  budget::Place const place(entry.path);
  entry.state = State::Running;
  auto const config = resolve_scale(entry.spec, entry.path, *this);
  entry.scale = Scale::make(config, [&](std::string text) { view_.diagnostics.warn(entry.path, std::move(text)); });
  entry.state = State::Done;
  return entry.scale;
}
Value GroupScope::scale(std::string_view name, Value const& input) {
  if (auto const scale = find_scale(name)) return scale->map(input);
  // A projection is asked like a scale, with a pair of degrees.
  if (auto const* map = projection(name); map && input.is_array())
    if (auto const point = (*map)(input.at(0).to_number(), input.at(1).to_number()))
      return Value::array({point->first, point->second});
  return {};
}
Value GroupScope::invert(std::string_view name, Value const& output) {
  auto const scale = find_scale(name);
  if (!scale) {
    auto const* map = projection(name);
    if (map == nullptr || !output.is_array()) return {};
    auto const [longitude, latitude] = map->invert(output.at(0).to_number(), output.at(1).to_number());
    return Value::array({longitude, latitude});
  }
  if (output.is_array()) return scale->invert_range(output.at(0), output.at(1));
  return scale->invert(output);
}
Value GroupScope::domain(std::string_view name) {
  auto const scale = find_scale(name);
  return scale ? Value(scale->domain()) : Value(Array());
}
Value GroupScope::range(std::string_view name) {
  auto const scale = find_scale(name);
  return scale ? Value(scale->range()) : Value(Array());
}
Value GroupScope::bandwidth(std::string_view name) {
  auto const scale = find_scale(name);
  return scale ? scale->bandwidth() : 0;
}

Value GroupScope::gradient(std::string_view name, Value const& p0, Value const& p1, double count) {
  auto const scale = find_scale(name);
  if (!scale) return {};
  auto const coordinate = [](Value const& p, std::size_t i, double fallback) {
    return p.is_array() ? p.at(i).to_number() : fallback;
  };
  Array stops;
  auto const stop = [&stops](double offset, Value color) {
    stops.push_back(Value::object({{"offset", offset}, {"color", std::move(color)}}));
  };
  auto const domain = scale->domain();
  if (domain.empty()) return {};
  // As many stops as ticks, and the two ends (vega-functions' scaleGradient).
  double const min = domain.front().to_number(), max = domain.back().to_number();
  if (max - min != 0 && !std::isnan(max - min)) {
    auto const fraction = scale->fraction(min, max);
    Array values = scale->ticks(count > 0 ? count : 15.0);
    if (values.empty() || values.front().to_number() != min) values.insert(values.begin(), domain.front());
    if (values.back().to_number() != max) values.push_back(domain.back());
    for (auto const& v : values) stop(fraction(v.to_number()), scale->map(v));
  } else if (scale->ramp() != Ramp::None) {
    for (double t : number_ticks(0, 1, 15)) stop(t, scale->color_at(t));  // A domain of no width shows the whole ramp.
  }
  return Value::object({{"gradient", "linear"},
                        {"x1", coordinate(p0, 0, 0)},
                        {"y1", coordinate(p0, 1, 0)},
                        {"x2", coordinate(p1, 0, 1)},
                        {"y2", coordinate(p1, 1, 0)},
                        {"stops", Value(std::move(stops))}});
}

TableRef mark_table(Mark const& mark) {
  std::vector<Table::Field> fields;
  for (std::size_t c = 0; c < kChannels; ++c) {
    auto const& channel = mark.channels[c];
    if (!channel.present()) continue;
    fields.push_back({Str(channel_name(static_cast<Ch>(c))),
                      channel.column() ? channel.column() : Column::repeat(channel.constant_value(), mark.count)});
  }
  for (auto const& [name, channel] : mark.own)
    fields.push_back(
        {Str(name), channel.column() ? channel.column() : Column::repeat(channel.constant_value(), mark.count)});
  std::vector<Value> datums(mark.count);
  for (std::size_t i = 0; i < mark.count; ++i) datums[i] = mark.datum(i);
  fields.push_back({Str("datum"), Column::of_values(std::move(datums))});
  return make_ref<Table>(std::move(fields), mark.count);
}

}  // namespace cml::vega
