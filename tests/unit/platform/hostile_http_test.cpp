// Servers that speak HTTP to do harm: each answer ends as a response within the limit or as an error, soon.
#include <catch2/catch.hpp>

#include <libdeflate.h>

#include <chrono>
#include <string>

#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string in_gzip(std::string const& bytes) {
  libdeflate_compressor* const packer = libdeflate_alloc_compressor(9);
  std::string packed(libdeflate_gzip_compress_bound(packer, bytes.size()), '\0');
  packed.resize(libdeflate_gzip_compress(packer, bytes.data(), bytes.size(), packed.data(), packed.size()));
  libdeflate_free_compressor(packer);
  return packed;
}

std::string many(std::size_t times, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// What becomes of a GET whose whole answer on the wire is `wire`.
Result<HttpResponse> answer_to(std::string const& wire) {
  HttpServer server([&](ServerRequest const&) { return ServerResponse{200, wire, {}, ServerResponse::Fault::Raw}; });
  FakeEnvironment environment;
  CurlHttp http(environment, "cml/test");
  return http.send(
      {.url = server.url() + "/x", .timeout = std::chrono::seconds(20), .max_response_bytes = std::size_t{1} << 20});
}

std::string with_body(std::string const& headers, std::string const& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("hostile http: packed answers count as long as they are unpacked", "[platform][http][security]") {
  std::string const bomb = in_gzip(std::string(std::size_t{64} << 20, '\0'));
  REQUIRE(bomb.size() < 100'000);
  auto const once = answer_to(with_body("Content-Encoding: gzip\r\n", bomb));
  REQUIRE_FALSE(once);
  CHECK(contains(once.error().message, "larger than 1048576 bytes"));
  auto const twice = answer_to(with_body("Content-Encoding: gzip, gzip\r\n", in_gzip(bomb)));
  REQUIRE_FALSE(twice);
  CHECK(contains(twice.error().message, "larger than 1048576 bytes"));
  CHECK(answer_to(with_body("Content-Encoding: gzip\r\n", in_gzip("small"))).value().body == "small");
  CHECK_FALSE(answer_to(with_body("Content-Encoding: gzip\r\n", "no gzip at all")));
}

TEST_CASE("hostile http: answers without an end are given up", "[platform][http][security]") {
  std::string const head = "HTTP/1.1 200 OK\r\n";
  for (auto const& [what, wire] : std::vector<std::pair<char const*, std::string>>{
           {"headers without end", head + many(1 << 20, "x-fill: 0123456789\r\n")},
           {"one header without end", head + "x-fill: " + std::string(std::size_t{16} << 20, 'x')},
           {"a body without a length", head + "\r\n" + std::string(std::size_t{8} << 20, 'x')},
           {"chunks without end", head + "Transfer-Encoding: chunked\r\n\r\n" + many(1 << 18, "8\r\n01234567\r\n")}}) {
    INFO(what);
    auto const answer = answer_to(wire);
    REQUIRE_FALSE(answer);
    INFO(answer.error().message);
    CHECK(answer.error().message.size() < 1000);
  }
}

TEST_CASE("hostile http: answers that are none are errors of one line", "[platform][http][security]") {
  std::string const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (auto const& [what, wire] : std::vector<std::pair<char const*, std::string>>{
           {"nothing", ""},
           {"no status", "hello\r\n\r\n"},
           {"only interim answers", many(1000, "HTTP/1.1 100 Continue\r\n\r\n")},
           {"a short body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
           {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc"},
           {"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"},
           {"a chunk's length of letters", chunked + "xyz\r\nabc\r\n0\r\n\r\n"},
           {"a chunk longer than a number", chunked + "fffffffffffffffffff\r\nabc\r\n0\r\n\r\n"},
           {"chunks without the last", chunked + "3\r\nabc\r\n"}}) {
    INFO(what);
    auto const answer = answer_to(wire);
    REQUIRE_FALSE(answer);
    INFO(answer.error().message);
    CHECK(answer.error().message.find('\n') == std::string::npos);
  }
  // An answer of the old protocol's kind is at least not taken for a success with other bytes than were sent.
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").value().body == "abc");
}
