#include "platform/terminal_console.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/secret.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

int write_everything(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

constexpr std::string_view prefix(LogLevel level) {
  switch (level) {
    case LogLevel::Error:
      return "error: ";
    case LogLevel::Warn:
      return "warning: ";
    case LogLevel::Info:
      return "";
    case LogLevel::Debug:
      return "debug: ";
  }
  return "";
}

}  // namespace

TerminalConsole::TerminalConsole()
    : out_is_terminal_(::isatty(STDOUT_FILENO) == 1), error_is_terminal_(::isatty(STDERR_FILENO) == 1) {}

TerminalConsole::~TerminalConsole() { clear_progress(); }

Status TerminalConsole::out(std::string_view bytes) {
  clear_progress();
  has_result_ = true;
  std::string const clean = holds_secret(bytes) ? without_secrets(bytes) : std::string();
  if (int const code = write_everything(STDOUT_FILENO, clean.empty() ? bytes : clean); code != 0)
    return Error{ErrorKind::Io, "cannot write to the standard output: " + std::generic_category().message(code)};
  return ok();
}

void TerminalConsole::log(LogLevel level, std::string_view line) {
  if (level > level_) return;
  clear_progress();
  std::string const text = std::string(prefix(level)) + without_secrets(clean_line(line, std::string::npos)) + "\n";
  write_everything(STDERR_FILENO, text);
}

void TerminalConsole::progress(std::string_view line) {
  if (!error_is_terminal_ || level_ < LogLevel::Info) return;
  write_everything(STDERR_FILENO, "\r\033[K" + without_secrets(line));
  progress_shown_ = true;
}

void TerminalConsole::clear_progress() {
  if (!progress_shown_) return;
  write_everything(STDERR_FILENO, "\r\033[K");
  progress_shown_ = false;
}

Result<std::string> TerminalConsole::read_input(std::size_t max_bytes) {
  std::string bytes;
  while (true) {
    std::size_t const before = bytes.size();
    bytes.resize(before + 65536);
    ssize_t const count = ::read(STDIN_FILENO, bytes.data() + before, 65536);
    bytes.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return Error{ErrorKind::Io, "cannot read the standard input: " + std::generic_category().message(errno)};
    if (count == 0) return bytes;
    if (bytes.size() > max_bytes)
      return Error{ErrorKind::BadInput,
                   "the standard input is larger than the limit of " + std::to_string(max_bytes) + " bytes"};
  }
}

}  // namespace cml
