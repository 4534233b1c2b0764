// Layouts of trees, as d3-hierarchy has them: numbers for every node. What a node weighs (`value`) is summed up before.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "vega/value/tree.hpp"

namespace cml::vega {

using NodeNumbers = std::vector<double>;  // By node.

struct TidyOptions {
  double width = 1, height = 1;  // Of the whole tree, or of one node where `by_node`.
  bool by_node = false;
  bool cousins_apart = true;  // Twice the distance between nodes of different parents.
};
struct NodePoints {
  NodeNumbers x, y, r;  // r: of pack alone.
};
NodePoints tidy_layout(Tree const&, TidyOptions const&);     // Reingold and Tilford, as Buchheim et al. made it linear.
NodePoints cluster_layout(Tree const&, TidyOptions const&);  // A dendrogram: all leaves at one depth.

struct PackOptions {
  double width = 1, height = 1, padding = 0;
  std::optional<NodeNumbers> radius;  // Of leaves; else by their values, fitted into the size.
};
// Circles within circles. Fails (EngineError) where numbers are too far apart for the smallest circle around some.
NodePoints pack_layout(Tree const&, NodeNumbers const& value, PackOptions const&);

struct NodeBoxes {
  NodeNumbers x0, y0, x1, y1;
};
enum class Tiling { Squarify, Binary, Dice, Slice, SliceDice };
struct TreemapOptions {
  Tiling tiling = Tiling::Squarify;
  double ratio = 1.618033988749895;  // Of squarify's boxes.
  double width = 1, height = 1;
  double inner = 0, top = 0, right = 0, bottom = 0, left = 0;  // Padding.
  bool round = false;
};
NodeBoxes treemap_layout(Tree const&, NodeNumbers const& value, TreemapOptions const&);
NodeBoxes partition_layout(Tree const&, NodeNumbers const& value, double width, double height, double padding,
                           bool round);

}  // namespace cml::vega
