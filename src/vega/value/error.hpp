// Inside the engine an error unwinds as this one exception, because it crosses callbacks that run once a row.
// The engine's faces (compile, run, render) catch it and answer with Result.
#pragma once

#include <string>
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

}  // namespace cml::vega
