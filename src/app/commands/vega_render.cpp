// vega-render, and vega-cli's tools by their own names (vl2png, vl2svg, vl2vg, vg2png, vg2svg).
#include <memory>

#include "app/commands/all.hpp"
#include "app/plotter.hpp"
#include "base/text.hpp"
#include "report/draw.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

struct VegaRenderOptions {
  std::vector<std::string> inputs;  // None or "-": the standard input.
  std::string output, output_dir, format;
  std::string base, config, theme, background;
  std::vector<std::string> allow_url;
  double scale = 1, ppi = 0, seed = 42;
  // vega-cli's tools: a fixed format, and the second name is the output.
  bool tool = false, vega_only = false;
};

constexpr std::uintmax_t kMaxSpecBytes = 2ull << 30;
constexpr std::pair<std::string_view, DrawFormat> kFormats[] = {
    {"png", DrawFormat::Png}, {"svg", DrawFormat::Svg}, {"vega", DrawFormat::Vega}, {"scene", DrawFormat::Scene}};

std::string_view extension_of_format(DrawFormat format) {
  switch (format) {
    case DrawFormat::Png: return ".png";
    case DrawFormat::Svg: return ".svg";
    case DrawFormat::Vega: return ".vg.json";
    case DrawFormat::Scene: return ".scene.json";
  }
  return "";
}

// The format asked for, else the one that the output's name ends in, else PNG.
Result<DrawFormat> choose_format(VegaRenderOptions const& options) {
  std::string name = options.format;
  if (name.empty()) {
    auto const ends = [&](std::string_view end) { return options.output.size() >= end.size() && options.output.substr(options.output.size() - end.size()) == end; };
    name = ends(".svg") ? "svg" : ends(".vg.json") ? "vega" : ends(".scene.json") ? "scene" : "png";
    if (ends(".pdf")) return Error{ErrorKind::Unsupported, "output " + options.output + ": PDF is not supported yet; use .png or .svg"};
  }
  for (auto const& [word, format] : kFormats)
    if (word == name) return format;
  return Error{ErrorKind::Usage, "unknown format \"" + name + "\"; use png, svg, vega or scene"};
}

std::string stem_of(std::string const& input) {
  std::string name = input == "-" ? "stdin" : fs::path(input).filename().string();
  for (std::string_view end : {".vl.json", ".vg.json", ".json"})
    if (name.size() > end.size() && name.substr(name.size() - end.size()) == end) return name.substr(0, name.size() - end.size());
  return name;
}

Status render_one(std::string const& input, VegaRenderOptions const& options, DrawOptions draw_options, std::string const& output, Drawer& drawer, Context& context) {
  bool const from_stdin = input == "-";
  auto const path = context.files.current_directory() / input;
  auto text = from_stdin ? context.console.read_input(kMaxSpecBytes) : context.files.read(path, kMaxSpecBytes);
  std::string const shown = from_stdin ? "standard input" : input;
  if (!text) return std::move(text).error().while_doing(shown);
  if (draw_options.base.empty()) draw_options.base = from_stdin ? context.files.current_directory() : path.parent_path();
  Diagnostics diagnostics;
  auto bytes = drawer.draw(*text, draw_options, diagnostics);
  for (auto const& warning : diagnostics.warnings())
    context.console.log(LogLevel::Warn, shown + ": " + (warning.where.empty() ? "" : warning.where + ": ") + warning.text);
  if (!bytes) return std::move(bytes).error().while_doing(shown);
  if (context.options.dry_run) return context.console.out("would write " + std::to_string(bytes->size()) + " bytes to " + (output.empty() ? "standard output" : output) + "\n");
  if (output.empty() || output == "-") return context.console.out(*bytes);
  (void)options;
  return context.files.write(context.files.current_directory() / output, *bytes);
}

Status vega_render(VegaRenderOptions options, Context& context) {
  if (options.tool && options.inputs.size() == 2) {
    options.output = options.inputs[1];
    options.inputs.pop_back();
  }
  if (options.inputs.empty()) options.inputs = {"-"};
  if (options.inputs.size() > 1 && !options.output.empty())
    return Error{ErrorKind::Usage, "-o names one file but there are " + std::to_string(options.inputs.size()) + " inputs; use --output-dir"};
  if (options.inputs.size() > 1 && options.output_dir.empty()) return Error{ErrorKind::Usage, "several inputs need --output-dir"};
  if (!(options.scale > 0)) return Error{ErrorKind::Usage, "--scale must be above zero"};
  if (options.ppi < 0) return Error{ErrorKind::Usage, "--ppi must be above zero"};
  CML_TRY(format, choose_format(options));
  DrawOptions draw_options;
  draw_options.format = format;
  draw_options.scale = options.scale;
  draw_options.ppi = options.ppi;
  draw_options.seed = options.seed;
  draw_options.now = milliseconds_now(context.clock);
  draw_options.theme = options.theme;
  draw_options.background = options.background;
  draw_options.allowed_urls = options.allow_url;
  draw_options.vega_only = options.vega_only;
  if (!options.base.empty()) draw_options.base = context.files.current_directory() / options.base;
  if (!options.config.empty()) {
    auto config = context.files.read(context.files.current_directory() / options.config);
    if (!config) return std::move(config).error().while_doing("--config " + options.config);
    draw_options.config = std::move(*config);
  }
  if (!options.output_dir.empty()) CML_CHECK_OK(context.files.make_directories(context.files.current_directory() / options.output_dir));

  Drawer drawer(context.files, &context.http);
  std::size_t failed = 0;
  for (auto const& input : options.inputs) {
    std::string output = options.output;
    if (!options.output_dir.empty()) output = (fs::path(options.output_dir) / (stem_of(input) + std::string(extension_of_format(format)))).string();
    auto status = render_one(input, options, draw_options, output, drawer, context);
    if (status) continue;
    if (options.inputs.size() == 1) return status;
    context.console.log(LogLevel::Error, status.error().message);  // The others are drawn all the same.
    ++failed;
  }
  if (failed) return Error{ErrorKind::BadInput, std::to_string(failed) + " of " + std::to_string(options.inputs.size()) + " specifications could not be drawn"};
  return ok();
}

void declare_common(Flags& flags, VegaRenderOptions* o) {
  flags.number("--scale,-s", &o->scale, "Factor on the picture's size (default 1)");
  flags.number("--ppi", &o->ppi, "Resolution in pixels per inch; also scales by ppi/72");
  flags.text("--base,-b", &o->base, "Folder that data addresses start from; nothing outside it is read (default: the input's folder)");
  flags.text("--config,-c", &o->config, "JSON file of a Vega or Vega-Lite configuration");
  flags.number("--seed", &o->seed, "Seed of random() and sample (default 42)");
  flags.list("--allow-url", &o->allow_url, "Prefix of addresses that data may be fetched from; without it there is no network");
}

Action declare_tool(Flags& flags, char const* format, bool vega_only) {
  auto options = std::make_shared<VegaRenderOptions>();
  options->tool = true;
  options->format = format;
  options->vega_only = vega_only;
  flags.positional("input [output]", &options->inputs, 0, 2, "Specification (standard input without it), and the file to write (standard output without it)");
  declare_common(flags, options.get());
  return [options](Context& context) { return vega_render(*options, context); };
}

}  // namespace

Action declare_vega_render(Flags& flags) {
  auto options = std::make_shared<VegaRenderOptions>();
  flags.positional("input...", &options->inputs, 0, 10000, "Vega-Lite or Vega specifications; - or none reads standard input");
  flags.text("--output,-o", &options->output, "File to write; - is standard output (the default for one input)");
  flags.text("--output-dir", &options->output_dir, "Folder to write one picture for each input");
  flags.text("--format,-f", &options->format, "png, svg, vega (compiled specification) or scene; default by the output's name, else png");
  declare_common(flags, options.get());
  flags.text("--theme", &options->theme, "Name of a Vega theme");
  flags.text("--background", &options->background, "CSS colour behind the picture, over the specification's own");
  return [options](Context& context) { return vega_render(*options, context); };
}

Action declare_vl2png(Flags& flags) { return declare_tool(flags, "png", false); }
Action declare_vl2svg(Flags& flags) { return declare_tool(flags, "svg", false); }
Action declare_vl2vg(Flags& flags) { return declare_tool(flags, "vega", false); }
Action declare_vg2png(Flags& flags) { return declare_tool(flags, "png", true); }
Action declare_vg2svg(Flags& flags) { return declare_tool(flags, "svg", true); }

}  // namespace cml
