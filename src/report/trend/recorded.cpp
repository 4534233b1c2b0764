#include "report/trend/recorded.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"

namespace cml::report {
namespace {

using nlohmann::json;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct SpecialNumber {
  std::string_view word;
  double value;
};
constexpr SpecialNumber kSpecialNumbers[] = {{"NaN", kNan},
                                             {"Infinity", std::numeric_limits<double>::infinity()},
                                             {"-Infinity", -std::numeric_limits<double>::infinity()}};

std::optional<double> special_number(std::string_view word) {
  for (SpecialNumber const& row : kSpecialNumbers)
    if (row.word == word) return row.value;
  return std::nullopt;
}

json number_in_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One line, as far as it is of the form; what it says besides is passed over, for a later cml may say more.
struct Line {
  std::string commit, branch;
  std::optional<std::int64_t> time;
  struct Value {
    std::uint32_t file = 0;
    std::string name;
    double value = 0;
  };
  std::vector<std::string> files;
  std::vector<Value> values;
};

class LineReader : public nlohmann::json_sax<json> {
 public:
  LineReader(Line& line, RecordLimits const& limits) : line_(line), limits_(limits) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t value) override {
    if (depth_ == 1 && key_ == "time") line_.time = value;
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return number(static_cast<double>(value));
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, string_t const&) override { return number(value); }
  bool string(string_t& text) override {
    if (depth_ == 1 && key_ == "commit")
      line_.commit = std::move(text);
    else if (depth_ == 1 && key_ == "branch")
      line_.branch = std::move(text);
    else if (auto const value = special_number(text))
      return number(*value);
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (name.size() > limits_.max_name) return false;
    if (depth_ == 1) in_values_ = name == "values";
    if (depth_ == 2 && in_values_) line_.files.push_back(name);
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override { return false; }

 private:
  bool enter() { return ++depth_ <= 16; }
  bool leave() { return --depth_, true; }
  bool number(double value) {
    if (depth_ == 3 && in_values_ && !line_.files.empty())
      line_.values.push_back({static_cast<std::uint32_t>(line_.files.size() - 1), std::move(key_), value});
    return true;
  }

  Line& line_;
  RecordLimits const& limits_;
  int depth_ = 0;
  bool in_values_ = false;
  std::string key_;
};

class RecordLog {
 public:
  explicit RecordLog(RecordLimits const& limits) : limits_(limits) {}

  void add(std::string_view text) {
    Line line;
    LineReader reader(line, limits_);
    bool const read = text.size() <= limits_.max_line && json::sax_parse(text.begin(), text.end(), &reader) &&
                      is_commit(line.commit) && line.time && !line.branch.empty() &&
                      line.branch.size() <= limits_.max_name;
    if (!read) {
      ++unreadable_;
      return;
    }
    std::uint32_t const commit = commit_of(line);
    for (auto& value : line.values) {
      if (points_ >= limits_.max_points) {
        full_ = true;
        break;
      }
      auto* series = series_of(line.files[value.file], std::move(value.name));
      if (series == nullptr) continue;
      series->points.push_back({commit, value.value});
      ++points_;
    }
  }

  Recorded result() {
    sort_by_time();
    if (unreadable_ > 0)
      recorded_.notes.push_back(std::to_string(unreadable_) + (unreadable_ == 1 ? " record" : " records") +
                                " cannot be read and are left out");
    if (full_)
      recorded_.notes.push_back("more than " + std::to_string(limits_.max_points) + " values or " +
                                std::to_string(limits_.max_series) + " metrics are recorded; the rest is left out");
    return std::move(recorded_);
  }

 private:
  std::uint32_t commit_of(Line const& line) {
    auto const [branch, new_branch] =
        branches_.emplace(line.branch, static_cast<std::uint32_t>(recorded_.branches.size()));
    if (new_branch) recorded_.branches.push_back(line.branch);
    auto const [commit, fresh] = commits_.emplace(line.commit + std::to_string(branch->second),
                                                  static_cast<std::uint32_t>(recorded_.commits.size()));
    if (fresh) recorded_.commits.push_back({line.commit, branch->second, *line.time});
    return commit->second;
  }

  Recorded::Series* series_of(std::string const& file, std::string name) {
    auto& of_file = names_[file];
    auto const found = of_file.find(name);
    if (found != of_file.end()) return &recorded_.series[found->second];
    if (recorded_.series.size() >= limits_.max_series) {
      full_ = true;
      return nullptr;
    }
    of_file.emplace(name, recorded_.series.size());
    recorded_.series.push_back({file, std::move(name), {}});
    return &recorded_.series.back();
  }

  void sort_by_time() {
    auto& commits = recorded_.commits;
    std::vector<std::uint32_t> order(commits.size()), place(commits.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return commits[a].time < commits[b].time; });
    std::size_t const surplus =
        commits.size() > limits_.max_commits ? commits.size() - limits_.max_commits : std::size_t{0};
    if (surplus > 0) recorded_.notes.push_back(std::to_string(surplus) + " old commits are left out");
    constexpr auto kGone = std::numeric_limits<std::uint32_t>::max();
    std::vector<Recorded::Commit> sorted;
    sorted.reserve(commits.size() - surplus);
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = i < surplus ? kGone : static_cast<std::uint32_t>(i - surplus);
      if (i >= surplus) sorted.push_back(std::move(commits[order[i]]));
    }
    commits = std::move(sorted);
    for (auto& series : recorded_.series) {
      auto& points = series.points;
      for (auto& point : points) point.commit = place[point.commit];
      std::erase_if(points, [](Recorded::Point const& point) { return point.commit == kGone; });
      auto const before = [](Recorded::Point const& a, Recorded::Point const& b) { return a.commit < b.commit; };
      if (!std::is_sorted(points.begin(), points.end(), before)) std::stable_sort(points.begin(), points.end(), before);
      // Of one commit the last line counts.
      std::size_t kept = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (kept > 0 && points[kept - 1].commit == points[i].commit) --kept;
        points[kept++] = points[i];
      }
      points.resize(kept);
    }
    std::erase_if(recorded_.series, [](Recorded::Series const& series) { return series.points.empty(); });
  }

  RecordLimits const& limits_;
  Recorded recorded_;
  std::unordered_map<std::string, std::uint32_t> branches_, commits_;
  std::unordered_map<std::string, std::unordered_map<std::string, std::size_t>> names_;  // By file.
  std::size_t points_ = 0, unreadable_ = 0;
  bool full_ = false;
};

}  // namespace

std::string line_of(Record const& record) {
  json values = json::object();
  for (auto const& [file, metrics] : record.values) {
    json& of_file = values[file] = json::object();
    for (auto const& [name, value] : metrics) of_file[name] = number_in_json(value);
  }
  // In this order, so that people can read it.
  nlohmann::ordered_json line{{"commit", record.commit}, {"branch", record.branch}, {"time", record.time}};
  line["values"] = values;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Recorded read_records(std::vector<std::string> const& shards, RecordLimits const& limits) {
  RecordLog log(limits);
  for (std::string const& shard : shards) {
    std::string_view rest = shard;
    while (!rest.empty()) {
      auto const end = std::min(rest.find('\n'), rest.size());
      if (std::string_view const line = trim(rest.substr(0, end)); !line.empty()) log.add(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return log.result();
}

std::vector<std::uint32_t> commits_of(Recorded const& recorded, std::string_view branch, std::size_t count,
                                      std::string_view except) {
  std::vector<std::uint32_t> commits;
  for (std::size_t i = recorded.commits.size(); i-- > 0;) {
    auto const& commit = recorded.commits[i];
    if (recorded.branches[commit.branch] != branch || commit.sha == except) continue;
    commits.push_back(static_cast<std::uint32_t>(i));
    if (commits.size() == count) break;
  }
  std::reverse(commits.begin(), commits.end());
  return commits;
}

std::vector<Recorded::Point> points_at(Recorded::Series const& series, std::vector<std::uint32_t> const& commits) {
  std::vector<Recorded::Point> points;
  if (commits.empty()) return points;
  auto point = std::lower_bound(series.points.begin(), series.points.end(), commits.front(),
                                [](Recorded::Point const& a, std::uint32_t commit) { return a.commit < commit; });
  for (std::uint32_t const commit : commits) {
    while (point != series.points.end() && point->commit < commit) ++point;
    if (point == series.points.end()) break;
    if (point->commit == commit) points.push_back(*point);
  }
  return points;
}

}  // namespace cml::report
