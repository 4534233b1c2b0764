#include "cloud/azure/prices.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud::azure {

using nlohmann::json;

Result<double> hourly_price(CloudSetup const& setup, std::string const& region, std::string const& size, bool spot) {
  std::string const filter = "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '" +
                             region + "' and armSkuName eq '" + size + "'";
  HttpRequest ask{.url = "https://prices.azure.com/api/retail/prices?$filter=" + percent_encode(filter)};
  ask.timeout = std::chrono::seconds(10);
  ask.max_response_bytes = 4u << 20;
  ask.repeat = Repeat::Never;  // A launch does not wait for a price twice.
  CML_TRY(answer, setup.http->send(ask));
  json const body = json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !body.is_object() || !body.contains("Items") || !body["Items"].is_array())
    return Error{ErrorKind::Network, "Azure's price list answered " + std::to_string(answer.status)};
  for (json const& item : body["Items"]) {
    std::string const kind = text_at(item, "/skuName");
    bool const other = contains(text_at(item, "/productName"), "Windows") || contains(kind, "Low Priority") ||
                       contains(kind, "Spot") != spot || text_at(item, "/unitOfMeasure") != "1 Hour";
    if (other || !item.contains("retailPrice") || !item["retailPrice"].is_number()) continue;
    if (double const price = item["retailPrice"].get<double>(); price > 0) return price;
  }
  return Error{ErrorKind::NotFound, "Azure's price list has no " + size + " in " + region};
}

}  // namespace cml::cloud::azure
