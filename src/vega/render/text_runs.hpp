// A line of text cut into runs that are drawn in one direction, in one script, as text or as emoji. The order of runs
// is that of reading; `visual_order` gives the one from left to right (UAX #9), which FriBidi finds:
//
//   "abc שלום 12"  ->  "abc " (level 0, Latin), "שלום " (level 1, Hebrew), "12" (level 2, Hebrew: digits have none)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cml::vega {

// ISO 15924 as four bytes ('Latn'); 0: of no script, as digits and blanks.
using ScriptTag = std::uint32_t;

struct TextRun {
  std::size_t begin = 0, end = 0;  // Indices of code points.
  ScriptTag script = 0;            // That of the letters before, where the characters have none of their own.
  std::uint8_t level = 0;          // Odd: from right to left.
  bool emoji = false;              // Drawn in colours where a font can.
};

// Emoji without ZWJ and such: what stands for itself in a run.
bool may_be_emoji(char32_t code);

// Blanks, controls, and what shapes its neighbours (joiners, variation selectors): it stays in their font.
bool follows_neighbours(char32_t code);

// `script_of` as Unicode's property Script, with 0 for Common and Inherited. The line reads from left to right unless a
// letter of it says otherwise, as on the reference's canvas.
std::vector<TextRun> text_runs(std::u32string_view line, ScriptTag (*script_of)(char32_t));

// The order in which runs of these levels stand from left to right.
std::vector<std::size_t> visual_order(std::vector<std::uint8_t> const& levels);

}  // namespace cml::vega
