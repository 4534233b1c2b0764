// install.sh and the action against a release on loopback: what is right is installed, what is not leaves nothing.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/http_server.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

std::string const kProgram = "#!/bin/sh\necho 9.8.7\n";

// A repository with one release, 9.8.7, for this machine's architecture; "latest" is the same one.
struct Releases {
  Releases()
      : server([this](ServerRequest const& request) -> ServerResponse {
          std::string path = request.path;
          for (std::string_view place : {"/o/cml/releases/download/v9.8.7/", "/o/cml/releases/latest/download/"})
            if (path.starts_with(place)) {
              auto const file = files.find(path.substr(place.size()));
              if (file != files.end()) return {200, file->second, {}};
            }
          return {404, "no", {}};
        }) {
    fs::create_directories(folder.path / "cml-linux");
    std::ofstream(folder.path / "cml-linux/cml") << kProgram;
    sh("tar -cJf archive cml-linux");
    std::stringstream archive;
    archive << std::ifstream(folder.path / "archive", std::ios::binary).rdbuf();
    for (std::string const arch : {"x64", "arm64"}) {
      files["cml-linux-" + arch] = kProgram;
      files["cml-linux-" + arch + ".tar.xz"] = archive.str();
    }
    for (auto const& [name, bytes] : std::map(files)) files["SHA256SUMS"] += sha256_hex(bytes) + "  " + name + "\n";
  }
  std::string home() const { return server.url() + "/o/cml"; }
  ProcessResult sh(std::string const& script, std::map<std::string, std::string> environment = {}) {
    ProcessRequest request;
    request.arguments = {"sh", "-c", script};
    request.directory = folder.path;
    environment.emplace("PATH", "/usr/bin:/bin");
    environment.emplace("HOME", (folder.path / "home").string());
    for (auto& [name, value] : environment) request.environment.emplace_back(name, value);
    SpawnedProcess process;
    return process.run(request).value();
  }
  ProcessResult install(std::string const& options = "", std::map<std::string, std::string> environment = {}) {
    environment.emplace("CML_HOME", home());
    return sh("sh " CML_SOURCE_DIR "/install.sh " + options, environment);
  }
  TemporaryFolder folder;
  std::map<std::string, std::string> files;
  HttpServer server;
};

}  // namespace

TEST_CASE("install: the asked release is installed with the older names, without root, and may be installed again",
          "[cli][install]") {
  Releases releases;
  for (std::string const options : {"--dir there", "--version 9.8.7 --dir there", "--version=v9.8.7 --dir=there"}) {
    auto const run = releases.install(options);
    INFO(options << "\n" << run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(contains(run.out, "cml 9.8.7 is in there"));
    CHECK(releases.sh("there/vl2png && there/cml-publish").out == "9.8.7\n9.8.7\n");
  }
  auto const own = releases.install();  // Into ~/.local/bin.
  CHECK(own.exit_code == 0);
  CHECK(contains(own.out, "Add it to your PATH"));
  CHECK(fs::exists(releases.folder.path / "home/.local/bin/cml"));
}

TEST_CASE("install: a machine without xz gets the program itself", "[cli][install]") {
  Releases releases;
  fs::create_directories(releases.folder.path / "bin");
  for (char const* tool : {"sh", "curl", "sha256sum", "uname", "mktemp", "grep", "find", "head", "chmod", "mkdir", "cp",
                           "mv", "ln", "readlink", "rm"})
    fs::create_symlink(std::string("/usr/bin/") + tool, releases.folder.path / "bin" / tool);
  auto const run = releases.install("--dir there", {{"PATH", (releases.folder.path / "bin").string()}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(fs::exists(releases.folder.path / "there/cml"));
}

TEST_CASE("install: nothing is installed when a sum is wrong, a file is missing or the address is not safe",
          "[cli][install][security]") {
  struct Row {
    std::string what, options, said;
    std::map<std::string, std::string> environment;
    bool spoiled = false;
  };
  for (Row const& row : std::vector<Row>{
           {"wrong sum", "--dir there", "not what SHA256SUMS says", {}, true},
           {"no such release", "--dir there --version 1.0.0", "is there such a release?", {}},
           {"no version", "--dir there --version '../../x'", "not a version", {}},
           {"plain http", "--dir there", "must be https", {{"CML_HOME", "http://releases.test/o/cml"}}},
           {"a host that looks like loopback",
            "--dir there",
            "must be https",
            {{"CML_HOME", "http://localhost.test/o"}}},
           {"no home", "--dir there", "CML_HOME", {{"CML_HOME", ""}}},
           {"no option", "--dri there", "no option --dri", {}},
           {"no folder", "--dir ''", "--dir needs a value", {}},
           {"no folder", "--dir=", "no option --dir=", {}},
           {"no home folder", "", "HOME is not set", {{"HOME", ""}}},
           {"a folder in its place", "--dir taken", "taken/cml is a folder", {}},
           {"a file in its way", "--dir file/there", "name a folder of yours", {}},
       }) {
    Releases releases;
    if (row.spoiled)
      for (auto& [name, bytes] : releases.files)
        if (name != "SHA256SUMS") bytes[bytes.size() / 2] ^= 1;
    fs::create_directories(releases.folder.path / "taken/cml");
    std::ofstream(releases.folder.path / "file") << "mine\n";
    auto const run = releases.install(row.options, row.environment);
    INFO(row.what << "\n" << run.out << run.err);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, row.said));
    CHECK_FALSE(fs::exists(releases.folder.path / "there"));
    CHECK_FALSE(fs::exists(releases.folder.path / "home"));
    CHECK(releases.sh("ls -A taken taken/cml; cat file").out == "taken:\ncml\n\ntaken/cml:\nmine\n");
  }
}

TEST_CASE("install: a program that does not run leaves nothing, nor does it replace one that does", "[cli][install]") {
  Releases releases;
  REQUIRE(releases.install("--dir there").exit_code == 0);
  fs::create_directories(releases.folder.path / "cml-linux");
  std::ofstream(releases.folder.path / "cml-linux/cml") << "#!/nowhere/sh\n";
  releases.sh("tar -cJf archive cml-linux");
  std::stringstream archive;
  archive << std::ifstream(releases.folder.path / "archive", std::ios::binary).rdbuf();
  releases.files["SHA256SUMS"].clear();
  for (std::string const arch : {"x64", "arm64"}) {
    releases.files["cml-linux-" + arch + ".tar.xz"] = archive.str();
    releases.files["SHA256SUMS"] += sha256_hex(archive.str()) + "  cml-linux-" + arch + ".tar.xz\n";
  }
  for (std::string const place : {"there", "new"}) {
    auto const run = releases.install("--dir " + place);
    INFO(run.err);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, "does not run from " + place));
  }
  CHECK(releases.sh("there/cml").out == "9.8.7\n");
  CHECK_FALSE(contains(releases.sh("ls -A there").out, "new"));
  CHECK_FALSE(fs::exists(releases.folder.path / "new"));
}

TEST_CASE("install: nothing need be run from the folder for temporary files", "[cli][install]") {
  Releases releases;
  fs::create_directories(releases.folder.path / "tmp");
  std::string const mounted = "unshare --map-root-user --mount sh -c 'mount -t tmpfs -o noexec none tmp && ";
  if (releases.sh(mounted + "true'").exit_code != 0) {
    WARN("left out: this machine gives no mounts to users");
    return;
  }
  auto const run = releases.sh(mounted + "TMPDIR=$PWD/tmp sh " CML_SOURCE_DIR "/install.sh --dir there'",
                               {{"CML_HOME", releases.home()}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(releases.sh("there/cml").out == "9.8.7\n");
}

TEST_CASE("install: another tool of an older name stays", "[cli][install]") {
  Releases releases;
  fs::create_directories(releases.folder.path / "there");
  std::ofstream(releases.folder.path / "there/vl2png") << "#!/bin/sh\necho vega-cli\n";
  auto const run = releases.install("--dir there");
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "there/vl2png is another program and stays"));
  CHECK(releases.sh("sh there/vl2png").out == "vega-cli\n");
}

TEST_CASE("install: the machine's own program is taken, by the script and by the action, or a sentence says why not",
          "[cli][install]") {
  struct Row {
    std::string system, machine, program, said;
  };
  for (Row const& row : std::vector<Row>{{"Linux", "x86_64", "x64", ""},
                                         {"Linux", "aarch64", "arm64", ""},
                                         {"Linux", "arm64", "arm64", ""},
                                         {"Linux", "i686", "", "no cml for i686"},
                                         {"Linux", "armv7l", "", "no cml for armv7l"},
                                         {"Darwin", "arm64", "", "this is Darwin"},
                                         {"MINGW64_NT-10.0", "x86_64", "", "this is MINGW64_NT-10.0"}}) {
    INFO(row.system << " " << row.machine);
    Releases releases;
    for (std::string const other : {"x64", "arm64"})
      if (other != row.program) releases.files.erase("cml-linux-" + other + ".tar.xz");
    fs::create_directories(releases.folder.path / "bin");
    std::ofstream(releases.folder.path / "bin/uname")
        << "#!/bin/sh\n[ \"$1\" = -s ] && echo " << row.system << " || echo " << row.machine << "\n";
    std::map<std::string, std::string> const environment{
        {"PATH", (releases.folder.path / "bin").string() + ":/usr/bin:/bin"},
        {"CML_HOME", releases.home()},
        {"RUNNER_OS", "Linux"},
        {"RUNNER_ARCH", row.machine == "x86_64" ? "X64"
                        : row.machine == "i686" ? "X86"
                                                : "ARM64"},
        {"RUNNER_TOOL_CACHE", (releases.folder.path / "cache").string()},
        {"GITHUB_PATH", (releases.folder.path / "path").string()},
        {"GITHUB_OUTPUT", (releases.folder.path / "output").string()},
        {"ACTION_REPOSITORY", "o/cml"},
        {"INPUT_VERSION", "9.8.7"}};
    releases.sh("chmod 755 bin/uname");
    auto const script = releases.install("--dir there", environment);
    auto const action = releases.sh(CML_SOURCE_DIR "/setup/action.sh", environment);
    INFO(script.err << action.err);
    CHECK(script.exit_code == (row.program.empty() ? 1 : 0));
    CHECK(action.exit_code == script.exit_code);
    CHECK(contains(script.err, row.said));
    CHECK(contains(action.err, row.said));
    CHECK(fs::exists(releases.folder.path / "there/cml") == !row.program.empty());
    CHECK(fs::exists(releases.folder.path / "cache/cml/9.8.7" / row.program / "cml") == !row.program.empty());
  }
}

TEST_CASE("install: the action leaves nothing in the cache when a sum is wrong", "[cli][install][security]") {
  Releases releases;
  for (auto& [name, bytes] : releases.files)
    if (name != "SHA256SUMS") bytes[bytes.size() / 2] ^= 1;
  auto const run =
      releases.sh(CML_SOURCE_DIR "/setup/action.sh", {{"CML_HOME", releases.home()},
                                                      {"RUNNER_TOOL_CACHE", (releases.folder.path / "cache").string()},
                                                      {"GITHUB_PATH", (releases.folder.path / "path").string()},
                                                      {"GITHUB_OUTPUT", (releases.folder.path / "output").string()},
                                                      {"ACTION_REPOSITORY", "o/cml"},
                                                      {"INPUT_VERSION", "9.8.7"}});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "not what SHA256SUMS says"));
  CHECK_FALSE(fs::exists(releases.folder.path / "path"));
  CHECK(releases.sh("find cache -type f").out.empty());
}

TEST_CASE("install: the action takes setup-cml's inputs, installs into the tool cache and sets the PATH",
          "[cli][install]") {
  Releases releases;
  std::map<std::string, std::string> environment{{"CML_HOME", releases.home()},
                                                 {"RUNNER_OS", "Linux"},
                                                 {"RUNNER_TOOL_CACHE", (releases.folder.path / "cache").string()},
                                                 {"GITHUB_PATH", (releases.folder.path / "path").string()},
                                                 {"GITHUB_OUTPUT", (releases.folder.path / "output").string()},
                                                 {"ACTION_REPOSITORY", "o/cml"},
                                                 {"INPUT_VERSION", "9.8.7"},
                                                 {"INPUT_VEGA", "false"}};
  std::string const action = CML_SOURCE_DIR "/setup/action.sh";
  auto const run = releases.sh(action, environment);
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(contains(run.out, "\"vega\" has no meaning"));
  CHECK_FALSE(contains(run.out, "\"sudo\""));
  CHECK(releases.sh("$(cat path)/cml; cat output").out == "9.8.7\nversion=9.8.7\n");
  releases.files.clear();  // A version that is in the cache is not fetched again.
  CHECK(releases.sh(action, environment).exit_code == 0);
  environment["INPUT_VERSION"] = "latest";
  CHECK(releases.sh(action, environment).exit_code == 1);
  environment["RUNNER_OS"] = "macOS";
  auto const elsewhere = releases.sh(action, environment);
  CHECK(elsewhere.exit_code == 1);
  CHECK(contains(elsewhere.out, "::error::cml runs on Linux"));
}

TEST_CASE("install: what is fetched from https is fetched by no other protocol, and a login names no host",
          "[cli][install][security]") {
  Releases releases;
  fs::create_directories(releases.folder.path / "programs");
  std::ofstream(releases.folder.path / "programs/curl") << "#!/bin/sh\necho \"$@\" >>\"$HOME/asked\"\nexit 22\n";
  releases.sh("chmod +x programs/curl; mkdir -p home");
  std::string const programs = (releases.folder.path / "programs").string() + ":/usr/bin:/bin";
  CHECK(releases.install("", {{"CML_HOME", "https://h.test/o/cml"}, {"PATH", programs}}).exit_code == 1);
  CHECK(contains(releases.sh("cat home/asked").out, "--proto =https "));
  for (std::string const home :
       {"http://localhost:1@h.test/o/cml", "http://127.0.0.1:1@h.test/o/cml", "http://h.test/o"}) {
    INFO(home);
    releases.sh("rm -f home/asked");
    auto const refused = releases.install("", {{"CML_HOME", home}, {"PATH", programs}});
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.err, "CML_HOME must"));
    CHECK(releases.sh("cat home/asked").out.empty());
  }
}
