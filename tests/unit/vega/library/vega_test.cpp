#include "vega/library/vega.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/text.hpp"

using cml::contains;

namespace {

std::string const kSpec =
    R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":"a.csv"},"mark":"bar",)"
    R"("encoding":{"x":{"field":"a","type":"nominal"},"y":{"field":"b","type":"quantitative"}}})";

int give(void* context, char const* url, cml_vega_data* data) {
  std::string const text = contains(url, "a.csv") ? "a,b\nx,1\ny,2\n" : "not here";
  cml_vega_data_write(data, text.data(), text.size());
  if (context != nullptr) ++*static_cast<int*>(context);
  return contains(url, "a.csv") ? 0 : 1;
}

struct Drawn {
  std::string bytes, error;
  std::vector<std::string> warnings;
};
Drawn draw(std::string const& spec, cml_vega_options const* options) {
  cml_vega_result* const result = cml_vega_render(spec.data(), spec.size(), options);
  REQUIRE(result != nullptr);
  Drawn drawn{{cml_vega_bytes(result), cml_vega_size(result)}, "", {}};
  if (cml_vega_error(result) != nullptr) drawn.error = cml_vega_error(result);
  for (std::size_t i = 0; cml_vega_warning(result, i) != nullptr; ++i)
    drawn.warnings.emplace_back(cml_vega_warning(result, i));
  cml_vega_free(result);
  return drawn;
}
cml_vega_options with_data() {
  cml_vega_options options{};
  options.size = sizeof options;
  options.load = give;
  return options;
}

}  // namespace

TEST_CASE("library: a specification becomes the asked format, with data from the caller alone", "[vega]") {
  cml_vega_options options = with_data();
  int calls = 0;
  options.load_context = &calls;
  Drawn const png = draw(kSpec, &options);
  CHECK(png.error.empty());
  CHECK(png.bytes.starts_with("\x89PNG"));
  CHECK(calls == 1);
  options.format = "svg";
  CHECK(draw(kSpec, &options).bytes.starts_with("<svg"));
  options.format = "vega";
  CHECK(contains(draw(kSpec, &options).bytes, "\"marks\""));
  options.format = "gif";
  CHECK(contains(draw(kSpec, &options).error, "svg"));
}

TEST_CASE("library: what fails is one line and no bytes, nothing is loaded without the caller", "[vega]") {
  CHECK(contains(draw(kSpec, nullptr).error, "nothing is loaded here"));
  CHECK(draw(kSpec, nullptr).bytes.empty());
  CHECK(contains(draw("{", nullptr).error, "JSON"));
  CHECK_FALSE(draw("", nullptr).error.empty());
  cml_vega_options options = with_data();
  CHECK(contains(draw(cml::replace_all(kSpec, "a.csv", "b.csv"), &options).error, "not here"));
  options.scale = -1;
  CHECK(contains(draw(kSpec, &options).error, "scale"));
  CHECK_FALSE(draw(cml::replace_all(kSpec, "\"bar\"", "{\"type\":\"bar\",\"glow\":1}"), nullptr).error.empty());
}

TEST_CASE("library: options of an earlier, shorter form mean the defaults of what they lack", "[vega]") {
  cml_vega_options options = with_data();
  Drawn const whole = draw(kSpec, &options);
  options.background = "red";
  CHECK(draw(kSpec, &options).bytes != whole.bytes);
  options.size = offsetof(cml_vega_options, background);
  CHECK(contains(draw(kSpec, &options).error, "nothing is loaded here"));
}

TEST_CASE("library: options that would be ignored are errors: no size, a later version's, no number", "[vega]") {
  struct {
    cml_vega_options known;
    double later = 0;
  } newer{with_data(), 0};
  newer.known.size = sizeof newer;
  CHECK(draw(kSpec, &newer.known).error.empty());  // A later version's that ask for nothing.
  newer.later = 2;
  CHECK(contains(draw(kSpec, &newer.known).error, "later version"));
  for (std::size_t const size : {std::size_t{0}, std::size_t{3}, sizeof(cml_vega_options) - 1, ~std::size_t{0} - 7}) {
    cml_vega_options options = with_data();
    options.size = size;
    INFO(size);
    CHECK(contains(draw(kSpec, &options).error, "options.size is " + std::to_string(size)));
  }
  for (double const number : {std::nan(""), -1.0, std::numeric_limits<double>::infinity(), 1e300}) {
    cml_vega_options options = with_data();
    INFO(number);
    options.scale = number;
    CHECK_FALSE(draw(kSpec, &options).error.empty());
    options.scale = 0, options.ppi = number;
    CHECK_FALSE(draw(kSpec, &options).error.empty());
  }
}

TEST_CASE("library: NULL, sizes and bytes that nobody should give are errors", "[vega][security]") {
  cml_vega_result* const nothing = cml_vega_render(nullptr, 5, nullptr);
  CHECK(contains(cml_vega_error(nothing), "NULL"));
  cml_vega_free(nothing);
  cml_vega_result* const empty = cml_vega_render(nullptr, 0, nullptr);
  CHECK(cml_vega_error(empty) != nullptr);
  cml_vega_free(empty);
  CHECK(cml_vega_error(nullptr) == std::string("out of memory"));
  CHECK(cml_vega_bytes(nullptr) == std::string());
  CHECK(cml_vega_size(nullptr) == 0);
  CHECK(cml_vega_warning(nullptr, 0) == nullptr);
  cml_vega_free(nullptr);
  cml_vega_options options = with_data();
  for (std::string const spec :
       {"\xff\xfe{}", "{\"mark\":\"\xc3\x28\"}", "{\"mark\":\"bar\",\"title\":\"\xed\xa0\x80\"}"}) {
    Drawn const drawn = draw(spec, &options);
    INFO(drawn.error);
    CHECK((drawn.error.empty() || (drawn.bytes.empty() && !contains(drawn.error, "internal error"))));
  }
  for (auto field : {&cml_vega_options::format, &cml_vega_options::theme, &cml_vega_options::config}) {
    cml_vega_options strange = with_data();
    strange.*field = "\xff{\n";
    CHECK_FALSE(draw(kSpec, &strange).error.empty());
    CHECK_FALSE(contains(draw(kSpec, &strange).error, "\n"));
  }
}

TEST_CASE("library: a loader is not asked for half a URL, and what fails in it fails the drawing", "[vega][security]") {
  cml_vega_options options = with_data();
  int calls = 0;
  options.load_context = &calls;
  Drawn const cut = draw(cml::replace_all(kSpec, "a.csv", "a.csv\\u0000/../secret"), &options);
  CHECK(contains(cut.error, "zero byte"));
  CHECK(calls == 0);
  struct Row {
    cml_vega_load load;
    char const* said;
  };
  for (Row const& row :
       {Row{[](void*, char const*, cml_vega_data*) -> int { throw std::runtime_error("gone"); }, "gone"},
        Row{[](void*, char const*, cml_vega_data*) -> int { throw 7; }, "threw an exception"},
        Row{[](void*, char const*, cml_vega_data* data) -> int {
              cml_vega_data_write(data, nullptr, 0);
              cml_vega_data_write(data, nullptr, 9);
              return 0;
            },
            "NULL"},
        Row{[](void*, char const*, cml_vega_data* data) -> int {
              cml_vega_data_write(data, "a,b\nx,1\n", 8);
              cml_vega_data_write(data, "x", ~std::size_t{0} / 2 + 1);
              return 0;
            },
            "out of memory"}}) {
    options.load = row.load;
    Drawn const drawn = draw(kSpec, &options);
    INFO(drawn.error);
    CHECK(contains(drawn.error, row.said));
    CHECK_FALSE(contains(drawn.error, "internal error"));
    CHECK(drawn.bytes.empty());
  }
}

TEST_CASE("library: calls in several threads draw what one call draws", "[vega]") {
  cml_vega_options const options = with_data();
  std::string const once = draw(kSpec, &options).bytes;
  std::vector<std::string> drawn(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& into : drawn)
      threads.emplace_back([&] {
        cml_vega_result* const result = cml_vega_render(kSpec.data(), kSpec.size(), &options);
        into.assign(cml_vega_bytes(result), cml_vega_size(result));
        cml_vega_free(result);
      });
  }
  for (std::string const& one : drawn) CHECK(one == once);
}
