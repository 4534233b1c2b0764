// Drawing specifications into files: what vega-render and the tools of other names (vega_tools.cpp) share.
#pragma once

#include <string>
#include <vector>

#include "app/flags.hpp"
#include "app/context.hpp"
#include "vega/engine/missing_fonts.hpp"

namespace cml {

struct VegaRenderOptions {
  std::vector<std::string> inputs;  // None or "-": the standard input.
  std::string output, output_dir, format;
  std::string base, config, theme, background;
  std::string number_locale, time_locale;  // A name, JSON or a file of it.
  std::vector<std::string> allow_url;
  std::vector<std::string> font_folders;
  MissingFontsRule missing_fonts = MissingFontsRule::Warn;
  double scale = 1, ppi = 0, seed = 42;
  double quality = 90;           // Of a JPEG.
  std::string renderer = "svg";  // Of the live chart in HTML.
  double jobs = 0;               // Threads for several inputs; 0: as many as there are cores.
  // Tools of other names: a fixed format, and the second name is the output.
  bool tool = false, vega_only = false;
  bool svg_header = false;  // An XML declaration and document type before an SVG.
};

Status vega_render(VegaRenderOptions options, Context& context);

// The options that every way of drawing has, under vega-cli's names.
void declare_drawing(Flags& flags, VegaRenderOptions* options);
void declare_fonts(Flags& flags, VegaRenderOptions* options);

}  // namespace cml
