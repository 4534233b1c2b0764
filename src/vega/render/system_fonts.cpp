#include "vega/render/system_fonts.hpp"

#include <fontconfig/fontconfig.h>

namespace cml::vega {

struct SystemFonts::Impl {
  FcConfig* config = nullptr;

  Impl() {
    config = FcConfigCreate();
    if (!config) return;
    // Quietly: a container without a configuration has its fonts in the usual place, or none.
    if (!FcConfigParseAndLoad(config, nullptr, FcFalse))
      FcConfigAppFontAddDir(config, reinterpret_cast<FcChar8 const*>("/usr/share/fonts"));
    FcConfigBuildFonts(config);
  }
  ~Impl() {
    if (config) FcConfigDestroy(config);
  }
};

SystemFonts::SystemFonts() = default;
SystemFonts::~SystemFonts() = default;

std::optional<FontFile> SystemFonts::holding(char32_t character, bool bold, bool italic) {
  if (!impl_) impl_ = std::make_unique<Impl>();
  if (!impl_->config) return std::nullopt;
  std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)> const wanted(FcPatternCreate(), &FcPatternDestroy);
  std::unique_ptr<FcCharSet, decltype(&FcCharSetDestroy)> const characters(FcCharSetCreate(), &FcCharSetDestroy);
  if (!wanted || !characters) return std::nullopt;
  FcCharSetAddChar(characters.get(), character);
  FcPatternAddCharSet(wanted.get(), FC_CHARSET, characters.get());
  FcPatternAddBool(wanted.get(), FC_OUTLINE, FcTrue);
  FcPatternAddBool(wanted.get(), FC_COLOR, FcFalse);  // Pictures of emoji have no outline to fill.
  FcPatternAddInteger(wanted.get(), FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddInteger(wanted.get(), FC_SLANT, italic ? FC_SLANT_ITALIC : FC_SLANT_ROMAN);
  FcConfigSubstitute(impl_->config, wanted.get(), FcMatchPattern);
  FcDefaultSubstitute(wanted.get());
  FcResult result = FcResultNoMatch;
  std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)> const match(FcFontMatch(impl_->config, wanted.get(), &result),
                                                                      &FcPatternDestroy);
  FcCharSet* held = nullptr;
  FcChar8* path = nullptr;
  FontFile file;
  if (!match || FcPatternGetCharSet(match.get(), FC_CHARSET, 0, &held) != FcResultMatch ||
      !FcCharSetHasChar(held, character))
    return std::nullopt;
  if (FcPatternGetString(match.get(), FC_FILE, 0, &path) != FcResultMatch) return std::nullopt;
  FcPatternGetInteger(match.get(), FC_INDEX, 0, &file.index);
  file.path = reinterpret_cast<char const*>(path);
  return file;
}

}  // namespace cml::vega
