// Recoverable trouble: collected, never printed here. A repeated warning is kept once.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cml {

struct Warning {
  std::string where;  // JSON path ("$.encoding.x"), file or command; may be empty.
  std::string text;
  bool operator==(Warning const&) const = default;
};

class Diagnostics {
 public:
  void warn(std::string where, std::string text) {
    Warning warning{std::move(where), std::move(text)};
    if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
      warnings_.push_back(std::move(warning));
  }
  std::vector<Warning> const& warnings() const { return warnings_; }

 private:
  std::vector<Warning> warnings_;
};

}  // namespace cml
