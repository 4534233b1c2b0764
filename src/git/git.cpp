#include "git/git.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {

Result<std::string> Git::run(std::vector<std::string> arguments, std::string input) const {
  CML_TRY(out, run_raw(std::move(arguments), std::move(input)));
  return std::string(trim(out));
}

Result<std::string> Git::run_raw(std::vector<std::string> arguments, std::string input) const {
  std::string shown = "git";
  for (std::string const& argument : arguments) shown += " " + argument;
  bool const arguments_are_local = arguments.front() != "fetch";
  arguments.insert(arguments.begin(), "git");
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.directory = folder_;
  request.input = std::move(input);
  request.environment = {{"LC_ALL", "C"},
                         {"GIT_TERMINAL_PROMPT", "0"},
                         {"GIT_CONFIG_COUNT", "1"},
                         {"GIT_CONFIG_KEY_0", "safe.directory"},
                         {"GIT_CONFIG_VALUE_0", "*"}};
  request.timeout = std::chrono::seconds(arguments_are_local ? 60 : 1800);
  CML_TRY(result, process_.run(request));
  if (result.exit_code != 0)
    return Error{ErrorKind::NotFound, shown + ": " + one_line(result.err.empty() ? "failed" : result.err)};
  return std::move(result.out);
}

Result<std::string> Git::remote_url(std::string const& remote) const {
  return run({"config", "--get", "remote." + remote + ".url"});
}

Result<std::string> Git::head_sha() const { return resolve("HEAD"); }

Result<std::filesystem::path> Git::top_level() const {
  CML_TRY(text, run({"rev-parse", "--show-toplevel"}));
  return std::filesystem::path(text);
}

Result<std::string> Git::resolve(std::string const& revision) const {
  if (revision.empty() || revision[0] == '-')
    return Error{ErrorKind::Usage, "\"" + one_line(revision, 60) + "\" is no git revision"};
  return run({"rev-parse", "--verify", "--quiet", revision + "^{commit}"});
}

Result<std::string> Git::merge_base(std::string const& a, std::string const& b) const { return run({"merge-base", a, b}); }

Result<bool> Git::is_shallow() const {
  CML_TRY(answer, run({"rev-parse", "--is-shallow-repository"}));
  return answer == "true";
}

Result<std::vector<std::string>> Git::history(std::string const& revision, int count) const {
  CML_TRY(sha, resolve(revision));
  CML_TRY(text, run({"rev-list", "--first-parent", "--max-count=" + std::to_string(count), sha}));
  return split(text, '\n');
}

Result<std::vector<std::string>> Git::files_at(std::string const& sha, std::string const& below) const {
  CML_TRY(text, run_raw({"ls-tree", "-r", "-z", "--name-only", sha, "--", below.empty() ? "." : below + "/"}, ""));
  std::vector<std::string> files = split(text, '\0');
  std::erase(files, "");
  return files;
}

Result<std::vector<std::optional<std::string>>> Git::read_blobs(std::vector<Blob> const& wanted, std::uintmax_t max_bytes) const {
  std::vector<std::optional<std::string>> contents(wanted.size());
  std::string names;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].path.find_first_of("\n\r") != std::string::npos) continue;  // Cannot be asked for line by line.
    names += wanted[i].sha + ":./" + wanted[i].path + "\n";
    asked.push_back(i);
  }
  if (asked.empty()) return contents;
  CML_TRY(out, run_raw({"cat-file", "--batch"}, std::move(names)));
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
        return Error{ErrorKind::BadInput, wanted[i].path + " at " + wanted[i].sha.substr(0, 12) + " has " + std::to_string(bytes) + " bytes; at most " + std::to_string(max_bytes) + " are read"};
      contents[i] = std::string(rest.substr(0, bytes));
    }
    rest.remove_prefix(bytes + 1);
  }
  return contents;
}

Status Git::set_config(std::string const& key, std::string const& value) const {
  CML_TRY(done, run({"config", "--local", key, value}));
  return ok();
}

Status Git::fetch_all(std::string const& remote, long long depth) const {
  if (remote.empty() || remote[0] == '-') return Error{ErrorKind::Usage, "\"" + one_line(remote, 60) + "\" is no remote"};
  // A clone of one branch fetches only that one unless it is told otherwise.
  std::vector<std::string> fetch{"fetch", "--tags", "--force", remote, "+refs/heads/*:refs/remotes/" + remote + "/*"};
  CML_TRY(shallow, run({"rev-parse", "--is-shallow-repository"}));
  if (depth > 0) fetch.insert(fetch.begin() + 1, "--depth=" + std::to_string(depth));
  else if (shallow == "true") fetch.insert(fetch.begin() + 1, "--unshallow");
  auto fetched = run(fetch);
  if (!fetched) return std::move(fetched).error();
  return ok();
}

}  // namespace cml
