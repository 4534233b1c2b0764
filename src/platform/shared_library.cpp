#include "platform/shared_library.hpp"

#include <dlfcn.h>

namespace cml {

Result<SharedLibrary> SharedLibrary::open(std::initializer_list<char const*> names, std::string_view debian_package) {
  SharedLibrary library;
  std::string why;
  for (char const* name : names) {
    library.handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library.handle_ != nullptr) return library;
    if (char const* error = dlerror(); error != nullptr && why.empty()) why = error;
  }
  return Error{ErrorKind::Unsupported, "cannot load " + std::string(*names.begin()) + " (" + why +
                                           "); install the Debian package " + std::string(debian_package)};
}

void* SharedLibrary::symbol(char const* name) const { return dlsym(handle_, name); }

}  // namespace cml
