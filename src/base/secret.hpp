// A token or password. Streams, logs and string conversions show "***"; reveal() is the one way to the bytes.
//
// Every secret is remembered, so that the console can blank it out wherever it turns up in what leaves the process: in
// a server's message, in a URL that does not parse, in a report.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace cml {

// From now on `value` is a secret of this run; of a header or a "user:password" also what follows the first word. Very
// short ones are not: they would blank out ordinary words.
void remember_secret(std::string const& value);
// `text` with "***" for each secret, in any form in which we send it: as it is, percent-encoded, and in base64 at any
// place of a longer text.
std::string without_secrets(std::string_view text);
bool holds_secret(std::string_view text);

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) { remember_secret(value_); }
  bool empty() const { return value_.empty(); }
  std::string const& reveal() const { return value_; }
  friend std::ostream& operator<<(std::ostream& out, Secret const&) { return out << "***"; }

 private:
  std::string value_;
};

}  // namespace cml
