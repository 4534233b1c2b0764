#include "asset/s3.hpp"

#include "asset/presign.hpp"
#include "asset/prune.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"

namespace cml {
namespace {

constexpr std::string_view kKeysHint =
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the bucket's policy allows s3:PutObject";

struct S3Place {
  std::string base;    // "https://BUCKET.s3.REGION.amazonaws.com" or "ENDPOINT/BUCKET", without "/" at the end.
  std::string prefix;  // "plots/" or empty.
  std::string region;
  std::string public_base;  // What readers see instead of `base`; empty: the same.
  std::string key_id;
  Secret secret_key, session;
  std::chrono::seconds presign{0};  // Readers get addresses that are good for so long; zero: plain ones.
};

// What stands behind "?" in the destination.
Status read_options(std::string_view query, S3Place& place, std::string& style) {
  if (query.empty()) return ok();
  for (std::string const& option : split(query, '&')) {
    std::string const name = option.substr(0, option.find('=')),
                      value = name.size() < option.size() ? option.substr(name.size() + 1) : "";
    if (name == "presign") {
      auto const age = parse_age(value);
      if (!age || age->count() == 0 || *age > kMaxPresignLifetime)
        return Error{ErrorKind::Usage, "s3 option \"" + one_line(option, 60) +
                                           "\": an address can be signed for 1h to 7d, e.g. ?presign=7d"};
      place.presign = *age;
    } else if (name == "style" && (value == "path" || value == "host")) {
      style = value;
    } else {
      return Error{ErrorKind::Usage, "s3 option \"" + one_line(option, 60) +
                                         "\" is unknown; there are presign=7d, style=path and style=host"};
    }
  }
  return ok();
}

class S3Store : public AssetStore {
 public:
  S3Store(HttpClient& http, Clock* clock, S3Place place)
      : http_(http), clock_(clock), place_(std::move(place)), keys_(place_.key_id + ":" + place_.secret_key.reveal()) {}

  std::string describe() const override { return "the bucket at " + safe_url(place_.base); }

  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override {
    std::vector<HttpRequest> probes;
    std::vector<std::string> urls;
    for (AssetFile const& file : files) {
      probes.push_back(signed_request("HEAD", file));
      urls.push_back(address_of(file));
    }
    auto const there = http_.send_all(probes, 8);
    std::vector<HttpRequest> uploads;
    std::vector<AssetFile const*> sent;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!there[i]) return Error(there[i].error()).while_doing("uploading " + files[i].name);
      if (there[i].value().status == 200) continue;  // Named by content, so it is the same.
      HttpRequest upload = signed_request("PUT", files[i]);
      upload.headers.emplace_back("Content-Type", files[i].mime);
      upload.headers.emplace_back("Cache-Control", "max-age=31536000, immutable");
      upload.body = files[i].bytes;
      upload.timeout = std::chrono::seconds(300);
      uploads.push_back(std::move(upload));
      sent.push_back(&files[i]);
    }
    auto const answers = http_.send_all(uploads, 8);
    for (std::size_t i = 0; i < uploads.size(); ++i) {
      CML_TRY(response, answers[i]);
      if (response.status < 200 || response.status >= 300)
        return refused(uploads[i], response, {message_of(response), hint_of_server(response.status, kKeysHint), false})
            .while_doing("uploading " + sent[i]->name);
    }
    return urls;
  }

 private:
  std::string key_of(AssetFile const& file) const { return percent_encode(place_.prefix + content_address(file), "/"); }

  // What readers open.
  std::string address_of(AssetFile const& file) const {
    std::string const plain = (place_.public_base.empty() ? place_.base : place_.public_base) + "/" + key_of(file);
    if (place_.presign.count() == 0) return plain;
    return presigned_address(
        {plain, place_.region, place_.key_id, place_.secret_key, place_.session, place_.presign, clock_->now()});
  }

  HttpRequest signed_request(std::string method, AssetFile const& file) const {
    HttpRequest request{.method = method, .url = place_.base + "/" + key_of(file)};
    request.headers.emplace_back("x-amz-content-sha256", method == "PUT" ? file.sha256 : sha256_hex(""));
    if (!place_.session.empty()) request.headers.emplace_back("x-amz-security-token", place_.session.reveal());
    request.sigv4 = "aws:amz:" + place_.region + ":s3";
    request.credential = keys_;
    return request;
  }

  // <Error><Code>AccessDenied</Code><Message>...</Message>
  static std::string message_of(HttpResponse const& response) {
    std::string text;
    for (std::string const tag : {"Code", "Message"}) {
      auto const open = response.body.find("<" + tag + ">"), close = response.body.find("</" + tag + ">");
      if (open == std::string::npos || close == std::string::npos || close < open) continue;
      text += (text.empty() ? "" : ": ") + response.body.substr(open + tag.size() + 2, close - open - tag.size() - 2);
    }
    return text;
  }

  HttpClient& http_;
  Clock* clock_;  // Not null when addresses are signed.
  S3Place place_;
  Secret keys_;
};

}  // namespace

Result<std::unique_ptr<AssetStore>> open_s3(StoreRequest const& request) {
  auto const variable = [&](std::initializer_list<std::string_view> names) -> std::string {
    for (std::string_view name : names)
      if (auto value = request.environment->get(name); value && !trim(*value).empty()) return std::string(trim(*value));
    return "";
  };
  std::string rest = request.destination.substr(5), style;
  S3Place place;
  if (auto const mark = rest.find('?'); mark != std::string::npos) {
    CML_CHECK_OK(read_options(std::string_view(rest).substr(mark + 1), place, style));
    rest.resize(mark);
  }
  std::string const bucket = rest.substr(0, rest.find('/'));
  bool const plain = bucket.size() >= 3 &&
                     bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
                         std::string::npos;
  if (!plain)
    return Error{ErrorKind::Usage,
                 "\"" + one_line(request.destination, 80) + "\" names no bucket; write s3://BUCKET/PREFIX"};
  place.key_id = variable({"AWS_ACCESS_KEY_ID"});
  place.secret_key = Secret(variable({"AWS_SECRET_ACCESS_KEY"}));
  place.session = Secret(variable({"AWS_SESSION_TOKEN"}));
  if (place.key_id.empty() || place.secret_key.empty())
    return Error{ErrorKind::Unauthorized,
                 "no keys for " + request.destination + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
  place.region = variable({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (place.region.empty()) place.region = "us-east-1";
  if (auto const slash = rest.find('/'); slash != std::string::npos) place.prefix = rest.substr(slash + 1);
  while (!place.prefix.empty() && place.prefix.back() == '/') place.prefix.pop_back();
  if (!place.prefix.empty()) place.prefix += "/";
  std::string endpoint = variable({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  while (!endpoint.empty() && endpoint.back() == '/') endpoint.pop_back();
  if (endpoint.empty())
    endpoint = "https://s3." + place.region + ".amazonaws.com";
  else if (style.empty())
    style = "path";  // Other servers seldom have a name for every bucket.
  // Names with dots do not match a wildcard certificate, so they go into the path.
  if (style.empty()) style = bucket.find('.') == std::string::npos ? "host" : "path";
  auto const scheme_end = endpoint.find("://");
  if (scheme_end == std::string::npos)
    return Error{ErrorKind::Usage,
                 "the endpoint " + one_line(endpoint, 80) + " is not a URL; AWS_ENDPOINT_URL=https://HOST"};
  place.base = style == "path" ? endpoint + "/" + bucket
                               : endpoint.substr(0, scheme_end + 3) + bucket + "." + endpoint.substr(scheme_end + 3);
  place.public_base = variable({"CML_ASSET_PUBLIC_URL"});
  while (!place.public_base.empty() && place.public_base.back() == '/') place.public_base.pop_back();
  if (place.presign.count() > 0 && !place.public_base.empty())
    return Error{ErrorKind::Usage,
                 "a signed address names the bucket's own host; leave either ?presign or CML_ASSET_PUBLIC_URL out"};
  if (place.presign.count() > 0 && request.clock == nullptr)
    return Error{ErrorKind::Bug, "signed addresses need a clock"};
  auto const url = parse_url(endpoint);
  if (!url || (url->scheme == "http" && !is_loopback(url->host) && !request.insecure_http))
    return Error{ErrorKind::Usage,
                 "the endpoint " + safe_url(place.base) + " must be https, or loopback, or --insecure-http"};
  return std::unique_ptr<AssetStore>(std::make_unique<S3Store>(*request.http, request.clock, std::move(place)));
}

}  // namespace cml
