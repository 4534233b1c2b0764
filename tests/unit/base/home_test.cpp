#include "base/home.hpp"

#include <catch2/catch.hpp>

using namespace cml;

TEST_CASE("home: a release's files have the addresses of GitHub and Gitea, or of GitLab", "[base]") {
  CHECK(release_url("https://h.test/o/cml", "1.2.3", "f") == "https://h.test/o/cml/releases/download/v1.2.3/f");
  CHECK(release_url("https://h.test/o/cml", "", "f") == "https://h.test/o/cml/releases/latest/download/f");
  CHECK(release_url("https://h.test/o/cml/-", "1.2.3", "f") == "https://h.test/o/cml/-/releases/v1.2.3/downloads/f");
  CHECK(release_url("https://h.test/o/cml/-", "", "f") ==
        "https://h.test/o/cml/-/releases/permalink/latest/downloads/f");
  CHECK(release_url("", "1.2.3", "f").empty());
}
