// Text of specifications and data: each of the engine's own scanners takes time in proportion to its text.
#include <catch2/catch.hpp>

#include <functional>

#include "base/text.hpp"
#include "support/doubling.hpp"
#include "vega/engine/author.hpp"
#include "vega/engine/draw.hpp"
#include "vega/expr/expression.hpp"
#include "vega/scene/path.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/color.hpp"
#include "vega/value/dsv.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/time_format.hpp"

using namespace cml;
using namespace cml::test;
using namespace cml::vega;

namespace {

struct TextShape {
  std::string before, unit, after;  // "#" stands for the number of the round.
  std::string of(std::size_t n) const {
    std::string out = before;
    for (std::size_t i = 0; i < n; ++i) out += replace_all(unit, "#", std::to_string(i));
    return out + after;
  }
};

struct TextScanner {
  char const* name;
  std::function<void(std::string const&)> run;
  std::vector<TextShape> shapes;
};

template <class Run>
std::function<void(std::string const&)> tried(Run run) {
  return [run](std::string const& text) {
    try {
      run(text);
    } catch (EngineError const&) {  // Refused is as good, if it is soon.
    }
  };
}

std::vector<TextScanner> text_scanners() {
  auto const drawn = [](std::string const& text) {
    Diagnostics diagnostics;
    (void)Drawer().draw(
        text, {},
        [](std::string_view) -> Result<std::string> {
          return Error{ErrorKind::NotFound, "none"};
        },
        diagnostics);
  };
  return {
      {"JSON",
       tried([](std::string const& t) { (void)parse_spec(t); }),
       {{"{\"data\":{\"values\":[", "{\"a\":#},", "{\"a\":1}]}}"},
        {"{\"data\":{\"values\":[", "{\"a#\":1},", "{}]}}"},
        {"[", "[1,", ""},
        {"[", "\"\\u00e9\\n\",", "1]"},
        {"{", "\"a#\":{\"b\":1},", "\"z\":1}"},
        {"[\"", "\\\"", "\"]"},
        {"[", "1e5,", "1]"},
        {"[", "NaN,", "1]"},
        {"[\"", "\xE2\x80\xA8", ""}}},
      {"CSV",
       tried([](std::string const& t) { (void)parse_dsv(t, ',', {}, ""); }),
       {{"a,b\n", "1,2\n", ""},
        {"a\n\"", "\"\"", "\"\n"},
        {"a\n", "\"x\ny\"\n", ""},
        {"a\n", "\r", ""},
        {"a\n", ",", ""},
        {"a\n", "\"", ""}}},
      {"colour",
       tried([](std::string const& t) { (void)parse_color(t); }),
       {{"rgb(", "1,", ")"}, {"#", "a", ""}, {"", " ", "red"}, {"hsl(", "%", ""}}},
      {"date",
       tried([](std::string const& t) { (void)parse_date(t); }),
       {{"", "1", ""}, {"", "Jan ", ""}, {"2020-", "-", ""}, {"", "(", ""}, {"", ":1", ""}, {"1 ", "+", ""}}},
      {"path",
       tried([](std::string const& t) {
         bool ok = false;
         (void)parse_path(t, ok);
       }),
       {{"M0,0", "L1,1", ""},
        {"M0,0", "1", ""},
        {"M0,0A1,1,0,", "11", ""},
        {"", "M", ""},
        {"M0", ".5", ""},
        {"M", "-", ""}}},
      {"field",
       tried([](std::string const& t) { (void)split_path(t, ""); }),
       {{"", "a.", "b"}, {"", "[0]", ""}, {"", "['a']", ""}, {"", "\\.", ""}, {"", "[", ""}}},
      {"expression",
       tried([](std::string const& t) { (void)Expression(t, ""); }),
       {{"1", "+1", ""},
        {"", "(", ""},
        {"[", "1,", "1]"},
        {"'", "\\'", "'"},
        {"", "!", "1"},
        {"a", ".b", ""},
        {"/", "a", "/"},
        {"f(", "1,", ""},
        {"", "a?1:", "2"},
        {"", " ", "1"},
        {"{", "a#:1,", "z:1}"}}},
      {"words",
       drawn,
       {{"{\"mark\":\"bar\",\"encoding\":{", "\"x#\":{\"field\":\"a\",\"type\":\"z\",\"sort\":\"q\"},", "\"x\":{}}}"},
        {"{\"mark\":{", "\"q#\":1,", "\"type\":\"bar\"}}"},
        {"{\"data\":{\"values\":[{\"a\":1}]},\"mark\":\"bar\",\"usermeta\":[", "{\"encoding\":{\"field\":\"f#\"}},",
         "1]}"},
        {"{\"data\":{\"values\":[{\"a\":1}]},\"layer\":[", "{\"mark\":{\"type\":\"x\",\"color\":\"rde\"}},",
         "{\"mark\":\"x\"}]}"},
        {"{\"mark\":{\"type\":\"bar\",\"color\":\"", "z", "\"}}"},
        {"{\"mark\":\"bar\",\"", "k", "\":1}"}}},
  };
}

}  // namespace

TEST_CASE("engine: every scanner of text takes linear time", "[vega][linear]") {
  for (TextScanner const& scanner : text_scanners())
    for (TextShape const& shape : scanner.shapes) {
      INFO(scanner.name << " " << shape.of(2));
      CHECK(doubling([&](std::size_t n) { return shape.of(n); },
                     [&](std::string const& text) { return scanner.run(text), 0; }, 1 << 17) < kLinear);
    }
}
