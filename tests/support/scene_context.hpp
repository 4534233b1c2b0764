// What the runtime asks of its surroundings, for tests: the embedded fonts, and no images.
#pragma once

#include "vega/render/fonts.hpp"
#include "vega/runtime/run.hpp"

namespace cml::test {

class FontContext final : public vega::SceneContext {
 public:
  vega::TextMetrics& text() override { return fonts; }
  bool image_size(std::string_view, double&, double&) override { return false; }
  vega::FontSet fonts;
};

}  // namespace cml::test
