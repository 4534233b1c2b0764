// Every reader, over files in the documented formats of the tools that write them.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/reader.hpp"
#include "metrics/trees.hpp"
#include "platform/disk_file_system.hpp"
#include "report/compose/sources.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using namespace cml::metrics;

namespace {

std::string shown(std::vector<Metric> const& metrics) {
  std::string text;
  for (Metric const& metric : metrics) text += (text.empty() ? "" : "; ") + metric.name + "=" + to_python(metric.value);
  return text;
}

// A file in memory, read under this name.
std::string read_text(std::string const& name, std::string bytes, Limits const& limits = {}) {
  MemoryFileSystem files;
  files.put("/project/" + name, std::move(bytes));
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  auto const document = read_document(source, name, limits);
  return document ? shown(document->metrics) : "error: " + document.error().message;
}

Document read_fixture(std::string const& path) {
  DiskFileSystem files;
  Door const door(files, {.root = CML_SOURCE_DIR "/fixtures/report"});
  report::DiskSource source(door, CML_SOURCE_DIR "/fixtures/report");
  auto document = read_document(source, path);
  INFO((document ? "" : document.error().message));
  REQUIRE(document);
  return std::move(*document);
}

}  // namespace

TEST_CASE("metrics: JSON, YAML and TOML say the same", "[metrics]") {
  std::string const same = "accuracy=0.9; train.loss=1e-05; train.epochs=10; ok=True; note=x; list=[1, 'a', None]";
  CHECK(
      read_text("m.json",
                R"({"accuracy": 0.9, "train": {"loss": 1e-05, "epochs": 10}, "ok": true, "note": "x", "list": [1, "a",)"
                R"( null]})") == same);
  CHECK(read_text("m.yaml",
                  "accuracy: 0.9\ntrain:\n  loss: 1.0e-5\n  epochs: 10\nok: true\nnote: x\nlist: [1, a, null]\n") ==
        same);
  CHECK(read_text("m.toml", "accuracy = 0.9\nok = true\nnote = \"x\"\n[train]\nloss = 1e-5\nepochs = 10\n") ==
        "accuracy=0.9; ok=True; note=x; train.loss=1e-05; train.epochs=10");
  CHECK(read_text("m.toml", "d = 2026-01-02\n") == "d=2026-01-02");
  CHECK(read_text("unnamed", R"({"a": 1.0})") == "a=1.0");  // By its content.
  CHECK(read_text("m.json", "0.5") == "value=0.5");
}

TEST_CASE("metrics: NaN and Infinity are read as Python writes them, and strings of that name stay strings",
          "[metrics]") {
  CHECK(read_text("m.json", R"({"a": NaN, "b": -Infinity, "c": Infinity, "d": "NaN, Infinity \" NaN"})") ==
        "a=nan; b=-inf; c=inf; d=NaN, Infinity \" NaN");
  CHECK(read_text("m.yaml", "a: .nan\nb: -.inf\nc: 'NaN'\n") == "a=nan; b=-inf; c=NaN");
  CHECK(read_text("m.csv", "loss\nnan\n") == "loss=nan");
}

TEST_CASE("metrics: whole numbers keep 64 bits, larger ones become floating", "[metrics]") {
  CHECK(read_text("m.json", R"({"a": 9007199254740993, "b": 1.0, "c": 18446744073709551615})") ==
        "a=9007199254740993; b=1.0; c=1.8446744073709552e+19");
}

TEST_CASE("metrics: YAML anchors, merge keys and quoted scalars", "[metrics]") {
  CHECK(read_text("p.yaml",
                  "base: &b\n  lr: 0.1\n  name: '1'\nfine:\n  <<: *b\n  lr: 0.2\nhex: 0x10\nempty:\nno: no\n") ==
        "base.lr=0.1; base.name=1; fine.lr=0.2; fine.name=1; hex=16; empty=None; no=no");
}

TEST_CASE("metrics: training logs give the last value of each column", "[metrics]") {
  CHECK(shown(read_fixture("keras.csv").metrics) ==
        "epoch=1; accuracy=0.88; loss=0.33; val_accuracy=0.87; val_loss=0.37");
  CHECK(shown(read_fixture("lightning.csv").metrics) == "epoch=1; step=199; train_loss=0.6; val_acc=0.83");
  CHECK(read_text("m.tsv", "step\tloss\n0\t1\n1\t0.5\n") == "step=1; loss=0.5");
  CHECK(read_text("m.csv", "metric,value\nauc,0.9\nf1,0.8\n") == "auc=0.9; f1=0.8");
  CHECK(read_text("m.json", R"([{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 0.5}])") == "epoch=1; loss=0.5");
  CHECK(read_text("metrics.txt", "Training done\nAccuracy: 0.871\nlog loss = 1.5\n# x: 1\n") ==
        "Accuracy=0.871; log loss=1.5");
}

TEST_CASE("metrics: classification_report's dict is metrics and a table", "[metrics]") {
  Document const report = read_fixture("classification_report.json");
  CHECK(report.format == "classification report");
  CHECK(contains(shown(report.metrics), "macro avg.f1-score=0.9825"));
  REQUIRE(report.tables.size() == 1);
  CHECK(report.tables[0].rows() == 5);
  CHECK(to_python(report.tables[0].column("class")->at(2)) == "accuracy");
  CHECK(to_python(report.tables[0].column("f1-score")->at(2)) == "0.974");
  CHECK(is_null(report.tables[0].column("precision")->at(2)));
}

TEST_CASE("metrics: classification reports may stand under a key", "[metrics]") {
  MemoryFileSystem files;
  std::string const row = R"({"precision": 0.5, "recall": 0.5, "f1-score": 0.5, "support": 10})";
  files.put("/project/m.json",
            R"({"auc": 0.9, "test": {"report": {"cat": )" + row + R"(, "accuracy": 0.5, "macro avg": )" + row + "}}}");
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  auto const document = read_document(source, "m.json");
  REQUIRE(document);
  REQUIRE(document->tables.size() == 1);
  CHECK(document->tables[0].name == "test.report");
  CHECK(document->tables[0].rows() == 3);
  CHECK(contains(shown(document->metrics), "auc=0.9; test.report.cat.precision=0.5"));
}

TEST_CASE("metrics: JUnit counts test cases and lists those that failed", "[metrics]") {
  Document const junit = read_fixture("junit.xml");
  CHECK(shown(junit.metrics) == "tests=5; passed=2; failed=1; errors=1; skipped=1; seconds=1.0");
  REQUIRE(junit.tables.size() == 1);
  CHECK(to_python(junit.tables[0].column("test")->at(0)) == "tests.test_model.test_accuracy");
  CHECK(to_python(junit.tables[0].column("message")->at(0)) == "assert 0.86 > 0.9");
  CHECK(read_text("x.xml", "<html/>") ==
        "error: x.xml: as XML: begins with <html>; known are test results (JUnit, NUnit, xUnit, TRX) and coverage "
        "(Cobertura, Clover, JaCoCo)");
}

TEST_CASE("metrics: TensorBoard's scalars of both generations, by run, a cut record ends the file", "[metrics]") {
  Document const board = read_fixture("tensorboard");
  CHECK(shown(board.metrics) ==
        "train/accuracy=0.949999988079071; train/loss=0.10000000149011612; validation/epoch_loss=0.20000000298023224");
  REQUIRE(board.tables.size() == 3);
  Records const& loss = board.tables[1];
  CHECK(loss.name == "train/loss");
  CHECK(loss.rows() == 10);
  CHECK(to_python(loss.columns[0].at(9)) == "9");
  Document const one = read_fixture("tensorboard/train/events.out.tfevents.1700000000.machine");
  CHECK(one.metrics.size() == 2);
}

TEST_CASE("metrics: a damaged TensorBoard file is told from a wrong one", "[metrics]") {
  DiskFileSystem disk;
  auto bytes =
      disk.read(CML_SOURCE_DIR "/fixtures/report/tensorboard/train/events.out.tfevents.1700000000.machine", 1u << 20);
  REQUIRE(bytes);
  std::string damaged = *bytes;
  damaged[damaged.size() - 8] ^= 1;
  auto const result = read_event_file(damaged, {});
  REQUIRE(result);
  REQUIRE(result->notes.size() == 1);
  CHECK(contains(result->notes[0], "record 11 has a wrong checksum"));
  CHECK(result->tables[0].rows() == 9);  // Of ten, what stands before the damage.
  // In a folder one bad file does not hide the others, and one that has just been made says nothing yet.
  MemoryFileSystem files;
  files.put("/project/logs/events.out.tfevents.1.a", *bytes);
  files.put("/project/logs/events.out.tfevents.2.a", "");
  files.put("/project/logs/events.out.tfevents.3.a", std::string(64, 'x'));
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  auto const folder = read_document(source, "logs");
  REQUIRE(folder);
  CHECK(folder->metrics.size() == 2);
  REQUIRE(folder->notes.size() == 1);
  CHECK(contains(folder->notes[0], "logs/events.out.tfevents.3.a: is not a TensorBoard event file"));
  CHECK(read_text("events.out.tfevents.1", std::string(64, 'x')) ==
        "error: events.out.tfevents.1: as TensorBoard: is not a TensorBoard event file (its first record has a wrong "
        "checksum)");
}

TEST_CASE("metrics: MLflow's newest run, its parameters and histories", "[metrics]") {
  Document const runs = read_fixture("mlruns");
  CHECK(runs.format == "MLflow");
  CHECK(shown(runs.metrics) == "accuracy=0.79; train/loss=0.15");
  CHECK(shown(*runs.params) == "lr=0.15000000000000002; optimizer=adam");
  CHECK(runs.remarks[0] == "run wider of 3, the newest; RUN in \"FOLDER:RUN\" chooses another");
  REQUIRE(runs.overview);
  CHECK(runs.overview->rows() == 3);
  CHECK(to_python(runs.overview->column("run")->at(0)) == "wider");
  CHECK(to_python(runs.overview->column("accuracy")->at(0)) == "0.79");
  REQUIRE(runs.tables.size() == 2);
  CHECK(runs.tables[1].name == "train/loss");
  CHECK(runs.tables[1].rows() == 5);
  Document const first = read_fixture("mlruns/0/0123456789abcdef0123456789abcdef/../0123456789abcdef0123456789abcdef");
  CHECK(contains(shown(first.metrics), "accuracy=0.74"));
  // By the run's name (the newest of that name), its id, the experiment, or both.
  for (auto const& [choice, accuracy] : {std::pair{"baseline", "0.74"},
                                         {"wider", "0.79"},
                                         {"0123456", "0.74"},
                                         {"team/nightly", "0.84"},
                                         {"team/nightly/baseline", "0.84"},
                                         {"1/aaaab", "0.84"},
                                         {"Default", "0.79"}}) {
    INFO(choice);
    CHECK(contains(shown(read_fixture(std::string("mlruns:") + choice).metrics), std::string("accuracy=") + accuracy));
  }
  DiskFileSystem files;
  Door const door(files, {.root = CML_SOURCE_DIR "/fixtures/report"});
  report::DiskSource source(door, CML_SOURCE_DIR "/fixtures/report");
  CHECK(read_document(source, "mlruns:widest").error().message ==
        "mlruns:widest: has no run \"widest\"; there are Default/baseline, Default/wider, team/nightly/baseline");
  CHECK(contains(read_document(source, "dvclive:x").error().message,
                 "is not an MLflow store, where \":x\" would be a run"));
  CHECK(contains(read_document(source, "nowhere:x").error().message, "no such file"));
}

TEST_CASE("metrics: MLflow's deleted runs, other things with a meta.yaml, and steps out of order", "[metrics]") {
  MemoryFileSystem files;
  auto const put = [&](std::string const& name, std::string bytes) {
    files.put("/project/out/metrics/mlruns/" + name, std::move(bytes));
  };  // Its folder's name says nothing.
  put("1/meta.yaml", "experiment_id: '1'\nname: exp\n");
  put("1/aaaa1111/meta.yaml", "run_name: kept\nlifecycle_stage: active\nstart_time: 10\n");
  put("1/aaaa1111/metrics/loss", "1 0.5 0\n3 0.1 2\n2 0.3 1\n");
  put("1/aaaa1111/metrics/metrics/deep/acc", "1 0.9 0\n");
  put("1/aaaa1111/metrics/broken", "no numbers\n");
  put("1/aaaa1111/params/model/depth", "4");
  put("1/aaaa1111/artifacts/metrics/x.json", "{}");
  put("1/bbbb2222/meta.yaml", "run_name: gone\nlifecycle_stage: deleted\nstart_time: 99\n");
  put("1/bbbb2222/metrics/loss", "1 9 0\n");
  put(".trash/1/cccc3333/meta.yaml", "run_name: bin\nstart_time: 99\n");
  put(".trash/1/cccc3333/metrics/loss", "1 8 0\n");
  put("1/models/m-1/meta.yaml", "model_id: m-1\n");
  put("1/models/m-1/metrics/loss", "1 7 0\n");
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  auto const document = read_document(source, "out/metrics/mlruns");
  INFO((document ? "" : document.error().message));
  REQUIRE(document);
  CHECK(shown(document->metrics) == "loss=0.1; metrics/deep/acc=0.9");
  CHECK(shown(*document->params) == "model/depth=4");
  REQUIRE(document->notes.size() == 1);
  CHECK(contains(document->notes[0], "aaaa1111/metrics/broken: line 1 is not \"time value step\""));
  CHECK(read_document(source, "out/metrics/mlruns:gone").error().message ==
        "out/metrics/mlruns:gone: has no run \"gone\"; there are exp/kept");
}

TEST_CASE("metrics: what scripts print: pairs, units, several on a line, the last of an epoch's", "[metrics]") {
  CHECK(read_text("m.txt", "Accuracy: 0.871") == "Accuracy=0.871");
  CHECK(read_text("m.txt", "# run 7\nloss 0.21\nepochs = 3\n") == "loss=0.21; epochs=3");
  CHECK(read_text("m.txt", "Accuracy = 0.96, macro F1 = 0.93.\n") == "Accuracy=0.96; macro F1=0.93");
  CHECK(read_text("m.txt", "loss: 0.9 - acc: 0.5\nloss: 0.4 - acc: 0.8\n") == "loss=0.4; acc=0.8");
  CHECK(read_text("m.txt", "Test variance: 30.9%\nTime: 412.7 seconds\nBest: 87.5% (epoch 9)\nROUGE-L: 0.31 ✅\n") ==
        "Test variance (%)=30.9; Time (seconds)=412.7; Best (%)=87.5; ROUGE-L=0.31");
  CHECK(read_text("m.txt", "train - loss: 0.3\n") == "train - loss=0.3");
  CHECK(contains(read_text("m.txt", "took: 5 of 10 steps\nsee http://x\n= 3\n"), "no metrics found"));
}

TEST_CASE("metrics: scikit-learn's classification report as it is printed", "[metrics]") {
  std::string const printed =
      "              precision    recall  f1-score   support\n\n           0       0.97      0.99      0.98       "
      "980\n     class 1       0.98      0.99      0.99      1135\n\n"
      "    accuracy                           0.97      2115\n   macro avg       0.98      0.99      0.98      2115\n";
  CHECK(read_text("report.txt", printed) ==
        "0.precision=0.97; 0.recall=0.99; 0.f1-score=0.98; 0.support=980; class 1.precision=0.98; class 1.recall=0.99; "
        "class 1.f1-score=0.99; class 1.support=1135; "
        "accuracy=0.97; macro avg.precision=0.98; macro avg.recall=0.99; macro avg.f1-score=0.98; macro "
        "avg.support=2115");
  CHECK(contains(read_text("report.txt", "precision recall f1-score support\nnothing\n"), "no metrics found"));
}

TEST_CASE("metrics: DVCLive's folder", "[metrics]") {
  Document const live = read_fixture("dvclive");
  CHECK(shown(live.metrics) == "train.acc=0.91; val_loss=0.33; step=4");
  REQUIRE(live.tables.size() == 2);
  CHECK(live.tables[0].name == "train/acc");
  CHECK(live.tables[0].column("train/acc") != nullptr);
}

TEST_CASE("metrics: dvc.yaml names files, dvc.lock holds parameters", "[metrics]") {
  DiskFileSystem disk;
  auto const text = disk.read(CML_SOURCE_DIR "/fixtures/report/dvc.yaml", 1u << 20);
  REQUIRE(text);
  auto const files = read_dvc_yaml(*text);
  REQUIRE(files);
  CHECK(files->metrics == std::vector<std::string>{"metrics.json", "evaluation/scores.json"});
  CHECK(files->params == std::vector<std::string>{"params.yaml", "config.yaml"});
  REQUIRE(files->plots.size() == 3);
  CHECK(files->plots[0].template_name == "pr");
  CHECK(files->plots[2].path == "loss");
  REQUIRE(files->plots[2].y.size() == 1);
  CHECK(files->plots[2].y[0].file == "logs/loss.csv");
  CHECK(files->plots[2].y[0].name == "loss");
  CHECK(shown(read_fixture("dvc.lock").metrics) == "train:params.yaml:train.lr=0.1; train:params.yaml:train.depth=4");
}

TEST_CASE("metrics: bad input is refused in words that name it", "[metrics]") {
  CHECK(read_text("m.json", "") == "error: m.json: is empty");
  CHECK(read_text("m.json", std::string("\x89PNG\0\0", 6)) == "error: m.json: is binary, not a metrics file");
  CHECK(contains(read_text("m.json", "{\"a\": }"), "error: m.json: as JSON: parse error at line 1, column 7"));
  CHECK(contains(read_text("m.yaml", "a: [1\nb: 2\n"), "error: m.yaml: as YAML: line 2"));
  CHECK(contains(read_text("m.yaml", "a: 1\n---\nb: 2\n"), "several documents"));
  CHECK(contains(read_text("m.toml", "a = \n"), "error: m.toml: as TOML: line 1"));
  CHECK(contains(read_text("m.toml", "[{\"a\": 1}]"),
                 "error: m.toml: as TOML: line 1, column 2"));  // The library's own assertions would end the program.
  CHECK(contains(read_text("m.toml", "year\u03cbtotal\n1\n"), "error: m.toml: as TOML: line 1"));
  CHECK(contains(read_text("notes", "nothing here"), "no metrics found"));
  std::string wide;
  for (int i = 0; i < 100'000; ++i) wide += (i ? ",c" : "c") + std::to_string(i);
  CHECK(contains(read_text("m.csv", wide + "\n1\n"), "has 100000 columns; at most 10000 are read"));
  std::string record;
  for (int i = 0; i < 100'000; ++i) record += (i ? ",\"c" : "\"c") + std::to_string(i) + "\":1";
  CHECK(contains(read_text("m.json", "[{" + record + "}]"), "holds records with more than 10000 keys between them"));
  Limits few;
  few.max_record_cells = 100;
  CHECK(contains(
      read_text("m.json",
                R"([{"a":1},{"b":1},{"c":1},{"d":1},{"e":1},{"f":1},{"g":1},{"h":1},{"i":1},{"j":1},{"k":1},{"l":1}])",
                few),
      "holds records with more than 8 keys between them"));
  CHECK(contains(read_text("m.json", std::string(1000, '[') + std::string(1000, ']')), "nested deeper than 100"));
  CHECK(contains(read_text("m.yaml", std::string(1000, '[') + std::string(1000, ']')), "nested deeper than 100"));
  Limits small;
  small.max_bytes = 3;
  CHECK(contains(read_text("m.json", "{\"a\": 1}", small), "limit"));
}

TEST_CASE("metrics: a YAML bomb ends at the cap of aliases", "[metrics][security]") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string const last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  CHECK(contains(read_text("bomb.yaml", bomb), "aliases expand to more than 100000 values"));
  CHECK(contains(read_text("loop.yaml", "a: &a [*a]\n"), "unknown alias *a"));
}

// Damaged at every place and cut at every length, a file is read or refused, never worse; the sanitizers' build says
// the rest.
TEST_CASE("metrics: damaged files of every format end in a value or an error", "[metrics][security]") {
  DiskFileSystem disk;
  std::uint32_t random = 1;
  std::size_t answers = 0, tried = 0;
  for (char const* name : {"classification_report.json", "dvc.yaml", "dvc.lock", "junit.xml", "keras.csv",
                           "tensorboard/train/events.out.tfevents.1700000000.machine"}) {
    auto const whole = disk.read(std::string(CML_SOURCE_DIR "/fixtures/report/") + name, 1u << 20);
    REQUIRE(whole);
    for (int round = 0; round < 300; ++round) {
      std::string bytes = *whole;
      random = random * 1664525u + 1013904223u;
      bytes[(random >> 8) % bytes.size()] = static_cast<char>(random >> 24);
      if (round % 3 == 0) bytes.resize((random >> 4) % bytes.size());
      for (Format const& format : formats()) {
        auto const document = format.read(bytes, {});
        ++tried;
        answers += document || !document.error().message.empty();
      }
      auto const files = read_dvc_yaml(bytes);
      answers += files || !files.error().message.empty();
      ++tried;
    }
  }
  CHECK(answers == tried);
}
