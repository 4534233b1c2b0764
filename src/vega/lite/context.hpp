// What one compilation shares: where warnings go, name maps, and text that is only known when every name is
// settled.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.hpp"
#include "vega/lite/js.hpp"

namespace cml::vega::lite {

// The property under which a view carries its JSON path through normalization.
inline constexpr std::string_view kPathKey = "\x01path";

// Old name to new name, followed transitively: views merge into their parents after others took their names.
class NameMap {
 public:
  void rename(std::string const& from, std::string const& to) { map_[from] = to; }
  bool has(std::string const& name) const { return map_.count(name) != 0; }
  std::string get(std::string name) const;

 private:
  std::map<std::string, std::string> map_;
};

class DataNode;
struct DataFlow;

struct Context {
  explicit Context(Diagnostics& d);
  ~Context();
  Context(Context const&) = delete;
  Context& operator=(Context const&) = delete;

  Diagnostics& diagnostics;
  std::string path = "$";  // Of the view being worked on.
  NameMap scale_names, signal_names, projection_names;
  std::vector<std::unique_ptr<DataNode>> nodes;
  std::unique_ptr<DataFlow> data;
  std::size_t views = 0, transforms = 0;
  int output_id = 0;

  void warn(std::string text) { diagnostics.warn(path, std::move(text)); }
  // Replaces late names by what they are called now, and drops undefined properties.
  Value settle(Value v) const;
  std::string settle_text(std::string_view text) const;

 private:
  void settle_in_place(Value& v) const;
};

// Stands inside expressions for a signal or scale that may still be renamed.
std::string late_signal(std::string_view name);
std::string late_scale(std::string_view name);

}  // namespace cml::vega::lite
