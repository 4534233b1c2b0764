#include "asset/prune.hpp"

#include <set>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;
using Variables = std::vector<std::pair<std::string, std::string>>;
constexpr std::string_view kIndex = "index.txt";

// "ab/ab12...ef.png": a name that content_address() gives.
bool is_content_address(std::string_view path) {
  if (path.size() < 67 || path[2] != '/' || path.substr(0, 2) != path.substr(3, 2)) return false;
  std::string_view const digits = path.substr(3, 64), rest = path.substr(67);
  return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos && (rest.empty() || rest[0] == '.') &&
         !contains(rest, "/");
}

Result<std::set<std::string>> stored_files(Git const& git, std::string const& commit) {
  CML_TRY(text, git.run({.arguments = {"ls-tree", "-r", "-z", "--name-only", commit}}));
  std::set<std::string> files;
  for (std::string const& name : split(text, '\0'))
    if (is_content_address(name)) files.insert(name);
  return files;
}

// Rewrites commits without some files, in an index of its own.
class Rewriter {
 public:
  Rewriter(Git const& git, std::string index, std::set<std::string> const& gone)
      : git_(git), own_index_{{"GIT_INDEX_FILE", std::move(index)}} {
    for (std::string const& file : gone) names_ += file + '\0';
  }
  // `commit` again on top of `parent` (empty: none), with its own message and dates. With `listed` the index names
  // these files.
  Result<std::string> rewrite(std::string const& commit, std::string const& parent,
                              std::set<std::string> const* listed) const {
    CML_TRY(read, git_.run({.arguments = {"read-tree", commit}, .environment = own_index_}));
    CML_TRY(removed, git_.run({.arguments = {"update-index", "--force-remove", "-z", "--stdin"},
                               .environment = own_index_,
                               .input = names_}));
    if (listed != nullptr) {
      std::string text;
      for (std::string const& file : *listed) text += file + "\n";
      CML_TRY(blob, git_.run({.arguments = {"hash-object", "-w", "--stdin"}, .input = text}));
      CML_TRY(set, git_.run({.arguments = {"update-index", "--add", "--cacheinfo",
                                           "100644," + std::string(trim(blob)) + "," + std::string(kIndex)},
                             .environment = own_index_}));
    }
    CML_TRY(tree, git_.run({.arguments = {"write-tree"}, .environment = own_index_}));
    CML_TRY(facts, git_.run({.arguments = {"log", "-1", "--format=%an%n%ae%n%cI%n%B", commit}}));
    auto const lines = split(facts, '\n');
    if (lines.size() < 4) return Error{ErrorKind::BadInput, "commit " + commit + " cannot be read"};
    std::size_t const message = lines[0].size() + lines[1].size() + lines[2].size() + 3;
    std::vector<std::string> arguments{"commit-tree", std::string(trim(tree)), "-F", "-"};
    if (!parent.empty()) arguments.insert(arguments.end(), {"-p", parent});
    CML_TRY(made, git_.run({.arguments = arguments,
                            .environment = {{"GIT_AUTHOR_NAME", lines[0]},
                                            {"GIT_AUTHOR_EMAIL", lines[1]},
                                            {"GIT_AUTHOR_DATE", lines[2]},
                                            {"GIT_COMMITTER_NAME", lines[0]},
                                            {"GIT_COMMITTER_EMAIL", lines[1]},
                                            {"GIT_COMMITTER_DATE", lines[2]}},
                            .input = std::string(trim(facts.substr(message))) + "\n"}));
    return std::string(trim(made));
  }

 private:
  Git const& git_;
  Variables own_index_;
  std::string names_;
};

}  // namespace

std::optional<std::chrono::hours> parse_age(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  auto const number = parse_integer(text.substr(0, text.size() - 1));
  if (!number || *number < 0 || *number > 100'000) return std::nullopt;
  switch (text.back()) {
    case 'h':
      return std::chrono::hours(*number);
    case 'd':
      return std::chrono::hours(*number * 24);
    case 'w':
      return std::chrono::hours(*number * 24 * 7);
    default:
      return std::nullopt;
  }
}

Result<PruneResult> prune_branch(Git const& git, FileSystem& files, PruneRequest const& request) {
  CML_TRY(there, git.remote_branch(request.remote, request.branch));
  if (!there) return Error{ErrorKind::NotFound, "there is no branch " + request.branch + " on " + request.remote};
  std::string const head = *there;
  CML_CHECK_OK(git.fetch_one(request.remote, "refs/heads/" + request.branch));
  CML_TRY(current, stored_files(git, head));
  PruneResult result{0, current.size()};
  // What the newest commit before the limit held is old; the commits after it are kept, each with its date.
  CML_TRY(found, git.run({.arguments = {"log", "-1", "--format=%H", "--before=" + iso_time(request.before), head}}));
  std::string const old_commit(trim(found));
  if (old_commit.empty()) return result;
  CML_TRY(old_files, stored_files(git, old_commit));
  std::set<std::string> gone, kept;
  for (std::string const& file : current) (old_files.count(file) ? gone : kept).insert(file);
  result = {gone.size(), kept.size()};
  if (gone.empty() || request.dry_run) return result;
  gone.insert(old_files.begin(), old_files.end());

  CML_TRY(where, git.run({.arguments = {"rev-parse", "--absolute-git-dir"}}));
  fs::path const index = fs::path(trim(where)) / ("cml-prune-" + head.substr(0, 12));
  Rewriter const rewriter(git, index.string(), gone);
  auto const rewrite_all = [&]() -> Result<std::string> {
    CML_TRY(rows, git.run({.arguments = {"rev-list", "--first-parent", "--reverse", old_commit + ".." + head}}));
    auto commits = split(trim(rows), '\n');
    if (trim(rows).empty()) commits.clear();
    CML_TRY(last, rewriter.rewrite(old_commit, "", commits.empty() ? &kept : nullptr));
    for (std::size_t i = 0; i < commits.size(); ++i) {
      CML_TRY(next, rewriter.rewrite(commits[i], last, i + 1 == commits.size() ? &kept : nullptr));
      last = std::move(next);
    }
    return last;
  };
  auto rewritten = rewrite_all();
  if (files.kind(index) == FileKind::Regular) CML_CHECK_OK(files.remove(index));
  if (!rewritten) return std::move(rewritten).error();
  CML_CHECK_OK(git.push(request.remote, *rewritten, request.branch, head));
  return result;
}

}  // namespace cml
