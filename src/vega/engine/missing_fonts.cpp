#include "vega/engine/missing_fonts.hpp"

#include <map>

#include "base/text.hpp"
#include "vega/render/scripts.hpp"
#include "vega/value/unicode.hpp"

namespace cml {
namespace {

constexpr std::size_t kShownCharacters = 8;

std::string code_of(char32_t character) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string digits;
  for (char32_t rest = character; rest != 0 || digits.size() < 4; rest >>= 4) digits.insert(0, 1, kDigits[rest & 15]);
  return "U+" + digits;
}

// "no font has Devanagari characters (U+0928, U+092E): they are drawn as boxes; Debian's package fonts-noto-core has
// one"
std::string of_script(vega::FontAdvice const& advice, std::vector<char32_t> const& characters) {
  std::string codes;
  for (std::size_t i = 0; i < characters.size() && i < kShownCharacters; ++i)
    codes += (i > 0 ? ", " : "") + code_of(characters[i]);
  if (characters.size() > kShownCharacters) codes += ", ...";
  std::string const kind = advice.script.empty()        ? "these characters"
                           : advice.script == "symbols" ? "these symbols"
                           : advice.script == "emoji"   ? "these emoji"
                                                        : std::string(advice.script) + " characters";
  return "no font has " + kind + " (" + codes + "): they are drawn as boxes; " +
         (advice.package.empty() ? "install one that has them"
                                 : "Debian's package " + std::string(advice.package) + " has one") +
         ", or name its folder with --font-dir";
}

}  // namespace

Status tell_missing(vega::MissingFonts const& missing, MissingFontsRule rule, Diagnostics& diagnostics) {
  if (rule == MissingFontsRule::Fallback) return ok();
  std::vector<std::string> sentences;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<char32_t>> scripts;
  for (char32_t const character : missing.characters) {
    auto const advice = vega::font_for(character);
    scripts[{advice.script, advice.package}].push_back(character);
  }
  for (auto const& [advice, characters] : scripts)
    sentences.push_back(of_script({advice.first, advice.second}, characters));
  for (auto const& family : missing.families)
    sentences.push_back("no font \"" + one_line(family, 100) +
                        "\" on this machine: " + std::string(vega::embedded_family(family)) +
                        " is drawn instead; install it, or name its folder with --font-dir");
  if (missing.unshaped)
    sentences.push_back(
        "text is drawn letter by letter, and joins and directions are lost: libharfbuzz.so.0 cannot be loaded; install "
        "Debian's package libharfbuzz0b");
  if (rule == MissingFontsRule::Error && !sentences.empty())
    return Error{ErrorKind::NotFound, sentences.front() + " (--missing-fonts error)"};
  for (auto& sentence : sentences) diagnostics.warn("", std::move(sentence));
  return ok();
}

}  // namespace cml
