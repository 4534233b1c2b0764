// The model as Markdown, by a Mustache template.
#pragma once

#include <functional>

#include "report/compose/model.hpp"

namespace cml::report {

// How pictures get into the text: files beside the report, or blocks that publishing draws.
struct Pictures {
  std::function<Result<std::string>(PlotBlock const&)> plot;  // Markdown of the picture, in lines of its own.
  std::function<Result<std::string>(PlotBlock const&)> cell;  // The same for a table's cell.
  std::function<Result<std::string>(Row const&)> sparkline;   // For a table's cell; empty function: none.
  std::function<std::string(std::string const& path)> link;   // Destination of a file given from the current folder.
  std::function<Result<std::string>(std::string const& name, std::string const& bytes)>
      file;  // Destination of what is no file here.
};
struct RunFacts {
  std::string commit, run_url;
};

std::string_view report_template(std::string_view name);  // Built in; empty when there is none of that name.
std::vector<std::pair<std::string_view, std::string_view>> report_templates();  // Name and text.

// BadInput when the template is malformed, or a picture cannot be drawn.
Result<std::string> render(Model const&, Settings const&, Pictures const&, std::string const& template_text,
                           RunFacts const&);

}  // namespace cml::report
