#include "support/workflow_steps.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/scripts.hpp"
#include "yaml/events.hpp"

namespace cml::test {

namespace fs = std::filesystem;
using Tree = nlohmann::ordered_json;

namespace {

class YamlReader {
 public:
  explicit YamlReader(std::string_view text) : events_(text) {}
  Tree document() {
    for (;;) {
      yaml::Event const event = next();
      if (event.kind == yaml::Event::Kind::DocumentStart) return value(next());
      REQUIRE(event.kind != yaml::Event::Kind::End);
    }
  }

 private:
  yaml::Event next() {
    auto event = events_.next();
    if (!event) FAIL(event.error().message);
    return std::move(event.value());
  }
  Tree value(yaml::Event const& event) {
    Tree read;
    switch (event.kind) {
      case yaml::Event::Kind::Alias:
        return anchors_.at(event.text);
      case yaml::Event::Kind::SequenceStart:
        read = Tree::array();
        for (auto item = next(); item.kind != yaml::Event::Kind::SequenceEnd; item = next())
          read.push_back(value(item));
        break;
      case yaml::Event::Kind::MappingStart:
        read = Tree::object();
        for (auto key = next(); key.kind != yaml::Event::Kind::MappingEnd; key = next()) {
          REQUIRE(key.kind == yaml::Event::Kind::Scalar);
          read[key.text] = value(next());
        }
        break;
      default:
        read = event.text;
    }
    if (!event.anchor.empty()) anchors_[event.anchor] = read;
    return read;
  }
  yaml::Events events_;
  std::map<std::string, Tree> anchors_;
};

void merge_texts(Tree const& from, std::map<std::string, std::string>& into) {
  if (from.is_object())
    for (auto const& [name, text] : from.items()) into[name] = text.is_string() ? text.get<std::string>() : "";
}

}  // namespace

Tree read_yaml(std::string_view text) { return YamlReader(text).document(); }

std::vector<WorkflowStep> steps_of(std::string_view workflow, std::string_view job) {
  Tree const file = read_yaml(workflow);
  Tree const jobs = file.contains("runs") ? Tree{{"", file.at("runs")}} : file.at("jobs");
  std::vector<WorkflowStep> steps;
  for (auto const& [name, one] : jobs.items()) {
    if (!job.empty() && name != job) continue;
    for (Tree const& step : one.at("steps")) {
      WorkflowStep& read = steps.emplace_back();
      read.uses = step.value("uses", "");
      read.run = step.value("run", "");
      merge_texts(step.value("with", Tree()), read.with);
      for (Tree const& holder : {file, one, step}) merge_texts(holder.value("env", Tree()), read.env);
    }
  }
  return steps;
}

std::vector<std::string> run_steps(std::string_view workflow) {
  std::vector<std::string> commands;
  for (WorkflowStep const& step : steps_of(workflow))
    if (!step.run.empty()) commands.push_back(step.run);
  return commands;
}

std::vector<std::string> script_of(std::string_view pipeline, std::string_view job) {
  Tree const file = read_yaml(pipeline);
  std::vector<std::string> lines;
  for (char const* part : {"before_script", "script"}) {
    Tree const script = file.at(std::string(job)).value(part, Tree::array());
    if (script.is_string()) lines.push_back(script);
    if (script.is_array()) lines.insert(lines.end(), script.begin(), script.end());
  }
  return lines;
}

std::vector<std::string> fenced(std::string_view page, std::string_view language) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string const& line : split(page, '\n')) {
    if (inside && line == "```")
      inside = false;
    else if (inside)
      blocks.back() += line + "\n";
    else if (line == "```" + std::string(language)) {
      inside = true;
      blocks.emplace_back();
    }
  }
  return blocks;
}

WorkflowJob::WorkflowJob(fs::path where) : folder(std::move(where)), own_(folder.parent_path() / ".runner") {
  fs::create_directories(own_ / "bin");
  environment = {{"HOME", own_.string()},
                 {"TZ", "UTC"},
                 {"CI", "true"},
                 {"RUNNER_OS", "Linux"},
                 {"RUNNER_TEMP", (own_ / "temp").string()},
                 {"RUNNER_TOOL_CACHE", (own_ / "tools").string()},
                 {"GITHUB_PATH", (own_ / "path").string()},
                 {"GITHUB_OUTPUT", (own_ / "output").string()}};
}

void WorkflowJob::program(std::string const& name, std::string const& script) {
  put_script(own_ / "bin" / name, script);
}

std::string WorkflowJob::filled(std::string text) const {
  for (auto at = text.find("${{"); at != std::string::npos; at = text.find("${{", at)) {
    auto const end = text.find("}}", at);
    REQUIRE(end != std::string::npos);
    std::string const name(trim(std::string_view(text).substr(at + 3, end - at - 3)));
    INFO("the expression " << name);
    REQUIRE(values.contains(name));
    text.replace(at, end + 2 - at, values.at(name));
    at += values.at(name).size();
  }
  return text;
}

ProcessResult WorkflowJob::sh(std::string const& command, std::map<std::string, std::string> const& env) {
  auto all = environment;
  for (auto const& [name, value] : env) all[name] = filled(value);
  std::string path = (own_ / "bin").string();
  for (std::string const& added : split(slurp(own_ / "path"), '\n'))
    if (!added.empty()) path = added + ":" + path;
  all["PATH"] = path + ":/usr/bin:/bin";
  ProcessRequest request;
  request.arguments = {"env", "-i"};
  for (auto const& [name, value] : all) request.arguments.push_back(name + "=" + value);
  request.arguments.insert(request.arguments.end(), {"bash", "-e", "-c", filled(command)});
  request.directory = folder;
  request.timeout = std::chrono::seconds(120);
  SpawnedProcess process;
  auto const result = process.run(request);
  REQUIRE(result);
  out += result->out;
  err += result->err;
  return *result;
}

void WorkflowJob::run(WorkflowStep const& step) {
  if (step.run.empty()) {
    std::string const name = step.uses.substr(0, step.uses.find('@'));
    INFO("the action " << step.uses);
    REQUIRE(actions.contains(name));
    actions.at(name)(step);
    return;
  }
  auto const result = sh(step.run, step.env);
  INFO(step.run << "\n" << result.out << result.err);
  REQUIRE(result.exit_code == 0);
}

}  // namespace cml::test
