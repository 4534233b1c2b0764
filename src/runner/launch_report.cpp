#include "runner/launch_report.hpp"

#include <nlohmann/json.hpp>

#include "base/time_text.hpp"
#include "runner/duration.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

json attributes_of(PlanTask const& task, Launched const& launched) {
  cloud::Machine const& machine = *launched.plan.machine;
  json labels = json::array(), metadata = json::object(), selector = json::object();
  for (std::string const& label : task.launch.labels) labels.push_back(label);
  for (auto const& [name, value] : task.options.metadata) metadata[name] = value;
  for (auto const& [name, value] : task.options.node_selector) selector[name] = value;
  json result{{"awsSecurityGroup", task.options.security_group},
              {"awsSubnetId", machine.subnet.empty() ? task.options.subnet : machine.subnet},
              {"cloud", task.options.cloud},
              {"driver", task.forge.name()},
              {"id", machine.id},
              {"idleTimeout", task.launch.idle_timeout ? task.launch.idle_timeout->count() : -1},
              {"image", machine.image},
              {"instanceGpu", task.options.gpu},
              {"instanceHddSize", machine.disk_gb > 0 ? machine.disk_gb : task.options.disk_gb},
              {"instanceIp", machine.address},
              {"instanceLaunchTime", machine.launched_at ? iso_time(*machine.launched_at) : ""},
              {"instanceType", machine.type},
              {"instancePermissionSet", task.options.permission_set},
              {"labels", labels},
              {"cmlVersion", task.options.cml_version},
              {"metadata", metadata},
              {"name", task.launch.name},
              {"region", machine.region},
              {"repo", task.forge.web_url()},
              {"single", task.launch.single},
              {"spot", machine.spot},
              {"spotPrice", task.options.spot_price < 0 ? json(-1) : json(task.options.spot_price)},
              {"timeouts", nullptr},
              {"kubernetesNodeSelector", selector}};
  if (!machine.native_id.empty()) result["instanceId"] = machine.native_id;
  if (!machine.zone.empty()) result["zone"] = machine.zone;
  if (machine.hourly_price) result["hourlyPrice"] = *machine.hourly_price;
  return result;
}

}  // namespace

std::string plan_text(PlanTask const& task, Launched const& launched) {
  std::string text = "would make " + std::to_string(task.options.count) + " of these:\n";
  for (cloud::Step const& step : launched.plan.steps)
    text +=
        "  " + step.what + (step.undo_what.empty() ? "" : "\n    when a later step fails: " + step.undo_what) + "\n";
  if (!launched.plan.price.empty()) text += "  price: " + launched.plan.price + "\n";
  if (task.lifetime.count() > 0)
    text += "  the machine ends itself after " + describe(task.lifetime) + " at the latest\n";
  return text;
}

std::string plans_json(std::vector<Launched> const& all) {
  json plans = json::array();
  for (Launched const& launched : all) {
    json steps = json::array();
    for (cloud::Step const& step : launched.plan.steps) steps.push_back({{"do", step.what}, {"undo", step.undo_what}});
    plans.push_back({{"id", launched.wanted.name}, {"price", launched.plan.price}, {"steps", steps}});
  }
  return json{{"dry_run", true}, {"plans", plans}}.dump();
}

std::vector<std::string> attributes(PlanTask const& task, std::vector<Launched> const& all) {
  std::vector<std::string> lines;
  for (Launched const& launched : all)
    lines.push_back(attributes_of(task, launched).dump(-1, ' ', false, json::error_handler_t::replace));
  return lines;
}

}  // namespace cml::runner
