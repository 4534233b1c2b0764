#include "git/own_ref.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "git/names.hpp"

namespace cml {
namespace {

Status check_ref(std::string const& ref) {
  if (!ref.starts_with("refs/") || ref.ends_with('/'))
    return Error{ErrorKind::Usage, "\"" + one_line(ref, 60) + "\" is not a valid name for a ref"};
  return check_name("ref", ref);
}

}  // namespace

Result<std::optional<std::string>> remote_ref(Git const& git, std::string const& remote, std::string const& ref) {
  CML_CHECK_OK(check_remote(remote));
  CML_CHECK_OK(check_ref(ref));
  CML_TRY(text, git.run({.arguments = {"ls-remote", remote, ref}, .network = true}));
  for (std::string const& row : split(text, '\n')) {
    auto const tab = row.find('\t');
    if (tab != std::string::npos && row.substr(tab + 1) == ref) return std::optional(row.substr(0, tab));
  }
  return std::optional<std::string>();
}

Status mirror_ref(Git const& git, std::string const& remote, std::string const& ref, std::string const& local) {
  CML_CHECK_OK(check_remote(remote));
  CML_CHECK_OK(check_ref(ref));
  CML_CHECK_OK(check_ref(local));
  CML_TRY(
      done,
      git.run({.arguments = {"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, "+" + ref + ":" + local},
               .network = true}));
  return ok();
}

Result<std::vector<RefFile>> files_of_ref(Git const& git, std::string const& commit) {
  CML_TRY(text, git.run({.arguments = {"ls-tree", "-z", "-l", "--full-tree", commit}}));
  std::vector<RefFile> files;
  for (std::string const& entry : split(text, '\0')) {  // "100644 blob SHA     SIZE\tNAME"; "-" for a folder's size.
    auto const tab = entry.find('\t');
    if (tab == std::string::npos) continue;
    auto words = split(entry.substr(0, tab), ' ');
    std::erase(words, "");
    if (words.size() != 4) continue;
    auto const size = parse_integer(words[3]);
    bool const is_file = size && *size >= 0 && words[1] == "blob" && words[0] != "120000";
    files.push_back({entry.substr(tab + 1), words[2], is_file ? static_cast<std::uintmax_t>(*size) : 0, is_file});
  }
  std::sort(files.begin(), files.end(), [](RefFile const& a, RefFile const& b) { return a.name < b.name; });
  return files;
}

Result<std::string> commit_to_ref(Git const& git, RefChange const& change) {
  std::map<std::string, std::string> tree;
  for (RefFile const& file : change.files) tree[file.name] = file.sha;
  for (auto const& [name, bytes] : change.written) {
    CML_TRY(sha, git.run({.arguments = {"hash-object", "-w", "--no-filters", "--stdin"}, .input = bytes}));
    tree[name] = trim(sha);
  }
  std::string listed;
  for (auto const& [name, sha] : tree) listed += "100644 blob " + sha + "\t" + name + '\0';
  CML_TRY(written, git.run({.arguments = {"mktree", "-z"}, .input = listed}));
  CML_TRY(commit, git.run({.arguments = {"commit-tree", std::string(trim(written)), "-F", "-"},
                           .environment = {{"GIT_AUTHOR_NAME", change.name},
                                           {"GIT_AUTHOR_EMAIL", change.email},
                                           {"GIT_COMMITTER_NAME", change.name},
                                           {"GIT_COMMITTER_EMAIL", change.email}},
                           .input = change.message + "\n"}));
  return std::string(trim(commit));
}

Status push_ref(Git const& git, std::string const& remote, std::string const& commit, std::string const& ref,
                std::optional<std::string> const& expected) {
  CML_CHECK_OK(check_remote(remote));
  CML_CHECK_OK(check_ref(ref));
  CML_TRY(done,
          git.run({.arguments = {"push", "--quiet", "--no-verify",
                                 "--force-with-lease=" + ref + ":" + expected.value_or(""), remote, commit + ":" + ref},
                   .network = true}));
  return ok();
}

Status set_ref(Git const& git, std::string const& ref, std::string const& commit,
               std::optional<std::string> const& expected) {
  CML_CHECK_OK(check_ref(ref));
  std::string const none(commit.size(), '0');  // "There must be none."
  CML_TRY(done, git.run({.arguments = {"update-ref", ref, commit, expected.value_or(none)}}));
  return ok();
}

}  // namespace cml
