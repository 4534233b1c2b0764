#include "vega/expr/order.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

#include "vega/expr/coerce.hpp"
#include "vega/value/json.hpp"

using namespace cml::vega;

namespace {

// As tools/dev/make_sort_fixture.mjs has them.
struct Source {
  std::uint64_t state = 1;
  std::uint32_t next(std::uint32_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>((state >> 33) % bound);
  }
  Value value() {
    int const n = static_cast<int>(next(50));
    switch (next(5)) {
      case 0:
        return n;
      case 1:
        return std::to_string(n);
      case 2:
        return std::string(1, "abcdefghij"[n % 10]);
      case 3:
        return n % 2 ? Value(nullptr) : Value(n - 25);
      default:
        return Value::array({n % 7, n % 3});
    }
  }
};

template <class Compare>
std::uint32_t hash_sorted(std::size_t length, Compare const& compare) {
  std::vector<std::uint32_t> order(length);
  std::iota(order.begin(), order.end(), 0u);
  sort_as_v8(order.data(), order.data() + length, compare);
  return std::accumulate(order.begin(), order.end(), 2166136261u,
                         [](std::uint32_t hash, std::uint32_t item) { return (hash ^ item) * 16777619u; });
}

template <class Cell>
std::vector<Cell> many(std::size_t length, std::function<Cell()> const& make) {
  std::vector<Cell> cells;
  while (cells.size() < length) cells.push_back(make());
  return cells;
}

}  // namespace

TEST_CASE("order: null, NaN, then by value, lists compare as text, what is no number is equal to numbers",
          "[vega][expr]") {
  CHECK(ascending(nullptr, 1) < 0);
  CHECK(ascending(1, Value()) > 0);
  CHECK(ascending(Value(), nullptr) == 0);
  CHECK(ascending(NAN, 1) < 0);
  CHECK(ascending(1, NAN) > 0);
  CHECK(ascending(NAN, NAN) == 0);
  CHECK(ascending(NAN, "b") < 0);
  CHECK(ascending("b", "a") > 0);
  CHECK(ascending("\xEF\xBF\xBD", "\xF0\x9F\x98\x80") > 0);  // U+FFFD behind a surrogate.
  CHECK(ascending(Value::date(5), 6) < 0);
  CHECK(ascending(Value::date(NAN), 6) < 0);
  CHECK(ascending("10", 9) > 0);
  CHECK(ascending("a", 9) == 0);
  CHECK(ascending(true, 0) > 0);
  CHECK(ascending(Value::array({1, 2}), Value::array({1, 10})) > 0);  // "1,2" and "1,10".
  CHECK(ascending(Value::array({3}), 20) < 0);
}

TEST_CASE("order: values that contradict each other end as V8's sort ends", "[vega][expr]") {
  std::ifstream file(CML_SOURCE_DIR "/fixtures/vega/sort_orders.json");
  std::stringstream text;
  text << file.rdbuf();
  Value const fixture = *parse_json(text.str());
  Source source;
  REQUIRE(fixture["mixed"].size() == 5);
  for (Value const& one : fixture["mixed"].items()) {
    auto const values = many<Value>(one["values"].size(), [&] { return source.value(); });
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    sort_as_v8(order.data(), order.data() + order.size(),
               [&](auto a, auto b) { return ascending(values[a], values[b]); });
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(js_string(values[order[i]]) == js_string(one["sorted"].at(i)));
  }
  REQUIRE(fixture["hashes"].size() == 13);
  for (Value const& one : fixture["hashes"].items()) {
    auto const length = static_cast<std::size_t>(one["length"].number());
    INFO(length);
    auto const numbers = many<int>(length, [&] { return static_cast<int>(source.next(1000)); });
    auto const values = many<Value>(length, [&] { return source.value(); });
    std::vector<int> runs;
    for (std::size_t i = 0; i < length; ++i)
      runs.push_back(static_cast<int>((i * 7 + (i % 50 == 0 ? source.next(300) : 0)) % 900));
    // A wheel, on which nothing is greatest.
    CHECK(hash_sorted(length, [&](auto a, auto b) {
            int const d = (numbers[a] - numbers[b] + 1000) % 1000;
            return d == 0 ? 0 : d < 500 ? -1 : 1;
          }) == one["wheel"].number());
    CHECK(hash_sorted(length, [&](auto a, auto b) { return ascending(values[a], values[b]); }) ==
          one["values"].number());
    CHECK(hash_sorted(length, [&](auto a, auto b) { return runs[a] - runs[b]; }) == one["runs"].number());
  }
}
