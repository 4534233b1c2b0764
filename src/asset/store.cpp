#include "asset/store.hpp"

#include <array>
#include <cstdio>

#include "asset/forge_stores.hpp"
#include "asset/s3.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;
class FolderStore : public AssetStore {
 public:
  FolderStore(FileSystem& files, fs::path folder) : files_(files), folder_(std::move(folder)) {}
  std::string describe() const override { return "the folder " + folder_.string(); }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& assets) override {
    CML_CHECK_OK(files_.make_directories(folder_));
    std::vector<std::string> urls;
    for (AssetFile const& asset : assets) {
      fs::path const path = folder_ / (asset.sha256.substr(0, 32) + extension_of(asset));
      if (files_.kind(path) == FileKind::Missing) CML_CHECK_OK(files_.write(path, asset.bytes));
      urls.push_back(percent_encode(path.generic_string(), "/"));
    }
    return urls;
  }

 private:
  FileSystem& files_;
  fs::path folder_;
};

std::string uuid4(Random& random) {
  std::uint64_t high = random.next(), low = random.next();
  high = (high & ~0xF000ull) | 0x4000ull;
  low = (low & ~(3ull << 62)) | (2ull << 62);
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%08llx-%04llx-%04llx-%04llx-%012llx",
                static_cast<unsigned long long>(high >> 32), static_cast<unsigned long long>(high >> 16 & 0xFFFF),
                static_cast<unsigned long long>(high & 0xFFFF), static_cast<unsigned long long>(low >> 48),
                static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFull));
  return text.data();
}

std::string words_of(HttpResponse const& response) {
  return trim(response.body).substr(0, 1) == "<" ? "an HTML page" : response.body;
}

// CML's protocol: POST the bytes, the answer's text is the address.
class UploadStore : public AssetStore {
 public:
  explicit UploadStore(StoreRequest const& request)
      : url_(request.destination), watermark_(request.cml_watermark), http_(*request.http), random_(*request.random) {}
  std::string describe() const override { return "the upload server " + safe_url(url_); }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override {
    std::vector<HttpRequest> requests;
    for (AssetFile const& file : files) {
      HttpRequest post{.method = "POST", .url = url_};
      post.headers = {{"Content-Type", file.mime},
                      {"Content-Disposition", "inline; filename=\"" + percent_encode(file.name, " ") + "\""}};
      post.body = file.bytes;
      post.timeout = std::chrono::seconds(300);
      requests.push_back(std::move(post));  // Safe to repeat: the server keeps one more copy at worst.
    }
    auto const answers = http_.send_all(requests, 8);
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < files.size(); ++i) {
      CML_TRY(response, answers[i]);
      if (response.status < 200 || response.status >= 300)
        return refused(requests[i], response,
                       {words_of(response),
                        hint_of_server(response.status,
                                       "the upload server wants a credential that cml does not send; see its settings"),
                        false})
            .while_doing("uploading " + files[i].name);
      std::string url(trim(response.body));
      if (!is_web_url(url))
        return Error{ErrorKind::BadInput, "uploading " + files[i].name + ": " + safe_url(url_) +
                                              " answered with no address; is it an asset server of CML's kind?"};
      char separator = contains(url, "?") ? '&' : '?';
      if (watermark_) {
        auto const slash = files[i].mime.find('/');
        url += separator + std::string("cml=") + percent_encode(std::string_view(files[i].mime).substr(slash + 1));
        separator = '&';
      }
      urls.push_back(url + separator + "cache-bypass=" + uuid4(random_));
    }
    return urls;
  }

 private:
  std::string url_;
  bool watermark_;
  HttpClient& http_;
  Random& random_;
};

bool is_upload_url(std::string_view destination) {
  return destination.substr(0, 8) == "https://" || destination.substr(0, 7) == "http://";
}

}  // namespace

std::string hint_of_server(int status, std::string_view keys) {
  if (status == 401 || status == 403) return std::string(keys);
  if (status == 404) return "there is no such place; check --publish-to or --publish-url";
  return status >= 500 ? "the server has trouble; run again later, or use another --publish-to" : "";
}

bool needs_forge(std::string const& destination) {
  return !is_upload_url(destination) && destination.substr(0, 4) != "dir:" && destination.substr(0, 5) != "s3://";
}

Result<std::unique_ptr<AssetStore>> open_store(StoreRequest const& request) {
  std::string const& destination = request.destination;
  if (destination.substr(0, 4) == "dir:" && destination.size() > 4)
    return std::unique_ptr<AssetStore>(std::make_unique<FolderStore>(*request.files, destination.substr(4)));
  if (destination.substr(0, 5) == "s3://") return open_s3(request);
  if (is_upload_url(destination)) {
    auto const url = parse_url(destination);
    if (!url) return Error{ErrorKind::Usage, "\"" + safe_url(destination) + "\" is not the URL of a server"};
    if (url->scheme == "http" && !is_loopback(url->host) && !request.insecure_http)
      return Error{ErrorKind::Usage, safe_url(destination) + " is plain http; use https, or --insecure-http"};
    return std::unique_ptr<AssetStore>(std::make_unique<UploadStore>(request));
  }
  return open_forge_store(request);
}

}  // namespace cml
