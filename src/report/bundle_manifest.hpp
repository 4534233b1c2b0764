// bundle.json: text from and to what it says. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/bundle.hpp"

namespace cml {

// One file as bundle.json tells it.
struct BundledFile {
  std::string name, type, sha256;
  std::uintmax_t bytes = 0;
};

struct BundleManifest {
  Bundle bundle;       // Without the report and its pictures.
  BundledFile report;  // Without name and type.
  std::vector<BundledFile> files;
};

std::string manifest_text(Bundle const&);
// BadInput: no JSON, a key that is unknown, twice there or missing, a value of another kind or beyond the limits, a
// version that this cml does not know.
Result<BundleManifest> parse_manifest(std::string_view text);

// The only name that a picture of this type and hash may have.
std::string bundled_name(std::string_view type, std::string_view sha256);

}  // namespace cml
