#include "vega/value/table.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "vega/value/json.hpp"

using namespace cml::vega;

TEST_CASE("table: cells come back as they went in, with gaps", "[vega][value]") {
  auto const spec =
      parse_spec(R"({"data":{"values":[{"a":1,"s":"x"},{"a":null,"t":true},{"s":"y","a":2.5},{"a":"text"},7]}})");
  REQUIRE(spec);
  auto const* table = (*spec)["data"]["values"].table();
  REQUIRE(table);
  CHECK(table->size() == 5);
  CHECK(table->get(0, "a").number() == 1);
  CHECK(table->get(1, "a").is_null());
  CHECK(table->get(3, "a").string() == "text");
  CHECK(table->get(1, "s").is_undefined());
  CHECK(table->get(2, "s").string() == "y");
  CHECK(table->get(0, "t").is_undefined());
  CHECK(table->get(1, "t").boolean());
  CHECK(table->get(4, "data").number() == 7);
  CHECK(to_json((*spec)["data"]["values"]) ==
        R"([{"a":1,"s":"x"},{"a":null,"t":true},{"a":2.5,"s":"y"},{"a":"text"},{"data":7}])");
}

TEST_CASE("table: a numeric column with nulls stays contiguous doubles", "[vega][value]") {
  ColumnBuilder builder;
  builder.push_null();
  builder.push_number(NAN);
  builder.push_undefined();
  builder.push_number(3);
  auto const column = builder.finish();
  CHECK(column->kind() == Column::Kind::Number);
  CHECK(column->at(0).is_null());
  CHECK((column->at(1).is_number() && std::isnan(column->at(1).number())));
  CHECK(column->at(2).is_undefined());
  CHECK(column->number_at(0) == 0);
  CHECK(column->is_nullish_at(2));
  CHECK_FALSE(column->is_nullish_at(1));
}

TEST_CASE("table: selections compose and compact", "[vega][value]") {
  auto const data = parse_json_data(R"([{"v":0},{"v":1},{"v":2},{"v":3}])");
  REQUIRE(data);
  auto const odd = data->table()->select({1, 3});
  auto const last = odd->select({1});
  CHECK(last->get(0, "v").number() == 3);
  auto const extended = odd->with_column("w", Column::of_values({Value("a"), Value("b")}));
  CHECK(extended->get(1, "v").number() == 3);
  CHECK(extended->get(1, "w").string() == "b");
  CHECK_FALSE(extended->selected());
}

TEST_CASE("table: many distinct strings keep one dictionary entry each", "[vega][value]") {
  ColumnBuilder builder;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 1000; ++i) builder.push_string(std::to_string(i));
  auto const column = builder.finish();
  CHECK(column->dictionary().size() == 1000);
  CHECK(column->codes()[1999] == column->codes()[999]);
  for (std::size_t i = 0; i < 1000; ++i) REQUIRE(column->at(i + 1000).string() == std::to_string(i));
}

TEST_CASE("table: texts that wait for codes are what codes would be", "[vega][value]") {
  auto const made = [] { return Column::of_texts("ab7ab", {1, 2, 3, 3, 4, 5}); };  // a, b, 7, "", a, b.
  CHECK(made()->kind() == Column::Kind::String);
  CHECK(made()->size() == 6);
  CHECK_FALSE(made()->is_nullish_at(3));
  CHECK(made()->number_at(2) == 7);
  CHECK(made()->at(1).string() == "b");
  auto const gathered = made()->gather({5, 2, 2, 3});
  REQUIRE(gathered->size() == 4);
  CHECK(gathered->at(0).string() == "b");
  CHECK(gathered->at(3).string().empty());
  CHECK(gathered->dictionary().size() == 3);
  auto const column = made();
  CHECK(column->dictionary().size() == 4);
  CHECK(column->codes()[4] == column->codes()[0]);
  CHECK(column->number_at(2) == 7);
  CHECK(column->gather({0})->at(0).string() == "a");
}
