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
  std::optional<double> old_noise = {}, new_noise = {};  // Standard errors of the two values.
  double tolerance = 0;                                  // A change up to this is none.
  struct Other {
    std::optional<Scalar> value = {};
    bool unreadable = false;
  };
  std::vector<Other> others = {};                       // At further revisions.
  bool old_unreadable = false, new_unreadable = false;  // The file is there, but nobody knows what it says.
  std::vector<double> history = {};                     // Oldest first, for a sparkline; NaN where it is missing.

  bool changed() const;  // False where a side is unreadable: nobody knows.
  bool unreadable() const { return old_unreadable || new_unreadable; }
  std::optional<double> change() const;   // new - old, of numbers.
  std::optional<double> percent() const;  // Of |old|; nothing when old is 0.
  // The values differ by no more than the tolerance, or than two standard errors of their difference.
  bool within_noise() const;
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

// Counts, while it lives, what name_matches does on this thread: cml.yaml and a metrics file of one pull request may
// each hold ten thousand patterns and names. Beyond the limit nothing matches any more, which must not pass for an
// answer: who opened it makes an error of it.
class MatchWork {
 public:
  MatchWork();
  ~MatchWork();
  MatchWork(MatchWork const&) = delete;
  static bool over();
};

// Whether a report may show so many things and values: each file has limits of its own, and a cml.yaml may name one ten
// thousand times. TooLarge, also beyond what MatchWork allows.
Status within_limits(std::size_t items, std::size_t rows);

// "0.01", "loss=2%,acc=0.005"; a name may hold "*". Usage error that names the part that is wrong.
struct ToleranceRule {
  std::string pattern;
  double amount = 0;
  bool percent = false;  // Of the old value.
};
Result<std::vector<ToleranceRule>> parse_tolerance(std::string const& text);
// The last rule that fits; 0 without one.
double tolerance_of(Row const&, std::vector<ToleranceRule> const&);

// Regressions first, then what is better, then the rest; each in the order it had.
void regressions_first(std::vector<Row>&);
// "2 worse (loss +27.0%, acc -0.02), 1 better, 3 unchanged against main": one line, the title of a check.
std::string verdict_of(std::vector<Row> const&, std::string const& old_name);

// "accuracy < 0.9", "change(accuracy) < -0.01", "percent(loss) >= 5".
struct Threshold {
  enum class What { Value, Change, Percent };
  std::string text, pattern, op;
  What what = What::Value;
  double limit = 0;
  bool limit_in_percent = false;  // "accuracy < 90%".
  bool fails = true;              // --fail-if, else --warn-if.
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
  std::string reason;       // "metrics.json at main: is a pointer of Git LFS, ..."
  std::string metric = {};  // The one that it is about; empty: all of the file's.
};

// What holds. NaN meets every threshold, and a --fail-if on a value that no row has is met, too, or on one that is
// text, or on the change of one that is gone or whose file is unreadable, or on a percentage of zero, or on a
// percentage by a limit that may be meant as a share: what cannot be judged must not pass, unless `missing_passes`.
// `unmatched` gets the texts of the other thresholds that no row answers to.
struct Checked {
  std::vector<Row> const& rows;
  std::vector<Unreadable> const& unreadable;
  bool missing_passes = false;
};
std::vector<Finding> check(std::vector<Threshold> const&, Checked const&, std::vector<std::string>& unmatched);

}  // namespace cml::report
