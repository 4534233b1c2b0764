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
  bool missed = false;  // Something that was asked for is not done: --strict makes it exit code 1.
  bool operator==(Warning const&) const = default;
};

class Diagnostics {
 public:
  void warn(std::string where, std::string text) { add({std::move(where), std::move(text), false}); }
  void missed(std::string where, std::string text) { add({std::move(where), std::move(text), true}); }
  std::vector<Warning> const& warnings() const { return warnings_; }

 private:
  void add(Warning warning) {
    if (known_.emplace(warning.where, warning.text).second) warnings_.push_back(std::move(warning));
  }
  std::vector<Warning> warnings_;
  std::set<std::pair<std::string, std::string>> known_;
};

// "report.md:3: no such file"
inline std::string line_of(Warning const& warning) {
  return warning.where.empty() ? warning.text : warning.where + ": " + warning.text;
}

}  // namespace cml
