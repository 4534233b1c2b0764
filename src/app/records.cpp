#include "app/records.hpp"

#include <algorithm>

#include "app/git_login.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "report/trend/trend.hpp"

namespace cml {
namespace {

// Without a token git's own helpers, or what a checkout step has left, may know a login.
void lend_login(Context& context, std::string const& remote, std::string const& remote_url, Git& git) {
  auto const url = parse_url(remote_url);
  if (!url || (url->scheme != "https" && url->scheme != "http")) return;
  auto const session = open_session(context);
  auto const given = session ? give_git_login(context, session->choice, remote, git) : Status(session.error());
  if (!given) context.console.log(LogLevel::Debug, "no login for " + remote + ": " + given.error().message);
}

}  // namespace

Result<std::unique_ptr<OpenRecords>> open_records(Context& context, std::string const& place, std::string const& remote,
                                                  Origin origin) {
  CML_TRY(parsed, report::parse_record_place(place));
  CML_TRY(door, open_door(context));
  auto const clone = clone_of_run(context);
  if (!clone && parsed.kind != report::RecordPlace::Kind::Folder) CML_CHECK_OK(required_clone(context));
  std::filesystem::path const here = context.files.current_directory();
  Git git = clone ? git_at_top(context, *clone) : Git(context.process, Error(clone.error()));
  std::string below, reached;
  if (auto const real = context.files.resolve(here); clone && real)
    below = real->lexically_relative(clone->top).generic_string();
  if (parsed.kind != report::RecordPlace::Kind::Folder) {
    auto const url = git.remote_url(remote);
    if (url) {
      reached = remote;
      lend_login(context, remote, *url, git);
    } else if (remote != "origin") {
      return Error{ErrorKind::Usage, "there is no remote \"" + one_line(remote, 60) + "\"; check --remote"};
    }
  }
  auto opened = std::unique_ptr<OpenRecords>(
      new OpenRecords{std::move(parsed), std::move(git), std::move(door), below == "." ? "" : below, {}});
  opened->access.git = &opened->git;
  opened->access.door = &opened->door;
  opened->access.here = here;
  opened->access.remote = reached;
  opened->access.origin = origin;
  // Jobs that were in each other's way must not come back at the same time.
  opened->access.wait = [&context](int attempt) {
    auto const most = std::chrono::milliseconds(200) * (1 << std::min(attempt, 5));
    context.clock.sleep_for(std::chrono::milliseconds(context.random.next() % (most.count() + 1)));
  };
  return opened;
}

bool compares_with_records(report::Settings const& settings) {
  auto const is_one = [](std::string const& compare) { return report::parse_recorded_baseline(compare).has_value(); };
  return is_one(settings.compare) || std::any_of(settings.more_compares.begin(), settings.more_compares.end(), is_one);
}

report::RecordedHistory recorded_history(Context& context, std::string const& place, Origin origin) {
  report::RecordedHistory history;
  auto const opened = open_records(context, place, "origin", origin);
  if (!opened) {
    history.failure = opened.error();
    return history;
  }
  history.below = (*opened)->below;
  history.present = commit_of_run(context, read_ci(context.environment, context.files), "");
  auto recorded = report::load_records((*opened)->place, (*opened)->access);
  if (recorded)
    history.recorded = std::move(*recorded);
  else
    history.failure = std::move(recorded).error();
  return history;
}

}  // namespace cml
