#include "report/publish.hpp"

#include <functional>
#include <map>

#include "asset/media_type.hpp"
#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "markdown/html.hpp"
#include "metrics/formats.hpp"
#include "report/compose/tables.hpp"

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

// By its name, also without a $schema.
bool is_named_vega(std::string_view name) { return name.ends_with(".vl.json") || name.ends_with(".vg.json"); }

constexpr std::size_t kMaxTableRows = 500;

// Each costs a look at the disk, a drawing or a warning, and a stranger may write a hundred thousand of them.
constexpr std::size_t kMostTried = 2000;

// On one line, so that it can stand where the picture stands: in a list, a quotation, a folded part.
std::string spec_link(std::string const& url, bool html) {
  if (!html) return " [Specification](" + url + ")";
  return "<details><summary>Specification</summary><a href=\"" + markdown::escape_html(url) + "\">Vega</a></details>";
}

// Without an address for dark pages, the light picture alone.
std::string picture(std::string const& alt, std::string const& light, std::string const& dark) {
  if (dark.empty()) return "![" + escape_alt(alt) + "](" + light + ")";
  return "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + dark + "\"><img alt=\"" +
         markdown::escape_html(one_line(alt)) + "\" src=\"" + light + "\"></picture>";
}

// A stranger's words, which may stand among HTML, where no backslash helps.
std::string without_markup(std::string text) {
  for (char& c : text)
    if (contains("<>[]`\\", std::string_view(&c, 1))) c = ' ';
  return text;
}

// In the picture's own paragraph, so that it can stand in a list or a quotation. `among_html`: behind <picture>.
std::string below_picture(std::vector<std::string> const& remarks, bool among_html) {
  std::string out;
  for (std::string const& remark : remarks)
    out += among_html ? "<br><em>" + markdown::escape_html(without_markup(one_line(remark, 300))) + "</em>"
                      : "\n*" + escape_alt(one_line(remark, 300)) + "*";
  return out;
}

bool alone_on_its_line(std::string const& source, Destination const& image) {
  if (image.outer_length == 0) return false;
  std::size_t const before = image.outer_offset == 0 ? std::string::npos : source.rfind('\n', image.outer_offset - 1);
  std::size_t const begin = before == std::string::npos ? 0 : before + 1;
  std::size_t const end = std::min(source.find('\n', image.outer_offset + image.outer_length), source.size());
  return trim(std::string_view(source).substr(begin, end - begin)).size() == image.outer_length;
}

}  // namespace

std::size_t Publication::keep(AssetFile file) {
  file.sha256 = sha256_hex(file.bytes);
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].sha256 == file.sha256 && files_[i].mime == file.mime) return i;
  files_.push_back(std::move(file));
  return files_.size() - 1;
}

Publication::Use Publication::spec_link_behind(Destination const& image, std::size_t spec, bool html) {
  Use use;
  use.offset = use.outer_offset = image.outer_offset + image.outer_length;
  use.files = {spec};
  use.write = [html](std::vector<std::string> const& urls) { return spec_link(urls.front(), html); };
  return use;
}

Publication::Use Publication::remark_behind(Destination const& image, std::vector<std::string> const& remarks) {
  Use use;
  use.offset = image.outer_offset + image.outer_length;
  use.write = [text = below_picture(remarks, false)](std::vector<std::string> const&) { return text; };
  return use;
}

// Readers see that a plot is missing, and why.
Publication::Use Publication::not_drawn(std::size_t offset, std::size_t length, std::string const& what,
                                        std::string const& why) {
  Use use;
  use.offset = offset;
  use.length = length;
  use.write = [text = "*" + escape_alt(what) + " is not drawn: " + escape_alt(why) +
                      "*"](std::vector<std::string> const&) { return text; };
  return use;
}

bool Publication::may_try() { return ++tried_ <= kMostTried; }

void Publication::add_given(PublishRequest const& request, markdown::Located const& located) {
  std::map<std::string_view, std::size_t> by_name;
  for (AssetFile const& file : *request.given) by_name[file.name] = keep(file);
  for (Destination const& destination : located.destinations) {
    bool const picture =
        destination.kind == Destination::Kind::Image || destination.kind == Destination::Kind::HtmlImage;
    auto const found = by_name.find(destination.url);
    if (!picture || found == by_name.end()) continue;
    Use use;
    use.files = {found->second};
    use.offset = destination.offset;
    use.length = destination.length;
    use.outer_offset = destination.outer_offset;
    use.outer_length = destination.outer_length;
    use.alt = destination.text.empty() ? "picture" : without_markup(destination.text);
    use.write = [destination](std::vector<std::string> const& urls) {
      return markdown::written(destination, urls.front());
    };
    uses_.push_back(std::move(use));
  }
}

void Publication::add_links(PublishRequest const& request, markdown::Located const& located, Diagnostics& diagnostics) {
  std::map<std::string, std::size_t> specs;   // Of the links whose specification is published beside its picture.
  std::map<std::string, std::size_t> darks;   // Of the links whose specification is drawn for dark pages, too.
  std::map<std::string, std::size_t> by_url;  // A file that many links name is read and rendered once.
  for (Destination const& destination : located.destinations) {
    std::string const& url = destination.url;
    bool const is_link = destination.kind == Destination::Kind::Link || destination.kind == Destination::Kind::HtmlLink;
    bool const data = url.starts_with("data:") && !is_link;
    if ((!data && !is_local_reference(url)) || destination.title.substr(0, 13) == "CML watermark") continue;
    std::string const where = request.name + ":" + std::to_string(destination.line);
    std::string const shown = "\"" + one_line(url, 80) + "\"";
    std::optional<std::size_t> index;
    if (auto const known = by_url.find(url); known != by_url.end()) {
      index = known->second;
    } else if (!may_try()) {
      continue;
    } else if (data) {
      auto file = from_data_url(url);
      if (!file) {
        diagnostics.missed(where, shown + " is not a base64 image; left as it is");
        continue;
      }
      index = keep(std::move(*file));
    } else {
      auto const found = find_local_file(*request.door, request.folder, url);
      if (!found) {
        diagnostics.missed(where, shown + " is not published: " + found.error().message);
        continue;
      }
      auto bytes = request.door->read(*found, request.max_file_bytes);
      if (!bytes) {
        diagnostics.missed(where, shown + " is not published: " + bytes.error().message);
        continue;
      }
      sources_.push_back(*found);
      AssetFile file;
      file.name = (*found).filename().string();
      if (request.plotter && (is_named_vega(file.name) || looks_like_vega(bytes.value()))) {
        auto plot = request.plotter(bytes.value(), (*found).parent_path(), url);
        std::string const spec_name = file.name;
        if (!plot) {
          diagnostics.missed(where, shown + " cannot be drawn: " + plot.error().message);
          if (destination.kind == Destination::Kind::Image && destination.outer_length > 0)
            uses_.push_back(not_drawn(destination.outer_offset, destination.outer_length,
                                      destination.text.empty() ? url : destination.text, plot.error().message));
          continue;
        }
        for (std::string const& remark : plot->remarks) diagnostics.missed(where, shown + ": " + remark);
        if (destination.kind == Destination::Kind::Image && alone_on_its_line(source_, destination) &&
            !plot->remarks.empty())
          uses_.push_back(remark_behind(destination, plot->remarks));
        if (request.dark_plotter)
          if (auto dark = request.dark_plotter(bytes.value(), (*found).parent_path(), url))
            darks[url] = keep({spec_name + "-dark.png", dark->mime, std::move(dark->bytes), ""});
        if (destination.kind == Destination::Kind::Image && alone_on_its_line(source_, destination))
          specs[url] = keep({spec_name, "application/json", std::move(bytes).value(), ""});
        file.name += ".png";
        file.bytes = std::move(plot->bytes);
        file.mime = plot->mime;
      } else {
        file.bytes = std::move(bytes).value();
        file.mime = media_type(file.bytes);
      }
      index = keep(std::move(file));
    }
    by_url.emplace(url, *index);
    Use use;
    use.files = {*index};
    use.offset = destination.offset;
    use.length = destination.length;
    if (!is_link) {
      use.outer_offset = destination.outer_offset;
      use.outer_length = destination.outer_length;
    }
    use.alt = destination.text.empty() ? files_[*index].name : destination.text;
    if (auto const dark = darks.find(url);
        dark != darks.end() && destination.kind == Destination::Kind::Image && destination.outer_length > 0) {
      use.files.push_back(dark->second);
      use.offset = destination.outer_offset;
      use.length = destination.outer_length;
      use.write = [alt = use.alt](std::vector<std::string> const& urls) { return picture(alt, urls[0], urls[1]); };
    } else {
      use.write = [destination](std::vector<std::string> const& urls) {
        return markdown::written(destination, urls.front());
      };
    }
    uses_.push_back(std::move(use));
    if (auto const spec = specs.find(url); spec != specs.end() && alone_on_its_line(source_, destination))
      uses_.push_back(spec_link_behind(destination, spec->second, request.html));
  }
}

// A fenced block marked "csv table" becomes a table.
void Publication::add_table(PublishRequest const& request, markdown::Fence const& fence, Diagnostics& diagnostics) {
  auto const document = metrics::read_delimited(fence.content, ',', {});
  if (!document) {
    diagnostics.missed(request.name + ":" + std::to_string(fence.line),
                       "the csv block is not a table: " + document.error().message);
    return;
  }
  Use use;
  use.offset = fence.offset;
  use.length = fence.length;
  std::string text = report::records_table(document->tables.front(), kMaxTableRows);
  text.erase(text.find_last_not_of('\n') + 1);
  use.write = [text](std::vector<std::string> const&) { return text; };
  uses_.push_back(std::move(use));
}

void Publication::add_fences(PublishRequest const& request, markdown::Located const& located,
                             Diagnostics& diagnostics) {
  for (markdown::Fence const& fence : located.fences) {
    bool const table = fence.info == "csv" && fence.attributes == "table";
    bool const plot_block = request.plotter && (fence.info == "vega-lite" || fence.info == "vega");
    if ((!table && !plot_block) || !may_try()) continue;
    if (table) {
      add_table(request, fence, diagnostics);
      continue;
    }
    std::string const where = request.name + ":" + std::to_string(fence.line);
    auto plot = request.plotter(fence.content, request.folder, where);
    if (!plot) {
      diagnostics.missed(where, "the " + fence.info + " block cannot be drawn: " + plot.error().message);
      uses_.push_back(not_drawn(fence.offset, fence.length, "A plot", plot.error().message));
      continue;
    }
    for (std::string const& remark : plot->remarks) diagnostics.missed(where, remark);
    Use use;
    use.offset = use.outer_offset = fence.offset;
    use.length = use.outer_length = fence.length;
    use.alt = plot->alt.empty() ? "plot" : plot->alt;
    use.files = {keep({"plot.png", plot->mime, std::move(plot->bytes), ""}),
                 keep({"plot.vl.json", "application/json", fence.content, ""})};
    if (request.dark_plotter) {
      auto dark = request.dark_plotter(fence.content, request.folder, where);
      if (dark) use.files.push_back(keep({"plot-dark.png", dark->mime, std::move(dark->bytes), ""}));
    }
    use.write = [alt = use.alt, html = request.html, remarks = plot->remarks](std::vector<std::string> const& urls) {
      return picture(alt, urls[0], urls.size() < 3 ? std::string() : urls[2]) +
             below_picture(remarks, urls.size() >= 3) + (urls[1].empty() ? "" : spec_link(urls[1], html));
    };
    uses_.push_back(std::move(use));
  }
}

Publication Publication::prepare(PublishRequest const& request, Diagnostics& diagnostics) {
  Publication publication;
  publication.source_ = request.markdown;
  auto const located = markdown::locate(publication.source_);
  if (located.too_costly)
    diagnostics.missed(request.name, std::string(markdown::kTooCostly) + "; its links and plots are left as they are");
  if (request.given) {
    publication.add_given(request, located);
  } else {
    publication.add_links(request, located, diagnostics);
    publication.add_fences(request, located, diagnostics);
  }
  if (publication.tried_ > kMostTried)
    diagnostics.missed(request.name, std::to_string(publication.tried_ - kMostTried) +
                                         " more pictures, files and plots are left as they are: a report takes " +
                                         std::to_string(kMostTried) + " at most");
  return publication;
}

std::string Publication::markdown(std::vector<std::string> const& urls) const {
  std::vector<markdown::Replacement> replacements;
  std::size_t gone_from = 0, gone_until = 0;  // Of a tag that made way with all its addresses; they follow it.
  for (Use const& use : uses_) {
    if (use.offset >= gone_from && use.offset < gone_until) continue;
    std::vector<std::string> own;
    for (std::size_t const file : use.files) own.push_back(urls.at(file));
    if (!own.empty() && own.front().empty()) {  // It found no place: a picture becomes its text, a link stays.
      if (use.outer_length > 0)
        replacements.push_back({use.outer_offset, use.outer_length, "*" + escape_alt(use.alt) + "*"});
      gone_from = use.outer_offset, gone_until = use.outer_offset + use.outer_length;
      continue;
    }
    replacements.push_back({use.offset, use.length, use.write(own)});
  }
  return markdown::with_replacements(source_, std::move(replacements));
}

std::string Publication::markdown_without_files() const { return markdown(std::vector<std::string>(files_.size())); }

}  // namespace cml
