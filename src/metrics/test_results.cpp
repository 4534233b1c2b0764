#include <expat.h>

#include <memory>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

constexpr std::size_t kMaxListed = 1000;

struct Tally {
  std::int64_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
  Column name{"test", {}, {}}, outcome{"outcome", {}, {}}, message{"message", {}, {}};
  std::string current;
  bool counted = false;  // The current test case has an outcome.
  int depth = 0;
  bool too_deep = false, is_junit = false;
  int max_depth = 100;
};

std::string attribute(XML_Char const** attributes, std::string_view wanted) {
  for (; *attributes != nullptr; attributes += 2)
    if (wanted == attributes[0]) return attributes[1];
  return {};
}

void fail(Tally& tally, std::string outcome, std::string message, std::int64_t& count) {
  if (tally.counted) return;
  tally.counted = true;
  ++count;
  if (tally.name.cells.size() >= kMaxListed) return;
  tally.name.cells.emplace_back(tally.current);
  tally.outcome.cells.emplace_back(std::move(outcome));
  tally.message.cells.emplace_back(one_line(message, 300));
}

void XMLCALL start(void* user, XML_Char const* element, XML_Char const** attributes) {
  auto& tally = *static_cast<Tally*>(user);
  if (++tally.depth > tally.max_depth) tally.too_deep = true;
  std::string_view const name = element;
  if (tally.depth == 1) tally.is_junit = name == "testsuites" || name == "testsuite";
  if (name == "testcase") {
    ++tally.tests;
    tally.counted = false;
    std::string const owner = attribute(attributes, "classname");
    tally.current = (owner.empty() ? "" : owner + ".") + attribute(attributes, "name");
    if (auto const time = number_of(scalar_of_text(replace_all(attribute(attributes, "time"), ",", ""))))
      tally.seconds += *time;
  } else if (name == "failure") {
    fail(tally, "failed", attribute(attributes, "message"), tally.failures);
  } else if (name == "error") {
    fail(tally, "error", attribute(attributes, "message"), tally.errors);
  } else if (name == "skipped" && !tally.counted) {
    tally.counted = true;
    ++tally.skipped;
  }
}

void XMLCALL end(void* user, XML_Char const*) { --static_cast<Tally*>(user)->depth; }

}  // namespace

// Counts test cases themselves: the sums in <testsuite> differ between tools, and testsuites may be nested.
Result<Document> read_junit(std::string_view bytes, Limits const& limits) {
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> const parser(XML_ParserCreate(nullptr), XML_ParserFree);
  Tally tally;
  tally.max_depth = limits.max_depth;
  XML_SetUserData(parser.get(), &tally);
  XML_SetElementHandler(parser.get(), start, end);
  while (true) {
    std::string_view const part = bytes.substr(0, 1 << 20);
    bytes.remove_prefix(part.size());
    if (XML_Parse(parser.get(), part.data(), static_cast<int>(part.size()), bytes.empty()) != XML_STATUS_OK)
      return Error{ErrorKind::BadInput, "line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " +
                                            XML_ErrorString(XML_GetErrorCode(parser.get()))};
    if (tally.too_deep) return Error{ErrorKind::BadInput, too_deep(limits)};
    if (bytes.empty()) break;
  }
  if (!tally.is_junit)
    return Error{ErrorKind::BadInput, "is XML, but no JUnit report (its first element is not testsuites)"};
  Document document;
  std::int64_t const passed = tally.tests - tally.failures - tally.errors - tally.skipped;
  document.metrics = {{"tests", tally.tests},   {"passed", passed},         {"failed", tally.failures},
                      {"errors", tally.errors}, {"skipped", tally.skipped}, {"seconds", tally.seconds}};
  if (!tally.name.cells.empty()) document.tables.push_back({"", {tally.name, tally.outcome, tally.message}});
  return document;
}

}  // namespace cml::metrics
