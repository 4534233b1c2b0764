// npm's packages as tools/dev/package/npm makes them, installed by the real npm without a network. A copy of bash
// stands for the program: it tells the name that it was called by.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

struct NpmPlace {
  NpmPlace() {
    REQUIRE(sh("mkdir -p out user tree/cml-linux-x64/share/doc/cml && cp /bin/bash out/cml-linux-x64 && "
               "echo notices > tree/cml-linux-x64/share/doc/cml/THIRD-PARTY-NOTICES.txt && "
               "tar -C tree -cJf out/cml-linux-x64.tar.xz cml-linux-x64")
                .exit_code == 0);
  }
  ProcessResult sh(std::string const& script) {
    SpawnedProcess process;
    auto const result = process.run(
        {.arguments = {"bash", "-c", script},
         .directory = folder.path,
         .environment = {
             {"HOME", folder.path.string()}, {"npm_config_offline", "true"}, {"npm_config_update_notifier", "false"}}});
    REQUIRE(result);
    return *result;
  }
  ProcessResult pack(std::string const& home = "https://h.test/Ada/cml") {
    return sh(CML_SOURCE_DIR "/tools/dev/package/npm '" + home + "' 1.2.3 out");
  }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("npm: packing needs to know whose the releases are, and packs the same bytes twice", "[cli][npm]") {
  NpmPlace place;
  auto const unknown = place.pack("");
  CHECK(unknown.exit_code == 1);
  CHECK(contains(unknown.err, "CML_HOME"));
  REQUIRE(place.pack().exit_code == 0);
  std::string const sums = place.sh("sha256sum out/*.tgz").out;
  CHECK(contains(sums, "out/ada-cml-1.2.3.tgz"));
  CHECK(contains(sums, "out/ada-cml-linux-x64-1.2.3.tgz"));
  CHECK(contains(place.sh("tar -tzf out/ada-cml-linux-x64-1.2.3.tgz").out, "package/THIRD-PARTY-NOTICES.txt"));
  REQUIRE(place.pack().exit_code == 0);
  CHECK(place.sh("sha256sum out/*.tgz").out == sums);
}

TEST_CASE("npm: both packages installed give every name of cml, its exit codes and its signals", "[cli][npm]") {
  NpmPlace place;
  if (place.sh("npm --version").exit_code != 0) {
    WARN("npm is not installed; its packages were not tried");
    return;
  }
  REQUIRE(place.pack().exit_code == 0);
  auto const installed = place.sh(
      "cd user && npm install --no-audit --no-fund ../out/ada-cml-1.2.3.tgz ../out/ada-cml-linux-x64-1.2.3.tgz");
  INFO(installed.err);
  REQUIRE(installed.exit_code == 0);
  CHECK(place.sh("cd user && npx --no-install cml -c 'echo $0'").out == "cml\n");
  std::string const bin = "user/node_modules/.bin/";
  for (std::string const name : {"cml-publish", "cml-send-comment", "cml-runner", "vl2png", "vg2svg"})
    CHECK(place.sh(bin + name + " -c 'echo $0'").out == name + "\n");
  CHECK(place.sh("echo hello | " + bin + "cml -c 'cat; exit 7'").exit_code == 7);
  // A runner that is told to stop does what it has to before.
  auto const stopped =
      place.sh("coproc " + bin +
               "cml -c 'trap \"echo bye; exit 5\" TERM; echo ready; while :; do read -t 0.05 <> <(:); done'\n"
               "exec 3<&${COPROC[0]}; pid=$COPROC_PID; read -r line <&3; kill -TERM $pid; cat <&3; wait $pid; echo $?");
  CHECK(stopped.out == "bye\n5\n");
}

TEST_CASE("npm: no signal can end node and leave the program running", "[cli][npm]") {
  NpmPlace place;
  if (place.sh("node --version").exit_code != 0) {
    WARN("node is not installed; the npm package was not tried");
    return;
  }
  REQUIRE(place.pack().exit_code == 0);
  REQUIRE(place
              .sh("mkdir -p node_modules/@ada/cml-linux-x64 && tar -xzf out/ada-cml-linux-x64-1.2.3.tgz &&"
                  "mv package/* node_modules/@ada/cml-linux-x64 && tar -xzf out/ada-cml-1.2.3.tgz")
              .exit_code == 0);
  std::ofstream(place.folder.path / "spy.js")
      << "const processes = require('child_process'), spawn = processes.spawn;"
         "processes.spawn = (...all) => {"
         "  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])"
         "    console.log(`${signal}: ${process.listenerCount(signal)} handlers before the program starts`);"
         "  return spawn(...all);"
         "};";
  CHECK(place.sh("node -r ./spy.js package/bin/cml.js -c 'echo ran'").out ==
        "SIGINT: 1 handlers before the program starts\n"
        "SIGTERM: 1 handlers before the program starts\n"
        "SIGHUP: 1 handlers before the program starts\nran\n");
}

TEST_CASE("npm: where there is no program for the machine a sentence says so", "[cli][npm]") {
  NpmPlace place;
  if (place.sh("node --version").exit_code != 0) {
    WARN("node is not installed; the npm package was not tried");
    return;
  }
  REQUIRE(place.pack().exit_code == 0);
  REQUIRE(place.sh("tar -xzf out/ada-cml-1.2.3.tgz").exit_code == 0);
  auto const left_out = place.sh("node package/bin/cml.js --version");
  CHECK(left_out.exit_code == 1);
  CHECK(contains(left_out.err, "@ada/cml-linux-"));
  CHECK(contains(left_out.err, "--omit=optional"));
  std::ofstream(place.folder.path / "mac.js") << "Object.defineProperty(process, 'platform', {value: 'darwin'});";
  auto const elsewhere = place.sh("node -r ./mac.js package/bin/vl2png.js x");
  CHECK(elsewhere.exit_code == 1);
  CHECK(contains(elsewhere.err, "cml runs on Linux, x64 and arm64; this is darwin-"));
}
