// cml doctor against the fakes: what works is said, what does not names the remedy and is exit code 1.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

using Variables = std::map<std::string, std::string>;

Variables variables_for(FakeForge const& fake, std::string const& driver, std::string const& api,
                        std::string const& repository, std::string const& token = "good-token") {
  return {{"REPO_TOKEN", token},
          {"CML_DRIVER", driver},
          {"CML_API_URL", fake.url() + api},
          {"CML_REPO", fake.url() + "/" + repository}};
}

// The finding about that; null: there is none.
json finding(CmlRun const& run, std::string const& about) {
  json const printed = json::parse(run.out);
  for (json const& one : printed["findings"])
    if (one["about"] == about) return one;
  return nullptr;
}

}  // namespace

TEST_CASE("doctor: on each forge the token's rights are told", "[cli][doctor]") {
  FakeGitHub github;
  FakeGitLab gitlab;
  FakeBitbucket bitbucket;
  FakeGitea gitea;
  struct Row {
    Variables variables;
    std::string said;
  };
  GitPlace place;
  for (Row const& row : {Row{variables_for(github, "github", "/api/v3", "o/r"), "public_repo"},
                         Row{variables_for(gitlab, "gitlab", "/api/v4", "g/p"), "read_api, api"},
                         Row{variables_for(bitbucket, "bitbucket", "", "w/r"), "repository:write"},
                         Row{variables_for(gitea, "gitea", "/api/v1", "o/r"), "may write"}}) {
    INFO(row.variables.at("CML_DRIVER"));
    auto const run = run_cml({"doctor", "--json"}, place.clone, "", row.variables);
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    json const token = finding(run, "token");
    REQUIRE(token.is_object());
    CHECK(token["health"] == "ok");
    CHECK(contains(token["text"].get<std::string>(), row.said));
    CHECK(finding(run, "clone")["health"] == "ok");
  }
}

TEST_CASE("doctor: what does not work names its remedy and is exit code 1", "[cli][doctor]") {
  FakeGitHub github;
  GitPlace place;
  auto const read_only =
      run_cml({"doctor"}, place.clone, "", variables_for(github, "github", "/api/v3", "o/r", "read-only-token"));
  CHECK(read_only.exit_code == 1);
  CHECK(contains(read_only.out, "error    token: it may only read"));
  CHECK(contains(read_only.out, "contents: write"));
  auto const wrong =
      run_cml({"doctor", "--json"}, place.clone, "", variables_for(github, "github", "/api/v3", "o/r", "wrong-token"));
  CHECK(wrong.exit_code == 1);
  CHECK(finding(wrong, "token")["health"] == "error");
  auto variables = variables_for(github, "github", "/api/v3", "o/r");
  variables["NODE_EXTRA_CA_CERTS"] = "/nowhere.pem";
  variables["KUBERNETES_CONFIGURATION"] = "not a configuration";
  variables["HTTPS_PROXY"] = "http://user:hunter22@127.0.0.1:9";
  auto const surroundings = run_cml({"doctor", "--json"}, place.clone, "", variables);
  CHECK(surroundings.exit_code == 1);
  CHECK(finding(surroundings, "certificates")["health"] == "error");
  CHECK(finding(surroundings, "kubernetes")["health"] == "error");
  CHECK_FALSE(contains(surroundings.out + surroundings.err, "hunter22"));
}

TEST_CASE("doctor: the bundle that counts is told, and one that is none is an error", "[cli][doctor]") {
  TemporaryFolder folder;
  std::string const pem = (folder.path / "ca.pem").string(), key = (folder.path / "key.pem").string();
  std::ofstream(pem) << "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
  std::ofstream(key) << "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n";
  struct Row {
    Variables variables;
    std::string health, said;
  };
  for (Row const& row : {Row{{{"SSL_CERT_FILE", pem}}, "ok", "SSL_CERT_FILE=" + pem + " is trusted"},
                         Row{{{"GIT_SSL_CAINFO", pem}}, "ok", "GIT_SSL_CAINFO=" + pem + " is trusted"},
                         Row{{{"SSL_CERT_FILE", key}}, "error", "holds no certificates"},
                         Row{{{"GIT_SSL_CAINFO", "/etc/passwd"}}, "error", "holds no certificates"},
                         Row{{{"CURL_CA_BUNDLE", folder.path.string()}}, "error", "holds no certificates"},
                         Row{{{"CI_SERVER_TLS_CA_FILE", "/nowhere.pem"}}, "error", "holds no certificates"},
                         Row{{{"SSL_CERT_DIR", folder.path.string()}}, "ok", "is trusted"},
                         Row{{{"SSL_CERT_DIR", pem}}, "error", "is not a folder"}}) {
    auto variables = row.variables;
    variables["CML_DRIVER"] = "local";
    auto const run = run_cml({"doctor", "--json"}, folder.path, "", variables);
    INFO(run.out << run.err);
    json const told = finding(run, "certificates");
    REQUIRE(told.is_object());
    CHECK(told["health"] == row.health);
    CHECK(contains(told["text"].get<std::string>(), row.said));
    CHECK(run.exit_code == (row.health == "error" ? 1 : 0));
  }
  auto const both =
      run_cml({"doctor", "--driver=local"}, folder.path, "", {{"SSL_CERT_FILE", pem}, {"CURL_CA_BUNDLE", pem}});
  CHECK(contains(both.out, "SSL_CERT_FILE=" + pem + " does not count: CURL_CA_BUNDLE does"));
}

TEST_CASE("doctor: a folder that nothing can be written into is an error, and none of the trial stays",
          "[cli][doctor]") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "file") << "mine\n";
  auto const fine = run_cml({"doctor", "--driver=local"}, folder.path);
  CHECK(fine.exit_code == 0);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  // Permissions do not stop root: a file stands in the way.
  auto const run = run_cml({"doctor", "--json", "--driver=local"}, folder.path, "",
                           {{"CML_LOCAL_FOLDER", (folder.path / "file/below").string()}});
  INFO(run.out << run.err);
  CHECK(run.exit_code == 1);
  CHECK(contains(finding(run, "folder")["remedy"].get<std::string>(), "CML_LOCAL_FOLDER"));
}

TEST_CASE("doctor: a shallow clone, no clone and no forge are warnings", "[cli][doctor]") {
  GitPlace place;
  git(place.clone, {"commit", "-q", "--allow-empty", "-m", "second"});
  git(place.clone, {"push", "-q", "origin", "HEAD:main"});
  git(place.folder.path, {"clone", "-q", "--depth=1", "file://" + place.origin.string(), "shallow"});
  auto const shallow = run_cml({"doctor", "--json", "--driver=local"}, place.folder.path / "shallow");
  INFO(shallow.out << shallow.err);
  CHECK(shallow.exit_code == 0);
  CHECK(finding(shallow, "clone")["health"] == "warning");
  CHECK(contains(finding(shallow, "clone")["remedy"].get<std::string>(), "fetch-depth: 0"));
  TemporaryFolder nowhere;
  auto const alone = run_cml({"doctor", "--json"}, nowhere.path);
  CHECK(alone.exit_code == 0);
  CHECK(finding(alone, "clone")["health"] == "warning");
  CHECK(contains(finding(alone, "forge")["text"].get<std::string>(), "nothing is posted anywhere else"));
}
