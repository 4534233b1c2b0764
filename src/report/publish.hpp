// Turns a report that shows local files into one that a forge can show: plots are rendered, files uploaded,
// destinations replaced. Everything else in the report stays byte for byte.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "asset/store.hpp"
#include "base/diagnostics.hpp"
#include "markdown/locate.hpp"
#include "ports/console.hpp"
#include "report/plotter.hpp"
#include "report/local_file.hpp"
#include "workspace/door.hpp"

namespace cml {

struct PublishRequest {
  std::string_view markdown;
  std::string name;              // Of the report, for warnings: "report.md".
  std::filesystem::path folder;  // Relative links start here.
  std::uintmax_t max_file_bytes = 100u << 20;
  bool html = true;      // The place shows HTML.
  Plotter plotter;       // Empty: plots are left as they are.
  Plotter dark_plotter;  // Not empty: fenced plots are drawn for dark pages, too.
  Door const* door = nullptr;
  // A stranger's files that are at hand: pictures are looked for by these names, and nothing is read or drawn.
  std::vector<AssetFile> const* given = nullptr;
};

// What would be sent where; nothing has been sent yet.
class Publication {
 public:
  Publication() = default;
  explicit Publication(std::string markdown) : source_(std::move(markdown)) {}  // Nothing to publish.
  // What cannot be read or drawn is left out of it, and said.
  static Publication prepare(PublishRequest const&, Diagnostics&);

  std::vector<AssetFile> const& files() const { return files_; }
  std::vector<std::filesystem::path> const& sources() const { return sources_; }  // The local files that were read.
  // The report with these addresses, one per file; an empty one: the file found no place.
  std::string markdown(std::vector<std::string> const& urls) const;
  // The report with the images' alternative text in their places, for when no destination takes them.
  std::string markdown_without_files() const;

 private:
  struct Use {
    std::vector<std::size_t> files;                  // Indices into files_; none: text that replaces text.
    std::size_t offset = 0, length = 0;              // Bytes of the destination, or of a whole fence.
    std::size_t outer_offset = 0, outer_length = 0;  // The whole image; 0 when it cannot be taken out.
    std::string alt;
    std::function<std::string(std::vector<std::string> const& urls)> write;
  };
  void add_given(PublishRequest const&, markdown::Located const&);
  void add_links(PublishRequest const&, markdown::Located const&, Diagnostics&);
  void add_fences(PublishRequest const&, markdown::Located const&, Diagnostics&);
  void add_table(PublishRequest const&, markdown::Fence const&, Diagnostics&);
  static Use spec_link_behind(markdown::Destination const& image, std::size_t spec, bool html);
  static Use remark_behind(markdown::Destination const& image, std::vector<std::string> const& remarks);
  static Use not_drawn(std::size_t offset, std::size_t length, std::string const& what, std::string const& why);
  bool may_try();
  std::size_t keep(AssetFile file);

  std::string source_;
  std::vector<AssetFile> files_;
  std::vector<std::filesystem::path> sources_;
  std::vector<Use> uses_;
  std::size_t tried_ = 0;  // Links, pictures and blocks, also those beyond the most that are looked at.
};

}  // namespace cml
