#include "workspace/door.hpp"

#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"
#include "workspace/credential_names.hpp"
#include "workspace/data_source.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kEnough = 1u << 20;

struct Room {
  MemoryFileSystem files;
  DoorRules rules{.root = "/project", .git_folders = {"/project/.git", "/elsewhere/git"}};
  Room() {
    files.put("/project/a.csv", "x\n1\n");
    files.put("/project/.git/config", "token");
    files.put("/etc/passwd", "root");
    files.put("/elsewhere/git/config", "token");
  }
  Result<std::string> read(fs::path const& path, Origin origin = Origin::Workspace) {
    return Door(files, rules).read(path, kEnough, origin);
  }
};

}  // namespace

TEST_CASE("door: what a file of the workspace asks for comes from the workspace alone", "[workspace][door]") {
  Room room;
  CHECK(room.read("a.csv").value() == "x\n1\n");
  CHECK(room.read("/project/a.csv"));
  room.files.link("/project/link", "/etc/passwd");
  room.files.link("/project/folder", "/etc");
  room.files.link("/project/inner", "a.csv");
  CHECK(room.read("inner"));
  for (char const* path : {"/etc/passwd", "../etc/passwd", "link", "folder/passwd", "sub/../../etc/passwd"}) {
    INFO(path);
    auto const read = room.read(path);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Unauthorized);
  }
  CHECK(room.read("missing.csv").error().kind == ErrorKind::NotFound);
}

TEST_CASE("door: the command line may name files elsewhere, but no link of the workspace leads there",
          "[workspace][door]") {
  Room room;
  room.files.link("/project/link", "/etc/passwd");
  CHECK(room.read("/etc/passwd", Origin::CommandLine));
  CHECK(room.read("../etc/passwd", Origin::CommandLine));
  CHECK(room.read("link", Origin::CommandLine).error().kind == ErrorKind::Unauthorized);
  CHECK(room.read(".git/config", Origin::CommandLine).error().kind == ErrorKind::Unsupported);
}

TEST_CASE("door: an object of Git LFS is read where its content has the hash that is its name", "[workspace][door]") {
  Room room;
  std::string const content = "a,b\n1,2\n", hash = sha256_hex(content);
  auto const place = [](std::string const& name) {
    return "lfs/objects/" + name.substr(0, 2) + "/" + name.substr(2, 2) + "/" + name;
  };
  room.files.put("/project/.git/" + place(hash), content);
  room.files.link("/project/data.csv", ".git/" + place(hash));
  CHECK(room.read("data.csv").value() == content);
  CHECK(room.read("data.csv", Origin::CommandLine).value() == content);
  CHECK(Door(room.files, room.rules).find("data.csv"));
  // A worktree's objects lie with the clone that it belongs to.
  room.files.put("/elsewhere/git/" + place(hash), content);
  room.files.link("/project/tree.csv", "/elsewhere/git/" + place(hash));
  CHECK(room.read("tree.csv").value() == content);

  std::string const other = sha256_hex("something else");
  room.files.put("/project/.git/" + place(other), content);
  room.files.link("/project/forged.csv", ".git/" + place(other));
  auto const forged = room.read("forged.csv");
  REQUIRE_FALSE(forged);
  CHECK(forged.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(forged.error().message, "git lfs fsck"));
  for (std::string const& path :
       std::vector<std::string>{".git/lfs/objects/" + hash, ".git/objects/" + hash.substr(0, 2) + "/" + hash,
                                ".git/lfs/tmp/" + hash, ".git/lfs/objects/aa/bb/config"}) {
    INFO(path);
    room.files.put("/project/" + path, content);
    CHECK(room.read(path).error().kind == ErrorKind::Unsupported);
  }
  CHECK(Door(room.files, room.rules).write(".git/" + place(hash), "x").error().kind == ErrorKind::Unauthorized);
}

TEST_CASE("door: nothing of .git is read, in whatever spelling and wherever the git folder lies", "[workspace][door]") {
  Room room;
  for (char const* name : {".git",
                           ".GIT",
                           ".Git",
                           ".git.",
                           ".git ",
                           ".git...",
                           ".git . .",
                           "git~1",
                           "GIT~1",
                           "Git~1.",
                           ".git::$INDEX_ALLOCATION",
                           ".git:stream",
                           ".GIT.:a",
                           "git~1:x",
                           ".git\\x",
                           ".g\u200cit",
                           ".\u200dgit",
                           "\u200e.git",
                           ".git\u200f",
                           ".g\u202ait",
                           ".g\u202bit",
                           ".g\u202cit",
                           ".g\u202dit",
                           ".g\u202eit",
                           ".g\u206ait",
                           ".g\u206bit",
                           ".g\u206cit",
                           ".g\u206dit",
                           ".g\u206eit",
                           ".g\u206fit",
                           ".g\ufeffit",
                           "\ufeff.G\u200cI\u206eT. "}) {
    INFO(name);
    room.files.put(fs::path("/project/sub") / name / "config", "token");
    CHECK(room.read(fs::path("sub") / name / "config").error().kind == ErrorKind::Unsupported);
  }
  room.files.link("/project/alias", ".git");
  CHECK(room.read("alias/config").error().kind == ErrorKind::Unsupported);
  // A worktree's or submodule's git folder inside the workspace has another name.
  room.files.put("/project/store/wt/config", "token");
  room.rules.git_folders.push_back("/project/store/wt");
  CHECK(room.read("store/wt/config").error().kind == ErrorKind::Unsupported);
  room.rules.other_roots = {"/elsewhere"};
  CHECK(room.read("/elsewhere/git/config").error().kind == ErrorKind::Unsupported);
  room.files.put("/project/.github/x.md", "text");
  for (char const* name : {".gitignore", ".gitattributes", ".gitmodules", "git", "git~2", "x.git", ".git-notes.md"}) {
    INFO(name);
    room.files.put(fs::path("/project") / name, "text");
    CHECK(room.read(name));
  }
  CHECK(room.read(".github/x.md"));
}

TEST_CASE("door: untracked files with names of credentials need --allow-file", "[workspace][door]") {
  Room room;
  room.files.put("/project/gha-creds-1f.json", "key");
  room.files.put("/project/conf/.env", "key");
  auto const refused = room.read("gha-creds-1f.json");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "--allow-file 'gha-creds-1f.json'"));
  CHECK_FALSE(room.read("conf/.env"));
  CHECK(room.read("conf/.env", Origin::CommandLine));
  room.rules.allowed = {"conf/.env"};
  CHECK(room.read("conf/.env"));
  CHECK_FALSE(room.read("gha-creds-1f.json"));
  room.rules.is_committed = [](fs::path const& path) { return path == "gha-creds-1f.json"; };
  CHECK(room.read("gha-creds-1f.json"));
  // The index has the name; what stands there now may come from a step.
  room.rules.is_committed = {};
  room.rules.is_tracked = [](fs::path const&) { return true; };
  CHECK_FALSE(room.read("gha-creds-1f.json"));
}

TEST_CASE("door: a link that the command line names is no word for the login that it leads to",
          "[workspace][door][security]") {
  Room room;
  room.files.put("/project/.env", "key");
  room.files.put("/project/runs/params/lr", "0.1");
  room.files.link("/project/report.md", ".env");
  room.files.link("/project/runs/params/p", "../../.env");
  CHECK(room.read("report.md", Origin::CommandLine).error().kind == ErrorKind::Unauthorized);
  CHECK(room.read("runs/params/p", Origin::CommandLine).error().kind == ErrorKind::Unauthorized);
  CHECK(room.read("runs/params/lr", Origin::CommandLine));
  CHECK(room.read(".env", Origin::CommandLine));
  room.rules.allowed = {".env"};
  CHECK(room.read("report.md", Origin::CommandLine));
}

TEST_CASE("door: a link into a cache that the command line named is followed", "[workspace][door]") {
  Room room;
  room.files.put("/cache/ab/cd", "bytes");
  room.files.link("/project/model.json", "/cache/ab/cd");
  CHECK_FALSE(room.read("model.json"));
  room.rules.other_roots = {"/cache"};
  CHECK(room.read("model.json").value() == "bytes");
}

TEST_CASE("door: outputs do not go through links that git tracks or that leave the workspace", "[workspace][door]") {
  Room room;
  room.files.put("/home/user/.bashrc", "old");
  room.files.link("/project/out.md", "/home/user/.bashrc");
  room.files.link("/project/out_files", "/home/user");
  room.files.link("/project/inner.md", "a.csv");
  Door door(room.files, room.rules);
  CHECK(door.write("out.md", "x").error().kind == ErrorKind::Unauthorized);
  CHECK(door.write("out_files/plot.png", "x").error().kind == ErrorKind::Unauthorized);
  CHECK(door.make_directories("out_files/deeper").error().kind == ErrorKind::Unauthorized);
  CHECK(door.write(".git/hooks-x", "x").error().kind == ErrorKind::Unauthorized);
  CHECK(room.files.at("/home/user/.bashrc") == "old");
  CHECK(door.write("inner.md", "new"));
  CHECK(room.files.at("/project/a.csv") == "new");
  room.rules.is_tracked = [](fs::path const& path) { return path == "inner.md"; };
  CHECK(Door(room.files, room.rules).write("inner.md", "again").error().kind == ErrorKind::Unauthorized);
  CHECK(door.write("/home/user/named.md", "x"));  // Named in full: the user's own word.
}

TEST_CASE("door: charts load files through it, from the folder of the report", "[workspace][door]") {
  Room room;
  Door const door(room.files, room.rules);
  room.files.put("/project/plots/b.csv", "y\n2\n");
  DataSource const data(door, "/project/plots");
  CHECK(data.load("b.csv").value() == "y\n2\n");
  CHECK(data.load("../a.csv"));
  CHECK(data.load("data:text/csv,x%0A1").value() == "x\n1");
  for (char const* url : {"../.git/config", "/etc/passwd", "file:///etc/passwd", "../../etc/passwd"}) {
    INFO(url);
    CHECK_FALSE(data.load(url));
  }
  DataSource const outside(door, "/tmp/reports");
  room.files.put("/tmp/reports/secret.csv", "y\n");
  CHECK(outside.load("secret.csv").error().kind == ErrorKind::Unauthorized);
}

TEST_CASE("credential names: files that hold tokens are known by their names", "[workspace][door]") {
  for (char const* path : {"gha-creds-0a1b.json",
                           ".env",
                           ".env.local",
                           "prod.env",
                           "a/b/.npmrc",
                           ".netrc",
                           ".pypirc",
                           "id_rsa",
                           "id_ed25519",
                           "id_ed25519.pub",
                           "keys/server.pem",
                           "x.key",
                           ".aws/credentials",
                           ".aws/config",
                           "home/.aws/sso/cache/1.json",
                           ".docker/config.json",
                           "ci/.docker/config.json",
                           "kubeconfig",
                           "KUBECONFIG",
                           ".kube/config",
                           ".ENV",
                           "Server.PEM",
                           "terraform.tfstate",
                           "prod.tfvars",
                           ".git-credentials",
                           "credentials.json",
                           ".ssh/known_hosts",
                           "application_default_credentials.json",
                           "kaggle.json",
                           ".dvc/config.local",
                           ".huggingface/token"}) {
    INFO(path);
    CHECK(may_hold_credentials(path));
  }
  for (char const* path : {"metrics.json", "environment.yml", "env.csv", "keys.csv", "monkey.json", "config.json",
                           "docker/config.json", "model.keras", "plots/token_lengths.csv", "id.csv", "README.md",
                           "requirements.txt", "aws/metrics.json", "dvc.lock", ".dvc/config"}) {
    INFO(path);
    CHECK_FALSE(may_hold_credentials(path));
  }
}
