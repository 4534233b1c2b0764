// Any bytes as a report: what is located lies inside it and does not overlap, replacing it by itself changes nothing
// else, and the page for the preview is made.
#include <cstdint>
#include <string>
#include <string_view>

#include "markdown/html.hpp"
#include "markdown/locate.hpp"
#include "markdown/safe_html.hpp"
#include "markdown/shown.hpp"

using namespace cml::markdown;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  Located const located = locate(text);
  std::size_t end = 0;
  std::vector<Replacement> same, addresses;
  for (Destination const& destination : located.destinations) {
    if (destination.offset < end || destination.offset + destination.length > size) __builtin_trap();
    end = destination.offset + destination.length;
    same.push_back(
        {destination.offset, destination.length, std::string(text.substr(destination.offset, destination.length))});
    addresses.push_back({destination.offset, destination.length, written(destination, "https://a.test/x.png")});
  }
  for (auto const* ranges : {&located.tags, &located.html_blocks, &located.verbatim})
    for (Range const& range : *ranges)
      if (range.offset + range.length > size) __builtin_trap();
  (void)shown(safe_html(text, [](std::string_view url) { return url == "a.png"; }));
  for (Fence const& fence : located.fences)
    if (fence.offset + fence.length > size) __builtin_trap();
  if (with_replacements(text, std::move(same)) != text) __builtin_trap();
  (void)to_html(with_replacements(text, std::move(addresses)));
  return 0;
}
