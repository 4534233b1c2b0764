#include "report/compose/rows.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/text.hpp"
#include "report/compose/number.hpp"

namespace cml::report {
namespace {

// Table: words in names of metrics, and which way is better. The first word that is known decides, "lower" before
// "higher".
constexpr std::string_view kLower[] = {
    "loss",    "logloss", "error",   "errors",   "err",        "rmse",   "mse",     "mae",    "mape",     "smape",
    "rmsle",   "msle",    "nll",     "kl",       "perplexity", "ppl",    "bpc",     "wer",    "cer",      "fid",
    "lpips",   "ece",     "brier",   "deviance", "regret",     "fpr",    "fnr",     "failed", "failures", "skipped",
    "latency", "time",    "seconds", "duration", "runtime",    "memory", "overfit", "drift",  "hamming"};
constexpr std::string_view kHigher[] = {
    "acc",      "accuracy",  "auc",        "auroc", "auprc",      "roc",    "ap",          "map",
    "prec",     "precision", "recall",     "f1",    "f2",         "fbeta",  "fscore",      "score",
    "r2",       "iou",       "miou",       "dice",  "jaccard",    "bleu",   "rouge",       "meteor",
    "psnr",     "ssim",      "ndcg",       "mrr",   "kappa",      "mcc",    "sensitivity", "specificity",
    "tpr",      "tnr",       "top",        "hit",   "hits",       "passed", "throughput",  "reward",
    "coverage", "gini",      "silhouette", "exact", "likelihood", "elbo"};

bool known(std::vector<std::string> const& words, std::string_view const* begin, std::string_view const* end) {
  for (std::string const& word : words) {
    std::string_view bare = word;
    while (!bare.empty() && bare.back() >= '0' && bare.back() <= '9') bare.remove_suffix(1);
    if (std::find(begin, end, word) != end || std::find(begin, end, bare) != end) return true;
  }
  return false;
}

// "train.AvgPrec@50" to {"train", "avg", "prec", "50"}.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    char const c = name[i];
    bool const upper = c >= 'A' && c <= 'Z', word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    bool const hump = upper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if ((!word || hump) && !words.back().empty()) words.emplace_back();
    if (word) words.back() += to_lower(std::string_view(&c, 1));
  }
  words.push_back(replace_all(to_lower(name), "_", ""));  // "mAP", "log_loss" as one word.
  return words;
}

}  // namespace

bool Row::changed() const {
  if (unreadable()) return false;
  if (old_value.has_value() != new_value.has_value()) return true;
  return old_value && !metrics::same_value(*old_value, *new_value);
}

std::optional<double> Row::change() const {
  if (!old_value || !new_value) return std::nullopt;
  auto const before = metrics::number_of(*old_value), after = metrics::number_of(*new_value);
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

std::optional<double> Row::percent() const {
  auto const difference = change();
  double const before = difference ? *metrics::number_of(*old_value) : 0;
  if (!difference || before == 0 || !std::isfinite(before) || !std::isfinite(*difference)) return std::nullopt;
  return 100 * *difference / std::fabs(before);
}

bool Row::within_noise() const {
  auto const difference = change();
  if (!difference || *difference == 0 || !std::isfinite(*difference)) return false;
  double const noise = std::hypot(old_noise.value_or(0), new_noise.value_or(0));
  // What is written as 0.02 is not exactly that.
  return std::fabs(*difference) <= std::max(tolerance, 2 * noise) * (1 + 1e-9);
}

Judgement Row::judgement() const {
  auto const difference = change();
  if (!difference || better == Direction::Unknown || within_noise()) return Judgement::Neutral;
  if (std::isnan(*metrics::number_of(*new_value))) return changed() ? Judgement::Worse : Judgement::Neutral;
  if (*difference == 0 || std::isnan(*difference)) return Judgement::Neutral;
  return (*difference > 0) == (better == Direction::Higher) ? Judgement::Better : Judgement::Worse;
}

std::vector<Row> pair_up(std::string const& file, std::vector<metrics::Metric> const* old_values,
                         std::vector<metrics::Metric> const* new_values) {
  std::vector<Row> rows;
  std::unordered_map<std::string, std::size_t> by_name;
  auto const row_of = [&](std::string const& name) -> Row& {
    auto const [found, fresh] = by_name.emplace(name, rows.size());
    if (fresh) rows.push_back({file, name, {}, {}});
    return rows[found->second];
  };
  if (new_values != nullptr)
    for (auto const& metric : *new_values) {
      Row& row = row_of(metric.name);
      row.new_value = metric.value;
      row.new_side = {metric.list, metric.only, metric.bare};
      row.new_noise = metric.noise;
    }
  if (old_values != nullptr)
    for (auto const& metric : *old_values) {
      Row& row = row_of(metric.name);
      row.old_value = metric.value;
      row.old_side = {metric.list, metric.only, metric.bare};
      row.old_noise = metric.noise;
    }
  return rows;
}

Result<std::vector<BetterRule>> parse_better(std::string const& text) {
  std::vector<BetterRule> rules;
  for (std::string const& part : split(text, ',')) {
    auto const equals = part.rfind('=');
    std::string const name(trim(part.substr(0, equals)));
    std::string const way =
        equals == std::string::npos ? "" : to_lower(trim(std::string_view(part).substr(equals + 1)));
    if (name.empty() || (way != "lower" && way != "higher" && way != "none"))
      return Error{ErrorKind::Usage, "\"" + one_line(part, 60) + "\" is not NAME=lower, NAME=higher or NAME=none"};
    rules.push_back({name, way == "lower"    ? Direction::Lower
                           : way == "higher" ? Direction::Higher
                                             : Direction::Unknown});
  }
  return rules;
}

Result<std::vector<ToleranceRule>> parse_tolerance(std::string const& text) {
  std::vector<ToleranceRule> rules;
  for (std::string const& part : split(text, ',')) {
    auto const equals = part.rfind('=');
    ToleranceRule rule{equals == std::string::npos ? "*" : std::string(trim(part.substr(0, equals)))};
    std::string_view value = trim(std::string_view(part).substr(equals == std::string::npos ? 0 : equals + 1));
    if (value.ends_with('%')) value.remove_suffix(1), rule.percent = true;
    auto const amount = metrics::number_of(metrics::scalar_of_text(value));
    if (rule.pattern.empty() || !amount || !(*amount >= 0) || !std::isfinite(*amount))
      return Error{ErrorKind::Usage, "\"" + one_line(part, 60) + "\" is not a tolerance; write 0.01, 2% or NAME=0.01"};
    rule.amount = *amount;
    rules.push_back(std::move(rule));
  }
  return rules;
}

double tolerance_of(Row const& row, std::vector<ToleranceRule> const& rules) {
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (!name_matches(rule->pattern, row.name)) continue;
    auto const before = row.old_value ? metrics::number_of(*row.old_value) : std::nullopt;
    return rule->percent ? rule->amount / 100 * std::fabs(before.value_or(0)) : rule->amount;
  }
  return 0;
}

void regressions_first(std::vector<Row>& rows) {
  auto const rank = [](Row const& row) {
    return row.judgement() == Judgement::Worse ? 0 : row.judgement() == Judgement::Better ? 1 : 2;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](Row const& a, Row const& b) { return rank(a) < rank(b); });
}

std::string verdict_of(std::vector<Row> const& rows, std::string const& old_name) {
  constexpr std::size_t kNamed = 3;
  std::size_t worse = 0, better = 0, unknown = 0;
  std::string names;
  for (Row const& row : rows) {
    unknown += row.unreadable();
    better += row.judgement() == Judgement::Better;
    if (row.judgement() != Judgement::Worse) continue;
    if (++worse > kNamed) continue;
    RowText const text = texts_of(row);
    names += (names.empty() ? "" : ", ") + row.name + " " + (text.percent.empty() ? text.change : text.percent);
  }
  if (worse > kNamed) names += ", ...";
  std::string text = worse == 0 ? "none worse" : std::to_string(worse) + " worse (" + names + ")";
  text +=
      ", " + std::to_string(better) + " better, " + std::to_string(rows.size() - worse - better - unknown) + " neither";
  if (unknown > 0) text += ", " + std::to_string(unknown) + " unreadable";
  return text + " against " + old_name;
}

Direction direction_of(std::string_view name, std::vector<BetterRule> const& rules) {
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule)
    if (name_matches(rule->pattern, name)) return rule->direction;
  auto const words = words_of(name);
  if (known(words, std::begin(kLower), std::end(kLower))) return Direction::Lower;
  if (known(words, std::begin(kHigher), std::end(kHigher))) return Direction::Higher;
  return Direction::Unknown;
}

namespace {

constexpr std::size_t kMostItems = 2000, kMostRows = 200'000;
constexpr double kMostMatchSteps = 3e8;  // About a second.
thread_local double match_steps = 0;

bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    ++match_steps;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool holds(std::string const& op, double value, double limit) {
  if (std::isnan(value)) return true;
  if (op == "<") return value < limit;
  if (op == "<=") return value <= limit;
  if (op == ">") return value > limit;
  if (op == ">=") return value >= limit;
  return (op == "==") == (value == limit);
}

std::string suggestion(std::string const& wanted, std::vector<Row> const& rows) {
  match_steps += 500.0 * static_cast<double>(rows.size());  // Of comparing words.
  if (MatchWork::over()) return "";
  std::vector<std::string_view> names;
  for (Row const& row : rows) {
    names.push_back(row.name);
    if (auto const cut = row.name.find_last_of("./"); cut != std::string::npos)
      names.push_back(std::string_view(row.name).substr(cut + 1));
  }
  std::string_view const near = nearest(wanted, names);
  return near.empty() ? "" : "; did you mean " + std::string(near) + "?";
}

// "accuracy < 0.9" of a value that is written as "50%": is 0.9 % meant, or 90 %?
bool unit_unclear(Threshold const& threshold, Row const& row) {
  return threshold.what == Threshold::What::Value && row.name.ends_with(" (%)") && threshold.pattern != row.name &&
         !threshold.limit_in_percent && threshold.limit != 0 && std::fabs(threshold.limit) <= 1;
}

std::optional<double> value_of(Threshold const& threshold, Row const& row) {
  if (threshold.what == Threshold::What::Change) return row.change();
  if (threshold.what == Threshold::What::Percent)
    return row.change() == 0.0 ? std::optional(0.0) : row.percent();  // From 0 to 0, too.
  if (unit_unclear(threshold, row)) return std::nullopt;
  return row.new_value ? metrics::number_of(*row.new_value) : std::nullopt;
}

}  // namespace

bool name_matches(std::string_view pattern, std::string_view name) {
  constexpr int kMostUnits = 3;
  for (int units = 0; units <= kMostUnits; ++units) {
    if (MatchWork::over()) return false;  // Whoever opened it says so.
    match_steps += 20;
    auto const cut = name.find_last_of("./");
    if (glob(pattern, name) || (cut != std::string_view::npos && glob(pattern, name.substr(cut + 1)))) return true;
    // "time (seconds)" also answers to "time".
    auto const unit = name.rfind(" (");
    if (unit == std::string_view::npos || name.back() != ')') return false;
    name = name.substr(0, unit);
  }
  return false;
}

MatchWork::MatchWork() { match_steps = 0; }
MatchWork::~MatchWork() { match_steps = 0; }
bool MatchWork::over() { return match_steps > kMostMatchSteps; }

Status within_limits(std::size_t items, std::size_t rows) {
  if (items > kMostItems)
    return Error{ErrorKind::TooLarge, "the report asks for " + std::to_string(items) + " things, and at most " +
                                          std::to_string(kMostItems) +
                                          " are shown; name fewer files, or narrow the globs"};
  if (rows > kMostRows)
    return Error{ErrorKind::TooLarge, "the metrics of the report hold more than " + std::to_string(kMostRows) +
                                          " values together; name fewer files"};
  if (MatchWork::over())
    return Error{ErrorKind::TooLarge,
                 "to compare the names of the metrics with the patterns of --select, --exclude, --better, "
                 "--tolerance and the thresholds takes too long; use fewer or shorter ones"};
  return ok();
}

Result<Threshold> parse_threshold(std::string const& text, bool fails) {
  Error const wrong{ErrorKind::Usage,
                    "\"" + one_line(text, 80) +
                        "\" is not a threshold; write 'accuracy < 0.9', 'change(loss) > 0.1' or 'percent(loss) > 5'"};
  auto const at = text.find_first_of("<>=!");
  if (at == std::string::npos || at == 0) return wrong;
  Threshold threshold;
  threshold.text = std::string(trim(text));
  threshold.fails = fails;
  threshold.op = text.substr(at, at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1);
  if (threshold.op == "=") threshold.op = "==";
  if (threshold.op == "!") return wrong;
  std::string_view right = trim(std::string_view(text).substr(at + (text[at + 1] == '=' ? 2 : 1)));
  if (right.ends_with('%')) right.remove_suffix(1), threshold.limit_in_percent = true;
  auto const limit = metrics::number_of(metrics::scalar_of_text(right));
  if (!limit || std::isnan(*limit)) return wrong;
  threshold.limit = *limit;
  threshold.pattern = std::string(trim(text.substr(0, at)));
  for (auto const& [word, what] :
       {std::pair{"change(", Threshold::What::Change}, {"percent(", Threshold::What::Percent}}) {
    std::string_view const prefix = word;
    if (threshold.pattern.substr(0, prefix.size()) != prefix || threshold.pattern.back() != ')') continue;
    threshold.what = what;
    threshold.pattern =
        std::string(trim(threshold.pattern.substr(prefix.size(), threshold.pattern.size() - prefix.size() - 1)));
    break;
  }
  if (threshold.pattern.empty()) return wrong;
  return threshold;
}

namespace {

// In the digits that tell it from the limit: "acc < 0.9: it is 0.8999999".
std::string beside(double value, double limit) {
  std::string const text = plain_number(value);
  return value != limit && text == plain_number(limit) ? metrics::python_float(value) : text;
}

// Why a threshold that answers to this row cannot judge it; empty when there is just nothing to judge.
std::string why_unjudged(Threshold const& threshold, Row const& row) {
  std::string const name = threshold.pattern == row.name ? "it" : row.name;
  if (row.unreadable()) return "";  // Said for its file.
  if (!row.new_value) return threshold.what == Threshold::What::Value ? "" : name + " is gone";
  if (!metrics::number_of(*row.new_value))
    return name + " is not a number: " + one_line(plain_value(*row.new_value), 60);
  if (row.old_value && !metrics::number_of(*row.old_value))
    return name + " was not a number: " + one_line(plain_value(*row.old_value), 60);
  if (unit_unclear(threshold, row))
    return name + " is " + plain_value(*row.new_value) + "%; write the limit with a %, as in 90%";
  if (threshold.what == Threshold::What::Percent && row.old_value)
    return name + " went from " + plain_value(*row.old_value) + " to " + plain_value(*row.new_value) +
           ", which is no percentage; use change(" + threshold.pattern + ")";
  return "";
}

// Whether a --fail-if may be about this file: what it would say cannot be known.
bool concerns(Threshold const& threshold, Unreadable const& file, std::vector<Row> const& rows) {
  if (!threshold.fails) return false;
  if (!file.metric.empty())
    return name_matches(threshold.pattern, file.metric) && (!file.old_side || threshold.what != Threshold::What::Value);
  if (!file.old_side) return true;
  if (threshold.what == Threshold::What::Value) return false;
  bool any = false;
  for (Row const& row : rows) {
    if (!file.file.empty() && row.file != file.file) continue;
    if (name_matches(threshold.pattern, row.name)) return true;
    any = true;
  }
  return !any;
}

}  // namespace

std::vector<Finding> check(std::vector<Threshold> const& thresholds, Checked const& checked,
                           std::vector<std::string>& unmatched) {
  std::vector<Finding> findings;
  for (Threshold const& threshold : thresholds) {
    bool matched = false, named = false;
    std::vector<Finding> texts;  // "* > 1" is about the numbers, as long as there are some.
    for (Row const& row : checked.rows) {
      if (!name_matches(threshold.pattern, row.name)) continue;
      named = true;
      auto const value = value_of(threshold, row);
      if (!value) {
        std::string const why = checked.missing_passes ? "" : why_unjudged(threshold, row);
        if (why.empty()) continue;
        Finding finding{threshold.fails, row.name, threshold.text + ": " + why};
        if (row.new_value)
          texts.push_back(std::move(finding));
        else
          findings.push_back(std::move(finding)), matched = true;
        continue;
      }
      matched = true;
      if (!holds(threshold.op, *value, threshold.limit)) continue;
      bool const itself = threshold.pattern == row.name;
      findings.push_back(
          {threshold.fails, row.name,
           threshold.text + ": " + (itself ? "it is " : row.name + " is ") + beside(*value, threshold.limit)});
    }
    if (!matched && !texts.empty()) findings.insert(findings.end(), texts.begin(), texts.end()), matched = true;
    bool unknown = false;
    for (Unreadable const& file : checked.unreadable) {
      if (checked.missing_passes || !concerns(threshold, file, checked.rows)) continue;
      findings.push_back(
          {true, threshold.pattern,
           threshold.text + ": cannot be judged, for " + file.reason + "; --allow-missing lets it pass"});
      unknown = true;
    }
    if (matched || unknown) continue;
    // Without anything to compare with, as on the first run, there is no change to judge, but there is the metric.
    if (threshold.fails && (threshold.what == Threshold::What::Value || !named) && !checked.missing_passes)
      findings.push_back({true, threshold.pattern,
                          threshold.text + ": there is no such metric" + suggestion(threshold.pattern, checked.rows)});
    else
      unmatched.push_back(threshold.text);
  }
  return findings;
}

}  // namespace cml::report
