#include "app/commands/runner_hints.hpp"

#include <algorithm>
#include <optional>

#include "app/session.hpp"
#include "base/text.hpp"
#include "yaml/events.hpp"

namespace cml {
namespace {

constexpr std::uintmax_t kMaxWorkflow = 1u << 20;
constexpr char const* kRerun = "runner gc";
constexpr char const* kTemplates = "; see templates/ci and docs/commands/runner-gc.md";

struct Pipeline {
  std::string file, text;
};

std::vector<Pipeline> pipelines_of(Context& context, std::string_view forge) {
  std::vector<Pipeline> found;
  auto const clone = clone_of_run(context);
  if (!clone) return found;
  auto const door = open_door(context, clone->top.string());
  if (!door) return found;
  auto const take = [&](std::filesystem::path const& name) {
    auto text = door->read(clone->top / name, kMaxWorkflow);
    if (text) found.push_back({name.string(), std::move(*text)});
  };
  if (forge == "gitlab") take(".gitlab-ci.yml");
  if (forge == "bitbucket") take("bitbucket-pipelines.yml");
  if (forge != "github") return found;
  std::filesystem::path const folder = std::filesystem::path(".github") / "workflows";
  auto const names = door->list(clone->top / folder);
  if (!names) return found;
  for (std::filesystem::path const& name : *names)
    if (name.extension() == ".yml" || name.extension() == ".yaml") take(folder / name.filename());
  return found;
}

bool is_hosted(std::string const& label) {
  std::string const name = to_lower(label);
  return name.starts_with("ubuntu-") || name.starts_with("windows-") || name.starts_with("macos-");
}

std::string listed(std::set<std::string> const& labels) {
  std::string text;
  for (std::string const& label : labels) text += (text.empty() ? "" : ", ") + one_line(label, 40);
  return "[" + text + "]";
}

}  // namespace

std::vector<std::set<std::string>> labels_asked_for(std::string_view workflow) {
  using Kind = yaml::Event::Kind;
  // The keys on the way to where we are; an empty one stands for a sequence.
  struct Level {
    bool mapping = false;
    std::optional<std::string> key;
  };
  std::vector<Level> levels;
  std::vector<std::set<std::string>> all;
  std::set<std::string> labels;
  yaml::Events events(workflow);
  auto const in_runs_on = [&] {
    return levels.size() >= 3 && levels[0].key == "jobs" && levels[2].key == "runs-on" &&
           !(levels.size() >= 4 && levels[3].mapping && levels[3].key == "group");
  };
  auto const value_over = [&] {
    if (levels.empty() || !levels.back().mapping) return;
    if (levels.size() == 3 && levels[0].key == "jobs" && levels[2].key == "runs-on") {
      bool const other = std::any_of(labels.begin(), labels.end(), [](std::string const& label) {
        return is_hosted(label) || contains(label, "${{");
      });
      if (!labels.empty() && !other) all.push_back(labels);
      labels.clear();
    }
    levels.back().key.reset();
  };
  while (true) {
    auto const event = events.next();
    if (!event || event->kind == Kind::End) return all;
    switch (event->kind) {
      case Kind::MappingStart:
      case Kind::SequenceStart:
        levels.push_back({event->kind == Kind::MappingStart, std::nullopt});
        break;
      case Kind::MappingEnd:
      case Kind::SequenceEnd:
        if (!levels.empty()) levels.pop_back();
        value_over();
        break;
      case Kind::Scalar:
      case Kind::Alias:
        if (!levels.empty() && levels.back().mapping && !levels.back().key) {
          levels.back().key = event->text;
          break;
        }
        if (in_runs_on()) labels.insert(event->kind == Kind::Alias ? "${{" : event->text);
        value_over();
        break;
      default:
        break;
    }
  }
}

void advise_on_launch(Context& context, std::string_view forge, runner::LaunchOptions const& launch, bool spot) {
  auto const pipelines = pipelines_of(context, forge);
  if (pipelines.empty()) return;
  bool const reruns =
      std::any_of(pipelines.begin(), pipelines.end(), [](Pipeline const& one) { return contains(one.text, kRerun); });
  if (spot && !launch.no_retry && !reruns)
    context.console.log(LogLevel::Warn,
                        "nothing runs a job again whose spot machine is taken away: no workflow of this clone calls "
                        "\"cml runner gc --run\"" +
                            std::string(kTemplates));
  if (forge != "github") return;
  std::set<std::string> has{"self-hosted", "linux", "x64", "arm64", "arm"}, nearest_ask;
  for (std::string const& label : launch.labels) has.insert(to_lower(label));
  for (Pipeline const& one : pipelines)
    for (std::set<std::string> const& asked : labels_asked_for(one.text)) {
      if (std::all_of(asked.begin(), asked.end(),
                      [&](std::string const& label) { return has.count(to_lower(label)) > 0; }))
        return;
      nearest_ask = asked;
    }
  if (!nearest_ask.empty())
    context.console.log(LogLevel::Warn, "no workflow of this clone asks for what this runner has: one asks for " +
                                            listed(nearest_ask) + ", the runner gets the labels " +
                                            listed({launch.labels.begin(), launch.labels.end()}));
}

}  // namespace cml
