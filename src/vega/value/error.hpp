// Inside the engine an error unwinds as this one exception, because it crosses callbacks that run once a row.
// The engine's faces (compile, run, render) catch it and answer with Result.
#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace cml::vega {

class EngineError {
 public:
  EngineError(ErrorKind kind, std::string path, std::string text)
      : error_{kind, (path.empty() ? std::string() : path + ": ") + std::move(text)} {}
  Error const& error() const { return error_; }

 private:
  Error error_;
};

// A spec that cannot be drawn: names the JSON path and what is wrong.
[[noreturn]] inline void fail(std::string path, std::string text) {
  throw EngineError(ErrorKind::BadInput, std::move(path), std::move(text));
}
// A part of Vega that this engine does not know.
[[noreturn]] inline void fail_unsupported(std::string path, std::string text) {
  throw EngineError(ErrorKind::Unsupported, std::move(path), std::move(text));
}

// How messages of the budget begin (budget.hpp).
inline constexpr std::string_view kOverBudget = "over the budget of one drawing: ";

inline Error out_of_memory() {
  return {ErrorKind::Io, "this drawing needs more memory than there is: draw fewer rows, or a smaller picture"};
}
// What a face of the engine does with an exception: `work` answers a Result.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (EngineError const& error) {
    return error.error();
  } catch (std::bad_alloc const&) {
    return out_of_memory();
  } catch (std::length_error const&) {  // More than memory can ever be.
    return out_of_memory();
  }
}

}  // namespace cml::vega
