// Values before and after, side by side; which way is good; thresholds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::report {

using metrics::Scalar;

enum class Direction { Unknown, Higher, Lower };  // Which way is better.
enum class Judgement { Neutral, Better, Worse };

struct Row {
  std::string file, name;
  std::optional<Scalar> old_value, new_value;  // Nothing: the file does not have it.
  struct Side {                                // What only DVC's tables ask for (metrics/value.hpp).
    bool list = false;
    std::optional<Scalar> only = {};
    bool bare = false;
  };
  Side old_side = {}, new_side = {};
  Direction better = Direction::Unknown;
  bool old_unreadable = false, new_unreadable = false;  // The file is there, but nobody knows what it says.
  std::vector<double> history = {};                     // Oldest first, for a sparkline; NaN where it is missing.

  bool changed() const;  // False where a side is unreadable: nobody knows.
  bool unreadable() const { return old_unreadable || new_unreadable; }
  std::optional<double> change() const;   // new - old, of numbers.
  std::optional<double> percent() const;  // Of |old|; nothing when old is 0.
  Judgement judgement() const;
};

// In the order of the new values; those that are gone stand at the end.
std::vector<Row> pair_up(std::string const& file, std::vector<metrics::Metric> const* old_values,
                         std::vector<metrics::Metric> const* new_values);

// "loss=lower,acc=higher"; a name may hold "*". Usage error that names the part that is wrong.
struct BetterRule {
  std::string pattern;
  Direction direction = Direction::Unknown;
};
Result<std::vector<BetterRule>> parse_better(std::string const& text);
// The user's rules first (the last one that fits), then what the name says ("val_loss": lower).
Direction direction_of(std::string_view name, std::vector<BetterRule> const& rules);
// The whole name, or its part behind the last "." or "/", with or without its unit; "*" stands for anything.
bool name_matches(std::string_view pattern, std::string_view name);

// "accuracy < 0.9", "change(accuracy) < -0.01", "percent(loss) >= 5".
struct Threshold {
  enum class What { Value, Change, Percent };
  std::string text, pattern, op;
  What what = What::Value;
  double limit = 0;
  bool fails = true;  // --fail-if, else --warn-if.
};
Result<Threshold> parse_threshold(std::string const& text, bool fails);

struct Finding {
  bool fails = true;
  std::string name, text;  // "accuracy", "accuracy < 0.9: it is 0.85"
};
// A file of metrics that was asked for and could not be read, on one side of the comparison.
struct Unreadable {
  std::string file;  // Empty: everything on the old side, for there is nothing to compare with.
  bool old_side = false;
  std::string reason;  // "metrics.json at main: is a pointer of Git LFS, ..."
};

// What holds. NaN meets every threshold, and a --fail-if on a value that no row has is met, too, or on one that is
// text, or on the change of one that is gone or whose file is unreadable: what cannot be judged must not pass, unless
// `missing_passes`. `unmatched` gets the texts of the other thresholds that no row answers to.
struct Checked {
  std::vector<Row> const& rows;
  std::vector<Unreadable> const& unreadable;
  bool missing_passes = false;
};
std::vector<Finding> check(std::vector<Threshold> const&, Checked const&, std::vector<std::string>& unmatched);

}  // namespace cml::report
