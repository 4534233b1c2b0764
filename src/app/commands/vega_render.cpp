#include "app/commands/vega_render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/commands/all.hpp"
#include "app/plotter.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "vega/engine/draw.hpp"
#include "vega/engine/locale.hpp"
#include "workspace/data_source.hpp"
#include "vega/runtime/data_cache.hpp"
#include "vega/value/json.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

constexpr char kNumberLocaleHelp[] = "Locale of numbers: a name such as de-DE, or a JSON file as d3-format has them";
constexpr char kTimeLocaleHelp[] = "Locale of dates: a name such as de-DE, or a JSON file as d3-time-format has them";
constexpr Choice<MissingFontsRule> kMissingFonts[] = {
    {"fallback", MissingFontsRule::Fallback}, {"warn", MissingFontsRule::Warn}, {"error", MissingFontsRule::Error}};
constexpr std::uintmax_t kMaxSpecBytes = 2ull << 30;

// The format asked for, else the one that the output's name ends in. Usage where the two are at odds: nobody looks for
// a PNG in "roc.svg".
Result<DrawFormat> choose_format(VegaRenderOptions const& options) {
  auto const of_file = format_of_file(options.output);
  if (options.format.empty()) return of_file;
  CML_TRY(format, format_named(options.format));
  bool const has_suffix = options.output.find('.', options.output.rfind('/') + 1) != std::string::npos;
  if (of_file && *of_file != format && has_suffix)
    return Error{ErrorKind::Usage, one_line(options.output, 120) + " is a name for " +
                                       std::string(row_of(*of_file).name) + ", and " + options.format +
                                       " is what would be written; end it in " + std::string(row_of(format).suffix)};
  return format;
}

std::string output_in(std::string const& folder, std::string const& input, DrawFormat format) {
  return (fs::path(folder) / (input == "-" ? "stdin" : stem_of_specification(input)))
      .concat(row_of(format).suffix)
      .string();
}

// What became of one input. The messages wait until its turn, so that output does not depend on which thread was
// faster.
struct Rendered {
  Status status = ok();
  Diagnostics diagnostics;
  std::string shown;      // The input's name in messages.
  std::string result;     // For the standard output.
  std::size_t bytes = 0;  // Of the picture.
};

// What all drawings of one call share.
struct Rendering {
  DrawOptions draw;
  fs::path base;         // Empty: each specification's own folder.
  std::string base_url;  // Instead of a folder: put before addresses that have no scheme.
  bool svg_header = false;
  std::vector<std::string> allow_url;
  std::optional<Door> outputs;
};

// What vega-cli puts before an SVG with --header.
constexpr std::string_view kSvgHeader =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" "
    "\"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n";

// Vega's loader joins an address to its base with one slash between them.
std::string below_base(std::string const& base_url, std::string_view url) {
  if (base_url.empty() || url.find("://") != std::string_view::npos || url.starts_with("data:"))
    return std::string(url);
  bool const slash = base_url.ends_with('/') || url.starts_with('/');
  return base_url + (slash ? "" : "/") + std::string(url);
}

// A locale that the command line names: its JSON, a file of it, or one of those inside.
Result<std::string> locale_named(Context& context, LocaleKind kind, char const* option, std::string const& text) {
  if (text.empty() || text.starts_with('{')) return text;
  if (text.ends_with(".js") || text.ends_with(".cjs") || text.ends_with(".mjs"))
    return Error{ErrorKind::Unsupported,
                 std::string(option) + " " + text + ": JavaScript is not run; write it as JSON"};
  if (text.ends_with(".json")) {
    auto file = context.files.read(context.files.current_directory() / text);
    if (!file) return std::move(file).error().while_doing(std::string(option) + " " + text);
    return file;
  }
  auto named = named_locale(kind, text);
  if (!named) return std::move(named).error().while_doing(option);
  return vega::to_json(*named, 0);
}

// Data and images come from below the base folder.
Door door_at(Context& context, fs::path const& base) {
  DoorRules rules;
  auto const real = context.files.resolve(base);
  rules.root = real ? *real : base;
  rules.allowed = context.options.allowed_files;
  let_git_answer(context, rules);
  return Door(context.files, std::move(rules));
}

Rendered render_one(std::string const& input, Rendering const& rendering, std::string const& output, Drawer& drawer,
                    Context& context) {
  Rendered out;
  bool const from_stdin = input == "-";
  out.shown = from_stdin ? "standard input" : input;
  auto const fail = [&](Error error) {
    out.status = std::move(error).while_doing(out.shown);
    return std::move(out);
  };
  auto const path = context.files.current_directory() / input;
  auto text = from_stdin ? context.console.read_input(kMaxSpecBytes) : context.files.read(path, kMaxSpecBytes);
  if (!text) return fail(std::move(text).error());
  fs::path base = rendering.base;
  if (base.empty()) base = from_stdin ? context.files.current_directory() : path.parent_path();
  Door const door = door_at(context, base);
  DataSource const data(door, base, &context.http, rendering.allow_url);
  DrawOptions draw_options = rendering.draw;
  draw_options.data_place = base.string();
  auto bytes = drawer.draw(
      *text, draw_options, [&](std::string_view url) { return data.load(below_base(rendering.base_url, url)); },
      out.diagnostics);
  if (!bytes) return fail(std::move(bytes).error());
  if (rendering.svg_header && draw_options.format == DrawFormat::Svg) bytes->insert(0, kSvgHeader);
  out.bytes = bytes->size();
  bool const to_stdout = output.empty() || output == "-";
  if (context.options.dry_run)
    out.result = "would write " + std::to_string(bytes->size()) + " bytes to " +
                 (output.empty() ? "standard output" : output) + "\n";
  else if (to_stdout)
    out.result = std::move(*bytes);
  else
    out.status = rendering.outputs->write(output, *bytes);
  return out;
}

Status tell(Rendered const& rendered, Context& context) {
  for (auto const& warning : rendered.diagnostics.warnings())
    context.console.log(LogLevel::Warn, rendered.shown + ": " + line_of(warning));
  if (!rendered.status) return rendered.status;
  return rendered.result.empty() || context.options.json ? ok() : context.console.out(rendered.result);
}

nlohmann::json in_json(Rendered const& rendered, std::string const& output, DrawFormat format) {
  nlohmann::json picture{{"input", rendered.shown},
                         {"output", output},
                         {"format", row_of(format).name},
                         {"bytes", rendered.bytes},
                         {"warnings", in_json(rendered.diagnostics)}};
  if (!rendered.status) picture["error"] = rendered.status.error().message;
  return picture;
}

Status print_pictures(Context& context, nlohmann::json pictures) {
  return print_json(context, {{"dry_run", context.options.dry_run}, {"pictures", std::move(pictures)}});
}

// Draws all jobs, this thread being one of the workers. Each has a drawer: the engine shares nothing between threads
// but the store that data files are copied from. Results are told in the order of the inputs, as far as they are there.
// Answers how many failed.
class ManyRenderer {
 public:
  ManyRenderer(std::vector<std::pair<std::string, std::string>> const& jobs, Rendering const& rendering,
               Context& context)
      : jobs_(jobs), rendering_(rendering), context_(context), results_(jobs.size()) {}

  std::size_t run(std::size_t workers, nlohmann::json& pictures) {
    {
      std::vector<std::jthread> helpers;
      for (std::size_t i = 1; i < std::min(workers, jobs_.size()); ++i) helpers.emplace_back([this] { work([] {}); });
      work([&] { tell_ready(pictures); });
    }
    tell_ready(pictures);
    return failed_;
  }

 private:
  template <class AfterEach>
  void work(AfterEach after_each) {
    Drawer drawer;
    drawer.keep_data(data_);
    for (auto i = next_++; i < jobs_.size(); i = next_++) {
      auto rendered = render_one(jobs_[i].first, rendering_, jobs_[i].second, drawer, context_);
      {
        std::lock_guard const lock(mutex_);
        results_[i] = std::move(rendered);
      }
      after_each();
    }
  }
  void tell_ready(nlohmann::json& pictures) {
    for (; told_ < results_.size(); ++told_) {
      std::optional<Rendered> ready;
      {
        std::lock_guard const lock(mutex_);
        ready.swap(results_[told_]);
      }
      if (!ready) return;
      auto const status = tell(*ready, context_);
      pictures.push_back(in_json(*ready, jobs_[told_].second, rendering_.draw.format));
      if (status) continue;
      context_.console.log(LogLevel::Error, status.error().message);  // The others are drawn all the same.
      ++failed_;
    }
  }

  std::vector<std::pair<std::string, std::string>> const& jobs_;
  Rendering const& rendering_;
  Context& context_;
  vega::DataStore data_;
  std::vector<std::optional<Rendered>> results_;
  std::mutex mutex_;  // Of results_.
  std::atomic<std::size_t> next_ = 0;
  std::size_t told_ = 0, failed_ = 0;
};

}  // namespace

Status vega_render(VegaRenderOptions options, Context& context) {
  if (options.tool && options.inputs.size() == 2) {
    options.output = options.inputs[1];
    options.inputs.pop_back();
  }
  if (options.inputs.empty()) options.inputs = {"-"};
  if (options.inputs.size() > 1 && !options.output.empty())
    return Error{ErrorKind::Usage, "-o names one file but there are " + std::to_string(options.inputs.size()) +
                                       " inputs; use --output-dir"};
  if (options.inputs.size() > 1 && options.output_dir.empty())
    return Error{ErrorKind::Usage, "several inputs need --output-dir"};
  if (!(options.scale > 0)) return Error{ErrorKind::Usage, "--scale must be above zero"};
  if (options.jobs < 0 || options.jobs > 1024)
    return Error{ErrorKind::Usage, "--jobs must be from 1 to 1024 (0: one a core)"};
  if (!(options.quality >= 1 && options.quality <= 100))
    return Error{ErrorKind::Usage, "--quality must be from 1 to 100"};
  if (options.ppi < 0) return Error{ErrorKind::Usage, "--ppi must be above zero"};
  if (context.options.json && options.output_dir.empty() && (options.output.empty() || options.output == "-"))
    return Error{ErrorKind::Usage,
                 "--json and the picture cannot both go to the standard output; write the picture with -o FILE"};
  CML_TRY(format, choose_format(options));
  if (options.ppi > 0 && format != DrawFormat::Png && format != DrawFormat::Jpeg)
    context.console.log(LogLevel::Warn, "--ppi is for PNG and JPEG: " + std::string(row_of(format).name) +
                                            " has no pixels; --scale makes it larger");
  if (options.quality != 90 && format != DrawFormat::Jpeg)
    context.console.log(LogLevel::Warn,
                        "--quality is for JPEG: " + std::string(row_of(format).name) + " loses nothing");
  DrawOptions draw_options;
  draw_options.format = format;
  draw_options.scale = options.scale;
  draw_options.ppi = options.ppi;
  draw_options.seed = options.seed;
  draw_options.now = milliseconds_now(context.clock);
  draw_options.theme = options.theme;
  draw_options.background = options.background;
  draw_options.vega_only = options.vega_only;
  draw_options.budget = context.options.plot_budget;
  draw_options.jpeg_quality = static_cast<int>(options.quality);
  draw_options.page_renderer = options.renderer;
  draw_options.missing_fonts = options.missing_fonts;
  for (auto const& folder : options.font_folders) {
    auto const path = context.files.current_directory() / folder;
    if (context.files.kind(path) != FileKind::Directory)
      return Error{ErrorKind::NotFound, "--font-dir " + folder + ": there is no such folder"};
    draw_options.font_folders.push_back(path.string());
  }
  Rendering rendering;
  rendering.allow_url = options.allow_url;
  rendering.svg_header = options.svg_header;
  if (options.base.starts_with("file://")) options.base.erase(0, 7);
  if (is_web_url(options.base)) {
    rendering.base_url = options.base;
  } else if (!options.base.empty()) {
    rendering.base = context.files.current_directory() / options.base;
    if (context.files.kind(rendering.base) != FileKind::Directory)
      return Error{ErrorKind::NotFound, "base folder " + rendering.base.string() + " does not exist"};
  }
  if (!options.output.empty() || !options.output_dir.empty()) {
    auto outputs = open_door(context);  // Where the clone is not believed, below the current folder.
    rendering.outputs = outputs ? std::move(*outputs) : door_at(context, context.files.current_directory());
  }
  CML_TRY(number_locale, locale_named(context, LocaleKind::Number, "--format-locale", options.number_locale));
  CML_TRY(time_locale, locale_named(context, LocaleKind::Time, "--time-format-locale", options.time_locale));
  draw_options.number_locale = std::move(number_locale);
  draw_options.time_locale = std::move(time_locale);
  if (options.config.ends_with(".js") || options.config.ends_with(".cjs") || options.config.ends_with(".mjs"))
    return Error{ErrorKind::Unsupported,
                 "--config " + options.config + ": JavaScript is not run; write the configuration as JSON"};
  if (!options.config.empty()) {
    auto config = context.files.read(context.files.current_directory() / options.config);
    if (!config) return std::move(config).error().while_doing("--config " + options.config);
    draw_options.config = std::move(*config);
  }
  if (!options.output_dir.empty()) CML_CHECK_OK(rendering.outputs->make_directories(options.output_dir));
  rendering.draw = draw_options;

  if (options.inputs.size() == 1) {
    Drawer drawer;
    auto const output =
        options.output_dir.empty() ? options.output : output_in(options.output_dir, options.inputs[0], format);
    Rendered const rendered = render_one(options.inputs[0], rendering, output, drawer, context);
    auto status = tell(rendered, context);
    if (!status || !context.options.json) return status;
    return print_pictures(context, nlohmann::json::array({in_json(rendered, output, format)}));
  }
  std::vector<std::pair<std::string, std::string>> jobs;
  std::map<std::string, std::string> writer_of;
  for (auto const& input : options.inputs) {
    auto output = output_in(options.output_dir, input, format);
    if (auto const [first, is_new] = writer_of.emplace(output, input); !is_new)
      return Error{ErrorKind::Usage, first->second + " and " + input + " would both be written to " + output +
                                         "; draw them into different folders"};
    jobs.emplace_back(input, std::move(output));
  }
  auto const workers = options.jobs > 0 ? static_cast<std::size_t>(options.jobs)
                                        : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  auto pictures = nlohmann::json::array();
  auto const failed = ManyRenderer(jobs, rendering, context).run(workers, pictures);
  if (context.options.json) CML_CHECK_OK(print_pictures(context, std::move(pictures)));
  if (failed > 0)
    return Error{ErrorKind::BadInput, std::to_string(failed) + " of " + std::to_string(options.inputs.size()) +
                                          " specifications could not be drawn"};
  return ok();
}

void declare_drawing(Flags& flags, VegaRenderOptions* o) {
  flags.number("--scale,-s", &o->scale, "Factor on the picture's size (default 1)");
  flags.number("--ppi", &o->ppi, "Resolution in pixels per inch; also scales by ppi/72");
  flags.text("--base,-b", &o->base,
             "Folder that data addresses start from; nothing outside it is read (default: the input's folder). A URL "
             "needs --allow-url besides");
  flags.text("--config,-c", &o->config, "JSON file of a Vega or Vega-Lite configuration");
  flags.number("--seed", &o->seed, "Seed of random() and sample (default 42)");
  flags.list("--allow-url", &o->allow_url,
             "Prefix of addresses that data may be fetched from; without it there is no network");
  declare_fonts(flags, o);
}

void declare_fonts(Flags& flags, VegaRenderOptions* o) {
  flags.list("--font-dir", &o->font_folders, "Folder of fonts to draw with, besides the system's");
  flags.choice(
      "--missing-fonts", &o->missing_fonts, kMissingFonts,
      "Where a font or a character's font is missing: draw another in silence, with a warning (default), or fail");
}

Action declare_vega_render(Flags& flags) {
  auto options = std::make_shared<VegaRenderOptions>();
  flags.positional("input...", &options->inputs, 0, 10000,
                   "Vega-Lite or Vega specifications; - or none reads standard input");
  flags.text("--output,-o", &options->output, "File to write; - is standard output (the default for one input)");
  flags.text("--output-dir", &options->output_dir, "Folder to write one picture for each input");
  flags.text(
      "--format,-f", &options->format,
      "png, svg, pdf, jpeg, html, vega (compiled specification) or scene; default by the output's name, else png");
  declare_drawing(flags, options.get());
  flags.number("--quality", &options->quality, "Of a JPEG, 1 to 100 (default 90)");
  flags.number("--jobs,-j", &options->jobs, "Inputs drawn at the same time (default 0: one a core)");
  flags.text("--theme", &options->theme, "Name of a Vega theme");
  flags.text("--format-locale", &options->number_locale, kNumberLocaleHelp);
  flags.text("--time-format-locale", &options->time_locale, kTimeLocaleHelp);
  flags.text("--background", &options->background, "CSS colour behind the picture, over the specification's own");
  return [options](Context& context) { return vega_render(*options, context); };
}

}  // namespace cml
