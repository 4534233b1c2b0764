// Texts that a report shows as they are.
#pragma once

#include <string>

#include "base/result.hpp"
#include "report/compose/model.hpp"

namespace cml::report {

// The last `lines` lines of a log (0: all), without colours. BadInput when the bytes are no text.
Result<LogBlock> log_block(std::string const& path, std::string const& bytes, int lines);
// Markdown of the user's own.
Result<MarkdownBlock> markdown_block(std::string const& path, std::string bytes);

}  // namespace cml::report
