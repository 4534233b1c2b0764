// Posting a report, in steps: the request (comment_options.cpp), the report (comment_report.cpp), its publication
// (comment_publish.cpp), the plan and what it does (report/post.hpp), the result (comment_result.cpp). A job without a
// token ends after the report (comment_bundle.cpp), and one that has it goes on from there (comment_deliver.cpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.hpp"
#include "app/publishing.hpp"
#include "app/reporting.hpp"
#include "forge/target.hpp"
#include "report/post.hpp"

namespace cml {

// What the titles of delivered bundles begin with.
inline constexpr std::string_view kDelivered = "delivered";

// When the token may not comment (403).
enum class Fallback { Error, Summary, None };
// Table: --fallback.
inline constexpr Choice<Fallback> kFallbacks[] = {
    {"error", Fallback::Error}, {"summary", Fallback::Summary}, {"none", Fallback::None}};

// As the flags fill it.
struct CommentOptions {
  std::vector<std::string> report;  // One path, or "-"; empty: the report is made from the options below.
  std::shared_ptr<ReportOptions> made = std::make_shared<ReportOptions>();
  std::string target = "auto";
  std::string pr;          // Deprecated --pr, --pr=7.
  std::string commit_sha;  // Deprecated.
  bool publish = true;
  bool native = false;
  std::string publish_url;
  std::string publish_to;
  bool update = false;           // Deprecated.
  bool updates_by_name = false;  // It is `comment update`.
  std::optional<PostMode> mode;
  bool rm_watermark = false;
  std::string watermark_title;
  Oversize on_oversize = Oversize::Truncate;
  bool delete_if_empty = false;
  std::string workspace;
  bool step_summary = false;
  Fallback fallback = Fallback::Error;
  bool fail = true;
  std::string watch;  // Empty or a false value: post once.
  std::string trigger_file;
  std::string bundle;
};

// What is asked for, its older spellings and defaults settled.
struct CommentRequest {
  std::vector<std::string> report;
  ReportOptions made;
  std::string workspace;
  TargetRequest target;
  bool target_named = false, title_named = false;  // By an option, so that a cml.yaml does not count.
  std::string commit;                              // That the target or the mark are of, when it was given.
  bool finds_pull_of_commit = false;               // The target is the pull request of `commit`, not of this run.
  PostMode mode = PostMode::New;
  Oversize oversize = Oversize::Truncate;
  std::optional<std::string> title;  // Of the mark, with {workflow} and {run}; nothing: no mark.
  bool delete_if_empty = false;
  bool publish = true;
  std::string destination;         // As open_asset_store takes it.
  bool destination_named = false;  // By an option: a mistake in it is said before anything is done.
  bool step_summary = false;
  Fallback fallback = Fallback::Error;
  bool prints_address = true;  // False in later rounds of --watch.
  std::string bundle;          // The report is written into this folder instead, for a job that may post it.
};

Action declare_comment(Flags&, bool update);
// Usage when options exclude each other. Tells of deprecated ones.
Result<CommentRequest> request_of(CommentOptions const&, Context&);

// A threshold that was met, and the file whose metric it is about.
struct GateFinding {
  bool fails = true;
  std::string file, text;
};
struct Report {
  std::string text;
  std::string name;
  std::filesystem::path folder;  // Its links start here.
  Status verdict = ok();         // What --fail-if says, once the report is out.
  std::vector<GateFinding> gates = {};
};
Result<Report> read_or_make_report(CommentRequest&, Context&, Diagnostics&);

// The report with addresses, and what its successor should know (watermark.hpp).
struct PublishedReport {
  std::string content;
  std::vector<std::string> notes;
};
// `html`: the place shows HTML.
Publication prepare_publication(CommentRequest const&, Context&, bool html, Report const&, Diagnostics&);
// A file that cannot be stored leaves its text in its place and a line that says why: never an error. `post` tells
// where the files will be shown; it gets the thread when it had to be read.
PublishedReport publish_report(CommentRequest const&, Context&, Session&, Publication const&, PostRequest& post,
                               Diagnostics&);

// The job's summary page: what a run can always write to. What does not fit is cut, and that is said.
Status write_step_summary(Context&, std::string const& body, Diagnostics&);
Status print_result(Context&, PostResult const&, CommentTarget const&, std::size_t files, bool prints_address,
                    Diagnostics const&);
Status print_dry_run(Context&, CommentRequest const&, PostRequest const&, ResolvedTarget const&, Session const&,
                     Publication const&, std::string const& destination, Diagnostics&);

// A report that is ready to be sent, from there to the result.
Status post_publication(CommentRequest const&, Context&, Session&, ResolvedTarget const&, Publication const&,
                        Diagnostics&);
// Instead of posting: no forge is asked, and no token needed.
Status bundle_report(CommentRequest const&, Context&, Report const&, Diagnostics&);
// One round; what the report is made of is read through `files`.
Status post_once(CommentRequest, Context&, FileSystem& files);
// Rounds without end (comment_watch.cpp).
Status post_and_watch(CommentRequest, std::string const& trigger_file, Context&);

}  // namespace cml
