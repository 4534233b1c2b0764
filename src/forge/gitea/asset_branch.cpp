#include "forge/gitea/asset_branch.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <set>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "forge/json_api.hpp"
#include "forge/race.hpp"

namespace cml::gitea {
namespace {

using nlohmann::json;
constexpr std::string_view kIndex = "index.txt";

struct BranchState {
  bool exists = false;
  std::set<std::string> paths;  // By its index: one request tells them all.
  std::string index_sha;        // Of the index, which an update has to name; empty: there is none.
};

Result<BranchState> read_branch(Api const& api, std::string const& branch) {
  std::vector<HttpRequest> const requests{
      api.request("GET", "/branches/" + percent_encode(branch)),
      api.request("GET", "/contents/" + std::string(kIndex) + "?ref=" + percent_encode(branch))};
  auto const answers = api.http().send_all(requests, 2);
  BranchState state;
  auto const branch_answer = api.read(requests[0], answers[0]);
  if (!branch_answer) {
    if (branch_answer.error().kind == ErrorKind::NotFound) return state;
    return Error(branch_answer.error());
  }
  state.exists = true;
  auto const index = api.read(requests[1], answers[1]);
  if (!index) {
    if (index.error().kind == ErrorKind::NotFound) return state;  // Somebody else's branch: everything is sent.
    return Error(index.error());
  }
  state.index_sha = text_at(*index, {"sha"});
  for (std::string const& line : split(base64_decode(text_at(*index, {"content"})).value_or(""), '\n'))
    if (!trim(line).empty()) state.paths.emplace(trim(line));
  return state;
}

// One commit with all the files. Conflict or BadInput when the branch moved meanwhile.
Status commit_files(Api const& api, std::string const& branch, BranchState const& state,
                    std::map<std::string, AssetFile const*> const& wanted) {
  std::set<std::string> listed = state.paths;
  json changes = json::array();
  for (auto const& [path, file] : wanted) {
    changes.push_back({{"operation", "create"}, {"path", path}, {"content", base64_encode(file->bytes)}});
    listed.insert(path);
  }
  std::string index;
  for (std::string const& path : listed) index += path + "\n";
  json entry{{"operation", state.index_sha.empty() ? "create" : "update"},
             {"path", kIndex},
             {"content", base64_encode(index)}};
  if (!state.index_sha.empty()) entry["sha"] = state.index_sha;
  changes.push_back(std::move(entry));
  json body{{"message", "Add " + std::to_string(wanted.size()) + (wanted.size() == 1 ? " file" : " files") +
                            " for comments [skip ci]"},
            {"files", std::move(changes)}};
  // A branch that does not exist starts from the default one: the API has no way to make one without history.
  body[state.exists ? "branch" : "new_branch"] = branch;
  HttpRequest post = api.request("POST", "/contents", body, Repeat::Unsafe);
  post.timeout = std::chrono::seconds(300);
  auto done = api.call(post);
  if (!done) return std::move(done).error();
  return ok();
}

// What Gitea says to a commit of files that somebody else's came before.
bool is_lost_race(Error const& error) {
  if (error.kind == ErrorKind::Conflict) return true;
  return error.kind == ErrorKind::BadInput &&
         (contains(error.message, "already exists") || contains(error.message, "does not match"));
}
// A loser is told 500 as well, and an answer may have been lost: look again.
bool is_trouble(Error const& error) { return error.kind == ErrorKind::Network || error.kind == ErrorKind::BadInput; }

}  // namespace

Result<std::vector<std::string>> put_on_branch(Api const& api, Clock& clock, Random& random, std::string const& web_url,
                                               std::string const& branch, std::vector<AssetFile> const& files) {
  std::vector<std::string> urls;
  for (AssetFile const& file : files)
    urls.push_back(web_url + "/raw/branch/" + percent_encode(branch, "/") + "/" + content_address(file));
  Race race(clock, random);
  std::set<std::string> stored;     // Whatever the index lists.
  std::size_t most = files.size();  // In one commit: fewer where a proxy refuses the size.
  while (true) {
    CML_TRY(state, read_branch(api, branch));
    std::map<std::string, AssetFile const*> wanted;
    bool all = true;
    for (AssetFile const& file : files) {
      std::string const path = content_address(file);
      if (state.paths.count(path) > 0 || stored.count(path) > 0 || wanted.count(path) > 0) continue;
      if (wanted.size() < most)
        wanted.emplace(path, &file);
      else
        all = false;
    }
    if (wanted.empty()) return urls;
    auto done = commit_files(api, branch, state, wanted);
    if (done && all) return urls;
    if (done) {
      for (auto const& [path, file] : wanted) stored.insert(path);
      continue;
    }
    if (done.error().kind == ErrorKind::TooLarge) {
      if (wanted.size() == 1)
        return std::move(done).error().while_doing("storing " + wanted.begin()->second->name + " (" +
                                                   std::to_string(wanted.begin()->second->bytes.size()) +
                                                   " bytes) on the branch " + branch);
      most = wanted.size() / 2;
      continue;
    }
    // There, though the index does not say so: named by content, it is the same file.
    bool named = false;
    for (auto const& [path, file] : wanted)
      if (contains(done.error().message, "already exists") && contains(done.error().message, path))
        named = stored.insert(path).second || named;
    if (named) continue;
    bool const lost = is_lost_race(done.error());
    if (lost ? race.wait() : is_trouble(done.error()) && race.wait_for_trouble()) continue;
    Error error = std::move(done).error().while_doing("storing images on the branch " + branch);
    return lost ? race.lost_for_good(std::move(error)) : error;
  }
}

}  // namespace cml::gitea
