#include "vega/render/scripts.hpp"

#include <algorithm>
#include <iterator>

namespace cml::vega {
namespace {

constexpr ScriptTag tag(char const (&name)[5]) {
  ScriptTag out = 0;
  for (int i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(name[i]);
  return out;
}

struct ScriptRow {
  ScriptTag script;
  std::string_view name, language, package;
};

// Packages of Debian 12, by the fonts that they hold.
constexpr std::string_view kCore = "fonts-noto-core", kCjk = "fonts-noto-cjk", kColor = "fonts-noto-color-emoji";

// Sorted. Languages are those that Pango asks fonts for where the text's own is not known; that of Han may be several.
constexpr ScriptRow kScripts[] = {
    {tag("Adlm"), "Adlam", "", kCore},
    {tag("Aghb"), "Caucasian Albanian", "", kCore},
    {tag("Ahom"), "Ahom", "", kCore},
    {tag("Arab"), "Arabic", "ar", kCore},
    {tag("Armi"), "Imperial Aramaic", "", kCore},
    {tag("Armn"), "Armenian", "hy", kCore},
    {tag("Avst"), "Avestan", "", kCore},
    {tag("Bali"), "Balinese", "", kCore},
    {tag("Bamu"), "Bamum", "", kCore},
    {tag("Bass"), "Bassa Vah", "", kCore},
    {tag("Batk"), "Batak", "", kCore},
    {tag("Beng"), "Bengali", "bn", kCore},
    {tag("Bhks"), "Bhaiksuki", "", kCore},
    {tag("Bopo"), "Bopomofo", "", kCjk},
    {tag("Brah"), "Brahmi", "", kCore},
    {tag("Bugi"), "Buginese", "", kCore},
    {tag("Buhd"), "Buhid", "", kCore},
    {tag("Cakm"), "Chakma", "", kCore},
    {tag("Cans"), "Canadian Aboriginal", "", kCore},
    {tag("Cari"), "Carian", "", kCore},
    {tag("Cham"), "Cham", "", kCore},
    {tag("Cher"), "Cherokee", "chr", kCore},
    {tag("Copt"), "Coptic", "", kCore},
    {tag("Cprt"), "Cypriot", "", kCore},
    {tag("Cyrl"), "Cyrillic", "ru", kCore},
    {tag("Deva"), "Devanagari", "hi", kCore},
    {tag("Dogr"), "Dogra", "", kCore},
    {tag("Dsrt"), "Deseret", "", kCore},
    {tag("Dupl"), "Duployan", "", kCore},
    {tag("Egyp"), "Egyptian Hieroglyphs", "", kCore},
    {tag("Elba"), "Elbasan", "", kCore},
    {tag("Elym"), "Elymaic", "", kCore},
    {tag("Ethi"), "Ethiopic", "am", kCore},
    {tag("Geor"), "Georgian", "ka", kCore},
    {tag("Glag"), "Glagolitic", "", kCore},
    {tag("Gong"), "Gunjala Gondi", "", kCore},
    {tag("Gonm"), "Masaram Gondi", "", kCore},
    {tag("Goth"), "Gothic", "", kCore},
    {tag("Gran"), "Grantha", "", kCore},
    {tag("Grek"), "Greek", "el", kCore},
    {tag("Gujr"), "Gujarati", "gu", kCore},
    {tag("Guru"), "Gurmukhi", "pa", kCore},
    {tag("Hang"), "Hangul", "ko", kCjk},
    {tag("Hani"), "Han", "", kCjk},
    {tag("Hano"), "Hanunoo", "", kCore},
    {tag("Hatr"), "Hatran", "", kCore},
    {tag("Hebr"), "Hebrew", "he", kCore},
    {tag("Hira"), "Hiragana", "ja", kCjk},
    {tag("Hluw"), "Anatolian Hieroglyphs", "", kCore},
    {tag("Hmng"), "Pahawh Hmong", "", kCore},
    {tag("Hmnp"), "Nyiakeng Puachue Hmong", "", kCore},
    {tag("Hung"), "Old Hungarian", "", kCore},
    {tag("Ital"), "Old Italic", "", kCore},
    {tag("Java"), "Javanese", "", kCore},
    {tag("Kali"), "Kayah Li", "", kCore},
    {tag("Kana"), "Katakana", "ja", kCjk},
    {tag("Khar"), "Kharoshthi", "", kCore},
    {tag("Khmr"), "Khmer", "km", kCore},
    {tag("Khoj"), "Khojki", "", kCore},
    {tag("Knda"), "Kannada", "kn", kCore},
    {tag("Kthi"), "Kaithi", "", kCore},
    {tag("Lana"), "Tai Tham", "", kCore},
    {tag("Laoo"), "Lao", "lo", kCore},
    {tag("Latn"), "Latin", "", kCore},
    {tag("Lepc"), "Lepcha", "", kCore},
    {tag("Limb"), "Limbu", "", kCore},
    {tag("Lina"), "Linear A", "", kCore},
    {tag("Linb"), "Linear B", "", kCore},
    {tag("Lisu"), "Lisu", "", kCore},
    {tag("Lyci"), "Lycian", "", kCore},
    {tag("Lydi"), "Lydian", "", kCore},
    {tag("Mahj"), "Mahajani", "", kCore},
    {tag("Mand"), "Mandaic", "", kCore},
    {tag("Mani"), "Manichaean", "", kCore},
    {tag("Marc"), "Marchen", "", kCore},
    {tag("Medf"), "Medefaidrin", "", kCore},
    {tag("Mend"), "Mende Kikakui", "", kCore},
    {tag("Merc"), "Meroitic Cursive", "", kCore},
    {tag("Mero"), "Meroitic Hieroglyphs", "", kCore},
    {tag("Mlym"), "Malayalam", "ml", kCore},
    {tag("Modi"), "Modi", "", kCore},
    {tag("Mong"), "Mongolian", "mn", kCore},
    {tag("Mroo"), "Mro", "", kCore},
    {tag("Mtei"), "Meetei Mayek", "", kCore},
    {tag("Mult"), "Multani", "", kCore},
    {tag("Mymr"), "Myanmar", "my", kCore},
    {tag("Narb"), "Old North Arabian", "", kCore},
    {tag("Nbat"), "Nabataean", "", kCore},
    {tag("Newa"), "Newa", "", kCore},
    {tag("Nkoo"), "N'Ko", "nqo", kCore},
    {tag("Nshu"), "Nushu", "", kCore},
    {tag("Ogam"), "Ogham", "", kCore},
    {tag("Olck"), "Ol Chiki", "", kCore},
    {tag("Orkh"), "Old Turkic", "", kCore},
    {tag("Orya"), "Oriya", "or", kCore},
    {tag("Osge"), "Osage", "", kCore},
    {tag("Osma"), "Osmanya", "", kCore},
    {tag("Palm"), "Palmyrene", "", kCore},
    {tag("Pauc"), "Pau Cin Hau", "", kCore},
    {tag("Perm"), "Old Permic", "", kCore},
    {tag("Phag"), "Phags-pa", "", kCore},
    {tag("Phli"), "Inscriptional Pahlavi", "", kCore},
    {tag("Phlp"), "Psalter Pahlavi", "", kCore},
    {tag("Phnx"), "Phoenician", "", kCore},
    {tag("Plrd"), "Miao", "", kCore},
    {tag("Prti"), "Inscriptional Parthian", "", kCore},
    {tag("Rjng"), "Rejang", "", kCore},
    {tag("Rohg"), "Hanifi Rohingya", "", kCore},
    {tag("Runr"), "Runic", "", kCore},
    {tag("Samr"), "Samaritan", "", kCore},
    {tag("Sarb"), "Old South Arabian", "", kCore},
    {tag("Saur"), "Saurashtra", "", kCore},
    {tag("Sgnw"), "SignWriting", "", kCore},
    {tag("Shaw"), "Shavian", "", kCore},
    {tag("Shrd"), "Sharada", "", kCore},
    {tag("Sidd"), "Siddham", "", kCore},
    {tag("Sind"), "Khudawadi", "", kCore},
    {tag("Sinh"), "Sinhala", "si", kCore},
    {tag("Sogd"), "Sogdian", "", kCore},
    {tag("Sogo"), "Old Sogdian", "", kCore},
    {tag("Sora"), "Sora Sompeng", "", kCore},
    {tag("Soyo"), "Soyombo", "", kCore},
    {tag("Sund"), "Sundanese", "", kCore},
    {tag("Sylo"), "Syloti Nagri", "", kCore},
    {tag("Syrc"), "Syriac", "syr", kCore},
    {tag("Tagb"), "Tagbanwa", "", kCore},
    {tag("Takr"), "Takri", "", kCore},
    {tag("Tale"), "Tai Le", "", kCore},
    {tag("Talu"), "New Tai Lue", "", kCore},
    {tag("Taml"), "Tamil", "ta", kCore},
    {tag("Tang"), "Tangut", "", kCore},
    {tag("Tavt"), "Tai Viet", "", kCore},
    {tag("Telu"), "Telugu", "te", kCore},
    {tag("Tfng"), "Tifinagh", "", kCore},
    {tag("Tglg"), "Tagalog", "", kCore},
    {tag("Thaa"), "Thaana", "dv", kCore},
    {tag("Thai"), "Thai", "th", kCore},
    {tag("Tibt"), "Tibetan", "bo", kCore},
    {tag("Tirh"), "Tirhuta", "", kCore},
    {tag("Ugar"), "Ugaritic", "", kCore},
    {tag("Vaii"), "Vai", "", kCore},
    {tag("Wara"), "Warang Citi", "", kCore},
    {tag("Wcho"), "Wancho", "", kCore},
    {tag("Xpeo"), "Old Persian", "", kCore},
    {tag("Xsux"), "Cuneiform", "", kCore},
    {tag("Yezi"), "Yezidi", "", kCore},
    {tag("Yiii"), "Yi", "", kCore},
    {tag("Zanb"), "Zanabazar Square", "", kCore},
};

ScriptRow const* row_of_script(ScriptTag script) {
  auto const* const found =
      std::lower_bound(std::begin(kScripts), std::end(kScripts), script,
                       [](ScriptRow const& row, ScriptTag wanted) { return row.script < wanted; });
  return found != std::end(kScripts) && found->script == script ? found : nullptr;
}

}  // namespace

std::string_view language_of(ScriptTag script) {
  auto const* const row = row_of_script(script);
  return row != nullptr ? row->language : std::string_view();
}

FontAdvice font_for(char32_t code) {
  if (code >= 0x1F000 && may_be_emoji(code)) return {"emoji", kColor};
  auto const script = script_of(code);
  if (auto const* const row = row_of_script(script); row != nullptr) return {row->name, row->package};
  // Noto Sans Symbols, Symbols 2 and Math.
  bool const symbol = script == 0 && ((code >= 0x2000 && code < 0x2C00) || (code >= 0x1D400 && code < 0x1D800));
  return symbol ? FontAdvice{"symbols", kCore} : FontAdvice{};
}

}  // namespace cml::vega
