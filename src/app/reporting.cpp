#include "app/reporting.hpp"

#include <algorithm>

#include "app/plotter.hpp"
#include "app/records.hpp"
#include "app/session.hpp"
#include "asset/media_type.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"
#include "forge/ci.hpp"
#include "git/git.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/gather.hpp"
#include "report/compose/options.hpp"
#include "report/compose/sources.hpp"
#include "report/compose/sparkline.hpp"
#include "workspace/paths.hpp"

namespace cml {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1u << 20;

Flag::Kind kind_of(report::Option::Kind kind) {
  switch (kind) {
    case report::Option::Kind::Boolean:
      return Flag::Kind::Boolean;
    case report::Option::Kind::List:
      return Flag::Kind::List;
    case report::Option::Kind::Words:
      return Flag::Kind::Words;
    default:
      return Flag::Kind::Text;
  }
}

// What the door refuses, it refuses without a name.
Result<std::string> naming(std::string const& name, Result<std::string> read) {
  if (read || contains(read.error().message, name)) return read;
  return std::move(read).error().while_doing(name);
}

Result<std::string> template_text(report::Settings const& settings, Context& context) {
  std::string const& name = settings.template_name;
  CML_TRY(door, open_door(context));
  report::DiskSource source(door, context.files.current_directory());
  source.named_by(settings.template_from_config ? Origin::Workspace : Origin::CommandLine);
  std::string_view const own = report::report_template(name);
  if (!own.empty()) return std::string(own);
  if (source.kind(name) == FileKind::Regular) return naming(name, source.read(name, kMaxConfigBytes));
  std::vector<std::string_view> names;
  for (auto const& row : report::report_templates()) names.push_back(row.first);
  std::string_view const near = nearest(name, names);
  return Error{ErrorKind::NotFound, "no report template \"" + one_line(name, 60) + "\"" +
                                        (near.empty() ? "; see cml report templates, or name a Mustache file"
                                                      : "; did you mean " + std::string(near) + "?")};
}

std::string data_url(std::string_view mime, std::string_view bytes) {
  return "data:" + std::string(mime) + ";base64," + base64_encode(bytes);
}

}  // namespace

void declare_report_options(Flags& flags, std::shared_ptr<ReportOptions> const& options,
                            std::vector<std::string_view> const& only) {
  for (report::Option const& option : report::options()) {
    if (!only.empty() && std::find(only.begin(), only.end(), option.name) == only.end()) continue;
    bool const is_log = option.name == "log";
    bool const shows = option.kind == report::Option::Kind::Words || option.name == "section" ||
                       option.name == "text" || option.name == "details";
    Flag& flag =
        flags.each("--" + std::string(option.name), kind_of(option.kind), std::string(option.help),
                   [options, &option, is_log](std::string const& value) -> Status {
                     if (auto const level = parse_choice(kLogLevels, value); is_log && level)
                       return options->log_level = *level, ok();
                     // A bare word was meant as a level: a log has a folder or an extension, or can be given one
                     // ("./loud").
                     if (is_log && value.find_first_of("./") == std::string::npos) {
                       std::string_view const near = nearest(value, names_of(kLogLevels));
                       return Error{ErrorKind::Usage,
                                    "\"" + one_line(value, 60) +
                                        "\" is not one of error, warn, info, debug, and no log file either; write ./" +
                                        one_line(value, 60) + " for a file" +
                                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
                     }
                     return option.apply(options->settings, value);
                   });
    flag.takes(std::string(option.value))
        .under(shows ? "What the report shows, in the line's order" : "How it shows it");
  }
  flags
      .text("--config", &options->config,
            "A file with a report section (default: cml.yaml or cml.yml here or further up, when nothing to "
            "show is named)")
      .takes("FILE")
      .under("How it shows it");
  flags.hint("--show-md", "reports are Markdown already; --style dvc gives DVC's tables");
  flags.hint("--md", "reports are Markdown already; to turn a picture into Markdown use cml publish PICTURE --md");
  flags.hint("--vs", "use --compare REVISION");
}

bool asks_for_report(ReportOptions const& options) {
  return !options.settings.items.empty() || !options.config.empty();
}

namespace {

// The nearest cml.yaml or cml.yml from here up to the top of the workspace; empty when there is none.
std::filesystem::path nearest_config(Door const& door, std::filesystem::path const& here) {
  for (std::filesystem::path folder = here; is_at_or_below(door.rules().root, folder); folder = folder.parent_path()) {
    for (char const* name : {"cml.yaml", "cml.yml"})
      if (door.kind(folder / name) == FileKind::Regular) return folder / name;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

// Paths of a cml.yaml that was found further up count from its own folder.
void place_config(report::Settings& settings, Door const& door, std::filesystem::path const& here,
                  std::filesystem::path const& folder) {
  auto const up = folder.lexically_relative(here).generic_string();
  if (up == "." || up.empty()) return;
  auto const placed = [&](std::string& path) {
    if (!std::filesystem::path(path).is_absolute()) path = up + "/" + path;
  };
  using Kind = report::Item::Kind;
  for (report::Item& item : settings.items)
    if (item.kind != Kind::Section && item.kind != Kind::Text && item.kind != Kind::Details) placed(item.value);
  constexpr std::string_view kFolder = "dir:";
  if (settings.records.starts_with(kFolder)) {
    std::string path = settings.records.substr(kFolder.size());
    placed(path);
    settings.records = std::string(kFolder) + path;
  }
  for (std::string* name : {&settings.compare, &settings.template_name})
    if (door.kind(here / up / *name) != FileKind::Missing) placed(*name);
}

// Gates do not go away without a word because the line names what to show: where the file says so they stay.
Status keep_gates(std::string const& name, std::string const& text, ReportOptions& options, Context& context) {
  report::Settings file;
  auto const read = report::read_config(text, name, file);
  if (!read) {
    context.console.log(LogLevel::Warn, name + " is not read, since the line names what to show; it has a mistake: " +
                                            read.error().message);
    return ok();
  }
  if (file.thresholds.empty()) return ok();
  report::Settings& line = options.settings;
  if (file.gates_always) {
    line.thresholds.insert(line.thresholds.begin(), file.thresholds.begin(), file.thresholds.end());
    line.better.insert(line.better.begin(), file.better.begin(), file.better.end());
    line.tolerances.insert(line.tolerances.begin(), file.tolerances.begin(), file.tolerances.end());
    return ok();
  }
  std::string const what =
      name + " is not read, since the line names what to show: " + std::to_string(file.thresholds.size()) +
      " thresholds in it do not count; --config " + name + " adds what it says, and gates: always in it keeps them";
  if (line.strict) return Error{ErrorKind::Usage, "--strict: " + what};
  context.console.log(LogLevel::Warn, what);
  return ok();
}

}  // namespace

Status complete_from_config(ReportOptions& options, Context& context, bool required) {
  std::filesystem::path const here = context.files.current_directory();
  bool const named = !options.config.empty(), by_line = !options.settings.items.empty();
  std::filesystem::path path = here / options.config;
  std::optional<Door> door;
  if (auto opened = open_door(context))
    door = std::move(*opened);
  else if (named)
    return std::move(opened).error();
  if (!named) path = door ? nearest_config(*door, here) : std::filesystem::path();
  if (door && !path.empty()) {
    std::string const name = named ? options.config : path.lexically_relative(here).generic_string();
    if (!named && path.filename() == "cml.yaml" && door->kind(path.parent_path() / "cml.yml") == FileKind::Regular)
      context.console.log(LogLevel::Warn, "cml.yml is not read, since there is a cml.yaml beside it");
    auto read = door->read(path, kMaxConfigBytes, named ? Origin::CommandLine : Origin::Workspace);
    if (!named && by_line) {
      return read ? keep_gates(name, *read, options, context) : ok();
    }
    CML_TRY(text, naming(name, std::move(read)));
    // What the line says counts before the file.
    report::Settings settings;
    CML_CHECK_OK(report::read_config(text, name, settings));
    report::Settings const defaults, &line = options.settings;
    for (report::Item& item : settings.items) item.from_config = true;
    if (!named) place_config(settings, *door, here, path.parent_path());
    settings.compare_from_config = line.compare == defaults.compare;
    settings.template_from_config = line.template_name == defaults.template_name;
    settings.records_from_config = line.records.empty();
    if (!line.records.empty()) settings.records = line.records;
    if (!line.title.empty()) settings.title = line.title;
    if (line.compare != defaults.compare) {
      settings.compare = line.compare;
      settings.more_compares = line.more_compares;
    }
    for (auto const member : {&report::Settings::select, &report::Settings::exclude})
      if (!(line.*member).empty()) settings.*member = line.*member;
    settings.tolerances.insert(settings.tolerances.end(), line.tolerances.begin(), line.tolerances.end());
    settings.regressions |= line.regressions;
    if (line.template_name != defaults.template_name) settings.template_name = line.template_name;
    if (line.style != defaults.style) settings.style = line.style;
    if (line.collapse != defaults.collapse) settings.collapse = line.collapse;
    if (line.columns != defaults.columns) settings.columns = line.columns;
    if (line.history != defaults.history) settings.history = line.history;
    if (line.log_lines != defaults.log_lines) settings.log_lines = line.log_lines;
    settings.changed_only |= line.changed_only;
    settings.dark |= line.dark;
    settings.strict |= line.strict;
    // A file of the repository does not loosen what the line demands.
    settings.allow_missing = line.allow_missing || (settings.allow_missing && line.thresholds.empty());
    settings.items.insert(settings.items.end(), line.items.begin(), line.items.end());
    settings.better.insert(settings.better.end(), line.better.begin(), line.better.end());
    settings.thresholds.insert(settings.thresholds.end(), line.thresholds.begin(), line.thresholds.end());
    options.settings = std::move(settings);
  }
  if (required && options.settings.items.empty())
    return Error{ErrorKind::Usage,
                 "nothing to show: give --metrics FILE, --plot FILE, --image FILE, --table FILE or --log FILE, or a "
                 "cml.yaml with a report section"};
  return ok();
}

Result<report::Model> gather_report(ReportOptions const& options, Context& context, Diagnostics& diagnostics) {
  CiRun const ci = read_ci(context.environment, context.files);
  std::filesystem::path const here = context.files.current_directory();
  Git const git = git_of_run(context);
  CML_TRY(door, open_door(context));
  report::GatherRequest request;
  request.door = &door;
  request.git = &git;
  request.here = here;
  request.target_branch = ci.target_branch;
  report::RecordedHistory history;
  if (compares_with_records(options.settings)) {
    history = recorded_history(context, options.settings.records,
                               options.settings.records_from_config ? Origin::Workspace : Origin::CommandLine);
    for (std::string const& note : history.recorded.notes) diagnostics.missed("recorded metrics", note);
    request.history = &history;
  }
  return report::gather(options.settings, request, diagnostics);
}

Result<std::string> render_report(ReportOptions const& options, report::Model const& model,
                                  report::Pictures const& pictures, Context& context) {
  CML_TRY(text, template_text(options.settings, context));
  CiRun const ci = read_ci(context.environment, context.files);
  return report::render(model, options.settings, pictures, text, {ci.sha, ci.run_url});
}

report::Pictures inline_pictures(Context& context, Door const& door) {
  report::Pictures pictures;
  pictures.plot = [](report::PlotBlock const& plot) -> Result<std::string> {
    return report::fenced(plot.spec, "vega-lite");
  };
  pictures.cell = [plotter = make_plotter(context, door), &context,
                   here = context.files.current_directory()](report::PlotBlock const& plot) -> Result<std::string> {
    CML_TRY(picture, plotter(plot.spec, here, plot.title));
    for (std::string const& remark : picture.remarks) context.console.log(LogLevel::Warn, plot.title + ": " + remark);
    return "![" + report::escape_markdown(plot.title) + "](" + data_url("image/png", picture.bytes) + ")";
  };
  pictures.sparkline = [](report::Row const& row) -> Result<std::string> {
    return "![" + report::escape_markdown(row.name) + "](" +
           data_url("image/png", report::sparkline_png(row.history, false)) + ")";
  };
  pictures.file = [](std::string const&, std::string const& bytes) -> Result<std::string> {
    return data_url(media_type(bytes), bytes);
  };
  pictures.link = [](std::string const& path) { return report::link_destination(path); };
  return pictures;
}

Status verdict(report::Model const& model) {
  std::string text;
  for (report::Finding const& finding : model.findings)
    if (finding.fails) text += (text.empty() ? "" : "; ") + finding.text;
  if (text.empty()) return ok();
  return Error{ErrorKind::CheckFailed, "--fail-if " + one_line(text)};
}

}  // namespace cml
