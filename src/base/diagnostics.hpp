// Recoverable trouble: collected, never printed here. A repeated warning is kept once.
#pragma once

#include <set>
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
    if (known_.emplace(where, text).second) warnings_.push_back({std::move(where), std::move(text)});
  }
  std::vector<Warning> const& warnings() const { return warnings_; }

 private:
  std::vector<Warning> warnings_;
  std::set<std::pair<std::string, std::string>> known_;
};

}  // namespace cml
