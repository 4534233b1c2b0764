// DVC's own files (dvc.yaml, dvc.lock) and the folder that DVCLive writes.
#include <algorithm>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

std::string text_of(Node const* node) {
  return node != nullptr && node->scalar() != nullptr && !is_null(*node->scalar()) ? to_python(*node->scalar()) : "";
}

constexpr std::size_t kMaxFiles = 10'000;  // Of one kind; stages may be repeated without end.

void add(std::vector<std::string>& list, std::string path) {
  if (list.size() < kMaxFiles && !path.empty() && std::find(list.begin(), list.end(), path) == list.end())
    list.push_back(std::move(path));
}

std::string joined(std::string const& folder, std::string const& path) {
  return folder.empty() || folder == "." ? path : folder + "/" + path;
}

// An entry is a path, or {path: {x: .., y: ..}}; the latter calls each(path, node).
template <class Each>
void each_entry(DvcVars const& vars, Node const* node, Each each) {
  if (node == nullptr) return;
  auto const one = [&](Node const& entry) {
    if (entry.scalar() != nullptr) each(vars.resolved(text_of(&entry)), nullptr);
    if (auto const* map = entry.map())
      for (auto const& [path, properties] : *map) each(vars.resolved(path), &properties);
  };
  if (auto const* list = node->list())
    for (Node const& entry : *list) one(entry);
  else
    one(*node);
}

// A column, or a list of columns, of one file ("": the entry's own).
void add_columns(DvcVars const& vars, std::string const& file, Node const& columns, std::vector<DvcPlot::Column>& out) {
  if (columns.scalar() != nullptr) out.push_back({file, vars.resolved(text_of(&columns))});
  if (auto const* list = columns.list())
    for (Node const& column : *list) add_columns(vars, file, column, out);
}

// Columns, or {file: columns}.
std::vector<DvcPlot::Column> columns_of(DvcVars const& vars, Node const* axis) {
  std::vector<DvcPlot::Column> columns;
  if (axis == nullptr) return columns;
  if (auto const* files = axis->map())
    for (auto const& [file, names] : *files) add_columns(vars, vars.resolved(file), names, columns);
  else
    add_columns(vars, "", *axis, columns);
  std::erase_if(columns, [](DvcPlot::Column const& column) { return column.name.empty(); });
  return columns;
}

DvcPlot plot_of(DvcVars const& vars, std::string path, Node const* properties) {
  DvcPlot plot;
  plot.path = std::move(path);
  if (properties == nullptr || properties->map() == nullptr) return plot;
  auto const text = [&](std::string_view key) { return vars.resolved(text_of(properties->find(key))); };
  plot.y = columns_of(vars, properties->find("y"));
  if (auto x = columns_of(vars, properties->find("x")); !x.empty()) plot.x = std::move(x.front());
  plot.template_name = text("template");
  plot.title = text("title");
  plot.x_label = text("x_label");
  plot.y_label = text("y_label");
  return plot;
}

void stage_files(DvcVars const& vars, Node const& stage, DvcFiles& files) {
  std::string const folder = vars.resolved(text_of(stage.find("wdir")));
  each_entry(vars, stage.find("metrics"),
             [&](std::string const& path, Node const*) { add(files.metrics, joined(folder, path)); });
  each_entry(vars, stage.find("params"), [&](std::string const& path, Node const* keys) {
    add(files.params, joined(folder, keys == nullptr ? "params.yaml" : path));  // A bare entry is a key of params.yaml.
  });
  each_entry(vars, stage.find("plots"), [&](std::string const& path, Node const* properties) {
    if (files.plots.size() < kMaxFiles) files.plots.push_back(plot_of(vars, joined(folder, path), properties));
  });
}

}  // namespace

bool is_dvc_yaml(std::string_view path) { return path.substr(path.rfind('/') + 1) == "dvc.yaml"; }

Result<DvcFiles> read_dvc_yaml(std::string_view text, Limits const& limits, LoadVars load) {
  CML_TRY(tree, parse_yaml(text, limits));
  DvcFiles files;
  DvcVars const vars(tree, std::move(load));
  if (Node const* stages = tree.find("stages"); stages != nullptr && stages->map() != nullptr) {
    for (auto const& [name, stage] : *stages->map()) {
      Node const* body = stage.find("do");  // foreach stages.
      for (DvcVars const& round : vars.rounds(stage))
        stage_files(round.within(body != nullptr ? *body : stage), body != nullptr ? *body : stage, files);
    }
  }
  each_entry(vars, tree.find("metrics"), [&](std::string const& path, Node const*) { add(files.metrics, path); });
  each_entry(vars, tree.find("params"), [&](std::string const& path, Node const*) { add(files.params, path); });
  each_entry(vars, tree.find("plots"), [&](std::string const& path, Node const* properties) {
    if (files.plots.size() < kMaxFiles) files.plots.push_back(plot_of(vars, path, properties));
  });
  return files;
}

Result<Document> read_dvc_lock(std::string_view bytes, Limits const& limits) {
  CML_TRY(tree, parse_yaml(bytes, limits));
  Node const* stages = tree.find("stages");
  if (stages == nullptr || stages->map() == nullptr)
    return Error{ErrorKind::BadInput, "has no stages; is it a dvc.lock?"};
  Document document;
  for (auto const& [stage, body] : *stages->map()) {
    Node const* params = body.find("params");
    if (params == nullptr || params->map() == nullptr) continue;
    for (auto const& [file, values] : *params->map())
      for (Metric& metric : flatten(values, limits).metrics)
        document.metrics.push_back({stage + ":" + file + ":" + metric.name, std::move(metric.value)});
  }
  return document;
}

bool is_dvclive(std::string const& folder, std::vector<std::string> const& files) {
  std::string const prefix = folder.empty() ? "" : folder + "/";
  for (std::string const& file : files)
    if (file == prefix + "metrics.json" || file.substr(0, prefix.size() + 14) == prefix + "plots/metrics/") return true;
  return false;
}

Result<Document> read_dvclive(Source& source, std::string const& folder, std::vector<std::string> const& files,
                              Limits const& limits) {
  std::string const prefix = folder.empty() ? "" : folder + "/", plots = prefix + "plots/metrics/";
  auto const is_series = [&](std::string const& file) { return file.starts_with(plots) && file.ends_with(".tsv"); };
  std::vector<std::string> wanted;
  auto const is_params = [&](std::string const& file) {
    return file == prefix + "params.yaml" || file == prefix + "params.json";
  };
  for (std::string const& file : files)
    if (file == prefix + "metrics.json" || is_series(file) || is_params(file)) wanted.push_back(file);
  CML_CHECK_OK(source.prefetch(wanted, limits.max_bytes));
  Document document;
  document.params.emplace();
  for (std::string const& file : wanted) {
    if (is_params(file)) {
      CML_TRY(text, source.read(file, limits.max_bytes));
      auto tree = parse_tree(file, text, limits);
      if (!tree) return std::move(tree).error().while_doing(file);
      document.params = flatten(*tree, limits).metrics;
    } else if (!is_series(file)) {
      CML_TRY(text, source.read(file, limits.max_bytes));
      auto tree = parse_json(text, limits);
      if (!tree) return std::move(tree).error().while_doing(file);
      document.metrics = flatten(*tree, limits).metrics;
    } else {
      CML_TRY(text, source.read(file, limits.max_bytes));
      auto series = read_delimited(text, '\t', limits);
      if (!series) return std::move(series).error().while_doing(file);
      std::string const name = file.substr(plots.size(), file.size() - plots.size() - 4);
      Records records = std::move(series->tables.front());
      records.name = name;
      // The value's column carries the last part of the name only; the whole name tells "train/loss" from "val/loss".
      for (Column& column : records.columns)
        if (column.name == name.substr(name.rfind('/') + 1)) column.name = name;
      document.tables.push_back(std::move(records));
    }
  }
  if (document.metrics.empty()) {
    for (Records const& table : document.tables)
      if (Column const* column = table.column(table.name); column != nullptr && column->size() > 0)
        document.metrics.push_back({table.name, column->at(column->size() - 1)});
  }
  return document;
}

}  // namespace cml::metrics
