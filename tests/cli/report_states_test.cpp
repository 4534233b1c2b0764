// A value that is there, one that is absent, and a file that nobody can read are three things: the last one stands in
// the report and in the way of a gate.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Gate {
  CmlRun run;
  json row;  // The first metric.
};

Gate gate(ReportProject& p, std::string const& file, std::string const& threshold,
          std::vector<std::string> more = {"--compare", "main"}) {
  std::vector<std::string> words{"report", "create", "--json", "--metrics", file, "--fail-if", threshold};
  words.insert(words.end(), more.begin(), more.end());
  Gate result{p.run(words), {}};
  INFO(result.run.err);
  INFO(result.run.out);
  auto const parsed = json::parse(result.run.out, nullptr, false);
  REQUIRE(parsed.is_object());
  for (json const& block : parsed["blocks"])
    if (block["kind"] == "metrics" && !block["rows"].empty()) result.row = block["rows"][0];
  return result;
}

std::string pointer_of(std::string const& bytes) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha256_hex(bytes) + "\nsize " +
         std::to_string(bytes.size()) + "\n";
}

constexpr char kOldLoss[] = R"({"loss": 0.5})";
constexpr char kNewLoss[] = R"({"loss": 0.7})";

}  // namespace

TEST_CASE("states: a path from the root is the same file to git", "[cli][report-states]") {
  ReportProject p;
  p.put("sub/metrics.json", kOldLoss);
  p.commit();
  p.put("sub/metrics.json", kNewLoss);
  for (std::string const& path : {std::string("sub/metrics.json"), std::string("./sub/../sub/metrics.json"),
                                  (p.folder.path / "sub/metrics.json").string()}) {
    INFO(path);
    auto const result = gate(p, path, "change(loss) > 0");
    CHECK(result.run.exit_code == 2);
    CHECK(result.row["old"] == 0.5);
  }
  fs::create_directory_symlink(p.folder.path, p.elsewhere.path / "link");
  CHECK(gate(p, (p.elsewhere.path / "link/sub/metrics.json").string(), "change(loss) > 0").row["old"] == 0.5);
}

TEST_CASE("states: a file outside of the repository is not new", "[cli][report-states]") {
  ReportProject p;
  p.put("a.json", kOldLoss);
  p.commit();
  std::string const outside = (p.elsewhere.path / "metrics.json").string();
  fs::copy_file(p.folder.path / "a.json", outside);
  auto const result = gate(p, outside, "change(loss) > 0");
  CHECK(result.run.exit_code == 2);
  CHECK(result.row["old_state"] == "unreadable");
  CHECK(contains(result.run.out, "lies outside the repository"));
}

TEST_CASE("states: objects of Git LFS are read where they are, and are not new where they are not",
          "[cli][report-states]") {
  ReportProject p;
  p.put("metrics.json", pointer_of(kOldLoss));
  p.commit();
  p.put("metrics.json", kNewLoss);
  auto const lost = gate(p, "metrics.json", "change(loss) > 0");
  CHECK(lost.run.exit_code == 2);
  CHECK(lost.row["old_state"] == "unreadable");
  CHECK(contains(lost.run.err, "metrics.json at main: is a pointer of Git LFS"));
  CHECK(gate(p, "metrics.json", "change(loss) > 0", {"--compare", "main", "--allow-missing"}).run.exit_code == 0);
  auto const shown = p.run({"report", "create", "--metrics", "metrics.json", "--compare", "main"});
  CHECK(contains(shown.out, "metrics.json at main: is a pointer of Git LFS"));
  CHECK(contains(shown.out, "| loss | *unreadable* | 0.7 |  |  | ? |"));

  std::string const hash = sha256_hex(kOldLoss);
  std::string const object = ".git/lfs/objects/" + hash.substr(0, 2) + "/" + hash.substr(2, 2) + "/" + hash;
  p.put(object, kOldLoss);
  CHECK(gate(p, "metrics.json", "change(loss) > 0.1").row["old"] == 0.5);
  p.put(object, R"({"loss": 9})");  // Not what its name says.
  CHECK(gate(p, "metrics.json", "change(loss) > 0").row["old_state"] == "unreadable");

  p.put("metrics.json", pointer_of(kNewLoss));  // And in the workspace.
  CHECK(contains(gate(p, "metrics.json", "loss > 1").run.err, "metrics.json: is a pointer of Git LFS"));
  p.put("plot.png", pointer_of("png"));
  auto const picture = p.run({"report", "create", "--image", "plot.png"});
  CHECK(contains(picture.out, "plot.png: is a pointer of Git LFS, not a picture"));
  CHECK_FALSE(contains(picture.out, "]("));
}

TEST_CASE("states: old values of files that DVC keeps come from its cache, checked", "[cli][report-states]") {
  ReportProject p;
  std::string const old_hash = p.md5(kOldLoss), list = R"([{"md5": ")" + old_hash + R"(", "relpath": "m.json"}])",
                    list_hash = p.md5(list);
  p.put("model/dvc.yaml", "stages:\n  train:\n    cmd: x\n    wdir: out\n    metrics: [m.json]\n");
  p.put("model/dvc.lock",
        "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n    - path: m.json\n      hash: md5\n"
        "      md5: " +
            old_hash + "\n      size: 13\n");
  p.put("results.dvc", "outs:\n- md5: " + list_hash + ".dir\n  path: results\n");
  p.put(".gitignore", "m.json\nresults/\n.dvc/cache\n");
  p.put(".dvc/config", "");
  p.commit();
  p.put("model/out/m.json", kNewLoss);
  p.put("results/m.json", kNewLoss);
  auto const lost = gate(p, "model/out/m.json", "change(loss) > 0");
  CHECK(lost.run.exit_code == 2);
  CHECK(lost.row["old_state"] == "unreadable");
  CHECK(contains(lost.run.err, "is kept by DVC (model/dvc.lock), and its content is not in the cache here"));
  // DVC 3's layout and the one before.
  for (std::string const& layout : {std::string(".dvc/cache/files/md5/"), std::string(".dvc/cache/")}) {
    p.put(layout + old_hash.substr(0, 2) + "/" + old_hash.substr(2), kOldLoss);
    p.put(layout + list_hash.substr(0, 2) + "/" + list_hash.substr(2) + ".dir", list);
    auto const found = gate(p, "model/out/m.json", "change(loss) > 0.1");
    CHECK(found.run.exit_code == 2);
    CHECK(found.row["old"] == 0.5);
    CHECK(gate(p, "results/m.json", "change(loss) > 0.1").row["old"] == 0.5);
    p.put(layout + old_hash.substr(0, 2) + "/" + old_hash.substr(2), R"({"loss": 9.0})");
    CHECK(gate(p, "model/out/m.json", "change(loss) > 0").row["old_state"] == "unreadable");
    fs::remove_all(p.folder.path / ".dvc/cache");
  }
  fs::remove(p.folder.path / "model/out/m.json");
  CHECK(contains(gate(p, "model/out/m.json", "loss > 1").run.err, "not checked out here; run dvc pull"));
}

TEST_CASE("states: old values of a submodule's file come from its own objects", "[cli][report-states]") {
  ReportProject library, p;
  library.put("out/metrics.json", kOldLoss);
  library.commit();
  p.put("a.txt", "a");
  p.commit();
  p.git({"-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.folder.path.string(), "libs/sub"});
  p.commit();
  p.put("libs/sub/out/metrics.json", kNewLoss);
  auto const found = gate(p, "libs/sub/out/metrics.json", "change(loss) > 0.1");
  CHECK(found.run.exit_code == 2);
  CHECK(found.row["old"] == 0.5);
  CHECK_FALSE(gate(p, "libs/sub/out/other.json", "loss > 9").row.contains("old_state"));
  fs::remove_all(p.folder.path / ".git/modules");
  auto const lost = gate(p, "libs/sub/out/metrics.json", "change(loss) > 0");
  CHECK(lost.run.exit_code == 2);
  CHECK(contains(lost.run.err, "lies in the submodule libs/sub"));
}

TEST_CASE("states: a comparison that failed stands in the report and stops a gate on changes", "[cli][report-states]") {
  ReportProject p;
  p.put("metrics.json", kNewLoss);
  p.put("broken.json", "{");
  p.commit();
  auto const run =
      p.run({"report", "create", "--metrics", "metrics.json", "--compare", "gone", "--fail-if", "change(loss) > 0"});
  CHECK(run.exit_code == 2);
  CHECK(contains(run.out, "nothing to compare with: \"gone\""));
  CHECK(contains(run.out, "cannot be judged"));
  CHECK(gate(p, "metrics.json", "loss > 1", {"--compare", "gone"}).run.exit_code == 0);
  // A second file that cannot be read may be the one that the threshold is about.
  auto const second = p.run({"report", "create", "--metrics", "metrics.json", "broken.json", "--fail-if", "loss > 1"});
  CHECK(second.exit_code == 2);
  CHECK(p.run({"report", "create", "--metrics", "metrics.json", "broken.json", "--fail-if", "loss > 1",
               "--allow-missing"})
            .exit_code == 0);
  // A file of the repository does not loosen what the line demands.
  p.put("cml.yaml", "report:\n  metrics: [metrics.json, broken.json]\n  allow-missing: true\n");
  CHECK(p.run({"report", "create", "--fail-if", "loss > 1"}).exit_code == 2);
}

TEST_CASE("states: text and what is gone stop a gate, and say so", "[cli][report-states]") {
  ReportProject p;
  p.put("metrics.json", R"({"acc": "0.93", "loss": 1, "note": "x"})");
  p.commit();
  auto const text = gate(p, "metrics.json", "acc < 0.95");
  CHECK(text.run.exit_code == 2);
  CHECK(contains(text.run.err, "acc < 0.95: it is not a number: 0.93"));
  CHECK(gate(p, "metrics.json", "* > 100").run.exit_code == 0);
  p.put("metrics.json", R"({"note": "x"})");
  auto const gone = gate(p, "metrics.json", "change(loss) > 0");
  CHECK(gone.run.exit_code == 2);
  CHECK(contains(gone.run.err, "change(loss) > 0: it is gone"));
}

TEST_CASE("states: what a broken note of DVC may speak of is unreadable, not new", "[cli][report-states]") {
  ReportProject p;
  std::string const hash = p.md5(kOldLoss);
  p.put(".dvc/config", "");
  p.put(".gitignore", "*.json\n.dvc/cache\n");
  p.put("dvc.lock", "stages:\n  train: {outs: [\n<<<<<<< HEAD\n");
  p.put("cloud/m.json.dvc", "outs:\n- path: m.json\n  etag: '0x8DB'\n  size: 13\n");
  p.put("versions.dvc", "outs:\n- path: versions\n  files:\n  - relpath: m.json\n    md5: " + hash +
                            "\n    cloud: {remote: {version_id: abc}}\n");
  p.commit();
  for (std::string const file : {"m.json", "cloud/m.json", "versions/m.json"}) p.put(file, kNewLoss);
  auto const broken = gate(p, "m.json", "change(loss) > 0");
  CHECK(broken.run.exit_code == 2);
  CHECK(broken.row["old_state"] == "unreadable");
  CHECK(contains(broken.run.err, "dvc.lock"));
  auto const unhashed = gate(p, "cloud/m.json", "change(loss) > 0");
  CHECK(unhashed.row["old_state"] == "unreadable");
  CHECK(contains(unhashed.run.err, "is kept by DVC (cloud/m.json.dvc), which notes no MD5 of it"));
  auto const versioned = gate(p, "versions/m.json", "change(loss) > 0");
  CHECK(versioned.row["old_state"] == "unreadable");
  CHECK(contains(versioned.run.err, "is not in the cache here"));
  p.put(".dvc/cache/files/md5/" + hash.substr(0, 2) + "/" + hash.substr(2), kOldLoss);
  CHECK(gate(p, "versions/m.json", "change(loss) > 0").row["old"] == 0.5);
}

TEST_CASE("states: a folder's list in DVC's cache that is broken makes its files unreadable", "[cli][report-states]") {
  for (std::string const& list : {std::string("not json"), std::string(R"({"a": 1})"), std::string(R"([{"md5": 7}])"),
                                  std::string(R"([{"relpath": "m.json", "md5": "short"}])")}) {
    INFO(list);
    ReportProject p;
    std::string const hash = p.md5(list);
    p.put(".dvc/config", "");
    p.put(".gitignore", "results/\n.dvc/cache\n");
    p.put("results.dvc", "outs:\n- md5: " + hash + ".dir\n  path: results\n");
    p.put(".dvc/cache/files/md5/" + hash.substr(0, 2) + "/" + hash.substr(2) + ".dir", list);
    p.commit();
    p.put("results/m.json", kNewLoss);
    CHECK(gate(p, "results/m.json", "change(loss) > 0").row["old_state"] == "unreadable");
  }
}

TEST_CASE("states: a commit's file whose object this clone lacks is unreadable, not new", "[cli][report-states]") {
  for (std::string const lost : {"main:sub/metrics.json", "main:sub", "main^{tree}"}) {
    INFO(lost);
    ReportProject p;
    p.put("sub/metrics.json", kOldLoss);
    p.commit();
    std::string const object = p.git({"rev-parse", lost});
    fs::remove(p.folder.path / ".git/objects" / object.substr(0, 2) / object.substr(2));
    p.put("sub/metrics.json", kNewLoss);
    auto const result = gate(p, "sub/metrics.json", "change(loss) > 0");
    CHECK(result.run.exit_code == 2);
    CHECK(result.row["old_state"] == "unreadable");
  }
}

TEST_CASE("states: a log that ends in the middle of a record meets every gate", "[cli][report-states]") {
  ReportProject p;
  p.put("log.jsonl", "{\"loss\": 0.5}\n{\"loss\": 0.4}\n");
  CHECK(gate(p, "log.jsonl", "loss > 1", {}).run.exit_code == 0);
  p.put("log.jsonl", "{\"loss\": 0.5}\n{\"loss\": 0.4}\n{\"lo");
  auto const cut = gate(p, "log.jsonl", "loss > 1", {});
  CHECK(cut.run.exit_code == 2);
  CHECK(contains(cut.run.out, "the last record, is no JSON"));
  CHECK(gate(p, "log.jsonl", "loss > 1", {"--allow-missing"}).run.exit_code == 0);
  p.commit();
  p.put("log.jsonl", "{\"loss\": 0.5}\n{\"loss\": 0.4}\n");
  CHECK(gate(p, "log.jsonl", "change(loss) > 1").run.exit_code == 2);  // Nobody knows what it was.
  CHECK(gate(p, "log.jsonl", "loss > 1").run.exit_code == 0);
}

TEST_CASE("states: repeats of which some say nothing are told and meet the gate of that metric",
          "[cli][report-states]") {
  ReportProject p;
  for (int seed : {1, 2, 3}) p.put("s" + std::to_string(seed) + ".json", R"({"acc": 0.9, "loss": 0.5})");
  p.put("s3.json", R"({"acc": 0.9, "loss": null})");
  auto const run = [&](std::string const& threshold) {
    return p.run({"report", "create", "--repeats", "s*.json", "--fail-if", threshold});
  };
  auto const lost = run("loss > 1");
  CHECK(lost.exit_code == 2);
  CHECK(contains(lost.out, "loss is a number in 2 of 3 runs, whose mean is shown"));
  CHECK(run("acc < 0.5").exit_code == 0);
}

TEST_CASE("states: a file that a further revision has and nobody can read is not empty there", "[cli][report-states]") {
  ReportProject p;
  p.put("metrics.json", pointer_of("x"));
  p.commit();
  p.git({"tag", "old"});
  p.put("metrics.json", kOldLoss);
  p.commit();
  p.put("metrics.json", kNewLoss);
  auto const run = p.run({"report", "create", "--metrics", "metrics.json", "--compare", "main", "--compare", "old"});
  INFO(run.err);
  CHECK(contains(run.out, "| loss | 0.5 | *unreadable* | **0.7** |"));
}

TEST_CASE("states: a folder that DVC keeps is read from its cache, file by file", "[cli][report-states]") {
  ReportProject p;
  std::string const hash = p.md5(kOldLoss), series = "step\tacc\n0\t0.25\n1\t0.5\n", series_hash = p.md5(series),
                    list = R"([{"md5": ")" + hash + R"(", "relpath": "metrics.json"}, {"md5": ")" + series_hash +
                           R"(", "relpath": "plots/metrics/acc.tsv"}])",
                    list_hash = p.md5(list);
  auto const cache = [&](std::string const& of, std::string const& bytes, std::string const& end = "") {
    p.put(".dvc/cache/files/md5/" + of.substr(0, 2) + "/" + of.substr(2) + end, bytes);
  };
  p.put("dvclive.dvc", "outs:\n- md5: " + list_hash + ".dir\n  path: dvclive\n");
  p.put(".gitignore", "dvclive/\n.dvc/cache\n");
  p.put(".dvc/config", "");
  p.commit();
  p.put("dvclive/metrics.json", kNewLoss);
  p.put("dvclive/plots/metrics/acc.tsv", series);
  auto const shown = [&] {
    return p.run(
        {"report", "create", "--compare", "main", "--metrics", "dvclive", "--plot", "dvclive:y=acc", "--json"});
  };
  auto const lost = shown();
  CHECK(contains(lost.out, "\"old_state\":\"unreadable\""));
  CHECK(contains(lost.err, "is kept by DVC (dvclive.dvc)"));
  cache(list_hash, list, ".dir");
  cache(hash, kOldLoss);
  cache(series_hash, series);
  auto const found = shown();
  INFO(found.err);
  json const report = json::parse(found.out);
  CHECK(report["blocks"][0]["rows"][0]["old"] == 0.5);
  CHECK(contains(report["blocks"][1]["spec"].dump(), "\"rev\":\"main\""));
  // A list that leads out of its folder, though its hash is right.
  std::string const bad = R"([{"md5": ")" + hash + R"(", "relpath": "../x.json"}])", bad_hash = p.md5(bad);
  p.put("dvclive.dvc", "outs:\n- md5: " + bad_hash + ".dir\n  path: dvclive\n");
  p.commit();
  cache(bad_hash, bad, ".dir");
  CHECK(contains(shown().out, "unreadable"));
}
