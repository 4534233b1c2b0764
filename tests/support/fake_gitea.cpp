#include "support/fake_gitea.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::test {
namespace {

using nlohmann::json;

ServerResponse gitea_reply(int status, json const& body) {
  return {status, body.dump(), {{"Content-Type", "application/json;charset=utf-8"}}};
}
ServerResponse gitea_failure(int status, std::string const& message) {
  return gitea_reply(status, {{"message", message}, {"url", "https://gitea.test/api/swagger"}});
}

ServerResponse list(ServerRequest const& request, std::vector<json> const& elements) {
  auto const size =
      static_cast<std::size_t>(std::clamp<long long>(parse_integer(request.parameter("limit")).value_or(30), 1, 50));
  auto const page =
      static_cast<std::size_t>(std::max<long long>(parse_integer(request.parameter("page")).value_or(1), 1));
  std::size_t const pages = std::max<std::size_t>((elements.size() + size - 1) / size, 1);
  json body = json::array();
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, elements.size()); ++i) body.push_back(elements[i]);
  ServerResponse response = gitea_reply(200, body);
  auto const url = [&](std::size_t number, std::string const& relation) {
    return "<http://" + request.header("host") + request.path + "?limit=" + std::to_string(size) +
           "&page=" + std::to_string(number) + ">; rel=\"" + relation + "\"";
  };
  if (page < pages) response.headers.emplace_back("Link", url(page + 1, "next") + "," + url(pages, "last"));
  response.headers.emplace_back("X-Total-Count", std::to_string(elements.size()));
  return response;
}

std::string git_sha(std::string const& bytes) { return sha256_hex("blob" + bytes).substr(0, 40); }

}  // namespace

FakeGitea::FakeGitea(std::string prefix) : prefix_(std::move(prefix)) {
  moderates = true;
  start();
}
FakeGitea::~FakeGitea() { stop(); }

std::string FakeGitea::api_path(std::string const& path) const {
  std::string const base = prefix_ + "/api/v1";
  return path.substr(0, base.size()) == base ? path.substr(base.size()) : "";
}

std::vector<std::string> FakeGitea::bodies(CommentTarget const& target) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  auto const* pull = std::get_if<PullRequestTarget>(&target);
  auto const* issue = std::get_if<IssueTarget>(&target);
  long long const number = pull != nullptr ? pull->number : issue != nullptr ? issue->number : -1;
  std::vector<std::string> result;
  for (StoredComment const& comment : comments_)
    if (comment.issue == number) result.push_back(comment.body);
  return result;
}

void FakeGitea::add_body(CommentTarget const& target, std::string body, std::string author) {
  std::lock_guard<std::mutex> const lock(mutex_);
  auto const* pull = std::get_if<PullRequestTarget>(&target);
  comments_.push_back({next_id_++, pull != nullptr ? pull->number : std::get<IssueTarget>(target).number,
                       std::move(body), "2026-01-02T03:04:05Z", author_or_self(std::move(author))});
}

std::map<std::string, std::string> FakeGitea::branch_files(std::string const& branch) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  auto const found = branches_.find(branch);
  return found == branches_.end() ? std::map<std::string, std::string>{} : found->second;
}

std::vector<std::string> FakeGitea::statuses() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return statuses_;
}

std::vector<std::string> FakeGitea::reruns() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return reruns_;
}

std::map<std::string, std::string> FakeGitea::files_of(std::string const& place) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  auto const found = files_.find(place);
  return found == files_.end() ? std::map<std::string, std::string>{} : found->second;
}

void FakeGitea::set_file(std::string const& branch, std::string const& path, std::string bytes) {
  std::lock_guard<std::mutex> const lock(mutex_);
  branches_[branch][path] = std::move(bytes);
}

void FakeGitea::add_commit(long long pull, std::string sha) {
  std::lock_guard<std::mutex> const lock(mutex_);
  commits_[pull].push_back(std::move(sha));
}

// "/issues/7/assets" and "/releases/1/assets".
ServerResponse FakeGitea::asset_route(ServerRequest const& request, std::string const& path) {
  std::string const place = path.substr(0, path.size() - 7);
  auto const number = parse_integer(place.substr(place.rfind('/') + 1));
  if (!number || *number > 900) return gitea_failure(404, "The target couldn't be found.");
  auto const asset_json = [&](std::string const& name) {
    return json{{"id", 1},
                {"name", name},
                {"uuid", "u"},
                {"browser_download_url", "http://" + request.header("host") + prefix_ + "/attachments/" +
                                             sha256_hex(place + name).substr(0, 32)}};
  };
  auto& files = files_[place];
  if (request.method == "GET") {
    json all = json::array();
    for (auto const& [name, bytes] : files) all.push_back(asset_json(name));
    return gitea_reply(200, all);
  }
  std::string const name = percent_decode(request.parameter("name"));
  if (!contains(request.body, "name=\"attachment\"; filename=\"" + name + "\""))
    return gitea_failure(400, "http: no such file");
  if (name.size() > 4 && name.substr(name.size() - 4) == ".exe")
    return gitea_failure(422, "This file cannot be uploaded or modified due to a forbidden file extension or type.");
  files[name] = request.body;
  return gitea_reply(201, asset_json(name));
}

ServerResponse FakeGitea::release_route(ServerRequest const& request, std::string const& path) {
  auto const release_json = [](std::size_t index, std::string const& tag) {
    return json{{"id", index + 1}, {"tag_name", tag}, {"name", tag}, {"assets", json::array()}};
  };
  auto const wanted = path == "/releases" ? json::parse(request.body).value("tag_name", "")
                                          : percent_decode(path.substr(std::min<std::size_t>(path.size(), 15)));
  auto const found = std::find(releases_.begin(), releases_.end(), wanted);
  auto const index = static_cast<std::size_t>(found - releases_.begin());
  if (path != "/releases")
    return found != releases_.end() ? gitea_reply(200, release_json(index, wanted))
                                    : gitea_failure(404, "The target couldn't be found.");
  if (found != releases_.end()) return gitea_failure(409, "Release is has no Tag");
  releases_.push_back(wanted);
  return gitea_reply(201, release_json(index, wanted));
}

ServerResponse FakeGitea::route(ServerRequest const& request, std::string const& full_path) {
  if (request.body.size() > largest_body) return {413, "<html><h1>413 Request Entity Too Large</h1></html>", {}};
  std::string const authorization = request.header("authorization");
  std::string const token = authorization.substr(0, 6) == "token " ? authorization.substr(6) : "";
  bool const reads_only = read_only_tokens.count(token) > 0;
  if (token != "good-token" && !reads_only) return gitea_failure(401, "invalid username, password or token");
  if (reads_only && request.method != "GET")
    return gitea_failure(403, "token does not have at least one of required scope(s): [write:issue]");
  if (full_path == "/user")
    return token_may_ask ? gitea_reply(200, {{"id", user_number(token_user)}, {"login", token_user}})
                         : gitea_failure(403, "token does not have at least one of required scope(s): [read:user]");
  std::string const base = "/repos/o/r";
  if (full_path.substr(0, base.size()) != base) return gitea_failure(404, "The target couldn't be found.");
  std::string const path = full_path.substr(base.size());
  auto const starts = [&](std::string_view part) { return path.substr(0, part.size()) == part; };
  if (path.empty())
    return gitea_reply(200,
                       {{"id", 1}, {"full_name", "o/r"}, {"permissions", {{"pull", true}, {"push", !reads_only}}}});
  if (starts("/branches/")) {
    std::string const branch = percent_decode(path.substr(10));
    return branches_.count(branch) ? gitea_reply(200, {{"name", branch}, {"commit", {{"id", git_sha(branch)}}}})
                                   : gitea_failure(404, "branch does not exist");
  }
  if (starts("/contents")) return content_route(request, path);
  if (path.size() > 7 && path.substr(path.size() - 7) == "/assets") return asset_route(request, path);
  if (starts("/releases")) return release_route(request, path);
  if (starts("/statuses/")) {
    statuses_.push_back(request.body);
    return gitea_reply(201, {{"id", 1}, {"status", json::parse(request.body)["state"]}});
  }
  if (starts("/actions/runs/")) {
    auto const parts = split(path, '/');
    if (parts[3] != "55") return gitea_failure(404, "run does not exist");
    if (parts.size() == 4) return gitea_reply(200, {{"id", 55}, {"status", "completed"}});
    if (!can_rerun) return {404, "404 page not found\n", {{"Content-Type", "text/plain"}}};
    reruns_.push_back(parts[3]);
    return gitea_reply(201, {{"id", 55}, {"status", "queued"}});
  }
  return contains(path, "/comments") ? comment_route(request, path) : pull_route(request, path);
}

ServerResponse FakeGitea::comment_route(ServerRequest const& request, std::string const& path) {
  auto const comment_json = [&](StoredComment const& comment) {
    return json{{"id", comment.id},
                {"body", comment.body},
                {"user", {{"id", user_number(comment.author)}, {"login", comment.author}}},
                {"original_author", ""},
                {"created_at", comment.created_at},
                {"updated_at", comment.created_at},
                {"html_url", "http://" + request.header("host") + prefix_ + "/o/r/issues/" +
                                 std::to_string(comment.issue) + "#issuecomment-" + std::to_string(comment.id)}};
  };
  json const body = json::parse(request.body, nullptr, false);
  auto const parts = split(path, '/');  // "", "issues", "7", "comments" | "", "issues", "comments", ID
  if (parts.size() == 4 && parts[3] == "comments") {
    auto const number = parse_integer(parts[2]);
    if (!number || *number > 900) return gitea_failure(404, "issue does not exist [id: 0]");
    if (request.method == "GET") {
      std::vector<json> found;
      for (StoredComment const& comment : comments_)
        if (comment.issue == *number) found.push_back(comment_json(comment));
      return list(request, found);
    }
    comments_.push_back(
        {next_id_++, *number, body.value("body", ""), iso_time(std::chrono::system_clock::now()), token_user});
    return gitea_reply(201, comment_json(comments_.back()));
  }
  auto const id = parse_integer(parts.back());
  auto const found =
      std::find_if(comments_.begin(), comments_.end(), [&](StoredComment const& comment) { return comment.id == id; });
  if (found == comments_.end()) return gitea_failure(404, "comment does not exist");
  if (!may_change(found->author)) return gitea_failure(403, "");
  if (request.method == "PATCH") {
    found->body = body.value("body", "");
    return gitea_reply(200, comment_json(*found));
  }
  comments_.erase(found);
  return {204, "", {}};
}

ServerResponse FakeGitea::content_route(ServerRequest const& request, std::string const& path) {
  if (request.method == "GET") {
    auto const branch = branches_.find(percent_decode(request.parameter("ref")));
    if (branch == branches_.end()) return gitea_failure(404, "ref does not exist");
    auto const file = branch->second.find(percent_decode(path.substr(10)));
    if (file == branch->second.end()) return gitea_failure(404, "object does not exist");
    return gitea_reply(200, {{"path", file->first},
                             {"sha", git_sha(file->second)},
                             {"encoding", "base64"},
                             {"content", base64_encode(file->second)}});
  }
  json const body = json::parse(request.body, nullptr, false);
  std::string const branch = body.value("branch", "main"), target = body.value("new_branch", branch);
  if (branches_.count(branch) == 0) return gitea_failure(404, "branch does not exist [name: " + branch + "]");
  if (target != branch && branches_.count(target))
    return gitea_failure(409, "branch already exists [name: " + target + "]");
  if (lose_next_race) {
    lose_next_race = false;
    if (branches_.count(target) == 0) branches_[target] = branches_["main"];
    branches_[target]["aa/other.png"] = "other";
    branches_[target]["index.txt"] += "aa/other.png\n";
    if (target != branch) return gitea_failure(409, "branch already exists [name: " + target + "]");
  }
  auto files = branches_[branch];
  for (json const& change : body["files"]) {
    std::string const name = change["path"];
    bool const there = files.count(name) > 0;
    if (change["operation"] == "create" && there)
      return gitea_failure(422, "repository file already exists [path: " + name + "]");
    if (change["operation"] == "update" && (!there || change.value("sha", "") != git_sha(files[name])))
      return gitea_failure(422, "sha does not match [given: " + change.value("sha", "") + ", expected: ...]");
    if (change["operation"] == "delete")
      files.erase(name);
    else
      files[name] = base64_decode(change.value("content", "")).value_or("?");
  }
  branches_[target] = files;
  return gitea_reply(201, {{"commit", {{"sha", git_sha(target + std::to_string(next_id_++))}}}});
}

ServerResponse FakeGitea::pull_route(ServerRequest const& request, std::string const& path) {
  json const body = json::parse(request.body, nullptr, false);
  auto const pull_json = [&](Pull const& pull) {
    return json{
        {"number", pull.number},
        {"state", pull.state == "open" ? "open" : "closed"},
        {"title", pull.title},
        {"body", pull.body},
        {"html_url", "http://" + request.header("host") + prefix_ + "/o/r/pulls/" + std::to_string(pull.number)},
        {"head", {{"ref", pull.source}, {"sha", pull.sha}, {"repo_id", 1}}},
        {"base", {{"ref", pull.target}, {"repo_id", 1}}}};
  };
  auto const parts = split(path, '/');  // "", "pulls", "7", "merge" | "", "commits", SHA, "pull"
  if (parts.size() == 4 && parts[1] == "commits" && parts[3] == "pull") {
    for (Pull const& one : pulls_) {
      auto const& below = commits_[one.number];
      bool const holds = one.sha == parts[2] || std::find(below.begin(), below.end(), parts[2]) != below.end();
      if (holds && (one.state == "merged" || knows_open_pulls)) return gitea_reply(200, pull_json(one));
    }
    return gitea_failure(404, "pull request does not exist");
  }
  if (path == "/pulls" && request.method == "GET") {
    std::vector<json> found;
    for (Pull const& pull : pulls_)
      if (pull.state == "open") found.push_back(pull_json(pull));
    return list(request, found);
  }
  if (path == "/pulls") {
    std::string head = body.value("head", ""), base = body.value("base", "");
    if (open_pull(head, base) != nullptr) return gitea_failure(409, "pull request already exists for these targets");
    Pull& pull = new_pull(std::move(head), std::move(base));
    pull.title = body.value("title", "");
    pull.draft = pull.title.substr(0, 5) == "WIP: ";
    if (pull.draft) pull.title.erase(0, 5);
    pull.body = body.value("body", "");
    return gitea_reply(201, pull_json(pull));
  }
  Pull* const pull = parts.size() > 2 ? find_pull(parse_integer(parts[2])) : nullptr;
  if (pull == nullptr) return gitea_failure(404, "The target couldn't be found.");
  if (parts.size() == 3 && request.method == "GET") return gitea_reply(200, pull_json(*pull));
  if (parts.size() == 3) {
    pull->title = body.value("title", pull->title);
    pull->body = body.value("body", pull->body);
    return gitea_reply(201, pull_json(*pull));
  }
  if (parts[3] == "commits") {
    json all = json::array({{{"sha", pull->sha}}});
    for (std::string const& sha : commits_[pull->number]) all.push_back({{"sha", sha}});
    return gitea_reply(200, all);
  }
  if (parts[3] == "labels") {
    for (json const& label : body["labels"]) pull->labels.push_back(label);
    return gitea_reply(200, json::array());
  }
  if (parts[3] == "requested_reviewers") {
    for (json const& reviewer : body["reviewers"]) pull->reviewers.push_back(reviewer);
    return gitea_reply(201, json::array());
  }
  if (parts[3] != "merge") return gitea_failure(404, "The target couldn't be found.");
  if (not_ready_yet-- > 0) return gitea_failure(405, "Please try again later");
  bool const later = merges_later && body.value("merge_when_checks_succeed", false);
  pull->merge = (later ? "later " : "") + body.value("Do", "");
  if (!later) pull->state = "merged";
  return {later ? 201 : 200, "", {}};
}

}  // namespace cml::test
