#include "cloud/aws/query.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::cloud::aws {
namespace {

struct Service {
  std::string_view name, version;
};
constexpr Service kServices[] = {{"ec2", "2016-11-15"}, {"sts", "2011-06-15"}};

// A blank is "+" in forms; AWS signs it so.
std::string form(std::string const& text) { return replace_all(percent_encode(text), "%20", "+"); }

struct CodeRow {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};
// Table: what AWS's codes mean for us. TooLarge: no capacity, another zone, type or region may have some.
constexpr CodeRow kCodes[] = {
    {"InsufficientInstanceCapacity", ErrorKind::TooLarge, ""},
    {"InsufficientHostCapacity", ErrorKind::TooLarge, ""},
    {"InsufficientReservedInstanceCapacity", ErrorKind::TooLarge, ""},
    {"InsufficientFreeAddressesInSubnet", ErrorKind::TooLarge, ""},
    {"SpotMaxPriceTooLow", ErrorKind::TooLarge, "the market is above --cloud-spot-price"},
    {"MaxSpotInstanceCountExceeded", ErrorKind::TooLarge, "the account's limit for spot machines"},
    {"InstanceLimitExceeded", ErrorKind::TooLarge, "the account's limit for this type"},
    {"VcpuLimitExceeded", ErrorKind::TooLarge, "the account's limit of vCPUs; ask AWS to raise the quota"},
    {"Unsupported", ErrorKind::TooLarge, "not in this zone"},
    {"AuthFailure", ErrorKind::Unauthorized, "check the keys, and this machine's clock"},
    {"AuthFailure.ServiceLinkedRoleCreationNotPermitted", ErrorKind::Unauthorized,
     "the account's first spot machine needs the role AWSServiceRoleForEC2Spot: run \"aws iam "
     "create-service-linked-role --aws-service-name spot.amazonaws.com\" once, or permit "
     "iam:CreateServiceLinkedRole (docs/clouds/aws.md)"},
    {"InvalidClientTokenId", ErrorKind::Unauthorized, "check AWS_ACCESS_KEY_ID"},
    {"SignatureDoesNotMatch", ErrorKind::Unauthorized, "check AWS_SECRET_ACCESS_KEY, and this machine's clock"},
    {"RequestExpired", ErrorKind::Unauthorized, "the token has expired, or this machine's clock is wrong"},
    {"ExpiredToken", ErrorKind::Unauthorized, "the session has expired; get new credentials"},
    {"ExpiredTokenException", ErrorKind::Unauthorized, "the session has expired; get new credentials"},
    {"UnauthorizedOperation", ErrorKind::Unauthorized, "docs/clouds/aws.md has the policy"},
    {"AccessDenied", ErrorKind::Unauthorized, "docs/clouds/aws.md has the policy"},
    {"OptInRequired", ErrorKind::Unauthorized, "the account has not enabled this region"},
    {"RequestLimitExceeded", ErrorKind::RateLimited, ""},
    {"Throttling", ErrorKind::RateLimited, ""},
};

}  // namespace

Query::Query(HttpClient& http, std::string service, std::string region, std::string endpoint, KeySource keys)
    : http_(http),
      service_(std::move(service)),
      region_(std::move(region)),
      endpoint_(std::move(endpoint)),
      keys_(std::move(keys)) {}

Result<Xml> Query::call(std::string const& action, Pairs const& parameters, Repeat repeat) const {
  CML_TRY(keys, keys_());
  HttpRequest request{.method = "POST", .url = endpoint_ + "/"};
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.repeat = repeat;
  request.body = "Action=" + action;
  for (Service const& service : kServices)
    if (service.name == service_) request.body += "&Version=" + std::string(service.version);
  for (auto const& [name, value] : parameters) request.body += "&" + percent_encode(name) + "=" + form(value);
  if (!keys.pair.empty()) {
    request.sigv4 = "aws:amz:" + region_ + ":" + service_;
    request.credential = keys.pair;
    if (!keys.session.empty()) request.headers.emplace_back("x-amz-security-token", keys.session.reveal());
  }
  CML_TRY(response, http_.send(request));
  auto xml = parse_xml(response.body);
  if (response.status >= 200 && response.status < 300) {
    if (xml) return std::move(*xml);
    return Error{ErrorKind::Network, action + " in " + region_ + ": the answer is not XML; check AWS_ENDPOINT_URL"};
  }
  // EC2: Response/Errors/Error; STS: ErrorResponse/Error.
  Xml const* error = nullptr;
  if (xml && xml->child("Errors") != nullptr) error = xml->child("Errors")->child("Error");
  if (xml && error == nullptr) error = xml->child("Error");
  if (error == nullptr) {
    ErrorKind const kind = response.status >= 500                             ? ErrorKind::Network
                           : response.status == 401 || response.status == 403 ? ErrorKind::Unauthorized
                                                                              : ErrorKind::BadInput;
    return Error{kind, "HTTP " + std::to_string(response.status) + ": " + action + " in " + region_ + ": " +
                           clean_line(response.body, 200)};
  }
  std::string const code = error->at("Code");
  ErrorKind kind = ErrorKind::BadInput;
  std::string hint;
  for (CodeRow const& row : kCodes)
    if (row.code == code) kind = row.kind, hint = std::string(row.hint);
  if (response.status >= 500 && kind == ErrorKind::BadInput) kind = ErrorKind::Network;
  if (contains(code, "NotFound")) kind = ErrorKind::NotFound;
  std::string message = code + ": " + action + " in " + region_ + ": " + clean_line(error->at("Message"));
  // "Signature expired: ... is now earlier than ... ": both times are there, so the clock is the reason.
  if (contains(error->at("Message"), "Signature expired") ||
      contains(error->at("Message"), "Signature not yet current"))
    hint = "this machine's clock differs from AWS's" +
           std::string(response.header("date").empty() ? "" : ", which says " + std::string(response.header("date")));
  return Error{kind, message + (hint.empty() ? "" : "; " + hint)};
}

std::string code_of(Error const& error) {
  // while_doing() may have put something before it; the code is what our own calls put first.
  auto const colon = error.message.find(": ");
  std::string const code = error.message.substr(0, colon);
  return colon == std::string::npos || contains(code, " ") ? "" : code;
}

}  // namespace cml::cloud::aws
