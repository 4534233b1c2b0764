// Our Bitbucket against a small fake, with Bitbucket's own OpenAPI description standing between when it is at hand.
#include "forge/bitbucket/bitbucket.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "forge/bitbucket/api.hpp"
#include "support/contract_gate.hpp"
#include "support/forge_connection.hpp"
#include "support/http_server.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

// Comments by thread path, ten to a page whatever is asked, and a next page after the last, as Bitbucket has it.
class FakeBitbucket {
 public:
  FakeBitbucket() : server([this](ServerRequest const& request) { return handle(request); }) {}
  std::map<std::string, std::vector<json>> threads;
  std::map<std::string, std::string> downloads;
  std::vector<ServerResponse> next_failures;  // For POSTs; an empty body string means "after taking effect".
  int id = 100;

  json add(std::string const& thread, std::string const& raw, std::string created = "2026-01-02T03:04:05.000000+00:00") {
    json const comment{{"type", "pullrequest_comment"}, {"id", id}, {"created_on", created}, {"updated_on", created},
                       {"content", {{"raw", raw}, {"markup", "markdown"}, {"html", "<p>x</p>"}}}, {"deleted", false},
                       {"links", {{"html", {{"href", "https://bitbucket.org/w/r/c/" + std::to_string(id)}}}}}};
    ++id;
    threads[thread].push_back(comment);
    return comment;
  }

  ServerResponse handle(ServerRequest const& request) {
    std::lock_guard<std::mutex> const lock(mutex);
    ServerResponse response = route(request);
    if (request.method == "POST" && !next_failures.empty()) {
      response = next_failures.back();
      next_failures.pop_back();
    }
    response.headers.emplace_back("Content-Type", "application/json");
    response.headers.emplace_back("Date", http_date(std::chrono::system_clock::now()));
    return response;
  }

  ServerResponse route(ServerRequest const& request) {
    auto const reply = [](int status, json const& body) { return ServerResponse{status, body.dump(), {}}; };
    auto const failure = [&](int status, std::string const& message) {
      return reply(status, {{"type", "error"}, {"error", {{"message", message}}}});
    };
    if (request.header("authorization") != "Bearer good-token") return failure(401, "Token is invalid or not supported for this endpoint.");
    std::string const base = "/repositories/w/r";
    if (request.path.substr(0, base.size()) != base) return failure(404, "Repository not found");
    std::string const path = request.path.substr(base.size());
    auto const page = [&](std::vector<json> const& all) {
      auto const number = static_cast<std::size_t>(parse_integer(request.parameter("page")).value_or(1));
      json values = json::array();
      for (std::size_t i = (number - 1) * 10; i < std::min(all.size(), number * 10); ++i) values.push_back(all[i]);
      json body{{"values", values}, {"page", number}, {"pagelen", 10}};
      bool const always = all.size() > 10 && !values.empty();
      if (always) body["next"] = "http://" + request.header("host") + request.path + "?page=" + std::to_string(number + 1);
      return reply(200, body);
    };
    if (path == "/downloads") {
      auto const at = request.body.find("filename=\"");
      downloads[request.body.substr(at + 10, request.body.find('"', at + 10) - at - 10)] = request.body;
      return {201, "", {}};
    }
    if (contains(path, "/pullrequests") && contains(path, "/commit/"))
      return page({{{"type", "pullrequest"}, {"id", 6}, {"state", "MERGED"}}, {{"type", "pullrequest"}, {"id", 7}, {"state", "OPEN"}}});
    if (path.size() > 9 && path.substr(path.size() - 9) == "/comments") {
      if (request.method == "GET") return page(threads[path]);
      std::string const raw = json::parse(request.body)["content"]["raw"];
      if (raw.size() > 32768) return {400, "<html>Bad Request</html>", {}};
      if (next_failures.empty() || next_failures.back().body != "before")
        return reply(201, add(path, raw, replace_all(iso_time(std::chrono::system_clock::now()), "Z", ".000000+00:00")));
      return {};
    }
    auto const slash = path.rfind('/');
    auto& thread = threads[path.substr(0, slash)];
    auto const found = std::find_if(thread.begin(), thread.end(),
                                    [&](json const& c) { return std::to_string(c["id"].get<int>()) == path.substr(slash + 1); });
    if (found == thread.end()) return failure(404, "Not Found");
    if (request.method == "PUT") {
      (*found)["content"]["raw"] = json::parse(request.body)["content"]["raw"];
      return reply(contains(path, "/commit/") ? 201 : 200, *found);  // As documented.
    }
    thread.erase(found);
    return {204, "", {}};
  }

  std::mutex mutex;
  HttpServer server;
};

struct Connection : ForgeConnection {
  explicit Connection(std::string api_url, std::string token = "good-token")
      : ForgeConnection(make_bitbucket, {"https", "bitbucket.org", "w/r"}, std::move(api_url), std::move(token)) {}
};

CommentTarget const kPull = PullRequestTarget{7};
std::string const kSha(40, 'a');

}  // namespace

TEST_CASE("bitbucket contract: comments, paging and downloads keep to Bitbucket's own description", "[contract][bitbucket]") {
  FakeBitbucket fake;
  auto const gate = ContractGate::open("bitbucket.openapi.json", fake.server.url());
  Connection bitbucket(gate ? gate->url() : fake.server.url());
  Forge& forge = *bitbucket.forge;
  auto const pull = forge.pull_request_of_commit(kSha);
  INFO((pull ? "" : pull.error().message));
  REQUIRE(pull);
  CHECK(*pull == 7);
  for (CommentTarget const& target : {kPull, CommentTarget(CommitTarget{kSha})}) {
    auto const created = forge.create_comment(target, "one");
    INFO(describe(target) << (created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(created->url.substr(0, 28) == "https://bitbucket.org/w/r/c/");
    auto const updated = forge.update_comment(target, *created, "two");
    INFO((updated ? "" : updated.error().message));
    REQUIRE(updated);
    auto const listed = forge.comments(target);
    INFO((listed ? "" : listed.error().message + (gate ? gate->violations() : "")));
    REQUIRE(listed);
    CHECK(listed->back().body == "two");
    REQUIRE(forge.delete_comment(target, *created));
    CHECK(forge.comments(target).value().empty());
  }
  auto const urls = forge.upload_assets({{"a.png", "image/png", "bytes", sha256_hex("bytes")}});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == "https://bitbucket.org/w/r/downloads/cml-" + sha256_hex("bytes") + ".png");
  CHECK(contains(fake.downloads.at("cml-" + sha256_hex("bytes") + ".png"), "bytes"));
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("bitbucket: every page is read, also when a next page follows the last", "[contract][bitbucket]") {
  FakeBitbucket fake;
  Connection bitbucket(fake.server.url());
  Forge& forge = *bitbucket.forge;
  for (int i = 0; i < 34; ++i) fake.add("/pullrequests/7/comments", "n" + std::to_string(i));
  auto const all = forge.comments(kPull);
  INFO((all ? "" : all.error().message));
  REQUIRE(all);
  CHECK(all->size() == 34);
  CHECK(all->back().body == "n33");
}

TEST_CASE("bitbucket: posted exactly once; refusals say what to check; issues are no more", "[contract][bitbucket][faults]") {
  for (std::string const when : {"before", "after"}) {
    FakeBitbucket fake;
    Connection bitbucket(fake.server.url());
    fake.next_failures.push_back({502, when, {}});
    REQUIRE(bitbucket.forge->create_comment(kPull, "body"));
    CHECK(fake.threads["/pullrequests/7/comments"].size() == 1);
  }
  FakeBitbucket fake;
  Connection wrong(fake.server.url(), "wrong-token");
  CHECK(contains(wrong.forge->create_comment(kPull, "x").error().message, "EMAIL:API_TOKEN"));
  Connection bitbucket(fake.server.url());
  CHECK(bitbucket.forge->create_comment(kPull, std::string(40'000, 'x')).error().kind == ErrorKind::TooLarge);
  CHECK(bitbucket.forge->create_comment(IssueTarget{3}, "x").error().kind == ErrorKind::Unsupported);
}

TEST_CASE("bitbucket: the kind of token decides the credential", "[contract][bitbucket]") {
  CHECK(bitbucket::authorization_for(Secret("me@example.test:token")).reveal() == "Basic " + base64_encode("me@example.test:token"));
  CHECK(bitbucket::authorization_for(Secret(base64_encode("user:app-password"))).reveal() == "Basic " + base64_encode("user:app-password"));
  CHECK(bitbucket::authorization_for(Secret("ATCTT3xFfGN0")).reveal() == "Bearer ATCTT3xFfGN0");
}
