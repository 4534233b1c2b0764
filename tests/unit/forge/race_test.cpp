#include "forge/race.hpp"

#include <catch2/catch.hpp>

#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("race: the wait widens with each loss, up to a minute, and ends with the budget", "[forge][race]") {
  struct MostRandom : Random {
    std::uint64_t next() override { return offset + 60'001ull * 8'001 * 16'001 * 32'001 - 1; }  // The most of each.
    std::uint64_t offset = 0;
  } most;
  FakeClock clock;
  Race race(clock, most);
  int waits = 0;
  while (race.wait()) ++waits;
  CHECK(clock.slept == std::vector<milliseconds>{milliseconds(8250), milliseconds(16500), milliseconds(32750),
                                                 milliseconds(61000), milliseconds(61250)});
  CHECK(waits == 5);
  Error const error = race.lost_for_good({ErrorKind::BadInput, "422"});
  CHECK(error.kind == ErrorKind::Conflict);
  CHECK(error.message == "422; other jobs were faster 6 times within 179 s; run again, or use another --publish-to");
}

TEST_CASE("race: it ends, whatever chance says", "[forge][race]") {
  FakeClock clock;
  ZeroRandom random;
  Race race(clock, random);
  int waits = 0;
  while (race.wait()) ++waits;
  CHECK(waits < 40);
}

TEST_CASE("race: waits differ from job to job", "[forge][race]") {
  FakeClock clock;
  FakeRandom random;
  Race first(clock, random), second(clock, random);
  CHECK(first.wait());
  CHECK(second.wait());
  REQUIRE(clock.slept.size() == 2);
  CHECK(clock.slept[0] != clock.slept[1]);
}

TEST_CASE("race: trouble that is no race is met three times", "[forge][race]") {
  FakeClock clock;
  ZeroRandom random;
  Race race(clock, random);
  CHECK((race.wait_for_trouble() && race.wait_for_trouble() && race.wait_for_trouble()));
  CHECK_FALSE(race.wait_for_trouble());
  CHECK(clock.slept == std::vector<milliseconds>{milliseconds(300), milliseconds(600), milliseconds(900)});
}
