#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/session.hpp"
#include "base/text.hpp"
#include "report/watermark.hpp"

namespace cml {
namespace {

using nlohmann::json;

struct CommentListOptions {
  std::string target = "auto";
  std::string watermark_title;
  bool any = false;
};

Status comment_list(CommentListOptions const& options, Context& context) {
  CML_TRY(wanted, parse_target(options.target));
  CML_TRY(session, open_session(context, wanted.of_this_run() ? Belongs::ToPullRequest : Belongs::ToRepository));
  tell_unreached(context, session);
  CML_TRY(target, resolve_target(context, session, wanted, ""));
  CML_TRY(comments, session.forge->comments(target.target));
  std::string const title = filled_title(context, session.ci, options.watermark_title);
  std::string text;
  json list = json::array();
  for (Comment const& comment : comments) {
    auto const marked = comment.author == Comment::Author::Other ? std::nullopt : read_marked(comment.body);
    if (!options.any && !(marked && (title.empty() || same_title(marked->mark.title, title)))) continue;
    text += comment.id + "\t" + comment.created_at + "\t" + comment.url + "\n";
    list.push_back(
        {{"id", comment.id}, {"url", comment.url}, {"created_at", comment.created_at}, {"body", comment.body}});
  }
  return context.console.out(context.options.json ? list.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"
                                                  : text);
}

}  // namespace

Action declare_comment_list(Flags& flags) {
  auto const options = std::make_shared<CommentListOptions>();
  flags.text("--target", &options->target, "auto, pr, pr/N, commit, commit/SHA or issue/N (default auto)");
  flags.text("--watermark-title", &options->watermark_title,
             "Only comments with this title; without it, all that cml posted");
  flags.boolean("--all", &options->any, "Those of people, too");
  return [options](Context& context) { return comment_list(*options, context); };
}

}  // namespace cml
