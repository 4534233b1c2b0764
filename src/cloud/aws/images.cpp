// The image of a machine: an AMI, one of an owner that we trust, or Ubuntu.
#include <algorithm>

#include "base/text.hpp"
#include "cloud/aws/launch.hpp"

namespace cml::cloud::aws {
namespace {

constexpr std::string_view kCanonical = "099720109477";
constexpr std::string_view kUbuntu = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-";
constexpr long long kDisk = 35;  // GB, as CML's.
constexpr long long kRoom = 20;  // GB beside what an image holds: agent, images of containers, the job's files.

// CML's Terraform provider wrote USER@OWNER:PROCESSOR:NAME. The user does not matter here, the processor is the type's.
std::string without_user(std::string const& given) {
  auto const at = given.find('@');
  auto const parts = split(given.substr(at == std::string::npos ? 0 : at + 1), ':');
  return at == std::string::npos || parts.size() != 3 ? given : parts[0] + "/" + parts[2];
}

// Only owners that we trust: anybody can publish an image under any name.
Pairs parameters_of(std::string const& given, std::string const& architecture) {
  if (given.substr(0, 4) == "ami-") return {{"ImageId.1", given}};
  auto const slash = given.find('/');
  std::string const owner = given.substr(0, slash);
  bool const owned =
      slash != std::string::npos && (owner == "self" || owner == "amazon" || parse_integer(owner).has_value());
  std::string const ubuntu = std::string(kUbuntu) + (architecture == "arm64" ? "arm64" : "amd64") + "-server-*";
  Pairs parameters{{"Filter.1.Name", "name"},
                   {"Filter.1.Value.1", given.empty() ? ubuntu
                                        : owned       ? given.substr(slash + 1)
                                                      : given},
                   {"Filter.2.Name", "architecture"},
                   {"Filter.2.Value.1", architecture},
                   {"Filter.3.Name", "state"},
                   {"Filter.3.Value.1", "available"}};
  if (owned)
    parameters.emplace_back("Owner.1", owner);
  else
    parameters.insert(parameters.end(), {{"Owner.1", std::string(kCanonical)}, {"Owner.2", "self"}});
  return parameters;
}

Image read(Xml const& image) {
  Image result{image.at("imageId"), image.at("rootDeviceName"), 0};
  if (result.root_device.empty()) result.root_device = "/dev/sda1";
  for (Xml const* disk : image.items("blockDeviceMapping"))
    if (disk->at("deviceName") == result.root_device)
      result.disk_gb = parse_integer(disk->at("ebs/volumeSize")).value_or(0);
  return result;
}

}  // namespace

long long disk_of(Launch const& launch, Image const& image) {
  if (launch.wanted.disk_gb > 0) return launch.wanted.disk_gb;
  return std::max(kDisk, image.disk_gb + kRoom);
}

Status find_image(Query const& ec2, std::string const& architecture, Launch& launch) {
  if (launch.images.count(architecture) > 0) return ok();
  std::string const& given = launch.wanted.image;
  CML_TRY(answer, ec2.call("DescribeImages", parameters_of(without_user(given), architecture)));
  Xml const* newest = nullptr;
  for (Xml const* image : answer.items("imagesSet"))
    if (newest == nullptr || image->at("creationDate") > newest->at("creationDate")) newest = image;
  if (newest == nullptr)
    return Error{ErrorKind::BadInput, "no image \"" + one_line(given.empty() ? "Ubuntu 24.04" : given, 80) + "\" for " +
                                          architecture + " in " + ec2.region() +
                                          "; give --cloud-image as ami-..., OWNER/NAME or a name of your own"};
  Image const image = read(*newest);
  if (launch.wanted.disk_gb > 0 && launch.wanted.disk_gb < image.disk_gb)
    return Error{ErrorKind::BadInput, "--cloud-hdd-size " + std::to_string(launch.wanted.disk_gb) +
                                          " is less than the " + std::to_string(image.disk_gb) + " GB of the image " +
                                          image.id};
  launch.images.emplace(architecture, image);
  return ok();
}

}  // namespace cml::cloud::aws
