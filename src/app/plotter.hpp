// The Vega engine as reports use it.
#pragma once

#include "app/context.hpp"
#include "report/plotter.hpp"

namespace cml {

// Empty while this build cannot draw: plots then stay as they are.
Plotter make_plotter(Context&);

}  // namespace cml
