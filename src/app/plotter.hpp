// The Vega engine as the report code asks for it.
#pragma once

#include "app/context.hpp"
#include "report/plotter.hpp"
#include "workspace/door.hpp"

namespace cml {

double milliseconds_now(Clock& clock);  // Since 1970 UTC.
// Draws specifications in reports as PNG; warnings go to the log with `where` in front.
enum class PlotLook { Light, Dark };
Plotter make_plotter(Context& context, Door const& door, PlotLook look = PlotLook::Light);

}  // namespace cml
