#include "vega/engine/html.hpp"

#include "base/escape.hpp"
#include "vega/value/json.hpp"

namespace cml {
namespace {

// Where Vega's own documentation loads it from; the version is the one that pictures are compared with.
constexpr std::string_view kVega = "https://cdn.jsdelivr.net/npm/vega@6.4.0/build/vega.min.js";
// SHA-384 of that file in npm's package vega@6.4.0: no other one is run.
constexpr std::string_view kVegaHash = "sha384-VKdcJr3ZaBIJMbVcopTAI/JEuUkSY6qnwVu9iLuw0DnQ9gQ1JjsfZJhXFQAgNi43";

// JSON inside of a script element, where "</script" and "<!--" would end it.
std::string in_script(std::string const& json) {
  std::string out;
  out.reserve(json.size());
  for (char c : json)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

}  // namespace

std::string html_page(std::string_view svg, vega::Value const& spec, std::string_view title,
                      std::string_view renderer) {
  if (auto const start = svg.find("<svg"); start != std::string_view::npos) svg.remove_prefix(start);
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>";
  page += escape_html(title.empty() ? std::string_view("Chart") : title);
  page += "</title>\n</head>\n<body>\n<div id=\"chart\">";
  page += svg;
  page += "</div>\n<script type=\"application/json\" id=\"spec\">\n";
  page += in_script(vega::to_json(spec, 0));
  page += "\n</script>\n<script src=\"";
  page += kVega;
  page += "\" crossorigin=\"anonymous\" integrity=\"";
  page += kVegaHash;
  // Drawn aside and swapped in when it is done: without Vega, or when it fails, the picture stays.
  page +=
      "\"></script>\n<script>\n"
      "if (window.vega) {\n"
      "  const aside = document.createElement('div');\n"
      "  const spec = JSON.parse(document.getElementById('spec').textContent);\n"
      "  new vega.View(vega.parse(spec), {renderer: '";
  page += renderer;
  page +=
      "', container: aside, hover: true}).runAsync()\n"
      "      .then(() => document.getElementById('chart').replaceChildren(aside))\n"
      "      .catch(error => console.warn(error));\n"
      "}\n</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace cml
