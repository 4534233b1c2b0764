#include "report/compose/measures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace cml::report {
namespace {

using metrics::Column;
using metrics::Document;
using metrics::Metric;
using metrics::Records;

std::optional<double> best_of_column(Column const& column, Direction better) {
  std::optional<double> best;
  for (std::size_t i = 0; i < column.size(); ++i) {
    auto const number = metrics::number_of(column.at(i));
    if (!number || !std::isfinite(*number)) continue;
    if (!best || (better == Direction::Higher ? *number > *best : *number < *best)) best = *number;
  }
  return best;
}

}  // namespace

std::vector<Metric> best_values(Document const& document, std::vector<std::string> const& patterns,
                                std::vector<BetterRule> const& rules, std::vector<std::string>& unknown) {
  std::vector<Metric> best;
  for (Records const& table : document.tables) {
    for (Column const& column : table.columns) {
      bool const wanted = std::any_of(patterns.begin(), patterns.end(), [&](std::string const& pattern) {
        return name_matches(pattern.substr(5, pattern.size() - 6), column.name);
      });
      if (!wanted) continue;
      Direction const better = direction_of(column.name, rules);
      if (better == Direction::Unknown) {
        unknown.push_back(column.name);
      } else if (auto const value = best_of_column(column, better)) {
        best.push_back({"best(" + column.name + ")", *value});
      }
    }
  }
  return best;
}

std::vector<Metric> mean_values(std::vector<Document> const& documents, std::vector<PartlyThere>& partly) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> values;
  for (Document const& document : documents) {
    for (Metric const& metric : document.metrics) {
      auto const number = metrics::number_of(metric.last ? *metric.last : metric.value);
      if (!number || metric.records) continue;
      auto& list = values[metric.name];
      if (list.empty()) order.push_back(metric.name);
      list.push_back(*number);
    }
  }
  std::vector<Metric> means;
  for (std::string const& name : order) {
    std::vector<double> const& list = values[name];
    double const count = static_cast<double>(list.size());
    double sum = 0, squares = 0;
    for (double value : list) sum += value;
    double const mean = sum / count;
    for (double value : list) squares += (value - mean) * (value - mean);
    if (list.size() < documents.size()) partly.push_back({name, list.size()});
    Metric metric{name, mean};
    if (list.size() > 1) metric.noise = std::sqrt(squares / (count - 1) / count);
    means.push_back(std::move(metric));
  }
  return means;
}

bool is_selected(std::string const& name, std::vector<std::string> const& select,
                 std::vector<std::string> const& exclude) {
  auto const fits = [&](std::string const& pattern) { return name_matches(pattern, name); };
  return (select.empty() || std::any_of(select.begin(), select.end(), fits)) &&
         std::none_of(exclude.begin(), exclude.end(), fits);
}

bool lists_failed_tests(Document const& document) {
  return document.format == "JUnit XML" || document.format == "NUnit" || document.format == "xUnit" ||
         document.format == "TRX";
}

Records with_transitions(Records const* now, Records const* before, std::string const& old_name) {
  std::map<std::string, std::string> earlier;  // Test to outcome.
  for (std::size_t i = 0; before != nullptr && i < before->rows(); ++i)
    earlier[metrics::to_python(before->columns[0].at(i))] = metrics::to_python(before->columns[1].at(i));
  Records table;
  table.columns = {{"test", {}, {}}, {old_name, {}, {}}, {"outcome", {}, {}}, {"message", {}, {}}};
  auto const row = [&](metrics::Scalar test, std::string was, metrics::Scalar is, metrics::Scalar message) {
    table.columns[0].cells.push_back(std::move(test));
    table.columns[1].cells.emplace_back(std::move(was));
    table.columns[2].cells.push_back(std::move(is));
    table.columns[3].cells.push_back(std::move(message));
  };
  for (bool const fresh : {true, false}) {  // Those that did not fail before are the news.
    for (std::size_t i = 0; now != nullptr && i < now->rows(); ++i) {
      auto const known = earlier.find(metrics::to_python(now->columns[0].at(i)));
      if ((known == earlier.end()) != fresh) continue;
      row(now->columns[0].at(i), fresh ? "did not fail" : known->second, now->columns[1].at(i), now->columns[2].at(i));
    }
  }
  for (std::size_t i = 0; now != nullptr && i < now->rows(); ++i)
    earlier.erase(metrics::to_python(now->columns[0].at(i)));
  for (auto const& [test, outcome] : earlier) row(test, outcome, std::string("fails no more"), std::string());
  return table;
}

}  // namespace cml::report
