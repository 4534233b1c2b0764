// No credential is ever printed: every forge, many commands, at the most talkative level, working and failing. (run_cml
// looks for tokens in whatever any test of this suite prints; here are the places where they could slip out.)
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/http_server.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;

namespace {

using Variables = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

std::vector<Words> const kCommands{
    {"comment", "create", "--target=pr/7", "report.md"},
    {"comment", "update", "--target=pr/7", "report.md"},
    {"comment", "list", "--target=pr/7", "--json"},
    {"comment", "delete", "--target=pr/7"},
    {"comment", "create", "--target=pr/999", "report.md"},
    {"comment", "create", "--dry-run", "report.md"},
    {"asset", "publish", "a.png", "--md"},
    {"check", "create", "report.md"},
    {"workflow", "rerun", "--id=55"},
    {"pr", "create", "--dry-run", "."},
    {"pr", "create", "."},
    {"asset", "prune", "--older-than=1d"},
    {"repo", "prepare", "--unshallow"},
};

// The value, and the forms in which it could travel.
void check_hidden(CmlRun const& run, std::string const& secret) {
  for (std::string const& form :
       {secret, base64_encode(secret), base64_encode("x-access-token:" + secret), base64_encode("oauth2:" + secret),
        base64_encode("x-token-auth:" + secret), percent_encode(secret)}) {
    CHECK_FALSE(contains(run.out, form));
    CHECK_FALSE(contains(run.err, form));
  }
}

template <class Fake>
void every_command(std::string const& driver, std::string const& api_path, std::string const& repository) {
  Fake fake;
  GitPlace place;
  place.put("report.md", "![x](a.png)\n");
  place.put("a.png", "\x89PNG\r\n\x1a\n");
  for (std::string const token : {"good-token", "never/print+this=1"}) {
    for (Words words : kCommands) {
      words.emplace_back("--log=debug");
      INFO(driver << " " << token << " " << Catch::Detail::stringify(words));
      Variables const environment{{"CML_API_URL", fake.url() + api_path},
                                  {"CML_REPO", fake.url() + "/" + repository},
                                  {"CML_DRIVER", driver},
                                  {"REPO_TOKEN", token}};
      check_hidden(run_cml(words, place.clone, "", environment), token);
      Variables by_option = environment;
      by_option.erase("REPO_TOKEN");
      words.push_back("--token=" + token);
      check_hidden(run_cml(words, place.clone, "", by_option), token);
    }
  }
}

}  // namespace

TEST_CASE("secrets: no command prints the token, whether it works or is refused", "[cli][secrets]") {
  every_command<FakeGitHub>("github", "/api/v3", "o/r");
  every_command<FakeGitLab>("gitlab", "/api/v4", "g/p");
  every_command<FakeBitbucket>("bitbucket", "", "w/r");
  every_command<FakeGitea>("gitea", "/api/v1", "o/r");
}

TEST_CASE("secrets: logins inside addresses, bucket keys and proxies' passwords stay hidden, too", "[cli][secrets]") {
  HttpServer refusing([](ServerRequest const&) {
    return ServerResponse{401, "{}", {{"WWW-Authenticate", "Basic realm=\"x\""}}};
  });
  std::string const there = "127.0.0.1:" + std::to_string(refusing.port());
  GitPlace place;
  place.put("report.md", "text\n");
  place.put("a.png", "\x89PNG\r\n\x1a\n");
  std::string const hidden = "hush-hush-1";
  git(place.clone, {"remote", "set-url", "origin", "http://me:" + hidden + "@" + there + "/o/r.git"});
  struct Case {
    Words words;
    Variables environment;
  };
  Variables const github{{"CML_DRIVER", "github"}, {"REPO_TOKEN", "good-token"}, {"CML_API_URL", "http://" + there}};
  auto const with = [&](Variables const& more) {
    Variables all = github;
    for (auto const& [name, value] : more) all[name] = value;
    return all;
  };
  for (Case const& c : std::vector<Case>{
           {{"comment", "create", "--target=pr/7", "report.md"}, github},
           {{"comment", "create", "--target=pr/7", "report.md"},
            with({{"CML_REPO", "http://me:" + hidden + "@" + there + "/o/r"}})},
           {{"comment", "create", "--target=pr/7", "report.md"},
            with({{"CML_API_URL", "http://me:" + hidden + "@127.0.0.1:1"}})},
           {{"comment", "create", "--target=pr/7", "report.md"},
            with({{"http_proxy", "http://me:" + hidden + "@" + there}})},
           {{"comment", "create", "--repo=ftp://me:" + hidden + "@h.test/o/r", "report.md"}, github},
           {{"pr", "create", "."}, github},
           {{"pr", "create", "--remote=http://me:" + hidden + "@" + there + "/o/r.git", "."}, github},
           {{"asset", "prune", "--older-than=1d"}, github},
           {{"repo", "prepare", "--unshallow"}, github},
           {{"asset", "publish", "a.png", "--publish-to=s3://bucket/x"},
            {{"AWS_ACCESS_KEY_ID", "id"},
             {"AWS_SECRET_ACCESS_KEY", hidden},
             {"AWS_SESSION_TOKEN", hidden},
             {"AWS_ENDPOINT_URL", "http://" + there}}},
           {{"asset", "publish", "a.png", "--url=http://me:" + hidden + "@" + there + "/up?key=" + hidden}, {}},
       }) {
    Words words = c.words;
    words.emplace_back("--log=debug");
    INFO(Catch::Detail::stringify(words));
    auto const run = run_cml(words, place.clone, "", c.environment);
    INFO(run.err);
    CHECK(run.exit_code != 0);  // Each of them fails, and says why.
    CHECK_FALSE(contains(run.out, hidden));
    CHECK_FALSE(contains(run.err, hidden));
  }
}
