// What a size costs an hour, by Azure's public list of retail prices, which needs no credential.
#pragma once

#include <string>

#include "cloud/cloud.hpp"

namespace cml::cloud::azure {

// US dollars an hour for Linux; NotFound when the list has none.
Result<double> hourly_price(CloudSetup const&, std::string const& region, std::string const& size, bool spot);

}  // namespace cml::cloud::azure
