// The steps of workflow files, and a job that runs their shell as a CI's runner does.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ports/process.hpp"

namespace cml::test {

// A YAML document, its scalars as texts. A file that is not YAML fails the test.
nlohmann::ordered_json read_yaml(std::string_view);

// What GitHub's and Gitea's workflows, and composite actions, call a step.
struct WorkflowStep {
  std::string uses, run;
  std::map<std::string, std::string> with, env;  // `env` with that of the workflow and of the job.
};
// Of one job, or of all in order; of an action's file its own.
std::vector<WorkflowStep> steps_of(std::string_view workflow, std::string_view job = "");
std::vector<std::string> run_steps(std::string_view workflow);  // Their commands.
// "before_script" and "script" of the job `job` in .gitlab-ci.yml.
std::vector<std::string> script_of(std::string_view pipeline, std::string_view job);
// The blocks of a page's fence of that language.
std::vector<std::string> fenced(std::string_view page, std::string_view language);

// Runs steps one after the other in `folder`; a step that fails, uses an action that is not in `actions`, or asks for
// an expression that is not in `values`, fails the test.
class WorkflowJob {
 public:
  explicit WorkflowJob(std::filesystem::path folder);
  void run(WorkflowStep const&);
  void run(std::vector<WorkflowStep> const& steps) {
    for (WorkflowStep const& step : steps) run(step);
  }
  // bash -e, as runners do.
  ProcessResult sh(std::string const& command, std::map<std::string, std::string> const& env = {});
  // A program that the steps find first.
  void program(std::string const& name, std::string const& script);

  std::filesystem::path const folder;
  std::map<std::string, std::string> environment;                           // Of every step.
  std::map<std::string, std::string> values;                                // What "${{ NAME }}" stands for.
  std::map<std::string, std::function<void(WorkflowStep const&)>> actions;  // By their names before the "@".
  std::string out, err;                                                     // Of all steps.

 private:
  std::string filled(std::string text) const;
  std::filesystem::path const own_;  // Beside the folder: what a runner keeps for itself.
};

}  // namespace cml::test
