// Manual pages (man 7 man), made from the table of commands.
#pragma once

#include <string>
#include <vector>

namespace cml {

struct ManualPage {
  std::string name;  // Of the file: "cml-comment-create.1"
  std::string text;
};
// cml.1, and a page for each command of `cml --help`.
std::vector<ManualPage> manual_pages();

}  // namespace cml
