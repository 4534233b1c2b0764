#include "cloud/gcp/series.hpp"

namespace cml::cloud::gcp {
namespace {

constexpr std::string_view kHyperdisk = "hyperdisk-balanced";

struct SeriesRow {
  std::string_view prefix;
  Series series;
};
// These take no persistent disks, or are not of the usual processor; all others do, and are.
constexpr SeriesRow kSeries[] = {
    {"a3-ultragpu-", {kHyperdisk}}, {"a4-", {kHyperdisk}},           {"a4x-", {kHyperdisk, true}},
    {"c4-", {kHyperdisk}},          {"c4a-", {kHyperdisk, true}},    {"c4d-", {kHyperdisk}},
    {"g4-", {kHyperdisk}},          {"h4d-", {kHyperdisk}},          {"m4-", {kHyperdisk}},
    {"n4-", {kHyperdisk}},          {"n4a-", {kHyperdisk, true}},    {"n4d-", {kHyperdisk}},
    {"x4-", {kHyperdisk}},          {"t2a-", {"pd-balanced", true}},
};

}  // namespace

Series series_of(std::string_view machine) {
  for (SeriesRow const& row : kSeries)
    if (machine.substr(0, row.prefix.size()) == row.prefix) return row.series;
  return {};
}

}  // namespace cml::cloud::gcp
