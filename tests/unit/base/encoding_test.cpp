#include "base/encoding.hpp"

#include <catch2/catch.hpp>

using namespace cml;

TEST_CASE("encoding: UTF-16 of both orders, with and without its mark, becomes UTF-8", "[base]") {
  using namespace std::string_literals;
  for (std::string const& bytes : {"\xFF\xFE#\0 \0\xE9\0=\xD8\0\xDE\n\0"s, "\xFE\xFF\0#\0 \0\xE9\xD8=\xDE\0\0\n"s}) {
    auto const decoded = decode_text(bytes);
    CHECK(decoded.text == "# \xC3\xA9\xF0\x9F\x98\x80\n");
    CHECK(decoded.from == "UTF-16");
  }
  CHECK(decode_text("a\0b\0c\0d\0e\0f\0"s).text == "abcdef");
  CHECK(decode_text("\0a\0b\0c\0d\0e\0f"s).text == "abcdef");
  CHECK(decode_text("\xFF\xFE\0\xD8x\0"s).text == "\xEF\xBF\xBDx");  // Half a pair.
}

TEST_CASE("encoding: UTF-8 loses its mark and nothing else, what is not UTF-8 is Latin-1", "[base]") {
  CHECK(decode_text("\xEF\xBB\xBF# \xC3\xA9").text == "# \xC3\xA9");
  CHECK(decode_text("\xEF\xBB\xBF# \xC3\xA9").from.empty());
  CHECK(decode_text("caf\xE9").text == "caf\xC3\xA9");
  CHECK(decode_text("caf\xE9").from == "Latin-1");
  for (std::string bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80", "\xC3"})
    CHECK(decode_text(bad).from == "Latin-1");
  CHECK(decode_text("").text.empty());
}
