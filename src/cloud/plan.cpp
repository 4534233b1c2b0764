#include "cloud/cloud.hpp"

#include <cstdio>

namespace cml::cloud {
namespace {

void undo_first(Plan const& plan, std::size_t count, Notify const& notify, std::vector<std::string>& left) {
  while (count-- > 0) {
    Step const& step = plan.steps[count];
    if (!step.undo) continue;
    notify("undoing: " + step.undo_what);
    auto const undone = step.undo();
    if (undone) continue;
    std::string const command = step.by_hand ? step.by_hand() : "";
    left.push_back(
        "could not " + step.undo_what + " (" + undone.error().message + ")" +
        (command.empty() ? "; cml runner gc removes it later" : "; it may go on costing, remove it: " + command));
  }
}

}  // namespace

Status execute(Plan const& plan, Notify const& notify, Stopped const& stopped, std::vector<std::string>& left) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (auto const reason = stopped ? stopped() : std::nullopt) {
      undo_first(plan, i, notify, left);
      return Error{ErrorKind::Conflict, *reason};
    }
    notify(plan.steps[i].what);
    auto done = plan.steps[i].run();
    if (done) continue;
    undo_first(plan, i + 1, notify, left);
    return std::move(done).error().while_doing(plan.steps[i].what);
  }
  return ok();
}

std::string price_text(Result<double> const& dollars_an_hour, std::string_view what) {
  if (!dollars_an_hour) return "no price known for " + std::string(what) + ": " + dollars_an_hour.error().message;
  char text[64];
  std::snprintf(text, sizeof text, "about $%.4f an hour (", *dollars_an_hour);
  return text + std::string(what) + ")";
}

void undo(Plan const& plan, Notify const& notify, std::vector<std::string>& left) {
  undo_first(plan, plan.steps.size(), notify, left);
}

}  // namespace cml::cloud
