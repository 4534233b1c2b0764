#include <catch2/catch.hpp>
#include <thread>

#include "vega/value/json.hpp"
#include "vega/value/table.hpp"

using namespace cml::vega;

namespace {

TableRef table_of(char const* text) { return parse_json_data(text).value().table_ref(); }
std::string text_of(TableRef const& table) { return to_json(Value(table)); }

}  // namespace

TEST_CASE("table: a clone holds the same cells, in columns of the same kinds", "[vega][value]") {
  auto const table =
      table_of(R"([{"n":1,"s":"x","b":true,"any":{"k":[1,"two",null]}},{"n":null,"s":"x","any":"text"},{"s":null,)"
               R"("b":false,"any":[[0,1],[2,3]]}])")
          ->with_column("day", Column::of_values({Value::date(1), Value::regexp("a+", "i"), Value()}));
  auto const copy = table->clone();
  CHECK(text_of(copy) == text_of(table));
  CHECK(copy->get(1, "day").regexp_flags() == "i");
  REQUIRE(copy->fields().size() == table->fields().size());
  for (std::size_t i = 0; i < copy->fields().size(); ++i) {
    CHECK(copy->fields()[i].name == table->fields()[i].name);
    CHECK(copy->fields()[i].column->kind() == table->fields()[i].column->kind());
  }
  auto const chosen = table->select({2, 0});
  CHECK(text_of(chosen->clone()) == text_of(chosen));
}

TEST_CASE("table: a clone shares nothing that is counted", "[vega][value]") {
  auto const table = table_of(R"([{"s":"x","any":{"k":[1]}},{"s":"y","any":["z"]}])");
  auto const copy = table->clone();
  for (std::size_t i = 0; i < table->fields().size(); ++i)
    CHECK(copy->fields()[i].column.get() != table->fields()[i].column.get());
  for (std::size_t i = 0; i < table->size(); ++i)
    CHECK(copy->get(i, "any").identity() != table->get(i, "any").identity());
  CHECK(copy->get(0, "any")["k"].identity() != table->get(0, "any")["k"].identity());
  CHECK(copy->get(1, "any").at(0).identity() != table->get(1, "any").at(0).identity());
  CHECK(copy->get(0, "s").identity() != table->get(0, "s").identity());
}

TEST_CASE("table: one value in several cells is one value in the clone", "[vega][value]") {
  auto const shape = Value::object({{"type", "Point"}});
  auto const copy = Table()
                        .with_column("a", Column::of_values({shape, Value::object({{"type", "Point"}}), shape}))
                        ->with_column("b", Column::of_values({shape}))
                        ->clone();
  CHECK(copy->get(0, "a").identity() == copy->get(2, "a").identity());
  CHECK(copy->get(0, "a").identity() == copy->get(0, "b").identity());
  CHECK(copy->get(0, "a").identity() != copy->get(1, "a").identity());
}

TEST_CASE("table: it is cloned while its own thread goes on with it", "[vega][value]") {
  std::string wide = "{";  // Enough properties for an index, which the owner builds when it first looks one up.
  for (int i = 0; i < 40; ++i) wide += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":[" + std::to_string(i) + "]";
  auto table = table_of((R"([{"any":)" + wide + R"(}},{"any":"text","s":"x"}])").c_str());
  auto const expected = text_of(table);
  Table const& original = *table;
  std::string seen;
  std::thread other([&] {
    auto const copy = original.clone();
    if (copy->get(0, "any")["k7"].at(0).number() == 7) seen = text_of(copy);
  });
  for (int i = 0; i < 100; ++i) {
    auto value = original.get(0, "any");
    if (value["k9"].at(0).number() == 9) value.set("k9", value["k8"]);
  }
  other.join();
  CHECK(seen == expected);
  CHECK(text_of(table) == expected);
}

TEST_CASE("table: a clone outlives what it was made from", "[vega][value]") {
  auto table = table_of(R"([{"s":"x","any":{"k":[1]}}])");
  auto const copy = table->clone();
  table = nullptr;
  CHECK(text_of(copy) == R"([{"s":"x","any":{"k":[1]}}])");
}

TEST_CASE("table: texts may be copied while their owner makes codes of them", "[vega][value]") {
  std::string texts;
  std::vector<std::uint32_t> ends;
  for (int i = 0; i < 20000; ++i) {
    texts += "t" + std::to_string(i % 700);
    ends.push_back(static_cast<std::uint32_t>(texts.size()));
  }
  auto const column = Column::of_texts(texts, ends);
  auto const table = make_ref<Table>(std::vector<Table::Field>{{Str("t"), column}}, ends.size());
  std::string seen;
  std::thread copier([&, from = table.get()] {
    for (int i = 0; i < 3; ++i) seen = from->clone()->get(8765, "t").to_string();
  });
  CHECK(column->dictionary().size() == 700);
  CHECK(column->at(699).string() == "t699");
  copier.join();
  CHECK(seen == "t365");
}
