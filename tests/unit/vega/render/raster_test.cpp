#include "vega/render/render.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "vega/runtime/run.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

class Context final : public SceneContext {
 public:
  TextMetrics& text() override { return fonts; }
  bool image_size(std::string_view, double&, double&) override { return false; }
  FontSet fonts;
};

Scene scene_of(std::string const& text, Context& context) {
  auto const spec = parse_spec(text);
  REQUIRE(spec);
  Diagnostics diagnostics;
  auto scene = run(*spec, {}, context, diagnostics);
  REQUIRE(scene);
  return std::move(*scene);
}

}  // namespace

TEST_CASE("raster: a thinned dense line is the same picture to a pixel's tolerance", "[vega][render]") {
  std::string values;
  unsigned state = 7;
  double y = 50;
  for (int i = 0; i < 40000; ++i) {
    state = state * 1664525u + 1013904223u;
    y += (state / 4294967296.0 - 0.5) * 2;
    values += (i ? ",{\"x\":" : "{\"x\":") + number_to_string(i * 300.0 / 40000) + ",\"y\":" + number_to_string(y) + "}";
  }
  Context context;
  auto const scene = scene_of(R"({"width":300,"height":100,"background":"white","data":[{"name":"t","values":[)" + values +
                                  R"(]}],"marks":[{"type":"line","clip":true,"from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},"stroke":{"value":"black"}}}}]})",
                              context);
  Images images;
  auto const thin = render_png(scene, {1, 0, false}, context.fonts, images), exact = render_png(scene, {1, 0, true}, context.fonts, images);
  REQUIRE(thin);
  REQUIRE(exact);
  auto const a = decode_image(*thin), b = decode_image(*exact);
  REQUIRE(a->pixels.size() == b->pixels.size());
  std::size_t different = 0, inked = 0;
  for (std::size_t i = 0; i < a->pixels.size(); ++i) {
    int const p = static_cast<int>(a->pixels[i] & 255), q = static_cast<int>(b->pixels[i] & 255);
    inked += q < 128 ? 1 : 0;
    different += std::abs(p - q) > 40 ? 1 : 0;
  }
  CHECK(inked > 300);
  CHECK(different < a->pixels.size() / 200);
}

TEST_CASE("raster: pictures beyond the limits are refused before memory is asked for", "[vega][render]") {
  Context context;
  Images images;
  auto const scene = scene_of(R"({"width":9000000,"height":10})", context);
  auto const png = render_png(scene, {}, context.fonts, images);
  REQUIRE_FALSE(png);
  CHECK(png.error().message.find("over the limit") != std::string::npos);
  auto const empty = scene_of(R"({"width":0,"height":0})", context);
  CHECK_FALSE(render_png(empty, {}, context.fonts, images));
}

TEST_CASE("raster: the same specification gives the same bytes", "[vega][render]") {
  std::string const spec = R"json({"width":40,"height":40,"marks":[{"type":"symbol","encode":{"update":{"x":{"signal":"40 * random()"},"y":{"value":20},"fill":{"value":"red"}}}}]})json";
  Context one, two;
  Images images;
  auto const a = scene_of(spec, one), b = scene_of(spec, two);
  CHECK(*render_png(a, {}, one.fonts, images) == *render_png(b, {}, two.fonts, images));
}
