// One specification to one picture: the engine's two halves, its fonts and its loading policy put together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.hpp"
#include "base/result.hpp"
#include "vega/engine/format.hpp"
#include "vega/engine/missing_fonts.hpp"

namespace cml {
namespace vega {
class DataStore;
class Images;
class Value;
struct Scene;
}  // namespace vega

struct DrawOptions {
  DrawFormat format = DrawFormat::Png;
  double scale = 1;
  double ppi = 0;  // 0: not given.
  double seed = 42;
  double now = 0;                          // Milliseconds; what now() answers.
  std::string config;                      // JSON of a configuration; empty: none.
  std::string theme;                       // Name of a theme; empty: none.
  std::string background;                  // CSS colour over the specification's own; empty: its own.
  std::string number_locale, time_locale;  // JSON as the configuration's locale has it; empty: that one's.
  std::string data_place;                 // With keep_data(): drawings of one place mean the same file by the same URL.
  std::vector<std::string> font_folders;  // Besides the system's; those of a Drawer's first picture.
  MissingFontsRule missing_fonts = MissingFontsRule::Warn;
  int jpeg_quality = 90;              // 1 to 100.
  std::string page_renderer = "svg";  // Of the live chart in HTML: svg, canvas or hybrid.
  bool vega_only = false;             // Refuse Vega-Lite (vg2png).
  double budget = 1;                  // Times the ordinary limits of one drawing (vega/value/budget.hpp).
};

// What a data or image URL of the specification leads to, or why it is not loaded.
using Load = std::function<Result<std::string>(std::string_view url)>;

// Draws many pictures with fonts loaded once. One thread at a time; several drawers may work side by side.
class Drawer {
 public:
  Drawer();
  // From now on a data file is read and parsed once for all pictures of all drawers with this store, which outlives
  // them: for many specifications over files that do not change meanwhile.
  void keep_data(vega::DataStore& store);
  ~Drawer();
  // BadInput or Unsupported naming the JSON path; NotFound when data is missing. Warnings go to `diagnostics`.
  Result<std::string> draw(std::string_view spec_text, DrawOptions const& options, Load const& load, Diagnostics&);
  // Title or description of the specification drawn last, for alternative text.
  std::string const& last_title() const;

 private:
  Result<std::string> draw_unguarded(std::string_view, DrawOptions const&, Load const&, Diagnostics&);
  Result<std::string> render(vega::Scene const&, DrawOptions const&, vega::Images&, vega::Value const& spec);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cml
