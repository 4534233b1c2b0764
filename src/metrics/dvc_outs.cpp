#include "metrics/dvc_outs.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

namespace fs = std::filesystem;

std::string text_at(Node const& node, std::string_view key) {
  Node const* found = node.find(key);
  return found != nullptr && found->scalar() != nullptr && !is_null(*found->scalar()) ? to_python(*found->scalar())
                                                                                      : "";
}

bool is_md5(std::string_view hash) {
  if (hash.ends_with(".dir")) hash.remove_suffix(4);
  return hash.size() == 32 && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void add_outs(std::string const& stage, Node const* outs, std::vector<DvcOut>& all) {
  if (outs == nullptr || outs->list() == nullptr) return;
  for (Node const& out : *outs->list()) {
    DvcOut one{stage, text_at(out, "path"), text_at(out, "md5")};
    if (one.path.empty()) continue;
    if (!is_md5(one.hash)) one.hash.clear();
    if (Node const* kept = out.find("files"); kept != nullptr && kept->list() != nullptr)
      for (Node const& file : *kept->list())
        if (std::string hash = text_at(file, "md5"), name = text_at(file, "relpath"); !name.empty())
          all.push_back({stage, one.path + "/" + name, is_md5(hash) ? std::move(hash) : ""});
    all.push_back(std::move(one));
  }
}

std::string joined_path(std::string const& folder, std::string const& name) {
  return (fs::path(folder) / name).lexically_normal().generic_string();
}

// "a/b/m.json": "a/b", "a", "", "..", "../..": as many above as there are levels.
std::vector<std::string> folders_above(std::string const& path, int levels) {
  std::vector<std::string> folders;
  fs::path const normal = fs::path(path).lexically_normal();
  for (fs::path folder = normal.parent_path(); !folder.empty() && *folder.begin() != "..";
       folder = folder.parent_path())
    folders.push_back(folder.generic_string());
  folders.emplace_back();
  std::string up = "..";
  for (int i = 0; i < levels; ++i, up += "/..") folders.push_back(up);
  return folders;
}

// The working folder of a stage, "name@item" of a repeated one too, as the dvc.yaml beside its dvc.lock says.
std::string working_folder(Node const& yaml, std::string const& stage) {
  Node const* stages = yaml.find("stages");
  if (stages == nullptr) return {};
  Node const* found = stages->find(stage);
  if (found == nullptr) found = stages->find(stage.substr(0, stage.find('@')));
  if (found == nullptr) return {};
  Node const* body = found->find("do");
  return text_at(body != nullptr ? *body : *found, "wdir");
}

// Whether `path` is the output or lies in it.
std::optional<DvcNote> note_of(std::string const& path, std::string const& place, std::string const& file,
                               std::string const& hash) {
  if (place == path) return DvcNote{file, hash, ""};
  if (path.starts_with(place + "/") && (hash.empty() || hash.ends_with(".dir")))
    return DvcNote{file, hash, path.substr(place.size() + 1)};
  return std::nullopt;
}

}  // namespace

Result<std::vector<DvcOut>> read_dvc_outs(std::string_view text, Limits const& limits) {
  CML_TRY(tree, parse_yaml(text, limits));
  std::vector<DvcOut> outs;
  add_outs("", tree.find("outs"), outs);
  if (Node const* stages = tree.find("stages"); stages != nullptr && stages->map() != nullptr)
    for (auto const& [stage, body] : *stages->map()) add_outs(stage, body.find("outs"), outs);
  return outs;
}

Result<std::string> hash_in_folder(std::string_view list, std::string_view path, Limits const& limits) {
  Error const broken{ErrorKind::BadInput, "the list that DVC stored for its folder is not a valid one"};
  auto const tree = parse_json(list, limits);
  if (!tree || tree->list() == nullptr) return broken;
  for (Node const& entry : *tree->list()) {
    std::string const name = text_at(entry, "relpath"), hash = text_at(entry, "md5");
    if (name.empty() || !is_md5(hash)) return broken;
    if (name == path) return hash;
  }
  return Error{ErrorKind::NotFound, "is not in the folder that DVC keeps"};
}

Result<std::vector<std::string>> names_in_folder(std::string_view list, Limits const& limits) {
  constexpr std::size_t kMostFiles = 100'000;
  Error const broken{ErrorKind::BadInput, "the list that DVC stored for its folder is not a valid one"};
  auto const tree = parse_json(list, limits);
  if (!tree || tree->list() == nullptr) return broken;
  if (tree->list()->size() > kMostFiles)
    return Error{ErrorKind::BadInput, "holds more than " + std::to_string(kMostFiles) + " files"};
  std::vector<std::string> names;
  for (Node const& entry : *tree->list()) {
    fs::path const name = text_at(entry, "relpath");
    if (name.empty() || name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end()) return broken;
    names.push_back(name.generic_string());
  }
  return names;
}

std::vector<std::string> possible_notes(std::string const& path, int levels) {
  std::vector<std::string> notes;
  std::string const normal = fs::path(path).lexically_normal().generic_string();
  for (fs::path part = normal; !part.empty() && part.filename() != ".."; part = part.parent_path())
    notes.push_back(part.generic_string() + ".dvc");
  for (std::string const& folder : folders_above(normal, levels)) {
    notes.push_back(joined_path(folder, "dvc.lock"));
    notes.push_back(joined_path(folder, "dvc.yaml"));
  }
  return notes;
}

Result<std::optional<DvcNote>> find_dvc_note(
    std::string const& path, int levels, std::function<std::optional<std::string>(std::string const&)> const& read) {
  std::optional<Error> broken;
  std::string const normal = fs::path(path).lexically_normal().generic_string();
  for (std::string const& file : possible_notes(normal, levels)) {
    if (file.ends_with("dvc.yaml")) continue;
    auto const text = read(file);
    auto const outs = text ? read_dvc_outs(*text) : Result<std::vector<DvcOut>>(std::vector<DvcOut>());
    if (!outs && !broken) broken = Error{ErrorKind::BadInput, one_line(file, 120) + ": " + outs.error().message};
    if (!outs || outs->empty()) continue;
    std::string const folder = fs::path(file).parent_path().generic_string();
    std::optional<Node> yaml;
    if (file.ends_with("dvc.lock"))
      if (auto const stages = read(joined_path(folder, "dvc.yaml")))
        if (auto tree = parse_yaml(*stages)) yaml = std::move(*tree);
    for (DvcOut const& out : *outs) {
      std::string const work = yaml ? joined_path(folder, working_folder(*yaml, out.stage)) : folder;
      if (auto note = note_of(normal, joined_path(work, out.path), file, out.hash)) return note;
    }
  }
  if (broken) return std::move(*broken).while_doing("DVC's note cannot be read, so nobody knows of this file");
  return std::optional<DvcNote>();
}

}  // namespace cml::metrics
