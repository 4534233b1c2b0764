#include "forge/github/release.hpp"

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "forge/releases.hpp"

namespace cml::github {
namespace {

using nlohmann::json;
constexpr std::string_view kUploadHost = "https://uploads.github.com";
constexpr std::string_view kApiStart = "https://api.";

// Where GitHub's own cloud takes uploads, "https://uploads.NAME.ghe.com" for one; empty for Enterprise Server.
std::string upload_origin(Url const& api) {
  std::string const origin = api.origin();
  bool const cloud = origin.substr(0, kApiStart.size()) == kApiStart;
  return cloud ? "https://uploads." + origin.substr(kApiStart.size()) : "";
}

// The release's assets by name: beyond the first hundred they come in a list of their own.
Result<std::map<std::string, std::string>> assets_of(Api const& api, json const& release) {
  std::map<std::string, std::string> urls;
  HttpRequest const asked = api.request("GET", "/releases");
  std::string const id = id_at(release, {"id"});
  if (id.empty()) return lacks(asked, "a release without a number (id)");
  CML_TRY(assets, api.list("/releases/" + id + "/assets"));
  for (json const& asset : assets) {
    CML_TRY(url, url_at(asked, asset, {"browser_download_url"}));
    urls[text_at(asset, {"name"})] = std::move(url);
  }
  return urls;
}

}  // namespace

Result<std::vector<std::string>> put_on_release(Api const& api, std::string const& web_url, std::string const& tag,
                                                std::vector<AssetFile> const& files) {
  CML_TRY(release, release_of(api, tag));
  CML_TRY(there, assets_of(api, release));
  // "https://uploads.github.com/repos/o/r/releases/1/assets{?name,label}"; Enterprise Server has it at its own host.
  std::string upload = text_at(release, {"upload_url"});
  upload = upload.substr(0, upload.find('{'));
  HttpRequest const sample = api.request("POST", "");
  auto const to = parse_url(upload), own = parse_url(sample.url);
  if (!to || !own ||
      (to->origin() != upload_origin(*own) && to->origin() != own->origin()))  // The token goes to the forge only.
    return Error{ErrorKind::Network,
                 "the release " + tag + " takes uploads at another host, " + said(sample, safe_url(upload))};
  std::vector<HttpRequest> requests;
  std::vector<AssetFile> missing;
  for (AssetFile const& file : files) {
    if (!there.emplace(content_name(file), "").second) continue;
    HttpRequest request = sample;
    request.url = upload + "?name=" + percent_encode(content_name(file));
    request.headers.emplace_back("Content-Type", file.mime);
    request.body = file.bytes;
    request.timeout = std::chrono::seconds(300);
    requests.push_back(std::move(request));
    missing.push_back(file);
  }
  auto const answers = api.http().send_all(requests, 8);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto uploaded = api.read(requests[i], answers[i]);
    // "already_exists": another job sent the same content meanwhile.
    if (!uploaded && !contains(uploaded.error().message, "already_exists"))
      return std::move(uploaded).error().while_doing("uploading " + missing[i].name);
    if (!uploaded) continue;
    CML_TRY(url, url_at(requests[i], *uploaded, {"browser_download_url"}));
    there[content_name(missing[i])] = std::move(url);
  }
  std::vector<std::string> urls;
  for (AssetFile const& file : files) {
    std::string const& url = there[content_name(file)];
    urls.push_back(!url.empty() ? url
                                : web_url + "/releases/download/" + percent_encode(tag) + "/" + content_name(file));
  }
  return urls;
}

std::string attachment_origin(Api const& api) {
  std::string const base = api.request_at_base("GET", "").url;
  if (base == "https://api.github.com") return "https://github.com";
  auto const url = parse_url(base);
  return url && is_loopback(url->host) ? url->origin() : "";  // Enterprise Server has none.
}

bool is_attachable(AssetFile const& file) {
  constexpr std::size_t kMaxImage = 10u << 20, kMaxVideo = 100u << 20;
  for (std::string_view mime : {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
    if (file.mime == mime) return file.bytes.size() <= kMaxImage;
  for (std::string_view mime : {"video/mp4", "video/quicktime", "video/webm"})
    if (file.mime == mime) return file.bytes.size() <= kMaxVideo;
  return false;
}

Result<std::vector<std::string>> upload_attachments(Api const& api, std::string const& repository_id,
                                                    std::vector<AssetFile> const& files) {
  std::string const origin = attachment_origin(api);
  if (origin.empty())
    return Error{ErrorKind::Unsupported, "Enterprise Server has no attachments by API; use --publish-to branch"};
  std::string const host = origin == "https://github.com" ? std::string(kUploadHost) : origin;
  std::vector<HttpRequest> requests;
  for (AssetFile const& file : files) {
    if (!is_attachable(file)) {
      bool const large = file.bytes.size() > (10u << 20);
      return Error{
          large ? ErrorKind::TooLarge : ErrorKind::Unsupported,
          file.name +
              (large ? " is larger than the 10 MiB of an attachment"
                     : " (" + file.mime + ") is not a picture: attachments take PNG, JPEG, GIF, WebP, SVG and videos") +
              "; use --publish-to branch"};
    }
    HttpRequest request = api.request("POST", "");
    request.url = host + "/user-attachments/assets?name=" + percent_encode(file.name) +
                  "&content_type=" + percent_encode(file.mime) + "&repository_id=" + repository_id;
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    request.body = file.bytes;
    request.timeout = std::chrono::seconds(300);
    requests.push_back(std::move(request));  // Safe to repeat: one more copy at worst.
  }
  auto const answers = api.http().send_all(requests, 8);
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto uploaded = api.read(requests[i], answers[i]);
    if (!uploaded) {
      Error error = std::move(uploaded).error().while_doing("attaching " + files[i].name);
      // The job's own token is answered as if there were nothing there.
      if (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Forbidden)
        return Error{ErrorKind::Forbidden, error.message +
                                               "; attachments need a personal token with write access, the job's "
                                               "own may not; use --publish-to branch"};
      return error;
    }
    auto url = needed_url_at(requests[i], *uploaded, {"url"});
    if (!url) return std::move(url).error().while_doing("attaching " + files[i].name);
    urls.push_back(std::move(url).value());
  }
  return urls;
}

}  // namespace cml::github
