// The metrics of many commits, as `cml report record` keeps them: a log of lines, one for each time something was
// recorded. A line is JSON and stands for itself, so that lines of two jobs can follow each other in any order:
//
//   {"commit":"4f1c...","branch":"main","time":1767225600,"values":{"metrics.json":{"acc":0.9,"loss":"NaN"}}}
//
// `time` is the commit's, in seconds since 1970; files count from the repository's top. Lines of one commit and branch
// add up, the later one counting where both have a value (jobs of a matrix, a job that ran again). The lines lie in
// shards of a few hundred (store.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml::report {

// One line.
struct Record {
  std::string commit, branch;
  std::int64_t time = 0;
  std::map<std::string, std::vector<std::pair<std::string, double>>> values;  // By file: names and values.
};
// Without the line break.
std::string line_of(Record const&);

// What was recorded, a column for each metric. Commits stand in the order of their times.
struct Recorded {
  struct Commit {
    std::string sha;
    std::uint32_t branch = 0;
    std::int64_t time = 0;
  };
  struct Point {
    std::uint32_t commit = 0;
    double value = 0;  // May be NaN or infinite.
  };
  struct Series {
    std::string file, name;
    std::vector<Point> points;
  };
  std::vector<std::string> branches;
  std::vector<Commit> commits;
  std::vector<Series> series;      // In the order in which their names came up.
  std::vector<std::string> notes;  // What could not be read and is left out.
};

// Beyond these the oldest is left out, and a note says so: whoever may push may write anything.
struct RecordLimits {
  std::size_t max_bytes = 48u << 20;  // Of all shards; git may answer with a little more than that.
  std::size_t max_commits = 100'000;
  std::size_t max_series = 10'000;
  std::size_t max_points = 5'000'000;
  std::size_t max_line = 4u << 20;  // Of one commit; also refused when it is written.
  std::size_t max_name = 1000;      // Bytes of a file's, metric's or branch's name.
};

// `shards` from the oldest to the newest.
Recorded read_records(std::vector<std::string> const& shards, RecordLimits const& = {});

// The newest `count` commits of a branch (0: all), the oldest first, without the commit `except`.
std::vector<std::uint32_t> commits_of(Recorded const&, std::string_view branch, std::size_t count,
                                      std::string_view except = "");
// The values that a series has at these commits; those that have none are left out.
std::vector<Recorded::Point> points_at(Recorded::Series const&, std::vector<std::uint32_t> const& commits);

}  // namespace cml::report
