#include "vega/render/system_fonts.hpp"

#include <fontconfig/fontconfig.h>

namespace cml::vega {
namespace {

using PatternPointer = std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)>;

FcChar8 const* fc(std::string const& text) { return reinterpret_cast<FcChar8 const*>(text.c_str()); }

int weight_of(Font const& font) {
  return font.weight != 0 ? FcWeightFromOpenType(font.weight) : font.bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR;
}

void ask_style(FcPattern* wanted, Font const& font) {
  FcPatternAddInteger(wanted, FC_WEIGHT, weight_of(font));
  FcPatternAddInteger(wanted, FC_SLANT, font.italic ? FC_SLANT_ITALIC : FC_SLANT_ROMAN);
  FcPatternAddBool(wanted, FC_VARIABLE, FcFalse);  // The named instances of a font that varies.
}

// A family that was asked for, or that stands for it with the same widths: fontconfig binds that one as strongly.
bool asked_for(FcPattern* wanted, FcPattern* match) {
  FcChar8* found = nullptr;
  for (int n = 0; FcPatternGetString(match, FC_FAMILY, n, &found) == FcResultMatch; ++n) {
    FcValue value;
    FcValueBinding binding = FcValueBindingWeak;
    for (int i = 0; FcPatternGetWithBinding(wanted, FC_FAMILY, i, &value, &binding) == FcResultMatch; ++i)
      if (binding != FcValueBindingWeak && value.type == FcTypeString && FcStrCmpIgnoreCase(value.u.s, found) == 0)
        return true;
  }
  return false;
}

std::optional<FontFile> file_of(FcPattern* match) {
  FcChar8* path = nullptr;
  FontFile file;
  if (FcPatternGetString(match, FC_FILE, 0, &path) != FcResultMatch) return std::nullopt;
  FcPatternGetInteger(match, FC_INDEX, 0, &file.index);
  file.path = reinterpret_cast<char const*>(path);
  FcBool bolder = FcFalse;
  FcPatternGetBool(match, FC_EMBOLDEN, 0, &bolder);
  file.bolder = bolder != FcFalse;
  FcMatrix* matrix = nullptr;
  file.slanted = FcPatternGetMatrix(match, FC_MATRIX, 0, &matrix) == FcResultMatch && matrix->xy > 0;
  return file;
}

}  // namespace

struct SystemFonts::Impl {
  FcConfig* config = nullptr;

  explicit Impl(std::vector<std::string> const& folders) {
    config = FcConfigCreate();
    if (!config) return;
    // Quietly: a container without a configuration has its fonts in the usual place, or none.
    if (!FcConfigParseAndLoad(config, nullptr, FcFalse)) FcConfigAppFontAddDir(config, fc("/usr/share/fonts"));
    for (auto const& folder : folders) FcConfigAppFontAddDir(config, fc(folder));
    FcConfigBuildFonts(config);
  }
  Impl(Impl const&) = delete;
  ~Impl() {
    if (config) FcConfigDestroy(config);
  }
  // Puts the configuration's rules into `wanted`.
  PatternPointer match(FcPattern* wanted) const {
    FcConfigSubstitute(config, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result = FcResultNoMatch;
    return {FcFontMatch(config, wanted, &result), &FcPatternDestroy};
  }
};

SystemFonts::SystemFonts() = default;
SystemFonts::~SystemFonts() = default;

void SystemFonts::add_folders(std::vector<std::string> folders) { folders_ = std::move(folders); }

std::optional<FontFile> SystemFonts::of_family(std::string_view family, Font const& font) {
  if (!impl_) impl_ = std::make_unique<Impl>(folders_);
  PatternPointer const wanted(FcPatternCreate(), &FcPatternDestroy);
  if (!impl_->config || !wanted) return std::nullopt;
  std::string const name(family);
  FcPatternAddString(wanted.get(), FC_FAMILY, fc(name));
  ask_style(wanted.get(), font);
  FcPatternAddBool(wanted.get(), FC_OUTLINE, FcTrue);
  auto const match = impl_->match(wanted.get());
  if (!match || !asked_for(wanted.get(), match.get())) return std::nullopt;
  return file_of(match.get());
}

std::optional<FontFile> SystemFonts::holding(char32_t character, Font const& font, std::string_view generic,
                                             std::string_view language, bool emoji) {
  if (!impl_) impl_ = std::make_unique<Impl>(folders_);
  if (!impl_->config) return std::nullopt;
  PatternPointer const wanted(FcPatternCreate(), &FcPatternDestroy);
  std::unique_ptr<FcCharSet, decltype(&FcCharSetDestroy)> const characters(FcCharSetCreate(), &FcCharSetDestroy);
  if (!wanted || !characters) return std::nullopt;
  FcCharSetAddChar(characters.get(), character);
  FcPatternAddCharSet(wanted.get(), FC_CHARSET, characters.get());
  // Pictures of emoji have no outline; elsewhere outlines take the text's colour.
  FcPatternAddBool(wanted.get(), FC_COLOR, emoji ? FcTrue : FcFalse);
  if (!emoji) FcPatternAddBool(wanted.get(), FC_OUTLINE, FcTrue);
  FcPatternAddString(wanted.get(), FC_FAMILY, fc(emoji ? std::string("emoji") : std::string(generic)));
  if (auto const tag = emoji ? std::string("und-zsye") : std::string(language); !tag.empty())
    FcPatternAddString(wanted.get(), FC_LANG, fc(tag));
  ask_style(wanted.get(), font);
  auto const match = impl_->match(wanted.get());
  FcCharSet* held = nullptr;
  if (!match || FcPatternGetCharSet(match.get(), FC_CHARSET, 0, &held) != FcResultMatch ||
      !FcCharSetHasChar(held, character))
    return std::nullopt;
  return file_of(match.get());
}

}  // namespace cml::vega
