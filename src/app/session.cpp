#include "app/session.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "git/git.hpp"
#include "markdown/html.hpp"
#include "report/watermark.hpp"
#include "workspace/paths.hpp"

namespace cml {
namespace {

bool is_full_sha(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// True when the number of the CI's pull request counts in the repository that the command talks to.
bool is_home_of_run(CiRun const& ci, ForgeChoice const& choice) {
  std::string const& home = ci.pull_request_repository.empty() ? ci.repository : ci.pull_request_repository;
  if (home.empty() || choice.repository.path.empty()) return true;
  if (!ci.forge.empty() && ci.forge != choice.type->name) return false;
  auto const named = parse_repository(home, "https://any.invalid");
  if (!named) return true;
  // A name may come without the sub-path of an installation.
  std::string const a = "/" + to_lower(named->path), b = "/" + to_lower(choice.repository.path);
  return a.size() < b.size() ? b.substr(b.size() - a.size()) == a : a.substr(a.size() - b.size()) == b;
}

// In a CI that names its server no other host gets the token, whatever the clone's configuration says.
bool is_host_of_run(CiRun const& ci, std::string const& remote) {
  if (ci.server_url.empty()) return true;
  auto const server = parse_url(ci.server_url);
  auto const named = parse_repository(remote, ci.server_url);
  return server && named && to_lower(named->host()) == to_lower(server->host);
}

}  // namespace

Result<Session> open_session(Context& context, Belongs belongs) {
  Session session;
  session.ci = read_ci(context.environment, context.files);
  ForgeRequest request;
  request.driver = context.options.driver;
  request.repo = context.options.repo;
  request.api_url = context.options.api_url;
  request.token = context.options.token;
  request.insecure_http = context.options.insecure_http;
  std::string const& asked_of = session.ci.pull_request_repository;
  if (belongs == Belongs::ToPullRequest && request.repo.empty() && session.ci.pull_request && !asked_of.empty() &&
      !session.ci.server_url.empty() && is_host_of_run(session.ci, asked_of)) {
    context.console.log(LogLevel::Info, "the pull request of this run is one of " + safe_url(asked_of));
    request.repo = asked_of;
  }
  Git const git = git_of_run(context);
  if (request.repo.empty() && request.driver != "local") {
    auto const remote = git.remote_url();
    if (!remote && remote.error().kind == ErrorKind::Unauthorized) return Error(remote.error());
    if (remote && is_host_of_run(session.ci, *remote))
      request.remote_url = *remote;
    else
      context.console.log(LogLevel::Debug, remote ? "the remote is not at the server that this CI names; it is not used"
                                                  : remote.error().message);
  }
  CML_TRY(choice, choose_forge(request, session.ci, context.environment));
  session.choice = std::move(choice);
  std::string const& path = session.choice.repository.path;
  if (belongs != Belongs::ToOwnerToo && !path.empty() && !contains(path, "/"))
    return Error{ErrorKind::Usage, session.choice.repository.web_url() +
                                       " names an owner and no repository; give --repo as https://HOST/OWNER/NAME"};
  if (session.ci.pull_request && !is_home_of_run(session.ci, session.choice)) {
    std::string const& home =
        session.ci.pull_request_repository.empty() ? session.ci.repository : session.ci.pull_request_repository;
    context.console.log(LogLevel::Info, "pull request " + std::to_string(*session.ci.pull_request) +
                                            " of this run belongs to " + safe_url(home) + ", not to " +
                                            session.choice.repository.path +
                                            ", so it is not used; --repo or --target names another");
    session.ci.pull_request.reset();
  }
  if (session.choice.type->name == "local" && request.driver.empty()) session.unreached = request.remote_url;
  ForgeSetup setup;
  setup.repository = session.choice.repository;
  setup.api_url = session.choice.api_url;
  setup.token = session.choice.token;
  std::string const folder = context.environment.get("CML_LOCAL_FOLDER").value_or("");
  setup.local_folder =
      (context.files.current_directory() / (folder.empty() ? ".cml" : folder)).lexically_normal().string();
  setup.to_html = markdown::to_html;
  setup.http = &context.http;
  setup.clock = &context.clock;
  setup.random = &context.random;
  setup.files = &context.files;
  setup.notify = [&console = context.console](std::string const& line) { console.log(LogLevel::Info, line); };
  // A pull request may have brought ".cml" as a link.
  if (session.choice.type->name == "local" && folder.empty()) {
    CML_TRY(door, open_door(context));
    CML_CHECK_OK(door.check_output(setup.local_folder));
  }
  session.forge = session.choice.type->make(setup);
  context.console.log(LogLevel::Debug, "forge " + std::string(session.choice.type->name) + ", " +
                                           session.forge->web_url() +
                                           (session.ci.system.empty() ? "" : ", " + session.ci.system));
  return session;
}

void tell_unreached(Context& context, Session const& session) {
  if (session.unreached.empty()) return;
  context.console.log(LogLevel::Info, "no CI and no token here, so nothing reaches " +
                                          clean_line(safe_url(session.unreached), 200) +
                                          ": this is the local forge; set REPO_TOKEN, or say --driver=local");
}

std::string filled_title(Context& context, CiRun const& ci, std::string const& title) {
  std::string filled = fill_title(title, ci.workflow, ci.run);
  if (contains(filled, "{workflow}") || contains(filled, "{run}"))
    context.console.log(LogLevel::Info, "the title stays \"" + clean_line(filled, 200) +
                                            "\": outside of a CI {workflow} and {run} have no value");
  return filled;
}

std::string commit_of_run(Context& context, CiRun const& ci, std::string const& given) {
  std::string const& wanted = given.empty() ? ci.sha : given;
  Git const git = git_of_run(context);
  if (given.empty() && ci.merge != CiRun::Merge::None) {
    std::string const checkout = wanted.empty() ? "HEAD" : wanted;
    bool merged = true;
    if (ci.merge == CiRun::Merge::JenkinsMerged) {  // A merge that is part of the branch looks alike; Jenkins makes its
                                                    // own in nobody's name.
      auto const committer = git.committer_of(checkout);
      merged = committer && *committer == "nobody@nowhere";
    }
    if (auto const head = git.resolve(checkout + (ci.merge == CiRun::Merge::JenkinsMerged ? "^1" : "^2"));
        head && merged)
      return *head;
  }
  if (is_full_sha(wanted)) return wanted;
  auto const resolved = git.resolve(wanted.empty() ? "HEAD" : wanted);
  return resolved ? *resolved : wanted;
}

namespace {

// Of the user's and the machine's configuration alone: asked outside of any repository.
std::vector<std::string> safe_folders(Process& process) {
  std::vector<std::string> folders;
  for (char const* scope : {"--system", "--global"}) {
    ProcessRequest request;
    request.arguments = {"git", "config", scope, "--get-all", "safe.directory"};
    request.directory = "/";
    request.without_secrets = true;
    auto const answer = process.run(request);
    if (!answer) continue;
    for (std::string const& line : split(answer->out, '\n')) {
      if (line.empty()) folders.clear();  // An empty value takes back those before it.
      if (!line.empty()) folders.push_back(line);
    }
  }
  return folders;
}

}  // namespace

Result<Clone> clone_of_run(Context& context) {
  CloneRequest request;
  request.here = context.files.current_directory();
  request.ci_workspace = read_ci(context.environment, context.files).workspace;
  request.safe_folders = [&] { return safe_folders(context.process); };
  return find_clone(context.files, request);
}

Result<Clone> required_clone(Context& context) {
  auto clone = clone_of_run(context);
  if (!clone && clone.error().kind == ErrorKind::NotFound)
    return Error{ErrorKind::Usage, "no git clone here: " + clone.error().message};
  return clone;
}

Git git_of_run(Context& context) {
  auto const clone = clone_of_run(context);
  if (!clone) return Git(context.process, Error(clone.error()));
  return Git(context.process, context.files.current_directory(), {clone->git_folder, clone->top});
}

Git git_at_top(Context& context, Clone const& clone) {
  return Git(context.process, clone.top, {clone.git_folder, clone.top});
}

void let_git_answer(Context& context, DoorRules& rules) {
  using Question = bool (Git::*)(std::filesystem::path const&) const;
  auto const ask = [&context, root = rules.root](Question question) {
    return [&context, root, question](std::filesystem::path const& below) {
      auto const clone = clone_of_run(context);
      auto const path = clone ? (root / below).lexically_relative(clone->top) : std::filesystem::path();
      return !path.empty() && *path.begin() != ".." && (git_at_top(context, *clone).*question)(path);
    };
  };
  rules.is_tracked = ask(&Git::is_tracked);
  rules.is_committed = ask(&Git::is_committed);
}

Result<Door> open_door(Context& context, std::string const& given) {
  std::filesystem::path const here = context.files.current_directory();
  auto const clone = clone_of_run(context);
  if (!clone && clone.error().kind == ErrorKind::Unauthorized) return Error(clone.error());
  DoorRules rules;
  std::filesystem::path root = given.empty() ? here : here / given;
  if (given.empty()) {
    auto const workspace = context.files.resolve(read_ci(context.environment, context.files).workspace);
    auto const real_here = context.files.resolve(here);
    if (workspace && real_here && is_at_or_below(*workspace, *real_here))
      root = *workspace;
    else if (clone)
      root = clone->top;
  }
  CML_TRY(real, context.files.resolve(root));
  if (context.files.kind(real) != FileKind::Directory)
    return Error{ErrorKind::Usage, "the workspace " + root.string() + " is not a folder"};
  rules.root = real;
  if (clone) {
    rules.git_folders = {clone->git_folder, clone->common};
  }
  let_git_answer(context, rules);
  rules.allowed = context.options.allowed_files;
  for (std::string const& folder : context.options.dvc_caches)
    if (auto const cache = context.files.resolve(here / folder)) rules.other_roots.push_back(*cache);
  return Door(context.files, std::move(rules));
}

namespace {

// "HEAD" of a pull request's run is the merge that the forge has made for it: no commit of the pull request.
bool is_checkout(Context& context, CiRun const& ci, std::string const& given) {
  return given.empty() || commit_of_run(context, ci, given) == commit_of_run(context, ci, "HEAD");
}

}  // namespace

Result<ResolvedTarget> resolve_target(Context& context, Session& session, TargetRequest const& request,
                                      std::string const& given_sha) {
  using Kind = TargetRequest::Kind;
  if (request.kind == Kind::Exact) {
    ResolvedTarget exact{request.exact, "--target"};
    if (auto* commit = std::get_if<CommitTarget>(&exact.target))
      commit->sha = commit_of_run(context, session.ci, commit->sha);
    return exact;
  }
  if (request.kind != Kind::Commit && session.ci.pull_request && is_checkout(context, session.ci, given_sha))
    return ResolvedTarget{PullRequestTarget{*session.ci.pull_request}, session.ci.system};
  if (session.choice.type->name == "local" && request.kind != Kind::Commit)
    return ResolvedTarget{PullRequestTarget{1}, "the local forge's one pull request"};
  std::string const sha = commit_of_run(context, session.ci, given_sha);
  if (sha.empty())
    return Error{ErrorKind::Usage,
                 "no commit found: run inside a git clone or a CI job, or give --target pr/NUMBER or commit/SHA"};
  if (request.kind == Kind::Commit) return ResolvedTarget{CommitTarget{sha}, "the commit of this run"};
  CML_TRY(number, session.forge->pull_request_of_commit(sha));
  if (!number && given_sha.empty() && !session.ci.head_owner.empty()) {
    CML_TRY(of_fork, session.forge->pull_request_of_branch(session.ci.head_owner, session.ci.branch, sha));
    number = of_fork;
  }
  if (number) return ResolvedTarget{PullRequestTarget{*number}, "the open pull request of commit " + sha.substr(0, 12)};
  if (request.kind == Kind::PullRequest)
    return Error{ErrorKind::NotFound,
                 "PR for commit sha \"" + sha + "\" not found; open one, or give --target pr/NUMBER or commit"};
  if (!session.forge->capabilities().commit_comments)
    return Error{ErrorKind::NotFound,
                 "no open pull request has commit " + sha.substr(0, 12) + ", and " +
                     std::string(session.forge->name()) +
                     " has no comments on commits; open one, or give --target pr/NUMBER or issue/NUMBER"};
  return ResolvedTarget{CommitTarget{sha}, "no open pull request has this commit"};
}

}  // namespace cml
