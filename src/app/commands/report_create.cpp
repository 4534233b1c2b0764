#include "app/commands/all.hpp"

#include <memory>

#include "app/picture_folder.hpp"
#include "app/reporting.hpp"
#include "app/result.hpp"
#include "app/session.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

struct ReportCreateOptions {
  std::shared_ptr<ReportOptions> report = std::make_shared<ReportOptions>();
  std::string output;
};

Status report_create(ReportCreateOptions const& options, Context& context) {
  if (options.report->log_level) context.console.set_level(*options.report->log_level);
  CML_CHECK_OK(complete_from_config(*options.report, context, true));
  Diagnostics diagnostics;
  CML_TRY(model, gather_report(*options.report, context, diagnostics));
  CML_TRY(door, open_door(context));
  std::string text;
  if (context.options.json) {
    text = report::to_json(model);
  } else {
    PictureFolder folder(options.output, options.report->settings.dark, context, door);
    CML_TRY(markdown, render_report(*options.report, model, folder.pictures(), context));
    text = std::move(markdown);
  }
  say(context, diagnostics);
  if (options.output.empty() || options.output == "-" || context.options.dry_run)
    CML_CHECK_OK(context.console.out(text));
  else
    CML_CHECK_OK(write_report(door, options.output, text));
  CML_CHECK_OK(complete(options.report->settings.strict, diagnostics));
  return verdict(model);
}

}  // namespace

Action declare_report_create(Flags& flags) {
  auto const options = std::make_shared<ReportCreateOptions>();
  flags
      .text("--output,-o", &options->output,
            "File to write (default: the standard output); plots go to a folder beside it")
      .takes("FILE");
  declare_report_options(flags, options->report);
  return [options](Context& context) { return report_create(*options, context); };
}

}  // namespace cml
