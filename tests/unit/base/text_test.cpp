#include "base/text.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"
#include "base/url.hpp"

using namespace cml;

TEST_CASE("text: nearest names a typo's original and nothing else", "[base][text]") {
  std::vector<std::string_view> const names{"--publish", "--watermark-title", "--target", "--update"};
  struct Case {
    std::string_view word, expected;
  };
  for (auto const& [word, expected] :
       {Case{"--publsh", "--publish"}, Case{"--watermark-titel", "--watermark-title"},
        Case{"--watermark", "--watermark-title"}, Case{"--zebra", ""}, Case{"--udpate", "--update"}})
    CHECK(nearest(word, names) == expected);
}

TEST_CASE("text: percent escapes decode and broken ones stay", "[base][text]") {
  CHECK(percent_decode("red%20fox/%C3%A4.png") == "red fox/\xC3\xA4.png");
  CHECK(percent_decode("100%.png") == "100%.png");
  CHECK(percent_decode("%zz%4") == "%zz%4");
  CHECK(percent_encode("a b/c", "/") == "a%20b/c");
}

TEST_CASE("text: a UTF-8 prefix never ends inside a character", "[base][text]") {
  std::string const text =
      "a\xE2\x82\xAC"
      "b";
  CHECK(utf8_prefix(text, 2) == "a");
  CHECK(utf8_prefix(text, 4) == "a\xE2\x82\xAC");
  CHECK(utf8_length(text) == 3);
}

TEST_CASE("sha256: pieces of any size give what the whole gives", "[base][sha256]") {
  std::string whole;
  for (int i = 0; i < 1000; ++i) whole += static_cast<char>(i * 7);
  for (std::size_t const size : {1, 3, 63, 64, 65, 127, 500}) {
    Sha256 sum;
    for (std::size_t at = 0; at < whole.size(); at += size) sum.add(std::string_view(whole).substr(at, size));
    sum.add("");
    CHECK(sum.hex() == sha256_hex(whole));
    CHECK(sum.hex() == sha256_hex(whole));  // Asking changes nothing.
  }
}

TEST_CASE("sha256: matches the vectors of FIPS 180-4 and block borders", "[base][sha256]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(sha256_hex(std::string(64, 'a')) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST_CASE("base64: encodes every tail and decodes it again", "[base][base64]") {
  for (auto const& [bytes, text] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {std::string("\0\xff", 2), "AP8="}}) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
  }
  CHECK(base64_decode("Zm 9v\n") == "foo");
  CHECK_FALSE(base64_decode("Zm9$"));
  CHECK_FALSE(base64_decode("Zm9vY"));
}

TEST_CASE("url: splits into parts, and messages never show secrets", "[base][url]") {
  auto const url = parse_url("https://user:pw@Forge.test:8443/a/b?token=x#y");
  REQUIRE(url);
  CHECK(url->origin() == "https://forge.test:8443");
  CHECK(url->path == "/a/b");
  CHECK(url->query == "token=x");
  CHECK(url->user == "user:pw");
  CHECK(safe_url("https://user:pw@forge.test/a?token=x") == "https://forge.test/a");
  CHECK_FALSE(parse_url("git@github.com:o/r"));
  CHECK_FALSE(parse_url("https://a b/"));
  CHECK_FALSE(parse_url("https://host:port/"));
  CHECK(resolve_url("https://h/a/b", "/c") == "https://h/c");
  CHECK(resolve_url("https://h/a/b", "c?d") == "https://h/a/c?d");
  CHECK(resolve_url("https://h/a", "//other/x") == "https://other/x");
  CHECK(safe_url("https://user:SEKRET@host:badport/o/r?t=x") == "***@host:badport/o/r");
  CHECK(safe_url("https://user:SEK/RET#3@host/o?t") == "***@host/o");
  CHECK(without_logins("fatal: 'https://user:SEK/RET@host/o/r/'") == "fatal: 'https://host/o/r/'");
  CHECK(without_logins("https://host:8443/a@b https://u@host/x") == "https://host:8443/a@b https://host/x");
  CHECK(without_logins("a://b://u:p/q@h/x c://y z@w") == "a://b://h/x c://y z@w");
  CHECK(without_logins("x://u:p/q@r@h://v:w@k") == "x://k");
  CHECK(safe_url("oauth2:SEKRET@gitlab.com/o/r") == "***@gitlab.com/o/r");
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("[::1]"));
  CHECK_FALSE(is_loopback("127.evil.test"));
  CHECK_FALSE(is_loopback("localhost.evil.test"));
}

TEST_CASE("url: a relative address is resolved as RFC 3986 shows", "[base][url]") {
  struct Case {
    std::string relative, expected;
  };
  // Section 5.4 of the RFC, without fragments.
  for (auto const& [relative, expected] : std::vector<Case>{{"g:h", "g:h"},
                                                            {"g", "http://a/b/c/g"},
                                                            {"./g", "http://a/b/c/g"},
                                                            {"g/", "http://a/b/c/g/"},
                                                            {"/g", "http://a/g"},
                                                            {"//g", "http://g"},
                                                            {"?y", "http://a/b/c/d;p?y"},
                                                            {"g?y", "http://a/b/c/g?y"},
                                                            {"#s", "http://a/b/c/d;p?q"},
                                                            {"g?y#s", "http://a/b/c/g?y"},
                                                            {";x", "http://a/b/c/;x"},
                                                            {"", "http://a/b/c/d;p?q"},
                                                            {".", "http://a/b/c/"},
                                                            {"./", "http://a/b/c/"},
                                                            {"..", "http://a/b/"},
                                                            {"../g", "http://a/b/g"},
                                                            {"../..", "http://a/"},
                                                            {"../../../g", "http://a/g"},
                                                            {"/./g", "http://a/g"},
                                                            {"/../g", "http://a/g"},
                                                            {"g.", "http://a/b/c/g."},
                                                            {"..g", "http://a/b/c/..g"},
                                                            {"./g/.", "http://a/b/c/g/"},
                                                            {"g/../h", "http://a/b/c/h"},
                                                            {"g;x=1/../y", "http://a/b/c/y"},
                                                            {"g?y/../x", "http://a/b/c/g?y/../x"}}) {
    INFO(relative);
    CHECK(resolve_url("http://a/b/c/d;p?q", relative) == expected);
  }
  CHECK(resolve_url("http://a", "g") == "http://a/g");
  CHECK(resolve_url("http://a?x", "?y") == "http://a/?y");
}

TEST_CASE("url: an address that is shown is http or https, and holds neither a login nor anything unseen",
          "[base][url]") {
  for (std::string const good :
       {"https://github.com/o/r/pull/7#issuecomment-1", "http://127.0.0.1:80/a?b=c&d", "https://h/\xC3\xA4@b"})
    CHECK(is_web_url(good));
  for (std::string const bad :
       {"", "/uploads/x", "//h/x", "ftp://h/x", "javascript:alert(1)", "data:text/html,x", "https://u:p@h/x",
        "https://@h/x", "http://x/\n::set-output name=a::b", "http://x/\x1b[2J", "http://x/a b",
        "http://x/\xE2\x80\xAEy", "http://x/\"onload=", "http://x/<b>", "http://x\\y", "http://x/\xff"}) {
    INFO(bad);
    CHECK_FALSE(is_web_url(bad));
  }
}

TEST_CASE("text: what a server says is one clean line", "[base][text]") {
  struct Case {
    std::string said, expected;
  };
  for (auto const& [said, expected] :
       std::vector<Case>{{"Not Found", "Not Found"},
                         {" a\r\nb\tc\v ", "a  b c"},
                         {"\x1b[31mred\x1b[0m \x1b]0;title\x07!\x1b(", "red !"},
                         {"abc\x1b[", "abc"},
                         {"\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC"},
                         {"a\xE2\x80\xAE"
                          "b\xE2\x81\xA6"
                          "c\xE2\x80\x8B"
                          "d\xEF\xBB\xBF"
                          "e",
                          "abcde"},  // RLO, LRI, no width, BOM.
                         {"a\xC2\x9B"
                          "b\xE2\x80\xA8"
                          "c",
                          "a b c"},  // C1's CSI, line separator.
                         {"a\xff\xC0\x80", "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                         {"::set-output name=a::b", ": :set-output name=a::b"},
                         {"\n\xE2\x80\x8B::stop-commands::x", ": :stop-commands::x"},
                         {"x ##[error]y ##vso[task.setvariable]z", "x # #[error]y # #vso[task.setvariable]z"},
                         {std::string(400, 'x'), std::string(300, 'x') + "..."}}) {
    INFO(said);
    CHECK(clean_line(said) == expected);
  }
}
