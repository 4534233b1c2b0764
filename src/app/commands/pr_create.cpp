#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

#include "app/commands/all.hpp"
#include "app/git_login.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/pull_request.hpp"
#include "git/commit.hpp"
#include "git/glob.hpp"
#include "workspace/credential_names.hpp"
#include "report/oversize.hpp"

namespace cml {
namespace {

using nlohmann::json;
constexpr std::string_view kBranchMark = "-cml-pr-";
constexpr int kMaxRaces = 5;
constexpr std::string_view kSubject = "CML PR for ";

struct PrCreateOptions {
  std::vector<std::string> globs;
  bool markdown = false, skip_ci = false, merge = false, rebase = false, squash = false, draft = false,
       loop_guard = true, strict = false;
  std::string branch, target_branch, title, body, message, remote;
  std::string user_email = "olivaw@iterative.ai", user_name = "Olivaw[bot]";
  std::vector<std::string> labels, reviewers;
  std::optional<MergeMethod> method() const {
    if (merge) return MergeMethod::Merge;
    if (squash) return MergeMethod::Squash;
    return rebase ? std::optional(MergeMethod::Rebase) : std::nullopt;
  }
};

// Everything that is known before anything is written anywhere.
struct Plan {
  std::string sha, sha8;       // The commit of this run: the base of the new one.
  std::string source, target;  // Branches.
  std::string message, title, body;
  std::vector<std::string> files;  // Empty without globs: then the commit itself is offered.
};

// Git's words on a branch made by an earlier run: "main-cml-pr-0123abcd", or with "-456def" behind it for a second job.
bool is_own_branch(std::string_view branch) {
  auto const at = branch.rfind(kBranchMark);
  if (at == std::string_view::npos) return false;
  std::string_view const sha = branch.substr(at + kBranchMark.size());
  auto const hex = [](std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return (sha.size() == 8 && hex(sha)) ||
         (sha.size() == 15 && sha[8] == '-' && hex(sha.substr(0, 8)) && hex(sha.substr(9)));
}

// Why this run would answer itself; empty when it would not. The subject of a merge names the branch, that of a squash
// is the title.
std::string loop_reason(Plan const& plan, std::string const& subject) {
  if (is_own_branch(plan.target)) return "the branch " + plan.target + " was made by cml pr";
  if (plan.target == plan.source) return "the branch " + plan.source + " is the one that would be offered";
  bool const own_commit = subject.substr(0, kSubject.size()) == kSubject;
  bool const own_merge = subject.substr(0, 6) == "Merge " && contains(subject, kBranchMark);
  if (own_commit || own_merge) return "commit " + plan.sha8 + " (\"" + one_line(subject, 80) + "\") was made by cml pr";
  return "";
}

Result<Plan> make_plan(PrCreateOptions const& options, Context& context, Session const& session, Git const& git) {
  Plan plan;
  plan.sha = commit_of_run(context, session.ci, "");
  if (plan.sha.size() < 8) return Error{ErrorKind::Usage, "no commit found: run inside a git clone with a commit"};
  plan.sha8 = plan.sha.substr(0, 8);
  plan.target = options.target_branch.empty() ? session.ci.branch : options.target_branch;
  if (plan.target.empty()) {
    CML_TRY(current, git.current_branch());
    plan.target = current;
  }
  if (plan.target.empty())
    return Error{ErrorKind::Usage, "HEAD is detached, so the target is not known; give --target-branch"};
  plan.source = options.branch.empty() ? plan.target + std::string(kBranchMark) + plan.sha8 : options.branch;
  plan.title = options.title.empty() ? std::string(kSubject) + plan.target + " " + plan.sha8 : options.title;
  plan.body = !options.body.empty() ? options.body
                                    : "\nAutomated commits for " + session.forge->web_url() + "/commit/" + plan.sha +
                                          " created by CML.\n      ";
  plan.message = options.message.empty() ? std::string(kSubject) + plan.sha8 : options.message;
  bool const quiet = options.skip_ci || (options.message.empty() && !options.method());
  if (quiet) plan.message += " [skip ci]";
  if (options.skip_ci && session.forge->capabilities().title_in_merge_commit) plan.title += " [skip ci]";
  return plan;
}

// A login that a step has left in the workspace (gha-creds-*.json, .env), which "." or "*.json" does not mean: a new
// file of such a name is offered where it is named, or --allow-file says so.
bool is_unmeant_login(PrCreateOptions const& options, Context& context, Git const& git, std::string const& prefix,
                      std::string const& file) {
  if (!may_hold_credentials(file) || git.is_tracked(file) || is_allowed_name(context.options.allowed_files, file))
    return false;
  for (std::string const& glob : options.globs)
    if (prefix + glob == file || may_hold_credentials(glob)) return false;
  std::string const shown = one_line(file, 120);
  context.console.log(LogLevel::Warn, shown + " is left out: a file of that name may hold credentials; --allow-file '" +
                                          shown + "' offers it all the same");
  return true;
}

// The changed files that the globs mean, or why there are none.
struct WantedFiles {
  std::vector<std::string> names;
  std::string none;
};
Result<WantedFiles> wanted_files(PrCreateOptions const& options, Context& context, Git const& git) {
  CML_TRY(prefix, git.prefix());
  CML_TRY(filter, PathFilter::make(options.globs, prefix));
  CML_TRY(changed, git.changed_files());
  WantedFiles files;
  for (auto const& [file, in_conflict] : changed) {
    if (!filter.matches(file) || is_unmeant_login(options, context, git, prefix, file)) continue;
    if (in_conflict)
      return Error{ErrorKind::BadInput, one_line(file, 120) +
                                            " is in conflict: a merge has left both versions in it; "
                                            "resolve it and git add it, or leave it out"};
    files.names.push_back(file);
  }
  if (changed.empty())
    files.none = "No changed files matched by glob path. Nothing to do.";
  else if (files.names.empty())
    files.none = "Input files are not affected. Nothing to do.";
  return files;
}

// The files that a commit changes in its parent.
Result<std::set<std::string>> files_of(Git const& git, std::string const& parent, std::string const& commit) {
  CML_TRY(names, git.run({.arguments = {"diff-tree", "-r", "-z", "--name-only", "--no-renames", parent, commit}}));
  std::set<std::string> files;
  for (std::string const& name : split(names, '\0'))
    if (!name.empty()) files.insert(name);
  return files;
}

// What stands at the branch on the remote, against what this run would put there.
enum class There { Nothing, Same, Older, OtherJobs };
Result<There> look_at_branch(PrCreateOptions const& options, Git const& git, Plan const& plan,
                             std::string const& commit, std::optional<std::string> const& there) {
  if (!there) return There::Nothing;
  if (*there == commit) return There::Same;
  if (plan.files.empty()) return There::Older;
  CML_CHECK_OK(git.fetch_one(options.remote, "refs/heads/" + plan.source));
  auto const parent = git.resolve(*there + "^1");
  if (!parent || *parent != plan.sha) return There::Older;
  CML_TRY(old_tree, git.tree_of(*there));
  CML_TRY(new_tree, git.tree_of(commit));
  if (old_tree == new_tree) return There::Same;
  // Another job of the same run offers other files: both are wanted.
  CML_TRY(theirs, files_of(git, plan.sha, *there));
  CML_TRY(ours, files_of(git, plan.sha, commit));
  bool const apart =
      std::none_of(ours.begin(), ours.end(), [&](std::string const& file) { return theirs.contains(file); });
  return apart && options.branch.empty() ? There::OtherJobs : There::Older;
}

// The branch on the remote after this: the same content stays where it is, so that no pipeline starts again for
// nothing. Gives the plan another branch where this one is another job's.
struct Pushed {
  std::string commit;
  bool moved = false;
};
Result<Pushed> push_branch(PrCreateOptions const& options, Context& context, Git const& git, Plan& plan) {
  if (!git.resolve(plan.sha)) CML_CHECK_OK(git.fetch_one(options.remote, plan.sha));
  std::string commit = plan.sha;
  if (!plan.files.empty()) {
    CML_TRY(made, commit_files(git, context.files,
                               {plan.sha, plan.files, plan.message, options.user_name, options.user_email}));
    commit = std::move(made);
    if (commit == plan.sha) return Pushed{};  // The files are as the commit has them.
  }
  std::string names;
  for (std::string const& file : plan.files) names += file + '\n';
  std::string const own_branch = plan.source + "-" + sha256_hex(names).substr(0, 6);
  for (int races = 0;; ++races) {
    CML_TRY(there, git.remote_branch(options.remote, plan.source));
    CML_TRY(state, look_at_branch(options, git, plan, commit, there));
    if (state == There::Same) return Pushed{*there, false};
    if (state == There::OtherJobs && plan.source != own_branch) {
      plan.source = own_branch;
      continue;
    }
    if (there) context.console.log(LogLevel::Warn, "Branch " + plan.source + " already exists; it is replaced");
    auto const pushed = git.push(options.remote, commit, plan.source, there);
    if (pushed) return Pushed{commit, true};
    // Another job may have made the branch since we looked.
    auto const now = git.remote_branch(options.remote, plan.source);
    if (!now || *now == there || races >= kMaxRaces) return Error(pushed.error());
  }
}

Status print(PrCreateOptions const& options, Context& context, Session const& session, Plan const& plan,
             OpenedPullRequest const& opened, std::string const& commit, std::string const& merge,
             Diagnostics const& diagnostics) {
  if (context.options.json)
    return print_json(context, {{"action", opened.created ? "created" : "updated"},
                                {"url", opened.pull.url},
                                {"number", opened.pull.number},
                                {"branch", plan.source},
                                {"target", plan.target},
                                {"commit", commit},
                                {"files", plan.files.size()},
                                {"merge", merge},
                                {"warnings", in_json(diagnostics)}});
  std::string const text =
      options.markdown ? "[CML's " + std::string(session.choice.type->pull_request_title) + "](" + opened.pull.url + ")"
                       : opened.pull.url;
  return context.console.out(text + "\n");
}

Status print_dry_run(Context& context, Session const& session, Plan const& plan) {
  if (context.options.json)
    return print_json(context, {{"dry_run", true},
                                {"branch", plan.source},
                                {"target", plan.target},
                                {"repository", session.forge->web_url()},
                                {"title", plan.title},
                                {"files", plan.files}});
  std::string text = "would offer " + plan.source + " to " + plan.target + " of " + session.forge->web_url() + ": \"" +
                     plan.title + "\"\n";
  for (std::string const& file : plan.files) text += "would commit " + file + "\n";
  return context.console.out(text);
}

// There is nothing to offer: said, and no error.
Status nothing(Context& context, std::string const& why) {
  context.console.log(LogLevel::Warn, why);
  return context.options.json ? print_json(context, {{"action", "nothing"}, {"reason", why}}) : ok();
}

// The pull request is open: what cannot be added to it is told and costs nothing else.
void add_to_it(PrCreateOptions const& options, Session& session, Plan const& plan, OpenedPullRequest const& opened,
               Diagnostics& diagnostics) {
  auto const change = [&](std::string const& what, PullRequestChange const& wanted) {
    if (wanted.empty()) return;
    if (auto const done = session.forge->update_pull_request(opened.pull, wanted); !done)
      diagnostics.missed(opened.pull.url, what + " not set: " + done.error().message);
  };
  PullRequestChange words;
  if (!opened.created && !options.title.empty()) words.title = plan.title;
  if (!opened.created && !options.body.empty()) words.body = plan.body;
  change("title and description are", words);
  PullRequestChange labels, reviewers;
  labels.labels = options.labels;
  reviewers.reviewers = options.reviewers;
  if (!options.labels.empty() && !session.forge->capabilities().labels)
    diagnostics.missed(opened.pull.url,
                       std::string(session.forge->name()) + " has no labels on pull requests; --label is left out");
  else
    change("labels are", labels);
  change("reviewers are", reviewers);
}

// A sentence on what has happened or will; empty when nothing was asked for, or it was refused.
std::string merge_it(PrCreateOptions const& options, Context& context, Session& session, PullRequest const& pull,
                     Diagnostics& diagnostics) {
  auto const method = options.method();
  if (!method) return "";
  auto const merged = session.forge->merge_pull_request(pull, *method);
  if (!merged) {
    diagnostics.missed(pull.url, "is open, but cannot be merged: " + merged.error().message);
    return "";
  }
  context.console.log(LogLevel::Info, pull.url + ": " + *merged);
  return *merged;
}

Status pr_create(PrCreateOptions options, Context& context) {
  if (options.merge + options.rebase + options.squash > 1)
    return Error{ErrorKind::Usage,
                 "--merge, --rebase and --squash exclude each other; use one of them (--auto-merge is --merge)"};
  CML_TRY(clone, required_clone(context));
  CML_TRY(session, open_session(context));
  tell_unreached(context, session);
  if (options.remote.empty()) options.remote = session.choice.type->needs_repository ? "origin" : kThisClone;
  if (!session.ci.fork.empty() && options.target_branch.empty())
    return Error{ErrorKind::Usage, "this run is of a pull request from the fork " + clean_line(session.ci.fork, 100) +
                                       ": its commits would be offered as this repository's own; give --target-branch "
                                       "if you want that"};
  Git const git_here = git_of_run(context);
  CML_TRY(plan, make_plan(options, context, session, git_here));
  if (options.loop_guard) {
    auto const subject = git_here.subject_of(plan.sha);
    if (auto const reason = loop_reason(plan, subject ? *subject : ""); !reason.empty())
      return nothing(context, reason + ". Nothing to do (--no-loop-guard goes on all the same).");
  }
  if (!options.globs.empty()) {
    CML_TRY(files, wanted_files(options, context, git_here));
    if (!files.none.empty()) return nothing(context, files.none);
    plan.files = std::move(files.names);
  }
  Git git = git_at_top(context, clone);
  CML_CHECK_OK(give_git_login(context, session.choice, options.remote, git));
  CML_TRY(target, git.remote_branch(options.remote, plan.target));
  if (!target)
    return Error{ErrorKind::NotFound, "The target branch does not exist: " + plan.target + " is not on " +
                                          options.remote + "; check --target-branch"};
  constexpr char const* kThereAlready = "The target branch has these files already. Nothing to do.";
  if (plan.files.empty() && plan.sha == *target) return nothing(context, kThereAlready);
  if (context.options.dry_run) return print_dry_run(context, session, plan);
  CML_TRY(pushed, push_branch(options, context, git, plan));
  if (pushed.commit.empty()) return nothing(context, kThereAlready);
  Diagnostics diagnostics;
  std::size_t const limit = session.forge->capabilities().pull_request_limit;
  if (utf8_length(plan.body) > limit) {
    diagnostics.missed("", "the description has " + std::to_string(utf8_length(plan.body)) + " characters; " +
                               std::string(session.forge->name()) + " takes " + std::to_string(limit) + "; it is cut");
    plan.body = truncated(plan.body, limit);
  }
  auto opened = open_pull_request(*session.forge, {plan.source, plan.target, plan.title, plan.body, options.draft});
  if (!opened) return std::move(opened).error().while_doing("pull request of " + plan.source);
  if (pushed.moved && options.method()) opened->pull.head_sha = pushed.commit;  // The forge may not have seen the push.
  add_to_it(options, session, plan, *opened, diagnostics);
  std::string const merge = merge_it(options, context, session, opened->pull, diagnostics);
  say(context, diagnostics);
  CML_CHECK_OK(print(options, context, session, plan, *opened, pushed.commit, merge, diagnostics));
  return complete(options.strict, diagnostics);
}

}  // namespace

Action declare_pr_create(Flags& flags) {
  auto const options = std::make_shared<PrCreateOptions>();
  flags.positional("GLOB", &options->globs, 0, 100'000,
                   "changed files to commit, deleted ones too; none: offer the commit itself");
  flags.boolean("--md", &options->markdown, "Print Markdown: [CML's Pull Request](URL)");
  flags.boolean("--skip-ci", &options->skip_ci,
                "Add [skip ci] to the commit message, also with --message or a merge mode");
  flags.boolean("--merge,--auto-merge", &options->merge, "Merge it as soon as the forge allows");
  flags.boolean("--rebase", &options->rebase, "Rebase it as soon as the forge allows");
  flags.boolean("--squash", &options->squash, "Squash it as soon as the forge allows");
  flags.text("--branch", &options->branch, "Branch to offer (default TARGET-cml-pr-SHA)");
  flags.text("--target-branch", &options->target_branch, "Branch to offer it to (default: that of this run)");
  flags.text("--title", &options->title, "Title (default \"CML PR for TARGET SHA\")");
  flags.text("--body", &options->body, "Description");
  flags.text("--message", &options->message, "Commit message (default \"CML PR for SHA [skip ci]\")");
  flags.text("--remote", &options->remote, "Remote to push to, by name or address (default origin)");
  flags.text("--user-email", &options->user_email, "E-mail of the commit (default olivaw@iterative.ai)");
  flags.text("--user-name", &options->user_name, "Name of the commit (default Olivaw[bot])");
  flags.list("--label", &options->labels, "Label to add; repeatable");
  flags.list("--reviewer", &options->reviewers, "Reviewer to ask; repeatable");
  flags.boolean("--draft", &options->draft, "Open it as a draft");
  flags.boolean("--loop-guard", &options->loop_guard,
                "Do nothing on branches and commits that cml pr made (default true)");
  flags.boolean("--strict", &options->strict,
                "Exit with code 1, once the address is printed, when a label, a reviewer or the merge was refused");
  flags.hint("--body-file", "use --body \"$(cat FILE)\"");
  flags.hint("--file", "name the files as arguments: cml pr create FILE...");
  flags.hint("--labels", "use --label NAME, once per label");
  flags.hint("--reviewers", "use --reviewer NAME, once per person");
  return [options](Context& context) { return pr_create(*options, context); };
}

}  // namespace cml
