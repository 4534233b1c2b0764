// Test results of JUnit's many dialects, NUnit, xUnit and Visual Studio (TRX). Cases themselves are counted, for the
// sums that tools write differ; only a suite that lists no cases is believed its sums. What went wrong outside of a
// case (a set-up, the host itself) shows in sums and verdicts alone, so those that are worse than the cases count as
// well.
//
//   <testsuite tests="2" failures="1">
//     <testcase name="a"><skipped/><failure message="..."/></testcase>   a case is as bad as its worst child: failed
//     <testcase name="b" status="notrun"/>                               GoogleTest's way to say skipped
//   </testsuite>
#include <algorithm>

#include "base/text.hpp"
#include "metrics/xml.hpp"

namespace cml::metrics {
namespace {

constexpr std::size_t kMaxListed = 1000;
constexpr std::size_t kMaxMessageBytes = 2000;

enum class Outcome { Passed, Skipped, Failed, Error };  // From good to bad.

struct OutcomeWord {
  std::string_view word;
  Outcome outcome;
};
// Table: how the attribute says it, in lower case. What is not here is taken for an error: unknown must not pass.
constexpr OutcomeWord kOutcomeWords[] = {
    {"passed", Outcome::Passed},        {"pass", Outcome::Passed},         {"success", Outcome::Passed},
    {"warning", Outcome::Passed},       {"completed", Outcome::Passed},    {"failed", Outcome::Failed},
    {"fail", Outcome::Failed},          {"failure", Outcome::Failed},      {"timeout", Outcome::Failed},
    {"skipped", Outcome::Skipped},      {"skip", Outcome::Skipped},        {"ignored", Outcome::Skipped},
    {"notrun", Outcome::Skipped},       {"notexecuted", Outcome::Skipped}, {"notrunnable", Outcome::Skipped},
    {"inconclusive", Outcome::Skipped}, {"pending", Outcome::Skipped},     {"disabled", Outcome::Skipped},
    {"error", Outcome::Error},          {"aborted", Outcome::Error},
};

Outcome outcome_of(std::string_view word) {
  std::string const lower = to_lower(trim(word));
  for (OutcomeWord const& row : kOutcomeWords)
    if (row.word == lower) return row.outcome;
  return Outcome::Error;
}

// How a tool names its elements. JUnit tells an outcome by children of the case, the others by an attribute.
struct TestDialect {
  std::string_view format, root, test_case, name, owner, outcome, seconds, message;
};
constexpr TestDialect kTestDialects[] = {
    {"JUnit XML", "testsuites", "testcase", "name", "classname", "", "time", ""},
    {"JUnit XML", "testsuite", "testcase", "name", "classname", "", "time", ""},
    {"NUnit", "test-run", "test-case", "fullname", "", "result", "duration", "message"},
    {"NUnit", "test-results", "test-case", "name", "", "result", "time", "message"},
    {"xUnit", "assemblies", "test", "name", "", "result", "time", "message"},
    {"xUnit", "assembly", "test", "name", "", "result", "time", "message"},
    {"TRX", "TestRun", "UnitTestResult", "testName", "", "outcome", "duration", "Message"},
};

class TestResults : public XmlReader {
 public:
  explicit TestResults(TestDialect const& dialect) : dialect_(dialect) {}

  void start(std::string_view element, XmlAttributes const& attributes) override {
    if (element == dialect_.test_case) return begin_case(attributes);
    if (!dialect_.outcome.empty() && !in_case_) judge_run(element, attributes);
    if (dialect_.outcome.empty()) {
      if (element == "testsuite" || element == "testsuites") {
        suites_.push_back(suite_of(attributes));
        suites_.back().bad_before = bad(), suites_.back().errors_before = of(Outcome::Error);
      }
      if (element == "failure") child(Outcome::Failed, attributes);
      if (element == "error") child(Outcome::Error, attributes);
      if (element == "skipped" || element == "disabled" || element == "ignored") child(Outcome::Skipped, attributes);
    } else if (element == dialect_.message && in_case_) {
      wants_text_ = true;
    }
  }

  void end(std::string_view element) override {
    wants_text_ = false;
    if (element == dialect_.test_case && in_case_) end_case();
    if (suites_.empty() || (element != "testsuite" && element != "testsuites")) return;
    Suite const suite = suites_.back();
    suites_.pop_back();
    if (suite.has_cases) {
      add_outside(suite.failures + suite.errors - (bad() - suite.bad_before),
                  suite.errors - (of(Outcome::Error) - suite.errors_before));
    } else {
      count_ += suite.tests;
      of(Outcome::Failed) += suite.failures;
      of(Outcome::Error) += suite.errors;
      of(Outcome::Skipped) += suite.skipped;
      seconds_ += suite.seconds;
    }
    if (!suites_.empty() && (suite.has_cases || suite.tests > 0)) suites_.back().has_cases = true;
  }

  void text(std::string_view text) override {
    if (wants_text_ && message_.size() < kMaxMessageBytes) message_ += text.substr(0, kMaxMessageBytes);
  }

  Document document() override {
    if (declared_bad_ > bad()) add_outside(declared_bad_ - bad(), declared_bad_ - bad());
    if (run_failed_ && bad() == 0) add_outside(1, 1);
    std::int64_t const failed = of(Outcome::Failed), errors = of(Outcome::Error), skipped = of(Outcome::Skipped);
    Document document;
    document.format = dialect_.format;
    document.metrics = {{"tests", count_},    {"passed", std::max<std::int64_t>(0, count_ - failed - errors - skipped)},
                        {"failed", failed},   {"errors", errors},
                        {"skipped", skipped}, {"seconds", seconds_}};
    if (!name_.cells.empty()) document.tables.push_back({"", {name_, outcome_, text_}});
    if (outside_ > 0)
      document.notes.push_back("tells of " + std::to_string(outside_) + (outside_ == 1 ? " failure" : " failures") +
                               " outside of its test cases");
    std::int64_t const listed = static_cast<std::int64_t>(name_.cells.size());
    if (unlisted_ > 0)
      document.notes.push_back("has " + std::to_string(listed + unlisted_) + " tests that failed; the first " +
                               std::to_string(listed) + " are listed");
    return document;
  }

 private:
  struct Suite {
    std::string name;
    std::int64_t tests = 0, failures = 0, errors = 0, skipped = 0;
    double seconds = 0;
    bool has_cases = false;
    std::int64_t bad_before = 0, errors_before = 0;  // Of the whole file, when the suite began.
  };
  // A sum that is not a number hides something: it counts as one.
  static std::int64_t declared(XmlAttributes const& attributes, std::string_view name) {
    auto const text = trim(attributes.text(name));
    if (text.empty()) return 0;
    auto const number = parse_integer(text);
    return number && *number >= 0 ? std::min<std::int64_t>(*number, 1'000'000'000) : 1;
  }
  std::int64_t bad() { return of(Outcome::Failed) + of(Outcome::Error); }
  void add_outside(std::int64_t count, std::int64_t errors) {
    if (count <= 0) return;
    errors = std::clamp<std::int64_t>(errors, 0, count);
    of(Outcome::Error) += errors;
    of(Outcome::Failed) += count - errors;
    count_ += count;
    outside_ += count;
  }
  // What NUnit, xUnit and TRX say of the run as a whole.
  void judge_run(std::string_view element, XmlAttributes const& attributes) {
    if (element == "Counters")
      for (char const* name : {"failed", "error", "timeout", "aborted"}) declared_bad_ += declared(attributes, name);
    if (element == "test-run") declared_bad_ += declared(attributes, "failed");
    if (element == "test-results") declared_bad_ += declared(attributes, "failures") + declared(attributes, "errors");
    if (element == "assembly") declared_bad_ += declared(attributes, "failed") + declared(attributes, "errors");
    bool const verdict = element == "ResultSummary" || element == "RunInfo" || element == "test-run";
    auto const word = to_lower(attributes.text(element == "test-run" ? "result" : "outcome"));
    if (verdict && (word == "failed" || word == "error" || word == "aborted" || word == "timeout")) run_failed_ = true;
  }
  static Suite suite_of(XmlAttributes const& attributes) {
    return {std::string(attributes.text("name")),
            attributes.count("tests"),
            declared(attributes, "failures"),
            declared(attributes, "errors"),
            attributes.count("skipped") + attributes.count("disabled") + attributes.count("skip"),
            attributes.seconds("time"),
            false};
  }

  void begin_case(XmlAttributes const& attributes) {
    for (Suite& suite : suites_) suite.has_cases = true;
    in_case_ = true;
    ++count_;
    seconds_ += attributes.seconds(dialect_.seconds);
    std::string const owner(dialect_.owner.empty() ? "" : attributes.text(dialect_.owner));
    current_ = (owner.empty() ? "" : owner + ".") + std::string(attributes.text(dialect_.name));
    message_.clear();
    worst_ = Outcome::Passed;
    if (!dialect_.outcome.empty()) {
      worst_ = outcome_of(attributes.text(dialect_.outcome));
      if (worst_ == Outcome::Failed && attributes.text("label") == "Error") worst_ = Outcome::Error;  // NUnit 3.
      return;
    }
    std::string const status = to_lower(attributes.text("status")), result = to_lower(attributes.text("result"));
    for (std::string const& word : {status, result})
      if (word == "notrun" || word == "disabled" || word == "suppressed" || word == "skipped")
        worst_ = Outcome::Skipped;
  }

  void child(Outcome outcome, XmlAttributes const& attributes) {
    if (!in_case_) {  // Of a suite that failed as a whole, in its set-up.
      if (suites_.empty() || outcome == Outcome::Skipped) return;
      for (Suite& suite : suites_) suite.has_cases = true;
      ++count_, ++of(outcome);
      return list(suites_.back().name, outcome, attributes.text("message"));
    }
    if (outcome < worst_) return;
    worst_ = outcome;
    message_ = attributes.text("message");
    wants_text_ = message_.empty();
  }

  void end_case() {
    in_case_ = false;
    if (worst_ != Outcome::Passed) ++of(worst_);
    if (worst_ > Outcome::Skipped) list(current_, worst_, message_);
  }

  void list(std::string const& name, Outcome outcome, std::string_view message) {
    if (name_.cells.size() >= kMaxListed) return void(++unlisted_);
    name_.cells.emplace_back(name);
    outcome_.cells.emplace_back(std::string(outcome == Outcome::Failed ? "failed" : "error"));
    text_.cells.emplace_back(one_line(trim(message), 300));
  }

  std::int64_t& of(Outcome outcome) { return counts_[static_cast<std::size_t>(outcome)]; }

  TestDialect const& dialect_;
  std::vector<Suite> suites_;  // From the outermost.
  std::int64_t count_ = 0, counts_[4] = {}, unlisted_ = 0;
  double seconds_ = 0;
  std::int64_t declared_bad_ = 0, outside_ = 0;
  bool run_failed_ = false;
  bool in_case_ = false, wants_text_ = false;
  Outcome worst_ = Outcome::Passed;
  std::string current_, message_;
  Column name_{"test", {}, {}}, outcome_{"outcome", {}, {}}, text_{"message", {}, {}};
};

}  // namespace

std::unique_ptr<XmlReader> test_result_reader(std::string_view root) {
  for (TestDialect const& dialect : kTestDialects)
    if (dialect.root == root) return std::make_unique<TestResults>(dialect);
  return nullptr;
}

}  // namespace cml::metrics
