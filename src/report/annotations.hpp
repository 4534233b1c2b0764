// What linters and data checks found, as SARIF or as reviewdog's rdjson, made ready to stand beside the lines of files:
// untrusted input, of which nothing but plain text and paths inside the workspace goes on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "forge/forge.hpp"
#include "workspace/door.hpp"

namespace cml::report {

struct Annotations {
  std::vector<CheckAnnotation> placed;    // The worst first, then in the order of files.
  std::vector<CheckAnnotation> unplaced;  // Without a file of the workspace: their `path` is empty.
  std::size_t suppressed = 0;             // That the tool itself does not count.
  std::vector<std::string> notes;         // What is left out.
};

// SARIF 2.1, rdjson, or rdjsonl (an object a line), by content. BadInput names what is wrong. Absolute paths and
// file: URIs below `root` count from there.
Result<Annotations> read_annotations(std::string_view bytes, Door const&, std::filesystem::path const& root);
void add(Annotations& all, Annotations more);

// Those without a place as a list in Markdown, at most 50; empty when there are none.
std::string list_of_unplaced(Annotations const&);
// JSON of GitLab's code quality report, which shows its entries beside the lines of a merge request.
std::string code_quality(Annotations const&);

}  // namespace cml::report
