#include "cloud/catalogue.hpp"

#include "base/text.hpp"

namespace cml::cloud {
namespace {

struct RegionRow {
  std::string_view generic, aws, gcp, azure;
};
constexpr RegionRow kRegions[] = {
    {"us-east", "us-east-1", "us-east1-c", "eastus"},
    {"us-west", "us-west-1", "us-west1-b", "westus2"},
    {"eu-north", "eu-north-1", "europe-north1-a", "northeurope"},
    {"eu-west", "eu-west-1", "europe-west1-d", "westeurope"},
};

struct TypeRow {
  std::string_view size, gpu, aws, azure, gcp, gcp_gpu;
  int gcp_count;
  std::string_view cores, memory, kubernetes_gpu;
  int kubernetes_count;
};
// Table: version 2 of CML's. "m+v100" on AWS is p3.2xlarge here (p3.xlarge never existed); newer GPUs were added.
constexpr TypeRow kTypes[] = {
    {"s", "", "t2.micro", "Standard_B1s", "g1-small", "", 0, "1", "1Gi", "", 0},
    {"m", "", "m5.2xlarge", "Standard_F8s_v2", "e2-custom-8-32768", "", 0, "8", "32Gi", "", 0},
    {"l", "", "m5.8xlarge", "Standard_F32s_v2", "e2-custom-32-131072", "", 0, "32", "128Gi", "", 0},
    {"xl", "", "m5.16xlarge", "Standard_F64s_v2", "n2-custom-64-262144", "", 0, "64", "256Gi", "", 0},
    {"m", "t4", "g4dn.xlarge", "Standard_NC4as_T4_v3", "n1-standard-4", "nvidia-tesla-t4", 1, "4", "16Gi",
     "nvidia-tesla-t4", 1},
    {"m", "k80", "p2.xlarge", "Standard_NC6", "custom-8-53248", "nvidia-tesla-k80", 1, "4", "64Gi", "nvidia-tesla-k80",
     1},
    {"l", "k80", "p2.8xlarge", "Standard_NC12", "custom-32-131072", "nvidia-tesla-k80", 4, "32", "512Gi",
     "nvidia-tesla-k80", 8},
    {"xl", "k80", "p2.16xlarge", "Standard_NC24", "custom-64-212992-ext", "nvidia-tesla-k80", 8, "64", "768Gi",
     "nvidia-tesla-k80", 16},
    {"m", "v100", "p3.2xlarge", "Standard_NC6s_v3", "custom-8-65536-ext", "nvidia-tesla-v100", 1, "8", "64Gi",
     "nvidia-tesla-v100", 1},
    {"l", "v100", "p3.8xlarge", "Standard_NC12s_v3", "custom-32-262144-ext", "nvidia-tesla-v100", 4, "32", "256Gi",
     "nvidia-tesla-v100", 4},
    {"xl", "v100", "p3.16xlarge", "Standard_NC24s_v3", "custom-64-524288-ext", "nvidia-tesla-v100", 8, "64", "512Gi",
     "nvidia-tesla-v100", 8},
    {"m", "a10g", "g5.2xlarge", "", "", "", 0, "8", "32Gi", "nvidia-a10g", 1},
    {"m", "l4", "g6.2xlarge", "", "g2-standard-8", "", 0, "8", "32Gi", "nvidia-l4", 1},
    {"m", "a100", "p4d.24xlarge", "Standard_NC24ads_A100_v4", "a2-highgpu-1g", "", 0, "12", "85Gi", "nvidia-tesla-a100",
     1},
    {"m", "h100", "p5.4xlarge", "Standard_NC40ads_H100_v5", "a3-highgpu-1g", "", 0, "26", "234Gi", "nvidia-h100-80gb",
     1},
};

}  // namespace

std::string native_region(std::string_view cloud, std::string_view region) {
  for (RegionRow const& row : kRegions) {
    if (row.generic != region) continue;
    if (cloud == "aws") return std::string(row.aws);
    if (cloud == "gcp") return std::string(row.gcp);
    if (cloud == "azure") return std::string(row.azure);
  }
  return std::string(region);
}

std::string normal_gpu(std::string_view given) {
  std::string const gpu = to_lower(trim(given));
  if (gpu == "nogpu") return "";
  return gpu == "tesla" ? "v100" : gpu;
}

Result<NativeType> native_type(std::string_view cloud, std::string_view type, std::string_view given_gpu) {
  std::string size(trim(type)), gpu = normal_gpu(given_gpu);
  bool generic = false;
  for (TypeRow const& row : kTypes) generic = generic || row.size == size;
  // "m+t4" is both in one.
  if (auto const plus = size.find('+'); !generic && plus != std::string::npos) {
    for (TypeRow const& row : kTypes) {
      if (row.size != size.substr(0, plus) || row.gpu != size.substr(plus + 1)) continue;
      gpu = size.substr(plus + 1);
      size = size.substr(0, plus);
      generic = true;
      break;
    }
  }
  if (!generic) return NativeType{size, "", gpu, gpu.empty() ? 0 : 1};
  std::vector<std::string_view> gpus;
  for (TypeRow const& row : kTypes) {
    if (row.size != size) continue;
    std::string_view const machine = cloud == "aws"     ? row.aws
                                     : cloud == "gcp"   ? row.gcp
                                     : cloud == "azure" ? row.azure
                                                        : row.cores;
    if (machine.empty()) continue;
    if (!row.gpu.empty()) gpus.push_back(row.gpu);
    if (row.gpu != gpu) continue;
    if (cloud == "kubernetes")
      return NativeType{std::string(row.cores), std::string(row.memory), std::string(row.kubernetes_gpu),
                        row.kubernetes_count};
    if (cloud == "gcp") return NativeType{std::string(row.gcp), "", std::string(row.gcp_gpu), row.gcp_count};
    return NativeType{std::string(machine), "", "", 0};
  }
  std::string known;
  for (std::string_view name : gpus) known += (known.empty() ? "" : ", ") + std::string(name);
  std::string_view const near = nearest(gpu, gpus);
  return Error{
      ErrorKind::BadInput,
      "--cloud-type " + size + " has no GPU \"" + one_line(gpu, 30) + "\" on " + std::string(cloud) +
          (known.empty() ? std::string("; it has none") : "; it has " + known) +
          (near.empty() ? "; or name the cloud's own machine type" : "; did you mean " + std::string(near) + "?")};
}

}  // namespace cml::cloud
