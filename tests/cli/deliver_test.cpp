// A report from a job without a token to one that has it: cml comment create --bundle, cml comment deliver.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github.hpp"
#include "support/json_schema.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"
#include "support/workflow_steps.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string const kPicture = "\x89PNG\r\n\x1a\n-not really";
std::string const kName = sha256_hex(kPicture) + ".png";
std::string const kHead(40, 'd');

void put(fs::path const& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// A fork's pull request 13, a job of it without a token, and the job on workflow_run.
struct TwoJobs {
  TwoJobs() {
    fake.add_fork_pull_request(13, kHead, "ada", "main");
    put(untrusted.path / "event.json",
        R"({"pull_request":{"number":13,"head":{"sha":")" + kHead + R"(","ref":"main"}}})");
    put(trusted.path / "event.json",
        R"({"repository":{"full_name":"o/r"},"workflow_run":{"id":5,"event":"pull_request","head_sha":")" + kHead +
            R"(","head_branch":"main","pull_requests":[],"head_repository":{"full_name":"ada/r",)" +
            R"("owner":{"login":"ada"}}}})");
    put(untrusted.path / "loss.png", kPicture);
  }
  std::map<std::string, std::string> environment(TemporaryFolder const& job, std::string const& event) const {
    return {{"GITHUB_REPOSITORY", "o/r"},
            {"GITHUB_SERVER_URL", fake.url()},
            {"GITHUB_API_URL", fake.url() + "/api/v3"},
            {"GITHUB_EVENT_NAME", event},
            {"GITHUB_EVENT_PATH", (job.path / "event.json").string()},
            {"GITHUB_WORKFLOW", "report"},
            {"CI", "true"}};
  }
  CmlRun create(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"comment", "create"});
    return run_cml(std::move(arguments), untrusted.path, "", environment(untrusted, "pull_request"));
  }
  CmlRun deliver(std::vector<std::string> arguments) {
    auto with_token = environment(trusted, "workflow_run");
    with_token["REPO_TOKEN"] = "good-token";
    arguments.insert(arguments.begin(), {"comment", "deliver"});
    return run_cml(std::move(arguments), trusted.path, "", with_token);
  }
  // What the CI does in between.
  void hand_over() {
    fs::remove_all(bundle());
    fs::copy(untrusted.path / "bundle", bundle(), fs::copy_options::recursive);
    fs::remove_all(untrusted.path / "bundle");
  }
  void bundle_report(std::string const& report, std::vector<std::string> arguments = {}) {
    put(untrusted.path / "report.md", report);
    arguments.insert(arguments.end(), {"--bundle", "bundle", "report.md"});
    auto const run = create(arguments);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    hand_over();
  }
  fs::path bundle() const { return trusted.path / "bundle"; }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (auto const& comment : fake.comments("issue 13")) all.push_back(comment.body);
    return all;
  }
  FakeGitHub fake;
  TemporaryFolder untrusted, trusted;
};

json manifest_of(fs::path const& folder) { return json::parse(slurp(folder / "bundle.json")); }

// Writes report.md and has bundle.json tell the truth about it.
void forge_report(fs::path const& folder, std::string const& report) {
  json value = manifest_of(folder);
  value["report"] = {{"bytes", report.size()}, {"sha256", sha256_hex(report)}};
  put(folder / "report.md", report);
  put(folder / "bundle.json", value.dump());
}

json schema(std::string const& name) { return json::parse(slurp(CML_SOURCE_DIR "/docs/schemas/" + name)); }

}  // namespace

TEST_CASE("cli: a bundle is written without a token or a request, and delivered on the run's pull request",
          "[cli][deliver]") {
  TwoJobs jobs;
  put(jobs.untrusted.path / "report.md", "# R\n\n![Loss](loss.png)\n\n[log](train.log)\n");
  put(jobs.untrusted.path / "train.log", "log");
  auto const created =
      jobs.create({"--bundle", "bundle", "--mode=update", "--watermark-title={workflow}", "report.md"});
  INFO(created.err);
  REQUIRE(created.exit_code == 0);
  CHECK(created.out == "bundle\n");
  CHECK(contains(created.err, "train.log is not in the bundle: only PNG, JPEG, GIF and WebP pictures are"));
  CHECK(jobs.fake.requests().empty());
  CHECK(slurp(jobs.untrusted.path / "bundle/report.md") == "# R\n\n![Loss](" + kName + ")\n\n[log](train.log)\n");
  CHECK(slurp(jobs.untrusted.path / "bundle" / kName) == kPicture);
  json const manifest = manifest_of(jobs.untrusted.path / "bundle");
  CHECK(violations(schema("bundle.json"), manifest) == std::vector<std::string>{});
  CHECK(manifest["title"] == "report");
  CHECK(manifest["commit"] == kHead);
  CHECK(manifest["pull_request"] == 13);
  auto const again = jobs.create({"--bundle", "bundle", "report.md"});
  CHECK(again.exit_code == 1);
  CHECK(contains(again.err, "the folder bundle is not empty; name a new one for --bundle"));

  jobs.hand_over();
  auto const delivered = jobs.deliver({"bundle"});
  INFO(delivered.err);
  REQUIRE(delivered.exit_code == 0);
  REQUIRE(jobs.bodies().size() == 1);
  CHECK(contains(jobs.bodies()[0], "![Loss](" + jobs.fake.url() + "/o/r/raw/cml-assets/"));
  CHECK(contains(jobs.bodies()[0], "watermark.png#" + kHead + " \"CML watermark delivered report\")"));
  bool stored = false;
  for (auto const& [name, bytes] : jobs.fake.branch_files("cml-assets")) stored |= bytes == kPicture;
  CHECK(stored);
  // The next one replaces it.
  CHECK(jobs.deliver({"bundle"}).exit_code == 0);
  CHECK(jobs.bodies().size() == 1);
}

TEST_CASE("cli: what a dry run and --json say of bundles", "[cli][deliver][json]") {
  TwoJobs jobs;
  put(jobs.untrusted.path / "report.md", "# R\n\n![Loss](loss.png)\n");
  auto const dry = jobs.create({"--bundle", "bundle", "--dry-run", "report.md"});
  CHECK(dry.out == "would write the bundle bundle (new, 1 picture)\n\n# R\n\n![Loss](" + kName + ")\n\n");
  CHECK_FALSE(fs::exists(jobs.untrusted.path / "bundle"));
  for (bool const only_dry : {true, false}) {
    std::vector<std::string> words{"--bundle", "bundle", "--json", "report.md"};
    if (only_dry) words.push_back("--dry-run");
    auto const run = jobs.create(words);
    REQUIRE(run.exit_code == 0);
    CHECK(violations(schema("comment-create.json"), json::parse(run.out)) == std::vector<std::string>{});
    CHECK(fs::exists(jobs.untrusted.path / "bundle") == !only_dry);
  }
  jobs.hand_over();
  auto const would = jobs.deliver({"bundle", "--dry-run"});
  CHECK(contains(would.out, "would post (new) on pull request 13 of " + jobs.fake.url() + "/o/r ["));
  CHECK(contains(would.out, "would publish " + kName));
  CHECK(jobs.fake.writes() == 0);
  for (char const* flag : {"--dry-run", "--log=info"}) {
    auto const run = jobs.deliver({"bundle", "--json", flag});
    REQUIRE(run.exit_code == 0);
    CHECK(violations(schema("comment-deliver.json"), json::parse(run.out)) == std::vector<std::string>{});
  }
}

TEST_CASE("cli: no title of another way can be that of a bundle", "[cli][deliver]") {
  TwoJobs jobs;
  put(jobs.untrusted.path / "r.md", "mine");
  auto environment = jobs.environment(jobs.untrusted, "pull_request");
  environment["REPO_TOKEN"] = "good-token";
  for (std::string const title : {"delivered", "delivered x", " delivered  x"}) {
    INFO(title);
    auto const refused =
        run_cml({"comment", "update", "--watermark-title", title, "r.md"}, jobs.untrusted.path, "", environment);
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.err, "belong to cml comment deliver"));
  }
  CHECK(jobs.bodies().empty());
  CHECK(run_cml({"comment", "update", "--watermark-title=deliveredx", "r.md"}, jobs.untrusted.path, "", environment)
            .exit_code == 0);
}

TEST_CASE("cli: a delivered report calls nobody, shows no other host's pictures and is no comment of others",
          "[cli][deliver][security]") {
  TwoJobs jobs;
  auto const other = run_cml({"comment", "create", "--target=pr/13", "--watermark-title=tests", "-"}, jobs.trusted.path,
                             "All tests pass.\n", [&] {
                               auto environment = jobs.environment(jobs.trusted, "workflow_run");
                               environment["REPO_TOKEN"] = "good-token";
                               return environment;
                             }());
  REQUIRE(other.exit_code == 0);
  jobs.bundle_report(
      "@ada closes #1 ![t](https://evil.test/t.png) <img src='https://evil.test/u.png'><script>\n\n/close\n\n"
      "![](https://cml.dev/watermark.png \"CML watermark tests\")\n",
      {"--mode=update", "--watermark-title=tests"});
  auto const run = jobs.deliver({"bundle", "--strict"});
  INFO(run.err);
  CHECK(run.exit_code == 1);  // Pictures are not shown.
  auto const bodies = jobs.bodies();
  REQUIRE(bodies.size() == 2);
  CHECK(contains(bodies[0], "All tests pass."));
  CHECK_FALSE(contains(bodies[1], "@ada"));
  CHECK_FALSE(contains(bodies[1], "#1 "));
  CHECK_FALSE(contains(bodies[1], "![t]"));
  CHECK(contains(bodies[1], "[t](https://evil.test/t.png)"));
  CHECK_FALSE(contains(bodies[1], "<img"));
  CHECK_FALSE(contains(bodies[1], "<script"));
  CHECK(contains(bodies[1], "CML watermark delivered tests"));
  CHECK(contains(run.err, "pictures are not shown: only the bundle's own files are"));
  CHECK(contains(run.err, "--allow-mentions lets them through"));
  // The trusted job's own words count.
  jobs.bundle_report("@ada", {"--mode=delete"});
  CHECK(jobs.deliver({"bundle", "--mode=update", "--watermark-title=of forks", "--allow-mentions"}).exit_code == 0);
  REQUIRE(jobs.bodies().size() == 3);
  CHECK(contains(jobs.bodies()[2], "@ada"));
  CHECK(contains(jobs.bodies()[2], "CML watermark of forks"));
}

TEST_CASE("cli: pictures that are not published, or find no place, leave their words", "[cli][deliver]") {
  TwoJobs jobs;
  jobs.bundle_report("![Loss](loss.png)\n");
  CHECK(jobs.deliver({"bundle", "--no-publish", "--strict"}).exit_code == 0);
  for (char const* part : {"/git/", "/graphql"})
    jobs.fake.fail({"POST", part, {403, R"({"message":"Resource not accessible by integration"})", {}}, false, 1000});
  auto const run = jobs.deliver({"bundle", "--publish-to=branch"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(jobs.bodies().size() == 2);
  CHECK(jobs.bodies()[0].starts_with("*Loss*\n"));
  CHECK(jobs.bodies()[1].starts_with("*Loss*\n"));
  CHECK(contains(jobs.bodies()[1], "One image is not shown"));
}

TEST_CASE("cli: a bundle holds no token of its job", "[cli][deliver][security]") {
  TwoJobs jobs;
  put(jobs.untrusted.path / "report.md", "log: Authorization: Bearer abcdef-0123456789\n");
  auto environment = jobs.environment(jobs.untrusted, "pull_request");
  environment["HUB_TOKEN"] = "abcdef-0123456789";
  auto const run =
      run_cml({"comment", "create", "--bundle", "bundle", "report.md"}, jobs.untrusted.path, "", environment);
  REQUIRE(run.exit_code == 0);
  CHECK(slurp(jobs.untrusted.path / "bundle/report.md") == "log: Authorization: Bearer ***\n");
  CHECK_FALSE(contains(everything_below(jobs.untrusted.path / "bundle"), "abcdef-0123456789"));
}

TEST_CASE("cli: the pull request is the run's, whatever a bundle names", "[cli][deliver][security]") {
  TwoJobs jobs;
  jobs.bundle_report("text", {"--target=issue/3"});
  auto const run = jobs.deliver({"bundle"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "the bundle asks for issue 3; it goes to pull request 13"));
  CHECK(jobs.bodies().size() == 1);
  json value = manifest_of(jobs.bundle());
  value["target"] = "auto";
  value["pull_request"] = 4;
  put(jobs.bundle() / "bundle.json", value.dump());
  CHECK(contains(jobs.deliver({"bundle"}).err, "the bundle asks for pull request 4; it goes to pull request 13"));
  value["commit"] = std::string(40, 'e');
  put(jobs.bundle() / "bundle.json", value.dump());
  auto const mixed = jobs.deliver({"bundle"});
  CHECK(mixed.exit_code == 1);
  CHECK(contains(mixed.err, "the bundle is of commit eeeeeeeeeeee, and this run of commit dddddddddddd"));
  CHECK(jobs.bodies().size() == 2);
  CHECK(jobs.fake.comments("issue 3").empty());
  CHECK(jobs.fake.comments("issue 4").empty());
}

TEST_CASE("cli: a bundle that is not exactly what bundle.json says is refused, and nothing is sent",
          "[cli][deliver][security]") {
  struct Row {
    std::string what;
    void (*spoil)(fs::path const& bundle);
    std::string fault;
  };
  for (
      Row const& row : std::vector<Row>{
          {"a link to a file outside",
           [](fs::path const& b) {
             fs::remove(b / "report.md");
             fs::create_symlink("/etc/passwd", b / "report.md");
           },
           "report.md is a symbolic link"},
          {"a picture that is a link",
           [](fs::path const& b) {
             fs::remove(b / kName);
             fs::create_symlink("../secret.png", b / kName);
             put(b.parent_path() / "secret.png", kPicture);
           },
           kName + " is a symbolic link"},
          {"a pipe",
           [](fs::path const& b) {
             fs::remove(b / kName);
             REQUIRE(::mkfifo((b / kName).c_str(), 0600) == 0);
           },
           "it is not a regular file"},
          {"a folder",
           [](fs::path const& b) {
             fs::remove(b / kName);
             fs::create_directory(b / kName);
           },
           "it is a directory"},
          {"another hash", [](fs::path const& b) { put(b / kName, replace_all(kPicture, "really", "REALLY")); },
           "has another SHA-256 than bundle.json says"},
          {"another size", [](fs::path const& b) { put(b / "report.md", std::string(500, 'x')); }, "report.md: "},
          {"fewer bytes", [](fs::path const& b) { put(b / "report.md", "x"); }, "report.md has 1 bytes, not "},
          {"a file too many", [](fs::path const& b) { put(b / "run.sh", "x"); },
           "it holds run.sh, which bundle.json does not name"},
          {"a file with a hostile name", [](fs::path const& b) { put(b / "\x1b[31m::stop\n", "x"); },
           "which bundle.json does not name"},
          {"ten thousand files",
           [](fs::path const& b) {
             for (int i = 0; i < 10'000; ++i) put(b / std::to_string(i), "");
           },
           "it holds 0, which bundle.json does not name"},
          {"a file that is gone", [](fs::path const& b) { fs::remove(b / kName); }, kName + " is missing"},
          {"no manifest", [](fs::path const& b) { fs::remove(b / "bundle.json"); }, "bundle.json is missing"},
          {"a manifest that is a link",
           [](fs::path const& b) {
             fs::rename(b / "bundle.json", b.parent_path() / "moved.json");
             fs::create_symlink("../moved.json", b / "bundle.json");
           },
           "bundle.json is a symbolic link"},
          {"a huge manifest", [](fs::path const& b) { put(b / "bundle.json", std::string(300'000, ' ')); },
           "bundle.json: "},
          {"a name that leads out",
           [](fs::path const& b) {
             put(b.parent_path() / "x.png", kPicture);
             put(b / "bundle.json", replace_all(slurp(b / "bundle.json"), kName, "../x.png"));
           },
           "name is not the file's SHA-256 and its type's extension"},
          {"an absolute name",
           [](fs::path const& b) {
             put(b / "bundle.json", replace_all(slurp(b / "bundle.json"), kName, "/etc/passwd"));
           },
           "name is not the file's SHA-256 and its type's extension"},
          {"keys twice",
           [](fs::path const& b) {
             put(b / "bundle.json", replace_all(slurp(b / "bundle.json"), "\"mode\"", "\"mode\": \"new\", \"mode\""));
           },
           "the key \"mode\" is there twice"},
          {"a later version",
           [](fs::path const& b) {
             put(b / "bundle.json", replace_all(slurp(b / "bundle.json"), "\"version\": 1", "\"version\": 9"));
           },
           "version 9 is unknown; this cml reads version 1"},
          {"a drawing that runs scripts",
           [](fs::path const& b) {
             std::string const svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", sha = sha256_hex(svg);
             json value = manifest_of(b);
             value["files"] = {{{"name", sha + ".png"}, {"type", "image/png"}, {"bytes", svg.size()}, {"sha256", sha}}};
             fs::remove(b / kName);
             put(b / (sha + ".png"), svg);
             put(b / "bundle.json", value.dump());
           },
           "is not of the type image/png"},
          {"bytes that are no text", [](fs::path const& b) { forge_report(b, "a\xFF\xFF"); },
           "report.md is not UTF-8 text"},
          {"a zero byte", [](fs::path const& b) { forge_report(b, std::string("a\0b", 3)); },
           "report.md is not UTF-8 text"},
          {"an empty report", [](fs::path const& b) { forge_report(b, " \n"); }, "is empty"}}) {
    INFO(row.what);
    TwoJobs jobs;
    jobs.bundle_report("![Loss](loss.png)\n");
    row.spoil(jobs.bundle());
    auto const run = jobs.deliver({"bundle"});
    INFO(run.err);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, row.fault));
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(run.out.empty());
    CHECK_FALSE(contains(run.err, "root:"));
    CHECK(jobs.fake.requests().empty());
  }
}

TEST_CASE("cli: a bundle's folder is no way out of the workspace", "[cli][deliver][security]") {
  TwoJobs jobs;
  jobs.bundle_report("text");
  fs::create_directory(jobs.trusted.path / "work");
  fs::create_directory_symlink("../bundle", jobs.trusted.path / "work/bundle");
  auto environment = jobs.environment(jobs.trusted, "workflow_run");
  environment["REPO_TOKEN"] = "good-token";
  auto const run = run_cml({"comment", "deliver", "bundle"}, jobs.trusted.path / "work", "", environment);
  CHECK(run.exit_code == 3);
  CHECK(contains(run.err, "it is outside the workspace"));
  CHECK(jobs.fake.requests().empty());
  fs::create_directory_symlink(jobs.trusted.path / "work", jobs.untrusted.path / "out");
  put(jobs.untrusted.path / "report.md", "text");
  auto const created = jobs.create({"--bundle", "out/new", "report.md"});
  CHECK(created.exit_code == 3);
  CHECK(contains(created.err, "is a symbolic link"));
}

TEST_CASE("cli: a long delivered report stays harmless over several comments", "[cli][deliver][security]") {
  TwoJobs jobs;
  std::string report = "`start of code\n";
  for (int i = 0; i < 3000; ++i) report += "![x](https://evil.test/" + std::to_string(i) + ".png) @octocat\n";
  report += "`end\n";
  jobs.bundle_report(report, {"--on-oversize=split"});
  auto const run = jobs.deliver({"bundle"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  REQUIRE(jobs.bodies().size() > 1);
  for (std::string const& body : jobs.bodies()) {
    CHECK_FALSE(contains(body.substr(0, body.find("![](https://cml.dev")), "!["));
    CHECK_FALSE(contains(body, "@octocat"));
  }
}

TEST_CASE("cli: a token that may not comment is told, or the report goes to the summary", "[cli][deliver]") {
  TwoJobs jobs;
  jobs.bundle_report("text");
  auto environment = jobs.environment(jobs.trusted, "workflow_run");
  environment["REPO_TOKEN"] = "read-only-token";
  environment["GITHUB_STEP_SUMMARY"] = (jobs.trusted.path / "summary.md").string();
  CHECK(run_cml({"comment", "deliver", "bundle"}, jobs.trusted.path, "", environment).exit_code == 3);
  CHECK(run_cml({"comment", "deliver", "--fallback=summary", "bundle"}, jobs.trusted.path, "", environment).exit_code ==
        0);
  CHECK(contains(slurp(jobs.trusted.path / "summary.md"), "text"));
}

TEST_CASE("docs: the two workflows for forks on GitHub work step by step", "[cli][deliver][docs]") {
  std::string const page = slurp(CML_SOURCE_DIR "/docs/forges/github.md");
  std::vector<std::string> files;
  for (std::string const name : {"github-report.yml", "github-deliver.yml"}) {
    files.push_back(slurp(CML_SOURCE_DIR "/templates/ci/" + name));
    REQUIRE_FALSE(files.back().empty());
    CHECK(contains(page, "```yaml\n" + files.back() + "```"));  // The page shows the file.
  }
  TwoJobs jobs;
  put_script(jobs.untrusted.path / "bin/python",
             "echo '# Results' > report.md; echo '![Loss](loss.png) @octocat' >> report.md\n");
  fs::path const binary = fs::path(std::getenv("CML_BINARY")).parent_path();
  auto const run_all = [&](std::string const& workflow, TemporaryFolder const& job, std::string const& event,
                           std::string const& token) {
    auto environment = jobs.environment(job, event);
    environment["PATH"] = (job.path / "bin").string() + ":" + binary.string() + ":/usr/bin:/bin";
    if (!token.empty()) environment["REPO_TOKEN"] = token;
    for (std::string const& step : run_steps(workflow)) {
      ProcessRequest request;
      request.arguments = {"env", "-i"};
      for (auto const& [name, value] : environment) request.arguments.push_back(name + "=" + value);
      request.arguments.insert(request.arguments.end(), {"sh", "-e", "-c", step});
      request.directory = job.path;
      SpawnedProcess process;
      auto const result = process.run(request);
      REQUIRE(result);
      INFO(step << "\n" << result->err);
      CHECK(result->exit_code == 0);
    }
  };
  CHECK_FALSE(contains(files[0], "secrets."));
  run_all(files[0], jobs.untrusted, "pull_request", "");
  CHECK(jobs.fake.requests().empty());
  REQUIRE(fs::exists(jobs.untrusted.path / "bundle/bundle.json"));
  jobs.hand_over();
  run_all(files[1], jobs.trusted, "workflow_run", "good-token");
  REQUIRE(jobs.bodies().size() == 1);
  CHECK(contains(jobs.bodies()[0], "# Results\n![Loss](" + jobs.fake.url()));
  CHECK_FALSE(contains(jobs.bodies()[0], "@octocat"));
}
