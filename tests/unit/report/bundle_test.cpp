#include "report/bundle.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/bundle_manifest.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

std::string const kPngBytes = "\x89PNG\r\n\x1a\n-picture";

Bundle sample() {
  Bundle bundle;
  bundle.mode = PostMode::Update;
  bundle.oversize = Oversize::Split;
  bundle.title = "net \xC3\xBC";
  bundle.commit = std::string(40, 'a');
  bundle.pull_request = 7;
  std::string const sha = sha256_hex(kPngBytes);
  bundle.pictures = {{sha + ".png", "image/png", kPngBytes, sha}};
  bundle.report = "![Loss](" + sha + ".png)\n";
  return bundle;
}

json manifest() { return json::parse(manifest_text(sample())); }

std::string fault_of(json const& value) {
  auto const parsed = parse_manifest(value.dump());
  return parsed ? "" : parsed.error().message;
}

Door door_of(MemoryFileSystem& files) {
  DoorRules rules;
  rules.root = "/project";
  rules.git_folders = {"/project/.git"};
  return Door(files, rules);
}

}  // namespace

TEST_CASE("bundle: what is written is read again", "[report][bundle]") {
  MemoryFileSystem files;
  Door const door = door_of(files);
  REQUIRE(write_bundle(door, "out/bundle", sample()));
  auto const read = read_bundle(door, "out/bundle");
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  CHECK(read->mode == PostMode::Update);
  CHECK(read->oversize == Oversize::Split);
  CHECK(read->title == sample().title);
  CHECK(read->commit == sample().commit);
  CHECK(read->pull_request == 7);
  CHECK(read->report == sample().report);
  REQUIRE(read->pictures.size() == 1);
  CHECK(read->pictures[0].bytes == kPngBytes);
  CHECK(write_bundle(door, "out/bundle", sample()).error().message ==
        "the folder out/bundle is not empty; name a new one for --bundle");
  CHECK(read_bundle(door, "none").error().kind == ErrorKind::Usage);
  CHECK(read_bundle(door, ".git").error().kind != ErrorKind::BadInput);
}

TEST_CASE("bundle: a manifest that is not exactly as it has to be is refused", "[report][bundle][security]") {
  CHECK(fault_of(manifest()).empty());
  struct Row {
    std::string path;
    json value;
    std::string fault;
  };
  std::string const sha = sha256_hex(kPngBytes);
  for (Row const& row : std::vector<Row>{
           {"/version", 2, "version 2 is unknown; this cml reads version 1, so both jobs need the same cml"},
           {"/version", "1", "version is not a whole number"},
           {"/mode", "merge", "mode: \"merge\" is not one of"},
           {"/mode", json::array(), "mode is not a text"},
           {"/on_oversize", "keep", "on_oversize: \"keep\" is not one of"},
           {"/title", std::string(301, 'x'), "title is longer than 300 bytes"},
           {"/title", "a\nb", "title holds characters that are no text"},
           {"/title",
            "a\xE2\x80\xAE"
            "b",
            "title holds characters that are no text"},
           {"/target", "pr/-1", "--target \"pr/-1\" has no number"},
           {"/commit", "HEAD", "commit is not a SHA"},
           {"/pull_request", -1, "pull_request is not a number from 0"},
           {"/pull_request", 1.5, "pull_request is not a whole number"},
           {"/report/bytes", 5'000'000, "report: bytes is not a number from 0 to 4194304"},
           {"/report/sha256", "abc", "report: sha256 is not a SHA-256"},
           {"/report/name", "x", "report: unknown key \"name\""},
           {"/token", "x", "unknown key \"token\""},
           {"/files", json::object(), "files is not a list"},
           {"/files/0/name", "../../etc/passwd", "file 1: name is not the file's SHA-256"},
           {"/files/0/name", "/etc/passwd", "file 1: name is not the file's SHA-256"},
           {"/files/0/name", sha + ".svg", "file 1: name is not the file's SHA-256"},
           {"/files/0/type", "image/svg+xml", "file 1: type is not image/png"},
           {"/files/0/sha256", std::string(64, 'G'), "file 1: sha256 is not a SHA-256"},
           {"/files/0/bytes", 100u << 20, "file 1: bytes is not a number from 0 to 10485760"},
           {"/files/0", 7, "file 1 is not an object"},
           {"/files/0/extra", 1, "file 1: unknown key \"extra\""}}) {
    json value = manifest();
    value[json::json_pointer(row.path)] = row.value;
    INFO(row.path << " " << row.value.dump(-1, ' ', true, json::error_handler_t::replace));
    std::string const fault = fault_of(value);
    INFO(fault);
    CHECK(fault.starts_with("bundle.json: " + row.fault));
  }
  for (char const* key : {"version", "mode", "on_oversize", "title", "target", "commit", "report", "files"}) {
    json value = manifest();
    value.erase(key);
    INFO(key);
    CHECK(contains(fault_of(value), key));
  }
  json many = manifest(), twice = manifest();
  for (int i = 0; i < 201; ++i) many["files"].push_back(many["files"][0]);
  CHECK(fault_of(many) == "bundle.json: more than 200 files");
  twice["files"].push_back(twice["files"][0]);
  CHECK(fault_of(twice) == "bundle.json: file 2 is there twice");
  std::string const text = manifest_text(sample());
  for (auto const& [bad, fault] : std::vector<std::pair<std::string, std::string>>{
           {"", "not valid JSON"},
           {"[]", "not a JSON object"},
           {text + "x", "not valid JSON"},
           {text.substr(0, text.size() / 2), "not valid JSON"},
           {"{\"version\": 1, \"version\": 1}", "the key \"version\" is there twice"},
           {"{\"a\": " + std::string(50'000, '[') + std::string(50'000, ']') + "}", "it is nested too deeply"},
           {std::string(100'000, '{'), "not valid JSON"},
           {"{\"version\": 1e999}", "not valid JSON"}}) {
    auto const parsed = parse_manifest(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == "bundle.json: " + fault);
  }
}

TEST_CASE("bundle: pictures alone are bundled, each once, within the limits", "[report][bundle]") {
  MemoryFileSystem files;
  Door const door = door_of(files);
  files.put("/project/a.png", kPngBytes);
  files.put("/project/b.png", kPngBytes);
  files.put("/project/c.svg", "<svg/>");
  files.put("/project/log.txt", "log");
  PublishRequest request;
  std::string const report = "![a](a.png) ![b](b.png) ![c](c.svg) [log](log.txt)\n";
  request.markdown = report;
  request.folder = "/project";
  request.door = &door;
  Diagnostics diagnostics;
  Publication const publication = Publication::prepare(request, diagnostics);
  Bundle bundle;
  put_into(bundle, publication, diagnostics);
  std::string const name = sha256_hex(kPngBytes) + ".png";
  REQUIRE(bundle.pictures.size() == 1);
  CHECK(bundle.pictures[0].name == name);
  CHECK(bundle.report == "![a](" + name + ") ![b](" + name + ") *c* [log](log.txt)\n");
  REQUIRE(diagnostics.warnings().size() == 2);
  CHECK(line_of(diagnostics.warnings()[0]) == "c.svg is not in the bundle: only PNG, JPEG, GIF and WebP pictures are");
}

TEST_CASE("bundle: a picture that finds no place leaves its words, which are no markup", "[report][bundle][security]") {
  std::vector<AssetFile> const given{{"a.png", "image/png", kPngBytes, sha256_hex(kPngBytes)}};
  PublishRequest request;
  request.given = &given;
  std::string const report =
      "![Loss](a.png) ![&lt;img src=https://evil.test/x.png&gt;](a.png) ![other](b.png) [link](a.png)\n\n"
      "<p><img src=\"a.png\" alt=\"&lt;img src=https://evil.test/x.png&gt;\"></p>\n";
  request.markdown = report;
  Diagnostics diagnostics;
  Publication const publication = Publication::prepare(request, diagnostics);
  REQUIRE(publication.files().size() == 1);
  CHECK(publication.markdown({"u"}) ==
        "![Loss](u) ![&lt;img src=https://evil.test/x.png&gt;](u) ![other](b.png) [link](a.png)\n\n"
        "<p><img src=\"u\" alt=\"&lt;img src=https://evil.test/x.png&gt;\"></p>\n");
  std::string const without = publication.markdown_without_files();
  CHECK(contains(without, "*Loss*"));
  CHECK_FALSE(contains(without, "<img"));
}

TEST_CASE("bundle: pictures are known by their first bytes", "[report][bundle]") {
  CHECK(picture_type(kPngBytes) == "image/png");
  CHECK(picture_type("\xFF\xD8\xFF\xE0") == "image/jpeg");
  CHECK(picture_type("GIF89a") == "image/gif");
  CHECK(picture_type("RIFF....WEBPVP8 ") == "image/webp");
  for (char const* other : {"", "<svg/>", "RIFF....WAVE", "GIF88a", "%PDF-1.7", "\x89PNG"})
    CHECK(picture_type(other).empty());
}
