// One row per mark.
#pragma once

#include "vega/lite/mark/encode.hpp"

namespace cml::vega::lite {

extern MarkType const kArcMark, kAreaMark, kBarMark, kCircleMark, kGeoshapeMark, kImageMark, kLineMark, kPointMark,
    kRectMark, kRuleMark, kSquareMark, kTextMark, kTickMark, kTrailMark;

}  // namespace cml::vega::lite
