// The real binary on specifications: what is printed, what is written, what is refused.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml::test;
namespace fs = std::filesystem;

namespace {

std::string const kBar =
    R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"values":[{"a":"x","b":NaN},{"a":"y","b":3}]},"mark":"bar","encoding":{"x":{"field":"a","type":"nominal"},"y":{"field":"b","type":"quantitative"}}})";

struct Folder {
  void put(std::string const& name, std::string_view text) {
    fs::create_directories((folder.path / name).parent_path());
    std::ofstream(folder.path / name, std::ios::binary) << text;
  }
  std::string get(std::string const& name) {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  CmlRun run(std::vector<std::string> arguments, std::string input = "", std::string program = "cml") {
    return run_cml(std::move(arguments), folder.path, std::move(input), {}, std::move(program));
  }
  TemporaryFolder folder;
};
bool is_png(std::string const& bytes) { return bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"; }
unsigned png_width(std::string const& bytes) {
  return static_cast<unsigned char>(bytes[18]) << 8 | static_cast<unsigned char>(bytes[19]);
}

}  // namespace

TEST_CASE("cli: vl2png writes to standard output or to its second name, and reads pipes", "[cli][vega]") {
  Folder f;
  f.put("bar.json", kBar);
  auto const out = f.run({"bar.json"}, "", "vl2png");
  INFO(out.err);
  REQUIRE(out.exit_code == 0);
  CHECK(is_png(out.out));
  auto const scaled = f.run({"-s", "1.5", "bar.json", "roc.png"}, "", "vl2png");
  REQUIRE(scaled.exit_code == 0);
  CHECK(scaled.out.empty());
  CHECK(png_width(f.get("roc.png")) == static_cast<unsigned>(png_width(out.out) * 1.5));
  auto const piped = f.run({}, kBar, "vl2png");
  CHECK(piped.out == out.out);
  auto const ppi = f.run({"--ppi", "144", "bar.json"}, "", "vl2png");
  CHECK(png_width(ppi.out) == 2 * png_width(out.out));
  CHECK(ppi.out.find("pHYs") != std::string::npos);
}

TEST_CASE("cli: vega-render chooses the format by name or option", "[cli][vega]") {
  Folder f;
  f.put("bar.vl.json", kBar);
  REQUIRE(f.run({"vega-render", "bar.vl.json", "-o", "bar.svg"}).exit_code == 0);
  CHECK(f.get("bar.svg").substr(0, 4) == "<svg");
  REQUIRE(f.run({"vega-render", "--format=vega", "bar.vl.json", "--output", "bar.vg.json"}).exit_code == 0);
  auto const again = f.run({"vega-render", "bar.vg.json"});
  CHECK(again.out == f.run({"vega-render", "bar.vl.json"}).out);
  auto const many = f.run({"vega-render", "bar.vl.json", "bar.vg.json", "--output-dir", "out"});
  CHECK(many.exit_code == 0);
  CHECK(is_png(f.get("out/bar.png")));
  CHECK(f.run({"vega-render", "bar.vl.json", "bar.vg.json"}).err.find("--output-dir") != std::string::npos);
}

TEST_CASE("cli: what cannot be drawn is one line, exit 1 and no file", "[cli][vega]") {
  Folder f;
  f.put("broken.json", "{\n \"mark\": \"bar\",\n \"data\": oops\n}");
  f.put("mark.json", R"({"mark":"blob","data":{"values":[]}})");
  f.put("data.json", R"({"mark":"bar","data":{"url":"gone.csv"},"encoding":{"x":{"field":"a"}}})");
  f.put("outside.json", R"({"mark":"bar","data":{"url":"../../etc/hostname"},"encoding":{"x":{"field":"a"}}})");
  f.put("net.json", R"({"mark":"bar","data":{"url":"https://example.com/a.json"},"encoding":{"x":{"field":"a"}}})");
  struct Row {
    char const* file;
    char const* message;
  };
  for (auto const& row : {Row{"broken.json", "line 3, column 10"}, {"mark.json", "blob"}, {"data.json", "gone.csv"}, {"outside.json", "outside"},
                          {"net.json", "--allow-url"}, {"absent.json", "absent.json"}}) {
    INFO(row.file);
    auto const run = f.run({"vega-render", row.file, "-o", "out.png"});
    INFO(run.err);
    CHECK(run.exit_code != 0);
    CHECK(run.out.empty());
    CHECK(run.err.find(row.message) != std::string::npos);
    std::size_t errors = 0;
    for (std::size_t at = run.err.find("error:"); at != std::string::npos; at = run.err.find("error:", at + 1)) ++errors;
    CHECK(errors == 1);
    CHECK_FALSE(fs::exists(f.folder.path / "out.png"));
  }
}

TEST_CASE("cli: a full disk leaves no partial picture", "[cli][vega]") {
  if (!fs::exists("/dev/full")) return;
  Folder f;
  f.put("bar.json", kBar);
  auto const run = f.run({"vega-render", "bar.json", "-o", "/dev/full"});
  INFO(run.err);
  CHECK(run.exit_code != 0);
  CHECK(run.err.find("/dev/full") != std::string::npos);
  auto const absent = f.run({"vega-render", "bar.json", "-o", "no/such/folder/bar.png"});
  CHECK(absent.exit_code != 0);
  CHECK(absent.err.find("no/such/folder") != std::string::npos);
}
