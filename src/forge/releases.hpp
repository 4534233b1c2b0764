// Releases as a place for files: GitHub and Gitea speak the same words here.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

#include "base/url.hpp"
#include "forge/json_api.hpp"

namespace cml {

// The release of a tag, made as a pre-release when there is none. `Api` is the forge's own: request() and call().
template <class Api>
Result<nlohmann::json> release_of(Api const& api, std::string const& tag) {
  auto const look = [&] { return api.call(api.request("GET", "/releases/tags/" + percent_encode(tag))); };
  auto found = look();
  if (found || found.error().kind != ErrorKind::NotFound) return found;
  nlohmann::json const body{{"tag_name", tag},
                            {"name", tag},
                            {"prerelease", true},
                            {"body",
                             "Images and files that `cml` shows in comments, named by their content. Comments lose "
                             "them when this release is deleted."}};
  auto created = api.call(api.request("POST", "/releases", body, Repeat::Unsafe));
  if (created) return created;
  auto again = look();  // Another job was faster, or the answer was lost.
  return again ? std::move(again) : std::move(created);
}

}  // namespace cml
