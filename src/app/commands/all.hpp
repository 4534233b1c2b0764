// One line per command: declares its flags and returns its action (app/commands.hpp).
#pragma once

#include "app/commands.hpp"

namespace cml {

Action declare_comment_create(Flags&);
Action declare_comment_update(Flags&);
Action declare_comment_deliver(Flags&);
Action declare_comment_list(Flags&);
Action declare_comment_delete(Flags&);
Action declare_asset_publish(Flags&);
Action declare_asset_prune(Flags&);
Action declare_check_create(Flags&);
Action declare_pr_create(Flags&);
Action declare_repo_prepare(Flags&);
Action declare_workflow_rerun(Flags&);
Action declare_report_create(Flags&);
Action declare_report_init(Flags&);
Action declare_report_preview(Flags&);
Action declare_report_record(Flags&);
Action declare_report_templates(Flags&);
Action declare_report_trend(Flags&);
Action declare_runner_launch(Flags&);
Action declare_runner_list(Flags&);
Action declare_runner_logs(Flags&);
Action declare_runner_stop(Flags&);
Action declare_runner_gc(Flags&);
Action declare_tensorboard_connect(Flags&);
Action declare_vega_render(Flags&);
Action declare_init(Flags&);
Action declare_doctor(Flags&);
Action declare_completion(Flags&);
Action declare_manual(Flags&);
Action declare_vl2png(Flags&);
Action declare_vl2svg(Flags&);
Action declare_vl2vg(Flags&);
Action declare_vg2png(Flags&);
Action declare_vg2svg(Flags&);
Action declare_vl2pdf(Flags&);
Action declare_vg2pdf(Flags&);
Action declare_convert_vl2vg(Flags&);
Action declare_convert_vl2png(Flags&);
Action declare_convert_vl2svg(Flags&);
Action declare_convert_vl2pdf(Flags&);
Action declare_convert_vl2jpeg(Flags&);
Action declare_convert_vl2html(Flags&);
Action declare_convert_vg2png(Flags&);
Action declare_convert_vg2svg(Flags&);
Action declare_convert_vg2pdf(Flags&);
Action declare_convert_vg2jpeg(Flags&);
Action declare_convert_vg2html(Flags&);
Action declare_convert_ls_themes(Flags&);
Action declare_convert_cat_theme(Flags&);

}  // namespace cml
