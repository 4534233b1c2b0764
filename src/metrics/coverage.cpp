// Coverage of code: Cobertura, Clover and JaCoCo (XML), lcov and Go (text). Of each the whole as metrics and the files,
// or what the tool counts by, as a table.
#include <map>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/xml.hpp"

namespace cml::metrics {
namespace {

struct Covered {
  std::int64_t covered = 0, total = 0;
  void add(std::int64_t hit, std::int64_t all) { covered += hit, total += all; }
  std::optional<double> percent() const {
    if (total <= 0) return std::nullopt;
    return 100.0 * static_cast<double>(covered) / static_cast<double>(total);
  }
};

// "line", "branch": "line_coverage (%)", "lines_covered", "lines_total".
void add_counts(Document& document, std::string const& thing, std::string const& things, Covered const& counts) {
  auto const percent = counts.percent();
  if (!percent) return;
  document.metrics.push_back({thing + "_coverage (%)", *percent});
  document.metrics.push_back({things + "_covered", counts.covered});
  document.metrics.push_back({things + "_total", counts.total});
}

struct CoveredFile {
  std::string name;
  Covered lines;
};

void add_files(Document& document, std::vector<CoveredFile> const& files) {
  Column name{"file", {}, {}}, total{"lines", {}, {}}, covered{"covered", {}, {}}, share{"coverage (%)", {}, {}};
  for (CoveredFile const& file : files) {
    auto const percent = file.lines.percent();
    if (!percent) continue;
    name.cells.emplace_back(file.name);
    total.cells.emplace_back(file.lines.total);
    covered.cells.emplace_back(file.lines.covered);
    share.cells.emplace_back(*percent);
  }
  if (!name.cells.empty()) document.tables.push_back({"", {name, total, covered, share}});
}

// Cobertura (coverage.py, gcovr, coverlet) and Clover (PHPUnit, Jest) begin with the same element.
class CoverageXml : public XmlReader {
 public:
  void start(std::string_view element, XmlAttributes const& attributes) override {
    if (++depth_ == 1) {
      lines_ = {attributes.count("lines-covered"), attributes.count("lines-valid")};
      branches_ = {attributes.count("branches-covered"), attributes.count("branches-valid")};
      for (auto const& [name, value] : {std::pair{"line-rate", &line_rate_}, {"branch-rate", &branch_rate_}})
        if (attributes.has(name)) *value = number_of(scalar_of_text(attributes.text(name)));
    } else if (element == "class" && attributes.has("filename")) {
      files_.push_back({std::string(attributes.text("filename")), {}});
      in_class_ = true;
    } else if (element == "methods") {
      in_methods_ = true;
    } else if (element == "line" && in_class_ && !in_methods_) {
      files_.back().lines.add(attributes.count("hits") > 0 ? 1 : 0, 1);
    } else if (element == "file" && attributes.has("name")) {
      std::string_view const path = attributes.has("path") ? attributes.text("path") : attributes.text("name");
      files_.push_back({std::string(path), {}});
      in_file_ = true;
    } else if (element == "metrics") {
      Covered const statements{attributes.count("coveredstatements"), attributes.count("statements")};
      if (in_file_) files_.back().lines = statements;
      if (depth_ != 3) return;  // Of the project.
      clover_ = true;
      lines_ = statements;
      branches_ = {attributes.count("coveredconditionals"), attributes.count("conditionals")};
      methods_ = {attributes.count("coveredmethods"), attributes.count("methods")};
    }
  }
  void end(std::string_view element) override {
    --depth_;
    if (element == "class") in_class_ = false;
    if (element == "methods") in_methods_ = false;
    if (element == "file") in_file_ = false;
  }
  Document document() override {
    Document document;
    document.format = clover_ ? "Clover" : "Cobertura";
    if (lines_.total == 0 && !line_rate_)
      for (CoveredFile const& file : files_) lines_.add(file.lines.covered, file.lines.total);
    add_counts(document, "line", "lines", lines_);
    // Older writers give the share alone.
    if (lines_.total == 0 && line_rate_) document.metrics.push_back({"line_coverage (%)", 100 * *line_rate_});
    add_counts(document, "branch", "branches", branches_);
    if (branches_.total == 0 && branch_rate_ && *branch_rate_ > 0)
      document.metrics.push_back({"branch_coverage (%)", 100 * *branch_rate_});
    add_counts(document, "method", "methods", methods_);
    add_files(document, files_);
    return document;
  }

 private:
  int depth_ = 0;
  bool clover_ = false, in_class_ = false, in_methods_ = false, in_file_ = false;
  Covered lines_, branches_, methods_;
  std::optional<double> line_rate_, branch_rate_;
  std::vector<CoveredFile> files_;
};

class JacocoXml : public XmlReader {
 public:
  void start(std::string_view element, XmlAttributes const& attributes) override {
    ++depth_;
    if (element == "package") package_ = attributes.text("name");
    if (element == "sourcefile")
      files_.push_back({(package_.empty() ? "" : package_ + "/") + std::string(attributes.text("name")), {}}),
          in_file_ = true;
    if (element != "counter") return;
    std::string const type(attributes.text("type"));
    Covered const counts{attributes.count("covered"), attributes.count("covered") + attributes.count("missed")};
    if (in_file_ && type == "LINE") files_.back().lines = counts;
    if (depth_ == 2) whole_[type] = counts;
  }
  void end(std::string_view element) override {
    --depth_;
    if (element == "sourcefile") in_file_ = false;
  }
  Document document() override {
    Document document;
    document.format = "JaCoCo";
    add_counts(document, "line", "lines", whole_["LINE"]);
    add_counts(document, "branch", "branches", whole_["BRANCH"]);
    add_counts(document, "instruction", "instructions", whole_["INSTRUCTION"]);
    add_counts(document, "method", "methods", whole_["METHOD"]);
    add_files(document, files_);
    return document;
  }

 private:
  int depth_ = 0;
  bool in_file_ = false;
  std::string package_;
  std::map<std::string, Covered> whole_;
  std::vector<CoveredFile> files_;
};

}  // namespace

std::unique_ptr<XmlReader> coverage_reader(std::string_view root) {
  if (root == "coverage") return std::make_unique<CoverageXml>();
  if (root == "report") return std::make_unique<JacocoXml>();
  return nullptr;
}

bool is_lcov(std::string_view bytes) {
  std::string_view const start = trim(bytes.substr(0, 4096));
  return (start.starts_with("TN:") || start.starts_with("SF:")) && contains(bytes.substr(0, 1 << 20), "\nDA:");
}

// Records of "SF:FILE", "DA:LINE,HITS" and "end_of_record"; the sums (LF, LH) are left out by some writers.
Result<Document> read_lcov(std::string_view bytes, Limits const&) {
  Covered lines, branches, functions;
  std::vector<CoveredFile> files;
  auto const number = [](std::string_view text) { return parse_integer(trim(text)).value_or(0); };
  for (std::string const& row : split(bytes, '\n')) {
    auto const colon = row.find(':');
    if (colon == std::string::npos) continue;
    std::string_view const key = std::string_view(row).substr(0, colon),
                           value = std::string_view(row).substr(colon + 1);
    if (key == "SF") files.push_back({std::string(trim(value)), {}});
    if (key == "DA" && !files.empty()) {
      auto const comma = value.find(',');
      std::string_view const rest = comma == std::string_view::npos ? "" : value.substr(comma + 1);
      files.back().lines.add(number(rest.substr(0, rest.find(','))) > 0 ? 1 : 0, 1);
    }
    if (key == "BRF") branches.total += number(value);
    if (key == "BRH") branches.covered += number(value);
    if (key == "FNF") functions.total += number(value);
    if (key == "FNH") functions.covered += number(value);
  }
  for (CoveredFile const& file : files) lines.add(file.lines.covered, file.lines.total);
  Document document;
  add_counts(document, "line", "lines", lines);
  add_counts(document, "branch", "branches", branches);
  add_counts(document, "function", "functions", functions);
  add_files(document, files);
  return document;
}

bool is_go_coverage(std::string_view bytes) {
  return bytes.starts_with("mode: set\n") || bytes.starts_with("mode: count\n") || bytes.starts_with("mode: atomic\n");
}

// "FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT"; a block that several test binaries ran stands there several times.
Result<Document> read_go_coverage(std::string_view bytes, Limits const& limits) {
  struct Block {
    std::int64_t statements = 0;
    bool ran = false;
  };
  std::map<std::string, std::map<std::string, Block>> files;
  std::size_t count = 0;
  for (std::string const& row : split(bytes, '\n')) {
    auto const words = split(trim(row), ' ');
    auto const colon = row.rfind(':');
    if (words.size() != 3 || colon == std::string::npos) continue;
    auto const statements = parse_integer(words[1]), runs = parse_integer(words[2]);
    if (!statements || !runs || *statements < 0)
      return Error{ErrorKind::BadInput, "is not a line of Go's coverage: " + one_line(row, 80)};
    if (++count > limits.max_values)
      return Error{ErrorKind::BadInput, "holds more than " + std::to_string(limits.max_values) + " blocks"};
    Block& block = files[row.substr(0, colon)][words[0].substr(colon + 1)];
    block.statements = *statements;
    block.ran = block.ran || *runs > 0;
  }
  Covered whole;
  std::vector<CoveredFile> list;
  for (auto const& [name, blocks] : files) {
    CoveredFile file{name, {}};
    for (auto const& [place, block] : blocks) file.lines.add(block.ran ? block.statements : 0, block.statements);
    whole.add(file.lines.covered, file.lines.total);
    list.push_back(std::move(file));
  }
  Document document;
  add_counts(document, "statement", "statements", whole);
  add_files(document, list);
  return document;
}

}  // namespace cml::metrics
