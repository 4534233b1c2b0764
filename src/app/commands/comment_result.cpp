// What is told of a posted report: the comment's address, JSON, the job's summary page, what a dry run would do.
#include "app/commands/comment_post.hpp"

#include <nlohmann/json.hpp>

#include "app/result.hpp"
#include "base/text.hpp"
#include "report/dialect.hpp"
#include "report/oversize.hpp"

namespace cml {
namespace {

using nlohmann::json;

constexpr std::size_t kSummaryBytes = 1u << 20;  // Actions drops a step's summary that is longer.

}  // namespace

Status write_step_summary(Context& context, std::string const& body, Diagnostics& diagnostics) {
  std::string const path = context.environment.get("GITHUB_STEP_SUMMARY").value_or("");
  if (path.empty())
    return Error{ErrorKind::Unsupported,
                 "no step summary here: GITHUB_STEP_SUMMARY is not set (GitHub and Gitea Actions set it)"};
  std::string before;
  if (context.files.kind(path) == FileKind::Regular) {
    CML_TRY(text, context.files.read(path, 64u << 20));
    before = std::move(text);
  }
  if (!before.empty() && before.back() != '\n') before += "\n";
  std::string text = without_secrets(body);
  std::size_t const room = kSummaryBytes > before.size() + 1 ? kSummaryBytes - before.size() - 1 : 0;
  if (text.size() > room) {
    diagnostics.missed("", "the step summary takes 1 MiB; the report is cut there");
    for (std::size_t limit = room; text.size() > room && limit > 0; limit = limit * 9 / 10)
      text = truncated(without_secrets(body), limit);
    if (text.size() > room) return ok();
  }
  return context.files.write(path, before + text + "\n");
}

Status print_result(Context& context, PostResult const& result, CommentTarget const& target, std::size_t files,
                    bool prints_address, Diagnostics const& diagnostics) {
  if (!context.options.json)
    return prints_address && !result.comment.url.empty() ? context.console.out(result.comment.url + "\n") : ok();
  return print_json(context, {{"action", name_of(kPostActions, result.action)},
                              {"url", result.comment.url},
                              {"id", result.comment.id},
                              {"target", describe(target)},
                              {"files", files},
                              {"parts", result.parts},
                              {"warnings", in_json(diagnostics)}});
}

Status print_dry_run(Context& context, CommentRequest const& request, PostRequest const& post,
                     ResolvedTarget const& target, Session const& session, Publication const& publication,
                     std::string const& destination, Diagnostics& diagnostics) {
  std::vector<std::string> placeholders;
  for (AssetFile const& file : publication.files()) placeholders.push_back("published:" + content_address(file));
  Forge const& forge = *session.forge;
  std::string const content =
      in_dialect(publication.markdown(placeholders), forge.capabilities(), forge.name(), diagnostics);
  say(context, diagnostics);
  std::string const body = post.mark ? text_of({content, {}, *post.mark}) : content;
  std::string const mode(name_of(kPostModes, request.mode));
  if (context.options.json) {
    json files = json::array();
    for (AssetFile const& file : publication.files())
      files.push_back(
          {{"name", file.name}, {"type", file.mime}, {"bytes", file.bytes.size()}, {"sha256", file.sha256}});
    return print_json(context, {{"dry_run", true},
                                {"mode", mode},
                                {"target", describe(target.target)},
                                {"repository", forge.web_url()},
                                {"destination", destination},
                                {"files", files},
                                {"body", body}});
  }
  std::string text =
      "would post (" + mode + ") on " + describe(target.target) + " of " + forge.web_url() + " [" + target.why + "]\n";
  for (AssetFile const& file : publication.files())
    text += "would publish " + file.name + " (" + file.mime + ", " + std::to_string(file.bytes.size()) + " bytes) to " +
            destination + "\n";
  return context.console.out(text + "\n" + body + "\n");
}

}  // namespace cml
