// Documents whose shape tells the tool that wrote them, and whose numbers stand in records: of each what a person would
// call its metrics, with the standard error where the tool has it, and a table of the records.
//
//   {"benchmarks": [{"name": "test_fit", "stats": {"mean": 0.5, "stddev": 0.1, "rounds": 4, ..}}], "machine_info": ..}
//   becomes  test_fit.mean (seconds) = 0.5 with the standard error 0.05, and a table "name, mean, stddev, ..".
#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

Node const* at(Node const* node, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) node = node != nullptr ? node->find(key) : nullptr;
  return node;
}

std::string string_at(Node const* node, std::initializer_list<std::string_view> keys) {
  Node const* found = at(node, keys);
  return found != nullptr && found->scalar() != nullptr && !is_null(*found->scalar()) ? to_python(*found->scalar())
                                                                                      : "";
}

std::optional<double> number_at(Node const* node, std::initializer_list<std::string_view> keys) {
  Node const* found = at(node, keys);
  return found != nullptr && found->scalar() != nullptr ? number_of(*found->scalar()) : std::nullopt;
}

bool has_list(Node const& node, std::string_view key) {
  Node const* found = node.find(key);
  return found != nullptr && found->list() != nullptr;
}

// A table whose rows have keys of their own.
class TableBuilder {
 public:
  explicit TableBuilder(Limits const& limits) : limits_(limits) {}

  void row() { ++rows_; }
  void put(std::string const& column, Scalar value) {
    auto const place = places_.find(column);
    std::size_t index = place != places_.end() ? place->second : table.columns.size();
    if (place == places_.end()) {
      if (table.columns.size() >= limits_.max_columns || rows_ * (table.columns.size() + 1) > limits_.max_record_cells)
        return;
      places_[column] = index;
      table.columns.push_back({column, {}, {}});
    }
    auto& cells = table.columns[index].cells;
    cells.resize(rows_);
    cells.back() = std::move(value);
  }
  void finish(Document& document) {
    for (Column& column : table.columns) column.cells.resize(rows_);
    if (rows_ > 0 && !table.columns.empty()) document.tables.push_back(std::move(table));
  }

  Records table;

 private:
  Limits const& limits_;
  std::size_t rows_ = 0;
  std::map<std::string, std::size_t, std::less<>> places_;
};

void add(Document& document, std::string name, std::optional<double> value, std::optional<double> noise = {}) {
  if (!value) return;
  Metric metric{std::move(name), *value};
  if (noise && std::isfinite(*noise) && *noise > 0) metric.noise = noise;
  document.metrics.push_back(std::move(metric));
}

std::optional<double> standard_error(std::optional<double> deviation, std::optional<double> count) {
  if (!deviation || !count || *count < 1) return std::nullopt;
  return *deviation / std::sqrt(*count);
}

// The Hugging Face Trainer's trainer_state.json: a log of records with keys of their own.
bool is_trainer_state(Node const& root) { return has_list(root, "log_history") && root.find("global_step") != nullptr; }
Document read_trainer_state(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  std::map<std::string, std::size_t> places;
  for (Node const& record : *root.find("log_history")->list()) {
    if (record.map() == nullptr) continue;
    table.row();
    for (Metric& metric : flatten(record, limits).metrics) {
      if (metric.list) continue;
      if (number_of(metric.value)) {
        auto const [place, fresh] = places.emplace(metric.name, document.metrics.size());
        if (fresh)
          document.metrics.push_back({metric.name, metric.value});
        else
          document.metrics[place->second].value = metric.value;  // A log: the last one counts.
      }
      table.put(metric.name, std::move(metric.value));
    }
  }
  add(document, "best_metric", number_at(&root, {"best_metric"}));
  table.finish(document);
  return document;
}

bool is_pytest_benchmark(Node const& root) {
  return has_list(root, "benchmarks") && root.find("machine_info") != nullptr;
}
Document read_pytest_benchmark(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  for (Node const& one : *root.find("benchmarks")->list()) {
    std::string const name = string_at(&one, {"name"});
    Node const* stats = one.find("stats");
    if (name.empty() || stats == nullptr) continue;
    add(document, name + ".mean (seconds)", number_at(stats, {"mean"}),
        standard_error(number_at(stats, {"stddev"}), number_at(stats, {"rounds"})));
    add(document, name + ".median (seconds)", number_at(stats, {"median"}));
    table.row();
    table.put("name", name);
    for (std::string_view key : {"min", "median", "mean", "stddev", "max", "ops", "rounds"})
      if (Node const* cell = stats->find(key); cell != nullptr && cell->scalar() != nullptr)
        table.put(std::string(key), *cell->scalar());
  }
  table.finish(document);
  return document;
}

bool is_google_benchmark(Node const& root) { return has_list(root, "benchmarks") && root.find("context") != nullptr; }
Document read_google_benchmark(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  auto const& all = *root.find("benchmarks")->list();
  // With repetitions the means, medians and deviations stand beside the single runs.
  bool const repeated =
      std::any_of(all.begin(), all.end(), [](Node const& one) { return string_at(&one, {"run_type"}) == "aggregate"; });
  std::map<std::string, double> deviations;
  for (Node const& one : all)
    if (string_at(&one, {"aggregate_name"}) == "stddev")
      if (auto const deviation = number_at(&one, {"real_time"})) deviations[string_at(&one, {"run_name"})] = *deviation;
  for (Node const& one : all) {
    std::string const name = string_at(&one, {"name"}), kind = string_at(&one, {"aggregate_name"});
    if (name.empty()) continue;
    if (string_at(&one, {"error_occurred"}) == "True") {
      document.notes.push_back(one_line(name, 80) + ": " + one_line(string_at(&one, {"error_message"}), 120));
      continue;
    }
    if (repeated && kind != "mean" && kind != "median") continue;
    std::string unit = string_at(&one, {"time_unit"});
    if (unit.empty()) unit = "ns";
    std::optional<double> noise;
    if (auto const found = deviations.find(string_at(&one, {"run_name"})); kind == "mean" && found != deviations.end())
      noise = standard_error(found->second, number_at(&one, {"repetitions"}));
    add(document, name + ".real_time (" + unit + ")", number_at(&one, {"real_time"}), noise);
    add(document, name + ".cpu_time (" + unit + ")", number_at(&one, {"cpu_time"}));
    for (std::string_view key : {"items_per_second", "bytes_per_second"})
      add(document, name + "." + std::string(key), number_at(&one, {key}));
    table.row();
    table.put("name", name);
    for (std::string_view key : {"real_time", "cpu_time", "time_unit", "iterations"})
      if (Node const* cell = one.find(key); cell != nullptr && cell->scalar() != nullptr)
        table.put(std::string(key), *cell->scalar());
  }
  table.finish(document);
  return document;
}

bool is_hyperfine(Node const& root) {
  if (!has_list(root, "results")) return false;
  auto const& all = *root.find("results")->list();
  return !all.empty() && all[0].find("command") != nullptr && all[0].find("mean") != nullptr;
}
Document read_hyperfine(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  for (Node const& one : *root.find("results")->list()) {
    std::string const name = string_at(&one, {"command"});
    Node const* times = one.find("times");
    std::optional<double> const runs = times != nullptr && times->list() != nullptr
                                           ? std::optional(static_cast<double>(times->list()->size()))
                                           : std::nullopt;
    add(document, name + ".mean (seconds)", number_at(&one, {"mean"}),
        standard_error(number_at(&one, {"stddev"}), runs));
    add(document, name + ".median (seconds)", number_at(&one, {"median"}));
    if (Node const* codes = one.find("exit_codes"); codes != nullptr && codes->list() != nullptr)
      for (Node const& code : *codes->list())
        if (code.scalar() != nullptr && number_of(*code.scalar()).value_or(0) != 0) {
          document.notes.push_back(one_line(name, 80) + ": ended with exit code " + to_python(*code.scalar()));
          break;
        }
    table.row();
    table.put("command", name);
    for (std::string_view key : {"mean", "stddev", "median", "min", "max", "user", "system"})
      if (Node const* cell = one.find(key); cell != nullptr && cell->scalar() != nullptr)
        table.put(std::string(key), *cell->scalar());
  }
  table.finish(document);
  return document;
}

// Criterion's estimates.json, in nanoseconds.
bool is_criterion(Node const& root) { return at(&root, {"mean", "point_estimate"}) != nullptr; }
Document read_criterion(Node const& root, Limits const&) {
  Document document;
  for (std::string_view key : {"mean", "median", "slope", "std_dev"})
    add(document, std::string(key) + " (ns)", number_at(&root, {key, "point_estimate"}),
        number_at(&root, {key, "standard_error"}));
  return document;
}

// k6: `--summary-export`, or what handleSummary() gets.
bool is_k6(Node const& root) {
  Node const* all = root.find("metrics");
  return all != nullptr && all->map() != nullptr &&
         (root.find("root_group") != nullptr || all->find("iterations") != nullptr || all->find("vus") != nullptr);
}
Document read_k6(Node const& root, Limits const&) {
  Document document;
  for (auto const& [name, one] : *root.find("metrics")->map()) {
    Node const* values = one.find("values") != nullptr ? one.find("values") : &one;
    if (values->map() != nullptr)
      for (auto const& [key, value] : *values->map())
        if (value.scalar() != nullptr) add(document, name + "." + key, number_of(*value.scalar()));
    if (Node const* limits = one.find("thresholds"); limits != nullptr && limits->map() != nullptr)
      for (auto const& [limit, state] : *limits->map())
        if (string_at(&state, {"ok"}) == "False")
          document.notes.push_back("k6's threshold " + one_line(name + ": " + limit, 100) + " was crossed");
  }
  return document;
}

// EleutherAI's lm-evaluation-harness: {"results": {TASK: {"acc,none": 0.5, "acc_stderr,none": 0.01}}, "n-shot": ..}.
bool is_lm_eval(Node const& root) {
  Node const* results = root.find("results");
  return results != nullptr && results->map() != nullptr &&
         (root.find("n-shot") != nullptr || root.find("versions") != nullptr || root.find("configs") != nullptr);
}
Document read_lm_eval(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  // Looking a key up takes time for each key there is: what no evaluation has is read without deviations.
  constexpr std::size_t kMostKeys = 2000;
  bool const few_tasks = root.find("results")->map()->size() <= kMostKeys;
  for (auto const& [task, scores] : *root.find("results")->map()) {
    if (scores.map() == nullptr) continue;
    bool const few = scores.map()->size() <= kMostKeys;
    table.row();
    table.put("task", task);
    if (auto const shots = !few_tasks ? std::nullopt : number_at(&root, {"n-shot", task})) table.put("n-shot", *shots);
    for (auto const& [key, value] : *scores.map()) {
      auto const comma = key.find(',');
      std::string const metric = key.substr(0, comma), filter = comma == std::string::npos ? "" : key.substr(comma);
      if (value.scalar() == nullptr || metric.ends_with("_stderr")) continue;
      std::string const shown = metric + (filter == ",none" ? "" : filter);
      add(document, task + "." + shown, number_of(*value.scalar()),
          few ? number_at(&scores, {metric + "_stderr" + filter}) : std::nullopt);
      if (number_of(*value.scalar())) table.put(shown, *value.scalar());
    }
  }
  table.finish(document);
  return document;
}

// MTEB: {"task_name": .., "scores": {"test": [{"hf_subset": "default", "main_score": 0.5, ..}]}}.
bool is_mteb(Node const& root) {
  Node const* scores = root.find("scores");
  return scores != nullptr && scores->map() != nullptr &&
         (root.find("task_name") != nullptr || root.find("mteb_version") != nullptr);
}
Document read_mteb(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  std::string const task = string_at(&root, {"task_name"});
  for (auto const& [split_name, records] : *root.find("scores")->map()) {
    if (records.list() == nullptr) continue;
    for (Node const& record : *records.list()) {
      std::string const subset = string_at(&record, {"hf_subset"});
      std::string const start = (task.empty() ? "" : task + ".") + split_name + "." +
                                (subset.empty() || subset == "default" ? "" : subset + ".");
      table.row();
      table.put("split", split_name);
      if (!subset.empty()) table.put("subset", subset);
      if (record.map() == nullptr) continue;
      for (auto const& [key, value] : *record.map()) {
        if (value.scalar() == nullptr || !number_of(*value.scalar())) continue;
        add(document, start + key, number_of(*value.scalar()));
        table.put(key, *value.scalar());
      }
    }
  }
  table.finish(document);
  return document;
}

// promptfoo's eval: {"results": {"stats": {"successes": 9, ..}, "results": [{"success": true, "score": 1, ..}]}}.
bool is_promptfoo(Node const& root) { return at(&root, {"results", "stats", "successes"}) != nullptr; }
Document read_promptfoo(Node const& root, Limits const& limits) {
  Document document;
  Node const* stats = at(&root, {"results", "stats"});
  double const passed = number_at(stats, {"successes"}).value_or(0),
               failed = number_at(stats, {"failures"}).value_or(0), errors = number_at(stats, {"errors"}).value_or(0);
  for (std::string_view key : {"successes", "failures", "errors"})
    if (Node const* cell = stats->find(key); cell != nullptr && cell->scalar() != nullptr)
      document.metrics.push_back({std::string(key), *cell->scalar()});
  if (passed + failed + errors > 0) add(document, "pass_rate (%)", 100 * passed / (passed + failed + errors));
  add(document, "tokens", number_at(stats, {"tokenUsage", "total"}));
  TableBuilder table(limits);
  double score = 0, cost = 0;
  std::size_t count = 0;
  if (Node const* results = at(&root, {"results", "results"}); results != nullptr && results->list() != nullptr) {
    for (Node const& one : *results->list()) {
      table.row();
      std::string vars;
      if (Node const* given = one.find("vars"); given != nullptr && given->map() != nullptr)
        for (auto const& [key, value] : *given->map())
          vars += (vars.empty() ? "" : ", ") + key + "=" +
                  (value.scalar() != nullptr ? to_python(*value.scalar()) : to_python(value));
      std::string provider = string_at(&one, {"provider", "label"});
      if (provider.empty()) provider = string_at(&one, {"provider", "id"});
      table.put("provider", provider);
      table.put("prompt", string_at(&one, {"prompt", "label"}));
      table.put("test", one_line(vars, 200));
      table.put("passed", string_at(&one, {"success"}) == "True");
      for (std::string_view key : {"score", "latencyMs", "cost"})
        if (auto const number = number_at(&one, {key})) table.put(std::string(key), *number);
      table.put("output", one_line(string_at(&one, {"response", "output"}), 200));
      table.put("reason", one_line(string_at(&one, {"gradingResult", "reason"}), 200));
      score += number_at(&one, {"score"}).value_or(0);
      cost += number_at(&one, {"cost"}).value_or(0);
      ++count;
    }
  }
  if (count > 0) add(document, "mean_score", score / static_cast<double>(count));
  if (cost > 0) add(document, "cost", cost);
  table.finish(document);
  return document;
}

// Evidently, before and after 0.6: {"metrics": [{"metric": NAME, "result": {..}}]} or [{"metric_id": .., "value": ..}].
bool is_evidently(Node const& root) {
  if (!has_list(root, "metrics")) return false;
  auto const& all = *root.find("metrics")->list();
  return !all.empty() && ((all[0].find("metric") != nullptr && all[0].find("result") != nullptr) ||
                          (all[0].find("metric_id") != nullptr && all[0].find("value") != nullptr));
}
Document read_evidently(Node const& root, Limits const& limits) {
  Document document;
  TableBuilder table(limits);
  for (Node const& one : *root.find("metrics")->list()) {
    bool const old = one.find("metric") != nullptr;
    std::string const name = string_at(&one, {old ? "metric" : "metric_id"});
    Node const* value = one.find(old ? "result" : "value");
    if (name.empty() || value == nullptr) continue;
    if (value->scalar() != nullptr) {
      document.metrics.push_back({name, *value->scalar()});
      continue;
    }
    for (Metric& metric : flatten(*value, limits).metrics) {
      bool const number = number_of(metric.value) || std::holds_alternative<bool>(metric.value);
      // Histograms of the data are pictures, no metrics.
      if (metric.list || !number || contains(metric.name, "distribution")) continue;
      document.metrics.push_back({name + "." + metric.name, std::move(metric.value)});
    }
    Node const* columns = value->find("drift_by_columns");
    if (columns == nullptr || columns->map() == nullptr) continue;
    for (auto const& [column, drift] : *columns->map()) {
      table.row();
      table.put("column", column);
      for (std::string_view key : {"column_type", "stattest_name", "drift_score", "drift_detected"})
        if (Node const* cell = drift.find(key); cell != nullptr && cell->scalar() != nullptr)
          table.put(std::string(key), *cell->scalar());
    }
  }
  table.finish(document);
  return document;
}

// W&B's wandb-summary.json, and its config.yaml of {NAME: {desc: .., value: ..}}; what begins with "_" is its own.
bool is_wandb_summary(Node const& root) {
  return root.find("_wandb") != nullptr || (root.find("_step") != nullptr && root.find("_runtime") != nullptr);
}
Document read_wandb_summary(Node const& root, Limits const& limits) {
  Document document;
  for (Metric& metric : flatten(root, limits).metrics)
    if (!metric.name.starts_with("_")) document.metrics.push_back(std::move(metric));
  return document;
}
bool is_wandb_config(Node const& root) {
  auto const* map = root.map();
  if (map == nullptr || (root.find("wandb_version") == nullptr && root.find("_wandb") == nullptr)) return false;
  return std::all_of(map->begin(), map->end(), [](NodeEntry const& entry) {
    return entry.key == "wandb_version" || entry.value.find("value") != nullptr;
  });
}
Document read_wandb_config(Node const& root, Limits const& limits) {
  Document document;
  document.params.emplace();
  for (auto const& [name, entry] : *root.map()) {
    if (name.starts_with("_") || name == "wandb_version") continue;
    for (Metric& metric : flatten(*entry.find("value"), limits).metrics) {
      metric.name = name + (metric.name.empty() ? "" : "." + metric.name);
      document.params->push_back(std::move(metric));
    }
  }
  return document;
}

struct KnownDocument {
  std::string_view format;
  bool (*matches)(Node const&);
  Document (*read)(Node const&, Limits const&);
};
constexpr KnownDocument kKnownDocuments[] = {
    {"Hugging Face Trainer", is_trainer_state, read_trainer_state},
    {"pytest-benchmark", is_pytest_benchmark, read_pytest_benchmark},
    {"Google Benchmark", is_google_benchmark, read_google_benchmark},
    {"hyperfine", is_hyperfine, read_hyperfine},
    {"Criterion", is_criterion, read_criterion},
    {"lm-evaluation-harness", is_lm_eval, read_lm_eval},
    {"MTEB", is_mteb, read_mteb},
    {"promptfoo", is_promptfoo, read_promptfoo},
    {"Evidently", is_evidently, read_evidently},
    {"k6", is_k6, read_k6},
    {"W&B configuration", is_wandb_config, read_wandb_config},
    {"W&B summary", is_wandb_summary, read_wandb_summary},
};

}  // namespace

std::optional<Document> known_document(Node const& root, Limits const& limits) {
  if (root.map() == nullptr) return std::nullopt;
  for (KnownDocument const& known : kKnownDocuments) {
    if (!known.matches(root)) continue;
    Document document = known.read(root, limits);
    document.format = known.format;
    if (!document.metrics.empty() || document.params) return document;
  }
  return std::nullopt;
}

namespace {

// A column that tells records apart: the first of text whose values differ.
Column const* naming_column(Records const& table) {
  for (Column const& column : table.columns) {
    std::map<std::string, int> seen;
    bool names = column.size() > 0;
    for (std::size_t i = 0; names && i < column.size(); ++i) {
      Scalar const cell = column.at(i);
      auto const* text = std::get_if<std::string>(&cell);
      names = text != nullptr && !text->empty() && text->size() <= 120 && ++seen[*text] == 1;
    }
    if (names) return &column;
  }
  return nullptr;
}

}  // namespace

std::vector<Metric> metrics_of_records(Records const& table, std::size_t most) {
  std::vector<Metric> metrics;
  std::string const start = table.name.empty() ? "" : table.name + ".";
  Column const* names = naming_column(table);
  if (names == nullptr || table.rows() > most) {  // A log: its last record.
    for (Column const& column : table.columns)
      if (Scalar cell = column.at(column.size() - 1); number_of(cell)) metrics.push_back({start + column.name, cell});
    return metrics;
  }
  for (std::size_t i = 0; i < table.rows(); ++i)
    for (Column const& column : table.columns)
      if (Scalar cell = column.at(i); number_of(cell))
        metrics.push_back({start + to_python(names->at(i)) + "." + column.name, std::move(cell)});
  return metrics;
}

}  // namespace cml::metrics
