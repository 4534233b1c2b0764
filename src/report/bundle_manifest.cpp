#include "report/bundle_manifest.hpp"

#include <nlohmann/json.hpp>

#include <set>

#include "base/choice.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/target.hpp"

namespace cml {
namespace {

using nlohmann::json;

constexpr long long kVersion = 1;
constexpr int kDeepestManifest = 4;

// Table: types of pictures and their extensions.
struct PictureType {
  std::string_view type, extension;
};
constexpr PictureType kPictureTypes[] = {
    {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"}};

Error wrong(std::string what) { return {ErrorKind::BadInput, "bundle.json: " + std::move(what)}; }

// The parser keeps the last of two equal keys, so that they are looked for as they come.
Result<json> parse_strictly(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  std::string fault;
  json const value = json::parse(
      text,
      [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > kDeepestManifest) fault = "it is nested too deeply";
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.empty() && parsed.is_string() &&
            !keys.back().insert(parsed.get<std::string>()).second)
          fault = "the key \"" + clean_line(parsed.get<std::string>(), 40) + "\" is there twice";
        return fault.empty();
      },
      false);
  if (!fault.empty()) return wrong(fault);
  if (value.is_discarded()) return wrong("not valid JSON");
  if (!value.is_object()) return wrong("not a JSON object");
  return value;
}

// An object of the file, whose keys are taken one by one; what is left over is unknown.
class Taker {
 public:
  Taker(json const& object, std::string where) : object_(object), where_(std::move(where)) {}

  Result<std::string> text(char const* key, std::size_t longest) {
    json const* const value = take(key);
    if (value == nullptr || !value->is_string()) return not_a(key, "text");
    std::string const& text = value->get_ref<std::string const&>();
    if (text.size() > longest) return wrong(where_ + key + " is longer than " + std::to_string(longest) + " bytes");
    if (clean_line(text, longest) != text) return wrong(where_ + key + " holds characters that are no text");
    return text;
  }
  Result<long long> number(char const* key, long long most) {
    json const* const value = take(key);
    if (value == nullptr || !value->is_number_integer()) return not_a(key, "whole number");
    bool const fits =
        value->is_number_unsigned() && value->get<unsigned long long>() <= static_cast<unsigned long long>(most);
    if (!fits) return wrong(where_ + key + " is not a number from 0 to " + std::to_string(most));
    return static_cast<long long>(value->get<unsigned long long>());
  }
  Result<std::string> hash(char const* key) {
    CML_TRY(text, this->text(key, 64));
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
      return not_a(key, "SHA-256 in 64 hex digits");
    return text;
  }
  template <class E, std::size_t count>
  Result<E> choice(char const* key, Choice<E> const (&table)[count]) {
    CML_TRY(word, text(key, 40));
    auto const value = parse_choice(table, word);
    if (!value) return wrong(where_ + key + ": " + value.error().message);
    return *value;
  }
  json const* take(char const* key) {
    auto const found = object_.find(key);
    if (found == object_.end()) return nullptr;
    taken_.insert(key);
    return &*found;
  }
  Status finish() const {
    for (auto const& [key, unused] : object_.items())
      if (!taken_.contains(key)) return wrong(where_ + "unknown key \"" + clean_line(key, 40) + "\"");
    return ok();
  }
  Error not_a(std::string const& key, std::string const& what) const {
    return wrong(object_.contains(key) ? where_ + key + " is not a " + what : where_ + key + " is missing");
  }

 private:
  json const& object_;
  std::string where_;
  std::set<std::string> taken_;
};

Result<BundledFile> file_of(json const& object, std::string const& where, std::uintmax_t most, bool picture) {
  if (!object.is_object()) return wrong(where + " is not an object");
  Taker taker(object, where + ": ");
  BundledFile file;
  CML_TRY(bytes, taker.number("bytes", static_cast<long long>(most)));
  CML_TRY(sha256, taker.hash("sha256"));
  file.bytes = static_cast<std::uintmax_t>(bytes);
  file.sha256 = sha256;
  if (picture) {
    CML_TRY(name, taker.text("name", 80));
    CML_TRY(type, taker.text("type", 40));
    std::string const only = bundled_name(type, sha256);
    if (only.empty()) return wrong(where + ": type is not image/png, image/jpeg, image/gif or image/webp");
    if (name != only) return wrong(where + ": name is not the file's SHA-256 and its type's extension");
    file.name = name;
    file.type = type;
  }
  CML_CHECK_OK(taker.finish());
  return file;
}

Status read_files(json const* list, std::vector<BundledFile>& files) {
  if (list == nullptr || !list->is_array()) return wrong("files is not a list");
  if (list->size() > kBundleLimits.pictures)
    return wrong("more than " + std::to_string(kBundleLimits.pictures) + " files");
  std::uintmax_t total = 0;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    CML_TRY(file, file_of((*list)[i], "file " + std::to_string(i + 1), kBundleLimits.picture_bytes, true));
    if (!names.insert(file.name).second) return wrong("file " + std::to_string(i + 1) + " is there twice");
    total += file.bytes;
    if (total > kBundleLimits.total_bytes)
      return wrong("the files have more than " + std::to_string(kBundleLimits.total_bytes) + " bytes");
    files.push_back(std::move(file));
  }
  return ok();
}

}  // namespace

std::string bundled_name(std::string_view type, std::string_view sha256) {
  for (PictureType const& row : kPictureTypes)
    if (row.type == type) return std::string(sha256) + std::string(row.extension);
  return {};
}

std::string manifest_text(Bundle const& bundle) {
  json files = json::array();
  for (AssetFile const& file : bundle.pictures)
    files.push_back(
        {{"name", file.name}, {"type", file.mime}, {"bytes", file.bytes.size()}, {"sha256", sha256_hex(file.bytes)}});
  json value{{"version", kVersion},
             {"mode", name_of(kPostModes, bundle.mode)},
             {"on_oversize", name_of(kOversizes, bundle.oversize)},
             {"title", bundle.title},
             {"target", bundle.target},
             {"commit", bundle.commit},
             {"report", {{"bytes", bundle.report.size()}, {"sha256", sha256_hex(bundle.report)}}},
             {"files", files}};
  if (bundle.pull_request) value["pull_request"] = *bundle.pull_request;
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<BundleManifest> parse_manifest(std::string_view text) {
  CML_TRY(value, parse_strictly(text));
  Taker taker(value, "");
  CML_TRY(version, taker.number("version", 1'000'000));
  if (version != kVersion)
    return wrong("version " + std::to_string(version) + " is unknown; this cml reads version " +
                 std::to_string(kVersion) + ", so both jobs need the same cml");
  BundleManifest manifest;
  Bundle& bundle = manifest.bundle;
  CML_TRY(mode, taker.choice("mode", kPostModes));
  CML_TRY(oversize, taker.choice("on_oversize", kOversizes));
  CML_TRY(title, taker.text("title", kMaxBundleText));
  CML_TRY(target, taker.text("target", kMaxBundleText));
  if (auto const parsed = parse_target(target); !parsed) return wrong(parsed.error().message);
  CML_TRY(commit, taker.text("commit", 64));
  if (commit.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return wrong("commit is not a SHA");
  bundle.mode = mode;
  bundle.oversize = oversize;
  bundle.title = title;
  bundle.target = target;
  bundle.commit = to_lower(commit);
  if (value.contains("pull_request")) {
    CML_TRY(number, taker.number("pull_request", 1'000'000'000'000));
    bundle.pull_request = number;
  }
  json const* const report = taker.take("report");
  if (report == nullptr) return wrong("report is missing");
  CML_TRY(file, file_of(*report, "report", kBundleLimits.report_bytes, false));
  manifest.report = file;
  CML_CHECK_OK(read_files(taker.take("files"), manifest.files));
  CML_CHECK_OK(taker.finish());
  return manifest;
}

}  // namespace cml
