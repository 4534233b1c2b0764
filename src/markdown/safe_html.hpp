// HTML that a stranger wrote, narrowed to tags and attributes that lay out text. What may not stay is shown as text,
// comments go.
//
//   <b onclick="x">bold</b>                        ->   <b>bold</b>
//   <img src="https://h.test/a.png" alt="Loss">    ->   <a href="https://h.test/a.png">Loss</a>
//   <script>                                       ->   &lt;script>
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace cml::markdown {

// Whether a picture may have this address.
using MayShow = std::function<bool(std::string_view url)>;

// One tag, comment or instruction as HtmlScan finds it. What is safe already comes back byte for byte.
std::string safe_tag(std::string_view tag, MayShow const&);
// A piece of raw HTML with the text in it.
std::string safe_html(std::string_view html, MayShow const&);

}  // namespace cml::markdown
