// `auto` on GitHub: which of the branch and the attachments takes the files, by repository, token and what the server
// allows.
#include <catch2/catch.hpp>

#include "asset/store.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/github/github.hpp"
#include "support/fake_github.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

AssetFile const kPicture{"a.png", "image/png", "\x89PNG one", sha256_hex("\x89PNG one")};
AssetFile const kSpec{"a.vl.json", "application/json", "{}", sha256_hex("{}")};

struct World {
  explicit World(std::string const& token) {
    fake.tokens.insert(token);
    connection = std::make_unique<ForgeConnection>(make_github, Repository{"http", "127.0.0.1", "o/r"},
                                                   fake.url() + "/api/v3", token);
    StoreRequest request;
    request.forge = connection->forge.get();
    auto opened = open_store(request);
    REQUIRE(opened);
    store = std::move(opened).value();
  }
  // Every write to a branch is answered so.
  void refuse_branch(int status, std::string const& message) {
    for (char const* part : {"/git/", "/graphql"})
      fake.fail({"POST", part, {status, "{\"message\":\"" + message + "\"}", {}}, false, 1000});
  }
  int attached() const { return fake.count("POST /user-attachments"); }
  FakeGitHub fake;
  std::unique_ptr<ForgeConnection> connection;
  std::unique_ptr<AssetStore> store;
};

bool on_branch(std::string const& url) { return contains(url, "/raw/cml-assets/"); }
bool is_attachment(std::string const& url) { return contains(url, "/user-attachments/assets/"); }

}  // namespace

TEST_CASE("auto: the branch takes everything in public repositories, and with tokens that may not attach",
          "[contract][github][auto]") {
  struct Case {
    std::string token;
    bool is_private;
  };
  for (Case const& c : {Case{"ghp_fake", false}, Case{"github_pat_fake", false}, Case{"ghs_fake", false},
                        Case{"ghs_fake", true}, Case{"good-token", true}}) {
    INFO(c.token << c.is_private);
    World world(c.token);
    world.fake.is_private = c.is_private;
    auto const urls = world.store->put({kPicture, kSpec});
    INFO((urls ? "" : urls.error().message));
    REQUIRE(urls);
    CHECK(on_branch(urls->at(0)));
    CHECK(on_branch(urls->at(1)));
    CHECK(world.attached() == 0);
  }
}

TEST_CASE(
    "auto: in a private repository a person's token attaches pictures, what attachments do not take goes to the branch",
    "[contract][github][auto]") {
  for (std::string const token : {"ghp_fake", "github_pat_fake", "gho_fake"}) {
    INFO(token);
    World world(token);
    world.fake.is_private = true;
    auto const urls = world.store->put({kSpec, kPicture});
    INFO((urls ? "" : urls.error().message));
    REQUIRE(urls);
    CHECK(on_branch(urls->at(0)));
    CHECK(is_attachment(urls->at(1)));
    CHECK(world.store->is_own(urls->at(1)));
    CHECK_FALSE(world.store->is_own(urls->at(0)));
    CHECK_FALSE(world.store->is_own("https://elsewhere.test/user-attachments/assets/1"));
  }
  // The attachment is refused all the same, as to a member who may only read: the branch is tried.
  World world("ghp_fake");
  world.fake.is_private = true;
  world.fake.fail({"POST", "/user-attachments", {404, R"({"message":"Not Found"})", {}}, false, 100});
  auto const urls = world.store->put({kPicture});
  REQUIRE(urls);
  CHECK(on_branch(urls->at(0)));
}

TEST_CASE("auto: where the branch cannot be written the attachment is the last resort, and the error is the branch's",
          "[contract][github][auto]") {
  struct Case {
    int status;
    std::string message;
    ErrorKind kind;
  };
  for (Case const& c : {Case{403, "Resource not accessible by personal access token", ErrorKind::Forbidden},
                        Case{404, "Not Found", ErrorKind::NotFound},
                        Case{422, "Repository rule violations found", ErrorKind::Forbidden},
                        Case{409, "Repository rule violations found", ErrorKind::Forbidden}}) {
    INFO(c.status);
    for (bool const is_private : {false, true}) {
      World world("ghp_fake");
      world.fake.is_private = is_private;
      world.refuse_branch(c.status, c.message);
      auto const urls = world.store->put({kPicture, kSpec});
      INFO((urls ? "" : urls.error().message));
      REQUIRE(urls);
      CHECK(is_attachment(urls->at(0)));
      CHECK(urls->at(1) == "");
    }
    World both("ghp_fake");
    both.refuse_branch(c.status, c.message);
    both.fake.fail({"POST", "/user-attachments", {404, R"({"message":"Not Found"})", {}}, false, 100});
    auto const refused = both.store->put({kPicture});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == c.kind);
    CHECK(contains(refused.error().message, "/git/"));
    World job("ghs_fake");
    job.refuse_branch(c.status, c.message);
    CHECK_FALSE(job.store->put({kPicture}));
    CHECK(job.attached() == 0);
  }
  World unsure("ghp_fake");  // Nothing is known of a server that has trouble: no second copy elsewhere.
  unsure.refuse_branch(500, "trouble");
  CHECK_FALSE(unsure.store->put({kPicture}));
  CHECK(unsure.attached() == 0);
}

TEST_CASE("auto: when files are expected, what attachments need to know is asked together with the thread, once",
          "[contract][github][auto]") {
  for (bool const lookup : {false, true}) {
    World world("ghp_fake");
    world.fake.is_private = true;
    auto const asked = [&] {
      int count = 0;
      for (std::string const& request : world.fake.requests())
        count += request.size() > 10 && request.substr(request.size() - 10) == "/repos/o/r";
      return count;
    };
    Forge& forge = *world.connection->forge;
    REQUIRE(forge.comments(PullRequestTarget{7}));
    CHECK(asked() == 0);  // A report without files needs none of it.
    forge.expect_files();
    if (lookup) REQUIRE(forge.pull_request_of_commit(std::string(40, 'a')));
    REQUIRE(forge.comments(PullRequestTarget{7}));
    CHECK(asked() == 1);
    auto const urls = world.store->put({kPicture});
    REQUIRE(urls);
    CHECK(is_attachment(urls->at(0)));
    CHECK(asked() == 1);
  }
  World job("ghs_fake");  // An App's token may not attach, so there is nothing to ask.
  job.connection->forge->expect_files();
  REQUIRE(job.connection->forge->comments(PullRequestTarget{7}));
  CHECK(job.fake.requests().size() == 1);
  World broken("ghp_fake");  // What fails beside the thread is asked for again when it is needed.
  broken.fake.is_private = true;
  broken.fake.fail({"GET", "/repos/o/r", {404, "{}", {}}, false, 1});
  broken.connection->forge->expect_files();
  (void)broken.connection->forge->comments(PullRequestTarget{7});
  auto const urls = broken.store->put({kPicture});
  REQUIRE(urls);
  CHECK(is_attachment(urls->at(0)));
}
