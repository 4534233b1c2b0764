#include "markdown/safe_html.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/url.hpp"
#include "markdown/html.hpp"
#include "markdown/inline_scan.hpp"

namespace cml::markdown {
namespace {

// Table: tags that may stay.
constexpr std::string_view kTags[] = {
    "a",    "b",      "blockquote", "br",     "center", "code", "dd",      "del",     "details", "div",
    "dl",   "dt",     "em",         "h1",     "h2",     "h3",   "h4",      "h5",      "h6",      "hr",
    "i",    "img",    "ins",        "kbd",    "li",     "ol",   "p",       "picture", "pre",     "s",
    "samp", "source", "span",       "strike", "strong", "sub",  "summary", "sup",     "table",   "tbody",
    "td",   "th",     "thead",      "tr",     "ul",     "var"};

// Table: attributes that may stay, beside addresses.
constexpr std::string_view kAttributes[] = {"align",   "alt",   "colspan", "height", "media", "open",
                                            "rowspan", "start", "title",   "valign", "width"};

template <std::size_t count>
bool holds(std::string_view const (&table)[count], std::string_view name) {
  return std::find(std::begin(table), std::end(table), name) != std::end(table);
}

// For people: nothing in it is Markdown or a mention, should the tag around it ever be cut off.
std::string plain_value(std::string_view value) {
  constexpr std::string_view kJoiner = "\xE2\x81\xA0";  // Not seen.
  std::string result;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char const c = value[i];
    if (c == '[' || c == '<')
      result += '(';
    else if (c == ']' || c == '>')
      result += ')';
    else
      result += c == '\n' || c == '\r' || c == '`' ? ' ' : c;
    if (contains("@#!%~", std::string_view(&c, 1)) && !value.substr(i + 1).starts_with(kJoiner) &&
        i + 1 < value.size() && value[i + 1] != ' ')
      result += kJoiner;
  }
  return result;
}

// Where a link may lead; empty: nowhere.
std::string link_address(std::string_view url) {
  if (!url.starts_with("#") && !url.starts_with("mailto:") && !is_web_url(url)) return {};
  std::string result;
  for (char c : url) {
    if (contains("[]<>`@ ", std::string_view(&c, 1)))
      result += percent_encode(std::string_view(&c, 1));
    else
      result += c;
  }
  return result;
}

bool all_shown(std::string_view srcset, MayShow const& may_show) {
  for (std::string const& one : split(srcset, ',')) {
    std::string_view const words = trim(one);
    if (!may_show(words.substr(0, words.find(' ')))) return false;
  }
  return true;
}

std::string attribute_text(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escape_html(value) + "\"";
}

// A picture that may not be shown: a link to it, else its text.
std::string instead_of_picture(std::vector<TagAttribute> const& attributes) {
  std::string text = "picture", address;
  for (TagAttribute const& attribute : attributes) {
    if (attribute.name == "alt" && !trim(attribute.value).empty()) text = plain_value(attribute.value);
    if (attribute.name == "src" && address.empty() && is_web_url(attribute.value))
      address = link_address(attribute.value);
  }
  text = escape_html(text);
  return address.empty() ? text : "<a href=\"" + escape_html(address) + "\">" + text + "</a>";
}

}  // namespace

std::string safe_tag(std::string_view tag, MayShow const& may_show) {
  if (tag.starts_with("<!--")) return {};
  std::string const name = tag_name(tag);
  if (!holds(kTags, name)) return "&lt;" + std::string(tag.substr(1));
  if (tag.starts_with("</")) return "</" + name + ">";
  auto const attributes = attributes_of(tag);
  std::string result = "<" + name;
  std::set<std::string> seen;
  bool shows = false;
  for (TagAttribute const& attribute : attributes) {
    if (!seen.insert(attribute.name).second) continue;  // The first one counts.
    std::string const& value = attribute.value;
    if (attribute.name == "open")
      result += " open";
    else if (attribute.name == "href" && name == "a")
      result += attribute_text("href", link_address(value));
    else if ((attribute.name == "src" && may_show(value)) || (attribute.name == "srcset" && all_shown(value, may_show)))
      result += attribute_text(attribute.name, value), shows = true;
    else if (holds(kAttributes, attribute.name))
      result += attribute_text(attribute.name, plain_value(value));
  }
  if (name == "source" && !shows) return {};
  if (name == "img" && !shows) return instead_of_picture(attributes);
  bool const closed = tag.ends_with("/>");
  return result + (closed ? (contains(tag, " />") ? " />" : "/>") : ">");
}

std::string safe_html(std::string_view html, MayShow const& may_show) {
  HtmlScan scan(html);
  std::string result;
  for (std::size_t at = 0; at < html.size();) {
    std::size_t const open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    if (open == html.size()) break;
    if (html.substr(open, 4) == "<!--") {  // To the first "-->", also of "<!-->"; without one, all is comment.
      auto const end = html.find("-->", open + 2);
      at = end == std::string_view::npos ? html.size() : end + 3;
      continue;
    }
    std::size_t const length = scan.length(open);
    result += length > 0 ? safe_tag(html.substr(open, length), may_show) : "&lt;";
    at = open + std::max<std::size_t>(length, 1);
  }
  return result;
}

}  // namespace cml::markdown
