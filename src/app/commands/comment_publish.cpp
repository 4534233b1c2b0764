// What the report shows: drawn, stored, and addresses put in its place.
#include "app/commands/comment_post.hpp"

#include "app/plotter.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/memory.hpp"

#include <algorithm>
#include <chrono>

namespace cml {
namespace {

std::string count_of(std::size_t count, std::string const& one, std::string const& many) {
  return count == 1 ? "One " + one : std::to_string(count) + " " + many;
}

// The right remedy for what `destination` said.
std::string why_not_stored(Error const& error, AssetStore const& store, Session const& session,
                           std::string const& destination) {
  bool const is_forges_own = needs_forge(destination);
  if (lacks_access(error.kind) && is_forges_own)
    return "the token may not store files in " + store.describe() + "; it needs " +
           std::string(session.forge->capabilities().storing_needs);
  return store.describe() + " did not take " + (error.kind == ErrorKind::TooLarge ? "all of them" : "them") + ": " +
         clean_line(error.message, 300);
}

// A thread that was read longer ago is read again before it is posted on: other jobs may have posted meanwhile.
constexpr std::chrono::seconds kFresh{3};

// One by one: what is too large, or refused for itself, costs no other file. Returns why the last one was not taken.
std::optional<Error> put_each(AssetStore& store, std::vector<AssetFile> const& files, RememberedFiles const& known,
                              std::vector<std::string>& urls) {
  std::optional<Error> refused;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto one = put_unknown(store, {files[i]}, known);
    if (one)
      urls[i] = one->front();
    else
      refused = std::move(one).error();
  }
  return refused;
}

}  // namespace

Publication prepare_publication(CommentRequest const& request, Context& context, bool html, Report const& report,
                                Diagnostics& diagnostics) {
  auto const door = open_door(context, request.workspace);
  if (!door) {
    diagnostics.missed(report.name, "its files are not published: " + door.error().message);
    return Publication(report.text);
  }
  PublishRequest asked;
  asked.markdown = report.text;
  asked.name = report.name;
  asked.folder = report.folder;
  asked.html = html;
  asked.plotter = make_plotter(context, *door);
  if (request.made.settings.dark && asked.html) asked.dark_plotter = make_plotter(context, *door, PlotLook::Dark);
  asked.door = &*door;
  return Publication::prepare(asked, diagnostics);
}

PublishedReport publish_report(CommentRequest const& request, Context& context, Session& session,
                               Publication const& publication, PostRequest& post, Diagnostics& diagnostics) {
  std::vector<AssetFile> const& files = publication.files();
  if (files.empty()) return {publication.markdown({}), {}};
  auto store = open_asset_store(context, request.destination, session.forge.get(), true, post.target);
  std::vector<std::string> urls(files.size());
  // A line for readers, and one for the log. Specifications beside their pictures are not counted.
  auto const not_shown = [&](std::string const& why) {
    std::size_t images = 0, others = 0;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (urls[i].empty()) ++(files[i].mime.starts_with("image/") ? images : others);
    std::string const what =
        images > 0 ? count_of(images, "image is", "images are") : count_of(others, "file is", "files are");
    diagnostics.missed("", what + " not shown: " + why);
    return "\n\n> [!WARNING]\n> " + what + " not shown: " + clean_line(why, 400) + ".\n";
  };
  if (!store) return {publication.markdown(urls) + not_shown(store.error().message), {}};
  context.console.progress("publishing " + std::to_string(files.size()) + (files.size() == 1 ? " file" : " files") +
                           " to " + (*store)->describe());
  RememberedFiles known;
  auto const read_at = context.clock.now();
  if (searches(post.mode) && post.mark) {
    // A thread that cannot be read is an error of the posting, not of the files.
    if (auto comments = session.forge->comments(post.target, concerns_us)) post.thread = std::move(comments).value();
    auto const own = own_comments(post.thread.value_or(std::vector<Comment>{}), post.mark->title);
    for (auto comment = own.rbegin(); comment != own.rend(); ++comment)  // The newest address counts.
      known.merge(remembered_files(comment->text.notes));
  }
  std::optional<Error> refused;
  if (auto put = put_unknown(**store, files, known))
    urls = std::move(*put);
  else if (put.error().kind == ErrorKind::TooLarge && files.size() > 1)
    refused = put_each(**store, files, known, urls);
  else
    refused = std::move(put).error();
  if (context.clock.now() - read_at > kFresh) post.thread.reset();
  auto const missing = static_cast<std::size_t>(std::count(urls.begin(), urls.end(), std::string()));
  PublishedReport published{publication.markdown(urls), notes_of(files, urls, **store)};
  if (refused)
    published.content += not_shown(why_not_stored(*refused, **store, session, request.destination));
  else if (missing > 0)
    diagnostics.missed("", count_of(missing, "file", "files") +
                               " that attachments do not take could not be stored; the token needs " +
                               std::string(session.forge->capabilities().storing_needs));
  return published;
}

}  // namespace cml
