// The report: a file, the standard input, or made from metrics and plots.
#include "app/commands/comment_post.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

Result<Report> read_report(CommentRequest const& request, Context& context, Diagnostics& diagnostics) {
  std::string const& path = request.report.front();
  fs::path const here = context.files.current_directory();
  Report report{"", path == "-" ? "standard input" : path, here};
  std::string bytes;
  if (path == "-") {
    CML_TRY(text, context.console.read_input(kMaxReportBytes));
    bytes = std::move(text);
  } else {
    CML_TRY(door, open_door(context, request.workspace));
    CML_TRY(text, read_report_file(context, door, path));
    bytes = std::move(text);
    // Links count from the report's own folder; what comes through /dev/stdin counts from here.
    if (!path.starts_with("/dev/")) report.folder = (here / path).parent_path();
  }
  DecodedText decoded = decode_text(std::move(bytes));
  if (decoded.text.find('\0') != std::string::npos)
    return Error{ErrorKind::BadInput, "report " + report.name + " is not a text file; to show a picture write ![](" +
                                          path + ") into a Markdown file, or use cml asset publish --md"};
  if (!decoded.from.empty()) diagnostics.warn(report.name, "is not UTF-8; read as " + std::string(decoded.from));
  report.text = std::move(decoded.text);
  return report;
}

// "--image a.png report.md": the option before the report has taken it.
Status refuse_swallowed_report(CommentRequest const& request) {
  using Kind = report::Item::Kind;
  if (!request.report.empty()) return ok();
  for (report::Item const& item : request.made.settings.items)
    if (fs::path(item.value).extension() == ".md" && item.kind != Kind::Text && item.kind != Kind::Log &&
        item.kind != Kind::Markdown)
      return Error{ErrorKind::Usage,
                   one_line(item.value, 80) +
                       " was taken as a value of the option before it; put the report first, or behind --"};
  return ok();
}

// Where the comment goes and what it is called, as the cml.yaml says whose report it is.
Status place_from_config(CommentRequest& request) {
  report::Settings const& settings = request.made.settings;
  if (!settings.target.empty() && !request.target_named) {
    CML_TRY(target, parse_target(settings.target));
    request.target = target;
  }
  if (!settings.watermark_title.empty() && !request.title_named) request.title = settings.watermark_title;
  return ok();
}

}  // namespace

Result<Report> read_or_make_report(CommentRequest& request, Context& context, Diagnostics& diagnostics) {
  Report report{"", "report", context.files.current_directory()};
  if (!request.report.empty()) {
    CML_TRY(given, read_report(request, context, diagnostics));
    report = std::move(given);
    if (!asks_for_report(request.made)) return report;
  }
  CML_CHECK_OK(refuse_swallowed_report(request));
  CML_CHECK_OK(complete_from_config(request.made, context, false));
  if (!asks_for_report(request.made))
    return Error{ErrorKind::Usage,
                 "cml comment needs REPORT: a Markdown file, - for the standard input, or options that say what to "
                 "show (--metrics FILE, --plot FILE)"};
  CML_CHECK_OK(place_from_config(request));
  CML_TRY(model, gather_report(request.made, context, diagnostics));
  report.verdict = verdict(model);
  auto const rows = report::metric_rows(model);
  for (report::Finding const& finding : model.findings) {
    auto const row = std::find_if(rows.begin(), rows.end(), [&](auto const& one) { return one.name == finding.name; });
    report.gates.push_back({finding.fails, row == rows.end() ? "" : row->file, finding.text});
  }
  CML_TRY(door, open_door(context, request.workspace));
  CML_TRY(text, render_report(request.made, model, inline_pictures(context, door), context));
  report.text += (report.text.empty() ? "" : "\n") + text;
  return report;
}

}  // namespace cml
