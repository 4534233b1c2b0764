// From a path to a Document: which format it is, and what it says.
#pragma once

#include "base/diagnostics.hpp"
#include "metrics/dvc_vars.hpp"
#include "metrics/source.hpp"
#include "metrics/value.hpp"

namespace cml::metrics {

// A file of any known format, or a folder that DVCLive, MLflow or TensorBoard wrote, or "mlruns:RUN" for one run of an
// MLflow store. Errors name the path and what to check.
Result<Document> read_document(Source&, std::string const& path, Limits const& = {});

// "mlruns:nightly/baseline": the folder, and which of its runs. Nothing when no folder of the source stands before a
// ":".
struct RunChoice {
  std::string folder, run;
};
std::optional<RunChoice> run_choice(Source&, std::string const& path);

// One row a format (reader.cpp), first match wins.
struct Format {
  std::string_view name;
  bool (*matches)(std::string_view path, std::string_view bytes);
  Result<Document> (*read)(std::string_view bytes, Limits const&);
};
std::vector<Format> const& formats();

// What a dvc.yaml names: the files that `--metrics dvc.yaml` and `--params dvc.yaml` stand for.
struct DvcPlot {
  struct Column {
    std::string file, name;  // No file: the plot's own.
  };
  std::string path;  // A file, a folder, or just a name when each column has its file.
  Column x;
  std::vector<Column> y;
  std::string template_name, title, x_label, y_label;
};
struct DvcFiles {
  std::vector<std::string> metrics, params;
  std::vector<DvcPlot> plots;
};
// `load` reads the files of values that "${name}" may stand for.
Result<DvcFiles> read_dvc_yaml(std::string_view text, Limits const& = {}, LoadVars load = {});
bool is_dvc_yaml(std::string_view path);

// A file that is a tree: JSON or TOML by its name, else YAML.
Result<Node> parse_tree(std::string_view path, std::string_view bytes, Limits const& = {});
// Records in a tree: a list of objects at the top, or below keys (first found wins for each key).
Result<std::vector<Records>> tables_of(Node const&, Limits const&);

}  // namespace cml::metrics
