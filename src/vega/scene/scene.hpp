// The scene: marks with their items as columns, groups with the marks inside them. What the renderers draw.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "vega/scene/bounds.hpp"
#include "vega/scene/channel.hpp"

namespace cml::vega {

enum class MarkType : std::uint8_t { Arc, Area, Group, Image, Line, Path, Rect, Rule, Shape, Symbol, Text, Trail };
std::string_view mark_type_name(MarkType type);
std::optional<MarkType> find_mark_type(std::string_view name);
// Line, area and trail draw all items as one shape with one bounding box.
inline bool is_nested(MarkType type) {
  return type == MarkType::Line || type == MarkType::Area || type == MarkType::Trail;
}

struct Mark;

// The content of one item of a group mark, in drawing order.
struct Group {
  std::vector<std::unique_ptr<Mark>> marks;
};

struct ClipPath {
  bool group = false;  // Clip to the enclosing group's width and height.
  std::string path;    // SVG path data instead, when not empty.
};

struct Mark {
  MarkType type = MarkType::Group;
  std::string name, role, aria_description;
  std::string caption;  // Of axes and legends: what a screen reader says of the scale.
  bool interactive = true;
  Value aria;
  double zindex = 0;
  ClipPath clip;
  std::size_t count = 0;
  std::array<Channel, kChannels> channels;
  std::vector<std::pair<std::string, Channel>> own;  // Channels of the author's own: for transforms of the items.
  TableRef data;                                     // The datum of each item; null for none.
  std::vector<Group> groups;                         // Group marks: one an item.
  std::vector<Bounds> item_bounds;                   // One an item; a single one for nested types.
  Bounds bounds;
  Mark* parent = nullptr;  // The group mark that holds this one, and which of its items.
  std::size_t parent_item = 0;

  Channel& operator[](Ch c) { return channels[static_cast<std::size_t>(c)]; }
  Channel const& operator[](Ch c) const { return channels[static_cast<std::size_t>(c)]; }
  double number(Ch c, std::size_t item, double fallback = 0) const {
    auto const& channel = (*this)[c];
    return channel.present() ? channel.number(item, fallback) : fallback;
  }
  Value value(Ch c, std::size_t item) const {
    auto const& channel = (*this)[c];
    return channel.present() ? channel.at(item) : Value();
  }
  void set_own(std::string_view name, Channel channel) {
    for (auto& [known, value] : own)
      if (known == name) return void(value = std::move(channel));
    own.emplace_back(name, std::move(channel));
  }
  void set(Ch c, std::size_t item, Value v) { (*this)[c].set(item, std::move(v), count); }
  Value datum(std::size_t item) const { return data && item < data->size() ? data->row(item) : Value(); }
  // Indices of items in drawing order: those with a z-index after the others, by it.
  std::vector<std::uint32_t> draw_order() const;  // Empty: as they stand.
};

// Marks of a group in drawing order (by z-index, stable).
std::vector<Mark const*> draw_order(Group const& group);

struct Scene {
  std::unique_ptr<Mark> root;         // A group mark with one item; marks inside point to it.
  double width = 0, height = 0;       // The picture in pixels at scale 1, padding included.
  double origin_x = 0, origin_y = 0;  // Where the root group's origin lies.
  std::string background;             // CSS colour; empty is transparent.
  std::string description;
};

// The reference's own JSON form of a scene (vega-scenegraph's sceneToJSON), for comparison and diagnosis.
std::string scene_to_json(Scene const& scene, int indent);

}  // namespace cml::vega
