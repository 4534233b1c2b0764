// The machine's own fonts, asked only for characters that the embedded ones lack (CJK, symbols).
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace cml::vega {

struct FontFile {
  std::string path;
  int index = 0;  // Of the face within the file.
};

class SystemFonts {
 public:
  SystemFonts();  // Reads nothing yet; the first question takes some milliseconds.
  ~SystemFonts();
  // The scalable font that fontconfig would take for the character; nothing when none holds it.
  std::optional<FontFile> holding(char32_t character, bool bold, bool italic);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cml::vega
