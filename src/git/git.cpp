#include "git/git.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {

Result<std::string> Git::run(std::vector<std::string> arguments) const {
  std::string shown = "git";
  for (std::string const& argument : arguments) shown += " " + argument;
  bool const arguments_are_local = arguments.front() != "fetch";
  arguments.insert(arguments.begin(), "git");
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.directory = folder_;
  request.environment = {{"LC_ALL", "C"},
                         {"GIT_TERMINAL_PROMPT", "0"},
                         {"GIT_CONFIG_COUNT", "1"},
                         {"GIT_CONFIG_KEY_0", "safe.directory"},
                         {"GIT_CONFIG_VALUE_0", "*"}};
  request.timeout = std::chrono::seconds(arguments_are_local ? 60 : 1800);
  CML_TRY(result, process_.run(request));
  if (result.exit_code != 0)
    return Error{ErrorKind::NotFound, shown + ": " + one_line(result.err.empty() ? "failed" : result.err)};
  return std::string(trim(result.out));
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
