// Test results and coverage, as the tools write them.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "support/read_metrics.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("test results: a case is as bad as its worst child, in any order", "[metrics]") {
  CHECK(read_values("j.xml",
                    R"(<testsuites><testsuite name="s">
<testcase classname="c" name="a" time="0.5"><skipped/><failure message="f">x</failure><error message="e"/></testcase>
<testcase classname="c" name="b"><failure message="f"/><skipped/></testcase>
<testcase classname="c" name="c"><skipped/></testcase>
<testcase classname="c" name="d"/></testsuite></testsuites>)") ==
        "tests=4; passed=1; failed=1; errors=1; skipped=1; seconds=0.5");
  CHECK(read_table("j.xml",
                   R"(<testsuite><testcase name="a"><failure>two
lines</failure></testcase></testsuite>)") == "test,outcome,message; a,failed,two lines");
}

TEST_CASE("test results: a suite that lists no cases is believed its sums", "[metrics]") {
  CHECK(read_values(
            "j.xml",
            R"(<testsuites><testsuite tests="6" failures="1" errors="0" skipped="2" time="0.01"/></testsuites>)") ==
        "tests=6; passed=3; failed=1; errors=0; skipped=2; seconds=0.01");
  // Sums of suites around one with cases count nothing twice.
  CHECK(read_values("j.xml",
                    R"(<testsuites tests="9" failures="9"><testsuite tests="9" failures="9"><testsuite tests="1">
<testcase name="a"/></testsuite></testsuite></testsuites>)") ==
        "tests=10; passed=1; failed=9; errors=0; skipped=0; seconds=0.0");
  // A suite that failed as a whole.
  CHECK(read_values("j.xml", R"(<testsuite name="s"><error message="set-up"/><testcase name="a"/></testsuite>)") ==
        "tests=2; passed=1; failed=0; errors=1; skipped=0; seconds=0.0");
}

TEST_CASE("test results: what failed outside of a case counts", "[metrics]") {
  auto const counts = [](std::string const& file, std::string const& text) {
    auto const values = read_values(file, text);
    return values.substr(0, values.find("; skipped"));
  };
  CHECK(counts("j.xml", R"(<testsuite errors="1"><testcase name="a"/></testsuite>)") ==
        "tests=2; passed=1; failed=0; errors=1");
  CHECK(counts("j.xml", R"(<testsuites failures="2"><testsuite><testcase name="a"><failure/></testcase></testsuite>
</testsuites>)") == "tests=2; passed=0; failed=2; errors=0");
  // The same two cases by another count of the tool's: nothing more.
  CHECK(counts("j.xml", R"(<testsuite failures="1" errors="1"><testcase name="a"><error/></testcase>
<testcase name="b"><error/></testcase></testsuite>)") == "tests=2; passed=0; failed=0; errors=2");
  for (char const* sum : {"1e999", "abc", "-1", "99999999999999999999999"})
    CHECK(
        contains(counts("j.xml", "<testsuite failures=\"" + std::string(sum) + R"("><testcase name="a"/></testsuite>)"),
                 "failed=1"));
  CHECK(counts("r.trx", R"(<TestRun><Results><UnitTestResult testName="a" outcome="Passed"/></Results>
<ResultSummary outcome="Failed"><RunInfos><RunInfo outcome="Error"><Text>host crashed</Text></RunInfo></RunInfos>
</ResultSummary></TestRun>)") == "tests=2; passed=1; failed=0; errors=1");
  CHECK(
      contains(counts("r.trx", R"(<TestRun><ResultSummary outcome="Completed"><Counters total="3" failed="1" error="1"/>
</ResultSummary></TestRun>)"),
               "errors=2"));
  CHECK(contains(counts("n.xml", R"(<test-run result="Failed" total="3" failed="3"><test-suite result="Failed"/>
</test-run>)"),
                 "errors=3"));
  CHECK(contains(counts("x.xml", R"(<assemblies><assembly errors="1"><errors><error type="cleanup"/></errors>
<collection><test name="t" result="Pass"/></collection></assembly></assemblies>)"),
                 "errors=1"));
}

TEST_CASE("test results: GoogleTest's tests that did not run are skipped", "[metrics]") {
  CHECK(read_values("g.xml",
                    R"(<testsuites><testsuite name="s"><testcase name="a" status="run" result="completed" time="0."/>
<testcase name="b" status="notrun" result="suppressed" time="1,000.5"/>
<testcase name="c" status="disabled"/></testsuite></testsuites>)") ==
        "tests=3; passed=1; failed=0; errors=0; skipped=2; seconds=1000.5");
}

TEST_CASE("test results: NUnit, xUnit and Visual Studio say the outcome in an attribute", "[metrics]") {
  CHECK(read_values("n.xml",
                    R"(<test-run><test-suite result="Failed"><test-case fullname="A.b" result="Passed" duration="0.25"/>
<test-case fullname="A.c" result="Failed"><failure><message>no</message></failure></test-case>
<test-case fullname="A.d" result="Failed" label="Error"/>
<test-case fullname="A.e" result="Skipped"/></test-suite></test-run>)") ==
        "tests=4; passed=1; failed=1; errors=1; skipped=1; seconds=0.25");
  CHECK(read_table("x.xml",
                   R"(<assemblies><assembly total="2"><collection><test name="t.a" result="Pass" time="0.1"/>
<test name="t.b" result="Fail" time="0.1"><failure><message><![CDATA[Expected 1]]></message></failure></test>
</collection></assembly></assemblies>)") == "test,outcome,message; t.b,failed,Expected 1");
  CHECK(read_values("r.trx",
                    R"(<?xml version="1.0"?>
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testName="a" outcome="Passed" duration="00:01:02.5"/>
<UnitTestResult testName="b" outcome="NotExecuted"/>
<UnitTestResult testName="c" outcome="Unheard"/></Results></TestRun>)") ==
        "tests=3; passed=1; failed=0; errors=1; skipped=1; seconds=62.5");
}

TEST_CASE("coverage: Cobertura, Clover, JaCoCo, lcov and Go", "[metrics]") {
  std::string const cobertura =
      R"(<coverage lines-valid="4" lines-covered="3" line-rate="0.75" branches-covered="1" branches-valid="2">
<packages><package><classes><class filename="a.py"><methods><method><lines><line number="1" hits="1"/></lines></method>
</methods><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></classes></package></packages>
</coverage>)";
  CHECK(read_values("coverage.xml", cobertura) ==
        "line_coverage (%)=75.0; lines_covered=3; lines_total=4; branch_coverage (%)=50.0; branches_covered=1; "
        "branches_total=2");
  CHECK(read_table("coverage.xml", cobertura) == "file,lines,covered,coverage (%); a.py,2,1,50.0");
  CHECK(read_values("c.xml", R"(<coverage line-rate="0.5"/>)") == "line_coverage (%)=50.0");
  CHECK(
      read_values("clover.xml",
                  R"(<coverage generated="1"><project><file name="a.php"><metrics statements="4" coveredstatements="1"/>
</file><metrics statements="4" coveredstatements="1" conditionals="0" methods="2" coveredmethods="1"/></project>
</coverage>)") ==
      "line_coverage (%)=25.0; lines_covered=1; lines_total=4; method_coverage (%)=50.0; methods_covered=1; "
      "methods_total=2");
  CHECK(read_values("jacoco.xml",
                    R"(<report name="x"><package name="p"><sourcefile name="A.java"><counter type="LINE" missed="1"
covered="1"/></sourcefile><counter type="LINE" missed="1" covered="1"/></package><counter type="LINE" missed="1"
covered="3"/></report>)") == "line_coverage (%)=75.0; lines_covered=3; lines_total=4");
  CHECK(read_values("lcov.info", "TN:\nSF:src/a.js\nDA:1,5\nDA:2,0\nBRF:2\nBRH:1\nLF:2\nLH:1\nend_of_record\n") ==
        "line_coverage (%)=50.0; lines_covered=1; lines_total=2; branch_coverage (%)=50.0; branches_covered=1; "
        "branches_total=2");
  CHECK(read_values("cover.out", "mode: set\nx/a.go:1.2,3.4 2 1\nx/a.go:5.2,6.4 2 0\nx/a.go:5.2,6.4 2 0\n") ==
        "statement_coverage (%)=50.0; statements_covered=2; statements_total=4");
}
