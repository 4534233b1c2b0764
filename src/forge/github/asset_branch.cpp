#include "forge/github/asset_branch.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <set>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace cml::github {
namespace {

using nlohmann::json;
constexpr int kParallel = 8;
constexpr int kMaxRaces = 6;  // Other jobs of a matrix push to the same branch.

constexpr char const* kReadme =
    "This branch holds images and files that `cml` shows in comments, named by the SHA-256 of their content.\n"
    "It shares no history with the code. Comments that show a file lose it when the file is deleted here.\n";

struct BranchState {
  std::string commit;  // Empty: the branch does not exist.
  std::string tree;
  std::set<std::string> paths;
};

// 404: no such branch; 409: a repository without any commit answers so for refs.
bool is_absent(Error const& error) { return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Conflict; }

Result<BranchState> read_branch(Api const& api, std::string const& branch) {
  std::string const name = percent_encode(branch, "/");
  CML_TRY(answers, api.call_all({api.request("GET", "/git/ref/heads/" + name),
                                 api.request("GET", "/git/trees/" + percent_encode(branch) + "?recursive=1")},
                                2));
  BranchState state;
  if (!answers[0]) {
    if (is_absent(answers[0].error())) return state;
    return std::move(answers[0]).error();
  }
  json const& ref = answers[0].value();
  if (ref.is_object() && ref.contains("object")) state.commit = ref["object"].value("sha", "");
  if (state.commit.empty()) return Error{ErrorKind::Network, "the branch " + branch + " has no commit in the forge's answer"};
  if (!answers[1]) return std::move(answers[1]).error();
  json const& tree = answers[1].value();
  if (!tree.is_object()) return Error{ErrorKind::Network, "the tree of " + branch + " is missing in the forge's answer"};
  state.tree = tree.value("sha", "");
  for (json const& entry : tree.value("tree", json::array()))
    if (entry.is_object()) state.paths.insert(entry.value("path", ""));
  return state;
}

// Sends the content of the missing files; gives their blob names by path. Safe to repeat: content decides the name.
Result<std::map<std::string, std::string>> send_blobs(Api const& api, std::vector<AssetFile const*> const& missing) {
  std::vector<HttpRequest> requests;
  for (AssetFile const* file : missing) {
    requests.push_back(api.request("POST", "/git/blobs",
                                   {{"content", base64_encode(file->bytes)}, {"encoding", "base64"}}, Repeat::Safe));
    requests.back().timeout = std::chrono::seconds(300);
  }
  CML_TRY(answers, api.call_all(requests, kParallel));
  std::map<std::string, std::string> blobs;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!answers[i]) return std::move(answers[i]).error().while_doing("uploading " + missing[i]->name);
    blobs[content_address(*missing[i])] = answers[i].value().value("sha", "");
  }
  return blobs;
}

// One commit on top of `state`. Conflict when the branch moved meanwhile.
Status commit_files(Api const& api, std::string const& branch, BranchState const& state,
                    std::map<std::string, std::string> const& blobs) {
  json entries = json::array();
  for (auto const& [path, sha] : blobs) entries.push_back({{"path", path}, {"mode", "100644"}, {"type", "blob"}, {"sha", sha}});
  if (state.commit.empty()) entries.push_back({{"path", "README.md"}, {"mode", "100644"}, {"type", "blob"}, {"content", kReadme}});
  json tree_body{{"tree", entries}};
  if (!state.tree.empty()) tree_body["base_tree"] = state.tree;
  CML_TRY(tree, api.call(api.request("POST", "/git/trees", tree_body, Repeat::Safe)));
  json commit_body{{"message", "Add " + std::to_string(blobs.size()) + (blobs.size() == 1 ? " file" : " files") +
                                   " for comments [skip ci]"},
                   {"tree", tree.value("sha", "")},
                   {"parents", json::array()}};
  if (!state.commit.empty()) commit_body["parents"].push_back(state.commit);
  CML_TRY(commit, api.call(api.request("POST", "/git/commits", commit_body, Repeat::Safe)));
  json const sha = commit.value("sha", "");
  HttpRequest const move =
      state.commit.empty()
          ? api.request("POST", "/git/refs", {{"ref", "refs/heads/" + branch}, {"sha", sha}}, Repeat::Unsafe)
          : api.request("PATCH", "/git/refs/heads/" + percent_encode(branch, "/"), {{"sha", sha}, {"force", false}}, Repeat::Unsafe);
  auto moved = api.call(move);
  if (!moved) return std::move(moved).error();
  return ok();
}

}  // namespace

Result<std::vector<std::string>> put_on_branch(Api const& api, Clock& clock, std::string const& web_url,
                                               std::string const& branch, std::vector<AssetFile> const& files) {
  std::vector<std::string> urls;
  for (AssetFile const& file : files)
    urls.push_back(web_url + "/raw/" + percent_encode(branch, "/") + "/" + content_address(file));
  std::map<std::string, std::string> blobs;  // Those that were sent already, kept over races.
  for (int race = 0;; ++race) {
    CML_TRY(state, read_branch(api, branch));
    std::vector<AssetFile const*> missing;
    std::map<std::string, std::string> wanted;
    for (AssetFile const& file : files) {
      std::string const path = content_address(file);
      if (state.paths.count(path) > 0 || wanted.count(path) > 0) continue;
      wanted[path] = "";
      if (blobs.count(path) == 0) missing.push_back(&file);
    }
    if (wanted.empty()) return urls;
    CML_TRY(sent, send_blobs(api, missing));
    blobs.merge(sent);
    for (auto& [path, sha] : wanted) sha = blobs[path];
    auto committed = commit_files(api, branch, state, wanted);
    if (committed) return urls;
    // Lost a race (409, or 422 "not a fast forward" / "Reference already exists"), or the answer was lost: look again.
    ErrorKind const kind = committed.error().kind;
    bool const again = kind == ErrorKind::Conflict || kind == ErrorKind::BadInput || kind == ErrorKind::Network;
    if (!again || race + 1 == kMaxRaces)
      return std::move(committed).error().while_doing("storing images on the branch " + branch);
    clock.sleep_for(std::chrono::milliseconds(300 * (race + 1)));
  }
}

}  // namespace cml::github
