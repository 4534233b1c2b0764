// docs/report-kinds.md: every structure of report that people build by hand comes out of its one line, with its
// content.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// What the report must hold, in this order. "FILE name" must lie beside it instead.
std::map<std::string, std::vector<std::string>> const kContent{
    {"01", {"| Accuracy | 0.871 |\n\n![Error by class](plot.png)\n"}},
    {"02",
     {"## Scores\n",
      "| Train variance explained (%) | 41.2 |\n| Test variance explained (%) | 30.9 |\n\n## "
      "Charts\n\n![residuals](residuals.png)\n\n![importance](importance.png)\n"}},
    {"03", {"| Accuracy | 0.96 |\n| macro F1 | 0.93 |\n\n## Where it errs\n\n![Where it errs](Results/errors.png)\n"}},
    {"04", {"| loss | 0.21 |", "![Held-out chart](Results/held_out.png)", "*Results/gone.png: no such file*"}},
    {"05",
     {"| Path        | Metric   | main   | workspace   | Change   |\n",
      "| scores.json | auc      | 0.8123 | 0.8269      | 0.0146   |\n| scores.json | log_loss | 0.441  | 0.4302      | "
      "-0.0108  |\n\n",
      "![Loss per epoch](report_files/loss-loss.png)", "FILE report_files/loss-loss.png"}},
    {"06",
     {"# Settings: this branch against main\n", "| params.yaml | fit.depth    |",
      "# Scores: this branch against main\n", "| eval.json | avg_prec | 0.9012 | 0.9177      | 0.0165   |",
      "\n# Curves\n\n## Precision against recall\n\n![", "## ROC\n\n![", "## Confusion\n\n![",
      "FILE report_files/prc-precision.png", "FILE report_files/roc-tpr.png"}},
    {"07",
     {"### Sample answers\n\n| Sample answers (main) | Sample answers (workspace) |\n| --- | --- |\n| ![Sample answers "
      "(main)](report_files/samples-eval-main.png) | ![Sample answers (workspace)](samples/eval.png) |\n",
      "FILE report_files/samples-eval-main.png"}},
    {"08",
     {"# Run summary\n\n## Curves\n\n![ROC](roc.svg)\n\n![Precision-Recall](prc.svg)\n\n| Weights (main) | Weights "
      "(workspace) |",
      "### main → workspace\n", "| roc_auc.test | 0.9521 | **0.9533** | +0.0012 |", "| forest.trees | 50 | **80** |",
      "FILE report_files/weights-main.png"}},
    {"09",
     {"[![open](https://badges.example.test/open)](https://dash.example.test/views/"
      "7?commits=aaa111%3Bbbb222)\n\n![ROC](roc.svg)\n"}},
    {"10",
     {"| Now | Before |\n| --- | --- |\n| ![Now](now.png) | ![Before](before.png) |", "| style.weight |",
      "## Card\n\n```\n+---", "| GPU  0  Example card   41C  |\n"}},
    {"11",
     {"<details>\n<summary>Open timings</summary>\n\nReader==1.0\n\n### Benchmark: rows.json\n",
      "| read 100 | 4.000e-05 | **4.200e-05** | +2.000e-06 | +5.0% |", "Reader==latest\n\n### Benchmark: rows.json\n",
      "| read 50000 | 0.0018 | **0.0016** |", "\n</details>\n"}},
    {"12", {"<details>\n<summary>Open timings</summary>\n\nReader==1.0\n\n| Metric |", "\n</details>\n"}},
    {"13",
     {"| model | classes | run | mAP50 | recall |", "| net-b | 22 | full (kept) | 0.412 | 0.55 |",
      "> Note: the 22-class figure",
      "<details>\n<summary>net-a — 11 classes</summary>\n\n### Curves\n\n![Curves](figures/net-a_11/results.png)",
      "### Confusion (normalised)\n\n![Confusion "
      "(normalised)](figures/net-a_11/confusion.png)\n\n</details>\n\n<details>\n<summary>net-b — 22 classes</summary>",
      "figures/net-b_22/results.png)\n\n</details>\n"}},
    {"14",
     {"<details>\n<summary>All charts</summary>\n\n<details>\n<summary>Client "
      "Ash</summary>\n\n![acc](plots/ash/acc.png)\n\n![loss](plots/ash/loss.png)\n\n</"
      "details>\n\n<details>\n<summary>Client Birch</summary>",
      "![loss](plots/cedar/loss.png)\n\n</details>\n\n</details>\n"}},
    {"15",
     {"### net-a\n\n| truth | guess |\n| --- | --- |\n| ![truth](runs/net-a/labels.jpg) | "
      "![guess](runs/net-a/pred.jpg) |\n"}},
    {"16", {"# Forest model\n\n![total](output/total.png)\n"}},
    {"17",
     {"<img src=\"grid.png\" alt=\"grid\" width=\"480\">\n\n<img src=\"loss.png\" alt=\"loss\" width=\"50%\">\n"}},
    {"18", {"| Train | 0.9412 |\n| Test | 0.8907 |\n\n### Loss\n\n![Loss](loss.png)\n"}},
    {"19", {"| test/acc | 0.4312 |\n| test/loss | 1.574 |\n| train/acc_best | 0.5 |\n"}},
    {"20",
     {"## Training outcome\n\n### Scores\n",
      "| Model | small-vit |\n| Best validation accuracy | 87.5% (epoch 9) |\n| Time | 412.7 seconds |",
      "#### Loss\n\n![loss](cml_plots/loss.png)", "*cml_plots/gone.png: no such file*",
      "```\n./metrics.json\n./params.json\n```", "- Started by: workflow_run"}},
    {"21",
     {"| auc | 0.9134 |\n| f1 | 0.7762 |\n| params.depth | 6 |\n| params.\\_note\\_ | a\\*b\\*c |\n\n## "
      "picture\n\n![roc](roc.png)\n"}},
    {"22",
     {"### All models - all.json\n",
      "| forest.acc | 0.91 |\n| forest.chart | !\\[not\\](an-image.png) |\n| linear.acc | 0.84 |\n",
      "*metrics/gone.json: no such file*", "![acc](metrics/plots/acc.png)\n\n![loss](metrics/plots/loss.png)\n",
      "https://forge.example.test/o/r/actions/runs/42#artifacts"}},
    {"23",
     {"| class | precision | recall | f1-score | support |",
      "| 0 | 0.97 | 0.99 | 0.98 | 980 |\n| class 1 | 0.98 | 0.99 | 0.99 | 1135 |\n| accuracy |  |  | 0.97 |  |\n| "
      "macro avg | 0.98 | 0.99 | 0.98 | 2115 |",
      "\n\n![confusion_matrix](confusion_matrix.png)\n"}},
    {"24",
     {"# Sanity report\n\n## Tests\n\n````\n====", "![x](y.png)  ```\n", "\n````\n\n## Evaluation\n",
      "| accuracy | 0.86 |"}},
    {"25",
     {"```\n------------------------- benchmark 'add': 2 tests",
      "add[3.0]           1.2213 (1.0)      1.3011 (1.0)\n```\n"}},
    {"26",
     {"```mermaid\nflowchart TD\n\tnode1[\"fetch\"]", "# oak\n\n## m1\n\n### Scores\n", "| elbo | -1234 |",
      "![Counts](data/oak_counts.pdf.png)", "![ELBO](models/oak_m1/loss.png)", "```json\n{\"device\": \"gpu\"",
      "# elm\n\n## m1\n", "| elbo | -987.6 |", "![ELBO](models/elm_m1/loss.png)"}},
    {"27",
     {"![0](images/red%20fox/a%20man%20on%20a%20hill/0.png)\n\n![1](images/red%20fox/a%20man%20on%20a%20hill/"
      "1.png)\n"}},
    {"28", {"![one](fox%20pictures/red%20fox/0.png)\n\n![two](fox%20pictures/red%20fox/1.png)\n"}},
    {"29",
     {"```python\nimport sqlite3\n# not a heading ![nor](an image.png)\ntotal = 1\n```\n",
      "![total](report_files/totals-total.png)", "FILE report_files/totals-total.png"}},
    {"30",
     {"# 🤖 Tiny model — báo cáo\n", "> **Trigger:** `config/p.yaml` đã đổi", "## 📊 Scores\n",
      "| ROUGE-L | 0.31 |\n| perplexity | 9.7 |",
      "## 📈 Loss\n\n![đường_cong](%C4%91%C6%B0%E1%BB%9Dng_cong.png)\n\n*Made by a robot*\n"}},
    {"31",
     {"| train/loss |", "![Loss](report_files/tensorboard-train-loss.png)",
      "FILE report_files/tensorboard-train-loss.png"}},
    {"32", {"![loss](metrics/loss.png)\n\n*metrics/acc_gone.png: no such file*\n\n*metrics/gone.png: no such file*\n"}},
    {"33", {"![Elbow](plots/Elbow.PNG)\n\n![groups](plots/groups.JPeG)\n"}},
    {"34",
     {"## Step 17\n", "| train.loss | 0.3312 |\n| eval.dice | 0.8121 |\n",
      "| train/loss | eval/dice |\n| --- | --- |\n| ![train/loss](report_files/live-train-loss.png) | "
      "![eval/dice](report_files/live-eval-dice.png) |",
      "FILE report_files/live-eval-dice.png"}},
    {"35", {"| Training variance (%) | 41.2 |\n| Test variance (%) | 30.9 |\n"}},
    {"36", {"![Loss](loss.png)\n\nSee [the run](https://forge.example.test/o/r/actions/runs/42).\n"}},
    {"37", {"## Part one of two\n\n<!-- matrix: py3.10 -->\n", "| passed | 12 |"}},
    {"38", {"![png](notebook/report_files/report_3_0.png)", "<tbody><tr><th>0</th><td>0.91</td></tr></tbody>"}},
};

// "01" to its command, from the page.
std::map<std::string, std::string> commands_of_page() {
  std::stringstream text;
  text << std::ifstream(CML_SOURCE_DIR "/docs/report-kinds.md").rdbuf();
  std::map<std::string, std::string> commands;
  std::string number;
  for (std::string const& line : split(text.str(), '\n')) {
    if (line.substr(0, 3) == "## ") number = line.substr(3, 2);
    if (line.substr(0, 4) == "    ") commands[number] += std::string(trim(line)) + "\n";
  }
  return commands;
}

// Pictures that the line names exist, but for those called "gone"; `word` may end in ":TITLE".
void put_pictures(fs::path const& folder, std::string const& command, std::string const& bytes) {
  std::vector<std::string> names{"plots/ash/loss.png",
                                 "plots/ash/acc.png",
                                 "plots/birch/loss.png",
                                 "plots/cedar/loss.png",
                                 "metrics/plots/loss.png",
                                 "metrics/plots/acc.png",
                                 "notebook/report_files/report_3_0.png",
                                 "images/red fox/a man on a hill/0.png",
                                 "images/red fox/a man on a hill/1.png",
                                 "fox pictures/red fox/0.png",
                                 "fox pictures/red fox/1.png"};
  for (std::string const& word : split(replace_all(replace_all(command, "\n", " "), "\"", " "), ' ')) {
    std::string const name = word.substr(0, word.find(':')), extension = to_lower(fs::path(name).extension().string());
    bool const picture = extension == ".png" || extension == ".jpg" || extension == ".jpeg" || extension == ".svg";
    if (picture && !contains(name, "gone") && !contains(name, "*")) names.push_back(name);
  }
  for (std::string const& name : names) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
}

}  // namespace

TEST_CASE("cli: the 38 reports that people build by hand come out of one line each", "[cli][report][docs]") {
  auto const commands = commands_of_page();
  REQUIRE(commands.size() == 38);
  REQUIRE(kContent.size() == 38);
  char const* binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  TemporaryFolder folder;
  auto const copy = [&](char const* from) {
    fs::copy(std::string(CML_SOURCE_DIR "/fixtures/") + from, folder.path,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  };
  std::stringstream picture;
  picture << std::ifstream(CML_SOURCE_DIR "/fixtures/recipes/plot.png", std::ios::binary).rdbuf();
  git(folder.path, {"init", "-q", "-b", "main", "."});
  copy("kinds/before");
  for (auto const& [number, command] : commands) put_pictures(folder.path, command, picture.str() + "before");
  git(folder.path, {"add", "-A"});
  git(folder.path, {"-c", "user.name=A", "-c", "user.email=a@b.test", "commit", "-q", "-m", "before"});
  git(folder.path, {"checkout", "-q", "-b", "work"});
  copy("kinds/now");
  copy("report");
  for (auto const& [number, command] : commands) put_pictures(folder.path, command, picture.str());
  for (auto const& [number, command] : commands) {
    INFO(number << ": " << command);
    fs::remove_all(folder.path / "report_files");
    ProcessRequest request;
    request.arguments = {"sh", "-c", contains(command, "gone") ? command : std::string(trim(command)) + " --strict"};
    request.directory = folder.path;
    request.environment = {{"PATH", fs::path(binary).parent_path().string() + ":/usr/bin:/bin"},
                           {"GIT_CONFIG_GLOBAL", "/dev/null"}};
    SpawnedProcess process;
    auto const result = process.run(request);
    REQUIRE(result);
    INFO(result->err);
    CHECK(result->exit_code == 0);
    std::stringstream text;
    text << std::ifstream(folder.path / "report.md").rdbuf();
    std::string const report = text.str();
    INFO(report);
    std::size_t at = 0;
    for (std::string const& part : kContent.at(number)) {
      INFO("wanted: " << part);
      if (part.substr(0, 5) == "FILE ") {
        CHECK(fs::is_regular_file(folder.path / part.substr(5)));
        continue;
      }
      auto const found = report.find(part, at);
      CHECK(found != std::string::npos);
      if (found != std::string::npos) at = found + part.size() - (part.back() == '\n' ? 1 : 0);
    }
  }
}

TEST_CASE("cli: options of pictures, headings and globs say what is wrong with them", "[cli][report]") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "a.png") << "x";
  auto const said = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"report", "create"});
    auto const run = run_cml(std::move(words), folder.path);
    return run.err + run.out;
  };
  CHECK(contains(said({"--image", "a.png:width=wide"}),
                 "width=wide is neither pixels (480) nor a share of the page (50%)"));
  CHECK(contains(said({"--image", "a.png:title=A,heigth=3"}),
                 "an image has no \"heigth\"; known are title, width and rev"));
  CHECK(contains(said({"--image", "a.png:title=A,rev=main"}), "\"main\" is not a revision, file or folder here"));
  CHECK(contains(said({"--image", "plots/*.png"}), "plots/*.png: matches no file"));
  CHECK(contains(said({"--metrics", "../*/m.json"}), "is outside the repository"));
  CHECK(contains(said({"--markdown", "gone.md"}), "gone.md: no such file"));
  CHECK(contains(said({"--columns", "many", "--image", "a.png"}), "not a valid count: many"));
}
