#include "app/plotter.hpp"

#include <memory>

#include "report/draw.hpp"

namespace cml {

namespace {

constexpr std::string_view kDarkPage = "#0d1117";  // GitHub's dark page; the theme's own grey would stand out on it.

constexpr char kDarkConfig[] = R"({"axis":{"gridColor":"#30363d","domainColor":"#8b949e","tickColor":"#8b949e"}})";

}  // namespace

double milliseconds_now(Clock& clock) {
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().time_since_epoch()).count());
}

Plotter make_plotter(Context& context, PlotLook look) {
  auto drawer = std::make_shared<Drawer>(context.files, nullptr);
  return [drawer, &context, look](std::string_view spec, std::filesystem::path const& base,
                                  std::string_view where) -> Result<Plot> {
    DrawOptions options;
    options.base = base;
    options.now = milliseconds_now(context.clock);
    if (look == PlotLook::Dark) {
      options.theme = "dark";
      options.background = std::string(kDarkPage);
      options.config = kDarkConfig;
    }
    Diagnostics diagnostics;
    auto bytes = drawer->draw(spec, options, diagnostics);
    for (auto const& warning : diagnostics.warnings())
      context.console.log(LogLevel::Warn, std::string(where) + ": " +
                                              (warning.where.empty() ? "" : warning.where + ": ") + warning.text);
    if (!bytes) return std::move(bytes).error();  // The report names the place.
    return Plot{std::move(*bytes), "image/png", drawer->last_title()};
  };
}

}  // namespace cml
