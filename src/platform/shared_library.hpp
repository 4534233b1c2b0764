// Libraries opened on first use, so that `cml --version` does not pay for loading them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/result.hpp"

namespace cml {

class SharedLibrary {
 public:
  // Tries the names in turn. Unsupported when none can be opened; the message names the Debian package.
  static Result<SharedLibrary> open(std::initializer_list<char const*> names, std::string_view debian_package);

  // Looks a function up; the pointer's type comes from the library's own header.
  template <class Function>
  bool find(char const* name, Function*& function) const {
    function = reinterpret_cast<Function*>(symbol(name));
    return function != nullptr;
  }

 private:
  void* symbol(char const* name) const;
  void* handle_ = nullptr;  // Never closed: the libraries keep thread and atexit state.
};

}  // namespace cml
