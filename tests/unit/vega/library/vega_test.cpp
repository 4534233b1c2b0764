#include "vega/library/vega.h"

#include <catch2/catch.hpp>

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
