// Table: axis properties (Vega-Lite 6).
#include "vega/lite/axis/axis.hpp"

namespace cml::vega::lite {
namespace {

constexpr AxisProperty kProperties[] = {
    {"disable", '-'}, {"gridScale", 'g'}, {"scale", 'b'}, {"orient", 'm'}, {"aria", 'm'}, {"bandPosition", 'b'}, {"description", 'm'},
    {"domain", 'm'}, {"domainCap", 'm'}, {"domainColor", 'm'}, {"domainDash", 'm'}, {"domainDashOffset", 'm'}, {"domainOpacity", 'm'},
    {"domainWidth", 'm'}, {"format", 'm'}, {"formatType", 'm'}, {"grid", 'g'}, {"gridCap", 'g'},
    {"gridColor", 'g', "grid", "stroke"}, {"gridDash", 'g', "grid", "strokeDash"}, {"gridDashOffset", 'g', "grid", "strokeDashOffset"},
    {"gridOpacity", 'g', "grid", "opacity"}, {"gridWidth", 'g', "grid", "strokeWidth"},
    {"labelAlign", 'm', "labels", "align"}, {"labelAngle", 'm'}, {"labelBaseline", 'm', "labels", "baseline"}, {"labelBound", 'm'},
    {"labelColor", 'm', "labels", "fill"}, {"labelFlush", 'm'}, {"labelFlushOffset", 'm'}, {"labelFont", 'm', "labels", "font"},
    {"labelFontSize", 'm', "labels", "fontSize"}, {"labelFontStyle", 'm', "labels", "fontStyle"}, {"labelFontWeight", 'm', "labels", "fontWeight"},
    {"labelLimit", 'm'}, {"labelLineHeight", 'm'}, {"labelOffset", 'm', "", "", true}, {"labelOpacity", 'm', "labels", "opacity"},
    {"labelOverlap", 'm'}, {"labelPadding", 'm', "", "", true}, {"labels", 'm'}, {"labelSeparation", 'm'}, {"maxExtent", 'm'},
    {"minExtent", 'm'}, {"offset", 'b'}, {"position", 'm'}, {"tickBand", 'b'}, {"tickCap", 'm'}, {"tickColor", 'm', "ticks", "stroke"},
    {"tickCount", 'b'}, {"tickDash", 'm', "ticks", "strokeDash"}, {"tickDashOffset", 'm', "ticks", "strokeDashOffset"}, {"tickExtra", 'b'},
    {"tickMinStep", 'b'}, {"tickOffset", 'b'}, {"tickOpacity", 'm', "ticks", "opacity"}, {"tickRound", 'b'}, {"ticks", 'm'},
    {"tickSize", 'm', "", "", true}, {"tickWidth", 'b', "ticks", "strokeWidth"}, {"title", 'm'}, {"titleAlign", 'm'}, {"titleAnchor", 'm'},
    {"titleAngle", 'm'}, {"titleBaseline", 'm'}, {"titleColor", 'm'}, {"titleFont", 'm'}, {"titleFontSize", 'm'}, {"titleFontStyle", 'm'},
    {"titleFontWeight", 'm'}, {"titleLimit", 'm'}, {"titleLineHeight", 'm'}, {"titleOpacity", 'm'}, {"titlePadding", 'm'}, {"titleX", 'm'},
    {"titleY", 'm'}, {"translate", 'b'}, {"values", 'b'}, {"zindex", 'b'}, {"labelExpr", '-'}, {"encode", 'b'}};

}  // namespace

std::span<AxisProperty const> axis_properties() { return kProperties; }
AxisProperty const* find_axis_property(std::string_view name) {
  for (auto const& p : kProperties)
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace cml::vega::lite
