#include "runner/boot_script.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/base64.hpp"
#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "runner/machine_words.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_boot_scripts();  // Of cmake/embed.cmake.
}

namespace cml::runner {
namespace {

constexpr seconds kStartLimit{1800};

Result<std::string> template_named(std::string_view name) {
  for (EmbeddedFile const& file : embedded_boot_scripts())
    if (file.name == name) return std::string(file.bytes);
  return Error{ErrorKind::Bug, "the boot script " + std::string(name) + " is not in this build"};
}

// systemd reads "%" and "$" itself; quoted words otherwise follow the shell closely enough for what is in ours.
std::string unit_word(std::string_view text) {
  std::string word = replace_all(replace_all(std::string(text), "\\", "\\\\"), "\"", "\\\"");
  word = replace_all(replace_all(word, "%", "%%"), "$", "$$");
  return "\"" + word + "\"";
}

std::vector<std::string> arguments_of(BootRequest const& request, std::string const& registration_path) {
  MachineTask task{request.driver, request.repository_url, request.api_url, request.launch};
  task.launch.name = request.id;
  task.launch.registration_file = registration_path;
  task.launch.machine_of = request.cloud;
  task.launch.max_lifetime = request.max_lifetime;
  return words_of(task);
}

using Blanks = std::vector<std::pair<std::string_view, std::string>>;
std::string fill(std::string const& text, Blanks const& values) {
  // One pass: what is filled in is never looked at again.
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    bool filled = false;
    for (auto const& [name, value] : values) {
      std::string const mark = "@" + std::string(name) + "@";
      if (text.compare(at, mark.size(), mark) != 0) continue;
      result += value;
      at += mark.size();
      filled = true;
      break;
    }
    if (!filled) result.push_back(text[at++]);
  }
  return result;
}

Status check_startup(std::string const& script) {
  if (script.empty() || base64_decode(script)) return ok();
  return Error{ErrorKind::Usage, "--cloud-startup-script is not base64; write $(base64 --wrap 0 FILE)"};
}

// What the machine must reach: the forge's API, where it has an address of its own.
std::string forge_address(BootRequest const& request) {
  auto const url = parse_url(request.api_url.empty() ? request.repository_url : request.api_url);
  return url ? url->origin() + "/" : request.repository_url;
}

struct ImageRow {
  std::string_view driver, image;
};
// Each with bash, curl and what its agent and jobs need. The agent itself is the one that cml fetches.
constexpr ImageRow kPodImages[] = {
    {"github", "ghcr.io/actions/actions-runner:latest"},
    {"gitlab", kDockerImage},
    {"jenkins", "docker.io/jenkins/inbound-agent:latest"},
};
constexpr std::string_view kPlainImage = "docker.io/library/buildpack-deps:stable";

std::string without_blanks(std::string const& text) {
  std::string result;
  std::copy_if(text.begin(), text.end(), std::back_inserter(result),
               [](char c) { return c != '\n' && c != '\r' && c != ' '; });
  return result;
}

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

// The supervisor of an agent that needs no more than that.
Result<std::string> serve_script(BootRequest const& request, std::string const& registration_path, bool in_pod) {
  CML_TRY(text, template_named("serve.sh"));
  Unaided const& how = *request.unaided;
  std::string files;
  for (AgentFile const& file : how.files)
    files += "if [ \"$arch\" = " + shell_quote(file.architecture) + " ]; then url=" + shell_quote(file.url) +
             " sum=" + shell_quote(file.sha256) + "; fi\n";
  LaunchOptions const& launch = request.launch;
  return fill(text, {{"NAME", shell_quote(request.id)},
                     {"REGISTRATION_PATH", registration_path},
                     {"IN_POD", yes_or_no(in_pod)},
                     {"SINGLE", yes_or_no(launch.single)},
                     {"IDLE_TIMEOUT", launch.idle_timeout ? std::to_string(launch.idle_timeout->count()) : "''"},
                     {"JOB_LIMIT", std::to_string(launch.no_retry ? 0 : how.job_limit)},
                     {"CLOUD", shell_quote(request.cloud)},
                     {"READY", shell_quote(how.ready)},
                     {"STARTED", shell_quote(how.started)},
                     {"ENDED", shell_quote(how.ended)},
                     {"GONE", shell_quote(how.gone)},
                     {"ARCHIVE", yes_or_no(how.archive)},
                     {"INSTALLED", shell_quote(how.installed)},
                     {"SUMS", shell_quote(how.sums)},
                     {"FILES", files},
                     {"SET_UP", how.set_up},
                     {"REST", how.rest},
                     {"ENDS_ITSELF", yes_or_no(how.ends_itself)},
                     {"LEAVE", how.leave},
                     // Some agents' addresses hold what JSON escapes, and quotes would end the shell's word.
                     {"REPO", shell_quote(nlohmann::json(request.repository_url)
                                              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))}});
}

// Between the script's first tries and what takes long: how the program comes, and the command that serves.
struct Part {
  std::string program, command, service;
};

Result<Part> machine_part(BootRequest const& request, std::string const& registration_path) {
  if (request.unaided) {
    CML_TRY(serve, serve_script(request, "\"$root" + registration_path + "\"", false));
    CML_TRY(text, template_named("machine_unaided.sh"));
    return Part{fill(text, {{"SERVE", serve}}), "/usr/local/bin/cml-serve", "Type=simple\nNotifyAccess=all"};
  }
  CML_TRY(text, template_named("machine_agent.sh"));
  std::string arguments;
  for (std::string const& word : arguments_of(request, registration_path)) arguments += " " + unit_word(word);
  // The unit stands in a here-document, in which the shell still reads these three.
  for (std::string_view const special : {"\\", "$", "`"})
    arguments = replace_all(arguments, special, "\\" + std::string(special));
  return Part{fill(text, {{"CML_URL", shell_quote(request.program.url)},
                          {"SHA256_X64", shell_quote(request.program.sums.x64)},
                          {"SHA256_ARM64", shell_quote(request.program.sums.arm64)}}),
              "/usr/local/bin/cml" + arguments, "Type=notify\nNotifyAccess=main"};
}

Result<std::string> pod_part(BootRequest const& request, std::string const& registration_path) {
  if (request.unaided) {
    CML_TRY(serve, serve_script(request, shell_quote(registration_path), true));
    CML_TRY(text, template_named("pod_unaided.sh"));
    return fill(text, {{"SERVE", serve}});
  }
  CML_TRY(text, template_named("pod_agent.sh"));
  std::string arguments;
  for (std::string const& word : arguments_of(request, registration_path))
    arguments += (arguments.empty() ? "" : " ") + shell_quote(word);
  return fill(text, {{"ARGUMENTS", arguments}});
}

constexpr char const* kRegistrationPath = "/etc/cml/registration";

}  // namespace

std::string kept_registration(std::optional<Unaided> const& unaided, Registration const& registration) {
  if (!unaided) return to_text(registration);
  std::string text;
  for (auto const& [name, value] : unaided->values) text += name + "=" + shell_quote(value) + "\n";
  return text;
}

Result<std::string> machine_script(BootRequest const& request) {
  CML_CHECK_OK(check_startup(request.startup_script));
  CML_TRY(text, template_named("machine.sh"));
  CML_TRY(part, machine_part(request, kRegistrationPath));
  return fill(text, {{"ID", shell_quote(request.id)},
                     {"LIFETIME", std::to_string(request.max_lifetime.count())},
                     {"START_LIMIT", std::to_string(kStartLimit.count())},
                     {"DRIVER", shell_quote(request.driver)},
                     {"FORGE", shell_quote(forge_address(request))},
                     {"REGISTRATION", shell_quote(request.registration)},
                     {"PROGRAM", part.program},
                     {"SERVICE", part.service},
                     {"COMMAND", part.command},
                     {"STARTUP_SCRIPT", shell_quote(without_blanks(request.startup_script))}});
}

Result<std::string> pod_script(BootRequest const& request, std::string const& registration_path) {
  CML_CHECK_OK(check_startup(request.startup_script));
  CML_TRY(text, template_named("pod.sh"));
  CML_TRY(part, pod_part(request, registration_path));
  return fill(text, {{"REGISTRATION_PATH", shell_quote(registration_path)},
                     {"STARTUP_SCRIPT", shell_quote(without_blanks(request.startup_script))},
                     {"PROGRAM", part}});
}

std::string pod_image(std::string_view driver) {
  for (ImageRow const& row : kPodImages)
    if (row.driver == driver) return std::string(row.image);
  return std::string(kPlainImage);
}

}  // namespace cml::runner
