#include "app/picture_folder.hpp"

#include "app/plotter.hpp"
#include "base/text.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/sparkline.hpp"

namespace cml {

namespace fs = std::filesystem;

PictureFolder::PictureFolder(std::string const& output, bool dark, Context& context, Door const& door)
    : context_(context),
      door_(door),
      dark_wanted_(dark),
      light_(make_plotter(context, door)),
      dark_(make_plotter(context, door, PlotLook::Dark)) {
  bool const to_stdout = output.empty() || output == "-";
  fs::path const here = context.files.current_directory();
  report_folder_ = to_stdout ? here : (here / output).parent_path();
  name_ = (to_stdout ? std::string("report") : fs::path(output).stem().string()) + "_files";
}

// `bytes` draws the picture of a file's name, for light or dark pages.
template <class Bytes>
Result<std::string> PictureFolder::picture_of(std::string const& name, std::string const& title, Bytes bytes,
                                              bool fresh) {
  if (fresh) {
    CML_TRY(light, bytes(name + ".png", false));
    CML_CHECK_OK(save(name + ".png", light));
  }
  std::string const address = report::link_destination(name_ + "/" + name);
  if (!dark_wanted_) return "![" + report::escape_markdown(title) + "](" + address + ".png)";
  if (fresh) {
    CML_TRY(dark, bytes(name + "-dark.png", true));
    CML_CHECK_OK(save(name + "-dark.png", dark));
  }
  return "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + address + "-dark.png\"><img alt=\"" +
         report::escape_summary(title) + "\" src=\"" + address + ".png\"></picture>";
}

Result<std::string> PictureFolder::drawn(Plotter const& plotter, std::string const& file, std::string const& spec) {
  auto plot = plotter(spec, context_.files.current_directory(), file);
  if (!plot) return std::move(plot).error().while_doing("plot " + file);
  for (std::string const& remark : plot->remarks) context_.console.log(LogLevel::Warn, file + ": " + remark);
  return std::move(plot->bytes);
}

Status PictureFolder::save(std::string const& file, std::string const& bytes) {
  if (context_.options.dry_run) return ok();
  CML_CHECK_OK(door_.make_directories(report_folder_ / name_));
  return door_.write(report_folder_ / name_ / file, bytes);
}

report::Pictures PictureFolder::pictures() {
  report::Pictures pictures;
  pictures.cell = [this](report::PlotBlock const& plot) {
    return picture_of(plot.name, plot.title, [&](std::string const& file, bool dark) {
      return drawn(dark ? dark_ : light_, file, plot.spec);
    });
  };
  pictures.plot = [cell = pictures.cell](report::PlotBlock const& plot) -> Result<std::string> {
    CML_TRY(picture, cell(plot));
    return picture + "\n";
  };
  pictures.file = [this](std::string const& name, std::string const& bytes) -> Result<std::string> {
    std::string file = replace_all(name, "/", "-");
    CML_CHECK_OK(save(file, bytes));
    return report::link_destination(name_ + "/" + file);
  };
  pictures.sparkline = [this](report::Row const& row) {
    // Most metrics of a long list did not move: those of one shape share a picture.
    auto const added = sparklines_.emplace(report::sparkline_png(row.history, false), "");
    auto& [light, name] = *added.first;
    if (added.second) name = "sparkline-" + std::to_string(sparklines_.size());
    std::string const& drawn_light = light;
    return picture_of(
        name, row.name,
        [&](std::string const&, bool dark) -> Result<std::string> {
          return dark ? report::sparkline_png(row.history, true) : drawn_light;
        },
        added.second);
  };
  pictures.link = [this](std::string const& path) {
    fs::path const here = context_.files.current_directory();
    return report::link_destination(
        (here / path).lexically_normal().lexically_relative(report_folder_.lexically_normal()).string());
  };
  return pictures;
}

Status write_report(Door const& door, fs::path const& path, std::string const& text) {
  if (!path.parent_path().empty()) CML_CHECK_OK(door.make_directories(path.parent_path()));
  return door.write(path, text);
}

}  // namespace cml
