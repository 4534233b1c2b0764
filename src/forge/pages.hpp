// Keeps watch over a list that comes in pages: it ends, it fits, and no page comes twice. A part of a list is never
// taken for the whole, for then a comment that is there would be posted a second time.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "ports/http.hpp"

namespace cml {

class Pages {
 public:
  static constexpr std::size_t kMost = 500;              // 50,000 elements: more than any thread a person would read.
  static constexpr std::size_t kMostBytes = 128u << 20;  // Of all pages together.
  Status ask(HttpRequest const&);                        // Before a page is asked for.
  Status take(HttpRequest const&, HttpResponse const&);  // Before it is read.
  // `count` more pages are to come, by what the server says.
  Status expect(HttpRequest const&, std::size_t count) const;

 private:
  std::set<std::string> asked_;
  std::set<std::size_t> bodies_;
  std::size_t bytes_ = 0;
};

}  // namespace cml
