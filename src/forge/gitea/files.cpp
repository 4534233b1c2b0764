#include "forge/gitea/files.hpp"

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "forge/json_api.hpp"
#include "forge/multipart.hpp"
#include "forge/releases.hpp"

namespace cml::gitea {

using nlohmann::json;

namespace {

constexpr int kAttempts = 3;

// Name to address.
Result<std::map<std::string, std::string>> attached(Api const& api, std::string const& path) {
  HttpRequest const get = api.request("GET", path);
  CML_TRY(assets, api.call(get));
  std::map<std::string, std::string> there;
  if (!assets.is_array()) return lacks(get, "no list");
  for (json const& asset : assets) {
    CML_TRY(url, url_at(get, asset, {"browser_download_url"}));
    there[text_at(asset, {"name"})] = std::move(url);
  }
  return there;
}

HttpRequest upload(Api const& api, std::string const& path, AssetFile const& file) {
  std::string const name = content_name(file);
  Multipart multipart = multipart_file("attachment", name, file);
  HttpRequest request = api.request("POST", path + "?name=" + percent_encode(name));
  request.headers.emplace_back("Content-Type", multipart.content_type);
  request.body = std::move(multipart.body);
  request.timeout = std::chrono::seconds(300);
  request.repeat = Repeat::Unsafe;  // Gitea would show a second one of the same name beside the first.
  return request;
}

}  // namespace

Result<std::vector<std::string>> attach(Api const& api, std::string const& thread,
                                        std::vector<AssetFile> const& files) {
  std::string const path = thread + "/assets";
  for (int attempt = 1;; ++attempt) {
    CML_TRY(there, attached(api, path));
    std::vector<HttpRequest> requests;
    std::vector<AssetFile> missing;
    for (AssetFile const& file : files) {
      if (!there.emplace(content_name(file), "").second) continue;
      requests.push_back(upload(api, path, file));
      missing.push_back(file);
    }
    auto const answers = send_uploads(api.http(), requests, missing, explain);
    // Nobody knows whether it arrived: the list tells.
    if (!answers && answers.error().kind == ErrorKind::Network && attempt < kAttempts) continue;
    if (!answers) return Error(answers.error());
    for (std::size_t i = 0; i < missing.size(); ++i) {
      auto url = needed_url_at(requests[i], (*answers)[i], {"browser_download_url"});
      if (!url) return std::move(url).error().while_doing("uploading " + missing[i].name);
      there[content_name(missing[i])] = std::move(url).value();
    }
    std::vector<std::string> urls;
    for (AssetFile const& file : files) urls.push_back(there[content_name(file)]);
    return urls;
  }
}

Result<std::vector<std::string>> put_on_release(Api const& api, std::string const& tag,
                                                std::vector<AssetFile> const& files) {
  CML_TRY(release, release_of(api, tag));
  std::string const id = id_at(release, {"id"});
  if (id.empty()) return Error{ErrorKind::Network, "the release " + tag + " has no number in the forge's answer"};
  return attach(api, "/releases/" + id, files);
}

}  // namespace cml::gitea
