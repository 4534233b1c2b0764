#include "asset/s3.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"

namespace cml {
namespace {

struct S3Place {
  std::string base;    // "https://BUCKET.s3.REGION.amazonaws.com" or "ENDPOINT/BUCKET", without "/" at the end.
  std::string prefix;  // "plots/" or empty.
  std::string region;
  std::string public_base;  // What readers see instead of `base`; empty: the same.
};

class S3Store : public AssetStore {
 public:
  S3Store(HttpClient& http, S3Place place, Secret keys, Secret session)
      : http_(http), place_(std::move(place)), keys_(std::move(keys)), session_(std::move(session)) {}

  std::string describe() const override { return "the bucket at " + safe_url(place_.base); }

  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override {
    std::vector<HttpRequest> probes;
    std::vector<std::string> urls;
    for (AssetFile const& file : files) {
      probes.push_back(signed_request("HEAD", file));
      urls.push_back((place_.public_base.empty() ? place_.base : place_.public_base) + "/" + key_of(file));
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
        return refused(uploads[i], response, {message_of(response), "", false}).while_doing("uploading " + sent[i]->name);
    }
    return urls;
  }

 private:
  std::string key_of(AssetFile const& file) const { return percent_encode(place_.prefix + content_address(file), "/"); }

  HttpRequest signed_request(std::string method, AssetFile const& file) const {
    HttpRequest request{.method = method, .url = place_.base + "/" + key_of(file)};
    request.headers.emplace_back("x-amz-content-sha256", method == "PUT" ? file.sha256 : sha256_hex(""));
    if (!session_.empty()) request.headers.emplace_back("x-amz-security-token", session_.reveal());
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
  S3Place place_;
  Secret keys_, session_;
};

}  // namespace

Result<std::unique_ptr<AssetStore>> open_s3(StoreRequest const& request) {
  auto const variable = [&](std::initializer_list<std::string_view> names) -> std::string {
    for (std::string_view name : names)
      if (auto value = request.environment->get(name); value && !trim(*value).empty()) return std::string(trim(*value));
    return "";
  };
  std::string const rest = request.destination.substr(5);
  std::string const bucket = rest.substr(0, rest.find('/'));
  bool const plain = bucket.size() >= 3 && bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == std::string::npos;
  if (!plain) return Error{ErrorKind::Usage, "\"" + one_line(request.destination, 80) + "\" names no bucket; write s3://BUCKET/PREFIX"};
  std::string const id = variable({"AWS_ACCESS_KEY_ID"}), secret = variable({"AWS_SECRET_ACCESS_KEY"});
  if (id.empty() || secret.empty())
    return Error{ErrorKind::Unauthorized, "no keys for " + request.destination + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
  S3Place place;
  place.region = variable({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (place.region.empty()) place.region = "us-east-1";
  if (auto const slash = rest.find('/'); slash != std::string::npos) place.prefix = rest.substr(slash + 1);
  while (!place.prefix.empty() && place.prefix.back() == '/') place.prefix.pop_back();
  if (!place.prefix.empty()) place.prefix += "/";
  std::string endpoint = variable({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  while (!endpoint.empty() && endpoint.back() == '/') endpoint.pop_back();
  // Names with dots do not match AWS's certificate as a host, so they go into the path; so do those at other servers.
  if (endpoint.empty() && bucket.find('.') == std::string::npos)
    place.base = "https://" + bucket + ".s3." + place.region + ".amazonaws.com";
  else
    place.base = (endpoint.empty() ? "https://s3." + place.region + ".amazonaws.com" : endpoint) + "/" + bucket;
  place.public_base = variable({"CML_ASSET_PUBLIC_URL"});
  while (!place.public_base.empty() && place.public_base.back() == '/') place.public_base.pop_back();
  auto const url = parse_url(place.base);
  if (!url || (url->scheme == "http" && !is_loopback(url->host) && !request.insecure_http))
    return Error{ErrorKind::Usage, "the endpoint " + safe_url(place.base) + " must be https, or loopback, or --insecure-http"};
  return std::unique_ptr<AssetStore>(
      std::make_unique<S3Store>(*request.http, std::move(place), Secret(id + ":" + secret), Secret(variable({"AWS_SESSION_TOKEN"}))));
}

}  // namespace cml
