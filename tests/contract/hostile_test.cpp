// Servers that mean harm, or are broken: whatever a forge, a bucket or an upload server answers, nothing crashes, no
// token leaves for another host, and what is told is one clean line.
#include <catch2/catch.hpp>

#include <fstream>
#include <functional>
#include <mutex>

#include "asset/s3.hpp"
#include "base/exit_code.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/bitbucket/bitbucket.hpp"
#include "forge/gitea/gitea.hpp"
#include "forge/github/github.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "forge/pages.hpp"
#include "support/fake_github.hpp"
#include "support/forge_connection.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string const kHostileSha(40, 'a');
AssetFile const kHostileFile{"a b.png", "image/png", "bytes", sha256_hex("bytes")};

// Table: the forges, and how their lists name the next page.
struct HostileForge {
  std::string name;
  std::unique_ptr<Forge> (*make)(ForgeSetup const&);
  std::string api_path, repository, token;
  // A page with this comment and a link to the page of that number.
  ServerResponse (*page)(std::string const& url, std::string const& comment, int next);
};

ServerResponse linked_page(std::string const& url, std::string const& comment, int next) {
  return {200, "[" + comment + "]", {{"Link", "<" + url + "?page=" + std::to_string(next) + ">; rel=\"next\""}}};
}
ServerResponse numbered_page(std::string const&, std::string const& comment, int next) {
  return {200, "[" + comment + "]", {{"X-Next-Page", std::to_string(next)}}};
}
ServerResponse named_page(std::string const& url, std::string const& comment, int next) {
  return {200, R"({"values":[)" + comment + R"(],"next":")" + url + "?page=" + std::to_string(next) + "\"}", {}};
}
std::vector<HostileForge> const kHostileForges{
    {"github", make_github, "/api/v3", "o/r", "ghp_SECRETSECRET", linked_page},
    {"gitlab", make_gitlab, "/api/v4", "g/p", "glpat-SECRETSECRET", numbered_page},
    {"bitbucket", make_bitbucket, "", "w/r", "me@x.test:SECRETSECRET", named_page},
    {"gitea", make_gitea, "/api/v1", "o/r", "SECRETSECRET", linked_page},
};

using Handler = std::function<ServerResponse(ServerRequest const&)>;

// A forge of ours in front of a server that answers as the test says.
struct HostileStage {
  HostileStage(HostileForge const& row, Handler answer)
      : server([this, answer](ServerRequest const& request) {
          std::lock_guard<std::mutex> const lock(mutex);
          ++requests;
          bool const query = contains(request.path, "/graphql") && contains(request.body, "\"query\":\"query");
          if (request.method != "GET" && !query) ++writes;
          return answer(request);
        }),
        connection(row.make, Repository{"http", server.url().substr(7), row.repository}, server.url() + row.api_path,
                   row.token) {}
  Forge& forge() { return *connection.forge; }
  std::mutex mutex;
  int requests = 0, writes = 0;
  HttpServer server;
  ForgeConnection connection;
};

void check_clean(std::string const& message) {
  INFO(message);
  CHECK(clean_line(message, message.size()) == message);
  CHECK(message.size() < 2000);
  CHECK_FALSE(contains(message, "SECRETSECRET"));
}

// Everything that reads an answer, by name. True when it took the answer for good.
struct Operation {
  std::string name;
  std::function<std::optional<Error>(Forge&)> run;
};
template <class T>
std::optional<Error> error_of(Result<T> const& result) {
  return result ? std::nullopt : std::optional(result.error());
}
std::vector<Operation> const kOperations{
    {"comments", [](Forge& f) { return error_of(f.comments(PullRequestTarget{7})); }},
    {"comments of a commit", [](Forge& f) { return error_of(f.comments(CommitTarget{kHostileSha})); }},
    {"create", [](Forge& f) { return error_of(f.create_comment(PullRequestTarget{7}, "body")); }},
    {"create on a commit", [](Forge& f) { return error_of(f.create_comment(CommitTarget{kHostileSha}, "body")); }},
    {"update",
     [](Forge& f) {
       return error_of(f.update_comment(PullRequestTarget{7}, {"1", "", "", "n", ""}, "b"));
     }},
    {"delete",
     [](Forge& f) {
       return error_of(f.delete_comment(PullRequestTarget{7}, {"1", "", "", "n", ""}));
     }},
    {"hide",
     [](Forge& f) {
       return error_of(f.hide_comment({"1", "", "", "n", ""}));
     }},
    {"pull request of a commit", [](Forge& f) { return error_of(f.pull_request_of_commit(kHostileSha)); }},
    {"head", [](Forge& f) { return error_of(f.head_of_pull_request(7)); }},
    {"check", [](Forge& f) { return error_of(f.create_check({.sha = kHostileSha, .title = "t"})); }},
    {"rerun", [](Forge& f) { return error_of(f.rerun("5")); }},
    {"find", [](Forge& f) { return error_of(f.find_pull_request("a", "b")); }},
    {"open",
     [](Forge& f) {
       return error_of(f.create_pull_request({"a", "b", "t", "b", false}));
     }},
    {"change",
     [](Forge& f) {
       return error_of(f.update_pull_request({.number = 7}, {"t", "b", {"l"}, {"r"}}));
     }},
    {"merge", [](Forge& f) { return error_of(f.merge_pull_request({.number = 7}, MergeMethod::Rebase)); }},
    {"upload", [](Forge& f) { return error_of(f.upload_assets({kHostileFile})); }},
    {"branch", [](Forge& f) { return error_of(f.put_on_branch("cml-assets", {kHostileFile})); }},
    {"release", [](Forge& f) { return error_of(f.put_on_release("v1", {kHostileFile})); }},
    {"attach", [](Forge& f) { return error_of(f.upload_attachments({kHostileFile}, PullRequestTarget{7})); }},
};

std::map<std::string, std::string> hostile_environment(HostileForge const& row, std::string const& url) {
  return {{"REPO_TOKEN", row.token},
          {"CML_API_URL", url + row.api_path},
          {"CML_REPO", url + "/" + row.repository},
          {"CML_DRIVER", row.name}};
}

}  // namespace

TEST_CASE("hostile: answers of the wrong shape end in one clean line, whatever was asked", "[contract][hostile]") {
  std::string const deep = std::string(100'000, '[') + std::string(100'000, ']');
  struct Answer {
    int status;
    std::string body;
  };
  std::vector<Answer> const answers{
      {200, ""},
      {200, "null"},
      {200, "7"},
      {200, "\"text\""},
      {200, "true"},
      {200, "[null,1,\"a\",[],{}]"},
      {200, R"([{"id":"x","html_url":5,"body":[],"system":"no","deleted":"yes","notes":7,"iid":1e300}])"},
      {200, R"([{"id":99999999999999999999,"system":0,"notes":{"a":1}}])"},
      {200, R"([{"id":1e400}])"},
      {200, R"({"values":{"a":1},"next":7})"},
      {200, R"({"values":[null,{"id":-1,"deleted":"no","links":[]}],"next":[]})"},
      {200, R"({"id":18446744073709551615,"number":-9223372036854775808,"iid":null,"data":[],"errors":[[]]})"},
      {200, R"x({"id":1,"notes":{"0":1},"url":"//evil.test/x","html_url":"javascript:alert(1)","upload_url":9})x"},
      {200, R"({"object":{"sha":"../../x"},"tree":7,"content":8,"state":[],"merge_error":"::error::x\u001b[2J"})"},
      {200, "<html><script>alert(1)</script></html>"},
      {200, deep},
      {200, R"({"data":)" + deep + R"(,"values":)" + deep + "}"},
      {400, R"({"message":)" + deep + R"(,"error":{"message":)" + deep + R"(,"detail":{}},"errors":[{},7,[]]})"},
      {403, "\xff\xfe\x00"},
      {404, "[]"},
      {409, "{\"message\":\"a\\r\\n::error::b \\u001b[31m\\u202e##[group]c\"}"},
      {500, "<html>\n\n</html>"},
      {999, "{}"},
  };
  for (HostileForge const& row : kHostileForges) {
    for (Answer const& answer : answers) {
      HostileStage stage(row, [&](ServerRequest const&) { return ServerResponse{answer.status, answer.body, {}}; });
      for (Operation const& operation : kOperations) {
        INFO(row.name << ", " << operation.name << ", " << answer.status << " " << answer.body.substr(0, 120));
        auto const error = operation.run(stage.forge());
        if (error) check_clean(error->message);
        if (error) CHECK(exit_code(error->kind) < 70);
        bool const creates = operation.name.substr(0, 6) == "create" || operation.name == "open";
        if (creates && !contains(answer.body, R"("id":1,)")) CHECK(error);
        if (operation.name == "comments" && answer.body != "[]") CHECK(error);
      }
    }
  }
}

TEST_CASE("hostile: a list that does not end is an error, never a part taken for the whole", "[contract][hostile]") {
  auto const comment = [](int id, std::string const& body) {
    return R"({"id":)" + std::to_string(id) + R"(,"body":")" + body + "\"}";
  };
  std::string const text(100, 't');
  for (HostileForge const& row : kHostileForges) {
    struct Case {
      std::string name, part;
      std::function<std::pair<std::string, int>(int id)> next;  // Comment and next page's number.
      int most;                                                 // Requests.
    };
    int count = 0;
    for (Case const& c : std::vector<Case>{{"a page that links to itself", "links to a page that was read before",
                                            [&](int id) { return std::pair(comment(id, text), 2); }, 4},
                                           {"pages without end", "more than 500 pages",
                                            [&](int id) { return std::pair(comment(id, text), id + 1); }, 501}}) {
      INFO(row.name << ": " << c.name);
      count = 1;
      HostileStage* self = nullptr;
      HostileStage stage(row, [&](ServerRequest const& request) {
        auto const [element, next] = c.next(++count);
        return row.page(self->server.url() + request.path, element, next);
      });
      self = &stage;
      auto const list = stage.forge().comments(PullRequestTarget{7});
      REQUIRE_FALSE(list);
      INFO(list.error().message);
      CHECK(contains(list.error().message, c.part));
      CHECK(list.error().kind == ErrorKind::BadInput);
      check_clean(list.error().message);
      CHECK(stage.requests <= c.most + 2);  // Besides: who the token is, and GitHub's query.
    }
    // The same page, whatever number is asked for.
    if (row.name == "bitbucket") continue;  // Its pages name the next one, so they differ.
    HostileStage* self = nullptr;
    HostileStage same(row, [&](ServerRequest const& request) {
      return row.page(self->server.url() + request.path, comment(1, text), ++count);
    });
    self = &same;
    auto const list = same.forge().comments(PullRequestTarget{7});
    REQUIRE_FALSE(list);
    CHECK(contains(list.error().message, "same page twice"));
  }
}

TEST_CASE("hostile: a last page that is far away, or always ahead, does not cost requests without end",
          "[contract][hostile]") {
  for (std::string const last : {"500", "1000000", "9223372036854775807"}) {
    for (HostileForge const& row : kHostileForges) {
      if (row.name == "bitbucket") continue;  // It does not tell the last page.
      INFO(row.name << " " << last);
      HostileStage* self = nullptr;
      int id = 0;
      HostileStage stage(row, [&](ServerRequest const& request) {
        std::string const page = self->server.url() + request.path + "?page=";
        ServerResponse response{
            200, R"([{"id":)" + std::to_string(++id) + R"(,"body":")" + std::string(99, 'b') + "\"}]", {}};
        response.headers = {{"Link", "<" + page + "2>; rel=\"next\", <" + page + last + ">; rel=\"last\""},
                            {"X-Total-Pages", last},
                            {"X-Next-Page", "2"}};
        return response;
      });
      self = &stage;
      auto const list = stage.forge().comments(PullRequestTarget{7});
      REQUIRE_FALSE(list);
      check_clean(list.error().message);
      int const besides = row.name == "github" ? 2 : 1;  // Who the token is, and GitHub's query.
      CHECK(stage.requests <= static_cast<int>(Pages::kMost) + besides);
      if (last != "500") CHECK(stage.requests == 1 + besides);
    }
  }
}

TEST_CASE("hostile: comment update posts nothing when the thread cannot be read to its end",
          "[contract][hostile][cli]") {
  for (HostileForge const& row : kHostileForges) {
    INFO(row.name);
    HostileStage* self = nullptr;
    int id = 0;
    HostileStage stage(row, [&](ServerRequest const& request) {
      return row.page(self->server.url() + request.path, R"({"id":)" + std::to_string(++id) + R"(,"body":"other"})", 2);
    });
    self = &stage;
    TemporaryFolder folder;
    std::ofstream(folder.path / "report.md") << "text";
    auto const run = run_cml({"comment", "update", "--target=pr/7", "report.md"}, folder.path, "",
                             hostile_environment(row, stage.server.url()));
    INFO(run.err);
    CHECK(run.exit_code == 1);
    CHECK(run.out.empty());
    CHECK(contains(run.err, "not taken for the whole"));
    CHECK(stage.writes == 0);
  }
}

TEST_CASE("hostile: an address in the answer that is none is an error naming the field, and does not reach the output",
          "[contract][hostile][cli]") {
  for (std::string const address : {"http://x/\\n::set-output name=a::b\\n\\u001b[2J", "javascript:alert(1)",
                                    "http://u:p@x/", "http://x/\\u202ey", "http://x/TOKEN"}) {
    for (HostileForge const& row : kHostileForges) {
      if (row.name == "gitlab") continue;  // The address is made here, of the number alone.
      std::string const shown = replace_all(address, "TOKEN", row.token);
      INFO(row.name << " " << address);
      HostileStage stage(row, [&](ServerRequest const&) {
        return ServerResponse{
            201,
            R"({"id":1,"number":1,"html_url":")" + shown + R"(","links":{"html":{"href":")" + shown + R"("}}})",
            {}};
      });
      std::string const field = row.name == "bitbucket" ? "links.html.href" : "html_url";
      auto const created = stage.forge().create_comment(PullRequestTarget{7}, "body");
      auto const opened = stage.forge().create_pull_request({"a", "b", "t", "b", false});
      REQUIRE_FALSE(created);
      REQUIRE_FALSE(opened);
      for (Error const& error : {created.error(), opened.error()}) {
        CHECK(contains(error.message, field));
        check_clean(error.message);
      }
      if (row.name != "github") continue;
      TemporaryFolder folder;
      std::ofstream(folder.path / "report.md") << "text";
      auto const run = run_cml({"comment", "create", "--target=pr/7", "report.md"}, folder.path, "",
                               hostile_environment(row, stage.server.url()));
      CHECK(run.exit_code == 1);
      CHECK(run.out.empty());
      CHECK(run.err.find('\n') == run.err.size() - 1);
      CHECK(run.err.find('\x1b') == std::string::npos);
    }
  }
}

TEST_CASE("hostile: what a list of comments shows is one line each, whatever times the server tells",
          "[contract][hostile][cli]") {
  for (HostileForge const& row : kHostileForges) {
    INFO(row.name);
    std::string const odd = "2026-01-01\\n::error::x\\u001b[2J";
    std::string const comment =
        R"x({"id":1,"body":"![](https://cml.dev/watermark.png \"CML watermark\")","created_at":")x" + odd +
        R"(","created_on":")" + odd + "\"}";
    HostileStage stage(row, [&](ServerRequest const&) {
      return ServerResponse{200, row.name == "bitbucket" ? R"({"values":[)" + comment + "]}" : "[" + comment + "]", {}};
    });
    auto const list = stage.forge().comments(PullRequestTarget{7});
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    CHECK(list->at(0).created_at.empty());
    TemporaryFolder folder;
    auto const run =
        run_cml({"comment", "list", "--target=pr/7"}, folder.path, "", hostile_environment(row, stage.server.url()));
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.out.find("::error") == std::string::npos);
    CHECK(run.out.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("hostile: a server that echoes our credential does not get it into a message", "[contract][hostile]") {
  for (HostileForge const& row : kHostileForges) {
    for (int const status : {401, 403, 404, 422, 500}) {
      INFO(row.name << " " << status);
      HostileStage stage(row, [&](ServerRequest const& request) {
        std::string const sent = request.header("authorization") + request.header("private-token");
        std::string const text = "bad token " + sent + " (" + row.token + ")\\n::error::x";
        return ServerResponse{status, R"({"message":")" + text + R"(","error":{"message":")" + text + "\"}}", {}};
      });
      auto const refused = stage.forge().create_comment(PullRequestTarget{7}, "body");
      REQUIRE_FALSE(refused);
      check_clean(refused.error().message);
      CHECK(contains(refused.error().message, "bad token ***"));
    }
  }
}

TEST_CASE("hostile: an upload that is too large for a proxy is named with its size", "[contract][hostile]") {
  for (HostileForge const& row : kHostileForges) {
    HostileStage stage(row, [](ServerRequest const& request) {
      if (request.method == "GET") return ServerResponse{404, "{}", {}};
      return ServerResponse{413, "<html><h1>413 Request Entity Too Large</h1><center>nginx</center></html>", {}};
    });
    auto const stored = row.name == "gitlab" || row.name == "bitbucket"
                            ? stage.forge().upload_assets({kHostileFile})
                            : stage.forge().put_on_branch("cml-assets", {kHostileFile});
    REQUIRE_FALSE(stored);
    INFO(row.name << " " << stored.error().message);
    CHECK(stored.error().kind == ErrorKind::TooLarge);
    CHECK(contains(stored.error().message, "the server or a proxy in front of it takes no upload of that size: "));
    CHECK(contains(stored.error().message, " bytes"));
    if (row.name == "gitlab" || row.name == "bitbucket") CHECK(contains(stored.error().message, "uploading a b.png"));
    CHECK_FALSE(contains(stored.error().message, "--api-url"));
  }
}

TEST_CASE("hostile: GitHub's GraphQL that is out of points for long is told as a rate limit", "[contract][hostile]") {
  HostileStage stage(kHostileForges[0], [](ServerRequest const&) {
    return ServerResponse{200,
                          R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]})",
                          {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9223372036854775807"}}};
  });
  auto const refused = stage.forge().hide_comment({"1", "", "", "n", ""});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::RateLimited);
  CHECK(stage.requests == 1);
}

TEST_CASE("hostile: buckets and upload servers keep neither the keys nor the lines", "[contract][hostile]") {
  std::vector<std::string> seen;
  HttpServer other([&](ServerRequest const& request) {
    seen.push_back(request.header("authorization") + request.header("x-amz-security-token"));
    return ServerResponse{404, "", {}};
  });
  FakeEnvironment environment({{"AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"},
                               {"AWS_SECRET_ACCESS_KEY", "SECRETSECRET"},
                               {"AWS_SESSION_TOKEN", "SESSIONSESSION"}});
  CurlHttp curl(environment, "cml/test", {std::chrono::seconds(5), std::chrono::seconds(1)});
  FakeClock clock;
  ZeroRandom random;
  RetryingHttp http(curl, clock, random);
  MemoryFileSystem files;
  for (bool const bucket : {true, false}) {
    ServerResponse answer;
    std::string echoed;
    HttpServer server([&](ServerRequest const& request) {
      ServerResponse response = answer;
      response.body = replace_all(response.body, "SESSION", request.header("x-amz-security-token"));
      return response;
    });
    environment.variables["AWS_ENDPOINT_URL"] = server.url();
    StoreRequest request;
    request.destination = bucket ? "s3://bucket/x" : server.url() + "/put";
    request.http = &http;
    request.files = &files;
    request.random = &random;
    request.clock = &clock;
    request.environment = &environment;
    auto opened = open_store(request);
    REQUIRE(opened);
    AssetStore& store = **opened;
    for (ServerResponse const& one : std::vector<ServerResponse>{
             {403, "<Error><Code>No\n::error::</Code><Message>SECRETSECRET SESSION \x1b[2J</Message></Error>", {}},
             {403, "</Message><Message></Code><Code>", {}},
             {400, std::string(100'000, '<'), {}},
             {413, "<html>too large</html>", {}},
             {429, "", {{"Retry-After", "9223372036854775807"}}},
             {500, "\xff\xfe", {}},
             {302, "", {{"Location", other.url() + "/x"}}},
             {307, "", {{"Location", other.url() + "/x"}}},
             {302, "", {{"Location", "http://169.254.169.254/latest"}}},
             {200, "", {{"Content-Length", "1073741824"}}, ServerResponse::Fault::Stall},
             {200, "not an address", {}},
             {200, "javascript:alert(1)", {}},
             {200, "https://u:p@h/x", {}},
             {200, "https://h/\xE2\x80\xAEx", {}},
             {200, "", {}}}) {
      answer = one;
      INFO((bucket ? "bucket " : "server ") << one.status << " " << one.body.substr(0, 60));
      auto const stored = store.put({kHostileFile});
      if (bucket && one.status == 200) continue;  // What a bucket says of a file that is there does not matter.
      REQUIRE_FALSE(stored);
      check_clean(stored.error().message);
      CHECK_FALSE(contains(stored.error().message, "SESSIONSESSION"));
      CHECK(exit_code(stored.error().kind) < 70);
      CHECK(contains(stored.error().message, server.url()));
    }
  }
  for (std::string const& credential : seen) CHECK(credential.empty());
}
