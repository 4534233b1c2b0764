// CML's generic regions and machine types, as tables: data, so that a cloud's retired hardware is one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml::cloud {

// "us-west" in the words of "aws", "gcp" or "azure"; a name that is not generic comes back as it is.
std::string native_region(std::string_view cloud, std::string_view region);

struct NativeType {
  std::string machine;  // "m5.2xlarge", "n1-standard-4"; for Kubernetes the cores.
  std::string memory;   // Kubernetes only: "32Gi".
  std::string gpu;      // "nvidia-tesla-t4"; empty: none, or part of the machine.
  int gpu_count = 0;
  std::string told;  // "4 l4 GPUs of 24 GB each"; empty for types that are the cloud's own.
};
// `type` and `gpu` as the options give them. BadInput for a generic size with a GPU that it is not offered with.
Result<NativeType> native_type(std::string_view cloud, std::string_view type, std::string_view gpu);
// What to say of a machine type or GPU that the cloud does not offer and that is known to be old; else empty.
std::string retired(std::string_view cloud, std::string_view name);
// "tesla" is v100 and "nogpu" none; lower case.
std::string normal_gpu(std::string_view gpu);
// "x64" or "arm64", by the cloud's names of machine types; generic ones are x64.
std::string architecture_of(std::string_view cloud, std::string_view type);

}  // namespace cml::cloud
