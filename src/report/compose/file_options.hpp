// "FILE:name=value,name=value", as plots and images are given.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "report/compose/model.hpp"

namespace cml::report {

struct FileOptions {
  std::string file;
  std::vector<std::pair<std::string, std::string>> options;  // In the order given; a value may hold commas.
};
FileOptions file_options(std::string_view text);

// "FILE", "FILE:TITLE" or "FILE:title=TEXT,width=480,rev=main". Usage names an option that there is not.
struct ImageRequest {
  std::string file, title, width;
  std::vector<std::string> revisions;
};
Result<ImageRequest> parse_image(std::string_view text);

// "### Curves" is a heading of level 3; without the signs it is one of level 2.
struct Heading {
  std::string text;
  int level = 2;
};
Heading parse_heading(std::string_view text);

}  // namespace cml::report
