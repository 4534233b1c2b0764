// A report that a stranger wrote, made such that it may stand in a comment of ours: it shows no pictures but those that
// are allowed, is no mark of ours, holds only HTML that lays out text, and calls nobody.
//
//   ![Loss](https://h.test/a.png)   ->   [Loss](https://h.test/a.png)
//   @ada, #12                       ->   the same to the eye, but no mention and no reference
//   <script>                        ->   &lt;script>
//
// What is changed is found by one reader of Markdown (markdown/locate.hpp) and checked by another (markdown/shown.hpp).
// A text that the second does not find harmless after that is shown as code.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/diagnostics.hpp"

namespace cml {

struct HarmlessRules {
  std::set<std::string> pictures;  // Addresses of pictures that may be shown.
  bool mentions = false;           // Mentions and references stay.
  // The text may be cut or joined with another, or is read by another Markdown, so that what is code may become text:
  // nothing in it would do harm then either.
  bool also_in_code = false;
};

// What was changed is said: as missed what is not shown as its author meant it.
std::string made_harmless(std::string text, HarmlessRules const&, Diagnostics&);

}  // namespace cml
