// Which remotes git gets the forge's token for, over which scheme.
#include <catch2/catch.hpp>

#include "app/git_login.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fakes.hpp"
#include "support/git_repository.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Place {
  // The login for `remote`, with `origin` as git's address of it.
  Status give(std::string const& driver, std::string const& origin, std::string const& token = "fake-token") {
    git(git_place.clone, {"remote", "set-url", "origin", origin});
    ForgeRequest request;
    request.driver = driver;
    request.remote_url = origin;
    request.token = Secret(token);
    auto choice = choose_forge(request, CiRun{}, environment);
    if (!choice) return std::move(choice).error();
    Context context{{http, ports.clock, ports.files, process, environment, ports.random, ports.console, ports.watcher,
                     ports.pages, ports.supervisor, ports.signer, ports.workers}};
    lender.emplace(process, git_place.clone, GitFolders{git_place.clone / ".git", git_place.clone});
    return give_git_login(context, *choice, "origin", *lender);
  }
  // What git makes of a key of its configuration, or of its remote, in a call over the network.
  std::string ask(std::vector<std::string> arguments) {
    auto const answer = lender->run(
        {.arguments = std::move(arguments), .environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}}, .network = true});
    return answer ? std::string(trim(*answer)) : "error: " + answer.error().message;
  }
  GitPlace git_place;
  FakeHttp http;
  SpawnedProcess process;
  FakePorts ports;
  FakeEnvironment& environment = ports.environment;
  std::optional<Git> lender;
};

}  // namespace

TEST_CASE("git login: public forges are spoken to by https, also where the clone says http, as in Bitbucket Pipelines",
          "[app][git]") {
  Place place;
  // What Pipelines sets up: a proxy of its own for the http address, with its own login.
  git(place.git_place.clone, {"config", "http.http://bitbucket.org/w/r.proxy", "http://localhost:29418/"});
  for (auto const& [driver, host, user] :
       {std::tuple{"bitbucket", "bitbucket.org", "x-token-auth"}, std::tuple{"github", "github.com", "x-access-token"},
        std::tuple{"gitlab", "gitlab.com", "oauth2"}}) {
    INFO(host);
    std::string const address = std::string(host) + "/w/r";
    REQUIRE(place.give(driver, "http://" + address));
    CHECK(place.ask({"ls-remote", "--get-url", "origin"}) == "https://" + address);
    CHECK(place.ask({"config", "--get-urlmatch", "http.extraHeader", "https://" + address}) ==
          "Authorization: Basic " + base64_encode(std::string(user) + ":fake-token"));
    CHECK(contains(place.ask({"config", "--get-urlmatch", "http.proxy", "https://" + address}), "error"));
  }
  CHECK(git(place.git_place.clone, {"config", "remote.origin.url"}) ==
        "http://gitlab.com/w/r");  // The clone stays as it was.
}

TEST_CASE("git login: plain http to other hosts is refused, and no other host gets the token", "[app][git]") {
  Place place;
  auto const refused = place.give("gitlab", "http://git.example/g/p");
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "plain http"));
  REQUIRE(place.give("github", "git@github.com:o/r.git"));
  CHECK(place.ask({"ls-remote", "--get-url", "origin"}) == "git@github.com:o/r.git");
  CHECK(contains(place.ask({"config", "--get-urlmatch", "http.extraHeader", "https://github.com/o/r"}), "error"));
}
