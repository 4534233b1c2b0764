// Reading history and files of commits, without a checkout.
#include <algorithm>

#include "base/text.hpp"
#include "git/git.hpp"

namespace cml {

Result<std::string> Git::merge_base(std::string const& a, std::string const& b) const {
  return line({"merge-base", a, b});
}

Result<bool> Git::is_shallow() const {
  CML_TRY(answer, line({"rev-parse", "--is-shallow-repository"}));
  return std::string_view(answer) == "true";
}

Result<std::vector<std::string>> Git::history(std::string const& revision, int count) const {
  CML_TRY(sha, resolve(revision));
  CML_TRY(text, line({"rev-list", "--first-parent", "--max-count=" + std::to_string(count), sha}));
  return split(text, '\n');
}

Result<std::vector<std::string>> Git::files_at(std::string const& sha, std::string const& below) const {
  CML_TRY(
      text,
      run(GitCall{.arguments = {"ls-tree", "-r", "-z", "--name-only", sha, "--", below.empty() ? "." : below + "/"}}));
  std::vector<std::string> files = split(text, '\0');
  std::erase(files, "");
  return files;
}

Result<std::vector<std::optional<std::string>>> Git::read_blobs(std::vector<Blob> const& wanted,
                                                                std::uintmax_t max_bytes) const {
  std::vector<std::optional<std::string>> contents(wanted.size());
  std::string names;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].path.find_first_of("\n\r") != std::string::npos) continue;  // Cannot be asked for line by line.
    names += wanted[i].sha + ":./" + wanted[i].path + "\n";
    asked.push_back(i);
  }
  if (asked.empty()) return contents;
  CML_TRY(out, run(GitCall{.arguments = {"cat-file", "--batch"}, .input = std::move(names)}));
  std::string_view rest = out;
  for (std::size_t const i : asked) {
    auto const end = rest.find('\n');
    if (end == std::string_view::npos) return Error{ErrorKind::BadInput, "git cat-file --batch: its answer ends early"};
    std::string_view const header = rest.substr(0, end);  // "SHA blob SIZE", or "NAME missing".
    rest.remove_prefix(end + 1);
    auto const words = split(header, ' ');
    auto const size = words.size() == 3 ? parse_integer(words[2]) : std::nullopt;
    if (!size || header.substr(header.size() - std::min<std::size_t>(8, header.size())) == " missing") continue;
    auto const bytes = static_cast<std::size_t>(*size);
    if (bytes + 1 > rest.size()) return Error{ErrorKind::BadInput, "git cat-file --batch: its answer ends early"};
    if (words[1] == "blob") {
      if (bytes > max_bytes)
        return Error{ErrorKind::BadInput, wanted[i].path + " at " + wanted[i].sha.substr(0, 12) + " has " +
                                              std::to_string(bytes) + " bytes; at most " + std::to_string(max_bytes) +
                                              " are read"};
      contents[i] = std::string(rest.substr(0, bytes));
    }
    rest.remove_prefix(bytes + 1);
  }
  return contents;
}

namespace {

// The name under which git keeps a submodule's objects, from the text of `git config -z --get-regexp`: entries
// "submodule.NAME.path\nPATH\0".
std::string submodule_name(std::string_view listed, std::string const& folder) {
  constexpr std::string_view kStart = "submodule.", kEnd = ".path";
  for (std::string const& entry : split(listed, '\0')) {
    auto const end = entry.find('\n');
    if (end == std::string::npos || entry.substr(end + 1) != folder) continue;
    if (end > kStart.size() + kEnd.size()) return entry.substr(kStart.size(), end - kStart.size() - kEnd.size());
  }
  return folder;
}

}  // namespace

Result<std::optional<SubmoduleFile>> Git::elsewhere(std::string const& sha, std::string const& path) const {
  CML_TRY(below, prefix());
  std::string const full = (std::filesystem::path(below) / path).lexically_normal().generic_string();
  if (full.starts_with("..") || full.starts_with("/")) return std::optional<SubmoduleFile>();
  GitCall call{.arguments = {"ls-tree", "-z", "--full-tree", sha, "--"}};
  for (auto slash = full.find('/'); slash != std::string::npos; slash = full.find('/', slash + 1))
    call.arguments.push_back(full.substr(0, slash));
  call.arguments.push_back(full);
  auto listed = run(std::move(call));
  if (!listed) return Error{ErrorKind::BadInput, listed.error().message};
  constexpr std::string_view kCommit = "160000 commit ";
  for (std::string const& entry : split(*listed, '\0')) {
    auto const tab = entry.find('\t');
    if (tab == std::string::npos) continue;
    if (entry.substr(tab + 1) == full && contains(entry.substr(0, tab), " blob "))
      return Error{ErrorKind::BadInput,
                   "its content is missing from this clone, which is a partial or a damaged one; run git fetch "
                   "--refetch, or clone without a filter"};
    if (!entry.starts_with(kCommit)) continue;
    std::string const folder = entry.substr(tab + 1), commit = entry.substr(kCommit.size(), tab - kCommit.size());
    if (!full.starts_with(folder + "/")) continue;
    auto const names = run(
        {.arguments = {"config", "-z", "--blob", sha + ":.gitmodules", "--get-regexp", R"(^submodule\..*\.path$)"}});
    std::filesystem::path const name = submodule_name(names ? *names : std::string(), folder);
    if (name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end())
      return Error{ErrorKind::BadInput, "the submodule's name " + one_line(name.string(), 80) + " is not a valid one"};
    std::filesystem::path const top = place_.top / folder;
    return std::optional(SubmoduleFile{Git(process_, top, {place_.git_folder / "modules" / name, top}), commit,
                                       full.substr(folder.size() + 1), folder});
  }
  return std::optional<SubmoduleFile>();
}

}  // namespace cml
