#include "markdown/plain.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "markdown/inline_scan.hpp"
#include "markdown/locate.hpp"

namespace cml::markdown {
namespace {

struct Counterpart {
  std::string_view tag, open, close;
};
constexpr Counterpart kCounterparts[] = {
    {"details", "", ""},
    {"summary", "\n\n**", "**\n\n"},
    {"picture", "", ""},
    {"source", "", ""},
    {"b", "**", "**"},
    {"strong", "**", "**"},
    {"i", "*", "*"},
    {"em", "*", "*"},
    {"code", "`", "`"},
    {"kbd", "`", "`"},
    {"p", "\n\n", "\n\n"},
    {"div", "\n\n", "\n\n"},
    {"center", "\n\n", "\n\n"},
    {"span", "", ""},
    {"sub", "", ""},
    {"sup", "", ""},
    {"br", " ", ""},
    {"hr", "\n\n---\n\n", ""},
};

// The five of GitHub, which GitLab and Gitea took over.
constexpr std::pair<std::string_view, std::string_view> kAlerts[] = {{"[!NOTE]", "Note"},
                                                                     {"[!TIP]", "Tip"},
                                                                     {"[!IMPORTANT]", "Important"},
                                                                     {"[!WARNING]", "Warning"},
                                                                     {"[!CAUTION]", "Caution"}};

// Where the marker of an alert stands in a line such as "> [!NOTE]"; npos: the line starts no alert.
std::size_t alert_marker(std::string_view line) {
  auto const at = line.find_first_not_of(" >\t");
  return at != std::string_view::npos && line.substr(0, at).find('>') != std::string_view::npos && line[at] == '['
             ? at
             : std::string_view::npos;
}

std::string value_of(std::vector<TagAttribute> const& attributes, std::string_view name) {
  for (TagAttribute const& attribute : attributes)
    if (attribute.name == name) return attribute.value;
  return "";
}

// Inside "[...]" and "(...)" of one line.
std::string bracketed(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '[' || c == ']' || c == '\\') result.push_back('\\');
    result.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
  return result;
}
std::string destination(std::string_view url) {
  bool const plain = url.find_first_of(" ()<>\n\r") == std::string_view::npos;
  std::string inside;
  for (char c : url)
    if (c != '\n' && c != '\r' && c != '<' && c != '>') inside.push_back(c);
  return plain ? std::string(url) : "<" + inside + ">";
}

}  // namespace

PlainMarkdown without_html(std::string_view document) {
  PlainMarkdown plain;
  std::vector<std::string> links;  // Open <a> tags.
  std::vector<Replacement> replacements;
  for (Range const& place : locate(document).tags) {
    std::string_view const tag = document.substr(place.offset, place.length);
    bool const closes = tag.starts_with("</");
    std::string const name = tag_name(tag);
    auto const put = [&](std::string text) { replacements.push_back({place.offset, place.length, std::move(text)}); };
    auto const row = std::find_if(std::begin(kCounterparts), std::end(kCounterparts),
                                  [&](Counterpart const& one) { return one.tag == name; });
    if (name == "img") {
      auto const attributes = attributes_of(tag);
      put("![" + bracketed(value_of(attributes, "alt")) + "](" + destination(value_of(attributes, "src")) + ")");
    } else if (name == "a" && !closes) {
      links.push_back(value_of(attributes_of(tag), "href"));
      put("[");
    } else if (name == "a" && !links.empty()) {
      put("](" + destination(links.back()) + ")");
      links.pop_back();
    } else if (row != std::end(kCounterparts)) {
      put(std::string(closes ? row->close : row->open));
    } else if (!name.empty() && std::find(plain.left.begin(), plain.left.end(), name) == plain.left.end()) {
      plain.left.push_back(name);
    }
  }
  plain.text = with_replacements(document, std::move(replacements));
  return plain;
}

std::string without_alerts(std::string_view document) {
  if (document.find("[!") == std::string_view::npos) return std::string(document);
  auto const located = locate(document);
  auto fence = located.fences.begin();
  std::vector<Replacement> replacements;
  for (std::size_t begin = 0, end = 0; begin < document.size(); begin = end) {
    end = std::min(document.find('\n', begin), document.size() - 1) + 1;
    while (fence != located.fences.end() && fence->offset + fence->length <= begin) ++fence;
    if (fence != located.fences.end() && fence->offset <= begin) continue;
    std::string_view const line = document.substr(begin, end - begin);
    auto const at = alert_marker(line);
    if (at == std::string_view::npos) continue;
    std::string const marker = to_upper(trim(line.substr(at)));
    for (auto const& [alert, word] : kAlerts)
      if (marker == alert) replacements.push_back({begin + at, alert.size(), "**" + std::string(word) + "**  "});
  }
  return with_replacements(document, std::move(replacements));
}

}  // namespace cml::markdown
