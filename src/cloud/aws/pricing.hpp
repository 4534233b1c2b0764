// What a machine costs on demand, by AWS's price list.
#pragma once

#include <optional>
#include <string>

#include "cloud/aws/credentials.hpp"

namespace cml::cloud::aws {

// US dollars an hour for Linux on shared hardware; NotFound when the list has none, Unauthorized without
// pricing:GetProducts.
Result<double> on_demand_price(CloudSetup const&, Keys const&, std::string const& region, std::string const& type);

}  // namespace cml::cloud::aws
