// Documents in XML, element by element: reports of tests and of coverage. Which reader a file has its first element
// says.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::metrics {

struct XmlAttributes {
  char const* const* pairs;  // Names and values in turn, then null.
  std::string_view text(std::string_view name) const;
  std::int64_t count(std::string_view name) const;  // 0 when it is absent or no count.
  double seconds(std::string_view name) const;      // "0.5", "1,234.5", "00:01:02.5"; 0 when it is neither.
  bool has(std::string_view name) const;
};

class XmlReader {
 public:
  virtual ~XmlReader() = default;
  virtual void start(std::string_view element, XmlAttributes const&) = 0;
  virtual void end(std::string_view element) = 0;
  virtual void text(std::string_view) {}
  virtual Document document() = 0;
};

// Null when the first element is none of theirs.
std::unique_ptr<XmlReader> test_result_reader(std::string_view root);
std::unique_ptr<XmlReader> coverage_reader(std::string_view root);

}  // namespace cml::metrics
