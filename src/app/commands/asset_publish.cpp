#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/publishing.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "asset/media_type.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/compose/escape.hpp"

namespace cml {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = 100u << 20;  // GitHub refuses larger files.

struct AssetPublishOptions {
  std::vector<std::string> paths;  // None or "-": the standard input.
  bool markdown = false;
  std::string title;
  bool native = false;
  bool gitlab_uploads = false;
  std::string url;
  std::string publish_to;
  std::string mime_type;
  std::string file;
  bool rm_watermark = false;
  std::string workspace;
  bool allow_outside = false;
};

// What the caller's shell opened for us: standard input, or a pipe ("<(program)").
bool is_handed_over(std::string const& path) {
  if (path == "/dev/stdin") return true;
  for (std::string_view folder : {"/dev/fd/", "/proc/self/fd/"})
    if (path.substr(0, folder.size()) == folder) return parse_integer(path.substr(folder.size())).has_value();
  return false;
}

// A name may come from data of a pull request, so it is held against the workspace like a report's links.
Result<std::string> read_named(std::string const& path, Door const& door, Context& context) {
  if (is_handed_over(path)) return context.files.read(path, kMaxFileBytes);
  auto bytes = door.read(path, kMaxFileBytes);
  if (bytes || bytes.error().kind != ErrorKind::Unauthorized) return bytes;
  bool const outside = contains(bytes.error().message, "outside the workspace");
  return Error{ErrorKind::Usage,
               bytes.error().message + (outside ? ", --allow-outside publishes it all the same" : "")};
}

Result<AssetFile> read_asset(std::string const& path, AssetPublishOptions const& options, Door const& door,
                             Context& context) {
  AssetFile asset;
  bool const input = path == "-";
  Result<std::string> bytes = input ? context.console.read_input(kMaxFileBytes) : read_named(path, door, context);
  if (!bytes) {
    Error error = std::move(bytes).error();
    if (error.kind == ErrorKind::Unsupported) error.kind = ErrorKind::Usage;
    error.message = "asset " + path + ": " + error.message;
    if (error.kind == ErrorKind::NotFound)
      error.message += "; check the name and the folder (" + context.files.current_directory().string() + ")";
    return error;
  }
  if (bytes->empty())
    return Error{ErrorKind::BadInput, input ? "the standard input is empty; did the program before the pipe fail?"
                                            : "asset " + path + " is empty; nothing is published"};
  asset.bytes = std::move(bytes).value();
  asset.mime = options.mime_type.empty() ? media_type(asset.bytes) : options.mime_type;
  asset.sha256 = sha256_hex(asset.bytes);
  asset.name = input || is_handed_over(path) ? "file" + extension_of(asset) : fs::path(path).filename().string();
  return asset;
}

// The title is the user's own Markdown; a file's name may come from a pull request and is shown as it is.
std::string in_markdown(AssetFile const& asset, std::string const& url, std::string const& title) {
  bool const shown = asset.mime.substr(0, 6) == "image/" || asset.mime.substr(0, 6) == "video/";
  if (shown) {
    std::string const quoted = replace_all(replace_all(title, "\\", "\\\\"), "\"", "\\\"");
    return "![](" + url + (title.empty() ? "" : " \"" + quoted + "\"") + ")";
  }
  std::string const text =
      title.empty() ? report::escape_markdown(asset.name) : replace_all(replace_all(title, "[", "\\["), "]", "\\]");
  return "[" + text + "](" + url + ")";
}

std::optional<CommentTarget> thread_of_run(Session const& session) {
  if (!session.ci.pull_request) return std::nullopt;
  return PullRequestTarget{*session.ci.pull_request};
}

Status asset_publish(AssetPublishOptions const& options, Context& context) {
  if (options.gitlab_uploads)
    context.console.log(LogLevel::Warn, "--gitlab-uploads will be deprecated soon, use --native instead");
  std::vector<std::string> paths = options.paths;
  if (paths.empty()) paths = {"-"};
  std::vector<AssetFile> assets;
  CML_TRY(door, open_door(context, options.allow_outside ? "/" : options.workspace));
  for (std::string const& path : paths) {
    CML_TRY(asset, read_asset(path, options, door, context));
    assets.push_back(std::move(asset));
  }
  std::string const destination =
      asset_destination(context, options.publish_to, options.url, options.native || options.gitlab_uploads);
  Session session;
  if (needs_forge(destination)) {
    CML_TRY(opened, open_session(context));
    session = std::move(opened);
    tell_unreached(context, session);
  }
  CML_TRY(store,
          open_asset_store(context, destination, session.forge.get(), !options.rm_watermark, thread_of_run(session)));
  if (context.options.dry_run) {
    std::string text;
    json files = json::array();
    for (AssetFile const& asset : assets)
      files.push_back({{"name", asset.name}, {"type", asset.mime}, {"sha256", asset.sha256}});
    if (context.options.json)
      return print_json(context, {{"dry_run", true}, {"destination", store->describe()}, {"files", files}});
    for (AssetFile const& asset : assets)
      text += "would publish " + clean_line(asset.name) + " (" + asset.mime + ", " +
              std::to_string(asset.bytes.size()) + " bytes) to " + store->describe() + "\n";
    return context.console.out(text);
  }
  context.console.progress("publishing to " + store->describe());
  CML_TRY(urls, store->put(assets));
  std::string output;
  json list = json::array();
  Status complete = ok();  // What is stored is told all the same.
  for (std::size_t i = 0; i < assets.size(); ++i) {
    if (urls[i].empty()) {
      if (complete)
        complete = Error{ErrorKind::Unsupported, clean_line(assets[i].name) + " (" + assets[i].mime +
                                                     ") cannot be stored in " + store->describe() +
                                                     "; use another --publish-to"};
      continue;
    }
    std::string const markdown = in_markdown(assets[i], urls[i], options.title);
    output += (options.markdown ? markdown : urls[i]) + "\n";
    list.push_back({{"name", assets[i].name},
                    {"type", assets[i].mime},
                    {"sha256", assets[i].sha256},
                    {"url", urls[i]},
                    {"markdown", markdown}});
  }
  if (list.empty()) return complete;
  if (context.options.json) output = list.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  CML_CHECK_OK(options.file.empty() ? context.console.out(output) : door.write(options.file, trim(output)));
  return complete;
}

}  // namespace

Action declare_asset_publish(Flags& flags) {
  auto const options = std::make_shared<AssetPublishOptions>();
  flags.positional("FILE", &options->paths, 0, 10'000, "files to publish; none or - for the standard input");
  flags.boolean("--md", &options->markdown, "Print Markdown: ![](URL) for pictures, [title](URL) for other files");
  flags.text("--title,-t", &options->title, "Title for the Markdown");
  flags
      .text("--publish-to", &options->publish_to,
            "Where files go: auto, native, branch, branch:NAME, release, attachment, s3://BUCKET/PREFIX, "
            "https://SERVER, dir:PATH")
      .takes("PLACE");
  flags.boolean("--native", &options->native, "Use the forge's own storage, as auto does");
  flags.text("--mime-type", &options->mime_type, "Media type instead of the one found by looking at the bytes");
  flags.text("--workspace", &options->workspace, "Only files below this folder are published (default: the git clone)");
  flags.boolean("--allow-outside", &options->allow_outside,
                "Publish files that lie outside the workspace, too, e.g. in /tmp");
  flags.text("--url", &options->url, "An asset server that speaks CML's upload protocol").hide();
  flags.boolean("--gitlab-uploads", &options->gitlab_uploads, "Deprecated: use --native").hide();
  flags.boolean("--rm-watermark", &options->rm_watermark, "Leave the cml= parameter out of the address").hide();
  flags.text("--file,-f", &options->file, "Write the result to this file instead of the standard output").hide();
  return [options](Context& context) { return asset_publish(*options, context); };
}

}  // namespace cml
