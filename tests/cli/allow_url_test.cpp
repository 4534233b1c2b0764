#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "support/http_server.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("vega-render: --allow-url opens one place, and neither a login in the address nor a redirect leads out of it",
          "[cli][url]") {
  int inside_requests = 0;
  HttpServer inside([&](ServerRequest const&) { return ++inside_requests, ServerResponse{200, "a\n1\n", {}}; });
  HttpServer server([&](ServerRequest const& request) {
    if (request.path == "/pub/away.csv") return ServerResponse{302, "", {{"Location", inside.url() + "/x.csv"}}};
    return ServerResponse{200, "a\n1\n", {}};
  });
  TemporaryFolder folder;
  auto const draw = [&](std::string const& url, std::string const& allowed) {
    std::ofstream(folder.path / "p.vl.json")
        << R"({"data":{"url":")" << url << R"(","format":{"type":"csv"}},"mark":"point","encoding":{"x":)"
        << R"({"field":"a","type":"quantitative"}}})";
    return run_cml({"vega-render", "--allow-url", allowed, "-o", "p.svg", "p.vl.json"}, folder.path);
  };
  auto const good = draw(server.url() + "/pub/a.csv", server.url() + "/pub");
  INFO(good.err);
  CHECK(good.exit_code == 0);
  struct Case {
    std::string url, allowed;
  };
  for (auto const& [url, allowed] :
       std::vector<Case>{{server.url() + "/pub/away.csv", server.url() + "/"},
                         {server.url() + "@127.0.0.1:" + std::to_string(inside.port()) + "/x", server.url()},
                         {server.url() + "/public/a.csv", server.url() + "/pub"},
                         {"http://user:SEKRET@127.0.0.1:1/x?sig=SEKRET", server.url()}}) {
    auto const refused = draw(url, allowed);
    INFO(url << ": " << refused.err);
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, "--allow-url"));
    CHECK_FALSE(contains(refused.err, "SEKRET"));
    CHECK(refused.err.find('\n') == refused.err.size() - 1);
  }
  CHECK(inside_requests == 0);
}
