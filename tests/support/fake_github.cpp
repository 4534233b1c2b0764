#include "support/fake_github.hpp"

#include <algorithm>
#include <fstream>
#include <functional>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "support/fake_github_state.hpp"

namespace cml::test {

using nlohmann::json;

namespace {

ServerResponse answer(int status, json const& body) { return {status, body.dump(), {}}; }
ServerResponse github_failure(int status, std::string const& message) {
  return answer(status, {{"message", message},
                         {"documentation_url", "https://docs.github.com/rest"},
                         {"status", std::to_string(status)}});
}

// "issue 7" from "/issues/7/comments", "commit SHA" from "/commits/SHA/comments".
std::string github_thread_of(std::string const& path) {
  auto const parts = split(path, '/');
  if (parts.size() != 4 || parts[3] != "comments") return "";
  if (parts[1] == "issues") return "issue " + parts[2];
  return parts[1] == "commits" ? "commit " + parts[2] : "";
}

}  // namespace

FakeGitHub::FakeGitHub() : state_(std::make_unique<State>()) {
  token_user = "github-actions[bot]";
  token_may_ask = false;
  moderates = true;
  std::ifstream file(CML_SOURCE_DIR "/fixtures/forge/github/answers.json");
  state_->templates = json::parse(file);
  start();
}

FakeGitHub::~FakeGitHub() { stop(); }

namespace {
// A pull request's comments are its issue's.
std::string github_thread_of(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target)) return "commit " + commit->sha;
  auto const* pull = std::get_if<PullRequestTarget>(&target);
  return "issue " + std::to_string(pull != nullptr ? pull->number : std::get<IssueTarget>(target).number);
}
}  // namespace

std::vector<std::string> FakeGitHub::bodies(CommentTarget const& target) const {
  std::vector<std::string> result;
  for (StoredComment const& comment : comments(github_thread_of(target))) result.push_back(comment.body);
  return result;
}

void FakeGitHub::add_body(CommentTarget const& target, std::string body, std::string author) {
  add_comment(github_thread_of(target), std::move(body), std::move(author));
}

void FakeGitHub::add_branch(std::string const& name) {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::string const tree(40, '1'), commit = sha256_hex(name).substr(0, 40);
  state_->trees[tree] = {};
  state_->commit_trees[commit] = tree;
  state_->branches[name] = commit;
}

long long FakeGitHub::add_comment(std::string thread, std::string body, std::string author) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->comments.push_back(
      {state_->next_id, std::move(thread), std::move(body), "2026-01-02T03:04:05Z", author_or_self(std::move(author))});
  return state_->next_id++;
}

std::vector<FakeGitHub::StoredComment> FakeGitHub::comments(std::string const& thread) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::vector<StoredComment> result;
  for (StoredComment const& comment : state_->comments)
    if (comment.thread == thread) result.push_back(comment);
  return result;
}

std::map<std::string, std::string> FakeGitHub::branch_files(std::string const& branch) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::map<std::string, std::string> files;
  auto const found = state_->branches.find(branch);
  if (found == state_->branches.end()) return files;
  for (auto const& [path, blob] : state_->trees[state_->commit_trees[found->second]]) files[path] = state_->blobs[blob];
  return files;
}

void FakeGitHub::move_branch_before_next_update(bool on) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->race = on;
}

std::string FakeGitHub::api_path(std::string const& path) const {
  return path.substr(0, 7) == "/api/v3" ? path.substr(7) : path;
}

ServerResponse FakeGitHub::route(ServerRequest const& request, std::string const& path) {
  state_->host = request.header("host");
  ServerResponse response = state_->route(*this, request, path);
  response.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  response.headers.emplace_back("X-RateLimit-Limit", "5000");
  response.headers.emplace_back("X-RateLimit-Remaining", "4999");
  response.headers.emplace_back("X-GitHub-Request-Id", "0000:0000:0000:0000:0000");
  return response;
}

json FakeGitHub::State::user_json(std::string const& name) const {
  json user = templates["issue_comment"]["user"];
  user["id"] = user_number(name);
  user["login"] = name;
  user["type"] = contains(name, "[bot]") ? "Bot" : "User";
  return user;
}

std::string FakeGitHub::State::comment_url(StoredComment const& comment) const {
  bool const commit = comment.thread.substr(0, 7) == "commit ";
  std::string const thread = comment.thread.substr(comment.thread.find(' ') + 1);
  return "http://" + host + "/o/r/" +
         (commit ? "commit/" + thread + "#commitcomment-" : "pull/" + thread + "#issuecomment-") +
         std::to_string(comment.id);
}

json FakeGitHub::State::comment_json(StoredComment const& comment) const {
  bool const commit = comment.thread.substr(0, 7) == "commit ";
  json object = templates[commit ? "commit_comment" : "issue_comment"];
  object["id"] = comment.id;
  object["node_id"] = "NODE_" + std::to_string(comment.id);
  object["body"] = comment.body;
  object["created_at"] = object["updated_at"] = comment.created_at;
  object["author_association"] = "NONE";
  object["user"] = user_json(comment.author);
  object["html_url"] = comment_url(comment);
  if (commit) object["commit_id"] = comment.thread.substr(7);
  return object;
}

ServerResponse FakeGitHub::State::list(FakeGitHub& fake, ServerRequest const& request,
                                       std::vector<json> const& elements) {
  return list(fake, request, elements.size(), [&](std::size_t i) { return elements[i]; });
}

ServerResponse FakeGitHub::State::list(FakeGitHub& fake, ServerRequest const& request, std::size_t count,
                                       std::function<json(std::size_t)> const& element) {
  auto const size = static_cast<std::size_t>(
      std::clamp<long long>(parse_integer(request.parameter("per_page")).value_or(30), 1, 100));
  auto const page =
      static_cast<std::size_t>(std::max<long long>(parse_integer(request.parameter("page")).value_or(1), 1));
  std::size_t const pages = std::max<std::size_t>((count + size - 1) / size, 1);
  json body = json::array();
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, count); ++i) body.push_back(element(i));
  ServerResponse response = answer(200, body);
  std::string base = "http://" + host + request.path;
  if (fake.numeric_links) base = "http://" + host + replace_all(request.path, "/repos/o/r/", "/repositories/1/");
  auto const url = [&](std::size_t number) {
    return "<" + base + "?per_page=" + std::to_string(size) + "&page=" + std::to_string(number) + ">; rel=";
  };
  if (page < pages) response.headers.emplace_back("Link", url(page + 1) + "\"next\", " + url(pages) + "\"last\"");
  return response;
}

// Somebody else's commit arrives just before ours.
void FakeGitHub::State::move_branch(std::string const& branch) {
  race = false;
  auto files = branches.count(branch) ? trees[commit_trees[branches[branch]]] : std::map<std::string, std::string>{};
  blobs["0ther"] = "other";
  blobs["0ther-index"] = blobs[files["index.txt"]] + "aa/other.png\n";
  files["aa/other.png"] = "0ther";
  files["index.txt"] = "0ther-index";
  trees["0ther-tree"] = files;
  commit_trees["0ther-commit"] = "0ther-tree";
  if (branches.count(branch) > 0) parents["0ther-commit"] = branches[branch];
  branches[branch] = "0ther-commit";
}

// The blob's name.
std::string FakeGitHub::State::commit_file(std::string const& branch, std::string const& file,
                                           std::string const& bytes) {
  auto files = trees[commit_trees[branches[branch]]];
  std::string const sha = sha256_hex("blob" + bytes).substr(0, 40);
  blobs[sha] = bytes;
  files[file] = sha;
  std::string const tree = sha256_hex("tree" + json(files).dump()).substr(0, 40),
                    commit = sha256_hex("commit" + tree + branches[branch]).substr(0, 40);
  trees[tree] = files;
  commit_trees[commit] = tree;
  parents[commit] = branches[branch];
  branches[branch] = commit;
  return sha;
}

ServerResponse FakeGitHub::State::put_contents(std::string const& file, json const& body) {
  std::string const branch = body.value("branch", "main");
  auto const bytes = base64_decode(body.value("content", ""));
  if (branches.count(branch) == 0) return github_failure(404, "Branch " + branch + " not found");
  if (!bytes) return github_failure(422, "content is not valid Base64");
  auto const& files = trees[commit_trees[branches[branch]]];
  if (auto const there = files.find(file); there != files.end() && there->second != body.value("sha", ""))
    return github_failure(409, file + " does not match");
  json object = templates["content_file"];
  object["path"] = file;
  object["sha"] = commit_file(branch, file, *bytes);
  return answer(201, {{"content", object}, {"commit", templates["git_commit"]}});
}

ServerResponse FakeGitHub::State::git_data(ServerRequest const& request, std::string const& path) {
  json const body = json::parse(request.body, nullptr, false);
  auto const sha_of = [](std::string const& text) { return sha256_hex(text).substr(0, 40); };
  auto const ref_json = [&](std::string const& branch) {
    json object = templates["git_ref"];
    object["ref"] = "refs/heads/" + branch;
    object["object"]["sha"] = branches[branch];
    object["object"]["type"] = "commit";
    return object;
  };
  if (request.method == "GET" && percent_decode(path).substr(0, 15) == "/git/ref/heads/") {
    std::string const branch = percent_decode(path).substr(15);
    return branches.count(branch) ? answer(200, ref_json(branch)) : github_failure(404, "Not Found");
  }
  if (request.method == "GET" && path.substr(0, 13) == "/git/commits/") {
    auto const found = commit_trees.find(path.substr(13));
    if (found == commit_trees.end()) return github_failure(404, "Not Found");
    json object = templates["git_commit"];
    object["sha"] = found->first;
    object["tree"]["sha"] = found->second;
    return answer(200, object);
  }
  if (request.method == "POST" && path == "/git/blobs") {
    auto const bytes = base64_decode(body.value("content", ""));
    if (!bytes) return github_failure(422, "content is not valid Base64");
    std::string const sha = sha_of("blob" + *bytes);
    blobs[sha] = *bytes;
    json object = templates["blob"];
    object["sha"] = sha;
    return answer(201, object);
  }
  if (request.method == "POST" && path == "/git/trees") {
    std::map<std::string, std::string> files;
    if (body.contains("base_tree")) files = trees[body["base_tree"]];
    for (json const& entry : body["tree"]) {
      std::string sha = entry.value("sha", "");
      if (entry.contains("content")) {
        std::string const content = entry["content"];
        blobs[sha = sha_of("blob" + content)] = content;
      }
      if (!blobs.count(sha)) return github_failure(422, "tree.sha " + sha + " is not a valid blob");
      files[entry["path"]] = sha;
    }
    std::string const sha = sha_of("tree" + json(files).dump());
    trees[sha] = files;
    json object = templates["git_tree"];
    object["sha"] = sha;
    return answer(201, object);
  }
  if (request.method == "POST" && path == "/git/commits") {
    std::string const sha = sha_of("commit" + request.body);
    commit_trees[sha] = body["tree"];
    if (json const& before = body["parents"]; before.is_array() && !before.empty()) parents[sha] = before[0];
    json object = templates["git_commit"];
    object["sha"] = sha;
    object["message"] = body["message"];
    return answer(201, object);
  }
  bool const create = request.method == "POST" && path == "/git/refs";
  std::string const decoded = percent_decode(path);
  if (create || (request.method == "PATCH" && decoded.substr(0, 16) == "/git/refs/heads/")) {
    std::string const branch = create ? body["ref"].get<std::string>().substr(11) : decoded.substr(16);
    if (race) {
      move_branch(branch);
      return github_failure(422, create ? "Reference already exists" : "Update is not a fast forward");
    }
    if (create && branches.count(branch)) return github_failure(422, "Reference already exists");
    if (!create && !branches.count(branch)) return github_failure(422, "Reference does not exist");
    if (!create && !body.value("force", false)) {
      std::string at = body["sha"];
      while (at != branches[branch] && parents.count(at) > 0) at = parents[at];
      if (at != branches[branch]) return github_failure(422, "Update is not a fast forward");
    }
    branches[branch] = body["sha"];
    return answer(create ? 201 : 200, ref_json(branch));
  }
  return github_failure(404, "Not Found");
}

ServerResponse FakeGitHub::State::route(FakeGitHub& fake, ServerRequest const& request, std::string const& full_path) {
  std::string const authorization = request.header("authorization");
  std::string const token =
      authorization.substr(std::min<std::size_t>(authorization.find(' ') + 1, authorization.size()));
  bool const reads_only = fake.read_only_tokens.count(token) > 0;
  if (fake.tokens.count(token) == 0 && !reads_only) return github_failure(401, "Bad credentials");
  if (request.method == "POST" && (full_path == "/api/graphql" || full_path == "/graphql"))
    return fake.graphql_route(request, reads_only);
  if (reads_only && request.method != "GET") {
    ServerResponse response = github_failure(403, "Resource not accessible by integration");
    response.headers.emplace_back("X-Accepted-GitHub-Permissions", contains(full_path, "/git/")
                                                                       ? "contents=write"
                                                                       : "issues=write; pull_requests=write");
    return response;
  }
  json const body = json::parse(request.body, nullptr, false);
  if (full_path == "/user")
    return fake.token_may_ask ? answer(200, user_json(fake.token_user))
                              : github_failure(403, "Resource not accessible by integration");
  if (full_path == "/gists" && request.method == "POST")
    return answer(
        201, {{"id", "1"}, {"html_url", "http://" + host + "/gist/1"}, {"files", body.value("files", json::object())}});
  std::string path;
  for (std::string const prefix : {"/repos/o/r", "/repositories/1"})
    if (full_path.substr(0, prefix.size()) == prefix) path = full_path.substr(prefix.size());
  if (full_path == "/user-attachments/assets" && request.method == "POST" && token.substr(0, 4) == "ghs_")
    return github_failure(404, "Not Found");
  if (full_path == "/user-attachments/assets" && request.method == "POST")
    return answer(201,
                  {{"url", "http://" + host + "/user-attachments/assets/" + sha256_hex(request.body).substr(0, 32)}});
  if (full_path == "/repos/o/r") {
    json object = templates["pull_request"]["base"]["repo"];
    object["full_name"] = "o/r";
    object["default_branch"] = "main";
    object["private"] = fake.is_private;
    object["html_url"] = "http://" + host + "/o/r";
    object["permissions"] = {{"admin", false}, {"push", !reads_only}, {"pull", true}};
    ServerResponse told = answer(200, object);
    told.headers.emplace_back("X-OAuth-Scopes", "public_repo, workflow");
    return told;
  }
  if (path.empty()) return github_failure(404, "Not Found");
  if (path.substr(0, 5) == "/git/") return git_data(request, path);
  if (path.substr(0, 6) == "/pulls" ||
      (path.size() > 7 && path.substr(0, 8) == "/issues/" && path.substr(path.size() - 7) == "/labels"))
    return fake.pull_route(request, path);
  if (path.substr(0, 9) == "/releases") return fake.release_route(request, path);
  if (request.method == "PUT" && path.substr(0, 10) == "/contents/")
    return put_contents(percent_decode(path.substr(10)), body);
  if (request.method == "POST" && path.substr(0, 10) == "/statuses/")
    return answer(201, {{"id", 1}, {"state", body.value("state", "")}, {"context", body.value("context", "default")}});
  if (request.method == "GET" && path == "/actions/runs")
    return answer(200, {{"total_count", 1}, {"workflow_runs", json::array({templates["workflow_run"]})}});
  if (request.method == "GET" && path.substr(0, 10) == "/branches/" && contains(path, "/protection"))
    return github_failure(404, "Branch not protected");
  if (request.method == "GET" && path.substr(0, 10) == "/contents/") {
    auto const found = branches.find(percent_decode(request.parameter("ref")));
    if (found == branches.end()) return github_failure(404, "No commit found for the ref " + request.parameter("ref"));
    auto const& files = trees[commit_trees[found->second]];
    auto const file = files.find(percent_decode(path.substr(10)));
    if (file == files.end()) return github_failure(404, "Not Found");
    json object = templates["content_file"];
    object["content"] = base64_encode(blobs[file->second]) + "\n";
    object["encoding"] = "base64";
    object["path"] = file->first;
    return answer(200, object);
  }
  if (request.method == "GET" && path.substr(0, 9) == "/commits/" && path.size() > 6 &&
      path.substr(path.size() - 6) == "/pulls") {
    std::string const sha = path.substr(9, path.size() - 15);
    std::vector<json> found;
    for (Pull const& pull : fake.pulls_) {
      if (pull.sha != sha || !pull.owner.empty()) continue;  // Those of forks are not found by their commits.
      json object = templates["pull_request_simple"];
      object["number"] = pull.number;
      object["state"] = pull.state;
      object["head"]["sha"] = pull.sha;
      found.push_back(std::move(object));
    }
    return list(fake, request, found);
  }
  if ((request.method == "POST" && path == "/check-runs") || (request.method == "PATCH" && path == "/check-runs/4")) {
    // As GitHub: at most 50 at once, of paths in the repository.
    if (body.contains("output") && body["output"].contains("annotations")) {
      json const& annotations = body["output"]["annotations"];
      bool good = annotations.size() <= 50;
      for (json const& one : annotations)
        good = good && !one["path"].get<std::string>().starts_with("/") && !one["message"].get<std::string>().empty() &&
               one["start_line"] >= 1 && one["end_line"] >= one["start_line"] && one["title"].size() <= 255;
      if (!good) return github_failure(422, "Invalid request.");
    }
    json object = templates["check_run"];
    object["id"] = 4;
    for (char const* key : {"name", "head_sha", "status", "conclusion"})
      if (body.contains(key)) object[key] = body[key];
    object["html_url"] = "http://" + host + "/o/r/runs/4";
    fake.checks.push_back(request.body);
    return answer(request.method == "POST" ? 201 : 200, object);
  }
  if (path.substr(0, 14) == "/actions/runs/") {
    if (path.substr(0, 16) != "/actions/runs/55") return github_failure(404, "Not Found");
    if (request.method == "POST" && contains(path, "/cancel")) run_status = "cancelling";
    if (request.method == "POST" && contains(path, "/rerun")) run_status = "queued";
    if (request.method == "POST") return answer(contains(path, "/rerun") ? 201 : 202, json::object());
    json object = templates["workflow_run"];
    object["status"] = run_status == "cancelling" ? "in_progress" : run_status;
    if (run_status == "cancelling") run_status = "completed";
    return answer(200, object);
  }
  if (std::string const thread = github_thread_of(path); !thread.empty()) {
    auto const number = parse_integer(thread.substr(thread.find(' ') + 1));
    if (thread[0] == 'i' && (!number || *number > 900)) return github_failure(404, "Not Found");
    if (request.method == "GET") {
      std::vector<StoredComment const*> found;
      for (StoredComment const& comment : comments)
        if (comment.thread == thread) found.push_back(&comment);
      return list(fake, request, found.size(), [&](std::size_t i) { return comment_json(*found[i]); });
    }
    if (request.method == "POST") {
      std::string const text = body.value("body", "");
      if (text.empty()) return github_failure(422, "Validation Failed");
      if (utf8_length(text) > fake.comment_limit) {
        json error = json::parse(github_failure(422, "Validation Failed").body);
        error["errors"] = json::array(
            {{{"resource", "IssueComment"},
              {"code", "unprocessable"},
              {"field", "data"},
              {"message", "Body is too long (maximum is " + std::to_string(fake.comment_limit) + " characters)"}}});
        return answer(422, error);
      }
      comments.push_back({next_id++, thread, text, iso_time(std::chrono::system_clock::now()), fake.token_user});
      return answer(201, comment_json(comments.back()));
    }
  }
  auto const slash = path.rfind('/');
  std::string const folder = path.substr(0, slash);
  if (folder == "/issues/comments" || folder == "/comments") {
    auto const id = parse_integer(path.substr(slash + 1));
    auto const found =
        std::find_if(comments.begin(), comments.end(), [&](StoredComment const& c) { return id == c.id; });
    if (found == comments.end()) return github_failure(404, "Not Found");
    if (request.method != "GET" && !fake.may_change(found->author))
      return github_failure(403, "Must have admin rights to Repository.");
    if (request.method == "PATCH") {
      found->body = body.value("body", "");
      return answer(200, comment_json(*found));
    }
    if (request.method == "DELETE") {
      comments.erase(found);
      return {204, "", {}};
    }
  }
  return github_failure(404, "Not Found");
}

namespace {
std::string decoded_parameter(ServerRequest const& request, std::string const& name) {
  return percent_decode(request.parameter(name));
}
}  // namespace

ServerResponse FakeGitHub::pull_route(ServerRequest const& request, std::string const& path) {
  json const body = json::parse(request.body, nullptr, false);
  auto const pull_json = [&](Pull const& pull) {
    json object = state_->templates["pull_request"];
    object["number"] = pull.number;
    object["node_id"] = "PR_" + std::to_string(pull.number);
    object["html_url"] = "http://" + state_->host + "/o/r/pull/" + std::to_string(pull.number);
    object["state"] = pull.state == "open" ? "open" : "closed";
    object["title"] = pull.title;
    object["body"] = pull.body;
    object["draft"] = pull.draft;
    object["head"]["ref"] = pull.source;
    object["head"]["sha"] = pull.sha;
    object["base"]["ref"] = pull.target;
    return object;
  };
  auto const parts = split(path, '/');  // "", "pulls", "7", "merge"
  if (parts.size() == 2) {
    if (request.method == "GET") {
      std::vector<json> found;
      for (Pull const& pull : pulls_) {
        if (pull.state != "open" ||
            (!request.parameter("head").empty() &&
             decoded_parameter(request, "head") != (pull.owner.empty() ? "o" : pull.owner) + ":" + pull.source))
          continue;
        if (!request.parameter("base").empty() && decoded_parameter(request, "base") != pull.target) continue;
        json object = state_->templates["pull_request_simple"];
        json const full = pull_json(pull);
        for (char const* key : {"number", "node_id", "html_url", "state", "title", "body"}) object[key] = full[key];
        object["head"]["ref"] = pull.source;
        object["head"]["sha"] = pull.sha;
        object["base"]["ref"] = pull.target;
        found.push_back(std::move(object));
      }
      return state_->list(*this, request, found);
    }
    std::string head = body.value("head", ""), base = body.value("base", "");
    if (open_pull(head, base) != nullptr) {
      json error = json::parse(github_failure(422, "Validation Failed").body);
      error["errors"] = json::array({{{"resource", "PullRequest"},
                                      {"code", "custom"},
                                      {"message", "A pull request already exists for o:" + head + "."}}});
      return answer(422, error);
    }
    Pull& pull = new_pull(std::move(head), std::move(base));
    if (state_->branches.count(pull.source)) pull.sha = state_->branches[pull.source];
    pull.title = body.value("title", "");
    pull.body = body.contains("body") && body["body"].is_string() ? body["body"].get<std::string>() : "";
    pull.draft = body.value("draft", false);
    return answer(201, pull_json(pull));
  }
  Pull* const pull = find_pull(parse_integer(parts[2]));
  if (pull == nullptr) return github_failure(404, "Not Found");
  if (parts.size() == 3) {
    if (request.method == "PATCH") {
      pull->title = body.value("title", pull->title);
      pull->body = body.value("body", pull->body);
    }
    return answer(200, pull_json(*pull));
  }
  if (parts[3] == "labels") {
    for (json const& label : body["labels"]) pull->labels.push_back(label);
    return answer(200, json::array());
  }
  if (parts[3] == "requested_reviewers") {
    for (json const& reviewer : body["reviewers"]) pull->reviewers.push_back(reviewer);
    for (json const& team : body["team_reviewers"]) pull->reviewers.push_back("team " + team.get<std::string>());
    return answer(201, pull_json(*pull));
  }
  if (parts[3] == "merge") {
    pull->merge = body.value("merge_method", "merge");
    pull->state = "merged";
    return answer(200,
                  {{"sha", std::string(40, 'e')}, {"merged", true}, {"message", "Pull Request successfully merged"}});
  }
  return github_failure(404, "Not Found");
}

ServerResponse FakeGitHub::release_route(ServerRequest const& request, std::string const& path) {
  auto const asset_json = [&](State::Release const& release, std::string const& name) {
    json object = state_->templates["release_asset"];
    object["name"] = name;
    object["state"] = "uploaded";
    object["browser_download_url"] = "http://" + state_->host + "/o/r/releases/download/" + release.tag + "/" + name;
    return object;
  };
  auto const release_json = [&](State::Release const& release) {
    json object = state_->templates["release"];
    object["id"] = release.id;
    object["tag_name"] = release.tag;
    object["upload_url"] = "http://" + state_->host + request.path.substr(0, request.path.find("/releases")) +
                           "/releases/" + std::to_string(release.id) + "/assets{?name,label}";
    object["assets"] = json::array();
    for (auto const& [name, bytes] : release.files) object["assets"].push_back(asset_json(release, name));
    return object;
  };
  auto const parts = split(path, '/');  // "", "releases", "tags", TAG | ID, "assets"
  if (parts.size() == 2 && request.method == "POST") {
    json const body = json::parse(request.body, nullptr, false);
    std::string const tag = body.value("tag_name", "");
    for (State::Release const& release : state_->releases)
      if (release.tag == tag) {
        json error = json::parse(github_failure(422, "Validation Failed").body);
        error["errors"] = json::array({{{"resource", "Release"}, {"code", "already_exists"}, {"field", "tag_name"}}});
        return answer(422, error);
      }
    state_->releases.push_back({static_cast<long long>(state_->releases.size()) + 1, tag, {}});
    return answer(201, release_json(state_->releases.back()));
  }
  for (State::Release& release : state_->releases) {
    if (parts.size() == 4 && parts[2] == "tags" && percent_decode(parts[3]) == release.tag)
      return answer(200, release_json(release));
    if (parts.size() != 4 || parts[2] != std::to_string(release.id) || parts[3] != "assets") continue;
    std::vector<json> found;
    if (request.method == "GET") {
      for (auto const& [name, bytes] : release.files) found.push_back(asset_json(release, name));
      return state_->list(*this, request, found);
    }
    std::string const name = decoded_parameter(request, "name");
    if (!release.files.emplace(name, request.body).second) {
      json error = json::parse(github_failure(422, "Validation Failed").body);
      error["errors"] = json::array({{{"resource", "ReleaseAsset"}, {"code", "already_exists"}, {"field", "name"}}});
      return answer(422, error);
    }
    return answer(201, asset_json(release, name));
  }
  return github_failure(404, "Not Found");
}

std::map<std::string, std::string> FakeGitHub::release_files() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::map<std::string, std::string> files;
  for (State::Release const& release : state_->releases) files.insert(release.files.begin(), release.files.end());
  return files;
}

}  // namespace cml::test
