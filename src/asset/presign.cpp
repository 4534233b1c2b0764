#include "asset/presign.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"

namespace cml {

std::string presigned_address(PresignRequest const& request) {
  // "2013-05-24T00:00:00Z" to "20130524T000000Z".
  std::string date = iso_time(request.now);
  date.erase(std::remove_if(date.begin(), date.end(), [](char c) { return c == '-' || c == ':'; }), date.end());
  std::string const day = date.substr(0, 8);
  std::string const scope = day + "/" + request.region + "/s3/aws4_request";
  auto const url = parse_url(request.url).value_or(Url{});
  // In the order of their names, as the signature wants them.
  std::string query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + percent_encode(request.key_id + "/" + scope) +
      "&X-Amz-Date=" + date + "&X-Amz-Expires=" + std::to_string(request.lifetime.count());
  if (!request.session.empty()) query += "&X-Amz-Security-Token=" + percent_encode(request.session.reveal());
  query += "&X-Amz-SignedHeaders=host";
  std::string const canonical =
      "GET\n" + url.path + "\n" + query + "\nhost:" + url.authority() + "\n\nhost\nUNSIGNED-PAYLOAD";
  std::string const to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + sha256_hex(canonical);
  std::string key = "AWS4" + request.secret_key.reveal();
  for (std::string_view const part : {std::string_view(day), std::string_view(request.region), std::string_view("s3"),
                                      std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  return request.url + "?" + query + "&X-Amz-Signature=" + to_hex(hmac_sha256(key, to_sign));
}

}  // namespace cml
