#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "runner/agents/agent.hpp"

namespace cml::runner {

using nlohmann::json;

std::vector<AgentType> const& agent_types() {
  static std::vector<AgentType> const types{
      {"github", make_github_agent}, {"gitlab", make_gitlab_agent},   {"bitbucket", make_bitbucket_agent},
      {"gitea", make_gitea_agent},   {"jenkins", make_jenkins_agent},
  };
  return types;
}

Result<std::unique_ptr<RunnerForge>> make_agent(std::string_view forge, AgentSetup const& setup) {
  std::string names;
  for (AgentType const& type : agent_types()) {
    if (type.forge == forge) return type.make(setup);
    names += (names.empty() ? "" : ", ") + std::string(type.forge);
  }
  return Error{ErrorKind::Unsupported, "no runners for \"" + one_line(forge, 40) + "\"; there are those of " + names};
}

Result<std::optional<RunnerSeen>> RunnerForge::find(std::string const& runner_name) {
  CML_TRY(all, runners());
  for (RunnerSeen& runner : all)
    if (runner.name == runner_name) return std::optional<RunnerSeen>(std::move(runner));
  return std::optional<RunnerSeen>();
}

Result<std::optional<Job>> RunnerForge::lost_job(std::string const&) { return std::optional<Job>(); }

Result<std::vector<Job>> RunnerForge::interrupted_in(std::string const&) {
  return Error{ErrorKind::Unsupported, "--run is for GitHub, GitLab and Bitbucket; " + std::string(name()) +
                                           " does not tell which jobs of a run lost their runner"};
}

Status RunnerForge::leave(Registration const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " takes this from its own sweep"};
}

std::string Registration::detail(std::string_view name) const {
  for (auto const& [key, value] : details)
    if (key == name) return value;
  return "";
}

std::string to_text(Registration const& registration) {
  json details = json::object();
  for (auto const& [name, value] : registration.details) details[name] = value;
  return json{{"id", registration.id}, {"secret", registration.secret.reveal()}, {"details", details}}.dump();
}

Result<Registration> registration_from(std::string_view text) {
  json const body = json::parse(text, nullptr, false);
  bool const good = body.is_object() && body.contains("id") && body["id"].is_string() && body.contains("secret") &&
                    body["secret"].is_string() && body.contains("details") && body["details"].is_object();
  if (!good) return Error{ErrorKind::BadInput, "the registration handed to this machine is damaged"};
  Registration registration{body["id"], Secret(body["secret"].get<std::string>()), {}};
  for (auto const& [name, value] : body["details"].items())
    if (value.is_string()) registration.details.emplace_back(name, value.get<std::string>());
  return registration;
}

}  // namespace cml::runner
