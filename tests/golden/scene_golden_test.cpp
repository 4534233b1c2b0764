// Scales, guides, curves, shapes and layouts against the scenes and outlines that the reference (Vega 6.4) makes of the
// same specifications (tools/dev/make_scene_fixtures.mjs).
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <regex>

#include "support/fixture.hpp"
#include "support/json_diff.hpp"
#include "support/scene_context.hpp"
#include "vega/render/render.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/json.hpp"

namespace {

using namespace cml;
using namespace cml::vega;

using Context = cml::test::FontContext;

std::vector<std::string> outlines(std::string const& svg) {
  static std::regex const attribute(" d=\"([^\"]*)\"");
  std::vector<std::string> out;
  for (std::sregex_iterator i(svg.begin(), svg.end(), attribute), end; i != end; ++i) out.push_back((*i)[1]);
  return out;
}

// Letters must be equal and numbers agree to a thousandth of a pixel. The first difference, or empty.
std::string outline_difference(std::string const& expected, std::string const& actual) {
  auto const separator = [](char c) { return c == ',' || c == ' '; };
  char const *a = expected.c_str(), *b = actual.c_str();
  while (true) {
    while (separator(*a)) ++a;
    while (separator(*b)) ++b;
    if (!*a && !*b) return "";
    char *a_end = nullptr, *b_end = nullptr;
    double const x = std::strtod(a, &a_end), y = std::strtod(b, &b_end);
    bool const number = a_end != a && b_end != b;
    if (number ? !(std::fabs(x - y) < 1e-3) : *a != *b) return "expected " + expected + ", got " + actual;
    a = number ? a_end : a + 1, b = number ? b_end : b + 1;
  }
}

// NaN is null in JSON; the fixtures leave it out.
Value without_nulls(Value const& v) {
  if (v.is_array()) {
    Array out;
    for (auto const& item : v.items()) out.push_back(without_nulls(item));
    return out;
  }
  if (!v.is_object()) return v;
  Object out;
  for (auto const& [key, member] : v.properties())
    if (!member.is_nullish()) out[key] = without_nulls(member);
  return out;
}

std::string fault(Value const& example) {
  Context context;
  Diagnostics diagnostics;
  auto const scene = run(example["spec"], {}, context, diagnostics);
  if (!scene) return scene.error().message;
  auto const json = parse_json(scene_to_json(*scene, 0));
  if (!json) return json.error().message;
  if (auto const difference = test::first_difference(example["scene"], without_nulls(*json))) return *difference;
  Images images;
  auto const svg = render_svg(*scene, {}, context.fonts, images);
  if (!svg) return svg.error().message;
  auto const paths = outlines(*svg);
  auto const& expected = example["paths"];
  if (paths.size() != expected.items().size())
    return "outlines: expected " + std::to_string(expected.items().size()) + ", got " + std::to_string(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (auto const difference = outline_difference(std::string(expected.at(i).string()), paths[i]); !difference.empty())
      return "outline " + std::to_string(i) + ": " + difference;
  return "";
}

}  // namespace

TEST_CASE("Vega: scenes and outlines are the reference's", "[vega][golden]") {
  auto const family = GENERATE(std::string("positional_scales"), std::string("colour_scales"), std::string("axes"),
                               std::string("legends"), std::string("titles"), std::string("curves"),
                               std::string("shapes"), std::string("layouts"), std::string("corners"));
  auto const examples =
      parse_json(test::read_file(std::string(CML_SOURCE_DIR) + "/fixtures/vega/scenes/" + family + ".json"));
  REQUIRE(examples);
  REQUIRE(examples->items().size() >= 10);
  for (auto const& example : examples->items()) {
    INFO(family << ": " << example["name"].string());
    CHECK(fault(example) == "");
  }
}
