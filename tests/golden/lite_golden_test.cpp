// Vega-Lite specifications against the Vega that the reference compiler (Vega-Lite 6.4) makes of them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "support/fixture.hpp"
#include "support/json_diff.hpp"
#include "vega/lite/compile.hpp"
#include "vega/value/json.hpp"

namespace {

namespace fs = std::filesystem;
using namespace cml;

std::vector<fs::path> sorted_files(fs::path const& folder, std::string const& ending) {
  std::vector<fs::path> files;
  for (auto const& entry : fs::directory_iterator(folder)) {
    auto const name = entry.path().filename().string();
    if (name.size() > ending.size() && name.ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The first difference or the error; empty when our Vega equals the expected.
std::string fault(fs::path const& spec_file, fs::path const& expected_file) {
  auto const spec = vega::parse_spec(test::read_file(spec_file.string()));
  if (!spec) return spec.error().message;
  Diagnostics diagnostics;
  auto const compiled = vega::lite::compile(*spec, {}, diagnostics);
  if (!compiled) return compiled.error().message;
  auto const expected = vega::parse_json(test::read_file(expected_file.string()));
  if (!expected) return expected.error().message;
  return test::first_difference(*expected, *compiled).value_or("");
}

}  // namespace

TEST_CASE("Vega-Lite: our fixtures compile to the reference's Vega", "[vega][lite][golden]") {
  std::size_t count = 0;
  for (auto const& entry : fs::directory_iterator(fs::path(CML_SOURCE_DIR) / "fixtures/vega/lite")) {
    auto const spec = entry.path() / "spec.vl.json";
    if (!fs::exists(spec)) continue;
    ++count;
    INFO(entry.path().filename().string());
    CHECK(fault(spec, entry.path() / "expected.vg.json") == "");
  }
  CHECK(count >= 20);
}

TEST_CASE("Vega-Lite: the gallery compiles to the reference's Vega", "[vega][lite][gallery]") {
  auto const* shared = std::getenv("CML_SHARED_DIR");
  if (!shared) {
    WARN("skipped: CML_SHARED_DIR is not set");
    return;
  }
  std::size_t passed = 0, total = 0;
  for (auto const& spec : sorted_files(fs::path(shared) / "gallery/vega-lite", ".vl.json")) {
    auto expected = spec.string();
    expected.replace(expected.size() - 8, 8, ".vg.json");
    ++total;
    auto const difference = fault(spec, expected);
    if (difference.empty())
      ++passed;
    else
      UNSCOPED_INFO(spec.filename().string() + " " + difference);
  }
  INFO(std::to_string(passed) + " of " + std::to_string(total) + " are equal");
  CHECK(passed == total);
}
