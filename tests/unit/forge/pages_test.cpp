#include "forge/pages.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace cml;

TEST_CASE("pages: all of them together have a size that they may not exceed, and none comes twice", "[forge]") {
  Pages pages;
  HttpRequest request{.url = "https://h/list"};
  std::size_t bytes = 0;
  for (int number = 0; bytes <= Pages::kMostBytes; ++number) {
    request.url = "https://h/list?page=" + std::to_string(number);
    REQUIRE(pages.ask(request));
    HttpResponse const response{200, {}, std::to_string(number) + std::string(32u << 20, 'x')};
    bytes += response.body.size();
    auto const taken = pages.take(request, response);
    CHECK(bool(taken) == (bytes <= Pages::kMostBytes));
    if (!taken) CHECK(contains(taken.error().message, "larger than 128 MiB"));
  }
  CHECK_FALSE(pages.ask(request));
  Pages others;
  CHECK(others.take(request, {200, {}, "[]"}));
  CHECK(others.take(request, {200, {}, "[]"}));  // Nothing twice is nothing.
  CHECK(others.take(request, {200, {}, std::string(100, 'a')}));
  CHECK_FALSE(others.take(request, {200, {}, std::string(100, 'a')}));
  CHECK(others.expect(request, Pages::kMost));
  CHECK_FALSE(others.expect(request, Pages::kMost + 1));
}
