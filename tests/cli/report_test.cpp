// The real binary: reports from files and git revisions, posted, previewed, refused.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/text.hpp"
#include "markdown/html.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A clone with two commits: "main", and the branch that the workspace is on.
struct Project {
  explicit Project(bool with_git = true) {
    if (!with_git) return;
    git({"init", "-q", "-b", "main", "."});
    git({"config", "user.email", "a@b.test"});
    git({"config", "user.name", "A"});
    git({"config", "commit.gpgsign", "false"});
  }
  void put(std::string const& name, std::string_view bytes) {
    fs::create_directories((folder.path / name).parent_path());
    std::ofstream(folder.path / name, std::ios::binary) << bytes;
  }
  std::string get(std::string const& name) {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    ProcessRequest request;
    request.arguments = std::move(arguments);
    request.directory = folder.path;
    request.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_SYSTEM", "/dev/null"}};
    SpawnedProcess process;
    auto const result = process.run(request);
    REQUIRE(result);
    INFO(result->err);
    REQUIRE(result->exit_code == 0);
    return std::string(trim(result->out));
  }
  void commit() {
    git({"add", "-A"});
    git({"commit", "-q", "-m", "state"});
  }
  CmlRun run(std::vector<std::string> arguments, std::string input = "", std::string program = "cml") {
    return run_cml(std::move(arguments), folder.path, std::move(input), environment, std::move(program));
  }
  TemporaryFolder folder;
  std::map<std::string, std::string> environment{{"GIT_CONFIG_GLOBAL", "/dev/null"}};
};

bool is_png(std::string const& bytes) { return bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"; }

struct TwoStates : Project {
  TwoStates() {
    put("metrics.json", R"({"accuracy": 0.9012, "train": {"loss": 0.4123}})");
    put("params.yaml", "lr: 0.1\ndepth: 4\n");
    put("loss.csv", "step,loss\n0,1.5\n1,0.9\n2,0.7\n");
    commit();
    git({"checkout", "-q", "-b", "work"});
    put("metrics.json", R"({"accuracy": 0.9234, "train": {"loss": 0.3777}})");
    put("params.yaml", "lr: 0.05\ndepth: 4\n");
    put("loss.csv", "step,loss\n0,1.4\n1,0.8\n2,0.5\n");
    commit();
  }
};

}  // namespace

TEST_CASE("cli: one command makes a report against a branch, in the order of the line", "[cli][report]") {
  TwoStates p;
  auto const run =
      p.run({"report", "create", "--title", "Run", "--params", "params.yaml", "--section", "Scores", "--metrics",
             "metrics.json", "--plot", "loss.csv:y=loss", "--compare=main", "-o", "out/report.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(p.get("out/report.md") ==
        "# Run\n\n"
        "| Parameter | main | workspace |\n| --- | ---: | ---: |\n| lr | 0.1 | **0.05** |\n\n"
        "## Scores\n\n"
        "| Metric | main | workspace | Change | % |  |\n| --- | ---: | ---: | ---: | ---: | --- |\n"
        "| accuracy | 0.9012 | **0.9234** | +0.0222 | +2.5% | ▲ ✅ |\n| train.loss | 0.4123 | **0.3777** | -0.0346 | "
        "-8.4% | ▼ ✅ |\n\n"
        "![loss](report_files/loss-loss.png)\n");
  CHECK(is_png(p.get("out/report_files/loss-loss.png")));
}

TEST_CASE("cli: DVC's tables, cell for cell", "[cli][report]") {
  TwoStates p;
  auto const run = p.run({"report", "create", "--style", "dvc", "--compare", "main", "--metrics", "metrics.json",
                          "--params", "params.yaml"});
  INFO(run.err);
  CHECK(run.out ==
        "| Path         | Metric     | main   | workspace   | Change   |\n"
        "|--------------|------------|--------|-------------|----------|\n"
        "| metrics.json | accuracy   | 0.9012 | 0.9234      | 0.0222   |\n"
        "| metrics.json | train.loss | 0.4123 | 0.3777      | -0.0346  |\n\n"
        "| Path        | Param   | main   | workspace   |\n"
        "|-------------|---------|--------|-------------|\n"
        "| params.yaml | lr      | 0.1    | 0.05        |\n");
}

TEST_CASE("cli: the baseline may be a file, a folder, or the merge base that the CI knows", "[cli][report]") {
  TwoStates p;
  p.put("old/metrics.json", R"({"accuracy": 0.5})");
  auto const accuracy = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"report", "create", "--json", "--metrics", "metrics.json"};
    words.insert(words.end(), more.begin(), more.end());
    auto const run = p.run(words);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    json const row = json::parse(run.out)["blocks"][0]["rows"][0];
    return row.contains("old") ? row["old"].dump() : "none";
  };
  CHECK(accuracy({"--compare", "old/metrics.json"}) == "0.5");
  CHECK(accuracy({"--compare", "old"}) == "0.5");
  CHECK(accuracy({"--compare", "HEAD~1"}) == "0.9012");
  CHECK(accuracy({}) == "none");
  p.environment["GITHUB_ACTIONS"] = "true";
  p.environment["GITHUB_REPOSITORY"] = "o/r";
  p.environment["GITHUB_BASE_REF"] = "main";
  CHECK(accuracy({}) == "0.9012");
  CHECK(accuracy({"--compare=none"}) == "none");
}

TEST_CASE("cli: a plot shows as many revisions as it is asked for", "[cli][report]") {
  TwoStates p;
  p.put("loss.csv", "step,loss\n0,1.3\n1,0.4\n");
  auto const revisions = [&](std::string const& plot) {
    auto const run = p.run({"report", "create", "--json", "--plot", plot});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    std::string names;
    json const model = json::parse(run.out);
    for (json const& row : model["blocks"][0]["spec"]["data"]["values"])
      if (std::string const name = row["rev"]; !contains(names, name)) names += name + " ";
    return names;
  };
  CHECK(revisions("loss.csv:y=loss,rev=main,rev=HEAD") == "main HEAD workspace ");
  CHECK(revisions("loss.csv:y=loss") == "workspace ");
  CHECK(contains(p.run({"report", "create", "--plot", "loss.csv:y=loss,rev=nowhere"}).err,
                 "\"nowhere\" is not a revision"));
}

TEST_CASE("cli: the plots of a dvc.yaml draw columns of several files, folders, and what its variables name",
          "[cli][report]") {
  Project p;
  p.put("params.yaml", "model: {name: net}\n");
  p.put("dvc.yaml",
        "vars: [{live: eval}]\nstages:\n  train:\n    metrics: ['${model.name}.json']\nplots:\n- ROC:\n    template: "
        "simple\n    x: fpr\n    y: {'${live}/train.json': tpr, '${live}/test.json': tpr}\n"
        "- Labels:\n    template: confusion\n    x: {eval/actual.csv: label}\n    y: {eval/predicted.csv: label}\n- "
        "dvclive/plots/metrics: {x: step}\n- dvclive/plots/images\n");
  p.put("net.json", R"({"acc": 0.5})");
  p.put("eval/train.json", R"({"roc": [{"fpr": 0, "tpr": 0.25}, {"fpr": 1, "tpr": 1}]})");
  p.put("eval/actual.csv", "label\na\nb\n");
  p.put("eval/predicted.csv", "label\nb\nb\n");
  p.put("dvclive/plots/metrics/train/loss.tsv", "step\tloss\n0\t1\n1\t0.5\n");
  p.commit();
  p.put("eval/test.json", R"({"roc": [{"fpr": 0, "tpr": 0.125}, {"fpr": 1, "tpr": 1}]})");
  auto const run = p.run({"report", "create", "--json", "--strict", "--compare", "HEAD", "--metrics", "dvc.yaml",
                          "--plot", "dvc.yaml", "dvclive:y=train/loss"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  json const blocks = json::parse(run.out).at("blocks");
  REQUIRE(blocks.size() == 5);
  CHECK(blocks[0]["rows"][0]["new"] == 0.5);
  CHECK(blocks[1]["title"] == "ROC");
  // The test's curve was not there yet.
  CHECK(blocks[1]["spec"]["encoding"]["color"]["scale"]["domain"] ==
        json{"HEAD train", "workspace train", "workspace test"});
  CHECK(blocks[1]["spec"]["encoding"]["y"]["title"] == "tpr");
  CHECK(blocks[1]["spec"]["data"]["values"].dump() ==
        R"([{"cml_row":0,"fpr":0,"rev":"HEAD train","value":0.25},{"cml_row":1,"fpr":1,"rev":"HEAD train","value":1},)"
        R"({"cml_row":0,"fpr":0,"rev":"workspace train","value":0.25},)"
        R"({"cml_row":1,"fpr":1,"rev":"workspace train","value":1},)"
        R"({"cml_row":2,"fpr":0,"rev":"workspace test","value":0.125},)"
        R"({"cml_row":3,"fpr":1,"rev":"workspace test","value":1}])");
  CHECK(contains(blocks[2]["spec"]["data"]["values"].dump(), R"j({"label":"b","label (x)":"a","rev":"workspace"})j"));
  CHECK(blocks[3]["title"] == "train/loss");
}

TEST_CASE("cli: in a sub-folder paths count from there, for folders at a commit, too", "[cli][report]") {
  Project p;
  fs::create_directories(p.folder.path / "model");
  fs::copy(CML_SOURCE_DIR "/fixtures/report/dvclive", p.folder.path / "model/dvclive", fs::copy_options::recursive);
  p.put("model/a b.json", R"({"x": 1})");
  p.commit();
  p.put("model/dvclive/metrics.json", R"({"train": {"acc": 0.95}})");
  p.put("model/a b.json", R"({"x": 2})");
  auto const run = run_cml({"report", "create", "--changed", "--compare", "HEAD", "--metrics", "dvclive", "a b.json",
                            "--plot", "dvclive:y=train/acc", "-o", "../out.md"},
                           p.folder.path / "model");
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  std::string const report = p.get("out.md");
  CHECK(contains(report, "| dvclive | train.acc | 0.91 | **0.95** | +0.04 | +4.4% | ▲ ✅ |"));
  CHECK(contains(report, "| a b.json | x | 1 | **2** | +1 |"));
  CHECK(contains(report, "(out_files/dvclive-train-acc.png)"));
}

TEST_CASE("cli: the projects' own DVC templates of the wild draw our data", "[cli][report][shared]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  if (shared == nullptr) {
    WARN("CML_SHARED_DIR is not set: the wild templates are not drawn");
    return;
  }
  TwoStates p;
  std::size_t drawn = 0;
  for (auto const& entry : fs::directory_iterator(fs::path(shared) / "reference/wild/vega/specs")) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    if (!contains(text.str(), "<DVC_METRIC_DATA>")) continue;
    std::string const name = entry.path().stem().string();
    INFO(name);
    p.put(".dvc/plots/" + name + ".json", text.str());
    auto const run = p.run({"report", "create", "--strict", "--compare=main", "--plot",
                            "loss.csv:x=step,y=loss,template=" + name, "-o", name + ".md"});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(is_png(p.get(name + "_files/loss-loss.png")));
    ++drawn;
  }
  CHECK(drawn >= 10);
}

TEST_CASE("cli: a shallow clone says which fetch is missing, and the report is made all the same", "[cli][report]") {
  TwoStates origin;
  TemporaryFolder clones;
  origin.git({"clone", "-q", "--depth=1", "--branch", "work", "file://" + origin.folder.path.string(),
              (clones.path / "c").string()});
  auto const run = run_cml({"report", "create", "--metrics", "metrics.json", "--compare", "main"}, clones.path / "c");
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "clone is shallow: run cml repo prepare"));
  CHECK(contains(run.out, "| accuracy | 0.9234 |"));
  CHECK(run_cml({"report", "create", "--strict", "--metrics", "metrics.json", "--compare", "main"}, clones.path / "c")
            .exit_code == 1);
}

TEST_CASE("cli: thresholds set the exit code once the report is out", "[cli][report]") {
  TwoStates p;
  auto const failed = p.run({"report", "create", "--metrics", "metrics.json", "--fail-if", "accuracy < 0.95",
                             "--warn-if", "loss > 0.1", "-o", "r.md"});
  CHECK(failed.exit_code == 2);
  CHECK(contains(failed.err, "--fail-if accuracy < 0.95: it is 0.9234"));
  CHECK(
      contains(p.get("r.md"), "- ❌ accuracy &lt; 0.95: it is 0.9234\n- ⚠️ loss \\> 0.1: train.loss is 0.3777\n"));
  CHECK(p.run({"report", "create", "--metrics", "metrics.json", "--fail-if", "accuracy < 0.9"}).exit_code == 0);
  // What is not there must not pass the gate; only a change needs something to compare with.
  auto const typo = p.run({"report", "create", "--metrics", "metrics.json", "--fail-if", "acuracy < 0.9"});
  CHECK(typo.exit_code == 2);
  CHECK(contains(typo.out, "acuracy &lt; 0.9: there is no such metric; did you mean accuracy?"));
  CHECK(p.run({"report", "create", "--metrics", "gone.json", "--fail-if", "accuracy < 0.9"}).exit_code == 2);
  auto const first = p.run({"report", "create", "--metrics", "metrics.json", "--fail-if", "change(accuracy) < 0",
                            "--warn-if", "acuracy < 0.9"});
  CHECK(first.exit_code == 0);
  CHECK(contains(first.err, "threshold \"change(accuracy) < 0\": no metric answers to it"));
  CHECK(contains(first.err, "threshold \"acuracy < 0.9\": no metric answers to it"));
}

TEST_CASE("cli: what cannot be read is named and left out, --strict makes it an error", "[cli][report]") {
  Project p(false);
  p.put("good.json", R"({"a": 1})");
  p.put("binary.json", std::string("\x89PNG\0\0\0", 7));
  p.put("empty.json", "");
  p.put("broken.yaml", "a: [\n");
  p.put("mixed.csv", "step,loss\n0,1\n");
  std::string wide, bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 0; i < 100'000; ++i) wide += (i ? ",c" : "c") + std::to_string(i);
  p.put("wide.csv", wide + "\n1\n");
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  p.put("bomb.yaml", bomb);
  struct Row {
    std::vector<std::string> words;
    char const* message;
  };
  for (auto const& row :
       {Row{{"--metrics", "binary.json"}, "binary.json: is binary, not a metrics file"},
        {{"--metrics", "empty.json"}, "empty.json: is empty"},
        {{"--metrics", "gone.json"}, "gone.json: no such file"},
        {{"--params", "broken.yaml"}, "broken.yaml: as YAML: line 2"},
        {{"--metrics", "wide.csv"}, "wide.csv: as CSV: has 100000 columns; at most 10000 are read"},
        {{"--table", "wide.csv"}, "has 100000 columns"},
        {{"--params", "bomb.yaml"}, "aliases expand to more than 100000 values"},
        {{"--metrics", "mlruns:x"}, "mlruns:x: no such file"},
        {{"--image", "gone.png"}, "gone.png: no such file"},
        {{"--log", "gone.log"}, "gone.log: no such file"},
        {{"--log", "binary.json"}, "is binary, not a log"},
        {{"--table", "gone.csv"}, "gone.csv: no such file"},
        {{"--plot", "mixed.csv:y=acc"}, "has no column \"acc\" (there are: step, loss)"},
        {{"--plot", "mixed.csv:template=liner"}, "did you mean linear?"},
        {{"--compare", "nowhere"}, "\"nowhere\" is not a revision, file or folder here; this is not a git clone"}}) {
    INFO(row.message);
    std::vector<std::string> words{"report", "create", "--metrics", "good.json"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    auto const run = p.run(words);
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(contains(run.err, row.message));
    CHECK(contains(run.out, "| a | 1 |"));
    words.push_back("--strict");
    auto const strict = p.run(words);
    CHECK(strict.exit_code == 1);
    CHECK(strict.out == run.out);
    CHECK(contains(strict.err, "--strict: 1 thing was asked for and is not done"));
  }
  CHECK(contains(p.run({"report", "create"}).err, "nothing to show: give --metrics FILE"));
  CHECK(contains(p.run({"report", "create", "--metric", "good.json"}).err, "did you mean --metrics?"));
}

TEST_CASE("cli: nothing of the repository leads out of the workspace", "[cli][report][security]") {
  TwoStates p;
  TemporaryFolder outside;
  std::ofstream(outside.path / "secret.json") << R"({"token": 12345})";
  std::string const secret = (outside.path / "secret.json").string();
  fs::create_symlink(secret, p.folder.path / "link.json");
  fs::create_directory_symlink(outside.path, p.folder.path / "folder");
  p.put("dvc.yaml",
        "metrics: [" + secret + "]\nparams: [" + secret + "]\nplots:\n  - " + secret + ":\n      y: token\n");
  for (char const* option : {"--metrics", "--params", "--log", "--table", "--plot"}) {
    for (std::string const file : {"link.json", "folder/secret.json", "dvc.yaml"}) {
      if (file == "dvc.yaml" && (std::string(option) == "--log" || std::string(option) == "--table")) continue;
      INFO(option << " " << file);
      auto const run = p.run({"report", "create", option, file});
      INFO(run.err);
      CHECK_FALSE(contains(run.out, "12345"));
      CHECK(contains(run.err, "the workspace"));
    }
  }
  for (std::string const key : {"metrics: ", "log: ", "table: ", "template: ", "compare: "}) {
    INFO(key);
    p.put("cml.yaml",
          "report:\n  " + key + secret + "\n  params: params.yaml\n  blocks:\n    - metrics: metrics.json\n");
    auto const run = p.run({"report", "create"});
    CHECK_FALSE(contains(run.out, "12345"));
    CHECK(contains(run.err, "outside the workspace"));
  }
  fs::create_symlink(".git/config", p.folder.path / "train.log");
  for (char const* file : {".git/config", "train.log"}) {
    auto const run = p.run({"report", "create", "--log", file});
    CHECK_FALSE(contains(run.out, "repositoryformatversion"));
    CHECK(contains(run.err, "files of .git"));
  }
  CHECK(contains(p.run({"report", "create", "--metrics", secret}).out, "12345"));  // Who runs it may name anything.
}

TEST_CASE("cli: hostile names do no harm wherever they reach the report", "[cli][report][security]") {
  std::vector<std::string> const hostile{"x|y",
                                         "`c`",
                                         "@octocat",
                                         "#123",
                                         "GH-12",
                                         "<img src=q onerror=1>",
                                         "</details><script>z</script>",
                                         "[click](https://evil.test)",
                                         "![p](https://evil.test)",
                                         "www.evil.test",
                                         "https://evil.test",
                                         "a\nb",
                                         "a\r\n\r\n# head",
                                         "*b*",
                                         "~~s~~",
                                         "~s~",
                                         "org/repo#5",
                                         "user@evil.test",
                                         "@{1:2}",
                                         ":100:",
                                         "<!-- c",
                                         "-->",
                                         "$m$",
                                         "\xE2\x80\xAEtxt",
                                         "na\xEFve",
                                         "\\",
                                         "&lt;b&gt;",
                                         "- item",
                                         "1. item",
                                         "> quote",
                                         "```",
                                         "C #",
                                         std::string(3000, 'w')};
  Project p;
  json metrics = json::object(), params = json::object();
  std::string csv = "step", row = "0";
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    std::string const name = contains(hostile[i], "\xEF") ? "bad" : hostile[i];  // JSON cannot hold it; CSV can.
    metrics[name] = i;
    params["p" + name] = name;
    csv += ",\"" + replace_all(hostile[i], "\"", "\"\"") + "\"";
    row += ",\"" + replace_all(hostile[i], "\"", "\"\"") + "\"";
  }
  p.put("m.json", "{}");
  p.put("p.json", "{}");
  p.commit();
  p.put("m.json", metrics.dump());
  p.put("p.json", params.dump());
  p.put("t.csv", csv + "\n" + row + "\n");
  p.put("l|`@octocat#123.log", "one\n````\n@octocat <script>\n```\n</details>\n");
  p.put("i|`@octocat#1 <b>.png", p.get(CML_SOURCE_DIR "/fixtures/recipes/plot.png"));
  p.put("c.csv", "step,@octocat|y\n0,1\n1,2\n");
  p.commit();
  for (char const* name : {"default", "compact", "list", "summary"}) {
    std::vector<std::string> words{"report",
                                   "create",
                                   "--template",
                                   name,
                                   "--compare",
                                   "HEAD~1",
                                   "--history",
                                   "2",
                                   "--dark",
                                   "--columns",
                                   "2",
                                   "-o",
                                   "r.md",
                                   "--log-lines",
                                   "4",
                                   "--metrics",
                                   "m.json",
                                   "--params",
                                   "p.json",
                                   "--table",
                                   "t.csv",
                                   "--log",
                                   "./l|`@octocat#123.log",
                                   "--image",
                                   "i|`@octocat#1 <b>.png",
                                   "i|`@octocat#1 <b>.png:width=50%,title=@octocat|<b>",
                                   "gone @octocat|#123<b>.png",
                                   "--plot",
                                   "c.csv:y=@octocat|y",
                                   "c.csv:y=@octocat|y,title=#123 @octocat <script>"};
    for (std::string const& text : hostile) {
      if (contains(text, "\xEF")) continue;
      words.insert(words.end(), {"--section", text, "--details", text, "--title", text, "--warn-if", "* >= 0"});
    }
    auto const run = p.run(words);
    INFO(name << ": " << run.err);
    REQUIRE(run.exit_code == 0);
    std::string const html = markdown::to_html(p.get("r.md"));
    // What stands in code is shown as it is.
    std::string shown;
    for (std::size_t at = 0, end; at < html.size(); at = end) {
      end = std::min(html.find("<pre", at), html.size());
      shown += html.substr(at, end - at);
      end = std::min(html.find("</pre>", end), html.size());
    }
    INFO(shown.substr(0, 4000));
    for (char const* bad : {"@octocat", "#123",        "#5",           "GH-12",      "@evil",
                            "@{",       ":100:",       "<script",      "onerror=1>", "<img src=q",
                            "<a ",      "<del>",       "<em>b",        "<code>c",    "<b>",
                            "<ol",      "<blockquote", "\xE2\x80\xAE", "\xEFve",     "src=\"https://evil",
                            "<!-- c"}) {
      auto const at = shown.find(bad);
      INFO(bad << (at == std::string::npos ? "" : ": " + shown.substr(at < 100 ? 0 : at - 100, 200)));
      CHECK(at == std::string::npos);
    }
    auto const count = [&](std::string_view part) {
      std::size_t number = 0;
      for (auto at = shown.find(part); at != std::string::npos; at = shown.find(part, at + 1)) ++number;
      return number;
    };
    CHECK(count("<details>") == count("</details>"));
    CHECK(count("octocat") > 10);  // All this was looked at.
    // Rows and columns stay where they were: every cell of a row has its place.
    if (std::string_view(name) != "list") CHECK(count("<tr>") >= 2 * hostile.size() - 4);
  }
}

TEST_CASE("cli: values of other types on the other side are shown, not subtracted", "[cli][report]") {
  Project p(false);
  p.put("old.json", R"({"a": "high", "b": 1, "c": {"d": 1}, "e": NaN})");
  p.put("new.json", R"({"a": 0.5, "b": true, "c": 2, "e": 1})");
  auto const run = p.run({"report", "create", "--metrics", "new.json", "--compare", "old.json"});
  CHECK(run.out ==
        "| Metric | old.json | workspace | Change | % |  |\n| --- | ---: | ---: | ---: | ---: | --- |\n| a | high | "
        "**0.5** |  |  | ≠ |\n| b | 1 | **true** |  |  | ≠ |\n"
        "| c |  | **2** |  |  | new |\n| e | NaN | **1** |  |  | ≠ |\n| c.d | 1 |  |  |  | gone |\n");
}

TEST_CASE("cli: cml.yaml stands for the flags, a comment needs no file then", "[cli][report][github]") {
  FakeGitHub fake;
  TwoStates p;
  p.environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + "/api/v3"},
                   {"CML_REPO", fake.url() + "/o/r"},
                   {"CML_DRIVER", "github"}};
  p.put("cml.yaml",
        "report:\n  compare: main\n  metrics: metrics.json\n  blocks:\n    - section: Curve\n    - plot: {file: "
        "loss.csv, y: loss}\n");
  auto const run = p.run({"comment", "update", "--target=pr/7", "--fail-if", "accuracy < 0.95"});
  INFO(run.err);
  CHECK(run.exit_code == 2);  // Posted first.
  auto const comments = fake.comments("issue 7");
  REQUIRE(comments.size() == 1);
  CHECK(contains(comments[0].body, "| accuracy | 0.9012 | **0.9234** |"));
  CHECK(contains(comments[0].body, "## Curve\n\n![loss](" + fake.url() + "/o/r/raw/cml-assets/"));
  CHECK(contains(comments[0].body, "<summary>Specification</summary>"));
  bool drawn = false;
  for (auto const& [name, bytes] : fake.branch_files("cml-assets")) drawn = drawn || is_png(bytes);
  CHECK(drawn);
  auto const swallowed = p.run({"comment", "create", "--target=pr/8", "--metrics", "metrics.json", "report.md"});
  CHECK(swallowed.exit_code == 1);
  CHECK(contains(swallowed.err,
                 "report.md was taken as a value of the option before it; put the report first, or behind --"));
  auto const direct =
      p.run({"comment", "create", "--target=pr/8", "--log=debug", "--metrics", "metrics.json", "--title", "Now"});
  INFO(direct.err);
  CHECK(direct.exit_code == 0);
  REQUIRE(fake.comments("issue 8").size() == 1);
  CHECK(fake.comments("issue 8")[0].body.substr(0, 8) == "# Now\n\n|");
}

TEST_CASE("cli: the workflow of the MLOps guide runs as written, and as one line", "[cli][report][github]") {
  FakeGitHub fake;
  TwoStates p;
  p.environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + "/api/v3"},
                   {"CML_REPO", fake.url() + "/o/r"},
                   {"CML_DRIVER", "github"}};
  auto const spec = [](std::string const& title, std::string const& x, std::string const& y) {
    return R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","title":")" + title +
           R"(","data":{"values":[{"rev":"main",")" + x + R"(":0,")" + y + R"(":0.5},{"rev":"workspace",")" + x +
           R"(":1,")" + y + R"(":0.7}]},"mark":"line","encoding":{"x":{"field":")" + x +
           R"(","type":"quantitative"},"y":{"field":")" + y + R"(","type":"quantitative"},"color":{"field":"rev"}}})";
  };
  // What `dvc params diff --md main`, `dvc metrics diff --md main` and `dvc plots diff --show-vega` leave there.
  p.put("prc.json", spec("Precision", "recall", "precision"));
  p.put("roc.json", spec("ROC", "fpr", "tpr"));
  p.put("confusion.json", spec("Confusion", "a", "b"));
  for (char const* name : {"prc", "roc", "confusion"}) {
    auto const drawn = p.run({std::string(name) + ".json", std::string(name) + ".png", "-s", "1.5"}, "", "vl2png");
    INFO(drawn.err);
    REQUIRE(drawn.exit_code == 0);
  }
  p.put("importance.png", p.get("roc.png"));
  p.put("report.md",
        "# Params workflow vs. main\n| Path        | Param   | main   | workspace   "
        "|\n|-------------|---------|--------|-------------|\n| params.yaml | lr      | 0.1    | 0.05        |\n"
        "\n# Metrics workflow vs. main\n| Path | Metric | main | workspace | Change |\n|---|---|---|---|---|\n| "
        "metrics.json | accuracy | 0.9012 | 0.9234 | 0.0222 |\n"
        "\n# Plots\n## Precision recall curve\n![](./prc.png \"Precision recall curve\")\n## ROC curve\n![](./roc.png "
        "\"ROC curve\")\n## Confusion matrix\n![](./confusion.png \"Confusion Matrix\")\n"
        "## Importance\n![](./importance.png \"Importance\")\n");
  auto const posted = p.run({"comment", "update", "--target=pr/7", "--publish", "report.md"});
  INFO(posted.err);
  REQUIRE(posted.exit_code == 0);
  REQUIRE(fake.comments("issue 7").size() == 1);
  std::string const body = fake.comments("issue 7")[0].body;
  std::size_t published = 0;
  for (auto at = body.find("/o/r/raw/cml-assets/"); at != std::string::npos;
       at = body.find("/o/r/raw/cml-assets/", at + 1))
    ++published;
  CHECK(published == 4);
  CHECK_FALSE(contains(body, "](./"));

  p.put("prc.csv", "recall,precision\n0,1\n1,0.4\n");
  p.put("roc.csv", "fpr,tpr\n0,0\n1,1\n");
  p.put("confusion.csv", "actual,predicted\na,b\na,a\nb,b\n");
  auto const line = p.run({"comment",
                           "update",
                           "--target=pr/9",
                           "--compare=main",
                           "--section",
                           "Params",
                           "--params",
                           "params.yaml",
                           "--section",
                           "Metrics",
                           "--metrics",
                           "metrics.json",
                           "--section",
                           "Plots",
                           "--plot",
                           "prc.csv:template=pr",
                           "roc.csv:template=roc",
                           "confusion.csv:template=confusion",
                           "--image",
                           "importance.png:Importance"});
  INFO(line.err);
  REQUIRE(line.exit_code == 0);
  REQUIRE(fake.comments("issue 9").size() == 1);
  std::string const one = fake.comments("issue 9")[0].body;
  for (char const* part :
       {"| lr | 0.1 | **0.05** |", "| accuracy | 0.9012 | **0.9234** |", "![Precision and recall: prc](http",
        "![ROC curve](http", "![Confusion matrix](http", "![Importance](http"})
    CHECK(contains(one, part));
}

TEST_CASE("cli: pictures side by side are published, a revision's and plots, too", "[cli][report][github]") {
  FakeGitHub fake;
  TwoStates p;
  p.environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + "/api/v3"},
                   {"CML_REPO", fake.url() + "/o/r"},
                   {"CML_DRIVER", "github"}};
  std::string const picture = p.get(CML_SOURCE_DIR "/fixtures/recipes/plot.png");
  REQUIRE(is_png(picture));
  p.put("samples.png", picture);
  p.put("nb/notes.md", "See ![s](../samples.png)\n");
  p.commit();
  p.put("samples.png", picture + "now");
  auto const run = p.run({"comment", "update", "--target=pr/7", "--strict", "--columns", "2", "--plot",
                          "loss.csv:y=loss,title=A|B", "loss.csv:y=step", "--section", "Samples", "--image",
                          "samples.png:rev=HEAD,title=Samples", "--markdown", "nb/notes.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  REQUIRE(fake.comments("issue 7").size() == 1);
  std::string const body = fake.comments("issue 7")[0].body, address = "](" + fake.url() + "/o/r/raw/cml-assets/";
  INFO(body);
  CHECK(contains(body, "| A\\|B | step |\n| --- | --- |\n| ![A\\|B" + address));
  CHECK(contains(body, " | ![step" + address));
  CHECK(contains(body, "| Samples (HEAD) | Samples (workspace) |\n| --- | --- |\n| ![Samples (HEAD)" + address));
  CHECK(contains(body, "See ![s" + address));
  CHECK_FALSE(contains(body, "data:"));
  std::size_t pictures = 0;
  for (auto const& [name, bytes] : fake.branch_files("cml-assets")) pictures += is_png(bytes);
  CHECK(pictures == 4);
}

TEST_CASE("cli: sparklines come from the history, drawn beside the report", "[cli][report]") {
  TwoStates p;
  auto const run = p.run({"report", "create", "--metrics", "metrics.json", "--history", "5", "-o", "r.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(contains(p.get("r.md"), "| accuracy | 0.9234 | ![accuracy](r_files/sparkline-1.png) |"));
  CHECK(is_png(p.get("r_files/sparkline-1.png")));
  json const model =
      json::parse(p.run({"report", "create", "--json", "--metrics", "metrics.json", "--history", "5"}).out);
  CHECK(model["blocks"][0]["rows"][0]["history"] == json::array({0.9012, 0.9234}));
  // What moved alike shares a picture.
  p.put("alike.json", R"({"a": 1, "b": 1, "c": 1, "d": 7})");
  p.commit();
  p.put("alike.json", R"({"a": 2, "b": 2, "c": 1, "d": 7})");
  p.commit();
  REQUIRE(p.run({"report", "create", "--metrics", "alike.json", "--history", "2", "-o", "alike.md"}).exit_code == 0);
  CHECK(contains(p.get("alike.md"), "![b](alike_files/sparkline-1.png)"));
  CHECK(contains(p.get("alike.md"), "![d](alike_files/sparkline-2.png)"));
}

TEST_CASE("cli: folders have a history, too, and runs of an MLflow store are compared", "[cli][report]") {
  Project p;
  fs::copy(CML_SOURCE_DIR "/fixtures/report", p.folder.path, fs::copy_options::recursive);
  p.commit();
  p.put("dvclive/metrics.json", R"({"train": {"acc": 0.95}})");
  p.put("mlruns/0/fedcba9876543210fedcba9876543210/metrics/accuracy", "1 0.9 0\n");
  p.put("metrics.yaml", "acc: 1\n");
  p.commit();
  auto const run = p.run({"report", "create", "--json", "--history", "5", "--metrics", "dvclive", "mlruns",
                          "tensorboard", "keras.csv", "metrics.yaml"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  std::map<std::string, json> histories;
  json const model = json::parse(run.out);
  for (json const& row : model["blocks"][0]["rows"])
    histories[row["file"].get<std::string>() + " " + row["name"].get<std::string>()] =
        row.value("history", json::array());
  CHECK(histories["dvclive train.acc"] == json::array({0.91, 0.95}));
  CHECK(histories["mlruns accuracy"] == json::array({0.79, 0.9}));
  CHECK(histories["tensorboard train/loss"].size() == 2);
  CHECK(histories["keras.csv loss"].size() == 2);
  CHECK(histories["metrics.yaml acc"] == json::array({nullptr, 1}));

  auto const compared = p.run({"report", "create", "--metrics", "mlruns:wider", "--compare", "mlruns:0123", "--changed",
                               "--plot", "mlruns:wider:y=train/loss", "-o", "r.md"});
  INFO(compared.err);
  CHECK(contains(p.get("r.md"),
                 "| Metric | mlruns:0123 | workspace | Change | % |  |\n| --- | ---: | ---: | ---: | ---: | --- |\n| "
                 "accuracy | 0.74 | **0.90** | +0.16 |"));
  CHECK(is_png(p.get("r_files/mlruns-wider-train-loss.png")));
  std::string revisions;
  json const plot = json::parse(
      p.run({"report", "create", "--json", "--plot", "mlruns:wider:y=train/loss,rev=mlruns:team/nightly,rev=HEAD~1"})
          .out);
  for (json const& row : plot["blocks"][0]["spec"]["data"]["values"])
    if (std::string const name = row["rev"]; !contains(revisions, name)) revisions += name + " ";
  CHECK(revisions == "mlruns:team/nightly HEAD~1 workspace ");
  CHECK(contains(p.run({"report", "create", "--metrics", "mlruns:none"}).err,
                 "has no run \"none\"; there are Default/baseline, Default/wider"));
}

TEST_CASE("cli: a preview holds its pictures and runs nothing", "[cli][report]") {
  TwoStates p;
  REQUIRE(p.run({"report", "create", "--dark", "--metrics", "metrics.json", "--plot", "loss.csv:y=loss", "--text",
                 "<script>alert(1)</"
                 "script>\n\n<meta http-equiv=refresh "
                 "content=0>\n\n```vega-lite\n{\"mark\":\"bar\",\"data\":{\"values\":[{\"a\":1}]},\"encoding\":{\"x\":{"
                 "\"field\":\"a\"}}}\n```",
                 "-o", "r.md"})
              .exit_code == 0);
  auto const run = p.run({"report", "preview", "r.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == "r.html\n");
  std::string const page = p.get("r.html");
  CHECK(contains(page, "srcset=\"data:image/png;base64,"));
  CHECK(contains(page, "Content-Security-Policy"));
  CHECK(contains(page, "script-src 'none'"));
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK(contains(page, "&lt;meta http-equiv=refresh"));  // It would lead the page elsewhere.
  CHECK_FALSE(contains(page, "src=\"r_files"));
  std::size_t images = 0;
  for (auto at = page.find("<img"); at != std::string::npos; at = page.find("<img", at + 1)) ++images;
  CHECK(images == 2);
  CHECK(contains(p.run({"report", "preview", "gone.md"}).err, "report gone.md"));
  // --open hands the page to the desktop; where there is none, it says so.
  p.put("bin/xdg-open", "#!/bin/sh\necho \"$1\" > opened.txt\n");
  fs::permissions(p.folder.path / "bin/xdg-open", fs::perms::owner_all);
  p.environment["PATH"] = (p.folder.path / "bin").string() + ":/usr/bin:/bin";
  CHECK(p.run({"report", "preview", "r.md", "--open"}).exit_code == 0);
  CHECK(contains(p.get("opened.txt"), "/r.html"));
  p.put("bin/xdg-open", "#!/bin/sh\nexit 3\n");
  auto const headless = p.run({"report", "preview", "r.md", "--open"});
  CHECK(headless.exit_code == 0);
  CHECK(contains(headless.err, "xdg-open cannot open"));
}

TEST_CASE("cli: templates are listed, printed, and used", "[cli][report]") {
  Project p(false);
  auto const list = p.run({"report", "templates"});
  CHECK(contains(list.out, "report default\n"));
  CHECK(contains(list.out, "plot confusion_normalized\n"));
  CHECK(contains(p.run({"report", "templates", "roc", "--plot"}).out, "<DVC_METRIC_DATA>"));
  p.put("mine.mustache", "{{#metrics}}{{name}}={{new}};{{/metrics}}\n{{#blocks}}[{{{markdown}}}]{{/blocks}}");
  p.put("m.json", R"({"a_*": 1})");
  CHECK(p.run({"report", "create", "--metrics", "m.json", "--template", "mine.mustache"}).out ==
        "a\\_\\*=1;\n[| Metric | Value |\n| --- | ---: |\n| a\\_\\* | 1 |\n]\n");
  p.put("bad.mustache", "{{#metrics}}");
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json", "--template", "bad.mustache"}).err, "template: "));
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json", "--template", "defualt"}).err,
                 "did you mean default?"));
}

// Each recipe's commands run over files of the names that they use, one after the other as on following commits.
TEST_CASE("cli: the commands of docs/recipes.md run", "[cli][report][docs]") {
  std::ifstream file(CML_SOURCE_DIR "/docs/recipes.md");
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  std::size_t commands = 0;
  std::string command;
  std::optional<TwoStates> p;
  for (std::string const& line : split(text.str(), '\n')) {
    std::string const trimmed(trim(line));
    if (trimmed.starts_with("## ")) p.reset();
    if (command.empty() && !trimmed.starts_with("cml report ")) continue;
    command += trimmed;
    if (!command.empty() && command.back() == '\\') {
      command.back() = ' ';
      continue;
    }
    INFO(command);
    if (!p) {
      p.emplace();
      fs::copy(CML_SOURCE_DIR "/fixtures/report", p->folder.path,
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
      fs::copy(CML_SOURCE_DIR "/fixtures/recipes", p->folder.path,
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
      p->put("roc.png", "\x89PNG\r\n\x1a\n-not really");
      p->put("cml.yaml", "report: {title: Unused}\n");
      // What DVC keeps is not in git, and its own file says so.
      p->git({"add", "detector/dvc.lock", "detector/dvc.yaml", "detector/.gitignore"});
      p->git({"commit", "-q", "-m", "detector"});
    } else {
      p->git({"commit", "-q", "--allow-empty", "-m", "next"});
    }
    ProcessRequest request;
    char const* binary = std::getenv("CML_BINARY");
    REQUIRE(binary != nullptr);
    request.arguments = {"sh", "-c", command + " --strict"};
    request.directory = p->folder.path;
    request.environment = {{"PATH", fs::path(binary).parent_path().string() + ":/usr/bin:/bin"}};
    SpawnedProcess process;
    auto const result = process.run(request);
    REQUIRE(result);
    INFO(result->err);
    CHECK(result->exit_code == 0);
    CHECK((command.starts_with("cml report record") || fs::exists(p->folder.path / "report.md")));
    ++commands;
    command.clear();
  }
  CHECK(commands >= 10);
}
