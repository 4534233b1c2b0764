#include "workspace/clone.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

void put_git_folder(MemoryFileSystem& files, fs::path const& folder) {
  files.put(folder / "HEAD", "ref: refs/heads/main\n");
  files.put(folder / "config", "[core]\n");
  files.put(folder / "objects/.keep", "");
  files.put(folder / "refs/.keep", "");
}

}  // namespace

TEST_CASE("clone: the first .git on the way up is the one", "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/project/.git");
  files.put("/project/a/b/file", "");
  auto const clone = find_clone(files, {.here = "/project/a/b"});
  REQUIRE(clone);
  CHECK(clone->top == "/project");
  CHECK(clone->git_folder == "/project/.git");
  CHECK(clone->common == "/project/.git");
  put_git_folder(files, "/project/a/.git");  // A clone inside the clone.
  CHECK(find_clone(files, {.here = "/project/a/b"})->top == "/project/a");
}

TEST_CASE("clone: a folder that looks like a repository itself is refused, one above it is not taken",
          "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/project/.git");
  put_git_folder(files, "/project/model");
  files.put("/project/model/sub/report.md", "");
  auto const refused = find_clone(files, {.here = "/project/model"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "looks like a git repository"));
  auto const below = find_clone(files, {.here = "/project/model/sub"});
  REQUIRE(below);
  CHECK(below->top == "/project");
}

TEST_CASE("clone: a HEAD that is a link, and a file commondir, make a repository for git, too", "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/project/.git");
  put_git_folder(files, "/project/model");
  REQUIRE(files.remove("/project/model/HEAD"));
  files.link("/project/model/HEAD", "refs/heads/none");
  CHECK_FALSE(find_clone(files, {.here = "/project/model"}));
  files.put("/project/other/HEAD", "ref: refs/heads/main\n");
  files.put("/project/other/commondir", "../model\n");
  CHECK_FALSE(find_clone(files, {.here = "/project/other"}));
  REQUIRE(files.remove("/project/other/commondir"));
  CHECK(find_clone(files, {.here = "/project/other"}));
}

TEST_CASE("clone: nothing above the CI's workspace is looked at", "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/project/.git");
  files.put("/project/jobs/repo/file", "");
  CHECK(find_clone(files, {.here = "/project/jobs/repo"}));
  auto const bounded = find_clone(files, {.here = "/project/jobs/repo", .ci_workspace = "/project/jobs/repo"});
  REQUIRE_FALSE(bounded);
  CHECK(bounded.error().kind == ErrorKind::NotFound);
  // A workspace that the folder does not lie in says nothing.
  files.put("/elsewhere/file", "");
  CHECK(find_clone(files, {.here = "/project/jobs/repo", .ci_workspace = "/elsewhere"}));
}

TEST_CASE("clone: worktrees and submodules name their git folder in a file", "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/project/.git");
  files.put("/project/.git/worktrees/wt/HEAD", "ref: refs/heads/x\n");
  files.put("/project/.git/worktrees/wt/commondir", "../..\n");
  files.put("/wt/.git", "gitdir: /project/.git/worktrees/wt\n");
  auto const worktree = find_clone(files, {.here = "/wt"});
  REQUIRE(worktree);
  CHECK(worktree->top == "/wt");
  CHECK(worktree->git_folder == "/project/.git/worktrees/wt");
  CHECK(worktree->common == "/project/.git");
  put_git_folder(files, "/project/.git/modules/lib");
  files.put("/project/lib/.git", "gitdir: ../.git/modules/lib\n");
  CHECK(find_clone(files, {.here = "/project/lib"})->git_folder == "/project/.git/modules/lib");
  files.put("/broken/.git", "something else\n");
  CHECK(find_clone(files, {.here = "/broken"}).error().kind == ErrorKind::BadInput);
}

TEST_CASE("clone: one that belongs to another user is believed only where the CI or git's configuration says so",
          "[workspace][clone]") {
  MemoryFileSystem files;
  put_git_folder(files, "/scratch/.git");
  files.put("/scratch/mine/file", "");
  files.of_others = {"/scratch/.git"};
  CloneRequest request{.here = "/scratch/mine"};
  auto const refused = find_clone(files, request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "safe.directory /scratch"));
  request.ci_workspace = "/scratch";
  CHECK(find_clone(files, request));
  request.ci_workspace.clear();
  for (auto const& [safe, believed] : std::vector<std::pair<std::string, bool>>{
           {"*", true}, {"/scratch", true}, {"/scratch/*", true}, {"/other", false}, {"/scratch/mine", false}}) {
    INFO(safe);
    request.safe_folders = [&, safe = safe] { return std::vector<std::string>{safe}; };
    CHECK(static_cast<bool>(find_clone(files, request)) == believed);
  }
}

TEST_CASE("clone: another user's file .git leads into no folder of ours", "[workspace][clone][security]") {
  MemoryFileSystem files;
  put_git_folder(files, "/tmp/mine/model");  // Of a pull request that was unpacked here.
  files.put("/tmp/mine/job/file", "");
  files.put("/tmp/.git", "gitdir: /tmp/mine/model\n");
  CHECK(find_clone(files, {.here = "/tmp/mine/job"}));
  files.of_others = {"/tmp/.git"};
  auto const refused = find_clone(files, {.here = "/tmp/mine/job"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  // The configuration of a worktree lies with the clone that it belongs to.
  put_git_folder(files, "/theirs/.git");
  files.put("/own/wt/HEAD", "ref: refs/heads/x\n");
  files.put("/own/wt/commondir", "/theirs/.git\n");
  files.put("/wt/.git", "gitdir: /own/wt\n");
  CHECK(find_clone(files, {.here = "/wt"}));
  files.of_others = {"/theirs/.git"};
  CHECK(find_clone(files, {.here = "/wt"}).error().kind == ErrorKind::Unauthorized);
}
