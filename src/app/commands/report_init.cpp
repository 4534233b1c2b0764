// cml report init: a cml.yaml for what lies in the repository, never over a file that is there.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "app/commands/all.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

constexpr char kFile[] = "cml.yaml";

// Table: what is looked for, and the key it stands under. The first of a group that is there is taken.
struct Found {
  std::string_view name, key, group;
};
constexpr Found kLookedFor[] = {
    {"dvc.yaml", "metrics", "metrics"},
    {"dvclive", "metrics", "metrics"},
    {"metrics.json", "metrics", "metrics"},
    {"metrics.yaml", "metrics", "metrics"},
    {"results.json", "metrics", "metrics"},
    {"scores.json", "metrics", "metrics"},
    {"trainer_state.json", "metrics", "metrics"},
    {"mlruns", "metrics", "metrics"},
    {"benchmark.json", "metrics", "benchmark"},
    {"coverage.xml", "metrics", "coverage"},
    {"lcov.info", "metrics", "coverage"},
    {"params.yaml", "params", "params"},
    {"dvc.yaml", "plot", "plot"},
    {"history.json", "plot", "plot"},
    {"results.csv", "plot", "plot"},
    {"junit.xml", "table", "tests"},
    {"report.xml", "table", "tests"},
};

std::string starter_config(Door const& door, std::filesystem::path const& here) {
  std::string text =
      "# What `cml report create` and `cml comment update` show when the line names nothing.\n"
      "report:\n"
      "  title: Report\n"
      "  compare: auto  # The merge base with the pull request's target branch.\n"
      "  # better: {my_score: higher}\n"
      "  # fail-if: [accuracy < 0.9]\n"
      "  blocks:\n";
  std::vector<std::string_view> taken;
  for (Found const& row : kLookedFor) {
    if (std::find(taken.begin(), taken.end(), row.group) != taken.end()) continue;
    if (door.kind(here / row.name) == FileKind::Missing) continue;
    taken.push_back(row.group);
    text += "    - " + std::string(row.key) + ": " + std::string(row.name) + "\n";
  }
  if (taken.empty()) text += "    - metrics: metrics.json  # Nothing that is known was found: name your files.\n";
  return text;
}

Status report_init(Context& context) {
  CML_TRY(door, open_door(context));
  std::filesystem::path const here = context.files.current_directory();
  std::string const text = starter_config(door, here);
  Diagnostics diagnostics;
  bool exists = false;
  for (char const* name : {"cml.yaml", "cml.yml"}) {
    if (door.kind(here / name) == FileKind::Missing) continue;
    exists = true;
    diagnostics.missed("", std::string(name) + " is there and stays as it is; take from this what you need");
  }
  bool const writes = !exists && !context.options.dry_run;
  if (writes) CML_CHECK_OK(door.write(here / kFile, text));
  say(context, diagnostics);
  if (context.options.json)
    return print_json(context, {{"file", kFile},
                                {"written", writes},
                                {"dry_run", context.options.dry_run},
                                {"text", text},
                                {"warnings", in_json(diagnostics)}});
  return context.console.out(text + (writes ? "\n# Written to cml.yaml.\n" : ""));
}

}  // namespace

Action declare_report_init(Flags&) {
  return [](Context& context) { return report_init(context); };
}

}  // namespace cml
