// What cleans text on its way out takes time in proportion to the text, whatever its shape.
#include <catch2/catch.hpp>

#include <functional>

#include "base/encoding.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "support/doubling.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("text: every scanner of what leaves the process takes linear time", "[base][text][linear]") {
  remember_secret("tok/en+Value=of-linear-test");
  struct Scanner {
    char const* name;
    std::function<std::size_t(std::string const&)> run;
  };
  Scanner const scanners[] = {
      {"clean_line", [](std::string const& text) { return clean_line(text, std::string::npos).size(); }},
      {"without_secrets", [](std::string const& text) { return without_secrets(text).size(); }},
      {"percent_decode", [](std::string const& text) { return percent_decode(text).size(); }},
      {"safe_url", [](std::string const& text) { return safe_url("https://h.test/" + text).size(); }},
      {"without_logins", [](std::string const& text) { return without_logins(text).size(); }},
  };
  for (Scanner const& scanner : scanners)
    for (std::string const shape :
         {"a", "\x1b[", "\x1b]0;", "\xE2\x80\xAE", "##[", "%2525", "https://u:p@h ", "u:p@", "://", "tok/en+Value="}) {
      INFO(scanner.name << " " << shape);
      auto const make = [&](std::size_t n) {
        std::string text;
        for (std::size_t i = 0; i < n; ++i) text += shape;
        return text;
      };
      CHECK(doubling(make, scanner.run, 1 << 15) < kLinear);
    }
}
