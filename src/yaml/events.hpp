// YAML 1.1 text as a stream of events, by libyaml. What a value means is left to those who read them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml::yaml {

struct Event {
  enum class Kind {
    DocumentStart,
    Scalar,
    Alias,
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
    Other,
    End
  } kind = Kind::Other;
  std::string text;    // Of a scalar; the anchor's name of an alias.
  std::string anchor;  // Of a value that others may refer to; usually empty.
  bool plain = false;  // A scalar without quotes and without a tag.
  int line = 0;        // From 1.
};

class Events {
 public:
  explicit Events(std::string_view text);  // Must outlive this.
  ~Events();
  Events(Events const&) = delete;
  Events& operator=(Events const&) = delete;
  Result<Event> next();  // BadInput, with line and column, where it is not YAML. After End comes End.

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace cml::yaml
