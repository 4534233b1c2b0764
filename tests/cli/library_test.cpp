// The example of docs/library.md, built against an installed library and run.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// The block of that language, whose first line names its file.
void put_block(std::string const& page, std::string const& language, fs::path const& file) {
  auto const begin = page.find("```" + language + "\n");
  REQUIRE(begin != std::string::npos);
  auto const text = begin + language.size() + 4;
  std::ofstream(file) << page.substr(text, page.find("```\n", text) - text);
}

}  // namespace

TEST_CASE("library: the example in the docs is built by find_package and draws what cml draws", "[cli][library]") {
  TemporaryFolder folder;
  std::stringstream page;
  page << std::ifstream(CML_SOURCE_DIR "/docs/library.md").rdbuf();
  put_block(page.str(), "cmake", folder.path / "CMakeLists.txt");
  put_block(page.str(), "c", folder.path / "chart.c");
  std::string const spec =
      R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":"loss.csv"},"mark":"line",)"
      R"("encoding":{"x":{"field":"step","type":"quantitative"},"y":{"field":"loss","type":"quantitative"}}})";
  std::ofstream(folder.path / "loss.vl.json") << spec;
  std::ofstream(folder.path / "loss.csv") << "step,loss\n1,0.9\n2,0.5\n3,0.4\n";
  char const* binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  ProcessRequest request;
  request.directory = folder.path;
  request.arguments = {"sh", "-ec",
                       "cmake --install '" + fs::path(binary).parent_path().string() +
                           "' --component library --prefix \"$PWD/installed\" >log\n"
                           "cmake -S . -B build -DCMAKE_PREFIX_PATH=\"$PWD/installed\" >>log\n"
                           "cmake --build build >>log\n"
                           "./build/chart <loss.vl.json >library.png\n"
                           "'" +
                           std::string(binary) +
                           "' vega-render -s 2 loss.vl.json -o cml.png\n"
                           "cmp library.png cml.png\n"};
  SpawnedProcess process;
  auto const result = process.run(request);
  REQUIRE(result);
  INFO(result->out << result->err);
  CHECK(result->exit_code == 0);
  CHECK(fs::file_size(folder.path / "library.png") > 1000);
}
