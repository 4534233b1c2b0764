#include "app/plotter.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

#include "report/local_file.hpp"
#include "vega/engine/draw.hpp"
#include "workspace/data_source.hpp"

namespace cml {

namespace {

using nlohmann::json;

constexpr std::string_view kDarkPage = "#0d1117";  // GitHub's dark page; the theme's own grey would stand out on it.

constexpr char kDarkConfig[] = R"({"axis":{"gridColor":"#30363d","domainColor":"#8b949e","tickColor":"#8b949e"}})";

}  // namespace

double milliseconds_now(Clock& clock) {
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().time_since_epoch()).count());
}

namespace {

struct DrawRequest {
  std::string spec, base;
  PlotLook look = PlotLook::Light;
  double now = 0, budget = 1;
};

// What a drawing gives, or the Error; and the files it read, which --watch looks at.
struct Drawing {
  std::string bytes, title;
  Diagnostics diagnostics;
  std::vector<std::string> files;
  std::optional<Error> error;
};

Drawing draw(Drawer& drawer, Door const& door, DrawRequest const& request) {
  DrawOptions options;
  options.now = request.now;
  options.budget = request.budget;
  options.data_place = request.base;
  if (request.look == PlotLook::Dark) {
    options.theme = "dark";
    options.background = std::string(kDarkPage);
    options.config = kDarkConfig;
  }
  DataSource const data(door, request.base);
  Drawing drawing;
  auto const load = [&](std::string_view url) {
    if (is_local_reference(url)) drawing.files.push_back((std::filesystem::path(request.base) / url).string());
    return data.load(url);
  };
  auto bytes = drawer.draw(request.spec, options, load, drawing.diagnostics);
  if (bytes)
    drawing.bytes = std::move(*bytes);
  else
    drawing.error = std::move(bytes).error();
  drawing.title = drawer.last_title();
  return drawing;
}

// Between the processes: a line of JSON, then bytes as they are.
std::string packed(DrawRequest const& request) {
  json const head{{"base", request.base},
                  {"dark", request.look == PlotLook::Dark},
                  {"now", request.now},
                  {"budget", request.budget}};
  return head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" + request.spec;
}
DrawRequest unpacked_request(std::string_view message) {
  auto const end = std::min(message.find('\n'), message.size());
  json const head = json::parse(message.substr(0, end), nullptr, false);
  return {std::string(message.substr(std::min(end + 1, message.size()))), head.value("base", ""),
          head.value("dark", false) ? PlotLook::Dark : PlotLook::Light, head.value("now", 0.0),
          head.value("budget", 1.0)};
}

std::string packed(Drawing const& drawing) {
  json warnings = json::array();
  for (Warning const& warning : drawing.diagnostics.warnings())
    warnings.push_back({warning.where, warning.text, warning.missed});
  json head{{"title", drawing.title}, {"warnings", warnings}, {"files", drawing.files}};
  if (drawing.error) head["error"] = {static_cast<int>(drawing.error->kind), drawing.error->message};
  return head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" + drawing.bytes;
}
Drawing unpacked_drawing(std::string_view message) {
  auto const end = std::min(message.find('\n'), message.size());
  json const head = json::parse(message.substr(0, end), nullptr, false);
  Drawing drawing;
  if (!head.is_object()) {
    drawing.error = Error{ErrorKind::Bug, "the drawing process gave no answer that can be read"};
    return drawing;
  }
  drawing.bytes = message.substr(std::min(end + 1, message.size()));
  drawing.title = head.value("title", "");
  for (json const& warning : head["warnings"])
    if (warning[2].get<bool>())
      drawing.diagnostics.missed(warning[0], warning[1]);
    else
      drawing.diagnostics.warn(warning[0], warning[1]);
  drawing.files = head["files"].get<std::vector<std::string>>();
  if (head.contains("error"))
    drawing.error = Error{static_cast<ErrorKind>(head["error"][0].get<int>()), head["error"][1]};
  return drawing;
}

// In the child where there is one: a plot that ends the process that draws it must not end the report.
Drawing drawn(Context& context, Door const& door, std::shared_ptr<Drawer> const& drawer, DrawRequest const& request) {
  if (!context.drawing)
    context.drawing = context.workers.start(
        [door, drawer](std::string_view message) { return packed(draw(*drawer, door, unpacked_request(message))); },
        context.options.drawing);
  auto answer = context.drawing->ask(packed(request));
  Drawing drawing;
  if (answer) drawing = unpacked_drawing(*answer);
  if (!answer) drawing.error = std::move(answer).error();
  // --watch records what is asked for; the child has read it already, so nothing more is read here.
  auto const enough = [](std::filesystem::path const&) -> Status { return Error{ErrorKind::Conflict, "read before"}; };
  for (std::string const& file : drawing.files) (void)context.files.read_admitted(file, 0, enough);
  return drawing;
}

}  // namespace

Plotter make_plotter(Context& context, Door const& door, PlotLook look) {
  auto drawer = std::make_shared<Drawer>();
  return [drawer, door, &context, look](std::string_view spec, std::filesystem::path const& base,
                                        std::string_view where) -> Result<Plot> {
    Drawing drawing =
        drawn(context, door, drawer,
              {std::string(spec), base.string(), look, milliseconds_now(context.clock), context.options.plot_budget});
    Plot plot{std::move(drawing.bytes), "image/png", std::move(drawing.title)};
    for (auto const& warning : drawing.diagnostics.warnings()) {
      if (warning.missed) plot.remarks.push_back(line_of(warning));
      if (!warning.missed || drawing.error)  // Who shows the picture says the remarks, too.
        context.console.log(LogLevel::Warn, std::string(where) + ": " + line_of(warning));
    }
    if (drawing.error) return std::move(*drawing.error);  // The report names the place.
    return plot;
  };
}

}  // namespace cml
