#include "support/fakes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <exception>

namespace cml::test {
namespace fs = std::filesystem;

FakeHttp::~FakeHttp() {
  if (std::uncaught_exceptions() > 0) return;
  for (Expectation const& left : expectations_)
    FAIL_CHECK("expected request was not sent: " << left.method << " " << left.url);
}

void FakeHttp::expect(std::string method, std::string url, Result<HttpResponse> answer) {
  expectations_.push_back({std::move(method), std::move(url), std::move(answer)});
}

Result<HttpResponse> FakeHttp::send(HttpRequest const& request) {
  sent.push_back(request);
  auto const found = std::find_if(expectations_.begin(), expectations_.end(), [&](Expectation const& e) {
    return e.method == request.method && e.url == request.url;
  });
  if (found == expectations_.end()) {
    FAIL_CHECK("request without expectation: " << request.method << " " << request.url << "\n"
                                               << request.body.substr(0, 400));
    return Error{ErrorKind::Bug, "request without expectation"};
  }
  auto answer = std::move(found->answer);
  expectations_.erase(found);
  return answer;
}

std::vector<Result<HttpResponse>> FakeHttp::send_all(std::vector<HttpRequest> const& requests, int parallel) {
  CHECK(parallel >= 1);
  CHECK(parallel <= 8);
  largest_batch = std::max(largest_batch, static_cast<int>(requests.size()));
  std::vector<Result<HttpResponse>> answers;
  for (HttpRequest const& request : requests) answers.push_back(send(request));
  return answers;
}

HttpResponse json_response(int status, std::string body, HttpHeaders headers) {
  headers.emplace_back("content-type", "application/json; charset=utf-8");
  return {status, std::move(headers), std::move(body)};
}

std::optional<std::string> FakeEnvironment::get(std::string_view name) const {
  auto const found = variables.find(std::string(name));
  if (found == variables.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<std::string, std::string>> FakeEnvironment::all() const {
  return {variables.begin(), variables.end()};
}

void FakeConsole::log(LogLevel level, std::string_view line) {
  constexpr std::string_view kNames[] = {"error: ", "warning: ", "info: ", "debug: "};
  if (level <= level_) lines.push_back(std::string(kNames[static_cast<int>(level)]) + std::string(line));
}

bool FakeConsole::logged(std::string_view part) const {
  return std::any_of(lines.begin(), lines.end(),
                     [&](std::string const& line) { return line.find(part) != std::string::npos; });
}

MemoryFileSystem::MemoryFileSystem() { entries_["/project"] = {true, {}, {}}; }

fs::path MemoryFileSystem::absolute(fs::path const& path) const {
  fs::path result = (path.is_absolute() ? path : "/project" / path).lexically_normal();
  if (!result.has_filename() && result.has_relative_path()) result = result.parent_path();
  return result;
}

// Resolves links in every component.
fs::path MemoryFileSystem::follow(fs::path path) const {
  path = absolute(path);
  fs::path done = "/";
  int hops = 0;
  std::vector<fs::path> rest(path.begin(), path.end());
  for (std::size_t i = 1; i < rest.size() && hops < 20; ++i) {
    done = (done / rest[i]).lexically_normal();
    auto const found = entries_.find(done);
    if (found == entries_.end() || found->second.target.empty()) continue;
    ++hops;
    fs::path next =
        absolute(found->second.target.is_absolute() ? found->second.target : done.parent_path() / found->second.target);
    for (std::size_t j = i + 1; j < rest.size(); ++j) next /= rest[j];
    rest.assign(next.begin(), next.end());
    done = "/";
    i = 0;
  }
  return done;
}

void MemoryFileSystem::put(fs::path const& path, std::string bytes) {
  fs::path const where = absolute(path);
  for (fs::path folder = where.parent_path(); folder != folder.root_path(); folder = folder.parent_path())
    entries_[folder].folder = true;
  entries_[where] = {false, std::move(bytes), {}};
}

void MemoryFileSystem::link(fs::path const& path, fs::path target) {
  put(path, "");
  entries_[absolute(path)].target = std::move(target);
}

std::string const& MemoryFileSystem::at(fs::path const& path) const {
  static std::string const none;
  auto const found = entries_.find(follow(path));
  CHECK(found != entries_.end());
  return found == entries_.end() ? none : found->second.bytes;
}

bool MemoryFileSystem::has(fs::path const& path) const { return entries_.count(follow(path)) > 0; }

Result<std::string> MemoryFileSystem::read(fs::path const& path, std::uintmax_t max_bytes) {
  if (auto const failure = failures.find(absolute(path).string()); failure != failures.end())
    return Error(failure->second);
  auto const found = entries_.find(follow(path));
  if (found == entries_.end())
    return Error{ErrorKind::NotFound, "cannot read " + path.string() + ": No such file or directory"};
  if (found->second.folder) return Error{ErrorKind::BadInput, "cannot read " + path.string() + ": it is a directory"};
  if (found->second.bytes.size() > max_bytes)
    return Error{ErrorKind::BadInput, "cannot read " + path.string() + ": it is larger than the limit of " +
                                          std::to_string(max_bytes) + " bytes"};
  return found->second.bytes;
}

Result<std::string> MemoryFileSystem::read_admitted(fs::path const& path, std::uintmax_t max_bytes, Admit const& admit,
                                                    Pipes) {
  if (entries_.count(follow(path)) > 0) CML_CHECK_OK(admit(follow(path)));
  return read(path, max_bytes);
}

bool MemoryFileSystem::is_link(fs::path const& path) {
  auto const found = entries_.find(follow(absolute(path).parent_path()) / path.filename());
  return found != entries_.end() && !found->second.target.empty();
}

bool MemoryFileSystem::is_own(fs::path const& path) {
  for (fs::path folder = follow(path); folder != folder.root_path(); folder = folder.parent_path())
    if (of_others.contains(folder)) return false;
  return true;
}

Status MemoryFileSystem::write(fs::path const& path, std::string_view bytes) {
  if (auto const failure = failures.find(absolute(path).string()); failure != failures.end())
    return Error(failure->second);
  fs::path const where = follow(path);
  auto const folder = entries_.find(where.parent_path());
  if (where.parent_path() != "/" && (folder == entries_.end() || !folder->second.folder))
    return Error{ErrorKind::NotFound, "cannot write " + path.string() + ": No such file or directory"};
  entries_[where] = {false, std::string(bytes), {}};
  return ok();
}

Status MemoryFileSystem::remove(fs::path const& path) {
  if (entries_.erase(absolute(path)) == 0) return Error{ErrorKind::NotFound, "cannot remove " + path.string()};
  return ok();
}

Status MemoryFileSystem::make_directories(fs::path const& path) {
  for (fs::path folder = follow(path); folder != folder.root_path(); folder = folder.parent_path())
    entries_[folder].folder = true;
  return ok();
}

FileKind MemoryFileSystem::kind(fs::path const& path) {
  auto const found = entries_.find(follow(path));
  if (found == entries_.end()) return FileKind::Missing;
  return found->second.folder ? FileKind::Directory : FileKind::Regular;
}

Result<fs::path> MemoryFileSystem::resolve(fs::path const& path) {
  fs::path const where = follow(path);
  if (where != "/" && entries_.count(where) == 0)
    return Error{ErrorKind::NotFound, "cannot find " + path.string() + ": No such file or directory"};
  return where;
}

Result<std::vector<fs::path>> MemoryFileSystem::list(fs::path const& path) {
  fs::path const where = follow(path);
  if (entries_.count(where) == 0) return Error{ErrorKind::NotFound, "cannot list " + path.string()};
  std::vector<fs::path> names;
  for (auto const& [name, entry] : entries_)
    if (name.parent_path() == where && name != where) names.push_back(name.filename());
  return names;
}

FakeProcess::~FakeProcess() {
  if (std::uncaught_exceptions() > 0) return;
  for (auto const& [arguments, result] : expectations_)
    FAIL_CHECK("expected program was not run: " << Catch::Detail::stringify(arguments));
}

void FakeProcess::expect(std::vector<std::string> arguments, ProcessResult result) {
  expectations_.emplace_back(std::move(arguments), std::move(result));
}

Result<ProcessResult> FakeProcess::run(ProcessRequest const& request) {
  started.push_back(request);
  auto const found = std::find_if(expectations_.begin(), expectations_.end(),
                                  [&](auto const& expectation) { return expectation.first == request.arguments; });
  if (found != expectations_.end()) {
    auto result = found->second;
    expectations_.erase(found);
    return result;
  }
  if (fallback) return fallback(request);
  FAIL_CHECK("program without expectation: " << Catch::Detail::stringify(request.arguments));
  return Error{ErrorKind::Bug, "program without expectation"};
}

std::shared_ptr<Worker> DirectWorkers::start(Work work, WorkerLimits const&) {
  struct Direct : Worker {
    explicit Direct(Work work) : work(std::move(work)) {}
    Result<std::string> ask(std::string_view request) override { return work(request); }
    Work work;
  };
  return std::make_shared<Direct>(std::move(work));
}

}  // namespace cml::test
