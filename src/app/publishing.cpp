#include "app/publishing.hpp"

#include "base/text.hpp"

namespace cml {

Status check_report_place(Context& context, std::string const& path, std::string const& workspace_option) {
  CML_TRY(workspace, open_workspace(context.files, workspace_of(context, workspace_option)));
  std::filesystem::path const named = (context.files.current_directory() / path).lexically_normal(),
                              inside = named.lexically_relative(workspace.root);
  if (inside.empty() || *inside.begin() == "..") return ok();
  auto const found = find_named_file(context.files, workspace, named);
  if (found || (found.error().kind != ErrorKind::Unauthorized && found.error().kind != ErrorKind::Unsupported))
    return ok();  // Reading tells what else is wrong.
  return Error{ErrorKind::Usage, "report " + path + " leads to another file: " + found.error().message};
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
