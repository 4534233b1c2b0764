// cml report trend: the course of recorded metrics as Markdown, as one HTML page, and as badges.
#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/picture_folder.hpp"
#include "app/plotter.hpp"
#include "app/records.hpp"
#include "app/reporting.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/sparkline.hpp"
#include "report/page.hpp"
#include "report/trend/trend.hpp"

namespace cml {
namespace {

struct ReportTrendOptions {
  std::shared_ptr<ReportOptions> report = std::make_shared<ReportOptions>();
  std::string branch, remote = "origin", output, html;
  std::vector<std::string> badges;
  long long last = 200, window = 20, plots = 12;
};

// The branch that was asked for, else that of this run, else the one that was recorded last.
std::string branch_of_trend(ReportTrendOptions const& options, Context& context, report::Recorded const& recorded) {
  if (!options.branch.empty()) return options.branch;
  std::string own = read_ci(context.environment, context.files).branch;
  if (own.empty())
    if (auto const current = git_of_run(context).current_branch()) own = *current;
  for (std::string const& branch : recorded.branches)
    if (branch == own) return own;
  return recorded.commits.empty() ? own : recorded.branches[recorded.commits.back().branch];
}

std::string in_page(std::string const& title, std::string const& light, std::string const& dark) {
  std::string const start = "data:image/png;base64,";
  return "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + start + base64_encode(dark) +
         "\"><img alt=\"" + report::escape_summary(title) + "\" src=\"" + start + base64_encode(light) +
         "\"></picture>";
}

// Pictures that are part of the page, for light and for dark.
report::Pictures pictures_in_page(Context& context, Door const& door) {
  report::Pictures pictures;
  pictures.cell = [&context, light = make_plotter(context, door), dark = make_plotter(context, door, PlotLook::Dark),
                   here = context.files.current_directory()](report::PlotBlock const& plot) -> Result<std::string> {
    CML_TRY(by_day, light(plot.spec, here, plot.title));
    CML_TRY(by_night, dark(plot.spec, here, plot.title));
    for (std::string const& remark : by_day.remarks) context.console.log(LogLevel::Warn, plot.title + ": " + remark);
    return in_page(plot.title, by_day.bytes, by_night.bytes);
  };
  pictures.plot = [cell = pictures.cell](report::PlotBlock const& plot) -> Result<std::string> {
    CML_TRY(picture, cell(plot));
    return picture + "\n";
  };
  pictures.sparkline = [](report::Row const& row) -> Result<std::string> {
    return in_page(row.name, report::sparkline_png(row.history, false), report::sparkline_png(row.history, true));
  };
  return pictures;
}

struct Badge {
  std::string file, svg;
};
// "FILE:METRIC"; a metric's name may hold colons, too.
Result<std::vector<Badge>> badges_of(ReportTrendOptions const& options, report::Model const& model) {
  std::vector<Badge> badges;
  for (std::string const& text : options.badges) {
    auto const colon = text.find(".svg:");
    if (colon == std::string::npos || colon + 5 == text.size())
      return Error{ErrorKind::Usage, "\"" + one_line(text, 80) + "\" is not FILE.svg:METRIC"};
    CML_TRY(svg, report::badge_of(model, text.substr(colon + 5)));
    badges.push_back({text.substr(0, colon + 4), std::move(svg)});
  }
  return badges;
}

Result<report::Model> model_of_trend(ReportTrendOptions const& options, Context& context, Diagnostics& diagnostics) {
  report::Settings const& settings = options.report->settings;
  for (auto const& [name, value] :
       {std::pair{"--last", options.last}, {"--window", options.window}, {"--plots", options.plots}})
    if (value < 0 || value > 1'000'000)
      return Error{ErrorKind::Usage, std::string(name) + ": not a valid count: " + std::to_string(value)};
  CML_TRY(opened, open_records(context, settings.records, options.remote,
                               settings.records_from_config ? Origin::Workspace : Origin::CommandLine));
  CML_TRY(recorded, report::load_records(opened->place, opened->access));
  for (std::string const& note : recorded.notes) diagnostics.missed(report::name_of(opened->place), note);
  report::TrendSettings trend;
  trend.title = settings.title;
  trend.branch = branch_of_trend(options, context, recorded);
  trend.last = static_cast<std::size_t>(options.last);
  trend.window = static_cast<std::size_t>(options.window);
  trend.most_plots = static_cast<std::size_t>(options.plots);
  trend.select = settings.select;
  trend.exclude = settings.exclude;
  trend.better = settings.better;
  trend.tolerances = settings.tolerances;
  auto model = report::trend_of(recorded, trend);
  if (!model) return std::move(model).error().while_doing(report::name_of(opened->place));
  return model;
}

Status report_trend(ReportTrendOptions const& options, Context& context) {
  report::Settings& settings = options.report->settings;
  std::string const title_of_line = settings.title;
  CML_CHECK_OK(complete_from_config(*options.report, context, false));
  settings.title = title_of_line;  // The file's is that of a report.
  Diagnostics diagnostics;
  CML_TRY(model, model_of_trend(options, context, diagnostics));
  // A table over time: sparklines, and what got worse first.
  settings.history = 2;
  settings.regressions = true;
  settings.style = report::TableStyle::Own;
  CML_TRY(door, open_door(context));
  CML_TRY(badges, badges_of(options, model));
  std::filesystem::path const here = context.files.current_directory();
  std::string const title = model.title;
  std::string written;
  auto const write = [&](std::string const& file, std::string const& text) -> Status {
    if (!context.options.dry_run) CML_CHECK_OK(write_report(door, here / file, text));
    written += (context.options.dry_run ? "would write " : "") + file + "\n";
    return ok();
  };
  if (!options.html.empty()) {
    CML_TRY(markdown, render_report(*options.report, model, pictures_in_page(context, door), context));
    CML_CHECK_OK(write(options.html, report_page(markdown, title, "", PageSources::None)));
  }
  for (Badge const& badge : badges) CML_CHECK_OK(write(badge.file, badge.svg));
  bool const to_stdout = options.output == "-" || (options.output.empty() && written.empty());
  std::string text;
  if ((to_stdout && !context.options.json) || (!options.output.empty() && !to_stdout)) {
    PictureFolder folder(options.output, settings.dark, context, door);
    CML_TRY(markdown, render_report(*options.report, model, folder.pictures(), context));
    text = std::move(markdown);
  }
  if (!to_stdout && !options.output.empty()) CML_CHECK_OK(write(options.output, text));
  say(context, diagnostics);
  if (context.options.json) text = report::to_json(model);
  CML_CHECK_OK(context.console.out(context.options.json || to_stdout ? text : written));
  return complete(settings.strict, diagnostics);
}

}  // namespace

Action declare_report_trend(Flags& flags) {
  auto const options = std::make_shared<ReportTrendOptions>();
  flags.text("--output,-o", &options->output, "Markdown to write (default: the standard output); plots lie beside it")
      .takes("FILE");
  flags.text("--html", &options->html, "One HTML page to write, with its pictures in it").takes("FILE");
  flags.list("--badge", &options->badges, "An SVG to write with a metric's last value; repeatable")
      .takes("FILE.svg:METRIC");
  flags.text("--branch", &options->branch, "Branch (default: that of this run, else the one recorded last)");
  flags.integer("--last", &options->last, "Commits to show, the newest (default 200; 0: all)");
  flags.integer("--window", &options->window,
                "How many commits before the last make the median it is compared with (default 20)");
  flags.integer("--plots", &options->plots, "The most plots to draw (default 12)");
  flags.text("--remote", &options->remote, "Remote whose ref or branch it is, by name (default origin)");
  declare_report_options(
      flags, options->report,
      {"select", "exclude", "better", "tolerance", "title", "template", "collapse", "dark", "records", "strict"});
  return [options](Context& context) { return report_trend(*options, context); };
}

}  // namespace cml
