#include "vega/value/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/outline.hpp"
#include "vega/value/table.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {

void check_text_size(std::size_t bytes) {
  if (bytes > kMaxText) fail("", "an expression makes text longer than 64 MB");
}

namespace {

constexpr std::uint32_t kMostNested = 2000;  // Lists within lists: what walks them does so on the stack.
constexpr std::size_t kLongText = 256;       // Text that is worth counting when it is only looked at.

}  // namespace

std::uint32_t nested_around(std::uint32_t inner) {
  if (inner >= kMostNested)
    fail("", "lists and objects are nested deeper than " + std::to_string(kMostNested) + " levels");
  return inner + 1;
}

namespace {

// Lists and objects know how deep they are nested when made, and what they hold of the budget.
struct ArrayRep : Counted {
  explicit ArrayRep(Array list) : items(std::move(list)) {
    std::uint32_t deepest = 0;
    for (auto const& item : items)
      if (item.type() >= Type::Array) deepest = std::max(deepest, item.nested());
    nested = nested_around(deepest);
    held = static_cast<double>(64 + sizeof(Value) * items.size());
    budget::steps(20 + items.size());
    budget::bytes(held);
  }
  ~ArrayRep() override { budget::give_back(held); }
  Array items;
  std::uint32_t nested = 0;
  double held = 0;
};
struct ObjectRep : Counted {
  explicit ObjectRep(Object object) : properties(std::move(object)) {
    std::uint32_t deepest = 0;
    for (auto const& entry : properties)
      if (entry.second.type() >= Type::Array) deepest = std::max(deepest, entry.second.nested());
    nested = nested_around(deepest);
    held = static_cast<double>(96 + sizeof(Object::Entry) * properties.size());
    budget::steps(40 + 2 * properties.size());
    budget::bytes(held);
  }
  ~ObjectRep() override { budget::give_back(held); }
  Object properties;
  std::uint32_t nested = 0;
  double held = 0;
};
struct RegexpRep : Counted {
  std::string pattern, flags;
};

constexpr std::size_t kIndexFrom = 24;  // Objects of more properties get a hash index.

// Of a property's name: eight bytes at a time, the last ones overlapping.
std::size_t hash_of(std::string_view name) {
  std::uint64_t hash = name.size(), word = 0;
  auto const mix = [&] { hash = (hash ^ word) * 0x9E3779B97F4A7C15u, hash ^= hash >> 32; };
  if (name.size() < 8) {
    for (char c : name) word = word << 8 | static_cast<unsigned char>(c);
    return mix(), hash;
  }
  for (std::size_t i = 0; i + 8 < name.size(); i += 8) std::memcpy(&word, name.data() + i, 8), mix();
  std::memcpy(&word, name.data() + name.size() - 8, 8);
  return mix(), hash;
}

// Names of properties repeat from object to object: a thread keeps those met last, so that most take no memory of their
// own.
Str property_name(std::string_view text) {
  constexpr std::size_t kKept = 1024, kLongest = 32;
  if (text.size() > kLongest) return Str(text);
  thread_local std::array<Str, kKept> kept;
  auto& name = kept[hash_of(text) % kKept];
  if (name != text) name = Str(text);
  return name;
}

Value const kUndefined;
Array const kNoItems;
Object const kNoProperties;

}  // namespace

Str::Rep::Rep(std::string_view t) : text(t) {
  budget::steps(20 + t.size() / 2);
  budget::bytes(64 + t.size());
}
Str::Rep::~Rep() { budget::give_back(static_cast<double>(64 + text.size())); }
Str::Str(std::string_view text) : rep_(make_ref<Rep>(text)), tag_(tag_of(text)) {}

// --- Object ---------------------------------------------------------------------------------------------------

std::size_t Object::position(std::string_view key) const {
  auto const count = entries_.size();
  auto const tag = Str::tag_of(key);
  auto const is_key = [&](Str const& name) { return name.tag_ == tag && name.view() == key; };
  if (count <= kIndexFrom) {
    for (std::size_t i = 0; i < count; ++i)
      if (is_key(entries_[i].first)) return i;
    return count;
  }
  if (index_.size() < 2 * count) {
    std::size_t capacity = 64;
    while (capacity < 4 * count) capacity *= 2;
    index_.assign(capacity, 0);
    for (std::size_t i = 0; i < count; ++i) {
      auto slot = hash_of(entries_[i].first.view()) & (capacity - 1);
      while (index_[slot]) slot = (slot + 1) & (capacity - 1);
      index_[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }
  auto const mask = index_.size() - 1;
  for (auto slot = hash_of(key) & mask; index_[slot]; slot = (slot + 1) & mask)
    if (is_key(entries_[index_[slot] - 1].first)) return index_[slot] - 1;
  return count;
}

Value const* Object::find(std::string_view key) const {
  auto const i = position(key);
  return i < entries_.size() ? &entries_[i].second : nullptr;
}
Value* Object::find(std::string_view key) {
  auto const i = position(key);
  return i < entries_.size() ? &entries_[i].second : nullptr;
}
Value& Object::operator[](std::string_view key) {
  auto const i = position(key);
  if (i < entries_.size()) return entries_[i].second;
  entries_.emplace_back(property_name(key), Value());
  if (!index_.empty()) {
    if (index_.size() < 2 * entries_.size()) {
      index_.clear();
    } else {
      auto const mask = index_.size() - 1;
      auto slot = hash_of(key) & mask;
      while (index_[slot]) slot = (slot + 1) & mask;
      index_[slot] = static_cast<std::uint32_t>(entries_.size());
    }
  }
  return entries_.back().second;
}
bool Object::erase(std::string_view key) {
  auto const i = position(key);
  if (i == entries_.size()) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  index_.clear();
  return true;
}
std::size_t Object::size() const { return entries_.size(); }
std::vector<Object::Entry>::const_iterator Object::begin() const { return entries_.begin(); }
std::vector<Object::Entry>::const_iterator Object::end() const { return entries_.end(); }

// --- Value: making ---------------------------------------------------------------------------------------------

Value::Value(Str text) : type_(Type::String) {
  data_.counted = text.rep_.get();
  retain();
}
Value::Value(Array items) : type_(Type::Array) {
  data_.counted = new ArrayRep(std::move(items));
  retain();
}
Value::Value(Object properties) : type_(Type::Object) {
  data_.counted = new ObjectRep(std::move(properties));
  retain();
}
Value::Value(Ref<Table> table) : type_(table ? Type::Table : Type::Undefined) {
  data_.counted = table.get();
  retain();
}
Value::Value(Ref<Outline> outline) : type_(outline ? Type::Outline : Type::Undefined) {
  data_.counted = outline.get();
  retain();
}
Value Value::date(double milliseconds_utc) {
  Value v(milliseconds_utc);
  v.type_ = Type::Date;
  return v;
}
Value Value::regexp(std::string_view pattern, std::string_view flags) {
  auto* rep = new RegexpRep;
  rep->pattern = pattern;
  rep->flags = flags;
  Value v;
  v.type_ = Type::Regexp;
  v.data_.counted = rep;
  v.retain();
  return v;
}
Value Value::array(std::initializer_list<Value> items) { return Value(Array(items)); }
Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> properties) {
  Object object;
  object.entries().reserve(properties.size());
  for (auto const& [key, value] : properties) object[key] = value;
  return Value(std::move(object));
}

// --- Value: reading ---------------------------------------------------------------------------------------------

double Value::number() const { return type_ == Type::Number || type_ == Type::Date ? data_.number : kNaN; }
std::string_view Value::string() const {
  if (type_ == Type::String && data_.counted) return static_cast<Str::Rep*>(data_.counted)->text;
  if (type_ == Type::Regexp) return static_cast<RegexpRep*>(data_.counted)->pattern;
  return {};
}
Str Value::str() const {
  Str s;
  if (type_ == Type::String && data_.counted) {
    s.rep_ = Ref<Str::Rep>(static_cast<Str::Rep*>(data_.counted));
    s.tag_ = Str::tag_of(s.rep_->text);
  }
  return s;
}
std::string_view Value::regexp_flags() const {
  return type_ == Type::Regexp ? std::string_view(static_cast<RegexpRep*>(data_.counted)->flags) : std::string_view();
}
Array const& Value::items() const {
  return type_ == Type::Array ? static_cast<ArrayRep*>(data_.counted)->items : kNoItems;
}
Object const& Value::properties() const {
  return type_ == Type::Object ? static_cast<ObjectRep*>(data_.counted)->properties : kNoProperties;
}
Table const* Value::table() const { return type_ == Type::Table ? static_cast<Table*>(data_.counted) : nullptr; }
Ref<Table> Value::table_ref() const {
  return type_ == Type::Table ? Ref<Table>(static_cast<Table*>(data_.counted)) : Ref<Table>();
}
Outline const* Value::outline() const {
  return type_ == Type::Outline ? static_cast<Outline const*>(data_.counted) : nullptr;
}
Value const& Value::operator[](std::string_view key) const {
  if (type_ != Type::Object) return kUndefined;
  auto const* found = properties().find(key);
  return found ? *found : kUndefined;
}
Value const& Value::at(std::size_t index) const {
  auto const& list = items();
  return index < list.size() ? list[index] : kUndefined;
}
std::size_t Value::size() const {
  switch (type_) {
    case Type::String:
      return utf16_length(string());
    case Type::Array:
      return items().size();
    case Type::Object:
      return properties().size();
    case Type::Table:
      return table()->size();
    default:
      return 0;
  }
}

// --- Value: changing ----------------------------------------------------------------------------------------------

Array& Value::mutable_items() {
  if (type_ != Type::Array) *this = Value(Array());
  auto* rep = static_cast<ArrayRep*>(data_.counted);
  if (rep->references > 1) {
    *this = Value(Array(rep->items));
    rep = static_cast<ArrayRep*>(data_.counted);
  }
  return rep->items;
}
Object& Value::mutable_properties() {
  if (type_ != Type::Object) *this = Value(Object());
  auto* rep = static_cast<ObjectRep*>(data_.counted);
  if (rep->references > 1) {
    *this = Value(Object(rep->properties));
    rep = static_cast<ObjectRep*>(data_.counted);
  }
  return rep->properties;
}
Value& Value::set(std::string_view key, Value value) {
  auto& slot = mutable_properties()[key];
  slot = std::move(value);
  return slot;
}

// --- Conversions ---------------------------------------------------------------------------------------------------

bool Value::truthy() const {
  switch (type_) {
    case Type::Undefined:
    case Type::Null:
      return false;
    case Type::Boolean:
      return data_.boolean;
    case Type::Number:
      return data_.number != 0 && !std::isnan(data_.number);
    case Type::String:
      return !string().empty();
    default:
      return true;
  }
}
double Value::to_number() const {
  switch (type_) {
    case Type::Null:
      return 0;
    case Type::Boolean:
      return data_.boolean ? 1 : 0;
    case Type::Number:
    case Type::Date:
      return data_.number;
    case Type::String:
      return string_to_number(string());
    case Type::Array:
      if (items().empty()) return 0;
      return items().size() == 1 ? string_to_number(items()[0].to_string()) : kNaN;
    default:
      return kNaN;
  }
}
std::uint32_t Value::nested() const {
  switch (type_) {
    case Type::Array:
      return static_cast<ArrayRep const*>(data_.counted)->nested;
    case Type::Object:
      return static_cast<ObjectRep const*>(data_.counted)->nested;
    case Type::Table:
      return table()->nested();
    default:
      return 0;
  }
}
std::string Value::to_string() const {
  switch (type_) {
    case Type::Undefined:
      return "undefined";
    case Type::Null:
      return "null";
    case Type::Boolean:
      return data_.boolean ? "true" : "false";
    case Type::Number:
    case Type::Date:
      return number_to_string(data_.number);
    case Type::String:
      if (string().size() > kLongText) budget::steps(string().size() / 4);
      return std::string(string());
    case Type::Array: {
      std::string out;
      bool first = true;
      for (auto const& item : items()) {
        if (!first) out += ',';
        first = false;
        if (!item.is_nullish()) out += item.to_string();
        budget::steps(20);
        check_text_size(out.size());
      }
      return out;
    }
    case Type::Regexp:
      return "/" + std::string(string()) + "/" + std::string(regexp_flags());
    case Type::Outline:
      return outline()->text();
    default:
      return "[object Object]";
  }
}

bool Value::same_identity(Value const& other) const {
  if (type_ != other.type_) return false;
  switch (type_) {
    case Type::Undefined:
    case Type::Null:
      return true;
    case Type::Boolean:
      return data_.boolean == other.data_.boolean;
    case Type::Number:
    case Type::Date:
      return data_.number == other.data_.number;
    case Type::String:
      if (data_.counted == other.data_.counted) return true;
      if (string().size() > kLongText) budget::steps(string().size() / 8);
      return string() == other.string();
    default:
      return data_.counted == other.data_.counted;
  }
}
bool Value::operator==(Value const& other) const {
  if (type_ != other.type_) return false;
  switch (type_) {
    case Type::Number:
    case Type::Date:
      return data_.number == other.data_.number || (std::isnan(data_.number) && std::isnan(other.data_.number));
    case Type::Array:
      budget::steps(10 + items().size());  // One list may stand in another many times.
      return data_.counted == other.data_.counted || items() == other.items();
    case Type::Object: {
      budget::steps(10 + properties().size());
      if (data_.counted == other.data_.counted) return true;
      if (properties().size() != other.properties().size()) return false;
      for (auto const& [key, value] : properties()) {
        auto const* match = other.properties().find(key);
        if (!match || !(*match == value)) return false;
      }
      return true;
    }
    case Type::Regexp:
      return string() == other.string() && regexp_flags() == other.regexp_flags();
    default:
      return same_identity(other);
  }
}

std::string number_to_string(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (number == 0) return "0";
  // Shortest digits in scientific form, then laid out by ECMA-262 Number::toString.
  char buffer[40];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number), std::chars_format::scientific).ptr;
  std::string digits;
  char const* p = buffer;
  for (; p != end && *p != 'e'; ++p)
    if (*p != '.') digits += *p;
  int exponent = 0;
  if (p != end) {
    ++p;
    if (p != end && *p == '+') ++p;
    std::from_chars(p, end, exponent);
  }
  int const k = static_cast<int>(digits.size());
  int const n = exponent + 1;
  std::string out = number < 0 ? "-" : "";
  if (k <= n && n <= 21) {
    out += digits + std::string(static_cast<std::size_t>(n - k), '0');
  } else if (0 < n && n <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(n)) + "." + digits.substr(static_cast<std::size_t>(n));
  } else if (-6 < n && n <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
  } else {
    out += digits.substr(0, 1);
    if (k > 1) out += "." + digits.substr(1);
    out += n - 1 < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(n - 1));
  }
  return out;
}

namespace {

// Of up to 15 digits without an exponent: a whole number over a power of ten, both exact, so that dividing them rounds
// as reading the text does. False: not such a text.
bool read_short_decimal(std::string_view text, double& value) {
  constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  constexpr std::size_t kDigits = 15;
  if (text.size() > kDigits + 1) return false;
  std::int64_t whole = 0;
  std::size_t digits = 0, decimals = 0;
  bool point = false;
  for (char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return false;
    whole = whole * 10 + (c - '0');
    ++digits;
    decimals += point;
  }
  if (digits == 0 || digits > kDigits) return false;
  value = static_cast<double>(whole) / kPowers[decimals];
  return true;
}

}  // namespace

double string_to_number(std::string_view text) {
  auto const blank = [](unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (!text.empty() && blank(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && blank(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  if (text.empty()) return 0;
  if (text.size() > 2 && text[0] == '0') {
    int const base = text[1] == 'x' || text[1] == 'X'   ? 16
                     : text[1] == 'o' || text[1] == 'O' ? 8
                     : text[1] == 'b' || text[1] == 'B' ? 2
                                                        : 0;
    if (base) {
      double value = 0;
      for (char c : text.substr(2)) {
        int const digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : 99;
        if (digit >= base) return kNaN;
        value = value * base + digit;
      }
      return value;
    }
  }
  auto rest = text;
  double const sign = rest[0] == '-' ? -1 : 1;
  if (rest[0] == '+' || rest[0] == '-') rest.remove_prefix(1);
  if (rest == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (rest.empty() || !((rest[0] >= '0' && rest[0] <= '9') || rest[0] == '.')) return kNaN;
  double value = 0;
  if (read_short_decimal(rest, value)) return sign * value;
  auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (end != rest.data() + rest.size()) return kNaN;
  if (error == std::errc::result_out_of_range)
    value = std::strtod(std::string(rest).c_str(), nullptr);
  else if (error != std::errc())
    return kNaN;
  return sign * value;
}

std::size_t utf16_length(std::string_view utf8) {
  if (utf8.size() > kLongText) budget::steps(utf8.size());
  // Malformed bytes count as the replacement character that to_utf16 puts in their place.
  std::size_t units = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    if (static_cast<unsigned char>(utf8[at]) < 0x80)
      ++at, ++units;
    else
      units += decode_utf8(utf8, at) >= 0x10000 ? 2 : 1;
  }
  return units;
}

std::size_t hash_value(Value const& value) {
  auto const mix = [](std::size_t seed, std::size_t h) {
    return seed ^ (h + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2));
  };
  auto const type = static_cast<std::size_t>(value.type());
  switch (value.type()) {
    case Type::Boolean:
      return mix(type, value.boolean() ? 1 : 0);
    case Type::Number:
    case Type::Date: {
      double const n = value.number();
      return mix(type, std::hash<double>{}(n == 0 ? 0 : n));
    }
    case Type::String:
    case Type::Regexp:
      if (value.string().size() > kLongText) budget::steps(value.string().size() / 4);
      return mix(type, std::hash<std::string_view>{}(value.string()));
    case Type::Array: {
      std::size_t h = type;
      budget::steps(10 + 2 * value.items().size());
      for (auto const& item : value.items()) h = mix(h, hash_value(item));
      return h;
    }
    case Type::Object: {
      std::size_t h = type;
      budget::steps(10 + 4 * value.properties().size());
      for (auto const& [key, item] : value.properties())
        h += mix(std::hash<std::string_view>{}(key.view()), hash_value(item));
      return h;
    }
    default:
      return type;
  }
}

}  // namespace cml::vega
