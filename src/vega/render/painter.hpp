// The one walk over a scene that draws with cairo: into pixels, for PNG and JPEG, or into a document.
#pragma once

#include "vega/render/cairo_sink.hpp"
#include "vega/render/fonts.hpp"
#include "vega/render/images.hpp"
#include "vega/render/pixels.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

// Draws into `pixels`, which `canvas` draws into as well; `resolution` is pixels for a unit of the scene. 0: exactly,
// with every point of dense lines.
void paint_picture(cairo_t* canvas, Pixels const& pixels, double resolution, Scene const& scene, FontSet& fonts,
                   Images& images);
// Draws for ever sharp outlines: nothing is thinned or painted past cairo, text is glyphs of its fonts, and items with
// a web or mail address are links. The canvas's units are the scene's.
void paint_document(cairo_t* canvas, Scene const& scene, FontSet& fonts, Images& images);

}  // namespace cml::vega
