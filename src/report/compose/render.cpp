#include "report/compose/render.hpp"

#include <kainjow/mustache.hpp>

#include <filesystem>

#include "base/embedded.hpp"
#include "base/text.hpp"
#include "markdown/locate.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/number.hpp"
#include "report/compose/tables.hpp"
#include "report/local_file.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_reports();
}

namespace cml::report {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::size_t kMaxTableRows = 500;

std::string folded(std::string const& summary, std::string const& markdown) {
  return "<details>\n<summary>" + escape_summary(summary) + "</summary>\n\n" + markdown + "\n</details>\n";
}

std::string count_of(std::size_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

// How a code block of the file is coloured, or drawn; logs have no language.
std::string_view language_of(std::string_view file) {
  static constexpr std::pair<std::string_view, std::string_view> kLanguages[] = {
      {".json", "json"},   {".yaml", "yaml"}, {".yml", "yaml"},   {".toml", "toml"},
      {".xml", "xml"},     {".py", "python"}, {".r", "r"},        {".sh", "bash"},
      {".sql", "sql"},     {".diff", "diff"}, {".patch", "diff"}, {".mermaid", "mermaid"},
      {".mmd", "mermaid"},
  };
  for (auto const& [extension, language] : kLanguages)
    if (file.ends_with(extension)) return language;
  return "";
}

struct Counts {
  std::size_t total = 0, changed = 0, better = 0, worse = 0;
  void add(Row const& row) {
    ++total;
    changed += row.changed();
    better += row.judgement() == Judgement::Better;
    worse += row.judgement() == Judgement::Worse;
  }
};

class BlockWriter {
 public:
  BlockWriter(Model const& model, Settings const& settings, Pictures const& pictures)
      : model_(model), settings_(settings), pictures_(pictures) {}

  Result<std::string> operator()(DiffBlock const& block) const {
    CML_TRY(text, table_of(block));
    if (settings_.regressions && block.compared && !block.params)
      text = escape_markdown(verdict_of(block.rows, model_.old_name), 500) + "\n\n" + text;
    for (std::string const& remark : block.remarks) text += "\n*" + escape_markdown(remark, 300) + "*\n";
    return text;
  }
  Result<std::string> operator()(TableBlock const& block) const {
    std::string table = records_table(block.records, kMaxTableRows);
    for (std::string const& note : block.notes) table += "\n*" + escape_markdown(note) + "*\n";
    if (settings_.collapse <= 0 || block.records.rows() <= static_cast<std::size_t>(settings_.collapse)) return table;
    return folded(block.file + ": " + count_of(block.records.rows(), "row"), table);
  }
  Result<std::string> operator()(PlotBlock const& block) const {
    CML_TRY(picture, pictures_.plot(block));
    return picture + (block.notes.empty() ? "" : "\n*" + notes_of(block) + "*\n");
  }
  Result<std::string> operator()(ImageBlock const& block) const {
    CML_TRY(image, image_of(block));
    return image + "\n";
  }
  Result<std::string> operator()(LogBlock const& block) const {
    std::string text = block.left_out == 0 ? ""
                                           : "*" + count_of(block.left_out, "line") + " of " +
                                                 escape_markdown(block.file) + " before these are left out.*\n\n";
    return text + fenced(block.text, language_of(block.file));
  }
  Result<std::string> operator()(SectionBlock const& block) const {
    return std::string(static_cast<std::size_t>(block.level), '#') + " " + escape_markdown(block.title) + "\n";
  }
  Result<std::string> operator()(TextBlock const& block) const {
    return block.markdown + (block.markdown.ends_with('\n') ? "" : "\n");
  }
  Result<std::string> operator()(MarkdownBlock const& block) const {
    std::filesystem::path const folder = std::filesystem::path(block.file).parent_path();
    std::vector<markdown::Replacement> replacements;
    for (auto const& destination : markdown::locate(block.markdown).destinations) {
      if (!is_local_reference(destination.url)) continue;
      auto const end = std::min(destination.url.find_first_of("?#"), destination.url.size());
      std::string const path = (folder / percent_decode(destination.url.substr(0, end))).lexically_normal().string();
      replacements.push_back({destination.offset, destination.length,
                              markdown::written(destination, pictures_.link(path) + destination.url.substr(end))});
    }
    return (*this)(TextBlock{markdown::with_replacements(block.markdown, std::move(replacements))});
  }
  Result<std::string> operator()(DetailsBlock const& block) const {
    return "<details>\n<summary>" + escape_summary(block.summary) + "</summary>\n";
  }
  Result<std::string> operator()(MissingBlock const& block) const { return "*" + escape_markdown(block.what) + "*\n"; }

  // How many blocks from this one on stand side by side: pictures only.
  std::size_t side_by_side(std::size_t begin) const {
    auto const number = [&](std::size_t i) -> std::optional<int> {  // Of the row; nothing for other blocks.
      if (i >= model_.blocks.size()) return std::nullopt;
      auto const* image = std::get_if<ImageBlock>(&model_.blocks[i]);
      if (image == nullptr && !std::holds_alternative<PlotBlock>(model_.blocks[i])) return std::nullopt;
      return image != nullptr ? image->row : 0;
    };
    auto const row = number(begin);
    if (!row) return 1;
    std::size_t count = 1;
    while (number(begin + count) == row && (*row != 0 || count < static_cast<std::size_t>(settings_.columns))) ++count;
    return count;
  }
  // A table of one row; its head has the titles.
  Result<std::string> row_of_pictures(std::size_t begin, std::size_t count) const {
    std::string head = "|", rule = "|", cells = "|";
    for (std::size_t i = begin; i < begin + count; ++i) {
      auto const* image = std::get_if<ImageBlock>(&model_.blocks[i]);
      auto const* plot = std::get_if<PlotBlock>(&model_.blocks[i]);
      CML_TRY(picture, image != nullptr ? image_of(*image) : pictures_.cell(*plot));
      if (plot != nullptr && !plot->notes.empty()) picture += "<br>*" + notes_of(*plot) + "*";
      head += " " + escape_markdown(image != nullptr ? image->title : plot->title) + " |";
      rule += " --- |";
      cells += " " + picture + " |";
    }
    return head + "\n" + rule + "\n" + cells + "\n";
  }

 private:
  Result<std::string> table_of(DiffBlock const& block) const {
    std::vector<Row> rows = block.rows;
    Counts counts;
    for (Row const& row : rows) counts.add(row);
    // Of parameters only those that changed are news.
    if (block.compared && (settings_.changed_only || block.params))
      std::erase_if(rows, [](Row const& row) { return !row.changed() && !row.unreadable(); });
    std::string const thing = block.params ? "parameter" : "metric";
    TableOptions options{model_.old_name.empty() ? "HEAD" : model_.old_name,
                         model_.new_name,
                         block.params,
                         block.compared,
                         {},
                         model_.other_names};
    if (settings_.regressions && block.compared && !block.params) regressions_first(rows);
    if (settings_.style == TableStyle::Dvc) return dvc_table(block.rows, options);
    if (rows.empty())
      return block.compared ? "*" + count_of(counts.total, thing) + ", none changed.*\n" : "*No " + thing + "s.*\n";
    std::optional<Error> failed;
    if (settings_.history > 1 && !block.params && pictures_.sparkline)
      options.sparkline = [&](Row const& row) -> std::string {
        if (row.history.size() < 2) return "";
        auto picture = pictures_.sparkline(row);
        if (!picture) failed = picture.error();
        return picture ? *picture : "";
      };
    std::string const table = diff_table(rows, options);
    if (failed) return *failed;
    if (settings_.collapse <= 0 || rows.size() <= static_cast<std::size_t>(settings_.collapse)) return table;
    return folded(
        count_of(counts.total, thing) + (block.compared ? ", " + std::to_string(counts.changed) + " changed" : ""),
        table);
  }
  static std::string notes_of(PlotBlock const& block) {
    std::string text;
    for (std::string const& note : block.notes) text += (text.empty() ? "" : "; ") + note;
    return escape_markdown(text, 500);
  }
  Result<std::string> image_of(ImageBlock const& image) const {
    std::string address;
    if (image.revision.empty()) {
      address = pictures_.link(image.path);
    } else {
      std::filesystem::path const path(image.path);
      CML_TRY(written, pictures_.file((path.parent_path() / path.stem()).string() + "-" + image.revision +
                                          path.extension().string(),
                                      image.bytes));
      address = std::move(written);
    }
    if (image.width.empty()) return "![" + escape_markdown(image.title) + "](" + address + ")";
    return "<img src=\"" + address + "\" alt=\"" + escape_summary(image.title) + "\" width=\"" + image.width + "\">";
  }

  Model const& model_;
  Settings const& settings_;
  Pictures const& pictures_;
};

constexpr char kPlaceholder = '\x02';

// No blank lines at the start and the end, one in a row between.
std::string tidied(std::string const& text) {
  std::string result;
  int blank = 1;
  for (std::string const& line : split(text, '\n')) {
    blank = trim(line).empty() ? blank + 1 : 0;
    if (blank <= 1) result += line + "\n";
    if (result == "\n") result.clear();
  }
  while (result.size() > 1 && result[result.size() - 1] == '\n' && result[result.size() - 2] == '\n') result.pop_back();
  return result;
}

std::string filled(std::string const& skeleton, std::vector<std::string> const& contents) {
  std::string result;
  auto const parts = split(skeleton, kPlaceholder);  // Text and numbers take turns.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto const index = i % 2 == 1 ? parse_integer(parts[i]) : std::nullopt;
    if (index && *index >= 0 && static_cast<std::size_t>(*index) < contents.size())
      result += contents[static_cast<std::size_t>(*index)];
    else
      result += parts[i];
  }
  while (result.size() > 1 && result[result.size() - 1] == '\n' && result[result.size() - 2] == '\n') result.pop_back();
  return result;
}

mustache::data number_data(std::size_t number) { return mustache::data(std::to_string(number)); }

// Empty text would be a value in Mustache; absent keys are what sections test for.
void set_text(mustache::data& object, char const* name, std::string const& text) {
  if (!text.empty())
    object.set(name, text);
  else
    object.set(name, mustache::data::type::bool_false);
}

mustache::data metric_data(Row const& row, bool compared) {
  RowText const text = texts_of(row);
  mustache::data object;
  object.set("name", row.name);
  object.set("file", row.file);
  object.set("compared", compared && row.old_value.has_value());
  set_text(object, "old", text.old_value);
  set_text(object, "new", text.new_value);
  set_text(object, "change", text.change);
  set_text(object, "percent", text.percent);
  Judgement const judgement = row.judgement();
  set_text(object, "sign", judgement == Judgement::Better ? "✅" : judgement == Judgement::Worse ? "❌" : "");
  return object;
}

}  // namespace

std::string_view report_template(std::string_view name) {
  for (auto const& [known, text] : report_templates())
    if (known == name) return text;
  return {};
}

std::vector<std::pair<std::string_view, std::string_view>> report_templates() {
  std::vector<std::pair<std::string_view, std::string_view>> templates;
  for (EmbeddedFile const& file : embedded_reports())
    templates.emplace_back(file.name.substr(0, file.name.rfind('.')), file.bytes);
  return templates;
}

Result<std::string> render(Model const& model, Settings const& settings, Pictures const& pictures,
                           std::string const& template_text, RunFacts const& facts) {
  mustache::mustache page(template_text);
  if (!page.is_valid()) return Error{ErrorKind::BadInput, "template: " + one_line(page.error_message())};
  page.set_custom_escape([](std::string const& text) { return escape_markdown(text); });

  mustache::data data, findings(mustache::data::type::list), blocks(mustache::data::type::list),
      metrics(mustache::data::type::list);
  set_text(data, "title", model.title);
  set_text(data, "old", model.old_name);
  set_text(data, "new", model.new_name);
  set_text(data, "commit", facts.commit);
  set_text(data, "run_url", facts.run_url);
  for (Finding const& finding : model.findings) {
    mustache::data object;
    object.set("icon", finding.fails ? "❌" : "⚠️");
    object.set("text", finding.text);
    object.set("fails", finding.fails);
    findings.push_back(object);
  }
  data.set("findings", findings);
  data.set("has_findings", !model.findings.empty());

  BlockWriter const writer(model, settings, pictures);
  Counts counts;
  bool compared = false;
  std::vector<int> open;  // Levels of the folded parts that are not closed yet.
  // Blocks enter after the template is done, so that tidying its blank lines leaves them alone.
  std::vector<std::string> contents;
  auto const push = [&](std::string const& markdown) {
    blocks.push_back(mustache::data(
        "markdown", mustache::data(std::string(1, kPlaceholder) + std::to_string(contents.size()) + kPlaceholder)));
    contents.push_back(markdown);
  };
  auto const close = [&](int level) {
    for (; !open.empty() && open.back() >= level; open.pop_back()) push("</details>\n");
  };
  for (std::size_t i = 0; i < model.blocks.size();) {
    Block const& block = model.blocks[i];
    auto const* section = std::get_if<SectionBlock>(&block);
    auto const* details = std::get_if<DetailsBlock>(&block);
    if (section != nullptr) close(section->level);
    if (details != nullptr) close(details->level);
    std::size_t const count = writer.side_by_side(i);
    CML_TRY(markdown, count > 1 ? writer.row_of_pictures(i, count) : std::visit(writer, block));
    if (!markdown.empty()) push(markdown);
    if (details != nullptr) open.push_back(details->level);
    i += count;
    if (auto const* diff = std::get_if<DiffBlock>(&block); diff != nullptr && !diff->params) {
      compared = compared || diff->compared;
      for (Row const& row : diff->rows) {
        counts.add(row);
        metrics.push_back(metric_data(row, diff->compared));
      }
    }
  }
  close(0);
  data.set("blocks", blocks);
  data.set("metrics", metrics);
  data.set("compared", compared);
  data.set("total", number_data(counts.total));
  data.set("changed", number_data(counts.changed));
  data.set("better", number_data(counts.better));
  data.set("worse", number_data(counts.worse));
  std::string const text = page.render(data);
  if (!page.error_message().empty()) return Error{ErrorKind::BadInput, "template: " + one_line(page.error_message())};
  return filled(tidied(text), contents);
}

}  // namespace cml::report
