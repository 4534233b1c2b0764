// The records that a plot draws: one table of a file, or columns brought together from several tables and files.
#pragma once

#include <functional>
#include <string>

#include "metrics/reader.hpp"
#include "metrics/source.hpp"
#include "report/compose/plot.hpp"

namespace cml::report {

// `path` says where a file of the request lies in this source. NotFound when the source has none of the files. With
// columns of several files, those that are absent are left out.
// Beyond the limit of rows the data are thinned, and `notes` gets a sentence that says so.
Result<metrics::Records> plot_records(metrics::Source&, PlotRequest const&,
                                      std::function<std::string(std::string const&)> const& path,
                                      std::vector<std::string>& notes);
// Names what the columns of `request.columns` become: by their own name, their file's when they share it. Fills in `x`
// and `y`.
void name_columns(PlotRequest& request);
// What a dvc.yaml asks for.
PlotRequest request_of(metrics::DvcPlot const&);

}  // namespace cml::report
