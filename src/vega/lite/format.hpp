// How values are shown as text: the format expressions and the format properties of guides.
#pragma once

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {

struct TextFormat {
  Value format, format_type;
  std::string_view expr = "datum";
  bool normalize_stack = false;
  std::string field;  // Instead of the definition's own, e.g. "datum.value".
};
// {signal: expression}, or undefined.
Value format_signal_ref(Context& ctx, Value const& def, Value const& config, TextFormat const& format);
Value format_custom_type(Context& ctx, Value const& def, Value const& config, TextFormat const& format);
Value guide_format(Value const& def, Value const& type, Value const& format, Value const& format_type,
                   Value const& config, bool omit_time_format_config);
Value guide_format_type(Value const& format_type, Value const& def, Value const& scale_type);
std::string bin_format_expression(std::string const& start, std::string const& end, Value const& format,
                                  Value const& format_type, Value const& config);
std::string datum_expression(Context& ctx, Value const& def);

}  // namespace cml::vega::lite
