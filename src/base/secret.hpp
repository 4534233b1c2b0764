// A token or password. Streams, logs and string conversions show "***"; reveal() is the one way to the bytes.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
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

// Text from outside without the secret in it, in any form in which we send it: as it is, without "Bearer " before it,
// its password alone, in base64 or percent-encoded. "***" stands there instead.
std::string without_secret(std::string text, Secret const&);

}  // namespace cml
