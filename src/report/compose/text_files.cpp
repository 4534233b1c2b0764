#include "report/compose/text_files.hpp"

#include "base/ansi.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace cml::report {

Result<LogBlock> log_block(std::string const& path, std::string const& bytes, int lines) {
  constexpr std::size_t kLongestLine = 2000, kLookedAt = 8192;
  if (contains(std::string_view(bytes).substr(0, kLookedAt), std::string_view("\0", 1)))
    return Error{ErrorKind::BadInput, path + ": is binary, not a log"};
  std::string const plain = valid_utf8(without_ansi(bytes));
  auto parts = split(plain, '\n');
  while (!parts.empty() && trim(parts.back()).empty()) parts.pop_back();
  LogBlock log{path, "", 0};
  auto const limit = static_cast<std::size_t>(lines);
  if (limit > 0 && parts.size() > limit) log.left_out = parts.size() - limit;  // The end is what tells how it went.
  for (std::size_t i = log.left_out; i < parts.size(); ++i)
    log.text += std::string(utf8_prefix(parts[i], kLongestLine)) + "\n";
  return log;
}

Result<MarkdownBlock> markdown_block(std::string const& path, std::string bytes) {
  if (contains(bytes, std::string_view("\0", 1))) return Error{ErrorKind::BadInput, path + ": is binary, not Markdown"};
  return MarkdownBlock{path, std::move(bytes)};
}

}  // namespace cml::report
