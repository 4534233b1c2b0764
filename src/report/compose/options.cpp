#include "report/compose/options.hpp"

#include "base/choice.hpp"
#include "base/text.hpp"
#include "metrics/trees.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/plot.hpp"
#include "report/compose/table_request.hpp"
#include "report/trend/record_store.hpp"
#include "report/trend/trend.hpp"

namespace cml::report {
namespace {

using metrics::Node;

template <Item::Kind kind>
Status add_item(Settings& settings, std::string const& value) {
  if (value.empty() && kind != Item::Kind::Text) return Error{ErrorKind::Usage, "is empty"};
  if (kind == Item::Kind::Plot)
    if (auto request = parse_plot(value); !request) return std::move(request).error();
  if (kind == Item::Kind::Image)
    if (auto request = parse_image(value); !request) return std::move(request).error();
  if (kind == Item::Kind::Table)
    if (auto request = parse_table(value); !request) return std::move(request).error();
  return settings.items.push_back({kind, value, false}), ok();
}

template <auto member>
Status set_text(Settings& settings, std::string const& value) {
  return settings.*member = value, ok();
}
template <auto member>
Status set_truth(Settings& settings, std::string const& value) {
  auto const truth = parse_boolean(value);
  if (!truth) return Error{ErrorKind::Usage, "not a valid boolean (true or false): " + one_line(value, 60)};
  return settings.*member = *truth, ok();
}
template <auto member>
Status set_count(Settings& settings, std::string const& value) {
  auto const count = parse_integer(value);
  if (!count || *count < 0 || *count > 1'000'000)
    return Error{ErrorKind::Usage, "not a valid count: " + one_line(value, 60)};
  return settings.*member = static_cast<int>(*count), ok();
}

Status set_style(Settings& settings, std::string const& value) {
  constexpr static Choice<TableStyle> kStyles[] = {{"cml", TableStyle::Own}, {"dvc", TableStyle::Dvc}};
  CML_TRY(style, parse_choice(kStyles, value));
  return settings.style = style, ok();
}
Status set_better(Settings& settings, std::string const& value) {
  CML_TRY(rules, parse_better(value));
  return settings.better.insert(settings.better.end(), rules.begin(), rules.end()), ok();
}
Status set_compare(Settings& settings, std::string const& value) {
  constexpr std::size_t kMostColumns = 20;
  if (settings.compare == Settings().compare)
    settings.compare = value;
  else if (settings.more_compares.size() < kMostColumns)
    settings.more_compares.push_back(value);
  else
    return Error{ErrorKind::Usage, "more than " + std::to_string(kMostColumns + 1) + " revisions to compare with"};
  return ok();
}
// What changes count against; a revision that --compare named before is a further column.
Status set_baseline(Settings& settings, std::string const& value) {
  if (!parse_recorded_baseline(value))
    return Error{ErrorKind::Usage,
                 "\"" + one_line(value, 60) + "\" is not median:BRANCH:N, last:BRANCH or best:BRANCH:N"};
  if (settings.compare != Settings().compare)
    settings.more_compares.insert(settings.more_compares.begin(), settings.compare);
  return settings.compare = value, ok();
}
Status set_records(Settings& settings, std::string const& value) {
  if (auto place = parse_record_place(value); !place) return std::move(place).error();
  return settings.records = value, ok();
}
Status set_tolerance(Settings& settings, std::string const& value) {
  CML_TRY(rules, parse_tolerance(value));
  return settings.tolerances.insert(settings.tolerances.end(), rules.begin(), rules.end()), ok();
}
template <auto member>
Status add_patterns(Settings& settings, std::string const& value) {
  for (std::string const& part : split(value, ',')) {
    if (trim(part).empty()) return Error{ErrorKind::Usage, "a name is empty: " + one_line(value, 60)};
    (settings.*member).emplace_back(trim(part));
  }
  return ok();
}
template <bool fails>
Status add_threshold(Settings& settings, std::string const& value) {
  CML_TRY(threshold, parse_threshold(value, fails));
  return settings.thresholds.push_back(std::move(threshold)), ok();
}

// A file of the repository, which a pull request may bring, chooses the kind of place and no other thread.
Status set_target(Settings& settings, std::string const& value) {
  if (value != "auto" && value != "pr" && value != "commit")
    return Error{ErrorKind::Usage, "\"" + one_line(value, 60) + "\" is not auto, pr or commit; pr/N, commit/SHA and " +
                                       "issue/N are for the command line"};
  return settings.target = value, ok();
}
Status set_gates(Settings& settings, std::string const& value) {
  if (value != "always" && value != "own")
    return Error{ErrorKind::Usage, "\"" + one_line(value, 60) + "\" is not always or own"};
  return settings.gates_always = value == "always", ok();
}

// The value of an option as the command line would give it: a plot may be a map {file: .., x: .., y: ..}.
Result<std::string> text_of(Node const& node) {
  if (node.scalar() != nullptr) {
    if (auto const* truth = std::get_if<bool>(node.scalar())) return std::string(*truth ? "true" : "false");
    return metrics::is_null(*node.scalar()) ? std::string() : metrics::to_python(*node.scalar());
  }
  Node const* file = node.find("file");
  if (file == nullptr || file->scalar() == nullptr)
    return Error{ErrorKind::Usage, "needs a value (for a plot: file, x, y, template, title)"};
  std::string text = metrics::to_python(*file->scalar());
  char separator = ':';
  for (auto const& [key, value] : *node.map()) {
    if (key == "file") continue;
    std::vector<Node const*> values;
    if (value.list() != nullptr)
      for (Node const& one : *value.list()) values.push_back(&one);
    else
      values.push_back(&value);
    for (Node const* one : values) {
      if (one->scalar() == nullptr) return Error{ErrorKind::Usage, "\"" + one_line(key, 40) + "\" needs a text"};
      text += separator + key + "=" + metrics::to_python(*one->scalar());
      separator = ',';
    }
  }
  return text;
}

class Config {
 public:
  Config(std::string const& name, Settings& settings) : name_(name), settings_(settings) {}

  Status section(Node const& section) {
    if (section.map() == nullptr) return wrong(section, "report must hold keys such as metrics and title");
    for (auto const& [key, value] : *section.map()) {
      if (key != "blocks") {
        CML_CHECK_OK(option(key, value));
        continue;
      }
      if (value.list() == nullptr) return wrong(value, "blocks must be a list");
      for (Node const& block : *value.list()) {
        if (block.map() == nullptr || block.map()->empty())
          return wrong(block, "a block is one key and its value, such as \"- metrics: metrics.json\"");
        for (auto const& [name, content] : *block.map()) CML_CHECK_OK(option(name, content));
      }
    }
    return ok();
  }

 private:
  Error wrong(int line, std::string const& text) const {
    return {ErrorKind::Usage, name_ + ":" + std::to_string(line) + ": " + text};
  }
  Error wrong(Node const& at, std::string const& text) const { return wrong(at.line, text); }

  Status option(std::string const& key, Node const& value) {
    std::vector<std::string_view> names;
    for (Option const& row : config_options()) {
      names.push_back(row.name);
      if (row.name == key && value.list() == nullptr) return apply(row, value);
    }
    for (Option const& row : options()) {
      names.push_back(row.name);
      if (row.name != key) continue;
      // better: {loss: lower} reads like its list of NAME=WAY.
      if (key == "better" && value.map() != nullptr) {
        for (auto const& [metric, way] : *value.map()) {
          if (way.scalar() == nullptr)
            return wrong(way, "better: " + one_line(metric, 60) + " needs lower, higher or none");
          CML_CHECK_OK(apply(row, way, metric + "=" + metrics::to_python(*way.scalar())));
        }
        return ok();
      }
      if (value.list() == nullptr) return apply(row, value);
      if (row.kind != Option::Kind::List && row.kind != Option::Kind::Words)
        return wrong(value, key + " takes one value, not a list");
      for (Node const& one : *value.list()) CML_CHECK_OK(apply(row, one));
      return ok();
    }
    std::string_view const near = nearest(key, names);
    return wrong(value.key_line, "unknown key \"" + one_line(key, 60) + "\"" +
                                     (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  }
  Status apply(Option const& row, Node const& value) {
    auto text = text_of(value);
    if (!text) return wrong(value, std::string(row.name) + " " + text.error().message);
    return apply(row, value, *text);
  }
  Status apply(Option const& row, Node const& at, std::string const& text) {
    auto applied = row.apply(settings_, text);
    if (!applied) return wrong(at, std::string(row.name) + ": " + applied.error().message);
    return ok();
  }

  std::string const& name_;
  Settings& settings_;
};

}  // namespace

std::vector<Option> const& options() {
  using Kind = Option::Kind;
  using Item = report::Item;
  static std::vector<Option> const table{
      {"metrics", Kind::Words, "FILE...",
       "Metrics files: JSON, YAML, TOML, CSV, TSV, JUnit XML, TensorBoard; dvc.yaml; folders of DVCLive, MLflow, "
       "TensorBoard",
       add_item<Item::Kind::Metrics>},
      {"repeats", Kind::Words, "PATTERN...",
       "Metrics files of one run with several seeds ('seeds/*/metrics.json'): each metric's mean and standard error",
       add_item<Item::Kind::Repeats>},
      {"params", Kind::Words, "FILE...", "Parameter files, such as params.yaml", add_item<Item::Kind::Params>},
      {"plot", Kind::Words, "SPEC...",
       "FILE:x=COLUMN,y=COLUMN,template=NAME,title=TEXT (cml report templates lists them); or dvc.yaml for all its "
       "plots",
       add_item<Item::Kind::Plot>},
      {"image", Kind::Words, "SPEC...",
       "FILE, FILE:TITLE, or FILE:title=TEXT,width=480,rev=main (as it was there, beside the present one)",
       add_item<Item::Kind::Image>},
      {"log", Kind::Words, "FILE...",
       "A text file in a code block, without terminal colours (error, warn, info and debug set what is said on stderr)",
       add_item<Item::Kind::Log>},
      {"table", Kind::Words, "SPEC...",
       "Records of a CSV, TSV or JSON file as a table; FILE:column=NAME,sort=-NAME,top=10,key=NAME chooses, orders "
       "and compares its rows",
       add_item<Item::Kind::Table>},
      {"markdown", Kind::Words, "FILE...", "Files of Markdown of your own; their links count from their own folder",
       add_item<Item::Kind::Markdown>},
      {"section", Kind::List, "TITLE", "A heading before what follows; \"### X\" sets its level",
       add_item<Item::Kind::Section>},
      {"text", Kind::List, "MARKDOWN", "Markdown of your own", add_item<Item::Kind::Text>},
      {"details", Kind::List, "SUMMARY",
       "Fold what follows under this line, up to the next --section or --details of its level; \"### X\" sets it",
       add_item<Item::Kind::Details>},
      {"title", Kind::Text, "TITLE", "The report's heading", set_text<&Settings::title>},
      {"compare", Kind::List, "REV|FILE|DIR",
       "What to compare with: a revision, a file, a folder, none, or auto (the merge base with the pull request's "
       "target branch); given again, a further column",
       set_compare},
      {"baseline", Kind::Text, "median|last|best:BRANCH:N",
       "Compare with what cml report record has kept of the last N commits of a branch", set_baseline},
      {"records", Kind::Text, "ref|branch:NAME|dir:FOLDER",
       "Where recorded metrics lie (default ref: refs/cml/metrics)", set_records},
      {"better", Kind::List, "NAME=WAY,...", "Which way is good: loss=lower,acc=higher; by the name when not given",
       set_better},
      {"tolerance", Kind::List, "AMOUNT|NAME=AMOUNT,...",
       "Changes up to this are none: 0.01, 2%, loss=0.05; they show as ≈. --fail-if takes every change as it is",
       set_tolerance},
      {"select", Kind::List, "NAME,...",
       "Show only these metrics and parameters; * stands for anything, best(NAME) for "
       "the best value of a curve",
       add_patterns<&Settings::select>},
      {"exclude", Kind::List, "NAME,...", "Do not show these; thresholds still count for them",
       add_patterns<&Settings::exclude>},
      {"regressions", Kind::Boolean, "", "Metrics that got worse first, under a verdict of one line",
       set_truth<&Settings::regressions>},
      {"fail-if", Kind::List, "CONDITION",
       "Threshold that ends in exit code 2 once the report is out: 'accuracy < 0.9', 'change(loss) > 0', "
       "'percent(loss) > 5'",
       add_threshold<true>},
      {"warn-if", Kind::List, "CONDITION", "Threshold that is only shown", add_threshold<false>},
      {"style", Kind::Text, "cml|dvc", "Tables: cml, or dvc for what dvc metrics diff --show-md prints", set_style},
      {"template", Kind::Text, "NAME|FILE", "A report template (see cml report templates), or a Mustache file",
       set_text<&Settings::template_name>},
      {"collapse", Kind::Text, "N", "Fold tables with more rows than this (default 30; 0: never)",
       set_count<&Settings::collapse>},
      {"columns", Kind::Text, "N", "Number of consecutive pictures shown side by side (default 1)",
       set_count<&Settings::columns>},
      {"history", Kind::Text, "N", "Sparklines of each metric over this many commits, with --baseline of recorded ones",
       set_count<&Settings::history>},
      {"log-lines", Kind::Text, "N", "Of a log show this many lines at its end (default 100; 0: all)",
       set_count<&Settings::log_lines>},
      {"changed", Kind::Boolean, "", "Only metrics that changed", set_truth<&Settings::changed_only>},
      {"dark", Kind::Boolean, "", "Draw every plot for dark pages, too", set_truth<&Settings::dark>},
      {"allow-missing", Kind::Boolean, "", "Let --fail-if pass on metrics that are missing or cannot be read",
       set_truth<&Settings::allow_missing>},
      {"strict", Kind::Boolean, "", "Exit with code 1, once the result is out, when something asked for was not done",
       set_truth<&Settings::strict>},
  };
  return table;
}

std::vector<Option> const& config_options() {
  using Kind = Option::Kind;
  static std::vector<Option> const table{
      {"target", Kind::Text, "auto|pr|commit", "Where the comment goes that this report is posted as", set_target},
      {"watermark-title", Kind::Text, "TITLE", "Tells several comments of one thread apart",
       set_text<&Settings::watermark_title>},
      {"gates", Kind::Text, "own|always",
       "always: thresholds, better and tolerance count for what the command line names, too", set_gates},
  };
  return table;
}

Status read_config(std::string_view text, std::string const& name, Settings& settings) {
  auto tree = metrics::parse_yaml(text);
  if (!tree) return Error{ErrorKind::Usage, name + ": " + tree.error().message};
  Node const* section = tree->find("report");
  if (section == nullptr && tree->map() != nullptr)
    for (auto const& [key, value] : *tree->map())
      if (!nearest(key, {"report"}).empty())
        return Error{ErrorKind::Usage, name + ":" + std::to_string(value.key_line) +
                                           ": has no report section; did you mean report instead of " +
                                           one_line(key, 40) + "?"};
  if (section == nullptr) return Error{ErrorKind::Usage, name + ": has no report section"};
  for (auto const& [key, value] : *tree->map())
    if (std::string_view(key) == "report" && &value != section)
      return Error{ErrorKind::Usage, name + ":" + std::to_string(value.key_line) +
                                         ": has a second report section (the " + "first is in line " +
                                         std::to_string(section->key_line) + ")"};
  return Config(name, settings).section(*section);
}

}  // namespace cml::report
