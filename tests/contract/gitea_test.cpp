// What only Gitea and Forgejo have: sub-paths, assets by the contents API, merges that are not ready yet, servers
// without rerun.
#include "forge/gitea/gitea.hpp"

#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/fake_gitea.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct GiteaConnection : ForgeConnection {
  // An empty api_url is derived from the repository.
  explicit GiteaConnection(std::string const& url, std::string path = "o/r", std::string token = "good-token")
      : ForgeConnection(make_gitea, {"http", url.substr(7), std::move(path)}, "", std::move(token)) {}
};

AssetFile asset(std::string bytes) { return {"a.png", "image/png", bytes, sha256_hex(bytes)}; }

}  // namespace

TEST_CASE("gitea: the API is found below a sub-path", "[contract][gitea]") {
  for (std::string const prefix : {"", "/git", "/a/b"}) {
    INFO(prefix);
    FakeGitea fake(prefix);
    GiteaConnection gitea(fake.url(), (prefix.empty() ? "" : prefix.substr(1) + "/") + "o/r");
    auto const created = gitea.forge->create_comment(PullRequestTarget{7}, "x");
    INFO((created ? "" : created.error().message));
    REQUIRE(created);
    CHECK(contains(created->url, fake.url() + prefix + "/o/r/issues/7#issuecomment-"));
  }
}

TEST_CASE("gitea: images go to a branch in one commit, also when somebody else writes to it", "[contract][gitea]") {
  for (bool const exists : {false, true}) {
    INFO(exists);
    FakeGitea fake;
    GiteaConnection gitea(fake.url());
    if (exists) REQUIRE(gitea.forge->put_on_branch("cml-assets", {asset("zero")}));
    fake.lose_next_race = true;
    auto const urls = gitea.forge->put_on_branch("cml-assets", {asset("one"), asset("two"), asset("one")});
    INFO((urls ? "" : urls.error().message));
    REQUIRE(urls);
    CHECK(urls->at(0) == fake.url() + "/o/r/raw/branch/cml-assets/" + content_address(asset("one")));
    auto const files = fake.branch_files("cml-assets");
    CHECK(files.at(content_address(asset("two"))) == "two");
    CHECK(files.count("aa/other.png") == 1);
    CHECK(contains(files.at("index.txt"), "aa/other.png\n"));
    CHECK(contains(files.at("index.txt"), content_address(asset("two")) + "\n"));
    CHECK(fake.branch_files("main").size() == 1);
  }
  FakeGitea fake;
  GiteaConnection reader(fake.url(), "o/r", "read-only-token");
  auto const refused = reader.forge->put_on_branch("cml-assets", {asset("one")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Forbidden);
  CHECK(contains(refused.error().message, "write:repository"));
}

TEST_CASE("gitea: files that are too many for a proxy go in several commits, one that is too large is named",
          "[contract][gitea]") {
  FakeGitea fake;
  fake.largest_body = 3000;
  GiteaConnection gitea(fake.url());
  std::vector<AssetFile> files;
  for (char name : {'a', 'b', 'c', 'd', 'e'}) files.push_back(asset(std::string(900, name)));
  auto const urls = gitea.forge->put_on_branch("cml-assets", files);
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->size() == 5);
  auto const stored = fake.branch_files("cml-assets");
  for (AssetFile const& file : files) CHECK(contains(stored.at("index.txt"), content_address(file) + "\n"));
  auto const refused = gitea.forge->put_on_branch("cml-assets", {asset("small"), asset(std::string(4000, 'x'))});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::TooLarge);
  CHECK(contains(refused.error().message, "(4000 bytes) on the branch cml-assets"));
}

TEST_CASE("gitea: a file that is there without being listed is not stored again, and keeps no other back",
          "[contract][gitea]") {
  FakeGitea fake;
  GiteaConnection gitea(fake.url());
  fake.set_file("cml-assets", content_address(asset("one")), "one");
  fake.set_file("cml-assets", "index.txt", "");
  auto const urls = gitea.forge->put_on_branch("cml-assets", {asset("one"), asset("two")});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(gitea.clock.slept.empty());
  CHECK(fake.branch_files("cml-assets").at(content_address(asset("two"))) == "two");
  CHECK(gitea.forge->put_on_branch("cml-assets", {asset("one")}));
}

TEST_CASE("gitea: a server that lists nothing of what it took gets each file once", "[contract][gitea]") {
  FakeGitea fake;
  fake.fail({"POST", "/contents", {413, "", {}}, false, 1});
  fake.fail({"POST", "/contents", {201, "{}", {}}, false, 1000});
  fake.fail({"GET", "/branches/", {404, "{}", {}}, false, 1000});
  GiteaConnection gitea(fake.url());
  CHECK(gitea.forge->put_on_branch("cml-assets", {asset("a"), asset("b"), asset("c")}));
  CHECK(fake.count("POST") <= 4);
}

TEST_CASE("gitea: a merge that is not ready yet is asked for again, but not for ever", "[contract][gitea]") {
  FakeGitea fake;
  GiteaConnection gitea(fake.url());
  auto const pull = gitea.forge->create_pull_request({"topic", "main", "T", "B", false});
  REQUIRE(pull);
  fake.not_ready_yet = 2;
  REQUIRE(gitea.forge->merge_pull_request(*pull, MergeMethod::Squash));
  CHECK(gitea.clock.slept.size() == 2);
  fake.not_ready_yet = 1000;
  auto const refused = gitea.forge->merge_pull_request(*pull, MergeMethod::Squash);
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "try again later"));
}

TEST_CASE("gitea: a workflow is run again where the server can, else it says so", "[contract][gitea]") {
  FakeGitea fake;
  GiteaConnection gitea(fake.url());
  REQUIRE(gitea.forge->rerun("55"));
  CHECK(fake.reruns() == std::vector<std::string>{"55"});
  CHECK(gitea.forge->rerun("56").error().kind == ErrorKind::NotFound);
  fake.can_rerun = false;
  auto const old = gitea.forge->rerun("55");
  REQUIRE_FALSE(old);
  CHECK(old.error().kind == ErrorKind::Unsupported);
  CHECK(contains(old.error().message, "button on the run's page"));
}

TEST_CASE(
    "gitea: the pull request of a commit is found by its head, by the server's word, or among the newest ones' commits",
    "[contract][gitea]") {
  std::string const head(40, 'a'), below(40, 'b'), merged(40, 'c'), nowhere(40, 'd');
  for (bool const knows : {false, true}) {
    INFO(knows);
    FakeGitea fake;
    fake.knows_open_pulls = knows;
    GiteaConnection gitea(fake.url());
    CHECK_FALSE(gitea.forge->pull_request_of_commit(nowhere).value());
    fake.add_pull_request(5, std::string(40, 'e'));
    fake.add_pull_request(7, head);
    fake.add_pull_request(8, merged, "merged");
    fake.add_commit(7, below);
    CHECK(gitea.forge->pull_request_of_commit(head).value() == 7);
    CHECK(gitea.forge->pull_request_of_commit(below).value() == 7);
    CHECK_FALSE(gitea.forge->pull_request_of_commit(merged).value());
    CHECK_FALSE(gitea.forge->pull_request_of_commit(nowhere).value());
    fake.fail({"GET", "/pull", {500, "{}", {}}, false, 9});
    CHECK(gitea.forge->pull_request_of_commit(below).error().kind == ErrorKind::Network);
  }
}

TEST_CASE("gitea: attachments belong to a pull request or an issue, and are sent once", "[contract][gitea]") {
  FakeGitea fake;
  GiteaConnection gitea(fake.url());
  std::optional<CommentTarget> const thread = PullRequestTarget{7};
  auto const urls = gitea.forge->upload_attachments({asset("one"), asset("two"), asset("one")}, thread);
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  CHECK(urls->at(0) == urls->at(2));
  CHECK(contains(urls->at(1), "/attachments/"));
  CHECK(fake.files_of("/issues/7").size() == 2);
  CHECK(contains(fake.files_of("/issues/7").at(sha256_hex("two").substr(0, 40) + ".png"), "\r\n\r\ntwo\r\n"));
  fake.forget_requests();
  CHECK(gitea.forge->upload_attachments({asset("two"), asset("one")}, thread).value().at(1) == urls->at(0));
  CHECK(fake.count("POST") == 0);
  CHECK(gitea.forge->upload_attachments({asset("one")}, std::nullopt).error().kind == ErrorKind::Usage);
  CHECK(gitea.forge->upload_attachments({asset("one")}, CommentTarget(CommitTarget{"abc"})).error().kind ==
        ErrorKind::Unsupported);
  auto const refused =
      gitea.forge->upload_attachments({{"tool.exe", "application/x-dosexec", "MZ", sha256_hex("MZ")}}, thread);
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "forbidden file extension"));
}
