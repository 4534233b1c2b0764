// Reports from metrics and plots, for `report create` and for the comment commands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/context.hpp"
#include "app/flags.hpp"
#include "base/diagnostics.hpp"
#include "report/compose/model.hpp"
#include "report/compose/render.hpp"
#include "workspace/door.hpp"

namespace cml {

struct ReportOptions {
  report::Settings settings;
  std::string config;                 // --config FILE; empty: cml.yaml where there is one.
  std::optional<LogLevel> log_level;  // --log debug: the global option of that name, which --log FILE shadows.
};
// `only`: the names of those to declare; empty: all.
void declare_report_options(Flags&, std::shared_ptr<ReportOptions> const&,
                            std::vector<std::string_view> const& only = {});

// True when the options name something to show.
bool asks_for_report(ReportOptions const&);
// Adds what cml.yaml says, when the line names nothing to show. Usage when neither does and `required`.
Status complete_from_config(ReportOptions&, Context&, bool required);

Result<report::Model> gather_report(ReportOptions const&, Context&, Diagnostics&);
Result<std::string> render_report(ReportOptions const&, report::Model const&, report::Pictures const&, Context&);
// For text that is published afterwards: plots as fenced blocks, sparklines as data: images.
report::Pictures inline_pictures(Context&, Door const&);
// CheckFailed when a --fail-if threshold was met.
Status verdict(report::Model const&);

}  // namespace cml
