// libFuzzer target: any bytes as an image of a chart, PNG, JPEG or the plain pixels of heatmaps: a bitmap, or an error.
//   tools/dev/fuzz 600 image
#include <cstdint>
#include <string>
#include <string_view>

#include "vega/render/images.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

using namespace cml;
using namespace cml::vega;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const bytes(reinterpret_cast<char const*>(data), size);
  BudgetScope const budget({5e8, 1e8});  // Less than usual: the sanitizers make everything ten times slower.
  auto const tried = guarded([&]() -> Result<int> {
    auto const image = decode_image(bytes);
    if (image &&
        image->pixels.size() != static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height))
      __builtin_trap();
    // As an address, too: what stands before the comma is read by us.
    Images images;
    for (std::string const& url : {"data:image/x-rgba;" + bytes, "data:" + bytes, "data:image/png;base64," + bytes})
      if (images.get(url) != nullptr) (void)images.bytes(url);
    return 0;
  });
  (void)tried;
  return 0;
}
