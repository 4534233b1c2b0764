// The engine's second half: a Vega specification becomes a scene. Everything is evaluated on demand, each once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/diagnostics.hpp"
#include "base/result.hpp"
#include "vega/runtime/data_cache.hpp"
#include "vega/scene/scene.hpp"
#include "vega/scene/text.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

struct RunOptions {
  double seed = 42;  // Of the generator behind random(), sample and bootstraps.
  double now = 0;    // Milliseconds since 1970 UTC that now() answers.
  Value config;      // Merged below the specification's own `config`.
  std::function<Result<std::string>(std::string_view url)> load;  // Data by URL; under the caller's policy.
  DataCache* kept_data = nullptr;  // Where tables of files are looked for and put; null: none are kept.
  bool descriptions =
      true;  // Descriptions of items and guides for screen readers: words that no raster shows cost a text an item.
  std::size_t max_items = 20'000'000;  // Items in all; more is an error.
};

// BadInput or Unsupported with the JSON path of what cannot be drawn. Recoverable trouble goes to `diagnostics`.
Result<Scene> run(Value const& vega_spec, RunOptions const& options, SceneContext& context, Diagnostics& diagnostics);

Value default_config();
// `more` merged over `base` as Vega merges configurations: by member, styles and legend layouts one level deeper.
Value merge_config(Value base, Value const& more);

}  // namespace cml::vega
