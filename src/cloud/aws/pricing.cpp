#include "cloud/aws/pricing.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

#include "base/text.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud::aws {
namespace {

using nlohmann::json;

// The list is kept in one region for all of them.
constexpr char const* kHome = "us-east-1";

json filter(char const* field, std::string const& value) {
  return {{"Type", "TERM_MATCH"}, {"Field", field}, {"Value", value}};
}

// {"terms": {"OnDemand": {ID: {"priceDimensions": {ID: {"unit": "Hrs", "pricePerUnit": {"USD": "0.3840000000"}}}}}}}
double price_in(json const& product) {
  json::json_pointer const where("/terms/OnDemand");
  if (!product.is_object() || !product.contains(where) || !product.at(where).is_object()) return 0;
  for (json const& offer : product.at(where)) {
    if (!offer.is_object() || !offer.contains("priceDimensions") || !offer["priceDimensions"].is_object()) continue;
    for (json const& dimension : offer["priceDimensions"])
      if (text_at(dimension, "/unit") == "Hrs")
        if (double const price = std::atof(text_at(dimension, "/pricePerUnit/USD").c_str()); price > 0) return price;
  }
  return 0;
}

}  // namespace

Result<double> on_demand_price(CloudSetup const& setup, Keys const& keys, std::string const& region,
                               std::string const& type) {
  HttpRequest ask{.method = "POST", .url = endpoint_of(setup, "pricing", kHome) + "/"};
  ask.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "AWSPriceListService.GetProducts"}};
  if (!keys.session.empty()) ask.headers.emplace_back("x-amz-security-token", keys.session.reveal());
  ask.body = json{{"ServiceCode", "AmazonEC2"},
                  {"FormatVersion", "aws_v1"},
                  {"MaxResults", 1},
                  {"Filters",
                   {filter("instanceType", type), filter("regionCode", region), filter("operatingSystem", "Linux"),
                    filter("preInstalledSw", "NA"), filter("tenancy", "Shared"), filter("capacitystatus", "Used")}}}
                 .dump();
  ask.sigv4 = "aws:amz:" + std::string(kHome) + ":pricing";
  ask.credential = keys.pair;
  ask.timeout = std::chrono::seconds(10);
  ask.max_response_bytes = 4u << 20;
  ask.repeat = Repeat::Never;  // A launch does not wait for a price twice.
  CML_TRY(answer, setup.http->send(ask));
  json const body = json::parse(answer.body, nullptr, false);
  if (answer.status != 200) {
    std::string const code = text_at(body, "/__type");
    return Error{
        answer.status == 400 && contains(code, "AccessDenied") ? ErrorKind::Unauthorized : ErrorKind::Network,
        "the price list answered " + std::to_string(answer.status) + (code.empty() ? "" : ", " + clean_line(code, 60))};
  }
  // Each product is JSON in a text.
  if (body.is_object() && body.contains("PriceList") && body["PriceList"].is_array())
    for (json const& product : body["PriceList"]) {
      double const price =
          price_in(product.is_string() ? json::parse(product.get<std::string>(), nullptr, false) : product);
      if (price > 0) return price;
    }
  return Error{ErrorKind::NotFound, "the price list has no " + type + " in " + region};
}

}  // namespace cml::cloud::aws
