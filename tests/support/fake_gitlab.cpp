#include "support/fake_gitlab.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::test {

using nlohmann::json;

struct FakeGitLab::State {
  std::string project, prefix;
  std::vector<Note> notes;
  std::map<std::string, std::string> uploads;
  std::vector<std::string> statuses;
  std::map<std::string, std::string> open_statuses;                    // Name to state.
  std::map<std::string, std::string> packages;                         // Address to bytes.
  std::map<std::string, std::map<std::string, std::string>> releases;  // Tag to links: name to address.
  long long next_id = 500;

  ServerResponse route(FakeGitLab& fake, ServerRequest const& request);
  ServerResponse project_route(FakeGitLab& fake, ServerRequest const& request, std::string const& path);
  Note& add(std::string thread, std::string body, std::string created_at, std::string author);
};

namespace {

ServerResponse gitlab_answer(int status, json const& body) {
  return {status, body.dump(), {{"Content-Type", "application/json"}}};
}
ServerResponse gitlab_failure(int status, std::string const& message) {
  return gitlab_answer(status, {{"message", message}});
}

json note_json(FakeGitLab::Note const& note, long long author) {
  return {{"id", note.id},
          {"body", note.body},
          {"created_at", note.created_at},
          {"updated_at", note.created_at},
          {"system", false},
          {"type", "DiscussionNote"},
          {"author", {{"id", author}, {"username", note.author}, {"name", note.author}}}};
}

// GitLab runs lines like "/close" outside code with the rights of whoever posts, and leaves them out of the note. It
// takes every "\r" out first, and knows as code only what stands between a line that begins with "```" and one that is
// just that.
std::string without_commands(std::string const& text, std::vector<std::string>& commands) {
  std::string rest;
  bool fenced = false, found = false;
  for (std::string const& line : split(replace_all(text, "\r", ""), '\n')) {
    if (fenced ? line == "```" : line.starts_with("```")) fenced = !fenced;
    bool const command = !fenced && line.size() > 1 && line[0] == '/' && line[1] >= 'a' && line[1] <= 'z' &&
                         line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 1) >= line.find(' ');
    found = found || command;
    if (command)
      commands.push_back(line);
    else
      rest += line + "\n";
  }
  return found ? std::string(trim(rest)) : text;
}

ServerResponse page_of(bool totals, ServerRequest const& request, std::vector<json> const& elements) {
  auto const size = static_cast<std::size_t>(
      std::clamp<long long>(parse_integer(request.parameter("per_page")).value_or(20), 1, 100));
  auto const page =
      static_cast<std::size_t>(std::max<long long>(parse_integer(request.parameter("page")).value_or(1), 1));
  std::size_t const pages = std::max<std::size_t>((elements.size() + size - 1) / size, 1);
  json body = json::array();
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, elements.size()); ++i) body.push_back(elements[i]);
  ServerResponse response = gitlab_answer(200, body);
  response.headers.emplace_back("X-Next-Page", page < pages ? std::to_string(page + 1) : "");
  if (totals) response.headers.emplace_back("X-Total-Pages", std::to_string(pages));
  return response;
}

}  // namespace

FakeGitLab::FakeGitLab(std::string project, std::string prefix) : state_(std::make_unique<State>()) {
  state_->project = std::move(project);
  state_->prefix = std::move(prefix);
  start();
}

FakeGitLab::~FakeGitLab() { stop(); }

namespace {
std::string thread_of(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target)) return "commits/" + commit->sha;
  if (auto const* pull = std::get_if<PullRequestTarget>(&target))
    return "merge_requests/" + std::to_string(pull->number);
  return "issues/" + std::to_string(std::get<IssueTarget>(target).number);
}
}  // namespace

std::vector<std::string> FakeGitLab::bodies(CommentTarget const& target) const {
  std::vector<std::string> result;
  for (Note const& note : notes(thread_of(target))) result.push_back(note.body);
  return result;
}

void FakeGitLab::add_body(CommentTarget const& target, std::string body, std::string author) {
  add_note(thread_of(target), std::move(body), std::move(author));
}

FakeGitLab::Note& FakeGitLab::State::add(std::string thread, std::string body, std::string created_at,
                                         std::string author) {
  Note note{next_id++, std::move(thread), "", std::move(body), std::move(created_at), std::move(author)};
  note.discussion = sha256_hex(std::to_string(note.id)).substr(0, 40);
  notes.push_back(std::move(note));
  return notes.back();
}

void FakeGitLab::add_note(std::string thread, std::string body, std::string author) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->add(std::move(thread), std::move(body), "2026-01-02T03:04:05.000Z", author_or_self(std::move(author)));
}

std::vector<FakeGitLab::Note> FakeGitLab::notes(std::string const& thread) const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::vector<Note> result;
  for (Note const& note : state_->notes)
    if (note.thread == thread) result.push_back(note);
  return result;
}

std::map<std::string, std::string> FakeGitLab::uploads() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return state_->uploads;
}

ServerResponse FakeGitLab::route(ServerRequest const& request, std::string const&) {
  return state_->route(*this, request);
}

ServerResponse FakeGitLab::State::route(FakeGitLab& fake, ServerRequest const& request) {
  std::string const api = prefix + "/api/v4";
  if (request.path.substr(0, api.size()) != api) return {404, "<html>not here</html>", {{"Content-Type", "text/html"}}};
  bool const of_job = fake.job_tokens.contains(request.header("job-token")) &&
                      (contains(request.path, "/packages/generic/") || request.path.ends_with("/releases"));
  if (!of_job && fake.tokens.count(request.header("private-token")) == 0)
    return gitlab_failure(401, "401 Unauthorized");
  std::string const path = request.path.substr(api.size());
  if (path == "/users") {  // One user, number 42.
    bool const known = request.parameter("username") == "ada";
    return gitlab_answer(
        200,
        known ? json::array({{{"id", 42}, {"username", "ada"}, {"name", "Ada"}, {"state", "active"}}}) : json::array());
  }
  if (path == "/user")
    return fake.token_may_ask
               ? gitlab_answer(200, {{"id", user_number(fake.token_user)}, {"username", fake.token_user}})
               : gitlab_failure(401, "401 Unauthorized");
  if (path == "/personal_access_tokens/self")
    return gitlab_answer(
        200, {{"id", 3}, {"scopes", json::array({"read_api", fake.token_may_ask ? "api" : "self_rotate"})}});
  if (path == "/version") return gitlab_answer(200, {{"version", "18.0.0"}, {"revision", "abc"}});
  std::string const base = "/projects/" + percent_encode(project);
  if (path.substr(0, base.size()) != base) return gitlab_failure(404, "404 Project Not Found");
  return project_route(fake, request, path.substr(base.size()));
}

ServerResponse FakeGitLab::release_route(ServerRequest const& request, std::string const& path) {
  auto const parts = split(path, '/');  // "", "releases", TAG, "assets", "links"
  json const body = json::parse(request.body, nullptr, false);
  auto const release_json = [](std::string const& tag) {
    return json{{"tag_name", tag}, {"name", tag}, {"description", "d"}};
  };
  if (parts.size() == 2) {
    std::string const tag = body.value("tag_name", "");
    if (body.value("ref", "") != "main" && !tags.contains(tag))
      return gitlab_failure(422, "Failed to create tag " + tag + ": invalid reference");
    std::map<std::string, std::string> links;
    for (json const& link : body.value("assets", json::object()).value("links", json::array())) {
      if (link.value("direct_asset_path", "") != "/" + link.value("name", "")) return gitlab_failure(400, "filepath");
      links[link.value("name", "")] = link.value("url", "");
    }
    if (!state_->releases.emplace(tag, links).second) return gitlab_failure(409, "Release already exists");
    descriptions[tag] = body.value("description", "");
    return gitlab_answer(201, release_json(tag));
  }
  std::string const tag = percent_decode(parts[2]);
  auto const release = state_->releases.find(tag);
  if (release == state_->releases.end()) return gitlab_failure(404, "404 Not Found");
  if (parts.size() == 3) return gitlab_answer(200, release_json(tag));
  if (parts.size() != 5 || parts[4] != "links") return gitlab_failure(404, "404 Not Found");
  auto& links = release->second;
  if (request.method == "GET") {
    std::vector<json> found;
    for (auto const& [name, url] : links)
      found.push_back({{"id", 1}, {"name", name}, {"url", url}, {"link_type", "image"}});
    return page_of(totals, request, found);
  }
  std::string const name = body.value("name", ""), url = body.value("url", "");
  if (body.value("direct_asset_path", "") != "/" + name || !contains(url, "://"))
    return gitlab_failure(400, "url is invalid");
  if (!links.emplace(name, url).second) return gitlab_failure(400, "Validation failed: Name has already been taken");
  return gitlab_answer(201, {{"id", 1},
                             {"name", name},
                             {"url", url},
                             {"direct_asset_url", "x"},
                             {"link_type", body.value("link_type", "other")}});
}

std::map<std::string, std::string> FakeGitLab::release_files() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::map<std::string, std::string> files;
  for (auto const& [tag, links] : state_->releases)
    for (auto const& [name, url] : links)
      for (auto const& [path, bytes] : state_->packages)
        if (url.size() > path.size() && url.substr(url.size() - path.size()) == path) files[name] = bytes;
  return files;
}

ServerResponse FakeGitLab::State::project_route(FakeGitLab& fake, ServerRequest const& request,
                                                std::string const& path) {
  if (path.empty())
    return gitlab_answer(200, {{"id", 1}, {"path_with_namespace", project}, {"default_branch", "main"}});
  if (path.substr(0, 9) == "/releases") return fake.release_route(request, path);
  if (request.method == "PUT" && path.substr(0, 18) == "/packages/generic/") {
    if (fake.one_package_a_name && packages.count(path) > 0)
      return gitlab_failure(403, "Duplicate package is not allowed");
    packages[path] = request.body;
    return gitlab_answer(201, {{"message", "201 Created"}});
  }
  if (request.method == "POST" && path == "/uploads") {
    auto const at = request.body.find("filename=\"");
    if (at == std::string::npos || !contains(request.header("content-type"), "multipart/form-data"))
      return gitlab_failure(400, "file is missing");
    std::string const name = request.body.substr(at + 10, request.body.find('"', at + 10) - at - 10);
    std::string const url = "/uploads/" + sha256_hex(request.body).substr(0, 32) + "/" + name;
    uploads[url] = request.body;
    return gitlab_answer(201, {{"id", 5},
                               {"alt", name},
                               {"url", url},
                               {"full_path", "/-/project/1" + url},
                               {"markdown", "![](" + url + ")"}});
  }
  json const body = json::parse(request.body, nullptr, false);
  auto parts = split(path, '/');  // "", "merge_requests", "7", "notes", "12"
  bool const commit = parts.size() > 3 && parts[1] == "repository";
  if (commit) parts.erase(parts.begin() + 1);
  bool const notes_of_one = parts.size() > 3 && parts[3] == "notes";
  if (parts.size() > 1 && parts[1] == "merge_requests" && !notes_of_one) return fake.merge_request_route(request, path);
  if (request.method == "POST" && parts.size() == 3 && parts[1] == "statuses") {
    std::string const state = body.value("state", ""), name = body.value("name", "default");
    if (state == "") return gitlab_failure(400, "state is missing");
    // One that is not over yet is the same status, which cannot become what it is.
    if (auto const before = open_statuses.find(name); before != open_statuses.end() && before->second == state)
      return gitlab_failure(400,
                            "Cannot transition status via :" + std::string(state == "running" ? "run" : "enqueue") +
                                " from :" + state + " (Reason(s): Status cannot transition via \"run\")");
    if (state == "running" || state == "pending")
      open_statuses[name] = state;
    else
      open_statuses.erase(name);
    statuses.push_back(request.body);
    return gitlab_answer(
        200, {{"id", 1}, {"sha", parts[2]}, {"status", body["state"]}, {"name", body.value("name", "default")}});
  }
  if (parts.size() > 2 && parts[1] == "pipelines") {
    if (parts[2] != "55") return gitlab_failure(404, "404 Not found");
    if (request.method == "POST") fake.pipeline_status = parts.back() == "retry" ? "running" : "canceled";
    return gitlab_answer(request.method == "POST" ? 201 : 200, {{"id", 55},
                                                                {"iid", 5},
                                                                {"project_id", 1},
                                                                {"sha", std::string(40, 'a')},
                                                                {"ref", "main"},
                                                                {"status", fake.pipeline_status}});
  }
  if (parts.size() < 4) return gitlab_failure(404, "404 Not Found");
  std::string const thread = parts[1] + "/" + parts[2];
  if (commit && parts[3] == "merge_requests") {
    std::vector<json> found;
    for (Pull const& one : fake.pulls_)
      if (one.sha == parts[2])
        found.push_back({{"id", 1},
                         {"iid", one.number},
                         {"state", one.state == "open" ? "opened" : one.state},
                         {"sha", one.sha},
                         {"title", "t"}});
    return page_of(fake.totals, request, found);
  }
  auto const number = parse_integer(parts[2]);
  if (!commit && (!number || *number > 900)) return gitlab_failure(404, "404 Not found");
  if (parts.size() == 4 && request.method == "GET") {
    std::vector<json> found;
    for (Note const& note : notes) {
      if (note.thread != thread) continue;
      if (commit)
        found.push_back({{"id", note.discussion},
                         {"individual_note", true},
                         {"notes", json::array({note_json(note, user_number(note.author))})}});
      else
        found.push_back(note_json(note, user_number(note.author)));
    }
    if (!commit && request.parameter("sort") != "asc") std::reverse(found.begin(), found.end());
    return page_of(fake.totals, request, found);
  }
  if (parts.size() == 4 && request.method == "POST") {
    std::string const text = body.value("body", "");
    if (text.size() >= 1'000'000)
      return gitlab_failure(400, "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}");
    std::string const rest = without_commands(text, fake.commands);
    if (rest.empty() && !text.empty())
      return gitlab_answer(202, {{"commands_changes", {{"state_event", "close"}}}, {"summary", {"Closed this."}}});
    Note const& note =
        add(thread, rest, replace_all(iso_time(std::chrono::system_clock::now()), "Z", ".000Z"), fake.token_user);
    if (!commit) return gitlab_answer(201, note_json(note, user_number(note.author)));
    return gitlab_answer(201, {{"id", note.discussion},
                               {"individual_note", false},
                               {"notes", json::array({note_json(note, user_number(note.author))})}});
  }
  auto const id = parse_integer(parts.back());
  auto const found = std::find_if(notes.begin(), notes.end(), [&](Note const& note) {
    return note.id == id && note.thread == thread && (!commit || (parts.size() == 7 && parts[4] == note.discussion));
  });
  if (found == notes.end()) return gitlab_failure(404, "404 Note Not Found");
  if (!fake.may_change(found->author)) return gitlab_failure(403, "403 Forbidden");
  if (request.method == "PUT") {
    found->body = body.value("body", "");
    return gitlab_answer(200, note_json(*found, user_number(found->author)));
  }
  if (request.method == "DELETE") {
    notes.erase(found);
    return {204, "", {}};
  }
  return gitlab_failure(405, "405 Method Not Allowed");
}

ServerResponse FakeGitLab::merge_request_route(ServerRequest const& request, std::string const& path) {
  json const body = json::parse(request.body, nullptr, false);
  auto const pull_json = [&](Pull const& pull) {
    return json{{"id", 1000 + pull.number},
                {"iid", pull.number},
                {"state", pull.state == "open" ? "opened" : pull.state},
                {"sha", pull.sha},
                {"title", pull.title},
                {"description", pull.body},
                {"source_branch", pull.source},
                {"target_branch", pull.target},
                {"source_project_id", 1},
                {"target_project_id", 1},
                {"rebase_in_progress", false},
                {"web_url", "http://" + request.header("host") + "/" + state_->project + "/-/merge_requests/" +
                                std::to_string(pull.number)}};
  };
  auto const parts = split(path, '/');  // "", "merge_requests", "7", "merge"
  if (parts.size() == 2) {
    if (request.method == "GET") {
      std::vector<json> found;
      for (Pull const& pull : pulls_)
        if (pull.state == "open" && percent_decode(request.parameter("source_branch")) == pull.source &&
            percent_decode(request.parameter("target_branch")) == pull.target)
          found.push_back(pull_json(pull));
      return page_of(totals, request, found);
    }
    std::string source = body.value("source_branch", ""), target = body.value("target_branch", "");
    if (open_pull(source, target) != nullptr)
      return gitlab_answer(
          409, {{"message", json::array({"Another open merge request already exists for this source branch: !1"})}});
    Pull& pull = new_pull(std::move(source), std::move(target));
    pull.title = body.value("title", "");
    pull.draft = pull.title.substr(0, 7) == "Draft: ";
    if (pull.draft) pull.title.erase(0, 7);
    pull.body = body.value("description", "");
    return gitlab_answer(201, pull_json(pull));
  }
  Pull* const pull = find_pull(parse_integer(parts[2]));
  if (pull == nullptr) return gitlab_failure(404, "404 Not found");
  if (parts.size() == 3) {
    if (request.method == "PUT") {
      pull->title = body.value("title", pull->title);
      pull->body = body.value("description", pull->body);
      for (json const& label : body.value("add_labels", json::array())) pull->labels.push_back(label);
      for (json const& id : body.value("reviewer_ids", json::array()))
        pull->reviewers.push_back(id == 42 ? "ada" : "?");
    }
    return gitlab_answer(200, pull_json(*pull));
  }
  if (parts[3] == "rebase") {
    pull->merge = "rebase";
    return gitlab_answer(202, {{"rebase_in_progress", true}});
  }
  if (parts[3] != "merge") return gitlab_failure(404, "404 Not found");
  bool const later = body.value("auto_merge", false) && body.value("merge_when_pipeline_succeeds", false);
  if (later && !merges_later) return gitlab_failure(405, "405 Method Not Allowed");
  std::string const method = body.value("squash", false) ? "squash" : pull->merge == "rebase" ? "rebase" : "merge";
  pull->merge = (later ? "later " : "") + method;
  if (!later) pull->state = "merged";
  return gitlab_answer(200, pull_json(*pull));
}

}  // namespace cml::test
