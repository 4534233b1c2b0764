// vega-cli's tools and vl-convert's commands, by the names they have there.
//   vl2png chart.vl.json chart.png                     vega-cli and vega-lite: one file in, one out
//   vl-convert vl2png -i chart.vl.json -o chart.png    vl-convert: input and output are options
// What an option of theirs cannot mean here is refused or said, never passed over in silence.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "app/commands/all.hpp"
#include "app/commands/vega_render.hpp"
#include "app/result.hpp"
#include "base/text.hpp"
#include "vega/lite/themes.hpp"
#include "vega/value/json.hpp"

namespace cml {
namespace {

struct Tool {
  char const* format;
  bool vega_only;
};

Action declare_cli_tool(Flags& flags, Tool tool) {
  struct Given : VegaRenderOptions {
    std::string log_level;
  };
  auto options = std::make_shared<Given>();
  options->tool = true;
  options->format = tool.format;
  options->vega_only = tool.vega_only;
  flags.positional("input [output]", &options->inputs, 0, 2,
                   "Specification (standard input without it), and the file to write (standard output without it)");
  declare_drawing(flags, options.get());
  flags.text("--format,-f", &options->number_locale, "Locale of numbers: a JSON file as d3-format has them, or a name");
  flags.text("--timeFormat,-t", &options->time_locale,
             "Locale of dates: a JSON file as d3-time-format has them, or a name");
  flags.text("--loglevel,-l", &options->log_level, "error, warn, info or debug");
  if (std::string_view(tool.format) == "svg")
    flags.boolean("--header,-h", &options->svg_header, "Write an XML declaration and document type");
  return [options](Context& context) -> Status {
    if (!options->log_level.empty()) {
      CML_TRY(level, parse_choice(kLogLevels, to_lower(options->log_level)));
      context.console.set_level(level);
    }
    return vega_render(*options, context);
  };
}

Action declare_convert(Flags& flags, Tool tool) {
  struct Given : VegaRenderOptions {
    std::string input, version, bundle, warnings;
  };
  auto options = std::make_shared<Given>();
  options->format = tool.format;
  options->vega_only = tool.vega_only;
  flags.text("--input,-i", &options->input, "Specification (standard input without it)");
  flags.text("--output,-o", &options->output, "File to write (standard output without it)");
  flags.text("--vl-version,-v", &options->version, "Taken and told: there is one version, which reads all");
  flags.text("--theme,-t", &options->theme, "Name of a Vega theme");
  flags.text("--config,-c", &options->config, "JSON file of a Vega or Vega-Lite configuration");
  flags.number("--scale", &options->scale, "Factor on the picture's size (default 1)");
  flags.number("--ppi,-p", &options->ppi, "Resolution in pixels per inch; also scales by ppi/72");
  flags.list("--allowed-base-url,-a", &options->allow_url, "URL that data may be fetched from, with all below it");
  flags.text("--format-locale", &options->number_locale, "Locale of numbers: a name such as de-DE, or a JSON file");
  flags.text("--time-format-locale", &options->time_locale, "Locale of dates: a name such as de-DE, or a JSON file");
  declare_fonts(flags, options.get());
  if (std::string_view(tool.format) == "jpeg") flags.number("--quality,-q", &options->quality, "1 to 100 (default 90)");
  if (std::string_view(tool.format) == "html")
    flags.text("--renderer", &options->renderer, "What draws the live chart: svg (default), canvas or hybrid")
        .one_of({"svg", "canvas", "hybrid"});
  flags.optional_text("--show-warnings", &options->warnings, "Warnings are always shown").hide();
  flags.optional_text("--pretty", &options->warnings, "JSON is always written in lines").hide();
  flags.optional_text("--bundle,-b", &options->bundle, "Not known here: the page fetches Vega").hide();
  return [options](Context& context) -> Status {
    if (!options->bundle.empty() && options->bundle != "false")
      return Error{ErrorKind::Unsupported,
                   "--bundle: the page cannot hold Vega itself; without it the page shows the "
                   "picture at once and fetches Vega where the network allows it"};
    if (!options->version.empty())
      context.console.log(LogLevel::Info, "Vega-Lite " + one_line(options->version, 20) +
                                              " was asked for; all versions are read by one compiler");
    if (!options->input.empty()) options->inputs = {options->input};
    return vega_render(*options, context);
  };
}

Status list_themes(Context& context) {
  std::vector<std::string> names;
  for (auto name : vega::lite::theme_names()) names.emplace_back(name);
  if (context.options.json) return print_json(context, {{"themes", names}});
  std::string out;
  for (std::string const& name : names) out += name + "\n";
  return context.console.out(out);
}

}  // namespace

Action declare_vl2png(Flags& flags) { return declare_cli_tool(flags, {"png", false}); }
Action declare_vl2svg(Flags& flags) { return declare_cli_tool(flags, {"svg", false}); }
Action declare_vl2pdf(Flags& flags) { return declare_cli_tool(flags, {"pdf", false}); }
Action declare_vl2vg(Flags& flags) { return declare_cli_tool(flags, {"vega", false}); }
Action declare_vg2png(Flags& flags) { return declare_cli_tool(flags, {"png", true}); }
Action declare_vg2svg(Flags& flags) { return declare_cli_tool(flags, {"svg", true}); }
Action declare_vg2pdf(Flags& flags) { return declare_cli_tool(flags, {"pdf", true}); }

Action declare_convert_vl2vg(Flags& flags) { return declare_convert(flags, {"vega", false}); }
Action declare_convert_vl2png(Flags& flags) { return declare_convert(flags, {"png", false}); }
Action declare_convert_vl2svg(Flags& flags) { return declare_convert(flags, {"svg", false}); }
Action declare_convert_vl2pdf(Flags& flags) { return declare_convert(flags, {"pdf", false}); }
Action declare_convert_vl2jpeg(Flags& flags) { return declare_convert(flags, {"jpeg", false}); }
Action declare_convert_vl2html(Flags& flags) { return declare_convert(flags, {"html", false}); }
Action declare_convert_vg2png(Flags& flags) { return declare_convert(flags, {"png", true}); }
Action declare_convert_vg2svg(Flags& flags) { return declare_convert(flags, {"svg", true}); }
Action declare_convert_vg2pdf(Flags& flags) { return declare_convert(flags, {"pdf", true}); }
Action declare_convert_vg2jpeg(Flags& flags) { return declare_convert(flags, {"jpeg", true}); }
Action declare_convert_vg2html(Flags& flags) { return declare_convert(flags, {"html", true}); }

Action declare_convert_ls_themes(Flags&) { return list_themes; }
Action declare_convert_cat_theme(Flags& flags) {
  auto names = std::make_shared<std::vector<std::string>>();
  flags.positional("theme", names.get(), 1, 1, "Name of a Vega theme");
  return [names](Context& context) -> Status {
    CML_TRY(theme, vega::lite::theme(names->front()));
    return context.console.out(vega::to_json(theme, 2) + "\n");
  };
}

}  // namespace cml
