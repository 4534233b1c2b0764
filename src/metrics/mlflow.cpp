// MLflow's local file store: mlruns/EXPERIMENT/RUN/{meta.yaml,metrics/NAME,params/NAME}; a metric's lines are "time
// value step".
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

constexpr std::uintmax_t kMaxSmallFile = 1u << 20;

// The run folder that a file lies in: the nearest one with a meta.yaml beside its metrics/ or params/; empty for other
// files. The store itself may lie in a folder called "metrics", and metrics may have such a part in their names.
std::string run_of(std::string const& file, std::set<std::string> const& folders) {
  std::string best;
  for (std::string_view part : {"/metrics/", "/params/"})
    for (auto at = file.rfind(part); at != std::string::npos;
         at = at == 0 ? std::string::npos : file.rfind(part, at - 1))
      if (std::string const folder = file.substr(0, at); folder.size() > best.size() && folders.contains(folder))
        best = folder;
  return best;
}

// The folders that hold a meta.yaml; not those that MLflow has deleted into its bin.
std::set<std::string> meta_folders(std::vector<std::string> const& files) {
  std::set<std::string> folders;
  for (std::string const& file : files)
    if (file.ends_with("/meta.yaml") && !contains("/" + file, "/.trash/"))
      folders.insert(file.substr(0, file.size() - 10));
  return folders;
}

struct Run {
  std::string folder, id, name, experiment;  // The experiment's folder.
  double start = 0;                          // Milliseconds since 1970; 0 when its meta.yaml does not say.
};

std::string leaf_of(std::string const& path) { return path.substr(path.rfind('/') + 1); }  // npos + 1 is 0.
std::string parent_of(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// One entry of a meta.yaml; null when file or entry are absent.
Scalar meta_of(Source& source, std::string const& folder, std::string_view key) {
  auto const text = source.read((folder.empty() ? "" : folder + "/") + "meta.yaml", kMaxSmallFile);
  if (!text) return {};
  auto const tree = parse_yaml(*text);
  Node const* node = tree ? tree->find(key) : nullptr;
  return node != nullptr && node->scalar() != nullptr ? *node->scalar() : Scalar{};
}

std::vector<Run> runs_of(Source& source, std::vector<std::string> const& files) {
  std::set<std::string> const folders = meta_folders(files);
  std::map<std::string, Run> runs;
  for (std::string const& file : files)
    if (std::string const folder = run_of(file, folders); !folder.empty())
      runs[folder] = {folder, leaf_of(folder), "", parent_of(folder), 0};
  std::vector<std::string> wanted;
  for (auto const& [folder, run] : runs) wanted.push_back(folder + "/meta.yaml");
  (void)source.prefetch(wanted, kMaxSmallFile);  // What it could not get, reading tells.
  std::vector<Run> all;
  for (auto& [folder, run] : runs) {
    // A run that was deleted, in the store's words; models of MLflow 3 have metrics, too, but no state of that kind.
    if (to_python(meta_of(source, folder, "lifecycle_stage")) == "deleted" ||
        !is_null(meta_of(source, folder, "model_id")))
      continue;
    run.start = number_of(meta_of(source, folder, "start_time")).value_or(0);
    if (Scalar const name = meta_of(source, folder, "run_name"); !is_null(name)) run.name = to_python(name);
    all.push_back(std::move(run));
  }
  return all;
}

// The newest run that answers to `wanted`; every run answers to nothing.
Result<Run> choose_run(Source& source, std::vector<Run> const& runs, std::string const& wanted) {
  std::map<std::string, std::string> experiments;  // Folder to name.
  if (!wanted.empty())
    for (Run const& run : runs)
      if (!experiments.contains(run.experiment))
        experiments[run.experiment] = to_python(meta_of(source, run.experiment, "name"));
  auto const is_run = [](Run const& run, std::string const& text) {
    return run.name == text || run.id == text || (text.size() >= 4 && run.id.starts_with(text));
  };
  auto const is_of = [&](Run const& run, std::string const& text) {
    return experiments[run.experiment] == text || leaf_of(run.experiment) == text;
  };
  auto const slash = wanted.rfind('/');
  Run const* newest = nullptr;
  for (Run const& run : runs) {
    bool const both =
        slash != std::string::npos && is_of(run, wanted.substr(0, slash)) && is_run(run, wanted.substr(slash + 1));
    if (!wanted.empty() && !both && !is_run(run, wanted) && !is_of(run, wanted)) continue;
    if (newest == nullptr || run.start > newest->start) newest = &run;
  }
  if (newest != nullptr) return *newest;
  if (runs.empty()) return Error{ErrorKind::BadInput, "has no run that is not deleted"};
  std::string known;
  for (std::size_t i = 0; i < runs.size() && i < 8; ++i)
    known += (i > 0 ? ", " : "") +
             one_line(experiments[runs[i].experiment] + "/" + (runs[i].name.empty() ? runs[i].id : runs[i].name), 80);
  return Error{ErrorKind::BadInput,
               "has no run \"" + one_line(wanted, 60) + "\"; there are " + known + (runs.size() > 8 ? ", ..." : "")};
}

Result<Records> read_history(std::string_view text, std::string const& name) {
  Column step{"step", {}, {}, true}, value{name, {}, {}, false};
  int line = 0;
  for (std::string const& row : split(text, '\n')) {
    ++line;
    if (trim(row).empty()) continue;
    auto const words = split(trim(row), ' ');
    std::optional<double> number, at = 0.0;
    if (words.size() >= 2) number = number_of(scalar_of_text(words[1]));
    if (words.size() >= 3) at = number_of(scalar_of_text(words[2]));
    if (!number || !at)
      return Error{ErrorKind::BadInput, "line " + std::to_string(line) + " is not \"time value step\""};
    step.numbers.push_back(*at);
    value.numbers.push_back(*number);
  }
  return Records{name, {std::move(step), std::move(value)}};
}

constexpr std::size_t kMaxRuns = 200;  // Of the table of runs, the newest first.

// A row a run: its name, its parameters and the last value of each metric.
Records leaderboard(Source& source, std::vector<Run> runs, std::vector<std::string> const& files,
                    std::set<std::string> const& folders, Limits const& limits) {
  std::stable_sort(runs.begin(), runs.end(), [](Run const& a, Run const& b) { return a.start > b.start; });
  if (runs.size() > kMaxRuns) runs.resize(kMaxRuns);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < runs.size(); ++i) places[runs[i].folder] = i;
  std::vector<std::pair<std::size_t, std::string>> wanted;
  std::vector<std::string> paths;
  for (std::string const& file : files) {
    auto const place = places.find(run_of(file, folders));
    if (place == places.end()) continue;
    std::string const inside = file.substr(place->first.size() + 1);
    if (!inside.starts_with("metrics/") && !inside.starts_with("params/")) continue;
    wanted.emplace_back(place->second, file);
    paths.push_back(file);
  }
  (void)source.prefetch(paths, limits.max_bytes);  // What it could not get, reading tells.
  Records table;
  table.columns.push_back({"run", {}, {}});
  for (Run const& run : runs) table.columns[0].cells.emplace_back(run.name.empty() ? run.id : run.name);
  std::map<std::string, std::size_t> columns;
  for (bool const metrics : {false, true}) {
    for (auto const& [row, file] : wanted) {
      std::string const inside = file.substr(runs[row].folder.size() + 1);
      if (inside.starts_with("metrics/") != metrics || columns.size() >= limits.max_columns) continue;
      auto const text = source.read(file, limits.max_bytes);
      if (!text) continue;
      Scalar cell;
      if (metrics) {
        auto const history = read_history(*text, "");
        if (!history || history->columns[1].numbers.empty()) continue;
        cell = history->columns[1].numbers[newest_of(history->columns[0].numbers)];
      } else {
        cell = scalar_of_text(*text);
      }
      auto const [place, fresh] = columns.emplace((metrics ? "m" : "p") + inside, table.columns.size());
      if (fresh) {
        table.columns.push_back({inside.substr(metrics ? 8 : 7), {}, {}});
        table.columns.back().cells.resize(runs.size());
      }
      table.columns[place->second].cells[row] = std::move(cell);
    }
  }
  return table;
}

}  // namespace

bool is_mlflow(std::vector<std::string> const& files) {
  std::set<std::string> const folders = meta_folders(files);
  return std::any_of(files.begin(), files.end(),
                     [&](std::string const& file) { return !run_of(file, folders).empty(); });
}

Result<Document> read_mlflow(Source& source, std::vector<std::string> const& files, std::string const& wanted,
                             Limits const& limits) {
  std::vector<Run> const runs = runs_of(source, files);
  CML_TRY(run, choose_run(source, runs, wanted));
  std::set<std::string> const folders = meta_folders(files);
  std::vector<std::string> own;
  for (std::string const& file : files)
    if (run_of(file, folders) == run.folder) own.push_back(file);
  CML_CHECK_OK(source.prefetch(own, limits.max_bytes));
  Document document;
  document.params.emplace();
  std::string const called = run.name.empty() ? run.id : run.name;
  if (runs.size() > 1)
    document.remarks.push_back("run " + one_line(called, 80) + " of " + std::to_string(runs.size()) +
                               (wanted.empty() ? ", the newest; RUN in \"FOLDER:RUN\" chooses another" : ""));
  for (std::string const& file : own) {
    std::string const inside = file.substr(run.folder.size() + 1);
    bool const metric = inside.starts_with("metrics/");
    if (!metric && !inside.starts_with("params/")) continue;  // Tags, artifacts.
    auto text = source.read(file, limits.max_bytes);
    if (!text) {
      document.notes.push_back(file + ": " + text.error().message);
      continue;
    }
    std::string const name = inside.substr(metric ? 8 : 7);
    if (!metric) {
      document.params->push_back({name, scalar_of_text(*text)});
      continue;
    }
    auto history = read_history(*text, name);
    if (!history) {
      document.notes.push_back(file + ": " + history.error().message);
      continue;
    }
    Column const &steps = history->columns[0], &values = history->columns[1];
    if (values.numbers.empty()) continue;
    document.metrics.push_back({name, values.numbers[newest_of(steps.numbers)]});
    document.tables.push_back(std::move(*history));
  }
  if (wanted.empty() && runs.size() > 1) document.overview = leaderboard(source, runs, files, folders, limits);
  return document;
}

}  // namespace cml::metrics
