// Errors as values between rooms. A kind becomes an exit code in one table (base/exit_code.hpp).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cml {

enum class ErrorKind {
  Usage,         // The command line or configuration is wrong.
  NotFound,      // A named thing (file, comment, branch, dataset) does not exist.
  Unauthorized,  // Refused: the token is missing, wrong or expired.
  Forbidden,     // Refused: we are known, but may not do this (403).
  RateLimited,   // Refused for now, after the retries that are allowed.
  Unreachable,   // No connection was made: the request surely did not arrive.
  Untrusted,     // The server's certificate is not trusted: nothing was sent, and asking again does not help.
  Network,       // The other side broke off or did not answer: nobody knows whether the request arrived.
  Conflict,      // The state there is not what we assumed (409, lease lost).
  TooLarge,      // The other side refuses the size; less would do.
  Unsupported,   // Understood, but this build, forge or engine cannot do it.
  BadInput,      // Malformed or hostile input.
  CheckFailed,   // The work is done, but a check that the user asked for did not hold.
  Io,            // Disk: cannot read or write, no space.
  Bug,           // Our own mistake.
};

// True when another token, or more rights, would do.
constexpr bool lacks_access(ErrorKind kind) { return kind == ErrorKind::Unauthorized || kind == ErrorKind::Forbidden; }

struct Error {
  ErrorKind kind = ErrorKind::Bug;
  std::string message;  // One line; names the thing that failed and what to check; never holds a token.

  // Prefixes the message with what was being done when it happened.
  Error while_doing(std::string_view what) && {
    message = std::string(what) + ": " + message;
    return std::move(*this);
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state_.index() == 0; }
  T& value() & { return std::get<0>(state_); }
  T const& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  T const& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  T const* operator->() const { return &value(); }
  Error const& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status ok() { return std::monostate{}; }

// CML_TRY(name, expression): binds `name` to the value, or returns the error from the enclosing function.
#define CML_CONCAT_(a, b) a##b
#define CML_CONCAT(a, b) CML_CONCAT_(a, b)
#define CML_TRY(name, ...)                                                                     \
  auto CML_CONCAT(result_, __LINE__) = (__VA_ARGS__);                                          \
  if (!CML_CONCAT(result_, __LINE__)) return std::move(CML_CONCAT(result_, __LINE__)).error(); \
  auto name = std::move(CML_CONCAT(result_, __LINE__)).value()
// CML_CHECK_OK(expression): returns the error of a Status from the enclosing function.
#define CML_CHECK_OK(...)                                                          \
  do {                                                                             \
    if (auto status_ = (__VA_ARGS__); !status_) return std::move(status_).error(); \
  } while (false)

}  // namespace cml
