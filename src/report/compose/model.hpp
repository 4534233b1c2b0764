// A report before it becomes Markdown: what was asked for, and what the files said.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "report/compose/rows.hpp"

namespace cml::report {

// One thing asked for on the command line or in cml.yaml; their order is the report's.
struct Item {
  enum class Kind { Metrics, Params, Plot, Image, Log, Table, Section, Text, Details };
  Kind kind = Kind::Text;
  std::string value;
  bool from_config = false;  // Said by a file of the repository, not by who runs us: nothing outside the workspace then.
};

enum class TableStyle { Own, Dvc };

struct Settings {
  std::string title;
  std::vector<Item> items;
  bool compare_from_config = false, template_from_config = false;
  std::string compare = "auto";  // "auto", "none", a revision, a file or a folder.
  std::vector<BetterRule> better;
  std::vector<Threshold> thresholds;
  TableStyle style = TableStyle::Own;
  std::string template_name = "default";  // Or a Mustache file.
  int collapse = 30;                      // Longer tables are folded; 0: never.
  int history = 0;                        // Commits of sparklines; 0: none.
  int log_lines = 100;
  bool changed_only = false;
  bool dark = false;
  bool strict = false;
};

struct DiffBlock {
  bool params = false;
  std::vector<Row> rows;
  bool compared = false;
};
struct TableBlock {
  std::string file;
  metrics::Records records;
};
struct PlotBlock {
  std::string name, title, spec;  // A file name without extension; JSON of Vega-Lite.
};
struct ImageBlock {
  std::string path, title;  // From the current folder.
};
struct LogBlock {
  std::string file, text;
  std::size_t left_out = 0;  // Lines before `text`.
};
struct SectionBlock {
  std::string title;
};
struct TextBlock {
  std::string markdown;  // The user's own: taken as it is.
};
struct DetailsBlock {
  std::string summary;  // What follows, up to the next section, is folded under it.
};
struct MissingBlock {
  std::string what;  // "plots/roc.png: no such file"
};
using Block = std::variant<DiffBlock, TableBlock, PlotBlock, ImageBlock, LogBlock, SectionBlock, TextBlock, DetailsBlock, MissingBlock>;

struct Model {
  std::string title, old_name, new_name;
  std::vector<Block> blocks;
  std::vector<Finding> findings;
};

// Every row of every metrics table, in order.
std::vector<Row> metric_rows(Model const&);
// The data model as `--json` prints it.
std::string to_json(Model const&);

}  // namespace cml::report
