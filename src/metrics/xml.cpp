#include "metrics/xml.hpp"

#include <expat.h>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

struct XmlState {
  std::unique_ptr<XmlReader> reader;
  std::string root;
  int depth = 0, max_depth = 100;
  bool too_deep = false;
};

// "{http://microsoft.com/...}TestRun" and "ns:TestRun" are TestRun.
std::string_view local_name(std::string_view name) { return name.substr(name.rfind(':') + 1); }

void XMLCALL start_element(void* user, XML_Char const* element, XML_Char const** attributes) {
  auto& state = *static_cast<XmlState*>(user);
  if (++state.depth > state.max_depth) state.too_deep = true;
  std::string_view const name = local_name(element);
  if (state.depth == 1) {
    state.root = name;
    state.reader = test_result_reader(name);
    if (!state.reader) state.reader = coverage_reader(name);
  }
  if (state.reader) state.reader->start(name, {attributes});
}

void XMLCALL end_element(void* user, XML_Char const* element) {
  auto& state = *static_cast<XmlState*>(user);
  --state.depth;
  if (state.reader) state.reader->end(local_name(element));
}

void XMLCALL character_data(void* user, XML_Char const* text, int length) {
  auto& state = *static_cast<XmlState*>(user);
  if (state.reader) state.reader->text({text, static_cast<std::size_t>(length)});
}

}  // namespace

std::string_view XmlAttributes::text(std::string_view name) const {
  for (auto const* pair = pairs; *pair != nullptr; pair += 2)
    if (name == pair[0]) return pair[1];
  return {};
}

bool XmlAttributes::has(std::string_view name) const {
  for (auto const* pair = pairs; *pair != nullptr; pair += 2)
    if (name == pair[0]) return true;
  return false;
}

std::int64_t XmlAttributes::count(std::string_view name) const {
  auto const number = parse_integer(text(name));
  return number && *number > 0 && *number < 1'000'000'000'000 ? *number : 0;
}

double XmlAttributes::seconds(std::string_view name) const {
  double total = 0;
  for (std::string const& part : split(replace_all(std::string(text(name)), ",", ""), ':')) {
    auto const number = number_of(scalar_of_text(part));
    if (!number) return 0;
    total = total * 60 + *number;
  }
  return total;
}

Result<Document> read_xml(std::string_view bytes, Limits const& limits) {
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> const parser(XML_ParserCreate(nullptr), XML_ParserFree);
  XmlState state;
  state.max_depth = limits.max_depth;
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), start_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), character_data);
  while (true) {
    std::string_view const part = bytes.substr(0, 1 << 20);
    bytes.remove_prefix(part.size());
    if (XML_Parse(parser.get(), part.data(), static_cast<int>(part.size()), bytes.empty()) != XML_STATUS_OK)
      return Error{ErrorKind::BadInput, "line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " +
                                            XML_ErrorString(XML_GetErrorCode(parser.get()))};
    if (state.too_deep) return Error{ErrorKind::BadInput, too_deep(limits)};
    if (bytes.empty()) break;
  }
  if (!state.reader)
    return Error{ErrorKind::BadInput, "begins with <" + one_line(state.root, 40) +
                                          ">; known are test results (JUnit, NUnit, xUnit, TRX) and coverage "
                                          "(Cobertura, Clover, JaCoCo)"};
  return state.reader->document();
}

}  // namespace cml::metrics
