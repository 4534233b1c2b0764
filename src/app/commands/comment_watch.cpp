#include "app/commands/comment_post.hpp"
#include "app/recording_files.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

// What is looked at before the first post has told what it reads: a change in between must not be missed.
std::vector<fs::path> first_files(CommentRequest const& request, Context& context) {
  fs::path const here = context.files.current_directory();
  std::vector<fs::path> files;
  for (std::string const& report : request.report) files.push_back(here / report);
  for (report::Item const& item : request.made.settings.items)
    for (std::string const& name : {item.value, item.value.substr(0, item.value.find(':'))})
      if (!name.empty() && context.files.kind(here / name) == FileKind::Regular) files.push_back(here / name);
  fs::path const config = here / (request.made.config.empty() ? "cml.yaml" : request.made.config);
  if (context.files.kind(config) == FileKind::Regular) files.push_back(config);
  return files;
}

}  // namespace

// Posts at once, then after every change, always the same comment. What fails is a warning: the next change tries
// again.
Status post_and_watch(CommentRequest request, std::string const& trigger_file, Context& context) {
  if (!request.report.empty() && request.report.front() == "-")
    return Error{ErrorKind::Usage, "--watch needs a file, not the standard input"};
  if (!request.title) return Error{ErrorKind::Usage, "--watch needs the watermark; leave --rm-watermark out"};
  fs::path const trigger = trigger_file.empty() ? fs::path() : context.files.current_directory() / trigger_file;
  std::vector<fs::path> watched = trigger.empty() ? first_files(request, context) : std::vector<fs::path>{trigger};
  while (true) {
    CML_CHECK_OK(context.watcher.watch(watched));  // Before reading, so that no change is missed.
    RecordingFiles reading(context.files);
    auto const posted = post_once(request, context, reading);
    // A threshold that was met is told once the report is out.
    if (posted || posted.error().kind == ErrorKind::CheckFailed) {
      request.mode = PostMode::Update;
      request.prints_address = false;
    }
    if (!posted) {
      if (posted.error().kind == ErrorKind::Usage || lacks_access(posted.error().kind)) return posted;
      context.console.log(LogLevel::Warn, posted.error().message);
    }
    if (trigger.empty() && !reading.names().empty()) {
      watched = reading.names();
      CML_CHECK_OK(context.watcher.watch(watched));
    }
    context.console.log(LogLevel::Info, "watching for file changes...");
    while (true) {
      CML_TRY(again, context.watcher.wait());
      if (!again) return ok();
      if (trigger.empty()) break;
      if (context.files.kind(trigger) == FileKind::Missing) continue;  // Our own removal.
      CML_CHECK_OK(context.files.remove(trigger));
      break;
    }
  }
}

}  // namespace cml
