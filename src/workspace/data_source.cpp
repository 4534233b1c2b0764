#include "workspace/data_source.hpp"

#include <memory>
#include <mutex>

#include "base/text.hpp"
#include "base/url.hpp"
#include "base/url_policy.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxDataBytes = 512ull << 20;

bool has_scheme(std::string_view url) {
  auto const at = url.find("://");
  return (at != std::string_view::npos && at > 0 && at < 12) || url.starts_with("//");
}

Result<std::string> inline_data(std::string_view url) {
  auto const comma = url.find(',');
  if (comma == std::string_view::npos) return Error{ErrorKind::BadInput, "malformed data: URL"};
  if (contains(url.substr(0, comma), ";base64"))
    return Error{ErrorKind::Unsupported, "base64 data: URLs hold images only"};
  return percent_decode(url.substr(comma + 1));
}

}  // namespace

Result<std::string> DataSource::load(std::string_view url) const {
  if (url.starts_with("data:")) return inline_data(url);
  if (has_scheme(url) && !url.starts_with("file://")) return fetch(url);
  if (url.starts_with("file://")) url.remove_prefix(7);
  if (url.find('\0') != std::string_view::npos) return Error{ErrorKind::BadInput, "the data URL holds a zero byte"};
  std::filesystem::path const path = folder_ / std::filesystem::path(std::string(url));
  auto bytes = door_.read(path, kMaxDataBytes);
  if (bytes) return bytes;
  Error error = std::move(bytes).error();
  std::string const shown = "data file " + one_line(path.string(), 300);
  if (error.kind == ErrorKind::NotFound)
    error.message = shown + " does not exist; relative URLs start at " + folder_.string() + " (set it with --base)";
  else
    error.message = shown + ": " + error.message;
  return error;
}

Result<std::string> DataSource::fetch(std::string_view url) const {
  HttpRequest request{.url = std::string(url), .max_response_bytes = 256u << 20};
  request.policy = std::make_shared<UrlPolicy const>(http_ ? allowed_urls_ : std::vector<std::string>());
  CML_CHECK_OK(request.policy->check(url));
  static std::mutex one_at_a_time;  // The client serves one thread.
  std::lock_guard const lock(one_at_a_time);
  CML_TRY(response, http_->send(request));
  if (response.status == 200) return std::move(response.body);
  return Error{ErrorKind::Network, "GET " + safe_url(url) + ": status " + std::to_string(response.status)};
}

}  // namespace cml
