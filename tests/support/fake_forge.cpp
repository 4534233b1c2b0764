#include "support/fake_forge.hpp"

#include <algorithm>
#include <functional>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::test {

void FakeForge::start() {
  server_ = std::make_unique<HttpServer>([this](ServerRequest const& request) { return handle(request); });
}

void FakeForge::fail(Fault fault) {
  std::lock_guard<std::mutex> const lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FakeForge::clear_faults() {
  std::lock_guard<std::mutex> const lock(mutex_);
  faults_.clear();
}

void FakeForge::add_pull_request(long long number, std::string head_sha, std::string state) {
  std::lock_guard<std::mutex> const lock(mutex_);
  Pull pull;
  pull.number = number;
  pull.sha = std::move(head_sha);
  pull.state = std::move(state);
  pulls_.push_back(std::move(pull));
}

void FakeForge::add_fork_pull_request(long long number, std::string head_sha, std::string owner, std::string branch) {
  add_pull_request(number, std::move(head_sha));
  std::lock_guard<std::mutex> const lock(mutex_);
  pulls_.back().owner = std::move(owner);
  pulls_.back().source = std::move(branch);
}

std::vector<FakeForge::Pull> FakeForge::pulls() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return pulls_;
}

std::vector<std::string> FakeForge::requests() const {
  std::lock_guard<std::mutex> const lock(mutex_);
  return requests_;
}

int FakeForge::count(std::string const& part) const {
  auto const all = requests();
  return static_cast<int>(
      std::count_if(all.begin(), all.end(), [&](std::string const& r) { return contains(r, part); }));
}

void FakeForge::forget_requests() {
  std::lock_guard<std::mutex> const lock(mutex_);
  requests_.clear();
}

FakeForge::Pull* FakeForge::find_pull(std::optional<long long> number) {
  for (Pull& pull : pulls_)
    if (pull.number == number) return &pull;
  return nullptr;
}

int FakeForge::writes() const {
  auto const all = requests();
  return static_cast<int>(std::count_if(all.begin(), all.end(), [](std::string const& request) {
    return request.substr(0, 4) != "GET " && !contains(request, "/graphql query");
  }));
}

long long FakeForge::user_number(std::string const& name) {
  return name == "ada" ? 42 : 1000 + static_cast<long long>(std::hash<std::string>{}(name) % 100'000);
}

FakeForge::Pull* FakeForge::open_pull(std::string const& source, std::string const& target) {
  for (Pull& pull : pulls_)
    if (pull.state == "open" && pull.source == source && pull.target == target) return &pull;
  return nullptr;
}

FakeForge::Pull& FakeForge::new_pull(std::string source, std::string target) {
  Pull pull;
  pull.number = 100 + static_cast<long long>(pulls_.size());
  pull.sha = sha256_hex(source).substr(0, 40);
  pull.source = std::move(source);
  pull.target = std::move(target);
  pulls_.push_back(std::move(pull));
  return pulls_.back();
}

ServerResponse FakeForge::handle(ServerRequest const& request) {
  std::lock_guard<std::mutex> const lock(mutex_);
  std::string const path = api_path(request.path);
  // What a GraphQL request does stands in its document alone.
  bool const query =
      path.size() > 7 && path.substr(path.size() - 8) == "/graphql" && contains(request.body, "\"query\":\"query");
  requests_.push_back(request.method + " " + path + (request.query.empty() ? "" : "?" + request.query) +
                      (query ? " query" : ""));
  auto const fault = std::find_if(faults_.begin(), faults_.end(), [&](Fault& f) {
    return f.method == request.method && contains(path, f.path_part) && f.after-- <= 0;
  });
  ServerResponse response;
  if (fault != faults_.end()) {
    Fault const current = *fault;
    if (--fault->times <= 0) faults_.erase(fault);
    if (current.takes_effect) route(request, path);
    response = current.answer;
  } else {
    response = route(request, path);
  }
  response.headers.emplace_back("Date", http_date(std::chrono::system_clock::now()));
  return response;
}

}  // namespace cml::test
