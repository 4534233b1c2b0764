// Plots from records and a template with DVC's anchors ("<DVC_METRIC_X>"): our own, or a project's .dvc/plots/*.json.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::report {

// "metrics/loss.csv:x=step,y=loss,template=linear,title=Loss"
struct PlotRequest {
  struct Column {
    std::string file, name;
  };
  std::string file;
  std::string x, template_name, title, x_label, y_label;
  std::vector<std::string> y;  // Several draw several lines.
  std::vector<std::string>
      revisions;  // "rev=v1.0": drawn before the workspace's, instead of what the report compares with.
  // A plot of a dvc.yaml may draw columns of several files, one for each of `y`, and take x from another (its column of
  // the name `x_column`).
  std::vector<Column> columns = {};
  std::string x_file = {}, x_column = {};
  bool log_x = false, log_y = false;  // "log=y"
  bool sort_x = false;                // "sort=x": lines go from left to right instead of from row to row.
};
Result<PlotRequest> parse_plot(std::string const& text);

// Records of one revision.
struct PlotData {
  std::string revision;
  metrics::Records records;
};

// Text of a built-in template; empty when there is none of that name.
std::string_view plot_template(std::string_view name);
std::vector<std::string> plot_templates();

// Which table of a file a request means: the one that has its columns. Null when none has.
metrics::Records const* choose_table(std::vector<metrics::Records> const& tables, PlotRequest const&);
// Fills in what was left out, by the template ("roc": fpr, tpr) and by the data. BadInput names the columns there are.
Status complete(PlotRequest&, metrics::Records const&);
// What a plot is called when nobody says: "ROC curve", the column of a curve, the file.
std::string default_title(PlotRequest const&);
// The specification: the template's anchors replaced. `request` is complete.
Result<std::string> fill_template(std::string_view template_text, PlotRequest const& request,
                                  std::vector<PlotData> const& data);
// "loss-val_loss" of loss.csv:y=val_loss: a file name without its suffix, in letters that every forge takes.
std::string picture_name(PlotRequest const&);

}  // namespace cml::report
