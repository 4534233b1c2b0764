#include "report/compose/plot_colors.hpp"

namespace cml::report {

std::vector<std::string_view> const& plot_palette() {
  static std::vector<std::string_view> const palette{"#6054c0", "#cc8400", "#489ccc", "#cc0030",
                                                     "#a89078", "#b42478", "#9c00fc"};
  return palette;
}

std::string_view plot_color(std::size_t series) { return plot_palette()[series % plot_palette().size()]; }

std::string_view plot_dash(std::size_t series) {
  constexpr std::string_view kDashes[] = {"[1,0]", "[6,3]", "[2,2]", "[9,3,2,3]"};
  return kDashes[series / plot_palette().size() % 4];
}

}  // namespace cml::report
