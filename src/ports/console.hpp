#pragma once

#include <string_view>

#include "base/result.hpp"

namespace cml {

enum class LogLevel { Error, Warn, Info, Debug };

class Console {
 public:
  virtual ~Console() = default;
  virtual void set_level(LogLevel) = 0;            // What log() lets through; Info at the start.
  virtual Status out(std::string_view bytes) = 0;  // The result, and nothing else. Io when stdout is gone or full.
  virtual void log(LogLevel level, std::string_view line) = 0;        // stderr, one line, filtered by --log.
  virtual void progress(std::string_view line) = 0;                   // Overwritten in place; shown on a terminal only.
  virtual bool is_terminal() const = 0;                               // stdout is a terminal.
  virtual Result<std::string> read_input(std::size_t max_bytes) = 0;  // stdin to its end.
};

}  // namespace cml
