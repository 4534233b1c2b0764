#include "vega/engine/format.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace cml;

TEST_CASE("format: every format is found by its name and by its own file names", "[vega]") {
  for (FormatRow const& row : kFormats) {
    INFO(row.name);
    CHECK(format_named(row.name).value() == row.format);
    CHECK(format_of_file("a.b/Roc" + to_upper(row.suffix)).value() == row.format);
    CHECK(row_of(row.format).format == row.format);
  }
  CHECK(row_of(DrawFormat::Jpeg).suffix == ".jpg");
  CHECK(contains(format_named("gif").error().message, "png"));
}

TEST_CASE("format: a name without suffix is a PNG, another suffix is refused and not written as one", "[vega]") {
  for (std::string_view file : {"", "-", "plots.d/roc", ".hidden"})
    CHECK(format_of_file(file).value() == DrawFormat::Png);
  for (std::string_view file : {"a.webp", "a.gif", "a.vl.json", "svg.txt"}) {
    INFO(file);
    auto const format = format_of_file(file);
    REQUIRE_FALSE(format);
    CHECK(format.error().kind == ErrorKind::Usage);
    CHECK(contains(format.error().message, ".svg"));
  }
}

TEST_CASE("format: a specification's stem has no folder and no specification suffix", "[vega]") {
  CHECK(stem_of_specification("plots/roc.vl.json") == "roc");
  CHECK(stem_of_specification("roc.vg.json") == "roc");
  CHECK(stem_of_specification("a.b/roc.json") == "roc");
  CHECK(stem_of_specification("roc.txt") == "roc.txt");
  CHECK(stem_of_specification(".json") == ".json");
}
