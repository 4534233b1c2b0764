// What Compute Engine's machine series ask for: their disks and their images. A table, as Google's own is.
#pragma once

#include <string_view>

namespace cml::cloud::gcp {

struct Series {
  std::string_view disk = "pd-balanced";
  bool arm = false;
};
// "c4a-standard-8" is of the series c4a. Unknown ones are taken for those that know everything.
Series series_of(std::string_view machine);

}  // namespace cml::cloud::gcp
