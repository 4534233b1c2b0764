// What a course of values says: where it changed for good, and whether it drifts. Both tests compare ranks only, so
// that one wild value, and the unit, do not matter; both take the values to be independent of each other.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cml::report {

double median_of(std::vector<double> values);  // NaN of none.
// How far values lie from their median: 1.4826 times the median of the distances, which is the standard deviation of
// values that are normally distributed.
double scatter_of(std::vector<double> const& values);

// Where the values changed for good: the first place of each new level. Pettitt's test (Applied Statistics 28, 1979),
// p = 2 exp(-6 K^2 / (n^3 + n^2)), splits a part where p < 0.01; the two parts are tested in turn (binary
// segmentation). A level has at least five values, and a part of less than ten is not tested. The values are finite.
std::vector<std::size_t> change_points(std::vector<double> const& values);

// A slow move in one direction: the Mann-Kendall test (Mann 1945, Kendall 1975) with p < 0.01, and Sen's slope (1968),
// the median of the slopes between any two values. Of the last 200 values; of at least ten. The values are finite.
struct Drift {
  double slope = 0;  // A commit.
  double p = 1;
  std::size_t over = 0;  // Values.
};
std::optional<Drift> drift_of(std::vector<double> const& values);

}  // namespace cml::report
