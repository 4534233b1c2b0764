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
    R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"values":[{"a":"x","b":NaN},)"
    R"({"a":"y","b":3}]},"mark":"bar","encoding":{"x":{"field":"a","type":"nominal"},"y":{"field":"b",)"
    R"("type":"quantitative"}}})";

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
  f.put("line.vg.json", f.get("bar.vg.json"));
  auto const many = f.run({"vega-render", "bar.vl.json", "line.vg.json", "--output-dir", "out"});
  CHECK(many.exit_code == 0);
  CHECK(is_png(f.get("out/bar.png")));
  CHECK(f.get("out/line.png") == f.get("out/bar.png"));
  CHECK(f.run({"vega-render", "bar.vl.json", "bar.vg.json"}).err.find("--output-dir") != std::string::npos);
  for (char const* name : {"bar.gif", "bar.webp", "bar.eps"}) {
    auto const other = f.run({"vega-render", "bar.vl.json", "-o", name});
    CHECK(other.exit_code != 0);
    CHECK(other.err.find("known: .png, .svg") != std::string::npos);
    CHECK(f.get(name).empty());
  }
}

TEST_CASE("cli: vega-render draws many inputs the same by one thread and by several, and tells of them in their order",
          "[cli][vega]") {
  Folder f;
  f.put("rows.csv", "a,b\nx,1\ny,2\nz,3\n");
  std::vector<std::string> one{"vega-render", "--jobs", "1", "--output-dir", "one"},
      several{"vega-render", "--jobs=3", "--output-dir", "several"};
  for (int i = 0; i < 12; ++i) {
    auto const name = "chart" + std::to_string(i) + ".vl.json";
    bool const broken = i % 4 == 3;
    f.put(name, broken ? "{\"mark\": \"nothing\"}"
                       : R"({"mark":"bar","data":{"url":"rows.csv"},"encoding":{"x":{"field":"a"},"y":{"field":"b",)"
                         R"("type":"quantitative","title":"t)" +
                             std::to_string(i) + "\"}}}");
    one.push_back(name);
    several.push_back(name);
  }
  auto const slow = f.run(one), fast = f.run(several);
  CHECK(slow.exit_code == 1);
  CHECK(fast.exit_code == 1);
  CHECK(slow.err == fast.err);
  CHECK(slow.err.find("3 of 12") != std::string::npos);
  CHECK(slow.err.find("chart3") < slow.err.find("chart7"));
  for (int i = 0; i < 12; ++i) {
    auto const name = "chart" + std::to_string(i) + ".png";
    if (i % 4 == 3) continue;
    CHECK(is_png(f.get("one/" + name)));
    CHECK(f.get("one/" + name) == f.get("several/" + name));
  }
}

TEST_CASE("cli: two inputs that would be written to one file are refused before anything is drawn", "[cli][vega]") {
  Folder f;
  f.put("bar.vl.json", kBar);
  f.put("bar.json", kBar);
  auto const result = f.run({"vega-render", "bar.vl.json", "bar.json", "--output-dir", "out"});
  CHECK(result.exit_code == 1);
  CHECK(result.err.find("would both be written to out/bar.png") != std::string::npos);
  CHECK(f.get("out/bar.png").empty());
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
  for (auto const& row : {Row{"broken.json", "line 3, column 10"},
                          {"mark.json", "blob"},
                          {"data.json", "gone.csv"},
                          {"outside.json", "outside"},
                          {"net.json", "--allow-url"},
                          {"absent.json", "absent.json"}}) {
    INFO(row.file);
    auto const run = f.run({"vega-render", row.file, "-o", "out.png"});
    INFO(run.err);
    CHECK(run.exit_code != 0);
    CHECK(run.out.empty());
    CHECK(run.err.find(row.message) != std::string::npos);
    std::size_t errors = 0;
    for (std::size_t at = run.err.find("error:"); at != std::string::npos; at = run.err.find("error:", at + 1))
      ++errors;
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

TEST_CASE("cli: hostile specifications end in an error that names the place, in bounded memory") {
  std::string nested, closing, flat;
  for (int i = 0; i < 100000; ++i) nested += R"({"type":"group","marks":[)", closing += "]}";
  for (int i = 0; i < 200001; ++i) flat += (i ? "," : "") + std::string(R"({"type":"group"})");
  struct {
    char const* name;
    std::string spec;
    char const* error;
  } const cases[] = {
      {"signals",
       R"({"signals":[{"name":"a","update":"b+1"},{"name":"b","update":"a+1"}],"marks":[{"type":"rect",)"
       R"("encode":{"enter":{"x":{"signal":"a"}}}}]})",
       "signal \"a\" depends on itself"},
      {"scales",
       R"({"width":9,"scales":[{"name":"s","domain":{"signal":"[0,scale('s',1)]"},"range":"width"}],)"
       R"("axes":[{"orient":"bottom","scale":"s"}]})",
       "scale \"s\" depends on itself"},
      {"data",
       R"({"data":[{"name":"a","source":"b"},{"name":"b","source":"a"}],"marks":[{"type":"rect",)"
       R"("from":{"data":"a"}}]})",
       "dataset \"a\" depends on itself"},
      {"transform",
       R"({"data":[{"name":"a","values":[],"transform":[{"type":"frobnicate"}]}],"marks":[{"type":"rect",)"
       R"("from":{"data":"a"}}]})",
       "$.data[0].transform[0]: unknown transform \"frobnicate\""},
      {"width", R"({"width":1e9,"height":10,"marks":[]})", "$.width: must be a number below"},
      {"nested groups", R"({"width":9,"marks":[)" + nested + closing + "]}", "nested deeper than 512"},
      {"many groups", R"({"width":9,"marks":[)" + flat + "]}", "over the budget of one drawing"},
      {"a sequence",
       R"({"data":[{"name":"s","transform":[{"type":"sequence","start":0,"stop":1e12}]}],)"
       R"("marks":[{"type":"rect","from":{"data":"s"}}]})",
       "ten million"},
      {"a backtracking pattern",
       R"json({"signals":[{"name":"a","update":"test(/(a+)+$/, pad('',40,'a')+'b')"}],"marks":[{"type":"text",)json"
       R"json("encode":{"enter":{"text":{"signal":"a"}}}}]})json",
       "too many steps"},
      {"invalid UTF-8", "{\"mark\":\"bar\",\"data\":{\"values\":[{\"a\":\"\xff\xfe\"}]}}", "malformed JSON at line 1"},
      {"another host", R"({"data":{"url":"https://example.com/x.csv"},"mark":"bar","encoding":{"x":{"field":"a"}}})",
       "--allow-url"},
  };
  Folder folder;
  for (auto const& example : cases) {
    INFO(example.name);
    auto const result = folder.run({"vega-render", "-", "-o", "out.png"}, example.spec);
    CHECK(result.exit_code != 0);
    CHECK(result.err.find(example.error) != std::string::npos);
    CHECK(result.err.find('\n') == result.err.size() - 1);
    CHECK(folder.get("out.png").empty());
  }
  auto const nan = folder.run(
      {"vega-render", "-", "-o", "nan.png"},
      R"({"width":NaN,"data":{"values":[{"a":NaN,"b":Infinity},{"a":-Infinity,"b":NaN}]},"mark":{"type":"line",)"
      R"("point":true},"encoding":{"x":{"field":"a","type":"quantitative"},"y":{"field":"b",)"
      R"("type":"quantitative"},"size":{"field":"a","type":"quantitative"}}})");
  CHECK(nan.exit_code == 0);
}
