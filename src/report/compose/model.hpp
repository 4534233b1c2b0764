// A report before it becomes Markdown: what was asked for, and what the files said.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "report/compose/rows.hpp"

namespace cml::report {

// One thing asked for on the command line or in cml.yaml; their order is the report's.
struct Item {
  enum class Kind { Metrics, Repeats, Params, Plot, Image, Log, Table, Markdown, Section, Text, Details };
  Kind kind = Kind::Text;
  std::string value;
  bool from_config =
      false;  // Said by a file of the repository, not by who runs us: nothing outside the workspace then.
  std::vector<std::string> files = {};  // Of Repeats: what the pattern matches.
};

enum class TableStyle { Own, Dvc };

struct Settings {
  std::string title;
  std::vector<Item> items;
  bool compare_from_config = false, template_from_config = false, records_from_config = false;
  std::string compare = "auto";            // "auto", "none", a revision, a file or a folder.
  std::vector<std::string> more_compares;  // Further revisions, a column each.
  std::string records;                     // Where recorded metrics lie (report/trend/record_store.hpp).
  std::vector<BetterRule> better;
  std::vector<ToleranceRule> tolerances;
  std::vector<std::string> select, exclude;  // Patterns of the metrics and parameters to show.
  std::vector<Threshold> thresholds;
  TableStyle style = TableStyle::Own;
  std::string template_name = "default";  // Or a Mustache file.
  int collapse = 30;                      // Longer tables are folded; 0: never.
  int history = 0;                        // Commits of sparklines; 0: none.
  int log_lines = 100;
  int columns = 1;  // So many pictures that follow one another stand side by side.
  bool changed_only = false;
  bool dark = false;
  bool strict = false;
  bool regressions = false;    // They come first, under a verdict of one line.
  bool allow_missing = false;  // Thresholds pass where they cannot be judged.
  // What only a cml.yaml says.
  std::string target, watermark_title;  // Of the comment, where the line names none.
  bool gates_always = false;            // Its thresholds count for what the line shows, too.
};

struct DiffBlock {
  bool params = false;
  std::vector<Row> rows;
  bool compared = false;
  std::vector<std::string> remarks = {};  // Sentences below the table: which run was read.
};
struct TableBlock {
  std::string file;
  metrics::Records records;
  std::vector<std::string> notes = {};  // Sentences for below: what is left out, what became of rows.
};
struct PlotBlock {
  std::string name, title, spec;        // A file name without extension; JSON of Vega-Lite.
  std::vector<std::string> notes = {};  // Sentences for below: what of the data cannot be seen.
};
struct ImageBlock {
  std::string path, title;                // From the current folder.
  std::string width = {};                 // "480" or "50%"; empty: its own.
  std::string revision = {}, bytes = {};  // Of a picture as it was at a revision.
  int row = 0;  // Not 0: the pictures of one number stand side by side, as several revisions of one picture do.
};
struct LogBlock {
  std::string file, text;
  std::size_t left_out = 0;  // Lines before `text`.
};
struct SectionBlock {
  std::string title;
  int level = 2;
};
struct TextBlock {
  std::string markdown;  // The user's own: taken as it is.
};
struct MarkdownBlock {
  std::string file, markdown;  // Its links count from the file's folder.
};
struct DetailsBlock {
  std::string summary;  // What follows is folded under it, up to the next section or details of its level or above.
  int level = 2;
};
struct MissingBlock {
  std::string what;  // "plots/roc.png: no such file"
};
using Block = std::variant<DiffBlock, TableBlock, PlotBlock, ImageBlock, LogBlock, SectionBlock, TextBlock,
                           MarkdownBlock, DetailsBlock, MissingBlock>;

struct Model {
  std::string title, old_name, new_name;
  std::vector<std::string> other_names = {};  // Of the further revisions.
  std::string verdict = {};                   // In one line; empty when nothing was compared.
  std::vector<Block> blocks;
  std::vector<Finding> findings;
  std::vector<Unreadable> unreadable;
};

// Every row of every metrics table, in order.
std::vector<Row> metric_rows(Model const&);
// The data model as `--json` prints it.
std::string to_json(Model const&);

}  // namespace cml::report
