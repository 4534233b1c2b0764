// Any bytes as delimited text with guessed types: a table, or an EngineError.
#include <cstdint>
#include <string_view>

#include "vega/value/error.hpp"
#include "vega/value/load.hpp"

using namespace cml::vega;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static Value const csv = Value::object({{"type", "csv"}, {"parse", "auto"}});
  static Value const dsv = Value::object({{"type", "dsv"}, {"delimiter", "|"}});
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  for (auto const* format : {&csv, &dsv}) {
    cml::Diagnostics diagnostics;
    try {
      auto const table = parse_data(bytes, *format, "fuzz", "fuzz", diagnostics);
      if (table->size()) table->row(table->size() - 1);
    } catch (EngineError const&) {
    }
  }
  return 0;
}
