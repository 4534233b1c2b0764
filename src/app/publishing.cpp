#include "app/publishing.hpp"

#include "base/text.hpp"

namespace cml {

Result<std::string> read_report_file(Context& context, Door const& door, std::string const& path) {
  auto text = door.read(path, kMaxReportBytes, Origin::CommandLine);
  if (text) return text;
  Error error = std::move(text).error();
  bool const refused = error.kind == ErrorKind::Unauthorized || error.kind == ErrorKind::Unsupported;
  if (refused) return Error{ErrorKind::Usage, "report " + path + " leads to another file: " + error.message};
  if (error.kind == ErrorKind::NotFound)
    error.message += "; check the name and the folder (" + context.files.current_directory().string() + ")";
  return std::move(error).while_doing("report " + path);
}

std::string asset_destination(Context& context, std::string const& publish_to, std::string const& url, bool native) {
  if (!publish_to.empty()) return publish_to;
  if (native) return "native";
  // CML's own server was the default there; ours never sends images to a host that the user did not choose.
  bool const default_server = contains(url, "://asset.cml.dev");
  if (default_server) context.console.log(LogLevel::Warn, "asset.cml.dev is not used; images go to the forge itself");
  return url.empty() || default_server ? "auto" : url;
}

Result<std::unique_ptr<AssetStore>> open_asset_store(Context& context, std::string const& destination, Forge* forge,
                                                     bool watermark, std::optional<CommentTarget> thread) {
  StoreRequest request;
  request.destination = destination;
  request.cml_watermark = watermark;
  request.insecure_http = context.options.insecure_http;
  request.forge = forge;
  request.thread = std::move(thread);
  request.http = &context.http;
  request.files = &context.files;
  request.random = &context.random;
  request.clock = &context.clock;
  request.environment = &context.environment;
  return open_store(request);
}

}  // namespace cml
