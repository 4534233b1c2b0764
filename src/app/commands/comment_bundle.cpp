// cml comment create --bundle: the report for a job that may post it (report/bundle.hpp).
#include "app/commands/comment_post.hpp"

#include <nlohmann/json.hpp>

#include "app/result.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "report/bundle.hpp"

namespace cml {
namespace {

using nlohmann::json;

std::string pictures_of(Bundle const& bundle) {
  std::size_t const count = bundle.pictures.size();
  return std::to_string(count) + (count == 1 ? " picture" : " pictures");
}

Status print_bundle(CommentRequest const& request, Context& context, Bundle const& bundle,
                    Diagnostics const& diagnostics) {
  bool const dry = context.options.dry_run;
  if (context.options.json) {
    json files = json::array();
    for (AssetFile const& file : bundle.pictures)
      files.push_back(
          {{"name", file.name}, {"type", file.mime}, {"bytes", file.bytes.size()}, {"sha256", file.sha256}});
    json result{{"bundle", request.bundle}, {"mode", name_of(kPostModes, bundle.mode)},
                {"target", bundle.target},  {"bytes", bundle.report.size()},
                {"files", files},           {"warnings", in_json(diagnostics)}};
    if (dry) result["dry_run"] = true;
    return print_json(context, result);
  }
  if (!dry) return context.console.out(request.bundle + "\n");
  return context.console.out("would write the bundle " + request.bundle + " (" +
                             std::string(name_of(kPostModes, bundle.mode)) + ", " + pictures_of(bundle) + ")\n\n" +
                             bundle.report + "\n");
}

}  // namespace

Status bundle_report(CommentRequest const& request, Context& context, Report const& report, Diagnostics& diagnostics) {
  CiRun const ci = read_ci(context.environment, context.files);
  Bundle bundle;
  bundle.mode = request.mode;
  bundle.oversize = request.oversize;
  bundle.title = clean_line(filled_title(context, ci, request.title.value_or("")), kMaxBundleText);
  bundle.target = target_text(request.target);
  std::string const commit = to_lower(commit_of_run(context, ci, request.commit));
  if (commit.find_first_not_of("0123456789abcdef") == std::string::npos) bundle.commit = commit;
  bundle.pull_request = ci.pull_request;
  bool const publishes = request.publish && request.mode != PostMode::Delete;
  // Whoever delivers it knows whether the forge shows HTML.
  Publication const publication =
      publishes ? prepare_publication(request, context, true, report, diagnostics) : Publication(report.text);
  put_into(bundle, publication, diagnostics);
  bundle.report = without_secrets(bundle.report);  // Artifacts of a run may be public.
  if (!context.options.dry_run) {
    CML_TRY(door, open_door(context, request.workspace));
    CML_CHECK_OK(write_bundle(door, request.bundle, bundle));
    if (request.step_summary)
      CML_CHECK_OK(write_step_summary(context, publication.markdown_without_files(), diagnostics));
    context.console.log(LogLevel::Info,
                        "bundled the report and " + pictures_of(bundle) + "; cml comment deliver posts them");
  }
  say(context, diagnostics);
  CML_CHECK_OK(print_bundle(request, context, bundle, diagnostics));
  CML_CHECK_OK(complete(request.made.settings.strict, diagnostics));
  return report.verdict;
}

}  // namespace cml
