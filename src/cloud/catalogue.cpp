#include "cloud/catalogue.hpp"

#include "base/text.hpp"

namespace cml::cloud {
namespace {

struct RegionRow {
  std::string_view generic, aws, gcp, azure;
};
constexpr RegionRow kRegions[] = {
    {"us-east", "us-east-1", "us-east1", "eastus"},
    {"us-west", "us-west-1", "us-west1", "westus2"},
    {"eu-north", "eu-north-1", "europe-north1", "northeurope"},
    {"eu-west", "eu-west-1", "europe-west1", "westeurope"},
};

struct Cell {  // Empty: the cloud has none of this size.
  std::string_view machine;
  int gpus = 0, gb = 0;          // GPUs, and the memory of each; 0: not known.
  std::string_view accelerator;  // Google's name, where it is added to the machine.
};
struct Pod {  // Empty: no size of a pod; CORES-MEGABYTES+GPU*COUNT says it.
  std::string_view cores, memory, gpu;
  int gpus = 0;
};
struct TypeRow {
  std::string_view size, gpu;
  Cell aws, azure, gcp;
  Pod pod;
};
// Table: version 3. Sizes without a GPU, and k80 and v100, are CML's; but "m+v100" on AWS is p3.2xlarge, as p3.xlarge
// never existed. Elsewhere m is one GPU, l four (or what comes nearest), xl eight.
constexpr TypeRow kTypes[] = {
    {"s", "", {"t2.micro"}, {"Standard_B1s"}, {"g1-small"}, {"1", "1Gi", ""}},
    {"m", "", {"m5.2xlarge"}, {"Standard_F8s_v2"}, {"e2-custom-8-32768"}, {"8", "32Gi", ""}},
    {"l", "", {"m5.8xlarge"}, {"Standard_F32s_v2"}, {"e2-custom-32-131072"}, {"32", "128Gi", ""}},
    {"xl", "", {"m5.16xlarge"}, {"Standard_F64s_v2"}, {"n2-custom-64-262144"}, {"64", "256Gi", ""}},
    {"m",
     "t4",
     {"g4dn.xlarge", 1, 16},
     {"Standard_NC4as_T4_v3", 1, 16},
     {"n1-standard-4", 1, 16, "nvidia-tesla-t4"},
     {"4", "16Gi", "nvidia-tesla-t4", 1}},
    {"l",
     "t4",
     {"g4dn.12xlarge", 4, 16},
     {"Standard_NC64as_T4_v3", 4, 16},
     {"n1-standard-32", 4, 16, "nvidia-tesla-t4"},
     {}},
    {"xl", "t4", {"g4dn.metal", 8, 16}, {}, {}, {}},
    {"m",
     "k80",
     {"p2.xlarge", 1, 12},
     {"Standard_NC6", 1, 12},
     {"custom-8-53248", 1, 12, "nvidia-tesla-k80"},
     {"4", "64Gi", "nvidia-tesla-k80", 1}},
    {"l",
     "k80",
     {"p2.8xlarge", 8, 12},
     {"Standard_NC12", 2, 12},
     {"custom-32-131072", 4, 12, "nvidia-tesla-k80"},
     {"32", "512Gi", "nvidia-tesla-k80", 8}},
    {"xl",
     "k80",
     {"p2.16xlarge", 16, 12},
     {"Standard_NC24", 4, 12},
     {"custom-64-212992-ext", 8, 12, "nvidia-tesla-k80"},
     {"64", "768Gi", "nvidia-tesla-k80", 16}},
    {"m",
     "v100",
     {"p3.2xlarge", 1, 16},
     {"Standard_NC6s_v3", 1, 16},
     {"custom-8-65536-ext", 1, 16, "nvidia-tesla-v100"},
     {"8", "64Gi", "nvidia-tesla-v100", 1}},
    {"l",
     "v100",
     {"p3.8xlarge", 4, 16},
     {"Standard_NC12s_v3", 2, 16},
     {"custom-32-262144-ext", 4, 16, "nvidia-tesla-v100"},
     {"32", "256Gi", "nvidia-tesla-v100", 4}},
    {"xl",
     "v100",
     {"p3.16xlarge", 8, 16},
     {"Standard_NC24s_v3", 4, 16},
     {"custom-64-524288-ext", 8, 16, "nvidia-tesla-v100"},
     {"64", "512Gi", "nvidia-tesla-v100", 8}},
    {"m", "a10", {}, {"Standard_NV36ads_A10_v5", 1, 24}, {}, {}},
    {"l", "a10", {}, {"Standard_NV72ads_A10_v5", 2, 24}, {}, {}},
    {"m", "a10g", {"g5.2xlarge", 1, 24}, {}, {}, {"8", "32Gi", "nvidia-a10g", 1}},
    {"l", "a10g", {"g5.12xlarge", 4, 24}, {}, {}, {}},
    {"xl", "a10g", {"g5.48xlarge", 8, 24}, {}, {}, {}},
    {"m", "l4", {"g6.2xlarge", 1, 24}, {}, {"g2-standard-8", 1, 24}, {"8", "32Gi", "nvidia-l4", 1}},
    {"l", "l4", {"g6.12xlarge", 4, 24}, {}, {"g2-standard-48", 4, 24}, {}},
    {"xl", "l4", {"g6.48xlarge", 8, 24}, {}, {"g2-standard-96", 8, 24}, {}},
    {"m", "l40s", {"g6e.2xlarge", 1, 48}, {}, {}, {}},
    {"l", "l40s", {"g6e.12xlarge", 4, 48}, {}, {}, {}},
    {"xl", "l40s", {"g6e.48xlarge", 8, 48}, {}, {}, {}},
    {"m",
     "a100",
     {},
     {"Standard_NC24ads_A100_v4", 1, 80},
     {"a2-highgpu-1g", 1, 40},
     {"12", "85Gi", "nvidia-tesla-a100", 1}},
    {"l", "a100", {}, {"Standard_NC96ads_A100_v4", 4, 80}, {"a2-highgpu-4g", 4, 40}, {}},
    {"xl", "a100", {"p4d.24xlarge", 8, 40}, {"Standard_ND96amsr_A100_v4", 8, 80}, {"a2-highgpu-8g", 8, 40}, {}},
    {"m",
     "h100",
     {"p5.4xlarge", 1, 80},
     {"Standard_NC40ads_H100_v5", 1, 94},
     {"a3-highgpu-1g", 1, 80},
     {"26", "234Gi", "nvidia-h100-80gb", 1}},
    {"l", "h100", {}, {}, {"a3-highgpu-4g", 4, 80}, {}},
    {"xl", "h100", {"p5.48xlarge", 8, 80}, {"Standard_ND96isr_H100_v5", 8, 80}, {"a3-highgpu-8g", 8, 80}, {}},
    {"xl", "h200", {"p5en.48xlarge", 8, 141}, {"Standard_ND96isr_H200_v5", 8, 141}, {"a3-ultragpu-8g", 8, 141}, {}},
    {"xl", "b200", {"p6-b200.48xlarge", 8, 0}, {}, {"a4-highgpu-8g", 8, 0}, {}},
};

// Old hardware: whole names, or how they begin where a row ends in "." or "_v", and what to take instead.
struct OldRow {
  std::string_view cloud, name, instead;
};
constexpr std::string_view kOneNc = "t4 (Standard_NC4as_T4_v3) or a100 (Standard_NC24ads_A100_v4)",
                           kFourNc = "t4 (Standard_NC64as_T4_v3) or a100 (Standard_NC96ads_A100_v4)";
constexpr OldRow kOld[] = {
    {"aws", "p2.", "t4 (g4dn) or l4 (g6)"},  {"aws", "p3.", "a10g (g5), l4 (g6) or l40s (g6e)"},
    {"azure", "Standard_NC6", kOneNc},       {"azure", "Standard_NC6s_v", kOneNc},
    {"azure", "Standard_NC12", kOneNc},      {"azure", "Standard_NC12s_v", kOneNc},
    {"azure", "Standard_NC24", kFourNc},     {"azure", "Standard_NC24s_v", kFourNc},
    {"gcp", "nvidia-tesla-k80", "t4 or l4"},
};

Cell const& cell_of(TypeRow const& row, std::string_view cloud) {
  return cloud == "aws" ? row.aws : cloud == "gcp" ? row.gcp : row.azure;
}

std::string told(Cell const& cell, std::string_view gpu) {
  if (cell.gpus == 0) return "";
  std::string text = std::to_string(cell.gpus) + " " + std::string(gpu) + (cell.gpus > 1 ? " GPUs" : " GPU");
  if (cell.gb > 0) text += " of " + std::to_string(cell.gb) + " GB" + (cell.gpus > 1 ? " each" : "");
  return text;
}

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
  if (!generic) return NativeType{size, "", gpu, gpu.empty() ? 0 : 1, ""};
  std::vector<std::string_view> gpus, sizes;  // GPUs of this size, and sizes with this GPU.
  for (TypeRow const& row : kTypes) {
    bool const pod = cloud == "kubernetes";
    Cell const& cell = cell_of(row, cloud);
    if (pod ? row.pod.cores.empty() : cell.machine.empty()) continue;
    if (row.gpu == gpu) sizes.push_back(row.size);
    if (row.size != size) continue;
    if (!row.gpu.empty()) gpus.push_back(row.gpu);
    if (row.gpu != gpu) continue;
    if (pod)
      return NativeType{std::string(row.pod.cores), std::string(row.pod.memory), std::string(row.pod.gpu), row.pod.gpus,
                        ""};
    bool const added = !cell.accelerator.empty();
    return NativeType{std::string(cell.machine), "", std::string(cell.accelerator), added ? cell.gpus : 0,
                      told(cell, row.gpu)};
  }
  auto const joined = [](std::vector<std::string_view> const& names) {
    std::string text;
    for (std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
  };
  std::string const what =
      "--cloud-type " + size + " has no GPU \"" + one_line(gpu, 30) + "\" on " + std::string(cloud);
  if (!sizes.empty())
    return Error{ErrorKind::BadInput, what + "; " + joined(sizes) + (sizes.size() > 1 ? " have" : " has") + " it"};
  std::string_view const near = nearest(gpu, gpus);
  return Error{ErrorKind::BadInput, what + (gpus.empty() ? std::string("; it has none") : "; it has " + joined(gpus)) +
                                        (near.empty() ? "; or name the cloud's own machine type"
                                                      : "; did you mean " + std::string(near) + "?")};
}

std::string retired(std::string_view cloud, std::string_view name) {
  for (OldRow const& row : kOld)
    if (row.cloud == cloud &&
        equals_ignoring_case(
            contains("._v", row.name.substr(row.name.size() - 1)) ? name.substr(0, row.name.size()) : name, row.name))
      return "it is of an old generation that clouds withdraw; newer is " + std::string(row.instead);
  return "";
}

std::string architecture_of(std::string_view cloud, std::string_view type) {
  std::string const name = to_lower(type);
  auto const begins = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
  bool arm = false;
  if (cloud == "aws") {  // "m6g.large", "c7gn.xlarge": g after the generation; in "g4dn" it is the family.
    auto const after = name.find_first_not_of("0123456789", name.find_first_of("0123456789"));
    arm = begins("a1.") || (after != std::string::npos && after > 0 && name[after] == 'g');
  } else if (cloud == "gcp") {
    arm = begins("t2a-") || begins("c4a-") || begins("n4a-") || begins("a4x-");
  } else if (cloud == "azure") {  // "Standard_D8ps_v5": p among the letters after the number.
    auto const at = name.find('_'), digit = name.find_first_of("0123456789", at == std::string::npos ? 0 : at);
    auto const letters = name.find_first_not_of("0123456789", digit);
    if (digit != std::string::npos && letters != std::string::npos)
      arm = name.substr(letters, name.find('_', letters) - letters).find('p') != std::string::npos;
  }
  return arm ? "arm64" : "x64";
}

}  // namespace cml::cloud
