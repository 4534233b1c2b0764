#include "vega/engine/author.hpp"

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/embedded.hpp"
#include "base/text.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/field_watch.hpp"
#include "vega/value/named_colors.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_schema();

namespace {

using vega::Value;
namespace budget = vega::budget;

constexpr std::size_t kMostWords = 8;    // Warnings of one kind; a file of another tool would have hundreds.
constexpr std::size_t kMostFields = 12;  // Names in a list.
constexpr std::size_t kLongestPath = 200;

// The properties of a place (tools/dev/make_property_table.mjs): {"mark":12,"name":-1,...}; the number is the place
// that the property leads to, -1: anything may stand there. Read as text, which is quicker than to parse it.
class Place {
 public:
  static constexpr int kAnything = -1;
  static Place root() { return Place(0); }

  // None: there is no such property.
  std::optional<int> find(std::string_view name) const {
    std::string const key = "\"" + std::string(name) + "\":";
    auto const at = line_.find(key);
    if (at == std::string_view::npos) return {};
    return static_cast<int>(parse_integer(number_at(at + key.size())).value_or(kAnything));
  }
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> out;
    for (std::size_t at = line_.find('"'); at != std::string_view::npos; at = line_.find('"', at)) {
      auto const end = line_.find('"', at + 1);
      out.push_back(line_.substr(at + 1, end - at - 1));
      at = end + 1;
    }
    return out;
  }
  explicit Place(int number) : line_(lines()[static_cast<std::size_t>(number)]) {}

 private:
  // Behind a first line that says what the file is.
  static std::vector<std::string_view> const& lines() {
    static auto const all = [] {
      std::vector<std::string_view> out;
      std::string_view text = embedded_schema().front().bytes;
      for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        text.remove_prefix(end + 1);
        out.push_back(text.substr(0, text.find('\n')));
      }
      return out;
    }();
    return all;
  }
  std::string_view number_at(std::size_t at) const {
    return line_.substr(at, std::min(line_.find(',', at), line_.find('}', at)) - at);
  }
  std::string_view line_;
};

std::string below(std::string const& path, std::string_view key) { return path + "." + std::string(key); }
std::string quoted(std::string_view word) { return "\"" + clean_line(word, 60) + "\""; }
std::string suggestion(std::string_view word, std::vector<std::string_view> const& names) {
  if (word.size() > 64) return "";  // Not a word that somebody mistyped.
  auto near = nearest(word, names);
  for (auto const name : names)
    if (to_lower(name) == to_lower(word)) near = name;
  return near.empty() ? "" : "; did you mean " + quoted(near) + "?";
}

// The words that a property takes, at all of its places; others have a check of their own, or none.
struct Words {
  std::string_view key;
  std::vector<std::string_view> words;
};
std::vector<Words> const& word_lists() {
  static std::vector<Words> const lists{
      {"interpolate",
       {"linear",
        "linear-closed",
        "step",
        "step-before",
        "step-after",
        "basis",
        "basis-open",
        "basis-closed",
        "cardinal",
        "cardinal-open",
        "cardinal-closed",
        "bundle",
        "monotone",
        "natural",
        "catmull-rom",
        "rgb",
        "lab",
        "hcl",
        "hcl-long",
        "hsl",
        "hsl-long",
        "cubehelix",
        "cubehelix-long"}},
      {"orient",
       {"left", "right", "top", "bottom", "none", "top-left", "top-right", "bottom-left", "bottom-right", "horizontal",
        "vertical"}},
      {"align", {"left", "center", "right", "all", "each", "none"}},
      {"baseline", {"alphabetic", "top", "middle", "bottom", "line-top", "line-bottom"}},
      {"anchor", {"start", "middle", "end"}},
      {"strokeCap", {"butt", "round", "square"}},
      {"strokeJoin", {"miter", "round", "bevel"}},
  };
  return lists;
}

bool is_color_key(std::string_view key) {
  return key == "color" || key == "fill" || key == "stroke" || key == "background" || key.ends_with("Color");
}
bool is_color(std::string_view text) {
  return text.empty() || text == "none" || text == "currentColor" || text == "inherit" || text.starts_with("url(") ||
         vega::parse_color(text);
}

class WordCheck {
 public:
  explicit WordCheck(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void object(Value const& value, Place const& place, std::string const& path) {
    for (auto const& [key, child] : value.properties()) {
      budget::steps(500 + path.size());  // To look it up in a line of the table.
      auto const leads = place.find(key);
      std::string const at = below(path, key);
      if (!leads) {
        unknown(key, place, at);
        continue;
      }
      word(key, child, at);
      if (key == "data" && child.is_array()) {
        warn(at, "rows belong below \"values\": {\"data\": {\"values\": [...]}}");
        continue;
      }
      if (key == "encoding" && child.is_object()) encoding(child, at);
      if ((key == "layer" || std::string_view(key).ends_with("concat")) && child.is_array() && child.size() == 0)
        diagnostics_.missed(at, "is empty, so nothing is drawn");
      if (*leads != Place::kAnything) any(child, Place(*leads), at);
    }
  }

 private:
  void any(Value const& value, Place const& place, std::string const& path) {
    if (value.is_object()) object(value, place, path);
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value.items()[i].is_object()) object(value.items()[i], place, path + "[" + std::to_string(i) + "]");
  }

  void unknown(std::string_view key, Place const& place, std::string const& at) {
    if (key.starts_with("_") || key.starts_with("$") || ++unknown_ > kMostWords) return;  // People's own notes.
    diagnostics_.warn(clean_line(at, kLongestPath), "Vega-Lite has no such property" + suggestion(key, place.names()));
  }

  void word(std::string_view key, Value const& value, std::string const& at) {
    if (!value.is_string()) return;
    auto const text = value.string();
    bool const resolves = text == "shared" || text == "independent";  // {"resolve": {"scale": {"color": "shared"}}}
    if (is_color_key(key) && !resolves && !is_color(text)) return color(text, at);
    if ((key == "width" || key == "height") && text != "container")
      return warn(at, quoted(text) + " is not a size; give a number, \"container\" or {\"step\": number}");
    if (key == "timeUnit") time_unit(text, at);
    for (auto const& list : word_lists())
      if (list.key == key && !full() && std::find(list.words.begin(), list.words.end(), text) == list.words.end())
        warn(at, "not a value of " + std::string(key) + ": " + clean_line(text, 60) + suggestion(text, list.words));
  }
  void color(std::string_view text, std::string const& at) {
    if (full()) return;
    std::vector<std::string_view> names;
    for (auto const& named : vega::kNamedColors) names.push_back(named.name);
    warn(at, "not a valid colour: " + clean_line(text, 60) + suggestion(text, names));
  }
  void time_unit(std::string_view text, std::string const& at) {
    auto rest = text;
    for (std::string_view prefix : {"binned", "utc"})
      if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    for (bool more = true; more && !rest.empty();) {
      more = false;
      // "dayofyear" before "day", "milliseconds" before any other.
      for (std::string_view part : {"dayofyear", "milliseconds", "year", "quarter", "month", "week", "day", "date",
                                    "hours", "minutes", "seconds"})
        if (rest.starts_with(part)) {
          rest.remove_prefix(part.size()), more = true;
          break;
        }
    }
    if (rest.empty() || full()) return;
    warn(at, "not a time unit: " + clean_line(text, 60) + suggestion(text, {"year",
                                                                            "quarter",
                                                                            "month",
                                                                            "week",
                                                                            "day",
                                                                            "date",
                                                                            "hours",
                                                                            "minutes",
                                                                            "seconds",
                                                                            "milliseconds",
                                                                            "dayofyear",
                                                                            "yearquarter",
                                                                            "yearmonth",
                                                                            "yearmonthdate",
                                                                            "yearweek",
                                                                            "monthdate",
                                                                            "hoursminutes",
                                                                            "hoursminutesseconds",
                                                                            "minutesseconds",
                                                                            "yearmonthdatehours"}));
  }

  void encoding(Value const& channels, std::string const& path) {
    for (auto const& [channel, definitions] : channels.properties()) {
      if (definitions.is_array()) {
        for (std::size_t i = 0; i < definitions.size(); ++i)
          definition(channel, definitions.items()[i], below(path, channel) + "[" + std::to_string(i) + "]");
      } else {
        definition(channel, definitions, below(path, channel));
      }
    }
  }
  void definition(std::string_view channel, Value const& def, std::string const& path) {
    if (!def.is_object()) return;
    if (Value const value = def["value"]; (channel == "color" || channel == "fill" || channel == "stroke") &&
                                          value.is_string() && !is_color(value.string()))
      color(value.string(), path + ".value");
    budget::steps(500 + path.size());
    Value const type = def["type"];
    static std::vector<std::string_view> const kTypes{"quantitative", "temporal", "ordinal", "nominal", "geojson"};
    std::string const lower = type.is_string() ? to_lower(type.string()) : "";
    bool const known = std::find(kTypes.begin(), kTypes.end(), lower) != kTypes.end() || lower.size() == 1;
    if (type.is_string() && !known && lower != "latitude" && lower != "longitude" && !full())
      warn(path + ".type", "not a type: " + clean_line(type.string(), 60) + suggestion(lower, kTypes));
    static std::vector<std::string_view> const kStacks{"zero", "center", "normalize"};
    if (Value const stack = def["stack"];
        stack.is_string() && !full() && std::find(kStacks.begin(), kStacks.end(), stack.string()) == kStacks.end())
      warn(path + ".stack",
           "not a way to stack: " + clean_line(stack.string(), 60) + suggestion(stack.string(), kStacks));
    Value const sort = def["sort"];
    if (sort.is_string()) order(sort.string(), path + ".sort");
    bool const dates = lower == "temporal" || lower == "t" || def["timeUnit"].truthy();
    if (dates) return;
    for (auto const* where : {"", "axis", "legend", "header"}) {
      Value const holder = *where == 0 ? def : def[where];
      if (!holder.is_object() || !holder["format"].is_string() || holder["formatType"].truthy()) continue;
      auto const format = holder["format"].string();
      auto const percent = format.find('%');
      if (percent == std::string_view::npos || percent + 1 >= format.size()) continue;
      warn(path + (*where == 0 ? "" : std::string(".") + where) + ".format",
           quoted(format) + " formats dates; make the field temporal, or add \"formatType\": \"time\"");
    }
  }
  void order(std::string_view text, std::string const& at) {
    if (full()) return;
    auto const plain = text.starts_with("-") ? text.substr(1) : text;
    std::vector<std::string_view> known{"ascending", "descending"};
    auto const channels = Place(*Place::root().find("encoding")).names();
    known.insert(known.end(), channels.begin(), channels.end());
    if (std::find(known.begin(), known.end(), plain) == known.end())
      warn(at, "not an order: " + clean_line(text, 60) + suggestion(plain, known));
  }

  // Names of channels are the author's, so a path is no clean line by itself.
  void warn(std::string const& at, std::string text) {
    if (!full()) diagnostics_.warn(clean_line(at, kLongestPath), std::move(text));
    ++told_;
  }
  bool full() const { return told_ >= kMostWords; }

  Diagnostics& diagnostics_;
  std::size_t unknown_ = 0, told_ = 0;
};

// "a" of "a.b", "a[0]" and "['a'].b"; a dot behind a backslash belongs to the name.
std::string first_part(std::string_view field) {
  std::string out;
  if (field.starts_with("[")) {
    auto const quote = field.size() > 1 ? field[1] : 0;
    if (quote == '\'' || quote == '"') return std::string(field.substr(2, field.find(quote, 2) - 2));
  }
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 1 < field.size())
      out += field[++i];
    else if (field[i] == '.' || field[i] == '[')
      break;
    else
      out += field[i];
  }
  return out;
}

// "datum.a" and "datum['a']" of an expression.
void collect_datum(std::string_view expression, std::string const& path, std::vector<NamedField>& out) {
  constexpr std::string_view kDatum = "datum";
  auto const is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; };
  for (auto at = expression.find(kDatum); at != std::string_view::npos; at = expression.find(kDatum, at + 1)) {
    if (at > 0 && (is_letter(expression[at - 1]) || expression[at - 1] == '.')) continue;
    auto const rest = expression.substr(at + kDatum.size());
    vega::budget::bytes(200 + path.size());
    if (rest.starts_with('.')) {
      auto const length = std::find_if_not(rest.begin() + 1, rest.end(), is_letter) - rest.begin() - 1;
      if (length > 0) out.push_back({path, std::string(rest.substr(1, static_cast<std::size_t>(length)))});
    } else if (rest.starts_with("['") || rest.starts_with("[\"")) {
      auto const end = rest.find(rest[1], 2);
      if (end != std::string_view::npos && rest.substr(end + 1, 1) == "]")
        out.push_back({path, std::string(rest.substr(2, end - 2))});
    }
  }
}

// What the transforms of Vega-Lite read.
void collect_transforms(Value const& value, std::string const& path, std::vector<NamedField>& out) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      collect_transforms(value.items()[i], path + "[" + std::to_string(i) + "]", out);
  } else if (value.is_object()) {
    for (auto const& [key, child] : value.properties()) {
      vega::budget::steps(100 + path.size());
      std::string const at = below(path, key);
      bool const names = key == "field" || key == "groupby" || key == "fold" || key == "flatten" || key == "pivot" ||
                         key == "regression" || key == "loess" || key == "on" || key == "quantile" ||
                         key == "density" || key == "impute" || key == "stack" || key == "lookup";
      if (key == "calculate" || key == "filter") {
        if (child.is_string()) collect_datum(child.string(), at, out);
      } else if (names && child.is_string() && child.string() != "*") {
        out.push_back({at, first_part(child.string())});
      } else if (names && child.is_array()) {
        for (std::size_t i = 0; i < child.size(); ++i)
          if (child.items()[i].is_string())
            out.push_back({at + "[" + std::to_string(i) + "]", first_part(child.items()[i].string())});
      }
      if (child.is_object() || child.is_array())
        if (key != "from" && key != "param") collect_transforms(child, at, out);
    }
  }
}

bool is_view(Value const& value) {
  return value.has("mark") || value.has("layer") || value.has("spec") || value.has("concat") || value.has("hconcat") ||
         value.has("vconcat");
}

// Collects the "field" of every object below an "encoding" or "encode".
void collect_fields(Value const& value, bool encoded, std::string const& path, std::vector<NamedField>& out) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value.items()[i].is_object() || value.items()[i].is_array())
        collect_fields(value.items()[i], encoded, path + "[" + std::to_string(i) + "]", out);
  } else if (value.is_object()) {
    for (auto const& [key, child] : value.properties()) {
      budget::steps(100 + path.size());
      if (key == "transform" && is_view(value)) collect_transforms(child, below(path, key), out);
      if (key == "data" || key == "datasets" || key == "values" || key == "config" || key == "usermeta" ||
          key == "transform" || key == "scale" || key == "domain")
        continue;
      std::string const at = below(path, key);
      bool const of_other = value["aggregate"].is_object();  // {"argmax": ...}: of the row that it picks.
      if (encoded && key == "field" && child.is_string() && !child.string().empty() && child.string() != "*" &&
          !of_other) {
        out.push_back({at, first_part(child.string())});
        budget::bytes(200 + at.size() + out.back().column.size());
      } else
        collect_fields(child, encoded || key == "encoding" || key == "encode" || key == "facet", at, out);
    }
  }
}

// The first "<DVC_METRIC_...>" outside of data: an anchor of DVC's templates.
std::optional<NamedField> unfilled(Value const& value, std::string const& path) {
  if (value.is_string()) {
    auto const text = value.string();
    if (text.starts_with("<DVC_METRIC_") && text.ends_with(">")) return NamedField{path, clean_line(text, 60)};
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto found = unfilled(value.items()[i], path + "[" + std::to_string(i) + "]")) return found;
  } else if (value.is_object()) {
    for (auto const& [key, child] : value.properties())
      if (key != "values" && key != "datasets")
        if (auto found = unfilled(child, below(path, key))) return found;
  }
  return {};
}

std::string list_of(std::vector<std::string> const& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMostFields); ++i)
    out += (i == 0 ? "" : ", ") + clean_line(names[i], 40);
  if (names.size() > kMostFields) out += " and " + std::to_string(names.size() - kMostFields) + " more";
  return out;
}

}  // namespace

void check_words(Value const& spec, Diagnostics& diagnostics) {
  WordCheck(diagnostics).object(spec, Place::root(), "$");
}

std::vector<NamedField> encoded_fields(Value const& spec) {
  std::vector<NamedField> out;
  collect_fields(spec, false, "$", out);
  return out;
}

struct FieldCheck::Impl {
  static std::vector<std::string> columns_of(std::vector<NamedField> const& fields) {
    std::vector<std::string> out;
    for (auto const& field : fields) out.push_back(field.column);
    return out;
  }
  explicit Impl(Value const& spec) : fields(encoded_fields(spec)), watch(columns_of(fields)) {}
  std::vector<NamedField> fields;
  vega::FieldWatch watch;
};

FieldCheck::FieldCheck(Value const& spec) : impl_(std::make_unique<Impl>(spec)) {}
FieldCheck::~FieldCheck() = default;

std::size_t FieldCheck::tell(Diagnostics& diagnostics) const {
  std::size_t told = 0;
  bool empty_told = false;
  for (std::size_t i = 0; i < impl_->fields.size() && told < kMostWords; ++i) {
    auto const& field = impl_->fields[i];
    auto const& seen = impl_->watch.of(field.column);
    if (seen.found || !(seen.missed || seen.empty)) continue;
    ++told;
    auto const path = clean_line(field.path, kLongestPath);
    if (seen.missed) {
      std::vector<std::string_view> const names(seen.instead.begin(), seen.instead.end());
      diagnostics.missed(path,
                         "no row has " + quoted(field.column) +
                             (names.empty() ? "; the rows have no fields" : "; fields are " + list_of(seen.instead)) +
                             suggestion(field.column, names));
    } else if (!empty_told) {
      empty_told = true;
      diagnostics.missed(path, "the data have no rows, so nothing is drawn by " + quoted(field.column));
    }
  }
  return told;
}

namespace {

struct Drawn {
  bool any_mark = false, any_item = false;
};
void look_at(vega::Mark const& mark, Drawn& drawn) {
  bool const own = mark.role == "mark" || mark.role == "scope";
  // Groups may hold axes and legends alone; one that is a facet's and has no item would have held marks.
  drawn.any_mark |= own && (mark.type != vega::MarkType::Group || mark.count == 0);
  drawn.any_item |= own && mark.type != vega::MarkType::Group && mark.count > 0;
  for (auto const& group : mark.groups)
    for (auto const& child : group.marks)
      if (!drawn.any_item) look_at(*child, drawn);
}

}  // namespace

void check_drawn(vega::Scene const& scene, Diagnostics& diagnostics) {
  Drawn drawn;
  look_at(*scene.root, drawn);
  if (drawn.any_mark && !drawn.any_item)
    diagnostics.missed("$",
                       "nothing is drawn: no row is left for the marks; check the filters, and that the values of "
                       "quantitative fields are numbers");
}

std::optional<Error> not_a_chart(Value const& spec, bool vega_lite) {
  auto const error = [](std::string text) { return Error{ErrorKind::BadInput, "$: " + std::move(text)}; };
  if (Value const values = spec["data"]["values"]; values.is_string()) {
    auto const text = values.string();
    if (text.starts_with("<") && text.ends_with(">") && text.find('\n') == std::string_view::npos)
      return Error{ErrorKind::BadInput, "$.data.values: " + clean_line(text, 60) +
                                            " is a template's anchor that nothing has filled; \"cml report create "
                                            "--plot FILE --template ...\" fills templates"};
  }
  if (auto const anchor = unfilled(spec, "$"); anchor)
    return Error{ErrorKind::BadInput, anchor->path + ": " + anchor->column +
                                          " is a template's anchor that nothing has filled; \"cml report create "
                                          "--plot FILE --template ...\" fills templates"};
  if (vega_lite) return {};
  for (auto const& mark : spec["marks"].items())
    if (mark.has("properties") && !mark.has("encode"))
      return Error{ErrorKind::BadInput,
                   "$.marks: this is Vega 2 (\"properties\"), which is not drawn; since Vega 3 it is \"encode\""};
  for (auto const* key : {"mark", "encoding", "layer", "hconcat", "vconcat"})
    if (spec.has(key) && spec.has("$schema"))
      return error("\"$schema\" says Vega, but \"" + std::string(key) +
                   "\" is Vega-Lite's; let \"$schema\" name vega-lite, or leave it out");
  if (spec.has("marks") || spec.has("signals") || spec.has("scales") || spec.has("$schema")) return {};
  if (spec["type"].is_string() && spec["data"]["datasets"].is_array())
    return error(
        "this looks like a chart of Chart.js, which is not drawn; a chart has \"mark\" (Vega-Lite) or \"marks\"");
  bool const traces = spec["data"].is_array() && spec["data"].size() > 0 && spec["data"].items()[0]["type"].is_string();
  if (traces || spec.has("layout"))
    return error(
        "this looks like a figure of Plotly, which is not drawn; a chart has \"mark\" (Vega-Lite) or \"marks\"");
  if (spec.has("data") && !spec.has("encoding")) return {};
  std::size_t numbers = 0;
  for (auto const& [key, value] : spec.properties()) numbers += value.is_number() ? 1 : 0;
  return error(
      std::string("no chart: there is no \"mark\", \"layer\" or \"marks\"") +
      (numbers > 0 ? "; it looks like a metrics file: cml report create --metrics FILE makes a table of it" : ""));
}

}  // namespace cml
