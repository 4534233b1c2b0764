// A report on its way from a job that holds no token to one that does: a folder of bundle.json, report.md and pictures
// named by their content.
//
//   bundle.json   what is asked for, and size and SHA-256 of every file
//   report.md     shows the pictures by their names: ![Loss](9f86...08.png)
//   9f86...08.png
//
// The job that writes it may be a stranger's, so that nothing in it is believed: who reads it takes a folder of exactly
// these names, regular files only, of the sizes, types and hashes that bundle.json tells, within the limits below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.hpp"
#include "forge/forge.hpp"
#include "report/post_plan.hpp"
#include "report/publish.hpp"
#include "workspace/door.hpp"

namespace cml {

struct BundleLimits {
  std::uintmax_t manifest_bytes = 256u << 10;  // bundle.json.
  std::uintmax_t report_bytes = 4u << 20;
  std::uintmax_t picture_bytes = 10u << 20;
  std::uintmax_t total_bytes = 64u << 20;  // Of all pictures.
  std::size_t pictures = 200;
};
inline constexpr BundleLimits kBundleLimits{};
inline constexpr std::size_t kMaxBundleText = 300;  // Bytes of a title or a target.

struct Bundle {
  PostMode mode = PostMode::New;
  Oversize oversize = Oversize::Truncate;
  std::string title;                      // Of the mark; {workflow} and {run} are filled in.
  std::string target = "auto";            // As --target takes it.
  std::string commit;                     // Of the run that wrote it; may be empty.
  std::optional<long long> pull_request;  // Of that run.
  std::string report;                     // Markdown that shows the pictures by their names.
  std::vector<AssetFile> pictures;        // `name` is their name in the folder.
};

// The media type by a picture's first bytes, for the four that forges show: PNG, JPEG, GIF and WebP. Empty: another.
std::string_view picture_type(std::string_view bytes);

// Fills in report and pictures. What is no such picture, or beyond the limits, is left out and said.
void put_into(Bundle&, Publication const&, Diagnostics&);

// Writes a folder that is new or empty. Usage when it is not, BadInput for a report beyond the limit.
Status write_bundle(Door const&, std::filesystem::path const& folder, Bundle const&);

// Reads one that anybody may have written; nothing outside the folder, which the command line named, is opened.
// BadInput, with the file and what is wrong with it, for all that write_bundle does not write.
Result<Bundle> read_bundle(Door const&, std::filesystem::path const& folder);

}  // namespace cml
