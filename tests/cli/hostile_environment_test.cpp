// The real binary in surroundings that lack what programs take for granted.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/git_repository.hpp"
#include "support/scripts.hpp"

using namespace cml;
using namespace cml::test;

namespace {

constexpr char const* kBars =
    R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"values":[{"a":1.5}]},"mark":"bar",)"
    R"("encoding":{"x":{"field":"a","type":"quantitative"}}})";

// bash with $CML set, in an environment of its own.
ProcessResult in_shell(std::filesystem::path const& folder, std::string const& script) {
  SpawnedProcess process;
  char const* const binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  ProcessRequest request;
  request.arguments = {"env",
                       "-i",
                       "PATH=" + std::string(std::getenv("PATH")),
                       "CML_DRIVER=local",
                       "CML=" + std::string(binary),
                       "bash",
                       "-c",
                       script};
  request.directory = folder;
  request.timeout = std::chrono::seconds(120);
  auto const result = process.run(request);
  REQUIRE(result);
  INFO(script << "\n" << result->err);
  CHECK(result->exit_code < 70);  // No fault of ours, no signal.
  return *result;
}

}  // namespace

TEST_CASE("hostile environment: closed streams are errors or do not matter", "[cli][security]") {
  GitPlace place;
  place.put("a.vl.json", kBars);
  place.put("report.md", "# important\n\n![](a.vl.json)\n");
  in_shell(place.clone, "$CML vega-render a.vl.json -o out.png <&- >&- 2>&-");
  CHECK(slurp(place.clone / "out.png").starts_with("\x89PNG"));
  in_shell(place.clone, "$CML comment create report.md <&- >&- 2>&-");
  CHECK(contains(everything_below(place.clone / ".cml"), "# important"));
  for (char const* script : {"$CML vega-render a.vl.json >&-", "$CML vega-render a.vl.json >/dev/full",
                             "$CML report create --text x >/dev/full", "$CML vega-render - <&-"}) {
    INFO(script);
    auto const run = in_shell(place.clone, script);
    CHECK(run.exit_code != 0);
    CHECK(contains(run.err, "error: "));
  }
  // Who reads no more is gone, not an error of ours.
  CHECK_FALSE(contains(in_shell(place.clone, "$CML vega-render a.vl.json -f svg | head -c 1").err, "report it"));
}

TEST_CASE("hostile environment: without a home, git, a locale or a time zone that is known, pictures are the same",
          "[cli][security]") {
  GitPlace place;
  place.put("a.vl.json", kBars);
  in_shell(place.clone, "$CML vega-render a.vl.json -o usual.svg");
  std::string const usual = slurp(place.clone / "usual.svg");
  REQUIRE(contains(usual, "1.5"));
  for (char const* setting :
       {"PATH=/nowhere", "HOME=", "HOME=/nowhere", "LC_ALL=tr_TR.UTF-8", "LC_ALL=xx_YY", "LANG=de_DE.UTF-8",
        "TZ=Nowhere/Atall", "TZ=:/etc/passwd", "TMPDIR=/nowhere", "XDG_CACHE_HOME=/dev/null"}) {
    INFO(setting);
    in_shell(place.clone, std::string("export ") + setting + "; exec $CML vega-render a.vl.json -o other.svg");
    CHECK(slurp(place.clone / "other.svg") == usual);
  }
  auto const lonely = in_shell(place.clone, "PATH=/nowhere; exec $CML report create --text x");
  CHECK(lonely.exit_code == 0);
}

TEST_CASE("hostile environment: a folder that is gone, few descriptors and no space end in one clear line",
          "[cli][security]") {
  GitPlace place;
  place.put("a.vl.json", kBars);
  auto const gone = in_shell(place.clone, "mkdir x; cd x; rmdir ../x; exec $CML report create --text x");
  CHECK(gone.exit_code != 0);
  CHECK(contains(gone.err, "error: "));
  // What the tests' runner left open would count.
  auto const few = in_shell(place.clone,
                            "for i in {3..40}; do eval \"exec $i>&-\"; done; ulimit -n 4; "
                            "exec $CML vega-render a.vl.json -o few.png");
  if (few.exit_code != 0) CHECK(contains(few.err, "error: "));
  CHECK((few.exit_code != 0 || slurp(place.clone / "few.png").starts_with("\x89PNG")));
  auto const full = in_shell(place.clone, "ulimit -f 0; exec $CML vega-render a.vl.json -o full.png");
  CHECK(full.exit_code != 0);
  CHECK(contains(full.err, "error: "));
  for (auto const& entry : std::filesystem::directory_iterator(place.clone))
    CHECK_FALSE(contains(entry.path().filename().string(), "partial"));
}

TEST_CASE("hostile environment: names of branches and commits that are options reach git as no option",
          "[cli][security]") {
  GitPlace place;
  place.put("m.json", R"({"a":1})");
  std::string const ran = (place.folder.path / "ran").string(), trap = "--upload-pack=touch " + ran;
  for (std::string const command :
       {"report create --metrics m.json --compare \"$T\"", "pr create --dry-run --target-branch \"$T\" .",
        "pr create --dry-run --branch \"$T\" .", "repo prepare --remote \"$T\"",
        "comment create --commit-sha \"$T\" README.md --dry-run"}) {
    INFO(command);
    in_shell(place.clone, "T='" + trap + "'; exec $CML " + command);
    in_shell(place.clone, "export CI=true GITHUB_ACTIONS=true GITHUB_BASE_REF='" + trap + "' GITHUB_SHA='" + trap +
                              "'; T=HEAD; exec $CML " + command);
    CHECK_FALSE(std::filesystem::exists(ran));
  }
}
