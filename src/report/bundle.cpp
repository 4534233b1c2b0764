#include "report/bundle.hpp"

#include <algorithm>
#include <set>

#include "base/encoding.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/bundle_manifest.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

constexpr char kManifestName[] = "bundle.json", kReportName[] = "report.md";

Error refused(fs::path const& folder, std::string what) {
  return {ErrorKind::BadInput, "bundle " + clean_line(folder.string(), 200) + " is refused: " + std::move(what)};
}

// A folder of strangers' files.
class Reader {
 public:
  Reader(Door door, fs::path const& named) : door_(std::move(door)), named_(named) {}

  Result<std::string> read(std::string const& name, std::uintmax_t limit) const {
    fs::path const path = door_.rules().root / name;
    if (door_.is_link(path)) return refused(named_, name + " is a symbolic link");
    auto bytes = door_.read(path, limit);
    if (bytes) return bytes;
    if (bytes.error().kind == ErrorKind::NotFound) return refused(named_, name + " is missing");
    return refused(named_, name + ": " + clean_line(bytes.error().message));
  }
  Result<std::string> read(std::string const& name, BundledFile const& file) const {
    CML_TRY(bytes, read(name, file.bytes));
    if (bytes.size() != file.bytes)
      return refused(named_, name + " has " + std::to_string(bytes.size()) + " bytes, not " +
                                 std::to_string(file.bytes) + " as bundle.json says");
    if (sha256_hex(bytes) != file.sha256) return refused(named_, name + " has another SHA-256 than bundle.json says");
    return bytes;
  }
  // No other names than these, so that nobody wonders what else was looked at.
  Status check_names(std::set<std::string> const& known) const {
    CML_TRY(names, door_.list(door_.rules().root));
    for (fs::path const& name : names)
      if (!known.contains(name.string()))
        return refused(named_, "it holds " + clean_line(name.string(), 80) + ", which bundle.json does not name");
    return ok();
  }

 private:
  Door door_;
  fs::path const& named_;
};

}  // namespace

std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return "image/webp";
  return {};
}

void put_into(Bundle& bundle, Publication const& publication, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  std::uintmax_t total = 0;
  for (AssetFile file : publication.files()) {
    auto const leave_out = [&](std::string const& why) {
      diagnostics.missed("", clean_line(file.name, 80) + " is not in the bundle: " + why);
      names.emplace_back();
    };
    std::string_view const type = picture_type(file.bytes);
    if (type.empty() && file.mime == "application/json") {
      names.emplace_back();  // A plot's specification, which stands beside its picture.
    } else if (type.empty()) {
      leave_out("only PNG, JPEG, GIF and WebP pictures are");
    } else if (file.bytes.size() > kBundleLimits.picture_bytes) {
      leave_out("it has more than " + std::to_string(kBundleLimits.picture_bytes) + " bytes");
    } else if (bundle.pictures.size() == kBundleLimits.pictures ||
               total + file.bytes.size() > kBundleLimits.total_bytes) {
      leave_out("a bundle takes " + std::to_string(kBundleLimits.pictures) + " pictures of " +
                std::to_string(kBundleLimits.total_bytes >> 20) + " MiB together");
    } else {
      total += file.bytes.size();
      file.mime = type;
      file.name = bundled_name(type, file.sha256);
      names.push_back(file.name);
      auto const same = [&](AssetFile const& other) { return other.name == file.name; };
      if (std::none_of(bundle.pictures.begin(), bundle.pictures.end(), same))
        bundle.pictures.push_back(std::move(file));
    }
  }
  bundle.report = publication.markdown(names);
}

Status write_bundle(Door const& door, fs::path const& folder, Bundle const& bundle) {
  if (bundle.report.size() > kBundleLimits.report_bytes)
    return Error{ErrorKind::BadInput, "the report has more than the " + std::to_string(kBundleLimits.report_bytes) +
                                          " bytes that a bundle takes"};
  if (FileKind const kind = door.kind(folder); kind == FileKind::Directory) {
    CML_TRY(names, door.list(folder, Origin::CommandLine));
    if (!names.empty())
      return Error{ErrorKind::Usage, "the folder " + folder.string() + " is not empty; name a new one for --bundle"};
  } else if (kind != FileKind::Missing) {
    return Error{ErrorKind::Usage, folder.string() + " is not a folder; name a new one for --bundle"};
  }
  CML_CHECK_OK(door.make_directories(folder));
  for (AssetFile const& file : bundle.pictures) CML_CHECK_OK(door.write(folder / file.name, file.bytes));
  CML_CHECK_OK(door.write(folder / kReportName, bundle.report));
  return door.write(folder / kManifestName, manifest_text(bundle));  // Last: a folder without it is no bundle.
}

Result<Bundle> read_bundle(Door const& door, fs::path const& folder) {
  if (door.kind(folder) != FileKind::Directory)
    return Error{ErrorKind::Usage, "no bundle at " + clean_line(folder.string(), 200) +
                                       ": it is not a folder; cml comment create --bundle writes one"};
  CML_TRY(inside, door.narrowed(folder, Origin::CommandLine));
  Reader const reader(std::move(inside), folder);
  CML_TRY(text, reader.read(kManifestName, kBundleLimits.manifest_bytes));
  auto manifest = parse_manifest(text);
  if (!manifest) return refused(folder, manifest.error().message);
  std::set<std::string> names{kManifestName, kReportName};
  for (BundledFile const& file : manifest->files) names.insert(file.name);
  CML_CHECK_OK(reader.check_names(names));
  Bundle bundle = std::move(manifest->bundle);
  CML_TRY(report, reader.read(kReportName, manifest->report));
  if (valid_utf8(report) != report || report.find('\0') != std::string::npos)
    return refused(folder, std::string(kReportName) + " is not UTF-8 text");
  bundle.report = std::move(report);
  for (BundledFile const& file : manifest->files) {
    CML_TRY(bytes, reader.read(file.name, file));
    if (picture_type(bytes) != file.type) return refused(folder, file.name + " is not of the type " + file.type);
    bundle.pictures.push_back({file.name, file.type, std::move(bytes), file.sha256});
  }
  return bundle;
}

}  // namespace cml
