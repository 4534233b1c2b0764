// A published report as one HTML page, light and dark, with nothing to load from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "report/publish.hpp"

namespace cml {

// The report's Markdown with its files as data: addresses.
std::string with_inlined_files(Publication const&);
// Where pictures of a page may come from, besides the page itself.
enum class PageSources { None, Https };
// `reload_from`: the path that answers with the page's version, asked twice a second; empty: a page that stays as it
// is.
std::string report_page(std::string_view markdown, std::string_view title, std::string_view reload_from = "",
                        PageSources = PageSources::Https);

}  // namespace cml
