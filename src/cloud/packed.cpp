#include "cloud/packed.hpp"

#include <memory>

#include <libdeflate.h>

namespace cml::cloud {

Result<std::string> packed(std::string_view bytes) {
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> const compressor(
      libdeflate_alloc_compressor(12), libdeflate_free_compressor);
  if (!compressor) return Error{ErrorKind::Bug, "no memory to pack what the machine is given"};
  std::string result(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  result.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), result.data(), result.size()));
  return result;
}

}  // namespace cml::cloud
