// The machine's own fonts and those of --font-dir, through fontconfig: asked only for families that are not embedded
// and for characters that the embedded fonts lack. Never a font of the workspace: nothing in a specification names a
// file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vega/scene/text.hpp"

namespace cml::vega {

struct FontFile {
  std::string path;
  int index = 0;                         // Of the face within the file.
  bool bolder = false, slanted = false;  // To be made so: the family has no such face.
};

class SystemFonts {
 public:
  SystemFonts();  // Reads nothing yet; the first question takes some milliseconds.
  ~SystemFonts();
  // Folders of fonts besides the system's; before the first question.
  void add_folders(std::vector<std::string> folders);
  // The face of a family, or of one that fontconfig knows to have the same widths; nothing where neither is there.
  std::optional<FontFile> of_family(std::string_view family, Font const& font);
  // The font that fontconfig would take for the character, as the reference does, in a text of that generic family
  // ("serif") and language; nothing when none holds it.
  std::optional<FontFile> holding(char32_t character, Font const& font, std::string_view generic,
                                  std::string_view language, bool emoji);

 private:
  struct Impl;
  std::vector<std::string> folders_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cml::vega
