#include "app/commands.hpp"

#include "app/commands/all.hpp"

namespace cml {

std::vector<Command> const& commands() {
  static std::vector<Command> const table{
      {"comment create",
       "Post a Markdown report as a comment",
       declare_comment_create,
       {{"send-comment", "\"cml send-comment\" is deprecated, please use \"cml comment create\""}, {"comment", ""}},
       {"CML_COMMENT_", "CML_SEND_COMMENT_"}},
      {"comment update",
       "Post a report, or replace the one posted before",
       declare_comment_update,
       {},
       {"CML_COMMENT_", "CML_SEND_COMMENT_"}},
      {"comment deliver",
       "Post a report that a job without a token has bundled",
       declare_comment_deliver,
       {},
       {"CML_COMMENT_"}},
      {"comment list", "List the comments that cml posted on a thread", declare_comment_list, {}, {"CML_COMMENT_"}},
      {"comment delete",
       "Delete the comments that cml posted on a thread",
       declare_comment_delete,
       {},
       {"CML_COMMENT_"}},
      {"asset publish",
       "Upload files and print their URL or Markdown",
       declare_asset_publish,
       {{"publish", "\"cml publish\" is deprecated since \"cml comment\" now supports \"![inline](./asset.png)\""}},
       {"CML_ASSET_", "CML_PUBLISH_"}},
      {"asset prune", "Remove old files from the asset branch", declare_asset_prune, {}, {"CML_ASSET_"}},
      {"check create",
       "Report on a commit: a check run, or the forge's commit status",
       declare_check_create,
       {{"send-github-check", "\"cml send-github-check\" is deprecated, please use \"cml check create\""}},
       {"CML_CHECK_", "CML_SEND_GITHUB_CHECK_"}},
      {"pr create", "Commit changed files and open a pull request", declare_pr_create, {{"pr", ""}}, {"CML_PR_"}},
      {"repo prepare",
       "Set this clone's identity and fetch its history",
       declare_repo_prepare,
       {{"ci", ""}},
       {"CML_REPO_", "CML_CI_"}},
      {"workflow rerun",
       "Run a workflow or pipeline again",
       declare_workflow_rerun,
       {{"rerun-workflow", "\"cml rerun-workflow\" is deprecated, please use \"cml workflow rerun\""}},
       {"CML_WORKFLOW_", "CML_RERUN_WORKFLOW_"}},
      {"report create",
       "Write a Markdown report from metrics, parameters, plots, images and logs",
       declare_report_create,
       {},
       {"CML_REPORT_"}},
      {"report init", "Write a cml.yaml for the files that are found here", declare_report_init, {}, {"CML_REPORT_"}},
      {"report preview",
       "Show a report as a forge would, as one HTML page",
       declare_report_preview,
       {},
       {"CML_REPORT_"}},
      {"report record",
       "Keep the metrics of a pushed commit, for trends and baselines",
       declare_report_record,
       {},
       {"CML_REPORT_"}},
      {"report trend",
       "Show the course of recorded metrics: Markdown, one HTML page, badges",
       declare_report_trend,
       {},
       {"CML_REPORT_"}},
      {"report templates", "List the templates of reports and plots", declare_report_templates, {}, {"CML_REPORT_"}},
      {"runner launch",
       "Serve jobs on this machine, or on one made in a cloud",
       declare_runner_launch,
       {{"runner", ""}},
       {"CML_RUNNER_"}},
      {"runner list", "List machines and registrations that cml made", declare_runner_list, {}, {"CML_RUNNER_"}},
      {"runner logs", "Show what a machine made in a cloud printed", declare_runner_logs, {}, {"CML_RUNNER_"}},
      {"runner stop", "Take a runner and its machine away", declare_runner_stop, {}, {"CML_RUNNER_"}},
      {"runner gc",
       "Remove machines and registrations that are past their limit or orphaned",
       declare_runner_gc,
       {},
       {"CML_RUNNER_"}},
      {"tensorboard connect",
       "Says what became of TensorBoard.dev",
       declare_tensorboard_connect,
       {{"tensorboard-dev", "\"cml tensorboard-dev\" is deprecated, please use \"cml tensorboard connect\""}},
       {"CML_TENSORBOARD_", "CML_TENSORBOARD_DEV_"},
       false},
      {"vega-render",
       "Draw Vega-Lite and Vega specifications as PNG, SVG, PDF, JPEG or HTML",
       declare_vega_render,
       {},
       {"CML_VEGA_RENDER_"}},
      {"init", "Write a starter pipeline for this repository", declare_init, {}, {"CML_INIT_"}},
      {"doctor", "Try what the other commands need, and say what to do", declare_doctor, {}, {"CML_DOCTOR_"}},
      {"completion", "Print the completion script of a shell", declare_completion},
      {"manual", "Write the manual pages into a folder", declare_manual, {}, {}, false},
      {"vl2png", "Vega-Lite to PNG, as vega-cli's tool of that name", declare_vl2png, {}, {}, false},
      {"vl2svg", "Vega-Lite to SVG", declare_vl2svg, {}, {}, false},
      {"vl2vg", "Vega-Lite to Vega", declare_vl2vg, {}, {}, false},
      {"vg2png", "Vega to PNG", declare_vg2png, {}, {}, false},
      {"vg2svg", "Vega to SVG", declare_vg2svg, {}, {}, false},
      {"vl2pdf", "Vega-Lite to PDF", declare_vl2pdf, {}, {}, false},
      {"vg2pdf", "Vega to PDF", declare_vg2pdf, {}, {}, false},
      {"vl-convert vl2vg", "Vega-Lite to Vega, by vl-convert's options", declare_convert_vl2vg, {}, {}, false},
      {"vl-convert vl2png", "Vega-Lite to PNG, by vl-convert's options", declare_convert_vl2png, {}, {}, false},
      {"vl-convert vl2svg", "Vega-Lite to SVG, by vl-convert's options", declare_convert_vl2svg, {}, {}, false},
      {"vl-convert vl2pdf", "Vega-Lite to PDF, by vl-convert's options", declare_convert_vl2pdf, {}, {}, false},
      {"vl-convert vl2jpeg", "Vega-Lite to JPEG, by vl-convert's options", declare_convert_vl2jpeg, {}, {}, false},
      {"vl-convert vl2html", "Vega-Lite to HTML, by vl-convert's options", declare_convert_vl2html, {}, {}, false},
      {"vl-convert vg2png", "Vega to PNG, by vl-convert's options", declare_convert_vg2png, {}, {}, false},
      {"vl-convert vg2svg", "Vega to SVG, by vl-convert's options", declare_convert_vg2svg, {}, {}, false},
      {"vl-convert vg2pdf", "Vega to PDF, by vl-convert's options", declare_convert_vg2pdf, {}, {}, false},
      {"vl-convert vg2jpeg", "Vega to JPEG, by vl-convert's options", declare_convert_vg2jpeg, {}, {}, false},
      {"vl-convert vg2html", "Vega to HTML, by vl-convert's options", declare_convert_vg2html, {}, {}, false},
      {"vl-convert ls-themes", "List the themes", declare_convert_ls_themes, {}, {}, false},
      {"vl-convert cat-theme", "Print a theme", declare_convert_cat_theme, {}, {}, false},
  };
  return table;
}

std::vector<std::string> words_of_program_name(std::string_view program_path) {
  std::string_view name = program_path.substr(program_path.rfind('/') + 1);
  if (name.substr(0, 4) == "cml-") {
    std::string_view const word = name.substr(4);
    for (Command const& command : commands()) {
      if (command.name == word) return {std::string(word)};
      for (CommandAlias const& alias : command.aliases)
        if (alias.name == word) return {std::string(word)};
    }
    return {};  // "cml-linux-x64" and the like are cml itself.
  }
  for (Command const& command : commands())
    if (command.name == name || (command.name.size() > name.size() && command.name.starts_with(name) &&
                                 command.name[name.size()] == ' ' && !command.listed))
      return {std::string(name)};
  return {};
}

}  // namespace cml
