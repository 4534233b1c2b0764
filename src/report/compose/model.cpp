#include "report/compose/model.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace cml::report {
namespace {

using json = nlohmann::ordered_json;

// JSON has no NaN; as text it is not lost.
json of(double value) { return std::isfinite(value) ? json(value) : json(metrics::python_float(value)); }
json of(Scalar const& value) {
  if (auto const* truth = std::get_if<bool>(&value)) return *truth;
  if (auto const* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (auto const* number = std::get_if<double>(&value)) return of(*number);
  if (auto const* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

json of(Row const& row) {
  json object{{"file", row.file}, {"name", row.name}};
  if (row.old_value) object["old"] = of(*row.old_value);
  if (row.new_value) object["new"] = of(*row.new_value);
  if (row.old_unreadable) object["old_state"] = "unreadable";
  if (row.new_unreadable) object["new_state"] = "unreadable";
  if (auto const change = row.change()) object["change"] = of(*change);
  if (auto const percent = row.percent()) object["percent"] = of(*percent);
  if (row.old_noise) object["old_noise"] = of(*row.old_noise);
  if (row.new_noise) object["new_noise"] = of(*row.new_noise);
  if (row.within_noise()) object["within_noise"] = true;
  if (!row.others.empty()) {
    object["others"] = json::array();
    bool all = true;
    for (auto const& other : row.others) {
      object["others"].push_back(other.value ? of(*other.value) : json(nullptr));
      all = all && !other.unreadable;
    }
    for (std::size_t i = 0; !all && i < row.others.size(); ++i)
      object["other_states"].push_back(row.others[i].unreadable ? json("unreadable") : json(nullptr));
  }
  if (row.better != Direction::Unknown) object["better"] = row.better == Direction::Higher ? "higher" : "lower";
  if (row.judgement() != Judgement::Neutral)
    object["judgement"] = row.judgement() == Judgement::Better ? "better" : "worse";
  if (!row.history.empty()) {
    object["history"] = json::array();
    for (double value : row.history) object["history"].push_back(std::isfinite(value) ? json(value) : json(nullptr));
  }
  return object;
}

struct Write {
  json operator()(DiffBlock const& block) const {
    json object{{"kind", block.params ? "params" : "metrics"}, {"compared", block.compared}, {"rows", json::array()}};
    for (Row const& row : block.rows) object["rows"].push_back(of(row));
    if (!block.remarks.empty()) object["remarks"] = block.remarks;
    return object;
  }
  json operator()(TableBlock const& block) const {
    json object{{"kind", "table"}, {"file", block.file}, {"columns", json::array()}, {"rows", json::array()}};
    for (auto const& column : block.records.columns) object["columns"].push_back(column.name);
    for (std::size_t i = 0; i < block.records.rows(); ++i) {
      json row = json::array();
      for (auto const& column : block.records.columns) row.push_back(of(column.at(i)));
      object["rows"].push_back(std::move(row));
    }
    if (!block.notes.empty()) object["notes"] = block.notes;
    return object;
  }
  json operator()(PlotBlock const& block) const {
    json object{{"kind", "plot"},
                {"name", block.name},
                {"title", block.title},
                {"spec", json::parse(block.spec, nullptr, false)}};
    if (!block.notes.empty()) object["notes"] = block.notes;
    return object;
  }
  json operator()(ImageBlock const& block) const {
    json object{{"kind", "image"}, {"file", block.path}, {"title", block.title}};
    if (!block.revision.empty()) object["revision"] = block.revision;
    return object;
  }
  json operator()(LogBlock const& block) const {
    return {{"kind", "log"}, {"file", block.file}, {"text", block.text}, {"left_out", block.left_out}};
  }
  json operator()(SectionBlock const& block) const {
    return {{"kind", "section"}, {"title", block.title}, {"level", block.level}};
  }
  json operator()(TextBlock const& block) const { return {{"kind", "text"}, {"markdown", block.markdown}}; }
  json operator()(MarkdownBlock const& block) const {
    return {{"kind", "markdown"}, {"file", block.file}, {"markdown", block.markdown}};
  }
  json operator()(DetailsBlock const& block) const {
    return {{"kind", "details"}, {"summary", block.summary}, {"level", block.level}};
  }
  json operator()(MissingBlock const& block) const { return {{"kind", "missing"}, {"what", block.what}}; }
};

}  // namespace

std::vector<Row> metric_rows(Model const& model) {
  std::vector<Row> rows;
  for (Block const& block : model.blocks)
    if (auto const* diff = std::get_if<DiffBlock>(&block); diff != nullptr && !diff->params)
      rows.insert(rows.end(), diff->rows.begin(), diff->rows.end());
  return rows;
}

std::string to_json(Model const& model) {
  json object{{"title", model.title},    {"old", model.old_name},     {"new", model.new_name},
              {"blocks", json::array()}, {"findings", json::array()}, {"unreadable", json::array()}};
  if (!model.other_names.empty()) object["others"] = model.other_names;
  if (!model.verdict.empty()) object["verdict"] = model.verdict;
  for (Block const& block : model.blocks) object["blocks"].push_back(std::visit(Write{}, block));
  for (Finding const& finding : model.findings)
    object["findings"].push_back(
        {{"level", finding.fails ? "fail" : "warn"}, {"metric", finding.name}, {"text", finding.text}});
  for (Unreadable const& file : model.unreadable)
    object["unreadable"].push_back(
        {{"file", file.file}, {"side", file.old_side ? "old" : "new"}, {"reason", file.reason}});
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace cml::report
