#include "runner/machine_words.hpp"

#include <functional>

#include "base/text.hpp"
#include "runner/duration.hpp"

namespace cml::runner {
namespace {

struct WordRow {
  std::string_view name;
  std::function<Status(MachineTask&, std::string const&)> take;
};

WordRow text_row(std::string_view name, std::function<std::string&(MachineTask&)> member) {
  return {name, [member](MachineTask& task, std::string const& value) { return member(task) = value, ok(); }};
}

std::vector<WordRow> const& word_rows() {
  static std::vector<WordRow> const rows{
      text_row("--name", [](MachineTask& t) -> std::string& { return t.launch.name; }),
      text_row("--driver", [](MachineTask& t) -> std::string& { return t.driver; }),
      text_row("--repo", [](MachineTask& t) -> std::string& { return t.repository_url; }),
      text_row("--api-url", [](MachineTask& t) -> std::string& { return t.api_url; }),
      text_row("--registration", [](MachineTask& t) -> std::string& { return t.launch.registration_file; }),
      text_row("--machine-of", [](MachineTask& t) -> std::string& { return t.launch.machine_of; }),
      text_row("--docker-image", [](MachineTask& t) -> std::string& { return t.launch.docker_image; }),
      {"--labels",
       [](MachineTask& task, std::string const& value) -> Status {
         CML_TRY(labels, parse_labels(value));
         return task.launch.labels = std::move(labels), ok();
       }},
      {"--idle-timeout",
       [](MachineTask& task, std::string const& value) -> Status {
         CML_TRY(span, parse_duration(value));
         return task.launch.idle_timeout = span, ok();
       }},
      {"--max-lifetime",
       [](MachineTask& task, std::string const& value) -> Status {
         CML_TRY(span, parse_duration(value));
         task.launch.max_lifetime_given = true;
         return task.launch.max_lifetime = span, ok();
       }},
      {"--docker-volumes",
       [](MachineTask& task, std::string const& value) { return task.launch.docker_volumes.push_back(value), ok(); }},
      {"--single", [](MachineTask& task, std::string const&) { return task.launch.single = true, ok(); }},
      {"--no-retry", [](MachineTask& task, std::string const&) { return task.launch.no_retry = true, ok(); }},
  };
  return rows;
}

}  // namespace

std::vector<std::string> words_of(MachineTask const& task) {
  LaunchOptions const& launch = task.launch;
  std::string labels;
  for (std::string const& label : launch.labels) labels += (labels.empty() ? "" : ",") + label;
  std::vector<std::string> words{
      "runner",
      "launch",
      "--name=" + launch.name,
      "--labels=" + labels,
      "--driver=" + task.driver,
      "--repo=" + task.repository_url,
      "--registration=" + launch.registration_file,
      "--machine-of=" + launch.machine_of,
      "--idle-timeout=" + (launch.idle_timeout ? std::to_string(launch.idle_timeout->count()) : "never")};
  if (!task.api_url.empty()) words.push_back("--api-url=" + task.api_url);
  if (launch.single) words.push_back("--single");
  if (launch.no_retry) words.push_back("--no-retry");
  if (launch.max_lifetime && launch.max_lifetime->count() > 0)
    words.push_back("--max-lifetime=" + std::to_string(launch.max_lifetime->count()));
  for (std::string const& volume : launch.docker_volumes) words.push_back("--docker-volumes=" + volume);
  if (!launch.docker_image.empty()) words.push_back("--docker-image=" + launch.docker_image);
  return words;
}

Result<MachineTask> task_of(std::vector<std::string> const& words) {
  if (words.size() < 2 || words[0] != "runner" || words[1] != "launch")
    return Error{ErrorKind::Usage, "cml-agent serves on machines that \"cml runner launch --cloud\" makes; see there"};
  MachineTask task;
  for (std::size_t i = 2; i < words.size(); ++i) {
    auto const equals = words[i].find('=');
    std::string const name = words[i].substr(0, equals),
                      value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
    WordRow const* found = nullptr;
    for (WordRow const& row : word_rows())
      if (row.name == name) found = &row;
    if (found == nullptr) return Error{ErrorKind::Usage, "cml-agent has no option " + one_line(name, 60)};
    CML_CHECK_OK(found->take(task, value));
  }
  if (task.driver.empty() || task.repository_url.empty() || task.launch.registration_file.empty())
    return Error{ErrorKind::Usage, "cml-agent needs --driver, --repo and --registration"};
  return task;
}

}  // namespace cml::runner
