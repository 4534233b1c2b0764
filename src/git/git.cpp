#include "git/git.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "git/names.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

// Table: what git and servers say, what kind of failure it is, and what to check. The first match counts.
struct Complaint {
  std::string_view part;
  ErrorKind kind;
  std::string_view hint;
};
constexpr Complaint kComplaints[] = {
    {"stale info", ErrorKind::Conflict, "somebody else pushed to the branch meanwhile; run again"},
    {"[rejected]", ErrorKind::Conflict, "somebody else pushed to the branch meanwhile; run again"},
    {"cannot lock ref", ErrorKind::Conflict, "somebody else pushes to the branch just now; run again"},
    {"GH006", ErrorKind::Unauthorized, "the branch is protected; choose another --branch"},
    {"protected branch", ErrorKind::Unauthorized,
     "the branch is protected; choose another --branch, or allow the token to push to it"},
    {"without `workflow` scope", ErrorKind::Unauthorized,
     "the token needs the scope workflow to push changed workflow files"},
    {"hook declined", ErrorKind::Unauthorized, "a hook of the server refused the push; its words are above"},
    {"Authentication failed", ErrorKind::Unauthorized,
     "the token is wrong, or may not push; check REPO_TOKEN and its scopes"},
    {"could not read Username", ErrorKind::Unauthorized,
     "the server asks for a login: set REPO_TOKEN, and check that --repo names the remote's host"},
    {"Permission denied (publickey", ErrorKind::Unauthorized,
     "the SSH key is missing or may not push; or give the remote an https address"},
    {"error: 401", ErrorKind::Unauthorized, "the token is wrong; check REPO_TOKEN"},
    {"error: 403", ErrorKind::Unauthorized,
     "the token may not push; in GitHub Actions the job needs permissions: contents: write"},
    {"Write access to repository not granted", ErrorKind::Unauthorized,
     "in GitHub Actions the job needs permissions: contents: write"},
    {"error: 413", ErrorKind::TooLarge, "the push is larger than the server or a proxy takes"},
    {"exceeds GitHub's file size limit", ErrorKind::TooLarge, "use Git LFS or DVC for large files"},
    {"shallow update not allowed", ErrorKind::Conflict,
     "the clone is too shallow; run cml repo prepare --unshallow first"},
    {"SSL certificate", ErrorKind::Unreachable,
     "check the server's certificate, or name your own CA bundle by GIT_SSL_CAINFO"},
    {"certificate", ErrorKind::Unreachable,
     "check the server's certificate, or name your own CA bundle by GIT_SSL_CAINFO"},
    {"Could not resolve host", ErrorKind::Unreachable, "check the network and the remote's address"},
    {"Failed to connect", ErrorKind::Unreachable, "check the network and the remote's address"},
    {"unable to access", ErrorKind::Network, "check the network, the remote's address and the token"},
    {"remote end hung up", ErrorKind::Network, "the server broke off; run again"},
};

// The lines that say something, in one: "hint:" lines and the address line of a push do not.
std::string essence(std::string const& text) {
  std::string result;
  for (std::string const& raw : split(text, '\n')) {
    std::string_view const line = trim(raw);
    if (line.empty() || line.substr(0, 5) == "hint:" || line.substr(0, 3) == "To ") continue;
    result += (result.empty() ? "" : " | ") + std::string(line);
  }
  return one_line(result, 500);
}

Error failure(std::string const& shown, std::string const& said) {
  std::string text = shown + ": " + (trim(said).empty() ? "failed" : essence(said));
  ErrorKind kind = ErrorKind::NotFound;
  for (Complaint const& row : kComplaints) {
    if (!contains(said, row.part)) continue;
    kind = row.kind;
    text += "; " + std::string(row.hint);
    break;
  }
  return {kind, without_logins(text)};
}

}  // namespace

void Git::set_login(std::string url, Secret login) {
  login_url_ = std::move(url);
  login_ = std::move(login);
}

// An empty value takes back what a checkout step or the user's configuration set for the address before. The values
// come from the environment: arguments are for everyone to read.
void Git::add_login(ProcessRequest& request) const {
  std::string const key = "http." + login_url_ + ".extraHeader";
  std::string const header = "Authorization: Basic " + base64_encode(login_.reveal());
  request.arguments.insert(request.arguments.end(), {"-c", "credential.helper="});
  if (knows_config_env()) {
    request.arguments.insert(request.arguments.end(),
                             {"--config-env=" + key + "=CML_GIT_NOTHING", "--config-env=" + key + "=CML_GIT_LOGIN"});
    request.environment.emplace_back("CML_GIT_NOTHING", "");
    request.environment.emplace_back("CML_GIT_LOGIN", header);
    return;
  }
  // git 2.30 takes values from the environment in this form alone, where the first "=" ends the key: of an address that
  // holds one the folder above stands there, which is as good for this one command.
  std::string url = login_url_.substr(0, login_url_.find('='));
  if (url != login_url_) url.resize(url.rfind('/') + 1);
  std::string const start = "'http." + replace_all(url, "'", "'\\''") + ".extraHeader=";
  request.environment.emplace_back("GIT_CONFIG_PARAMETERS", start + "' " + start + header + "'");
}

bool Git::knows_config_env() const {
  ProcessRequest request;
  request.arguments = {"git", "version"};
  request.without_secrets = true;
  auto const answer = process_.run(request);  // "git version 2.39.5"
  if (!answer) return true;
  auto const words = split(std::string(trim(answer->out)), ' ');
  auto const numbers = split(words.size() > 2 ? words[2] : std::string(), '.');
  auto const major = numbers.empty() ? std::nullopt : parse_integer(numbers[0]);
  auto const minor = numbers.size() < 2 ? std::nullopt : parse_integer(numbers[1]);
  return !major || !minor || *major > 2 || *minor >= 31;
}

Result<std::string> Git::run(GitCall call) const {
  if (refused_) return Error(*refused_);
  std::string shown = "git";
  for (std::string const& argument : call.arguments) shown += " " + argument;
  shown = one_line(without_logins(shown), 200);
  ProcessRequest request;
  request.arguments = {"git", "--git-dir=" + place_.git_folder.string(), "--work-tree=" + place_.top.string()};
  auto const configure = [&](std::string setting) {
    request.arguments.insert(request.arguments.end(), {"-c", std::move(setting)});
  };
  configure("safe.bareRepository=explicit");
  request.environment = std::move(call.environment);
  request.environment.insert(
      request.environment.end(),
      {{"LC_ALL", "C"}, {"GIT_TERMINAL_PROMPT", "0"}, {"GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh"}});
  configure("core.fsmonitor=");
  if (!call.own_programs) {
    for (char const* setting : {"core.hooksPath=/dev/null", "core.pager=cat", "log.showSignature=false"})
      configure(setting);
  }
  bool const login = call.network && !login_.empty();
  request.without_secrets = !call.network || login;
  if (call.network && !https_host_.empty())
    configure("url.https://" + https_host_ + "/.insteadOf=http://" + https_host_ + "/");
  if (login) add_login(request);
  request.arguments.insert(request.arguments.end(), call.arguments.begin(), call.arguments.end());
  request.directory = folder_;
  request.input = std::move(call.input);
  request.timeout = std::chrono::seconds(call.network ? 1800 : 60);
  CML_TRY(result, process_.run(request));
  if (result.exit_code != 0) return failure(shown, result.err);
  return std::move(result.out);
}

Result<std::string> Git::line(std::vector<std::string> arguments) const {
  CML_TRY(text, run({.arguments = std::move(arguments)}));
  return std::string(trim(text));
}

Result<std::string> Git::remote_url(std::string const& remote) const {
  return line({"config", "--get", "remote." + remote + ".url"});
}

Result<std::string> Git::head_sha() const { return resolve("HEAD"); }

Result<std::string> Git::prefix() const { return line({"rev-parse", "--show-prefix"}); }

Result<std::string> Git::current_branch() const { return line({"branch", "--show-current"}); }

Result<std::string> Git::resolve(std::string const& revision) const {
  if (revision.empty() || revision[0] == '-')
    return Error{ErrorKind::Usage, "\"" + one_line(revision, 60) + "\" is not a git revision"};
  return line({"rev-parse", "--verify", "--quiet", revision + "^{commit}"});
}

Result<std::string> Git::tree_of(std::string const& commit) const {
  return line({"rev-parse", "--verify", "--quiet", commit + "^{tree}"});
}

Result<std::string> Git::subject_of(std::string const& commit) const {
  return line({"log", "-1", "--format=%s", commit});
}

Result<std::string> Git::committer_of(std::string const& commit) const {
  return line({"log", "-1", "--format=%ce", commit, "--"});
}

bool Git::is_tracked(std::filesystem::path const& path) const {
  auto const listed = run({.arguments = {"ls-files", "-z", "--full-name", "--", ":(top,literal)" + path.string()}});
  return listed && *listed == path.string() + '\0';
}

bool Git::is_committed(std::filesystem::path const& path) const {
  auto const committed = line({"rev-parse", "--verify", "--quiet", "HEAD:" + path.string()});
  auto const here = line({"hash-object", "--no-filters", "--", (place_.top / path).string()});
  return committed && here && *committed == *here;
}

Status Git::set_config(std::string const& key, std::string const& value) const {
  CML_TRY(done, line({"config", "--local", key, value}));
  return ok();
}

Status Git::fetch_all(std::string const& remote, long long depth) const {
  CML_CHECK_OK(check_remote(remote));
  // A clone of one branch fetches only that one unless it is told otherwise.
  std::vector<std::string> fetch{"fetch", "--tags", "--force", remote, "+refs/heads/*:refs/remotes/" + remote + "/*"};
  CML_TRY(shallow, line({"rev-parse", "--is-shallow-repository"}));
  if (depth > 0)
    fetch.insert(fetch.begin() + 1, "--depth=" + std::to_string(depth));
  else if (shallow == "true")
    fetch.insert(fetch.begin() + 1, "--unshallow");
  auto fetched = run({.arguments = fetch, .network = true});
  if (!fetched) return std::move(fetched).error();
  return ok();
}

Status Git::fetch_one(std::string const& remote, std::string const& what) const {
  CML_CHECK_OK(check_remote(remote));
  CML_TRY(done, run({.arguments = {"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, what},
                     .network = true}));
  return ok();
}

Result<std::vector<Git::ChangedFile>> Git::changed_files() const {
  CML_TRY(text, run({.arguments = {"status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"},
                     .own_programs = true}));
  std::vector<ChangedFile> files;
  for (std::string const& entry : split(text, '\0')) {
    if (entry.size() <= 3 || entry.back() == '/') continue;  // A folder is somebody's clone inside this one.
    std::string const state = entry.substr(0, 2);
    files.push_back({entry.substr(3), contains(state, "U") || state == "AA" || state == "DD"});
  }
  return files;
}

Result<std::optional<std::string>> Git::remote_branch(std::string const& remote, std::string const& branch) const {
  CML_CHECK_OK(check_remote(remote));
  CML_CHECK_OK(check_name("branch", branch));
  std::string const ref = "refs/heads/" + branch;
  CML_TRY(text, run({.arguments = {"ls-remote", remote, ref}, .network = true}));
  for (std::string const& row : split(text, '\n')) {
    auto const tab = row.find('\t');
    if (tab != std::string::npos && row.substr(tab + 1) == ref) return std::optional(row.substr(0, tab));
  }
  return std::optional<std::string>();
}

Status Git::push(std::string const& remote, std::string const& commit, std::string const& branch,
                 std::optional<std::string> const& expected) const {
  CML_CHECK_OK(check_remote(remote));
  CML_CHECK_OK(check_name("branch", branch));
  std::string const ref = "refs/heads/" + branch;
  CML_TRY(done, run({.arguments = {"push", "--quiet", "--force-with-lease=" + ref + ":" + expected.value_or(""), remote,
                                   commit + ":" + ref},
                     .network = true,
                     .own_programs = true}));
  return ok();
}

}  // namespace cml
