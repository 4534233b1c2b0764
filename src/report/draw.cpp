#include "report/draw.hpp"

#include <cmath>
#include <map>
#include <mutex>

#include "base/url.hpp"
#include "vega/lite/compile.hpp"
#include "vega/lite/themes.hpp"
#include "vega/render/render.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/json.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxDataBytes = 512ull << 20;

bool has_scheme(std::string_view url) {
  auto const at = url.find("://");
  return (at != std::string_view::npos && at > 0 && at < 12) || url.substr(0, 2) == "//";
}

// Files below the base folder, and addresses the user allowed; nothing else.
class DataSource {
 public:
  DataSource(FileSystem& files, HttpClient* http, DrawOptions const& options)
      : files_(files), http_(http), options_(options) {}

  Result<std::string> load(std::string_view url) {
    if (url.substr(0, 5) == "data:") return inline_data(url);
    if (has_scheme(url) && url.substr(0, 7) != "file://") return fetch(url);
    if (url.substr(0, 7) == "file://") url.remove_prefix(7);
    std::filesystem::path const base = options_.base.empty() ? files_.current_directory() : options_.base;
    std::filesystem::path const path = base / std::filesystem::path(std::string(url));
    auto const real_base = files_.resolve(base);
    auto const real = files_.resolve(path);
    if (!real_base) return Error{ErrorKind::NotFound, "base folder " + base.string() + " does not exist"};
    if (!real)
      return Error{ErrorKind::NotFound, "data file " + path.string() + " does not exist; relative addresses start at " +
                                            base.string() + " (set it with --base)"};
    auto const relative = real->lexically_relative(*real_base);
    if (relative.empty() || *relative.begin() == "..")
      return Error{ErrorKind::BadInput, "data file " + path.string() + " lies outside the base folder " +
                                            base.string() + "; set --base to a folder that holds it"};
    return files_.read(*real, kMaxDataBytes);
  }

 private:
  Result<std::string> fetch(std::string_view url) {
    HttpRequest request{.url = std::string(url), .max_response_bytes = 256u << 20};
    request.policy = std::make_shared<UrlPolicy const>(http_ ? options_.allowed_urls : std::vector<std::string>());
    CML_CHECK_OK(request.policy->check(url));
    static std::mutex one_at_a_time;  // The client serves one thread.
    std::lock_guard const lock(one_at_a_time);
    CML_TRY(response, http_->send(request));
    if (response.status == 200) return std::move(response.body);
    return Error{ErrorKind::Network, "GET " + safe_url(url) + ": status " + std::to_string(response.status)};
  }
  static Result<std::string> inline_data(std::string_view url) {
    auto const comma = url.find(',');
    if (comma == std::string_view::npos) return Error{ErrorKind::BadInput, "malformed data: address"};
    std::string out;
    auto const body = url.substr(comma + 1);
    if (url.substr(0, comma).find(";base64") != std::string_view::npos)
      return Error{ErrorKind::Unsupported, "base64 data: addresses hold images only"};
    for (std::size_t i = 0; i < body.size(); ++i) {
      if (body[i] == '%' && i + 2 < body.size()) {
        out += static_cast<char>(std::strtol(std::string(body.substr(i + 1, 2)).c_str(), nullptr, 16));
        i += 2;
      } else {
        out += body[i];
      }
    }
    return out;
  }

  FileSystem& files_;
  HttpClient* http_;
  DrawOptions const& options_;
};

std::string title_of(vega::Value const& spec) {
  auto const& title = spec["title"];
  for (auto const* text : {&title, &title["text"], &spec["description"]}) {
    if (text->is_string()) return std::string(text->string());
    if (text->is_array() && text->size()) return text->to_string();
  }
  return {};
}

}  // namespace

struct Drawer::Impl final : vega::SceneContext {
  Impl(FileSystem& f, HttpClient* h) : files(f), http(h) {}
  vega::TextMetrics& text() override { return fonts; }
  bool image_size(std::string_view url, double& width, double& height) override {
    auto const* bitmap = images->get(url);
    if (!bitmap) return false;
    width = bitmap->width;
    height = bitmap->height;
    return true;
  }

  FileSystem& files;
  HttpClient* http;
  vega::FontSet fonts;
  vega::Images* images = nullptr;  // Of the picture being drawn.
  std::string title;
  vega::DataStore* store = nullptr;
  std::map<std::string, vega::DataCache> kept_data;  // By the folder that addresses start from.
};

Drawer::Drawer(FileSystem& files, HttpClient* http) : impl_(std::make_unique<Impl>(files, http)) {}
Drawer::~Drawer() = default;
void Drawer::keep_data(vega::DataStore& store) { impl_->store = &store; }
std::string const& Drawer::last_title() const { return impl_->title; }

Result<std::string> Drawer::draw(std::string_view text, DrawOptions const& options, Diagnostics& diagnostics) {
  try {
    return draw_unguarded(text, options, diagnostics);
  } catch (std::bad_alloc const&) {
    return Error{ErrorKind::Io, "not enough memory to draw this specification"};
  } catch (std::exception const& e) {  // One picture must not end a report, nor a thread of others.
    return Error{ErrorKind::Bug,
                 std::string("internal error: ") + e.what() + "; please report it with the specification"};
  }
}

Result<std::string> Drawer::draw_unguarded(std::string_view text, DrawOptions const& options,
                                           Diagnostics& diagnostics) {
  CML_TRY(spec, vega::parse_spec(text));
  if (!spec.is_object()) return Error{ErrorKind::BadInput, "$: a specification must be a JSON object"};
  impl_->title = title_of(spec);
  vega::Value config;
  if (!options.config.empty()) {
    auto parsed = vega::parse_json(options.config);
    if (!parsed) return std::move(parsed).error().while_doing("configuration");
    config = *parsed;
  }
  if (!options.theme.empty()) {  // A theme is a configuration below the caller's own.
    CML_TRY(theme, vega::lite::theme(options.theme));
    config = vega::merge_config(std::move(theme), config);
  }
  if (vega::lite::is_vega_lite(spec)) {
    if (options.vega_only)
      return Error{ErrorKind::BadInput,
                   "this is a Vega-Lite specification; draw it with vl2png, vl2svg or cml vega-render"};
    vega::lite::CompileOptions compile_options;
    compile_options.config = config;
    CML_TRY(compiled, vega::lite::compile(spec, compile_options, diagnostics));
    spec = std::move(compiled);
    config = vega::Value();  // The compiler has worked it in.
  }
  if (!options.background.empty()) spec.set("background", options.background);
  if (options.format == DrawFormat::Vega) return vega::to_json(spec, 2) + "\n";

  DataSource source(impl_->files, impl_->http, options);
  vega::Images images([&](std::string_view url) { return source.load(url); },
                      [&](std::string warning) { diagnostics.warn("", std::move(warning)); });
  impl_->images = &images;
  vega::RunOptions run_options;
  run_options.seed = options.seed;
  run_options.now = options.now;
  run_options.config = config;
  run_options.descriptions = options.format != DrawFormat::Png;
  if (impl_->store) {
    auto const folder = options.base.string();
    run_options.kept_data = &impl_->kept_data.try_emplace(folder, *impl_->store, folder).first->second;
  }
  run_options.load = [&](std::string_view url) { return source.load(url); };
  auto scene = vega::run(spec, run_options, *impl_, diagnostics);
  if (!scene) return std::move(scene).error();
  switch (options.format) {
    case DrawFormat::Scene:
      return vega::scene_to_json(*scene, 1) + "\n";
    case DrawFormat::Svg:
      return vega::render_svg(*scene, options.scale, impl_->fonts, images);
    default:
      return vega::render_png(*scene, {options.scale, options.ppi, false}, impl_->fonts, images);
  }
}

}  // namespace cml
