// stdout for results, stderr for everything else.
#pragma once

#include "ports/console.hpp"

namespace cml {

class TerminalConsole : public Console {
 public:
  TerminalConsole();
  ~TerminalConsole() override;
  void set_level(LogLevel level) override { level_ = level; }
  Status out(std::string_view bytes) override;
  void log(LogLevel level, std::string_view line) override;
  void progress(std::string_view line) override;
  bool is_terminal() const override { return out_is_terminal_; }
  Result<std::string> read_input(std::size_t max_bytes) override;
  bool has_result() const { return has_result_; }  // Something was written by out().

 private:
  void clear_progress();

  LogLevel level_ = LogLevel::Info;
  bool out_is_terminal_ = false;
  bool error_is_terminal_ = false;
  bool progress_shown_ = false;
  bool has_result_ = false;
};

}  // namespace cml
