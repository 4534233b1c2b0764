// A badge: two fields with text in white, as READMEs show them.
#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/compose/number.hpp"
#include "report/trend/trend.hpp"

namespace cml::report {
namespace {

constexpr int kBadgeHeight = 20, kBadgePadding = 6;
// White on each has a contrast of 4.5:1.
constexpr std::string_view kLabelColor = "#4b535d", kBetterColor = "#1a7f37", kWorseColor = "#cf222e",
                           kNeutralColor = "#0969da";

// About, for 11 pixels of a sans-serif font; textLength makes it so, whatever font there is.
int badge_width_of(std::string_view text) {
  double width = 0;
  for (char const c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // Inside a character.
    width += contains("iIjl|.,:;'! ", std::string_view(&c, 1)) ? 3.7
             : contains("mwMW@%", std::string_view(&c, 1))     ? 9.5
                                                               : 6.6;
  }
  return static_cast<int>(width + 0.5);
}

std::string badge_text(int x, int width, std::string const& text) {
  return "<text x=\"" + std::to_string(x) + "\" y=\"14\" textLength=\"" + std::to_string(width) + "\">" +
         escape_html(text) + "</text>";
}

}  // namespace

Result<std::string> badge_of(Model const& trend, std::string const& metric) {
  std::vector<Row> const rows = metric_rows(trend);
  auto row = std::find_if(rows.begin(), rows.end(), [&](Row const& one) { return one.name == metric; });
  if (row == rows.end())
    row = std::find_if(rows.begin(), rows.end(), [&](Row const& one) { return name_matches(metric, one.name); });
  if (row == rows.end()) {
    std::vector<std::string_view> names;
    for (Row const& one : rows) names.push_back(one.name);
    std::string_view const near = nearest(metric, names);
    return Error{ErrorKind::NotFound, "no metric \"" + one_line(metric, 60) + "\" is recorded" +
                                          (near.empty() ? "" : "; did you mean " + one_line(near, 60) + "?")};
  }
  std::string const name = clean_line(row->name, 60), value = row->new_value ? plain_value(*row->new_value) : "none";
  std::string_view const color = row->judgement() == Judgement::Better  ? kBetterColor
                                 : row->judgement() == Judgement::Worse ? kWorseColor
                                                                        : kNeutralColor;
  int const left = badge_width_of(name), right = badge_width_of(value);
  int const split = left + 2 * kBadgePadding, width = split + right + 2 * kBadgePadding;
  std::string const label = escape_html(name + ": " + value), total = std::to_string(width),
                    height = std::to_string(kBadgeHeight);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + total + "\" height=\"" + height +
         "\" role=\"img\" aria-label=\"" + label + "\"><title>" + label + "</title><clipPath id=\"r\"><rect width=\"" +
         total + "\" height=\"" + height + "\" rx=\"3\"/></clipPath><g clip-path=\"url(#r)\"><rect width=\"" + total +
         "\" height=\"" + height + "\" fill=\"" + std::string(kLabelColor) + "\"/><rect x=\"" + std::to_string(split) +
         "\" width=\"" + std::to_string(width - split) + "\" height=\"" + height + "\" fill=\"" + std::string(color) +
         "\"/></g><g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">" +
         badge_text(kBadgePadding, left, name) + badge_text(split + kBadgePadding, right, value) + "</g></svg>\n";
}

}  // namespace cml::report
