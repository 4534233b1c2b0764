#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <new>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/table.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

template <class Work>
std::string message_of(Work work) {
  auto const result = guarded([&]() -> Result<int> {
    work();
    return 0;
  });
  return result ? std::string() : result.error().message;
}

}  // namespace

TEST_CASE("work and memory are counted within a drawing only", "[vega][budget]") {
  budget::steps(1e20);
  budget::bytes(1e20);
  BudgetScope const scope({1000, 1000});
  CHECK(message_of([] { budget::steps(1000); }).empty());
  CHECK(message_of([] { budget::steps(1); }) ==
        "over the budget of one drawing: too much work (limit 1000 steps); draw fewer rows, groups or items, "
        "aggregate first, or allow more by --plot-budget");
  CHECK(message_of([] { budget::bytes(1e9); }).find("over the budget of one drawing: too much data at once") == 0);
}

TEST_CASE("a part of a drawing counts towards the whole, whatever its own limits are", "[vega][budget]") {
  BudgetScope const outer(Limits{500, 1e9}.times(2));
  for (bool const fits : {true, false}) {
    BudgetScope const inner({1e9, 1e9});
    CHECK(message_of([] { budget::steps(600); }).empty() == fits);
  }
  CHECK_FALSE(message_of([] { budget::steps(1); }).empty());
}

TEST_CASE("not a number of steps is over the budget as well", "[vega][budget]") {
  BudgetScope const scope;
  CHECK_FALSE(message_of([] { budget::steps(std::nan("")); }).empty());
}

TEST_CASE("less than nothing is over the budget, and takes nothing off it", "[vega][budget]") {
  BudgetScope const scope({1000, 1000});
  CHECK_FALSE(message_of([] { budget::steps(-1e18); }).empty());
  CHECK_FALSE(message_of([] { budget::bytes(-1e18); }).empty());
  CHECK_FALSE(message_of([] { budget::steps(2000); }).empty());
  CHECK_FALSE(message_of([] { budget::bytes(2000); }).empty());
}

TEST_CASE("what is over the budget names its place", "[vega][budget]") {
  BudgetScope const scope({10, 10});
  std::string const path = "$.data[3]";
  budget::Place const place(path);
  CHECK(message_of([] { budget::steps(11); }).find("$.data[3]: over the budget of one drawing") == 0);
}

TEST_CASE("memory that is given back may be taken again", "[vega][budget]") {
  BudgetScope const scope({1e9, 1e6});
  for (int i = 0; i < 50; ++i) {
    Value const text(std::string(100'000, 'a'));
    Value const list(Array(1000, text));
    auto const column = Column::of_numbers(std::vector<double>(10'000));
  }
  CHECK_FALSE(message_of([] {
                std::vector<Value> kept;
                for (int i = 0; i < 50; ++i) kept.emplace_back(std::string(100'000, 'a'));
              }).empty());
}

TEST_CASE("records of one key each are too much long before they fill memory", "[vega][budget]") {
  std::string text = "[";
  for (int i = 0; i < 3000; ++i) text += (i ? "," : "") + std::string("{\"k") + std::to_string(i) + "\":1}";
  text += "]";
  CHECK(parse_json_data(text));
  BudgetScope const scope({1e9, 2e7});
  auto const refused = parse_json_data(text);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("over the budget of one drawing") != std::string::npos);
}

TEST_CASE("running out of memory is told as such", "[vega][budget]") {
  CHECK(message_of([] { throw std::bad_alloc(); }).find("this drawing needs more memory than there is") == 0);
  CHECK(message_of([] {
          std::vector<double>().reserve(std::numeric_limits<std::size_t>::max());
        }).find("this drawing needs more memory than there is") == 0);
}

TEST_CASE("numbers beyond a type are moved to its ends", "[vega][numbers]") {
  CHECK(whole(2.9, 0, 10) == 2);
  CHECK(whole(-2.9, -10, 10) == -2);
  CHECK(whole(1e300, 0, 10) == 10);
  CHECK(whole(-1e300, 0, 10) == 0);
  CHECK(whole(std::nan(""), 3, 10) == 3);
  CHECK(whole<std::size_t>(1e300, 0, 7) == 7);
  CHECK(whole<long>(-std::numeric_limits<double>::infinity(), -5, 5) == -5);
}

TEST_CASE("lists within lists end before the stack does", "[vega][budget]") {
  Value list;
  auto const message = message_of([&list] {
    for (int i = 0; i < 100'000; ++i) list = Value::array({list});
  });
  CHECK(message == "lists and objects are nested deeper than 2000 levels");
  Value rows;
  CHECK_FALSE(message_of([&rows] {
                for (int i = 0; i < 100'000; ++i) rows = Value(Table::from_rows({Value::object({{"a", rows}})}));
              }).empty());
}

TEST_CASE("a list that stands in another many times is counted each time", "[vega][budget]") {
  Value list("a");
  for (int i = 0; i < 59; ++i) list = Value::array({list, list});
  auto same = Value("a");
  for (int i = 0; i < 59; ++i) same = Value::array({same, same});
  BudgetScope const scope({1e7, 1e8});
  CHECK_FALSE(message_of([&] { list.to_string(); }).empty());
  CHECK_FALSE(message_of([&] { hash_value(list); }).empty());
  CHECK_FALSE(message_of([&] { static_cast<void>(list == same); }).empty());
  CHECK_FALSE(message_of([&] { to_json(list, 0); }).empty());
}
