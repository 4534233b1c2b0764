// The one table from error kind to process exit code. Documented in docs/commands/README.md.
#pragma once

#include "base/result.hpp"

namespace cml {

// 1 is CML's own code for "any error"; usage problems used 1 too, so 1 stays the answer for both.
constexpr int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
    case ErrorKind::NotFound:
    case ErrorKind::Unsupported:
    case ErrorKind::BadInput:
    case ErrorKind::TooLarge:
    case ErrorKind::Conflict:
      return 1;
    case ErrorKind::CheckFailed:
      return 2;
    case ErrorKind::Unauthorized:
    case ErrorKind::Forbidden:
      return 3;
    case ErrorKind::RateLimited:
    case ErrorKind::Unreachable:
    case ErrorKind::Untrusted:
    case ErrorKind::Network:
      return 4;
    case ErrorKind::Io:
      return 5;
    case ErrorKind::Bug:
      return 70;
  }
  return 70;
}

}  // namespace cml
