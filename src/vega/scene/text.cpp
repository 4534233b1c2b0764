#include "vega/scene/text.hpp"

#include <cmath>

#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

std::string trimmed(std::string text) {
  auto const blank = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  std::size_t a = 0, b = text.size();
  while (a < b && blank(text[a])) ++a;
  while (b > a && blank(text[b - 1])) --b;
  return text.substr(a, b - a);
}

// Byte offsets of the characters, so that cutting never splits one.
std::vector<std::size_t> starts_of(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xC0) != 0x80) starts.push_back(i);
  starts.push_back(text.size());
  return starts;
}

std::string cut(std::string const& text, double limit, std::string const& ellipsis, bool right_to_left,
                Font const& font, TextMetrics& metrics) {
  if (metrics.width(font, text) < limit) return text;
  budget::steps(8 * text.size());
  limit -= metrics.width(font, ellipsis);
  auto const starts = starts_of(text);
  std::size_t low = 0, high = starts.size() - 1;
  std::string_view const view(text);
  if (right_to_left) {
    while (low < high) {
      auto const middle = (low + high) / 2;
      if (metrics.width(font, view.substr(starts[middle])) > limit)
        low = middle + 1;
      else
        high = middle;
    }
    return ellipsis + text.substr(starts[low]);
  }
  while (low < high) {
    auto const middle = 1 + (low + high) / 2;
    auto const bounded = std::min(middle, starts.size() - 1);
    if (metrics.width(font, view.substr(0, starts[bounded])) < limit)
      low = middle;
    else
      high = middle - 1;
  }
  return text.substr(0, starts[std::min(low, starts.size() - 1)]) + ellipsis;
}

std::vector<std::string> raw_lines(Mark const& mark, std::size_t item) {
  std::vector<std::string> lines;
  Value const text = mark.value(Ch::Text, item);
  auto const line = [](Value const& v) { return v.is_nullish() ? std::string() : v.to_string(); };
  if (text.is_array()) {
    budget::steps(300 * text.items().size());
    for (auto const& part : text.items()) lines.push_back(line(part));
    if (lines.empty()) lines.emplace_back();
    return lines;
  }
  Value const separator = mark.value(Ch::LineBreak, item);
  if (separator.is_string() && !separator.string().empty() && text.is_string()) {
    auto rest = text.string();
    for (;;) {
      auto const at = rest.find(separator.string());
      budget::steps(300);
      lines.emplace_back(rest.substr(0, at));
      if (at == std::string_view::npos) break;
      rest.remove_prefix(at + separator.string().size());
    }
    return lines;
  }
  lines.push_back(line(text));
  return lines;
}

}  // namespace

double font_size(Mark const& mark, std::size_t item) {
  double const size = mark.number(Ch::FontSize, item, 11);
  return std::isnan(size) ? 0 : size;
}
double line_height(Mark const& mark, std::size_t item) {
  return mark.number(Ch::LineHeight, item, font_size(mark, item) + 2);
}

Font item_font(Mark const& mark, std::size_t item) {
  Font font;
  if (auto const family = mark.value(Ch::Font, item); family.is_string() && !family.string().empty())
    font.family = family.string();
  font.size = font_size(mark, item);
  Value const weight = mark.value(Ch::FontWeight, item);
  double number = 0;
  if (weight.is_number()) {
    number = weight.number();
  } else if (weight.is_string()) {
    auto const name = weight.string();
    number = name == "bold" || name == "bolder" ? 700 : name == "lighter" ? 100 : string_to_number(name);
  }
  font.bold = number >= 600;
  if (number >= 1 && number <= 1000) font.weight = static_cast<int>(number);
  auto const style = mark.value(Ch::FontStyle, item);
  font.italic = style.string_or("") == "italic" || style.string_or("") == "oblique";
  return font;
}

std::size_t line_count(Mark const& mark, std::size_t item) { return raw_lines(mark, item).size(); }
double multi_line_offset(Mark const& mark, std::size_t item) {
  return static_cast<double>(line_count(mark, item) - 1) * line_height(mark, item);
}

std::vector<std::string> drawn_lines(Mark const& mark, std::size_t item, TextMetrics& metrics) {
  auto lines = raw_lines(mark, item);
  double const limit = mark.number(Ch::Limit, item, 0);
  for (auto& line : lines) {
    line = trimmed(std::move(line));
    if (limit > 0 && !line.empty())
      line = cut(line, limit, std::string(mark.value(Ch::Ellipsis, item).string_or("\u2026")),
                 mark.value(Ch::Dir, item).string_or("") == "rtl", item_font(mark, item), metrics);
  }
  return lines;
}

double baseline_offset(Mark const& mark, std::size_t item) {
  Value const baseline = mark.value(Ch::Baseline, item);
  auto const name = baseline.string_or("alphabetic");
  double const h = font_size(mark, item);
  if (name == "top") return round_half_up(0.79 * h);
  if (name == "middle") return round_half_up(0.30 * h);
  if (name == "bottom") return round_half_up(-0.21 * h);
  if (name == "line-top") return round_half_up(0.29 * h + 0.5 * line_height(mark, item));
  if (name == "line-bottom") return round_half_up(0.29 * h - 0.5 * line_height(mark, item));
  return 0;
}

void text_anchor(Mark const& mark, std::size_t item, double& x, double& y) {
  x = mark.number(Ch::X, item);
  y = mark.number(Ch::Y, item);
  if (double const r = mark.number(Ch::Radius, item); r != 0) {
    double const t = mark.number(Ch::Theta, item) - kPi / 2;
    x += r * std::cos(t);
    y += r * std::sin(t);
  }
}

}  // namespace cml::vega
