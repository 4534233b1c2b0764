// Where images and files go so that a comment can show them. One interface; a destination is a word or a URL.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge/forge.hpp"
#include "ports/clock.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/http.hpp"
#include "ports/random.hpp"

namespace cml {

class AssetStore {
 public:
  virtual ~AssetStore() = default;
  virtual std::string describe() const = 0;  // "the branch cml-assets of https://github.com/o/r"
  // Sends what is not there yet; URLs in the order of the files, empty for a file that this place does not take beside
  // others that it does.
  virtual Result<std::vector<std::string>> put(std::vector<AssetFile> const&) = 0;
  // True for an address that put() gave and that nothing but an earlier comment tells again: what has it need not be
  // sent.
  virtual bool is_own(std::string_view) const { return false; }
};

struct StoreRequest {
  // "auto" (the forge's own way), "native", "branch", "branch:NAME", "release", "release:TAG", "attachment",
  // "s3://BUCKET/PREFIX", "https://..." (CML's upload protocol), "dir:PATH".
  std::string destination = "auto";
  bool cml_watermark = true;  // The upload protocol's "?cml=<type>" in the URL.
  bool insecure_http = false;
  Forge* forge = nullptr;               // May be null for destinations that need none.
  std::optional<CommentTarget> thread;  // Where the files will be shown, when it is known.
  HttpClient* http = nullptr;
  FileSystem* files = nullptr;
  Random* random = nullptr;
  Clock* clock = nullptr;                    // For signed addresses of s3.
  Environment const* environment = nullptr;  // For s3's keys.
};

bool needs_forge(std::string const& destination);
Result<std::unique_ptr<AssetStore>> open_store(StoreRequest const&);

// What to check when a server that is no forge refuses a file; `keys` for a refused credential.
std::string hint_of_server(int status, std::string_view keys);

}  // namespace cml
