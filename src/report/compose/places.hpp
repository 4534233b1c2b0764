// Where the files lie that were asked for.
#pragma once

#include <string>

#include "metrics/reader.hpp"
#include "report/compose/sources.hpp"

namespace cml::report {

// A path that is written from the root, as "$GITHUB_WORKSPACE/metrics.json" is, counts from `here`: git and the other
// folders of a comparison know no other place for it. What lies outside of the workspace stays as it is; so does what
// stands behind ":" ("FILE:x=step").
std::string in_place(Door const&, std::filesystem::path const& here, std::string const& value);

// What a dvc.yaml names, with paths that count from where the source's do. The repository, not the command line, named
// what is read from now on.
Result<metrics::DvcFiles> dvc_files_of(DiskSource& workspace, std::string const& path);
// The text of a plot template: the project's own in .dvc/plots, a file, or ours. NotFound names those there are.
Result<std::string> find_plot_template(DiskSource& workspace, std::string const& name);
// What the name says: a picture, a file of records.
bool is_picture(std::string const& path);
bool has_records(std::string const& path);

}  // namespace cml::report
