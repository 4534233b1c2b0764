#include "forge/gitlab/release.hpp"

#include <nlohmann/json.hpp>

#include <set>

#include "base/text.hpp"
#include "forge/json_api.hpp"

namespace cml::gitlab {
namespace {

using nlohmann::json;
constexpr std::string_view kPackage = "/packages/generic/cml-assets/1.0.0/";

Status make_release(Api& api, std::string const& tag) {
  CML_TRY(look, api.request("GET", "/releases/" + percent_encode(tag)));
  auto const found = api.call(look);
  if (found) return ok();
  if (found.error().kind != ErrorKind::NotFound) return Error(found.error());
  CML_TRY(get, api.request("GET", ""));
  CML_TRY(project, api.call(get));
  json const body{{"tag_name", tag},
                  {"name", tag},
                  {"ref", text_at(project, {"default_branch"})},
                  {"description",
                   "Images and files that `cml` shows in comments, named by their content. Comments lose them when "
                   "this release's packages are deleted."}};
  CML_TRY(post, api.request("POST", "/releases", body, Repeat::Unsafe));
  auto created = api.call(post);
  if (created || api.call(look)) return ok();  // Another job was faster, or the answer was lost.
  return std::move(created).error();
}

}  // namespace

Result<std::vector<std::string>> put_on_release(Api& api, std::string const& web_url, std::string const& tag,
                                                std::vector<AssetFile> const& files) {
  CML_CHECK_OK(make_release(api, tag));
  std::string const path = "/releases/" + percent_encode(tag) + "/assets/links";
  CML_TRY(links, api.list(path));
  std::set<std::string> there;
  for (json const& link : links) there.insert(text_at(link, {"name"}));
  std::vector<HttpRequest> uploads, posts;
  std::vector<AssetFile> missing;
  std::vector<std::string> urls;
  for (AssetFile const& file : files) {
    std::string const name = content_name(file);
    urls.push_back(web_url + "/-/releases/" + percent_encode(tag) + "/downloads/" + name);
    if (!there.insert(name).second) continue;
    CML_TRY(put, api.request("PUT", std::string(kPackage) + name));
    put.headers.emplace_back("Content-Type", file.mime);
    put.body = file.bytes;
    put.timeout = std::chrono::seconds(300);
    bool const picture = file.mime.substr(0, 6) == "image/";
    CML_TRY(post, api.request("POST", path,
                              {{"name", name},
                               {"url", put.url},
                               {"direct_asset_path", "/" + name},
                               {"link_type", picture ? "image" : "other"}},
                              Repeat::Unsafe));
    uploads.push_back(std::move(put));
    posts.push_back(std::move(post));
    missing.push_back(file);
  }
  auto const sent = api.http().send_all(uploads, 8);
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    auto const stored = read_json(uploads[i], sent[i], explain);
    // A registry that takes every name once: another job sent the same content.
    if (!stored && !contains(to_lower(stored.error().message), "duplicate package"))
      return Error(stored.error()).while_doing("uploading " + missing[i].name);
  }
  auto const linked = api.http().send_all(posts, 8);
  for (std::size_t i = 0; i < posts.size(); ++i) {
    auto const done = read_json(posts[i], linked[i], explain);
    if (!done && !contains(done.error().message, "already been taken"))
      return Error(done.error()).while_doing("linking " + missing[i].name);
  }
  return urls;
}

}  // namespace cml::gitlab
