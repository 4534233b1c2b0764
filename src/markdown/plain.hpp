// Markdown for forges that show HTML as text: what a report's tags say, in Markdown's own marks.
//
//   <details><summary>Log</summary> ... </details>     ->   **Log** ...
//   <img src="a.png" alt="Loss" width="300">           ->   ![Loss](a.png)
//   <a href="u">text</a>, <b>x</b>                     ->   [text](u), **x**
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cml::markdown {

struct PlainMarkdown {
  std::string text;
  std::vector<std::string> left;  // Names of tags that have no counterpart and stay, each once.
};
PlainMarkdown without_html(std::string_view document);

// "> [!WARNING]" at the head of a quotation, outside code, becomes "> **Warning**".
std::string without_alerts(std::string_view document);

}  // namespace cml::markdown
