#include "support/fixture.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "vega/value/json.hpp"
#include "vega/value/table.hpp"

namespace cml::test {
namespace {

using vega::Value;

Value decode(Value const& value) {
  if (value.is_array()) {
    vega::Array items;
    for (auto const& item : value.items()) items.push_back(decode(item));
    return items;
  }
  if (!value.is_object()) return value;
  if (value.has("$regexp")) return Value::regexp(value["$regexp"].at(0).string(), value["$regexp"].at(1).string());
  if (value.has("$date")) return Value::date(decode(value["$date"]).number());
  if (value.has("$")) {
    auto const name = value["$"].string();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (name == "Infinity") return kInfinity;
    if (name == "-Infinity") return -kInfinity;
    if (name == "-0") return -0.0;
    return {};
  }
  vega::Object out;
  for (auto const& [key, member] : value.properties()) out[key] = decode(member);
  return out;
}

}  // namespace

std::string read_file(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Value fixture(std::string const& name) {
  auto const path = std::string(CML_SOURCE_DIR) + "/fixtures/vega/values/" + name + ".json";
  auto parsed = vega::parse_json(read_file(path));
  if (!parsed) throw std::runtime_error(path + ": " + parsed.error().message);
  return decode(*parsed);
}

bool close(Value const& a, Value const& b, double tolerance) {
  if (a.is_table()) {
    vega::Array rows;
    for (std::size_t i = 0; i < a.size(); ++i) rows.push_back(a.table()->row(i));
    return close(Value(std::move(rows)), b, tolerance);
  }
  if (b.is_table()) return close(b, a, tolerance);
  if (a.type() != b.type()) return false;
  if (a.is_number() || a.is_date()) {
    double const x = a.number(), y = b.number();
    if (x == y || (std::isnan(x) && std::isnan(y))) return true;
    return std::fabs(x - y) <= tolerance * std::fmax(1, std::fmax(std::fabs(x), std::fabs(y)));
  }
  if (a.is_array()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!close(a.at(i), b.at(i), tolerance)) return false;
    return true;
  }
  if (a.is_object()) {
    for (auto const& [key, value] : a.properties())
      if (!close(value, b[key], tolerance)) return false;
    for (auto const& [key, value] : b.properties())
      if (value.defined() && !a.has(key)) return false;
    return true;
  }
  return a == b;
}

}  // namespace cml::test
