// A token or password. Streams, logs and string conversions show "***"; reveal() is the one way to the bytes.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace cml {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const { return value_.empty(); }
  std::string const& reveal() const { return value_; }
  friend std::ostream& operator<<(std::ostream& out, Secret const&) { return out << "***"; }

 private:
  std::string value_;
};

}  // namespace cml
