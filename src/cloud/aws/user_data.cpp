#include "cloud/aws/user_data.hpp"

#include <memory>

#include <libdeflate.h>

namespace cml::cloud::aws {

Result<std::string> user_data(std::string const& script, std::size_t limit) {
  if (script.size() <= limit) return script;
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> const compressor(
      libdeflate_alloc_compressor(12), libdeflate_free_compressor);
  if (!compressor) return Error{ErrorKind::Bug, "no memory to pack the boot script"};
  std::string packed(libdeflate_gzip_compress_bound(compressor.get(), script.size()), '\0');
  packed.resize(libdeflate_gzip_compress(compressor.get(), script.data(), script.size(), packed.data(), packed.size()));
  if (packed.size() <= limit) return packed;
  return Error{ErrorKind::BadInput,
               "the boot script has " + std::to_string(packed.size()) + " bytes, packed, and " + std::to_string(limit) +
                   " are left in EC2's user data: let --cloud-startup-script fetch its larger part"};
}

}  // namespace cml::cloud::aws
