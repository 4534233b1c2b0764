#include "asset/store.hpp"

#include <array>
#include <cstdio>

#include "asset/s3.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kDefaultBranch = "cml-assets";

class NativeStore : public AssetStore {
 public:
  explicit NativeStore(Forge& forge) : forge_(forge) {}
  std::string describe() const override { return std::string(forge_.name()) + "'s own uploads"; }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override { return forge_.upload_assets(files); }

 private:
  Forge& forge_;
};

class BranchStore : public AssetStore {
 public:
  BranchStore(Forge& forge, std::string branch) : forge_(forge), branch_(std::move(branch)) {}
  std::string describe() const override { return "the branch " + branch_ + " of " + forge_.web_url(); }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override { return forge_.put_on_branch(branch_, files); }

 private:
  Forge& forge_;
  std::string branch_;
};

class ReleaseStore : public AssetStore {
 public:
  ReleaseStore(Forge& forge, std::string tag) : forge_(forge), tag_(std::move(tag)) {}
  std::string describe() const override { return "the release " + tag_ + " of " + forge_.web_url(); }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override { return forge_.put_on_release(tag_, files); }

 private:
  Forge& forge_;
  std::string tag_;
};

class AttachmentStore : public AssetStore {
 public:
  explicit AttachmentStore(Forge& forge) : forge_(forge) {}
  std::string describe() const override { return "attachments of " + forge_.web_url(); }
  Result<std::vector<std::string>> put(std::vector<AssetFile> const& files) override { return forge_.upload_attachments(files); }

 private:
  Forge& forge_;
};

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
  std::snprintf(text.data(), text.size(), "%08llx-%04llx-%04llx-%04llx-%012llx", static_cast<unsigned long long>(high >> 32),
                static_cast<unsigned long long>(high >> 16 & 0xFFFF), static_cast<unsigned long long>(high & 0xFFFF),
                static_cast<unsigned long long>(low >> 48), static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFull));
  return text.data();
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
        return refused(requests[i], response, {one_line(response.body, 200), "", false}).while_doing("uploading " + files[i].name);
      std::string url(trim(response.body));
      if (!parse_url(url))
        return Error{ErrorKind::Network, "uploading " + files[i].name + ": " + safe_url(url_) +
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

Error unknown(std::string const& destination) {
  std::string_view const near = nearest(destination, {"auto", "native", "branch", "release", "attachment"});
  return {ErrorKind::Usage, "\"" + one_line(destination, 60) +
                                "\" is no place for assets; use auto, native, branch, branch:NAME, release, release:TAG, attachment, s3://BUCKET/PREFIX, https://SERVER or dir:PATH" +
                                (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
}

}  // namespace

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
    if (!url) return unknown(destination);
    if (url->scheme == "http" && !is_loopback(url->host) && !request.insecure_http)
      return Error{ErrorKind::Usage, safe_url(destination) + " is plain http; use https, or --insecure-http"};
    return std::unique_ptr<AssetStore>(std::make_unique<UploadStore>(request));
  }
  std::string branch;
  if (destination == "branch") branch = kDefaultBranch;
  if (destination.substr(0, 7) == "branch:") branch = destination.substr(7);
  bool const automatic = destination == "auto" || destination == "native";
  std::string tag;
  if (destination == "release") tag = kDefaultBranch;
  if (destination.substr(0, 8) == "release:") tag = destination.substr(8);
  bool const attachment = destination == "attachment";
  if (branch.empty() && tag.empty() && !automatic && !attachment) return unknown(destination);
  if (request.forge == nullptr) return Error{ErrorKind::Usage, "the destination " + destination + " needs a repository; give --repo"};
  Capabilities const& can = request.forge->capabilities();
  if (!tag.empty() && can.releases) return std::unique_ptr<AssetStore>(std::make_unique<ReleaseStore>(*request.forge, tag));
  if (attachment && can.attachments) return std::unique_ptr<AssetStore>(std::make_unique<AttachmentStore>(*request.forge));
  // Uploads of their own are what these forges attach to comments.
  if ((automatic || attachment) && can.native_assets) return std::unique_ptr<AssetStore>(std::make_unique<NativeStore>(*request.forge));
  if (automatic && can.asset_branch) branch = kDefaultBranch;
  if (branch.empty() || !can.asset_branch)
    return Error{ErrorKind::Unsupported, std::string(request.forge->name()) + " cannot keep assets by \"" + destination +
                                             "\"; use another --publish-to"};
  if (branch[0] == '-' || contains(branch, "..") || contains(branch, " ") || branch.back() == '/' || branch[0] == '/')
    return Error{ErrorKind::Usage, "\"" + one_line(branch, 60) + "\" is no name for a branch"};
  return std::unique_ptr<AssetStore>(std::make_unique<BranchStore>(*request.forge, branch));
}

}  // namespace cml
