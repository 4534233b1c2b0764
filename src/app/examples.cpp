#include "app/examples.hpp"

namespace cml {
namespace {

struct ExamplesOf {
  std::string_view command;
  std::vector<Example> examples;
};

std::vector<ExamplesOf> const& table() {
  static std::vector<ExamplesOf> const rows{
      {"comment create",
       {{"cml comment create report.md", ""},
        {"cml comment create --target=issue/7 report.md", ""},
        {"python evaluate.py | cml comment create -", "The report comes from the standard input"},
        {"cml comment create --mode=hide-and-new --watermark-title='{workflow}' report.md",
         "One visible comment a workflow; older ones are marked as outdated"}}},
      {"comment update",
       {{"cml comment update report.md", "One comment that is replaced by every run"},
        {"cml comment update --watermark-title=ablation ablation.md", "A second one in the same thread"},
        {"cml comment update --metrics metrics.json --plot loss.csv:y=loss --compare main", "Without a report file"}}},
      {"comment deliver",
       {{"cml comment deliver bundle", "In a job with a token, after cml comment create --bundle in one without"},
        {"cml comment deliver --target=pr/7 --watermark-title='{workflow}' bundle", ""}}},
      {"comment list", {{"cml comment list --target=pr/7", ""}, {"cml comment list --all --json", ""}}},
      {"comment delete",
       {{"cml comment delete --dry-run", "Say which comments would go"},
        {"cml comment delete --target=pr/7 --watermark-title=ablation", ""}}},
      {"asset publish",
       {{"cml publish plot.png --md >> report.md", ""},
        {"vl2png vega.json | cml publish --md --title 'Loss' >> report.md", ""},
        {"cml asset publish --publish-to=dir:public/assets *.png", "Into a folder, for Pages or a web server"}}},
      {"asset prune",
       {{"cml asset prune --older-than '90 days' --dry-run", "Say which files would go"},
        {"cml asset prune --older-than '90 days'", ""}}},
      {"check create",
       {{"cml check create --conclusion=success report.md", ""},
        {"cml check create --title 'Model quality' --status=in_progress report.md", ""},
        {"cml check create --metrics metrics.json --fail-if 'accuracy < 0.9' --annotations ruff.sarif",
         "What was found stands beside the lines"}}},
      {"pr create",
       {{"cml pr create model.json", "Commit this file and open a pull request"},
        {"cml pr create --merge 'plots/*.png'", "Merge it as soon as its checks pass"},
        {"cml pr create --skip-ci --title 'Retrained' .", ""}}},
      {"repo prepare",
       {{"cml repo prepare", "An identity for git, and the whole history"},
        {"cml repo prepare --fetch-depth=100", ""}}},
      {"workflow rerun", {{"cml workflow rerun", "The newest run"}, {"cml workflow rerun --id=123456", ""}}},
      {"report create",
       {{"cml report create --metrics metrics.json --params params.yaml --compare main -o report.md", ""},
        {"cml report create --metrics dvc.yaml --plot dvc.yaml --title Training --fail-if 'accuracy < 0.9'",
         "Exit code 2 when the accuracy is too low"},
        {"cml report create --metrics metrics.json --baseline median:main:20 --history 50",
         "Against what cml report record has kept of main"},
        {"cml report create --section Loss --plot logs/loss.csv:x=step,y=loss --section Log --log train.log", ""}}},
      {"report init", {{"cml report init --dry-run", "Show the cml.yaml, and write nothing"}}},
      {"report record",
       {{"cml report record --metrics metrics.json", "In the pipeline of pushes to a branch"},
        {"cml report record --records dir:history --repeats 'seeds/*/metrics.json'", ""}}},
      {"report trend",
       {{"cml report trend -o trend.md", ""},
        {"cml report trend --branch main --html public/index.html --badge public/acc.svg:acc", "For Pages"}}},
      {"report preview",
       {{"cml report preview report.md", ""}, {"cml report preview report.md -o page.html --open", ""}}},
      {"report templates",
       {{"cml report templates", ""}, {"cml report templates default > my.mustache", "A start for one of your own"}}},
      {"runner launch",
       {{"cml runner launch --labels=gpu", "Serve jobs on this machine"},
        {"cml runner launch --cloud=aws --cloud-region=us-west --cloud-type=m+t4 --cloud-spot --labels=cml-gpu",
         "On a machine that goes away when it is idle"},
        {"cml runner launch --cloud=kubernetes --labels=cml --single --dry-run",
         "Say what would be made for one job"}}},
      {"runner list", {{"cml runner list", ""}, {"cml runner list --cloud=aws,gcp --json", ""}}},
      {"runner logs", {{"cml runner logs cml-1a2b3c4d", ""}}},
      {"runner stop", {{"cml runner stop cml-1a2b3c4d --cloud=aws", ""}}},
      {"runner gc",
       {{"cml runner gc --cloud=aws --older-than='30 minutes' --dry-run", "Say what would go"},
        {"cml runner gc --run 123456", "Run again what this run lost with its machine"}}},
      {"vega-render",
       {{"cml vega-render roc.vl.json -o roc.png", ""},
        {"cml vega-render roc.vl.json -o roc.pdf --theme dark", ""},
        {"cml vega-render plots/*.json --output-dir pictures --format svg", ""}}},
      {"init", {{"cml init --dry-run", "Show the pipeline, and write nothing"}, {"cml init --forge gitlab", ""}}},
      {"doctor", {{"cml doctor", ""}, {"cml doctor --cloud=aws,kubernetes --json", ""}}},
      {"completion",
       {{"cml completion bash > ~/.local/share/bash-completion/completions/cml", ""},
        {"cml completion zsh > ~/.zfunc/_cml", "A folder of $fpath, before compinit"},
        {"cml completion fish > ~/.config/fish/completions/cml.fish", ""}}},
  };
  return rows;
}

}  // namespace

std::vector<Example> const& examples_of(std::string_view command) {
  static std::vector<Example> const none;
  for (ExamplesOf const& row : table())
    if (row.command == command) return row.examples;
  return none;
}

}  // namespace cml
