// Where images and files go so that a comment can show them. One interface; a destination is a word or a URL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/http.hpp"
#include "ports/random.hpp"

namespace cml {

class AssetStore {
 public:
  virtual ~AssetStore() = default;
  virtual std::string describe() const = 0;  // "the branch cml-assets of https://github.com/o/r"
  // Sends what is not there yet; URLs in the order of the files.
  virtual Result<std::vector<std::string>> put(std::vector<AssetFile> const&) = 0;
};

struct StoreRequest {
  // "auto" (the forge's own way), "native", "branch", "branch:NAME", "release", "release:TAG", "attachment", "s3://BUCKET/PREFIX",
  // "https://..." (CML's upload protocol), "dir:PATH".
  std::string destination = "auto";
  bool cml_watermark = true;   // The upload protocol's "?cml=<type>" in the URL.
  bool insecure_http = false;
  Forge* forge = nullptr;      // May be null for destinations that need none.
  HttpClient* http = nullptr;
  FileSystem* files = nullptr;
  Random* random = nullptr;
  Environment const* environment = nullptr;  // For s3's keys.
};

bool needs_forge(std::string const& destination);
Result<std::unique_ptr<AssetStore>> open_store(StoreRequest const&);

}  // namespace cml
