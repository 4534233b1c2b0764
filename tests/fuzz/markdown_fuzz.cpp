// Any bytes as a report: what is located lies inside it and does not overlap, replacing it by itself changes nothing
// else, and the page for the preview is made.
#include <cstdint>
#include <string>
#include <string_view>

#include "markdown/html.hpp"
#include "markdown/locate.hpp"

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
  for (Fence const& fence : located.fences)
    if (fence.offset + fence.length > size) __builtin_trap();
  if (with_replacements(text, std::move(same)) != text) __builtin_trap();
  (void)to_html(with_replacements(text, std::move(addresses)));
  return 0;
}
