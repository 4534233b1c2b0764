#include "report/compose/file_options.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml::report {

FileOptions file_options(std::string_view text) {
  // A title may hold a colon: the options begin at the first ":NAME=".
  auto colon = std::string_view::npos;
  for (auto at = text.find(':'); at != std::string_view::npos && colon == std::string_view::npos;
       at = text.find(':', at + 1)) {
    std::string_view const rest = text.substr(at + 1);
    auto const equals = rest.find('=');
    if (equals != std::string_view::npos && equals > 0 &&
        rest.substr(0, equals).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos)
      colon = at;
  }
  FileOptions result{std::string(text.substr(0, colon)), {}};
  if (colon == std::string_view::npos) return result;
  for (std::string const& part : split(text.substr(colon + 1), ',')) {
    auto const equals = part.find('=');  // A part without "=" belongs to the value before it: "title=Loss, smoothed".
    if (equals == std::string::npos)
      result.options.back().second += "," + part;
    else
      result.options.emplace_back(std::string(trim(part.substr(0, equals))), part.substr(equals + 1));
  }
  return result;
}

Result<ImageRequest> parse_image(std::string_view text) {
  auto parsed = file_options(text);
  auto const known = [](std::string_view name) { return name == "title" || name == "width" || name == "rev"; };
  ImageRequest image;
  if (parsed.options.empty() || !known(parsed.options.front().first)) {  // "FILE:TITLE", whatever the title holds.
    auto const colon = text.find(':');
    image.file = text.substr(0, colon);
    if (colon != std::string_view::npos) image.title = text.substr(colon + 1);
    return image;
  }
  image.file = std::move(parsed.file);
  for (auto& [name, value] : parsed.options) {
    if (name == "title") {
      image.title = std::move(value);
    } else if (name == "rev") {
      image.revisions.push_back(std::move(value));
    } else if (name == "width") {
      std::string_view const digits = std::string_view(value).substr(0, value.size() - (value.ends_with('%') ? 1 : 0));
      if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return Error{ErrorKind::Usage,
                     "width=" + one_line(value, 20) + " is neither pixels (480) nor a share of the page (50%)"};
      image.width = std::move(value);
    } else {
      return Error{ErrorKind::Usage, "an image has no \"" + one_line(name, 40) + "\"; known are title, width and rev"};
    }
  }
  return image;
}

Heading parse_heading(std::string_view text) {
  auto const signs = std::min(text.find_first_not_of('#'), text.size());
  if (signs == 0 || signs > 6 || signs == text.size() || text[signs] != ' ') return {std::string(text), 2};
  return {std::string(trim(text.substr(signs))), static_cast<int>(signs)};
}

}  // namespace cml::report
