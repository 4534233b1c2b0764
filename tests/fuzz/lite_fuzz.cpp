// libFuzzer target: any JSON either compiles to Vega or is refused; never a crash, a hang or a leak.
// Run by
//   tools/dev/fuzz 600 lite
#include <cstdint>
#include <string_view>

#include "vega/lite/compile.hpp"
#include "vega/value/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  auto const spec = cml::vega::parse_spec(std::string_view(reinterpret_cast<char const*>(bytes), size));
  if (!spec) return 0;
  cml::Diagnostics diagnostics;
  auto const vega = cml::vega::lite::compile(*spec, {}, diagnostics);
  if (vega) (void)cml::vega::to_json(*vega);
  return 0;
}
