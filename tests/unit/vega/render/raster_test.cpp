#include "vega/render/render.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "vega/runtime/run.hpp"
#include "support/doubling.hpp"
#include "support/scene_context.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

using Context = cml::test::FontContext;

Scene scene_of(std::string const& text, Context& context) {
  auto const spec = parse_spec(text);
  REQUIRE(spec);
  Diagnostics diagnostics;
  auto scene = run(*spec, {}, context, diagnostics);
  REQUIRE(scene);
  return std::move(*scene);
}

struct Comparison {
  std::size_t pixels = 0, different = 0, inked = 0;
  int worst = 0;
  std::string first;  // Where the first different pixel stands.
};
// The picture as it is drawn beside the one that spares nothing, by the blue of each pixel.
Comparison compare_with_exact(Scene const& scene, Context& context, int tolerance, double scale = 1) {
  Images images;
  auto const quick = render_png(scene, {scale, 0, false}, context.fonts, images),
             exact = render_png(scene, {scale, 0, true}, context.fonts, images);
  REQUIRE(quick);
  REQUIRE(exact);
  auto const a = decode_image(*quick), b = decode_image(*exact);
  REQUIRE(a->pixels.size() == b->pixels.size());
  Comparison out;
  out.pixels = a->pixels.size();
  for (std::size_t i = 0; i < out.pixels; ++i) {
    int const p = static_cast<int>(a->pixels[i] & 255), q = static_cast<int>(b->pixels[i] & 255);
    out.inked += q < 128 ? 1 : 0;
    out.different += std::abs(p - q) > tolerance ? 1 : 0;
    if (std::abs(p - q) > tolerance && out.first.empty())
      out.first = std::to_string(i % static_cast<std::size_t>(a->width)) + "," +
                  std::to_string(i / static_cast<std::size_t>(a->width));
    out.worst = std::max(out.worst, std::abs(p - q));
  }
  return out;
}

}  // namespace

TEST_CASE("raster: a thinned dense line is the same picture to a pixel's tolerance", "[vega][render]") {
  auto const width = GENERATE(std::string("0.5"), std::string("1"), std::string("2"), std::string("5"));
  auto const style =
      GENERATE(std::string(), std::string(R"(,"interpolate":{"value":"step"})"),
               std::string(R"(,"interpolate":{"value":"monotone"})"), std::string(R"(,"strokeDash":{"value":[7,3]})"),
               std::string(R"(,"strokeJoin":{"value":"round"},"strokeCap":{"value":"round"})"));
  auto const scale = GENERATE(1.0, 2.0);
  INFO("stroke width " << width << style << " at scale " << scale);  // Beyond 3 pixels nothing is left out.
  std::string values;
  unsigned state = 7;
  double y = 50;
  for (int i = 0; i < 6000; ++i) {
    state = state * 1664525u + 1013904223u;
    y += (state / 4294967296.0 - 0.5) * 4;
    values += (i ? ",{\"x\":" : "{\"x\":") + number_to_string(i * 300.0 / 6000) + ",\"y\":" + number_to_string(y) + "}";
  }
  Context context;
  auto const scene = scene_of(
      R"({"width":300,"height":100,"background":"white","data":[{"name":"t","values":[)" + values +
          R"(]}],"marks":[{"type":"line","clip":true,"from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},)"
          R"("y":{"field":"y"},"stroke":{"value":"black"},"strokeWidth":{"value":)" +
          width + "}" + style + "}}}]}",
      context);
  auto const seen = compare_with_exact(scene, context, style.find("monotone") == std::string::npos ? 40 : 60, scale);
  CHECK(seen.inked > 150);
  CHECK(seen.different < seen.pixels / 100);  // What a picture may differ in to pass as the reference's.
}

TEST_CASE("raster: strokes without cairo are cairo's strokes", "[vega][render]") {
  auto const shape =
      GENERATE(std::string(R"("path":{"value":"M20,80L60,20L75,75L140,72L144,20"})"),
               std::string(R"("path":{"value":"M20,80L60,20L75,75L140,72Z"})"),
               std::string(R"("path":{"value":"M10,50C40,-40,60,140,90,50S120,10,140,50M30,30h60v0.5h-50z"})"),
               std::string(R"("path":{"value":"M-900,-300L300,170M-20,50h400M20,-50v300M5,5L5,5"})"),
               std::string(R"("path":{"value":"M40,50A20,20,0,1,1,80,50A20,20,0,1,1,40,50ZM100,50l30,2l-30,2z"})"));
  auto const width = GENERATE(std::string("0.4"), std::string("1"), std::string("2.5"), std::string("14"));
  auto const style = GENERATE(
      std::string(), std::string(R"(,"strokeJoin":{"value":"round"},"strokeCap":{"value":"round"})"),
      std::string(R"(,"strokeJoin":{"value":"bevel"},"strokeCap":{"value":"square"},"angle":{"value":9})"),
      std::string(R"(,"strokeMiterLimit":{"value":20})"), std::string(R"(,"strokeDash":{"value":[9,4,2]})"),
      std::string(R"(,"strokeDash":{"value":[0,20]},"strokeCap":{"value":"round"},"strokeDashOffset":{"value":-3})"),
      std::string(R"(,"strokeDash":{"value":[30,8]},"strokeCap":{"value":"square"},"strokeDashOffset":{"value":17})"));
  auto const scale = GENERATE(1.0, 1.7);
  INFO(shape << style << " width " << width << " scale " << scale);
  Context context;
  auto const scene = scene_of(
      R"({"width":150,"height":100,"background":"white","marks":[{"type":"path","encode":{"update":{)" + shape + style +
          R"(,"stroke":{"value":"black"},"strokeOpacity":{"value":0.8},"strokeWidth":{"value":)" + width + "}}}}]}",
      context);
  auto const found = compare_with_exact(scene, context, 30, scale);  // cairo has 15 rows of samples in a pixel.
  INFO("worst " << found.worst << ", first at " << found.first);
  // Where a dash begins on a curve depends on how the curve was cut before.
  bool const curved_dashes = style.find("Dash") != std::string::npos && shape.find_first_of("CA") != std::string::npos;
  CHECK(found.different <= 6 + (curved_dashes ? found.inked / 10 : 0));
}

TEST_CASE("raster: blended, clipped and shaded strokes are cairo's, too", "[vega][render]") {
  auto const [group, stroke] =
      GENERATE(std::pair(std::string(R"("clip":{"value":true},"cornerRadius":{"value":30})"),
                         std::string(R"({"value":"black"})")),
               std::pair(std::string(R"("fill":{"value":"gold"})"),
                         std::string(R"({"value":"navy"},"blend":{"value":"multiply"})")),
               std::pair(std::string(R"("fill":{"value":"gold"})"),
                         std::string(R"({"value":{"gradient":"linear","x1":0,"y1":0,"x2":1,"y2":0,"stops":[)"
                                     R"({"offset":0,"color":"white"},{"offset":1,"color":"black"}]}})")));
  INFO(group << stroke);
  Context context;
  auto const scene = scene_of(
      R"({"width":150,"height":100,"background":"white","marks":[{"type":"group","encode":{"update":{"width":)"
      R"({"value":150},"height":{"value":100},)" +
          group + R"(}},"marks":[{"type":"path","encode":{"update":{"path":{"value":"M5,5L145,90L20,90L120,5"},)" +
          R"("strokeWidth":{"value":6},"stroke":)" + stroke + "}}}]}]}",
      context);
  auto const found = compare_with_exact(scene, context, 30);
  CHECK(found.inked > 500);
  CHECK(found.different <= 6);
}

TEST_CASE("raster: a small stroke under a clip takes the time of its own pixels", "[vega][render]") {
  std::string values;
  for (int i = 0; i < 400; ++i) values += (i ? ",{\"x\":" : "{\"x\":") + std::to_string(i * 4) + "}";
  Context context;
  auto const scene = scene_of(
      R"({"width":1600,"height":1600,"background":"white","data":[{"name":"t","values":[)" + values +
          R"(]}],"marks":[{"type":"group","encode":{"update":{"width":{"value":1600},"height":{"value":1600},)"
          R"("clip":{"value":true},"cornerRadius":{"value":9}}},"marks":[{"type":"symbol","from":{"data":"t"},)"
          R"("encode":{"update":{"x":{"field":"x"},"y":{"field":"x"},"shape":{"value":"diamond"},)"
          R"("stroke":{"value":"black"}}}}]}]})",
      context);
  Images images;
  CHECK(cml::test::processor_seconds([&] { (void)render_png(scene, {1, 0, false}, context.fonts, images); }) < 1);
}

TEST_CASE("raster: twice the points of a line take twice the time, whatever its style", "[vega][render]") {
  auto const style =
      GENERATE(std::string(R"("strokeWidth":{"value":6})"), std::string(R"("strokeWidth":{"value":1})"),
               std::string(R"("interpolate":{"value":"step"})"), std::string(R"("interpolate":{"value":"monotone"})"),
               std::string(R"("strokeDash":{"value":[4,2]})"));
  INFO(style);
  Context context;
  auto const make = [](std::size_t n) {
    std::string values;
    unsigned state = 7;
    double y = 50;
    for (std::size_t i = 0; i < n; ++i) {
      state = state * 1664525u + 1013904223u;
      y = 50 + 0.9 * (y - 50) + (state / 4294967296.0 - 0.5) * 9;
      values += (i ? ",{\"x\":" : "{\"x\":") + number_to_string(static_cast<double>(i) * 300 / static_cast<double>(n)) +
                ",\"y\":" + number_to_string(y) + "}";
    }
    return values;
  };
  Images images;
  CHECK(cml::test::doubling(make, [&](std::string const& values) {
          auto const scene =
              scene_of(R"({"width":300,"height":100,"data":[{"name":"t","values":[)" + values +
                           R"(]}],"marks":[{"type":"line","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},)"
                           R"("y":{"field":"y"},"stroke":{"value":"black"},)" +
                           style + "}}}]}",
                       context);
          return render_png(scene, {2, 0, false}, context.fonts, images)->size();
        }) < cml::test::kLinear);
}

TEST_CASE("raster: circles drawn without paths are the circles of paths", "[vega][render]") {
  std::string values;
  unsigned state = 3;
  auto const uniform = [&] { return (state = state * 1664525u + 1013904223u) / 4294967296.0; };
  for (int i = 0; i < 300; ++i)
    values += (i ? ",{\"x\":" : "{\"x\":") + number_to_string(uniform() * 320 - 10) +
              ",\"y\":" + number_to_string(uniform() * 220 - 10) + ",\"s\":" + number_to_string(9 + uniform() * 900) +
              ",\"w\":" + number_to_string(uniform() * 4) + "}";
  Context context;
  auto const scene =
      scene_of(R"({"width":300,"height":200,"background":"white","data":[{"name":"t","values":[)" + values +
                   R"(]}],"marks":[{"type":"symbol","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},)"
                   R"("y":{"field":"y"},"size":{"field":"s"},"strokeWidth":{"field":"w"},
                                  "fill":{"value":"orange"},"fillOpacity":{"value":0.3},
                                  "stroke":{"value":"black"}}}}]})",
               context);
  auto const seen = compare_with_exact(scene, context, 24);
  CHECK(seen.inked > 3000);
  CHECK(seen.different < seen.inked / 100);
}

TEST_CASE("raster: outlines filled without cairo are cairo's outlines", "[vega][render]") {
  // Letters turned and not, shapes with holes and crossing edges, arcs, areas; some over the picture's edges.
  auto const marks = GENERATE(
      std::string(R"({"type":"text","encode":{"update":{"x":{"value":7.3},"y":{"value":40.6},)"
                  R"("text":{"value":["Hamburgefonstiv","8@&gq"]},"fontSize":{"value":19},"angle":{"value":17}}}})"),
      std::string(R"({"type":"text","encode":{"update":{"x":{"value":-9},"y":{"value":100},)"
                  R"("text":{"value":"MWB % over the edge of this picture"},"font":{"value":"serif"},)"
                  R"("fontSize":{"value":31},"stroke":{"value":"red"}}}})"),
      std::string(R"({"type":"path","encode":{"update":{"x":{"value":30},"y":{"value":50},)"
                  R"("path":{"value":"M0,-40L24,32L-38,-12L38,-12L-24,32Z M60,0h40v40h-40z M70,10v20h20v-20z"},)"
                  R"("angle":{"value":5},"scaleX":{"value":0.9},"fill":{"value":"black"}}}})"),
      std::string(R"({"type":"arc","encode":{"update":{"x":{"value":75},"y":{"value":48},"startAngle":{"value":0.4},)"
                  R"("endAngle":{"value":5.1},"innerRadius":{"value":13.5},"outerRadius":{"value":47},)"
                  R"("cornerRadius":{"value":6},"fill":{"value":"#333"}}}})"),
      std::string(
          R"({"type":"symbol","encode":{"update":{"x":{"value":148},"y":{"value":2},"shape":{"value":"wedge"},)"
          R"("size":{"value":9000},"angle":{"value":40},"fill":{"value":"black"},"stroke":{"value":"blue"}}}})"),
      std::string(R"({"type":"area","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
                  R"("y2":{"value":90},"interpolate":{"value":"monotone"},"fill":{"value":"black"}}}})"),
      std::string(R"({"type":"trail","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
                  R"("size":{"value":7},"fill":{"value":"black"}}}})"));
  INFO(marks);
  Context context;
  auto const scene = scene_of(
      R"({"width":150,"height":100,"background":"white","data":[{"name":"t","values":[{"x":-5,"y":20},{"x":40,)"
      R"("y":70},{"x":90.5,"y":11.2},{"x":160,"y":60}]}],"marks":[)" +
          marks + "]}",
      context);
  // Two edges a pixel more, and parts of 64.
  bool const strokes = marks.find("stroke") != std::string::npos || marks.find("trail") != std::string::npos;
  auto const found =
      compare_with_exact(scene, context, strokes ? 28 : 14);  // A 30th of the weight at each of two edges.
  INFO("worst " << found.worst);
  CHECK(found.inked > 200);
  CHECK(found.different <= 4);
}

TEST_CASE("raster: letters painted from kept masks are the letters of outlines", "[vega][render]") {
  auto const scale = GENERATE(1.0, 2.0, 1.3);
  INFO("scale " << scale);
  Context context;  // One for all sizes: masks of one must not be taken for another's.
  for (double size : {7.0, 11.0, 11.5, 40.0, 90.0}) {
    INFO("font size " << size);
    std::string values;
    for (int i = 0; i < 12; ++i)
      values += (i ? ",{\"x\":" : "{\"x\":") + number_to_string(i * 13.37 - 20) +
                ",\"y\":" + number_to_string(i * 10.71) + ",\"t\":\"Qg" + std::to_string(i * 7) + " %ä\"}";
    auto const scene =
        scene_of(R"({"width":150,"height":100,"background":"white","data":[{"name":"t","values":[)" + values +
                     R"(]}],"marks":[{"type":"text","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},)"
                     R"("y":{"field":"y"},"text":{"field":"t"},"fontSize":{"value":)" +
                     number_to_string(size) + R"(},"fill":{"value":"#222"}}}}]})",
                 context);
    auto const found = compare_with_exact(scene, context, 14, scale);
    CHECK(found.inked > 200);
    CHECK(found.different <= found.inked / 50);  // Where letters touch, two masks are not quite one outline.
  }
}

TEST_CASE("raster: boxes and straight lines painted without cairo are cairo's", "[vega][render]") {
  std::string values;
  unsigned state = 5;
  auto const uniform = [&] { return (state = state * 1664525u + 1013904223u) / 4294967296.0; };
  for (int i = 0; i < 60; ++i) {
    double const x = uniform() * 170 - 10, y = uniform() * 120 - 10;
    auto const at = [&](char const* name, double v) { return std::string(",\"") + name + "\":" + number_to_string(v); };
    values += (i ? ",{\"i\":" : "{\"i\":") + std::to_string(i) + at("x", x) + at("y", y) +
              at("w", i % 7 ? uniform() * 30 : uniform()) + at("h", i % 5 ? uniform() * 30 : uniform() / 2) +
              at("s", i % 4 ? uniform() * 5 : 0) + "}";
  }
  auto const marks = GENERATE(
      std::string(
          R"({"type":"rect","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
          R"("width":{"field":"w"},"height":{"field":"h"},"fill":{"value":"black"},"fillOpacity":{"value":0.4}}}})"),
      std::string(R"({"type":"rect","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
                  R"("width":{"field":"w"},"height":{"field":"h"},"strokeWidth":{"field":"s"},)"
                  R"("stroke":{"value":"black"},"strokeOpacity":{"value":0.7},"fill":{"value":"navy"}}}})"),
      std::string(R"({"type":"rule","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
                  R"("x2":{"signal":"datum.x - datum.w"},"strokeWidth":{"field":"s"},"stroke":{"value":"black"}}}})"),
      std::string(R"({"type":"rule","from":{"data":"t"},"encode":{"update":{"x":{"field":"x"},"y":{"field":"y"},)"
                  R"("y2":{"signal":"datum.y + datum.h"},"strokeWidth":{"field":"s"},"stroke":{"value":"black"},)"
                  R"("opacity":{"value":0.8}}}})"),
      std::string(R"({"type":"group","encode":{"update":{"x":{"value":20.25},"y":{"value":10},"width":{"value":80},)"
                  R"("height":{"value":60.6},"stroke":{"value":"black"},"fill":{"value":"#444"}}}})"));
  auto const scale = GENERATE(1.0, 1.7);
  INFO(marks << " scale " << scale);
  Context context;
  auto const scene = scene_of(R"({"width":150,"height":100,"background":"white","data":[{"name":"t","values":[)" +
                                  values + R"(]}],"marks":[)" + marks + "]}",
                              context);
  auto const found = compare_with_exact(scene, context, 17, scale);  // Cairo samples strokes in fifteen lines a pixel.
  CHECK(found.inked > 200);
  CHECK(found.different == 0);
}

TEST_CASE("raster: what a group clips away is not painted, be its sides between pixels or within", "[vega][render]") {
  auto const width = GENERATE(60.0, 60.5);
  auto const marks =
      GENERATE(std::string(R"({"type":"symbol","clip":true,"encode":{"update":{"x":{"value":58},"y":{"value":3},)"
                           R"("size":{"value":900},"fill":{"value":"black"}}}})"),
               std::string(R"({"type":"text","clip":true,"encode":{"update":{"x":{"value":-6},"y":{"value":42},)"
                           R"("text":{"value":"cut on both sides"},"fontSize":{"value":22}}}})"),
               std::string(R"({"type":"rect","clip":true,"encode":{"update":{"x":{"value":-20},"y":{"value":30},)"
                           R"("width":{"value":200},"height":{"value":200},"fill":{"value":"black"}}}})"),
               std::string(R"({"type":"path","clip":true,"encode":{"update":{"x":{"value":30},"y":{"value":20},)"
                           R"("path":{"value":"M-60,-40L80,32L-38,80Z"},"fill":{"value":"black"}}}})"));
  INFO(width << " " << marks);
  Context context;
  auto const scene = scene_of(R"({"width":120,"height":90,"background":"white","marks":[{"type":"group",)"
                              R"("encode":{"update":{"x":{"value":20},"y":{"value":15},"width":{"value":)" +
                                  number_to_string(width) + R"(},"height":{"value":44}}},"marks":[)" + marks + R"(]},
                                  {"type":"group","encode":{"update":{"x":{"value":90},"y":{"value":5},
                                  "width":{"value":20},"height":{"value":20},"clip":{"value":true}}},
                                   "marks":[{"type":"rect","encode":{"update":{"x":{"value":-50},
                                   "y":{"value":10},"width":{"value":200},"height":{"value":200},
                                   "fill":{"value":"black"}}}}]}]})",
                              context);
  auto const found = compare_with_exact(scene, context, 14);
  CHECK(found.inked > 150);
  CHECK(found.different <= 4);
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
  std::string const spec =
      R"json({"width":40,"height":40,"marks":[{"type":"symbol",)json"
      R"json("encode":{"update":{"x":{"signal":"40 * random()"},"y":{"value":20},"fill":{"value":"red"}}}}]})json";
  Context one, two;
  Images images;
  auto const a = scene_of(spec, one), b = scene_of(spec, two);
  CHECK(*render_png(a, {}, one.fonts, images) == *render_png(b, {}, two.fonts, images));
}
