#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/plotter.hpp"
#include "app/publishing.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "report/page.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

struct ReportPreviewOptions {
  std::vector<std::string> report;
  std::string output, workspace;
  bool open = false, dark = false, strict = false, watch = false;
  long long port = 0;
};

struct Page {
  std::string html;
  std::vector<fs::path> sources;  // What to watch.
  Status completeness = ok();     // What --strict makes of what is missing.
};

Result<Page> make_page(ReportPreviewOptions const& options, Context& context, std::string_view reload_from) {
  std::string const& path = options.report.front();
  fs::path const here = context.files.current_directory();
  CML_TRY(door, open_door(context, options.workspace));
  auto text = path == "-" ? context.console.read_input(kMaxReportBytes) : read_report_file(context, door, path);
  if (!text) return std::move(text).error();
  PublishRequest request;
  request.markdown = *text;
  request.name = path;
  request.folder = path == "-" ? here : (here / path).parent_path();
  request.plotter = make_plotter(context, door);
  if (options.dark) request.dark_plotter = make_plotter(context, door, PlotLook::Dark);
  request.door = &door;
  Diagnostics diagnostics;
  Publication const publication = Publication::prepare(request, diagnostics);
  say(context, diagnostics);
  return Page{report_page(with_inlined_files(publication), fs::path(path).filename().string(), reload_from),
              publication.sources(), complete(options.strict, diagnostics)};
}

Status open_in_browser(Context& context, std::string const& what) {
  ProcessRequest request;
  request.arguments = {"xdg-open", what};
  request.without_secrets = true;
  auto const opened = context.process.run(request);
  if (!opened || opened->exit_code != 0)
    context.console.log(LogLevel::Warn, "xdg-open cannot open " + what + "; open it by hand");
  return ok();
}

// Serves the page on this machine and makes it anew after every change of the report or of a file it shows.
Status preview_and_watch(ReportPreviewOptions const& options, Context& context) {
  if (options.report.front() == "-") return Error{ErrorKind::Usage, "--watch needs a file, not the standard input"};
  if (options.port < 0 || options.port > 65535) return Error{ErrorKind::Usage, "--port must be from 0 to 65535"};
  fs::path const report = context.files.current_directory() / options.report.front();
  bool started = false;
  while (true) {
    std::vector<fs::path> watched{report};
    CML_CHECK_OK(context.watcher.watch(watched));  // Before reading, so that no change is missed.
    auto page = make_page(options, context, "/version");
    if (!page && !started) return std::move(page).error();
    if (page) {
      context.pages.publish(std::move(page->html));
      watched.insert(watched.end(), page->sources.begin(), page->sources.end());
      CML_CHECK_OK(context.watcher.watch(watched));
    } else {
      context.console.log(LogLevel::Warn, page.error().message);  // The next change tries again.
    }
    if (!started) {
      CML_TRY(port, context.pages.start(static_cast<int>(options.port)));
      std::string const address = "http://127.0.0.1:" + std::to_string(port) + "/";
      CML_CHECK_OK(context.console.out(address + "\n"));
      if (options.open) CML_CHECK_OK(open_in_browser(context, address));
      started = true;
    }
    CML_TRY(again, context.watcher.wait());
    if (!again) return ok();
  }
}

Status report_preview(ReportPreviewOptions const& options, Context& context) {
  if (options.watch) return preview_and_watch(options, context);
  CML_TRY(page, make_page(options, context, ""));
  std::string output = options.output;
  if (output.empty())
    output = options.report.front() == "-" ? "report.html"
                                           : fs::path(options.report.front()).replace_extension(".html").string();
  if (output == "-") {
    CML_CHECK_OK(context.console.out(page.html));
    return page.completeness;
  }
  nlohmann::json const result{{"dry_run", context.options.dry_run}, {"page", output}};
  if (context.options.dry_run)
    return context.options.json ? print_json(context, result) : context.console.out("would write " + output + "\n");
  fs::path const path = context.files.current_directory() / output;
  CML_TRY(door, open_door(context, options.workspace));
  CML_CHECK_OK(door.write(path, page.html));
  CML_CHECK_OK(context.options.json ? print_json(context, result) : context.console.out(output + "\n"));
  if (options.open) CML_CHECK_OK(open_in_browser(context, path.string()));
  return page.completeness;
}

}  // namespace

Action declare_report_preview(Flags& flags) {
  auto const options = std::make_shared<ReportPreviewOptions>();
  flags.positional("REPORT", &options->report, 1, 1, "a Markdown file, or - for the standard input");
  flags.text("--output,-o", &options->output,
             "The page to write (default: REPORT with .html); - is the standard output");
  flags.boolean("--open", &options->open, "Open the page in the browser");
  flags.boolean("--watch", &options->watch, "Serve the page on this machine and reload it after every change");
  flags.integer("--port", &options->port, "With --watch: the port (default: a free one)");
  flags.boolean("--dark", &options->dark, "Draw fenced plots for dark pages, too");
  flags.boolean("--strict", &options->strict, "Exit with code 1 when something cannot be shown");
  flags.text("--workspace", &options->workspace, "Only files below this folder are shown (default: the git clone)");
  return [options](Context& context) { return report_preview(*options, context); };
}

}  // namespace cml
