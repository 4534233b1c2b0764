#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "base/text.hpp"
#include "report/compose/plot.hpp"
#include "report/compose/render.hpp"

namespace cml {
namespace {

using nlohmann::json;

struct ReportTemplatesOptions {
  std::vector<std::string> name;
  bool plots = false;
};

Status report_templates(ReportTemplatesOptions const& options, Context& context) {
  if (!options.name.empty()) {
    std::string const& name = options.name.front();
    std::string_view const text = options.plots ? report::plot_template(name) : report::report_template(name);
    if (text.empty())
      return Error{ErrorKind::NotFound, "no template \"" + one_line(name, 60) + "\"; cml report templates lists them"};
    return context.console.out(text);
  }
  json reports = json::array();
  std::string lines;
  for (auto const& [name, text] : report::report_templates()) {
    reports.push_back(name);
    lines += "report " + std::string(name) + "\n";
  }
  for (std::string const& name : report::plot_templates()) lines += "plot " + name + "\n";
  if (!context.options.json) return context.console.out(lines);
  return context.console.out(json{{"reports", reports}, {"plots", report::plot_templates()}}.dump() + "\n");
}

}  // namespace

Action declare_report_templates(Flags& flags) {
  auto const options = std::make_shared<ReportTemplatesOptions>();
  flags.positional("NAME", &options->name, 0, 1, "Print this template's text, to start one of your own from");
  flags.boolean("--plot", &options->plots, "NAME is a plot template");
  return [options](Context& context) { return report_templates(*options, context); };
}

}  // namespace cml
