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
  struct Request {
    long long iid;
    std::string sha, state;
  };
  std::vector<Request> merge_requests;
  std::map<std::string, std::string> uploads;
  std::vector<Fault> faults;
  std::vector<std::string> requests;
  long long next_id = 500;

  ServerResponse route(FakeGitLab& fake, ServerRequest const& request);
  ServerResponse project_route(FakeGitLab& fake, ServerRequest const& request, std::string const& path);
  Note& add(std::string thread, std::string body, std::string created_at);
};

namespace {

ServerResponse answer(int status, json const& body) { return {status, body.dump(), {{"Content-Type", "application/json"}}}; }
ServerResponse failure(int status, std::string const& message) { return answer(status, {{"message", message}}); }

json note_json(FakeGitLab::Note const& note) {
  return {{"id", note.id},   {"body", note.body},     {"created_at", note.created_at}, {"updated_at", note.created_at},
          {"system", false}, {"type", "DiscussionNote"}, {"author", {{"id", 1}, {"username", "bot"}, {"name", "Bot"}}}};
}

ServerResponse page_of(bool totals, ServerRequest const& request, std::vector<json> const& elements) {
  auto const size = static_cast<std::size_t>(std::clamp<long long>(parse_integer(request.parameter("per_page")).value_or(20), 1, 100));
  auto const page = static_cast<std::size_t>(std::max<long long>(parse_integer(request.parameter("page")).value_or(1), 1));
  std::size_t const pages = std::max<std::size_t>((elements.size() + size - 1) / size, 1);
  json body = json::array();
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, elements.size()); ++i) body.push_back(elements[i]);
  ServerResponse response = answer(200, body);
  response.headers.emplace_back("X-Next-Page", page < pages ? std::to_string(page + 1) : "");
  if (totals) response.headers.emplace_back("X-Total-Pages", std::to_string(pages));
  return response;
}

}  // namespace

FakeGitLab::FakeGitLab(std::string project, std::string prefix) : state_(std::make_unique<State>()) {
  state_->project = std::move(project);
  state_->prefix = std::move(prefix);
  server_ = std::make_unique<HttpServer>([this](ServerRequest const& request) { return handle(request); });
}

FakeGitLab::~FakeGitLab() = default;

void FakeGitLab::fail(Fault fault) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->faults.push_back(std::move(fault));
}

FakeGitLab::Note& FakeGitLab::State::add(std::string thread, std::string body, std::string created_at) {
  Note note{next_id++, std::move(thread), "", std::move(body), std::move(created_at)};
  note.discussion = sha256_hex(std::to_string(note.id)).substr(0, 40);
  notes.push_back(std::move(note));
  return notes.back();
}

void FakeGitLab::add_note(std::string thread, std::string body) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->add(std::move(thread), std::move(body), "2026-01-02T03:04:05.000Z");
}

void FakeGitLab::add_merge_request(long long iid, std::string sha, std::string state) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->merge_requests.push_back({iid, std::move(sha), std::move(state)});
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

std::vector<std::string> FakeGitLab::requests() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return state_->requests;
}

ServerResponse FakeGitLab::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex_);
  state_->requests.push_back(request.method + " " + request.path);
  ServerResponse response;
  auto const fault = std::find_if(state_->faults.begin(), state_->faults.end(), [&](Fault const& f) {
    return f.method == request.method && contains(request.path, f.path_part);
  });
  if (fault != state_->faults.end()) {
    Fault const current = *fault;
    state_->faults.erase(fault);
    if (current.takes_effect) state_->route(*this, request);
    response = current.answer;
  } else {
    response = state_->route(*this, request);
  }
  response.headers.emplace_back("Date", http_date(std::chrono::system_clock::now()));
  return response;
}

ServerResponse FakeGitLab::State::route(FakeGitLab& fake, ServerRequest const& request) {
  std::string const api = prefix + "/api/v4";
  if (request.path.substr(0, api.size()) != api) return {404, "<html>not here</html>", {{"Content-Type", "text/html"}}};
  if (request.header("private-token") != "good-token") return failure(401, "401 Unauthorized");
  std::string const path = request.path.substr(api.size());
  if (path == "/version") return answer(200, {{"version", "18.0.0"}, {"revision", "abc"}});
  std::string const base = "/projects/" + percent_encode(project);
  if (path.substr(0, base.size()) != base) return failure(404, "404 Project Not Found");
  return project_route(fake, request, path.substr(base.size()));
}

ServerResponse FakeGitLab::State::project_route(FakeGitLab& fake, ServerRequest const& request, std::string const& path) {
  if (request.method == "POST" && path == "/uploads") {
    auto const at = request.body.find("filename=\"");
    if (at == std::string::npos || !contains(request.header("content-type"), "multipart/form-data")) return failure(400, "file is missing");
    std::string const name = request.body.substr(at + 10, request.body.find('"', at + 10) - at - 10);
    std::string const url = "/uploads/" + sha256_hex(request.body).substr(0, 32) + "/" + name;
    uploads[url] = request.body;
    return answer(201, {{"id", 5}, {"alt", name}, {"url", url}, {"full_path", "/-/project/1" + url}, {"markdown", "![](" + url + ")"}});
  }
  auto parts = split(path, '/');  // "", "merge_requests", "7", "notes", "12"
  bool const commit = parts.size() > 3 && parts[1] == "repository";
  if (commit) parts.erase(parts.begin() + 1);
  if (parts.size() < 4) return failure(404, "404 Not Found");
  std::string const thread = parts[1] + "/" + parts[2];
  if (commit && parts[3] == "merge_requests") {
    std::vector<json> found;
    for (Request const& one : merge_requests)
      if (one.sha == parts[2]) found.push_back({{"id", 1}, {"iid", one.iid}, {"state", one.state}, {"sha", one.sha}, {"title", "t"}});
    return page_of(fake.totals, request, found);
  }
  auto const number = parse_integer(parts[2]);
  if (!commit && (!number || *number > 900)) return failure(404, "404 Not found");
  json const body = json::parse(request.body, nullptr, false);
  if (parts.size() == 4 && request.method == "GET") {
    std::vector<json> found;
    for (Note const& note : notes) {
      if (note.thread != thread) continue;
      if (commit) found.push_back({{"id", note.discussion}, {"individual_note", true}, {"notes", json::array({note_json(note)})}});
      else found.push_back(note_json(note));
    }
    if (!commit && request.parameter("sort") != "asc") std::reverse(found.begin(), found.end());
    return page_of(fake.totals, request, found);
  }
  if (parts.size() == 4 && request.method == "POST") {
    std::string const text = body.value("body", "");
    if (text.size() >= 1'000'000) return failure(400, "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}");
    Note const& note = add(thread, text, replace_all(iso_time(std::chrono::system_clock::now()), "Z", ".000Z"));
    if (!commit) return answer(201, note_json(note));
    return answer(201, {{"id", note.discussion}, {"individual_note", false}, {"notes", json::array({note_json(note)})}});
  }
  auto const id = parse_integer(parts.back());
  auto const found = std::find_if(notes.begin(), notes.end(), [&](Note const& note) {
    return note.id == id && note.thread == thread && (!commit || (parts.size() == 7 && parts[4] == note.discussion));
  });
  if (found == notes.end()) return failure(404, "404 Note Not Found");
  if (request.method == "PUT") {
    found->body = body.value("body", "");
    return answer(200, note_json(*found));
  }
  if (request.method == "DELETE") {
    notes.erase(found);
    return {204, "", {}};
  }
  return failure(405, "405 Method Not Allowed");
}

}  // namespace cml::test
