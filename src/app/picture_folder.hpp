// Pictures of a report that is written to a file: they lie in a folder beside it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "app/context.hpp"
#include "report/compose/render.hpp"
#include "report/plotter.hpp"
#include "workspace/door.hpp"

namespace cml {

// report.md has report_files/; a report for the standard output ("" or "-") too. Nothing is written under --dry-run.
class PictureFolder {
 public:
  PictureFolder(std::string const& output, bool dark, Context&, Door const&);
  report::Pictures pictures();  // Good as long as this is.

 private:
  template <class Bytes>
  Result<std::string> picture_of(std::string const& name, std::string const& title, Bytes bytes, bool fresh = true);
  Result<std::string> drawn(Plotter const&, std::string const& file, std::string const& spec);
  Status save(std::string const& file, std::string const& bytes);

  Context& context_;
  Door const& door_;
  bool dark_wanted_;
  Plotter light_, dark_;
  std::filesystem::path report_folder_;
  std::string name_;
  std::map<std::string, std::string> sparklines_;  // By their bytes.
};

// A report, with the folder that it is to lie in.
Status write_report(Door const&, std::filesystem::path const&, std::string const& text);

}  // namespace cml
