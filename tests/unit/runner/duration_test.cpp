#include <catch2/catch.hpp>

#include "runner/duration.hpp"

using namespace cml;
using namespace cml::runner;

TEST_CASE("duration: what CML's users write", "[runner][duration]") {
  struct Row {
    std::string_view text;
    long long seconds;  // 0: never; -1: refused.
  };
  for (Row const row : {Row{"300", 300},       Row{"5 minutes", 300}, Row{"5minutes", 300},
                        Row{"1h30m", 5400},    Row{"1h 30m", 5400},   Row{"1.5 hours", 5400},
                        Row{"2 DAYS", 172800}, Row{"1w", 604800},     Row{" 90 s ", 90},
                        Row{"250ms", 1},       Row{"never", 0},       Row{"Never", 0},
                        Row{"0", 0},           Row{"-1", 0},          Row{"foo", -1},
                        Row{"", -1},           Row{"5 mo", -1},       Row{"5 minutes later", -1},
                        Row{"m", -1},          Row{"1..5 h", -1},     Row{"99999999999999999999", -1},
                        Row{"1e9 y", -1}}) {
    INFO(row.text);
    auto const parsed = parse_duration(row.text);
    CHECK(static_cast<bool>(parsed) == (row.seconds >= 0));
    if (!parsed) {
      CHECK(parsed.error().kind == ErrorKind::Usage);
      continue;
    }
    CHECK(parsed->has_value() == (row.seconds > 0));
    if (parsed->has_value()) CHECK((*parsed)->count() == row.seconds);
  }
  CHECK(describe(std::chrono::seconds(172800)) == "2 days");
  CHECK(describe(std::chrono::seconds(90)) == "90 s");
}
