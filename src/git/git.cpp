#include "git/git.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {

Result<std::string> Git::run(std::vector<std::string> arguments) const {
  std::string shown = "git";
  for (std::string const& argument : arguments) shown += " " + argument;
  arguments.insert(arguments.begin(), "git");
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.directory = folder_;
  request.environment = {{"LC_ALL", "C"},
                         {"GIT_TERMINAL_PROMPT", "0"},
                         {"GIT_CONFIG_COUNT", "1"},
                         {"GIT_CONFIG_KEY_0", "safe.directory"},
                         {"GIT_CONFIG_VALUE_0", "*"}};
  request.timeout = std::chrono::seconds(60);
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

}  // namespace cml
