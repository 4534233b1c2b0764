#include "forge/github/asset_branch.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <set>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "forge/github/documents.hpp"
#include "forge/json_api.hpp"
#include "forge/race.hpp"

namespace cml::github {
namespace {

using nlohmann::json;
constexpr int kParallel = 8;
constexpr std::size_t kMaxAtOnce = 16u << 20;  // Bytes of files in one request; more go file by file.

constexpr std::string_view kIndex = "index.txt";
constexpr char const* kReadme =
    "This branch holds images and files that `cml` shows in comments, named by the SHA-256 of their content.\n"
    "It shares no history with the code. index.txt lists what is there; take a line out when you delete its file.\n"
    "Comments that show a file lose it when the file is deleted here.\n";

struct BranchState {
  std::string commit;           // Empty: the branch does not exist.
  std::set<std::string> paths;  // By its index: one request tells them all.
};

Result<BranchState> read_branch(Api const& api, std::string const& branch) {
  CML_TRY(answers,
          api.call_all({api.request("GET", "/git/ref/" + percent_encode("heads/" + branch)),
                        api.request("GET", "/contents/" + std::string(kIndex) + "?ref=" + percent_encode(branch))},
                       2));
  BranchState state;
  if (!answers[0]) {
    ErrorKind const kind = answers[0].error().kind;  // Conflict: a repository without any commit.
    if (kind == ErrorKind::NotFound || kind == ErrorKind::Conflict) return state;
    return std::move(answers[0]).error();
  }
  state.commit = text_at(answers[0].value(), {"object", "sha"});
  if (state.commit.empty())
    return Error{ErrorKind::Network, "the branch " + branch + " has no commit in the forge's answer"};
  if (!answers[1]) {
    // A branch without index is somebody else's, or a very large one: then everything is sent.
    if (answers[1].error().kind == ErrorKind::NotFound) return state;
    return std::move(answers[1]).error();
  }
  auto const index = base64_decode(text_at(answers[1].value(), {"content"}));
  for (std::string const& line : split(index.value_or(""), '\n'))
    if (!trim(line).empty()) state.paths.emplace(trim(line));
  return state;
}

struct Sent {
  std::map<std::string, std::string> blobs;  // Path to blob name.
  std::string tree;                          // Of the branch's commit; empty without one.
};

// Sends the content of the missing files and asks for the branch's tree, all at once. Safe to repeat: content decides
// the name.
Result<Sent> send_blobs(Api const& api, BranchState const& state, std::vector<AssetFile const*> const& missing) {
  std::vector<HttpRequest> requests;
  for (AssetFile const* file : missing) {
    requests.push_back(api.request("POST", "/git/blobs",
                                   {{"content", base64_encode(file->bytes)}, {"encoding", "base64"}}, Repeat::Safe));
    requests.back().timeout = std::chrono::seconds(300);
  }
  if (!state.commit.empty()) requests.push_back(api.request("GET", "/git/commits/" + percent_encode(state.commit)));
  CML_TRY(answers, api.call_all(requests, kParallel));
  Sent sent;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!answers[i]) return std::move(answers[i]).error().while_doing("uploading " + missing[i]->name);
    sent.blobs[content_address(*missing[i])] = text_at(answers[i].value(), {"sha"});
  }
  if (!state.commit.empty()) {
    if (!answers.back()) return std::move(answers.back()).error();
    sent.tree = text_at(answers.back().value(), {"tree", "sha"});
  }
  return sent;
}

std::string index_of(BranchState const& state, std::set<std::string> const& added) {
  std::set<std::string> listed = state.paths;
  listed.insert(added.begin(), added.end());
  std::string index;
  for (std::string const& path : listed) index += path + "\n";
  return index;
}

std::string message_for(std::size_t count) {
  return "Add " + std::to_string(count) + (count == 1 ? " file" : " files") + " for comments [skip ci]";
}

// Everything in one request, by GraphQL: one write a try, where the Git data API takes three besides the files.
// Conflict when the branch moved meanwhile.
Status commit_at_once(Api const& api, std::string const& branch, BranchState const& state,
                      std::map<std::string, AssetFile const*> const& files) {
  json additions = json::array();
  std::set<std::string> added;
  for (auto const& [path, file] : files) {
    additions.push_back({{"path", path}, {"contents", base64_encode(file->bytes)}});
    added.insert(path);
  }
  additions.push_back({{"path", kIndex}, {"contents", base64_encode(index_of(state, added))}});
  json const input{{"branch", {{"repositoryNameWithOwner", api.repository()}, {"branchName", branch}}},
                   {"message", {{"headline", message_for(files.size())}}},
                   {"expectedHeadOid", state.commit},
                   {"fileChanges", {{"additions", additions}}}};
  auto committed = api.graphql(kCommitOnBranch, {{"input", input}}, Repeat::Unsafe);
  if (!committed) return std::move(committed).error();
  return ok();
}

// An orphan commit that holds the README and an empty index.
Result<BranchState> start_branch(Api const& api, std::string const& branch) {
  json const entries{{{"path", "README.md"}, {"mode", "100644"}, {"type", "blob"}, {"content", kReadme}},
                     {{"path", kIndex}, {"mode", "100644"}, {"type", "blob"}, {"content", ""}}};
  CML_TRY(tree, api.call(api.request("POST", "/git/trees", {{"tree", entries}}, Repeat::Safe)));
  json const commit_body{{"message", "Start a branch for the files of comments [skip ci]"},
                         {"tree", text_at(tree, {"sha"})},
                         {"parents", json::array()}};
  CML_TRY(commit, api.call(api.request("POST", "/git/commits", commit_body, Repeat::Safe)));
  BranchState state;
  state.commit = text_at(commit, {"sha"});
  CML_TRY(ref, api.call(api.request("POST", "/git/refs", {{"ref", "refs/heads/" + branch}, {"sha", state.commit}},
                                    Repeat::Unsafe)));
  return state;
}

// One commit on top of `state`, by the Git data API. Conflict when the branch moved meanwhile.
Status commit_files(Api const& api, std::string const& branch, BranchState const& state, std::string const& base_tree,
                    std::map<std::string, std::string> const& blobs) {
  json entries = json::array();
  std::set<std::string> added;
  for (auto const& [path, sha] : blobs) {
    entries.push_back({{"path", path}, {"mode", "100644"}, {"type", "blob"}, {"sha", sha}});
    added.insert(path);
  }
  entries.push_back({{"path", kIndex}, {"mode", "100644"}, {"type", "blob"}, {"content", index_of(state, added)}});
  json tree_body{{"tree", entries}};
  if (!base_tree.empty()) tree_body["base_tree"] = base_tree;
  CML_TRY(tree, api.call(api.request("POST", "/git/trees", tree_body, Repeat::Safe)));
  json const commit_body{{"message", message_for(blobs.size())},
                         {"tree", text_at(tree, {"sha"})},
                         {"parents", json::array({state.commit})}};
  CML_TRY(commit, api.call(api.request("POST", "/git/commits", commit_body, Repeat::Safe)));
  auto moved = api.call(api.request("PATCH", "/git/refs/" + percent_encode("heads/" + branch),
                                    {{"sha", text_at(commit, {"sha"})}, {"force", false}}, Repeat::Unsafe));
  if (!moved) return std::move(moved).error();
  return ok();
}

Status put_one_by_one(Api const& api, std::string const& branch, BranchState const& state,
                      std::map<std::string, AssetFile const*> const& wanted,
                      std::map<std::string, std::string>& blobs) {
  std::vector<AssetFile const*> missing;
  for (auto const& [path, file] : wanted)
    if (blobs.count(path) == 0) missing.push_back(file);
  CML_TRY(sent, send_blobs(api, state, missing));
  blobs.merge(sent.blobs);
  std::map<std::string, std::string> chosen;
  for (auto const& [path, file] : wanted) chosen[path] = blobs[path];
  return commit_files(api, branch, state, sent.tree, chosen);
}

// What GitHub says with 409 or 422 where a rule forbids the branch: no race, and nothing that the next try would
// change.
Error plainly(Error error) {
  for (std::string_view part :
       {"rule violation", "rotected branch", "Cannot create ref due to creations being restricted"})
    if (contains(error.message, part)) error.kind = ErrorKind::Forbidden;
  return error;
}

bool is_lost_race(Error const& error) {
  if (error.kind == ErrorKind::Conflict) return true;  // 409, or GraphQL's STALE_DATA.
  return error.kind == ErrorKind::BadInput &&
         (contains(error.message, "not a fast forward") || contains(error.message, "Reference already exists"));
}
// An answer that was lost, or a refusal of the content: a try or two may get around it.
bool is_trouble(Error const& error) { return error.kind == ErrorKind::Network || error.kind == ErrorKind::BadInput; }

}  // namespace

Result<std::vector<std::string>> put_on_branch(Api const& api, Clock& clock, Random& random, std::string const& web_url,
                                               std::string const& branch, std::vector<AssetFile> const& files) {
  std::vector<std::string> urls;
  for (AssetFile const& file : files)
    urls.push_back(web_url + "/raw/" + percent_encode(branch, "/") + "/" + content_address(file));
  std::map<std::string, std::string> blobs;  // Those that were sent already, kept over races.
  bool mutation_works = true;
  Race race(clock, random);
  while (true) {
    CML_TRY(state, read_branch(api, branch));
    std::map<std::string, AssetFile const*> wanted;
    std::size_t bytes = 0;
    for (AssetFile const& file : files) {
      std::string const path = content_address(file);
      if (state.paths.count(path) == 0 && wanted.emplace(path, &file).second) bytes += file.bytes.size();
    }
    if (wanted.empty()) return urls;
    Status done = ok();
    if (state.commit.empty()) {
      auto started = start_branch(api, branch);
      if (started)
        state = std::move(started).value();
      else
        done = std::move(started).error();
    }
    if (done) {
      bool const at_once = mutation_works && bytes <= kMaxAtOnce;
      if (at_once) done = commit_at_once(api, branch, state, wanted);
      if (!done && !is_lost_race(done.error()) && done.error().kind != ErrorKind::Network &&
          done.error().kind != ErrorKind::RateLimited)
        mutation_works = false;  // No such mutation, not for this token, or not that much at once.
      if (!at_once || !mutation_works) done = put_one_by_one(api, branch, state, wanted, blobs);
    }
    if (done) return urls;
    done = plainly(std::move(done).error());
    bool const lost = is_lost_race(done.error());
    if (lost ? race.wait() : is_trouble(done.error()) && race.wait_for_trouble()) continue;
    Error error = std::move(done).error().while_doing("storing images on the branch " + branch);
    return lost ? race.lost_for_good(std::move(error)) : error;
  }
}

}  // namespace cml::github
