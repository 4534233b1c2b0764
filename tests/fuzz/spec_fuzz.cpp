// Any JSON as a Vega specification: a picture, or an error; never a crash, a hang or memory without bound. No files, no
// network.
#include <cstdint>
#include <string_view>

#include "support/scene_context.hpp"
#include "vega/render/render.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/json.hpp"

namespace {

using namespace cml::vega;

using Context = cml::test::FontContext;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  static Context context;
  BudgetScope const budget({2e8, 4e8});  // Less than usual: the sanitizers make everything ten times slower.
  auto const spec = parse_spec(std::string_view(reinterpret_cast<char const*>(bytes), size));
  if (!spec) return 0;
  cml::Diagnostics diagnostics;
  auto const scene = run(*spec, {}, context, diagnostics);
  if (!scene) return 0;
  Images images;
  (void)render_svg(*scene, 1, context.fonts, images);
  if (scene->width * scene->height < 1e6) (void)render_png(*scene, {}, context.fonts, images);
  return 0;
}
