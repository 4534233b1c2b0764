#include "support/fake_bitbucket.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::test {
namespace {

using nlohmann::json;
constexpr std::size_t kPage = 10;
constexpr long long kLongestPage = 100;

ServerResponse reply(int status, json const& body) {
  return {status, body.dump(), {{"Content-Type", "application/json"}}};
}
ServerResponse failure(int status, std::string const& message) {
  return reply(status, {{"type", "error"}, {"error", {{"message", message}}}});
}

ServerResponse page(ServerRequest const& request, std::vector<json> const& all) {
  auto const number = static_cast<std::size_t>(std::max(1LL, parse_integer(request.parameter("page")).value_or(1)));
  auto const size = static_cast<std::size_t>(
      std::clamp<long long>(parse_integer(request.parameter("pagelen")).value_or(kPage), 1, kLongestPage));
  json values = json::array();
  for (std::size_t i = (number - 1) * size; i < std::min(all.size(), number * size); ++i) values.push_back(all[i]);
  json body{{"values", values}, {"page", number}, {"pagelen", size}};
  if (all.size() > kPage && !values.empty())  // Also behind the last page.
    body["next"] = "http://" + request.header("host") + request.path + "?pagelen=" + std::to_string(size) +
                   "&page=" + std::to_string(number + 1);
  return reply(200, body);
}

std::string thread_of(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target)) return "/commit/" + commit->sha + "/comments";
  auto const* pull = std::get_if<PullRequestTarget>(&target);
  return "/pullrequests/" + std::to_string(pull != nullptr ? pull->number : 0) + "/comments";
}

json pull_json(FakeForge::Pull const& pull) {
  json reviewers = json::array();
  for (std::string const& reviewer : pull.reviewers) reviewers.push_back({{"type", "user"}, {"uuid", reviewer}});
  json const repository{{"type", "repository"}, {"full_name", "w/r"}};
  return {{"type", "pullrequest"},
          {"id", pull.number},
          {"state", pull.state == "open" ? "OPEN" : "MERGED"},
          {"title", pull.title},
          {"draft", pull.draft},
          {"source",
           {{"branch", {{"name", pull.source}}},
            {"commit", {{"hash", pull.sha.substr(0, 12)}}},
            {"repository", repository}}},
          {"destination", {{"branch", {{"name", pull.target}}}, {"repository", repository}}},
          {"reviewers", reviewers},
          {"links", {{"html", {{"href", "https://bitbucket.org/w/r/pull-requests/" + std::to_string(pull.number)}}}}}};
}

}  // namespace

FakeBitbucket::FakeBitbucket() { start(); }
FakeBitbucket::~FakeBitbucket() { stop(); }

std::vector<std::string> FakeBitbucket::bodies(CommentTarget const& target) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::vector<std::string> result;
  for (StoredComment const& comment : comments_)
    if (comment.thread == thread_of(target)) result.push_back(comment.body);
  return result;
}

void FakeBitbucket::add_body(CommentTarget const& target, std::string body, std::string author) {
  std::lock_guard<std::mutex> const lock(mutex_);
  comments_.push_back({next_id_++, thread_of(target), std::move(body), "2026-01-02T03:04:05.000000+00:00",
                       author_or_self(std::move(author))});
}

std::map<std::string, std::string> FakeBitbucket::downloads() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return downloads_;
}

std::vector<std::string> FakeBitbucket::statuses() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return statuses_;
}

std::vector<std::string> FakeBitbucket::pipelines() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return pipelines_;
}

ServerResponse FakeBitbucket::route(ServerRequest const& request, std::string const& full_path) {
  if (logins.count(request.header("authorization")) == 0)
    return failure(401, "Token is invalid or not supported for this endpoint.");
  if (full_path == "/user")
    return token_may_ask ? reply(200, user_json(token_user))
                         : failure(403, "This API is only accessible with the following scopes: account");
  std::string const base = "/repositories/w/r";
  if (full_path.substr(0, base.size()) != base) return failure(404, "Repository not found");
  std::string const path = full_path.substr(base.size());
  if (path.empty())
    return {200,
            json{{"type", "repository"}, {"full_name", "w/r"}}.dump(),
            {{"X-OAuth-Scopes", "pullrequest:write, repository:write"}}};
  if (path == "/downloads") {
    auto const at = request.body.find("filename=\"");
    if (at == std::string::npos) return failure(400, "no file");
    downloads_[request.body.substr(at + 10, request.body.find('"', at + 10) - at - 10)] = request.body;
    return {201, "", {}};
  }
  if (path.substr(0, 10) == "/pipelines") {
    json const pipeline{{"type", "pipeline"},
                        {"uuid", "{55}"},
                        {"build_number", 55},
                        {"target", {{"type", "pipeline_ref_target"}, {"ref_type", "branch"}, {"ref_name", "main"}}}};
    if (request.method == "GET")
      return path == "/pipelines/%7B55%7D" ? reply(200, pipeline) : failure(404, "Not Found");
    pipelines_.push_back(request.body);
    return reply(201, pipeline);
  }
  if (contains(path, "/statuses/build")) {
    statuses_.push_back(request.body);
    return reply(201, json::parse(request.body));
  }
  if (contains(path, "/pullrequests") && contains(path, "/commit/")) {
    std::string const sha = split(path, '/').at(2);
    std::vector<json> found;
    for (Pull const& pull : pulls_)
      if (pull.sha.substr(0, sha.size()) == sha) found.push_back(pull_json(pull));
    return page(request, found);
  }
  if (path.size() > 9 && contains(path, "/comments")) return comment_route(request, path);
  return path.substr(0, 13) == "/pullrequests" ? pull_route(request, path) : failure(404, "Not Found");
}

json FakeBitbucket::user_json(std::string const& name) const {
  std::string const number = "{" + std::to_string(user_number(name)) + "}";
  return {{"type", name == token_user ? token_type : "user"}, {"uuid", number}, {"display_name", name}};
}

ServerResponse FakeBitbucket::comment_route(ServerRequest const& request, std::string const& path) {
  auto const comment_json = [&](StoredComment const& comment) {
    return json{{"type", "pullrequest_comment"},
                {"id", comment.id},
                {"user", user_json(comment.author)},
                {"created_on", comment.created_at},
                {"updated_on", comment.created_at},
                {"content", {{"raw", comment.body}, {"markup", "markdown"}, {"html", "<p>x</p>"}}},
                {"deleted", false},
                {"links", {{"html", {{"href", "https://bitbucket.org/w/r/c/" + std::to_string(comment.id)}}}}}};
  };
  json const body = json::parse(request.body, nullptr, false);
  if (path.substr(path.size() - 9) == "/comments") {
    auto const number = parse_integer(split(path, '/').at(2));
    if (path[1] == 'p' && (!number || *number > 900)) return failure(404, "Not Found");
    if (request.method == "GET") {
      std::vector<json> found;
      for (StoredComment const& comment : comments_)
        if (comment.thread == path) found.push_back(comment_json(comment));
      return page(request, found);
    }
    std::string const raw = body["content"]["raw"];
    if (utf8_length(raw) > 32'768) return {400, "<html>Bad Request</html>", {}};
    comments_.push_back({next_id_++, path, raw,
                         replace_all(iso_time(std::chrono::system_clock::now()), "Z", ".000000+00:00"), token_user});
    return reply(201, comment_json(comments_.back()));
  }
  auto const slash = path.rfind('/');
  auto const found = std::find_if(comments_.begin(), comments_.end(), [&](StoredComment const& comment) {
    return comment.thread == path.substr(0, slash) && std::to_string(comment.id) == path.substr(slash + 1);
  });
  if (found == comments_.end()) return failure(404, "Not Found");
  if (!may_change(found->author)) return failure(403, "You do not have access to edit this comment.");
  if (request.method == "PUT") {
    found->body = body["content"]["raw"];
    return reply(contains(path, "/commit/") ? 201 : 200, comment_json(*found));  // As documented.
  }
  comments_.erase(found);
  return {204, "", {}};
}

ServerResponse FakeBitbucket::pull_route(ServerRequest const& request, std::string const& path) {
  json const body = json::parse(request.body, nullptr, false);
  auto const parts = split(path, '/');  // "", "pullrequests", "7", "merge", "task-status", ID
  if (parts.size() == 2) {
    if (request.method == "GET") {
      std::vector<json> found;
      for (Pull const& pull : pulls_)
        if (pull.state == "open") found.push_back(pull_json(pull));
      return page(request, found);
    }
    std::string source = body["source"]["branch"]["name"], target = body["destination"]["branch"]["name"];
    if (Pull* const there = open_pull(source, target))
      return reply(200, pull_json(*there));  // Bitbucket updates what is there.
    Pull& pull = new_pull(std::move(source), std::move(target));
    pull.title = body.value("title", "");
    pull.body = body.value("description", "");
    pull.draft = body.value("draft", false);
    return reply(201, pull_json(pull));
  }
  Pull* const pull = find_pull(parse_integer(parts[2]));
  if (pull == nullptr) return failure(404, "Not Found");
  if (parts.size() == 3) {
    if (request.method == "PUT") {
      pull->title = body.value("title", pull->title);
      pull->body = body.value("description", pull->body);
      pull->reviewers.clear();
      for (json const& one : body.value("reviewers", json::array()))
        pull->reviewers.push_back(one.value("uuid", one.value("account_id", "")));
    }
    return reply(200, pull_json(*pull));
  }
  if (parts.size() == 6) {
    bool const pending = merging_;
    merging_ = false;
    if (!pending) pull->state = "merged";
    return reply(200, {{"task_status", pending ? "PENDING" : "SUCCESS"},
                       {"links", {{"self", {{"href", "https://api.bitbucket.org/x"}}}}}});
  }
  std::string const strategy = body.value("merge_strategy", "");
  pull->merge = strategy == "merge_commit" ? "merge" : strategy == "fast_forward" ? "rebase" : strategy;
  merging_ = true;
  return {202,
          "",
          {{"Content-Type", "text/plain"},
           {"Location", "https://api.bitbucket.org/2.0" + request.path + "/task-status/t1"}}};
}

}  // namespace cml::test
