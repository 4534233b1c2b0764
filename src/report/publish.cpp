#include "report/publish.hpp"

#include <functional>
#include <map>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "markdown/locate.hpp"

namespace cml {
namespace {

using markdown::Destination;

std::string escape_alt(std::string_view text) {
  std::string result;
  for (char c : one_line(text, 300)) {
    if (contains("\\[]*_`<", std::string_view(&c, 1))) result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

// "data:image/png;base64,..."; nothing when it is no image or no base64.
std::optional<AssetFile> from_data_url(std::string_view url) {
  auto const comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view const head = url.substr(5, comma - 5);
  std::string const mime = to_lower(head.substr(0, head.find(';')));
  if (mime.substr(0, 6) != "image/" || !contains(head, ";base64")) return std::nullopt;
  auto bytes = base64_decode(percent_decode(url.substr(comma + 1)));
  if (!bytes || bytes->empty()) return std::nullopt;
  std::string const subtype = mime.substr(6, mime.find('+', 6) - 6);
  return AssetFile{"file." + subtype, mime, std::move(*bytes), ""};
}

// Warns, or ends the work when --strict was given.
Status trouble(PublishRequest const& request, Diagnostics& diagnostics, std::string const& where, std::string const& text) {
  if (request.strict) return Error{ErrorKind::BadInput, where + ": " + text};
  diagnostics.warn(where, text);
  return ok();
}

}  // namespace

std::size_t Publication::keep(AssetFile file) {
  file.sha256 = sha256_hex(file.bytes);
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].sha256 == file.sha256 && files_[i].mime == file.mime) return i;
  files_.push_back(std::move(file));
  return files_.size() - 1;
}

Status Publication::add_links(PublishRequest const& request, Diagnostics& diagnostics) {
  std::map<std::string, std::size_t> by_url;  // A file that many links name is read and rendered once.
  for (Destination const& destination : markdown::locate(source_).destinations) {
    std::string const& url = destination.url;
    bool const data = url.substr(0, 5) == "data:" && destination.kind != Destination::Kind::Link;
    if ((!data && !is_local_reference(url)) || destination.title.substr(0, 13) == "CML watermark") continue;
    std::string const where = request.name + ":" + std::to_string(destination.line);
    std::string const shown = "\"" + one_line(url, 80) + "\"";
    std::optional<std::size_t> index;
    if (auto const known = by_url.find(url); known != by_url.end()) {
      index = known->second;
    } else if (data) {
      auto file = from_data_url(url);
      if (!file) {
        CML_CHECK_OK(trouble(request, diagnostics, where, shown + " is no image in base64; left as it is"));
        continue;
      }
      index = keep(std::move(*file));
    } else {
      auto const found = find_local_file(*request.files, request.workspace, request.folder, url);
      if (!found) {
        CML_CHECK_OK(trouble(request, diagnostics, where, shown + " is not published: " + found.error().message));
        continue;
      }
      auto bytes = request.files->read(found->path, request.max_file_bytes);
      if (!bytes) {
        CML_CHECK_OK(trouble(request, diagnostics, where, shown + " is not published: " + bytes.error().message));
        continue;
      }
      sources_.push_back(found->path);
      AssetFile file;
      file.name = found->path.filename().string();
      if (request.plotter && looks_like_vega(bytes.value())) {
        auto plot = request.plotter(bytes.value(), found->path.parent_path(), url);
        if (!plot) {
          CML_CHECK_OK(trouble(request, diagnostics, where, shown + " cannot be drawn: " + plot.error().message));
          continue;
        }
        file.name += ".png";
        file.bytes = std::move(plot->bytes);
        file.mime = plot->mime;
      } else {
        file.bytes = std::move(bytes).value();
        CML_TRY(mime, request.mime->mime_type(file.bytes));
        file.mime = mime;
      }
      index = keep(std::move(file));
    }
    by_url.emplace(url, *index);
    Use use;
    use.file = *index;
    use.offset = destination.offset;
    use.length = destination.length;
    if (destination.kind != Destination::Kind::Link) {
      use.outer_offset = destination.outer_offset;
      use.outer_length = destination.outer_length;
    }
    use.alt = destination.text.empty() ? files_[*index].name : destination.text;
    use.write = [destination](std::string_view address) { return markdown::written(destination, address); };
    uses_.push_back(std::move(use));
  }
  return ok();
}

Status Publication::add_fences(PublishRequest const& request, Diagnostics& diagnostics) {
  if (!request.plotter) return ok();
  for (markdown::Fence const& fence : markdown::locate(source_).fences) {
    if (fence.info != "vega-lite" && fence.info != "vega") continue;
    std::string const where = request.name + ":" + std::to_string(fence.line);
    auto plot = request.plotter(fence.content, request.folder, where);
    if (!plot) {
      CML_CHECK_OK(trouble(request, diagnostics, where, "the " + fence.info + " block cannot be drawn: " + plot.error().message));
      continue;
    }
    AssetFile file{"plot.png", plot->mime, std::move(plot->bytes), ""};
    Use use;
    use.fence = true;
    use.offset = use.outer_offset = fence.offset;
    use.length = use.outer_length = fence.length;
    use.alt = plot->alt.empty() ? "plot" : plot->alt;
    use.file = keep(std::move(file));
    use.write = [alt = escape_alt(use.alt)](std::string_view address) { return "![" + alt + "](" + std::string(address) + ")"; };
    uses_.push_back(std::move(use));
  }
  return ok();
}

Result<Publication> Publication::prepare(PublishRequest const& request, Diagnostics& diagnostics) {
  Publication publication;
  publication.source_ = request.markdown;
  CML_CHECK_OK(publication.add_links(request, diagnostics));
  CML_CHECK_OK(publication.add_fences(request, diagnostics));
  return publication;
}

std::string Publication::markdown(std::vector<std::string> const& urls) const {
  std::vector<markdown::Replacement> replacements;
  for (Use const& use : uses_) replacements.push_back({use.offset, use.length, use.write(urls.at(use.file))});
  return markdown::with_replacements(source_, std::move(replacements));
}

std::string Publication::markdown_without_files() const {
  std::vector<markdown::Replacement> replacements;
  for (Use const& use : uses_)
    if (use.outer_length > 0) replacements.push_back({use.outer_offset, use.outer_length, "*" + escape_alt(use.alt) + "*"});
  return markdown::with_replacements(source_, std::move(replacements));
}

}  // namespace cml
