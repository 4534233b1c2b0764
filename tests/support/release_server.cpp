#include "support/release_server.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

#include "base/sha256.hpp"
#include "platform/spawned_process.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

namespace cml::test {

ReleaseServer::ReleaseServer()
    : server_([this](ServerRequest const& request) -> ServerResponse {
        for (std::string_view place :
             {"/o/cml/releases/latest/download/", "/o/cml/releases/download/v9.8.7/",
              "/o/cml/-/releases/permalink/latest/downloads/", "/o/cml/-/releases/v9.8.7/downloads/"})
          if (request.path.starts_with(place))
            if (auto const file = files_.find(request.path.substr(place.size())); file != files_.end())
              return {200, file->second, {}};
        return {404, "no", {}};
      }) {
  // Links to it keep their meaning.
  std::string const program =
      "#!/bin/bash\nexec -a \"$(basename \"$0\")\" '" + std::string(std::getenv("CML_BINARY")) + "' \"$@\"\n";
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path / "cml-linux/bin");
  std::ofstream(folder.path / "cml-linux/bin/cml") << program;
  SpawnedProcess process;
  REQUIRE(process.run({.arguments = {"tar", "-cJf", "archive", "cml-linux"}, .directory = folder.path})->exit_code ==
          0);
  for (std::string const name : {"cml-linux-x64", "cml-linux-arm64"}) {
    files_[name] = program;
    files_[name + ".tar.xz"] = slurp(folder.path / "archive");
  }
  std::string sums;
  for (auto const& [name, bytes] : files_) sums += sha256_hex(bytes) + "  " + name + "\n";
  files_["SHA256SUMS"] = sums;
  files_["install.sh"] = slurp(CML_SOURCE_DIR "/install.sh");
}

}  // namespace cml::test
