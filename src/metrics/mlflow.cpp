// MLflow's local file store: mlruns/EXPERIMENT/RUN/{meta.yaml,metrics/NAME,params/NAME}; a metric's lines are "time value step".
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

constexpr std::uintmax_t kMaxSmallFile = 1u << 20;

// The run folder that a file lies in: what stands before "/metrics/" or "/params/" or "/meta.yaml"; empty for other files.
std::string run_of(std::string const& file) {
  for (std::string_view part : {"/metrics/", "/params/"})
    if (auto const at = file.find(part); at != std::string::npos) return file.substr(0, at);
  return {};
}

// Milliseconds since 1970; 0 when the run's meta.yaml does not say.
double start_of(Source& source, std::string const& run) {
  auto const text = source.read(run + "/meta.yaml", kMaxSmallFile);
  if (!text) return 0;
  auto const tree = parse_yaml(*text);
  if (!tree) return 0;
  Node const* start = tree->find("start_time");
  return start != nullptr && start->scalar() != nullptr ? number_of(*start->scalar()).value_or(0) : 0;
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
    if (!number || !at) return Error{ErrorKind::BadInput, "line " + std::to_string(line) + " is not \"time value step\""};
    step.numbers.push_back(*at);
    value.numbers.push_back(*number);
  }
  return Records{name, {std::move(step), std::move(value)}};
}

}  // namespace

bool is_mlflow(std::vector<std::string> const& files) {
  for (std::string const& file : files)
    if (!run_of(file).empty() && std::find(files.begin(), files.end(), run_of(file) + "/meta.yaml") != files.end()) return true;
  return false;
}

Result<Document> read_mlflow(Source& source, std::string const&, std::vector<std::string> const& files, Limits const& limits) {
  std::map<std::string, double> runs;
  for (std::string const& file : files)
    if (std::string const run = run_of(file); !run.empty() && !runs.contains(run)) runs[run] = start_of(source, run);
  auto const newest = std::max_element(runs.begin(), runs.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
  Document document;
  for (std::string const& file : files) {
    if (run_of(file) != newest->first) continue;
    std::string const inside = file.substr(newest->first.size() + 1);
    bool const metric = inside.substr(0, 8) == "metrics/";
    CML_TRY(text, source.read(file, limits.max_bytes));
    std::string const name = inside.substr(metric ? 8 : 7);
    if (!metric) {
      document.metrics.push_back({"params." + name, scalar_of_text(text)});
      continue;
    }
    auto history = read_history(text, name);
    if (!history) return std::move(history).error().while_doing(file);
    Column const& values = history->columns[1];
    if (values.numbers.empty()) continue;
    document.metrics.push_back({name, values.numbers.back()});
    document.tables.push_back(std::move(*history));
  }
  return document;
}

}  // namespace cml::metrics
