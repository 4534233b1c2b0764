// What a machine runs of ours: which one, whence, and whether it is there before a machine is made.
#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "runner/machine_program.hpp"
#include "runner/machine_words.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"

#include "platform/curl_http.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

std::string const kSum(64, 'a'), kOther(64, 'b');
constexpr char const* kHomeUrl = "https://forge.test/o/cml";

}  // namespace

TEST_CASE("machine program: this version's own, known by its sum, or none", "[runner][program]") {
  auto const ours = machine_program("", kHomeUrl, "1.2.3", {kSum, kOther});
  REQUIRE(ours);
  CHECK(ours->ours);
  CHECK(ours->url_for("arm64") == "https://forge.test/o/cml/releases/download/v1.2.3/cml-agent-linux-arm64");
  CHECK(ours->sum_for("x64") == kSum);
  CHECK(ours->sum_for("arm64") == kOther);
  // Without an address, or without sums, nothing is fetched: the error says what to give.
  for (auto const& [home, sums] : {std::pair<char const*, ProgramSums>{"", {kSum, kOther}}, {kHomeUrl, {"", ""}}}) {
    auto const none = machine_program("", home, "1.2.3", sums);
    REQUIRE_FALSE(none);
    CHECK(contains(none.error().message, "--cml-url=https://HOST/cml-agent-linux-{arch}#sha256=HEX"));
  }
}

TEST_CASE("machine program: one that is named is compared with what is known of it", "[runner][program]") {
  CHECK(machine_program("https://mirror.test/{arch}", "", "1", {kSum, kOther})->sum_for("arm64") == kOther);
  auto const other = machine_program("http://mirror.test/p#sha256=" + std::string(64, 'A'), "", "1", {kOther, kOther});
  REQUIRE(other);
  CHECK(other->sum_for("x64") == kSum);
  CHECK(other->url == "http://mirror.test/p");
  for (char const* const wrong : {"http://mirror.test/p", "ftp://mirror.test/p", "p", "https://mirror.test/p#sha256=12",
                                  "https://mirror.test/p#sha256="})
    CHECK_FALSE(machine_program(wrong, "", "1", {kSum, kOther}));
}

TEST_CASE("machine program: it is asked for before a machine is made", "[runner][program]") {
  std::string const bytes = "the program";
  std::string seen;
  HttpServer server([&](ServerRequest const& request) -> ServerResponse {
    seen += request.method + " " + request.path + "\n";
    if (contains(request.path, "/signed/"))  // Such an address is good for GET alone.
      return request.method == "HEAD" ? ServerResponse{403, "", {}} : ServerResponse{200, bytes, {}};
    return contains(request.path, "/there/") ? ServerResponse{200, "", {}} : ServerResponse{404, "", {}};
  });
  FakeEnvironment environment;
  CurlHttp http(environment, "cml/test");
  std::string said;
  auto const ask = [&](std::string const& path, std::string const& sum, bool ours) {
    said.clear();
    return ask_for_program(http, {server.url() + path, {sum, sum}, ours}, "arm64",
                           [&](std::string const& line) { said = line; });
  };
  CHECK(ask("/there/{arch}", kSum, true));
  CHECK(seen == "HEAD /there/arm64\n");
  CHECK(ask("/signed/p", sha256_hex(bytes), true));
  CHECK(contains(ask("/signed/p", kSum, true).error().message, "the SHA-256 is not the one"));
  auto const missing = ask("/p", kSum, false);
  REQUIRE_FALSE(missing);
  CHECK(contains(missing.error().message, "/p answered 404; --cml-url names another place"));
  CHECK(ask_for_program(http, {server.url() + "/there/p", {kSum, ""}, true}, "arm64", {}).error().kind ==
        ErrorKind::Unsupported);
  // A mirror may be for the machine's network alone; a release is for all.
  MachineProgram const away{"http://127.0.0.1:9/p", {kSum, kSum}, false};
  CHECK(ask_for_program(http, away, "x64", [&](std::string const& line) { said = line; }));
  CHECK(contains(said, "could not be asked for from here"));
  CHECK_FALSE(ask_for_program(http, {away.url, away.sums, true}, "x64", {}));
}

TEST_CASE("machine words: what the boot script writes is what cml-agent reads", "[runner][program]") {
  MachineTask task{"gitea", "https://forge.test/o/r", "https://forge.test/api/v1", {}};
  task.launch.name = "cml-x";
  task.launch.labels = {"gpu", "it's $HOME \"q\""};
  task.launch.registration_file = "/etc/cml/registration";
  task.launch.machine_of = "aws";
  task.launch.idle_timeout = std::nullopt;
  task.launch.max_lifetime = seconds(3600);
  task.launch.single = task.launch.no_retry = true;
  task.launch.docker_volumes = {"/a:/b", "/c"};
  task.launch.docker_image = "image";
  auto const back = task_of(words_of(task));
  REQUIRE(back);
  CHECK(words_of(*back) == words_of(task));
  CHECK(back->launch.labels == task.launch.labels);
  CHECK_FALSE(back->launch.idle_timeout);
  CHECK(back->launch.max_lifetime == seconds(3600));
  auto const wrong = [](std::vector<std::string> words) { return task_of(words).error().message; };
  CHECK(contains(wrong({}), "cml-agent serves on machines"));
  CHECK(contains(wrong({"runner", "launch", "--token=x"}), "no option --token"));
  CHECK(contains(wrong({"runner", "launch", "--driver=gitea"}), "needs --driver, --repo and --registration"));
  CHECK_FALSE(task_of({"runner", "launch", "--idle-timeout=soon"}));
}
