#include "vega/scene/scene.hpp"

#include <algorithm>

namespace cml::vega {
namespace {
constexpr std::string_view kTypes[] = {"arc",  "area", "group", "image",  "line", "path",
                                       "rect", "rule", "shape", "symbol", "text", "trail"};
}

std::string_view mark_type_name(MarkType type) { return kTypes[static_cast<std::size_t>(type)]; }
std::optional<MarkType> find_mark_type(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kTypes); ++i)
    if (kTypes[i] == name) return static_cast<MarkType>(i);
  return std::nullopt;
}

std::vector<std::uint32_t> Mark::draw_order() const {
  auto const& z = (*this)[Ch::ZIndex];
  if (!z.present() || (z.constant() && z.number(0, 0) == 0)) return {};
  std::vector<std::uint32_t> flat, raised;
  for (std::uint32_t i = 0; i < count; ++i) (z.number(i, 0) != 0 ? raised : flat).push_back(i);
  std::stable_sort(raised.begin(), raised.end(), [&z](auto a, auto b) { return z.number(a, 0) < z.number(b, 0); });
  flat.insert(flat.end(), raised.begin(), raised.end());
  return flat;
}

std::vector<Mark const*> draw_order(Group const& group) {
  std::vector<Mark const*> order, raised;
  for (auto const& mark : group.marks) (mark->zindex != 0 ? raised : order).push_back(mark.get());
  std::stable_sort(raised.begin(), raised.end(), [](auto* a, auto* b) { return a->zindex < b->zindex; });
  order.insert(order.end(), raised.begin(), raised.end());
  return order;
}

}  // namespace cml::vega
