#include "vega/engine/draw.hpp"

#include <cmath>
#include <map>

#include "base/text.hpp"
#include "vega/engine/author.hpp"
#include "vega/engine/html.hpp"
#include "vega/lite/compile.hpp"
#include "vega/lite/themes.hpp"
#include "vega/render/render.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

namespace cml {
namespace {

std::string title_of(vega::Value const& spec) {
  auto const& title = spec["title"];
  for (auto const* text : {&title, &title["text"], &spec["description"]}) {
    if (text->is_string()) return std::string(text->string());
    if (text->is_array() && text->size()) return text->to_string();
  }
  return {};
}

// Puts a locale's definition into the configuration, over its own.
Status set_locale(vega::Value& config, char const* kind, std::string const& json) {
  if (json.empty()) return ok();
  auto definition = vega::parse_json(json);
  if (!definition || !definition->is_object())
    return Error{ErrorKind::BadInput, std::string("the ") + kind + " locale is not a JSON object"};
  vega::Value locale = config["locale"].is_object() ? config["locale"] : vega::Value::object({});
  locale.set(kind, std::move(*definition));
  if (!config.is_object()) config = vega::Value::object({});
  config.set("locale", std::move(locale));
  return ok();
}

}  // namespace

struct Drawer::Impl final : vega::SceneContext {
  vega::TextMetrics& text() override { return fonts; }
  bool image_size(std::string_view url, double& width, double& height) override {
    auto const* bitmap = images->get(url);
    if (!bitmap) return false;
    width = bitmap->width;
    height = bitmap->height;
    return true;
  }

  vega::FontSet fonts;
  vega::Images* images = nullptr;  // Of the picture being drawn.
  std::string title;
  vega::DataStore* store = nullptr;
  std::map<std::string, vega::DataCache> kept_data;  // By the folder that addresses start from.
};

Drawer::Drawer() : impl_(std::make_unique<Impl>()) {}
Drawer::~Drawer() = default;
void Drawer::keep_data(vega::DataStore& store) { impl_->store = &store; }
std::string const& Drawer::last_title() const { return impl_->title; }

// Names of fields, channels and files are the author's and stand in many messages: here each becomes one clean line.
Result<std::string> Drawer::draw(std::string_view text, DrawOptions const& options, Load const& load,
                                 Diagnostics& diagnostics) {
  vega::BudgetScope const budget(vega::Limits{}.times(options.budget));  // Of all parts together.
  Diagnostics told;
  auto drawn = [&]() -> Result<std::string> {
    try {
      return vega::guarded([&] { return draw_unguarded(text, options, load, told); });
    } catch (std::exception const& e) {  // One picture must not end a report, nor a thread of others.
      return Error{ErrorKind::Bug,
                   std::string("internal error: ") + e.what() + "; please report it with the specification"};
    }
  }();
  for (Warning const& warning : told.warnings()) {
    auto const where = clean_line(warning.where, std::string::npos), what = clean_line(warning.text, std::string::npos);
    warning.missed ? diagnostics.missed(where, what) : diagnostics.warn(where, what);
  }
  if (drawn) return drawn;
  Error error = std::move(drawn).error();
  error.message = clean_line(error.message, std::string::npos);
  return error;
}

Result<std::string> Drawer::draw_unguarded(std::string_view text, DrawOptions const& options, Load const& load,
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
  CML_CHECK_OK(set_locale(config, "number", options.number_locale));
  CML_CHECK_OK(set_locale(config, "time", options.time_locale));
  bool const is_lite = vega::lite::is_vega_lite(spec);
  if (auto refused = not_a_chart(spec, is_lite)) return std::move(*refused);
  FieldCheck const fields(spec);
  if (is_lite) {
    check_words(spec, diagnostics);
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

  impl_->fonts.add_folders(options.font_folders);
  impl_->fonts.take_missing();  // Of a picture that failed.
  vega::Images images(load, [&](std::string warning) { diagnostics.warn("", std::move(warning)); });
  impl_->images = &images;
  vega::RunOptions run_options;
  run_options.seed = options.seed;
  run_options.now = options.now;
  run_options.config = config;
  run_options.descriptions =
      options.format == DrawFormat::Svg || options.format == DrawFormat::Html || options.format == DrawFormat::Scene;
  if (impl_->store) {
    auto const& place = options.data_place;
    run_options.kept_data = &impl_->kept_data.try_emplace(place, *impl_->store, place).first->second;
  }
  run_options.load = load;
  auto scene = vega::run(spec, run_options, *impl_, diagnostics);
  if (!scene) return std::move(scene).error();
  if (fields.tell(diagnostics) == 0) check_drawn(*scene, diagnostics);
  auto drawn = render(*scene, options, images, spec);
  // Who reads text as text has fonts of their own.
  bool const as_glyphs =
      options.format == DrawFormat::Png || options.format == DrawFormat::Jpeg || options.format == DrawFormat::Pdf;
  if (drawn && as_glyphs) CML_CHECK_OK(tell_missing(impl_->fonts.take_missing(), options.missing_fonts, diagnostics));
  return drawn;
}

Result<std::string> Drawer::render(vega::Scene const& scene, DrawOptions const& options, vega::Images& images,
                                   vega::Value const& spec) {
  switch (options.format) {
    case DrawFormat::Scene:
      return vega::scene_to_json(scene, 1) + "\n";
    case DrawFormat::Svg:
      return vega::render_svg(scene, options.scale, impl_->fonts, images);
    case DrawFormat::Html: {
      CML_TRY(svg, vega::render_svg(scene, options.scale, impl_->fonts, images));
      return html_page(svg, spec, impl_->title, options.page_renderer);
    }
    case DrawFormat::Pdf:
      return vega::render_pdf(scene, options.scale, impl_->fonts, images);
    case DrawFormat::Jpeg:
      return vega::render_jpeg(scene, {options.scale, options.ppi, false, options.jpeg_quality}, impl_->fonts, images);
    case DrawFormat::Png:
    case DrawFormat::Vega:
      break;
  }
  return vega::render_png(scene, {options.scale, options.ppi, false}, impl_->fonts, images);
}

}  // namespace cml
