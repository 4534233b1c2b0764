#include "runner/boot_script.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

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
  LaunchOptions const& launch = request.launch;
  std::string labels, volumes;
  for (std::string const& label : launch.labels) labels += (labels.empty() ? "" : ",") + label;
  std::vector<std::string> words{
      "runner",
      "launch",
      "--name=" + request.id,
      "--labels=" + labels,
      "--driver=" + request.driver,
      "--repo=" + request.repository_url,
      "--registration=" + registration_path,
      "--machine-of=" + request.cloud,
      "--idle-timeout=" + (launch.idle_timeout ? std::to_string(launch.idle_timeout->count()) : "never")};
  if (!request.api_url.empty()) words.push_back("--api-url=" + request.api_url);
  if (launch.single) words.push_back("--single");
  if (launch.no_retry) words.push_back("--no-retry");
  if (request.max_lifetime.count() > 0)
    words.push_back("--max-lifetime=" + std::to_string(request.max_lifetime.count()));
  for (std::string const& volume : launch.docker_volumes) words.push_back("--docker-volumes=" + volume);
  if (!launch.docker_image.empty()) words.push_back("--docker-image=" + launch.docker_image);
  return words;
}

struct Source {
  std::string url, sha256;
};
Result<Source> source_of(std::string const& text) {
  Source source{text.substr(0, text.find('#')), ""};
  constexpr std::string_view kMark = "#sha256=";
  if (auto const at = text.find(kMark); at != std::string::npos)
    source.sha256 = to_lower(text.substr(at + kMark.size()));
  bool const hex = source.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  auto const url = parse_url(source.url);
  if (!url || (url->scheme != "https" && !(url->scheme == "http" && !source.sha256.empty())) || !hex ||
      (!source.sha256.empty() && source.sha256.size() != 64))
    return Error{ErrorKind::Usage,
                 "--cml-url \"" + one_line(safe_url(text), 100) + "\" must be https (or http with #sha256=HEX)"};
  return source;
}

std::string fill(std::string text, std::vector<std::pair<std::string_view, std::string>> const& values) {
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

}  // namespace

std::string shell_quote(std::string_view text) { return "'" + replace_all(std::string(text), "'", "'\\''") + "'"; }

Result<std::string> machine_script(BootRequest const& request) {
  CML_CHECK_OK(check_startup(request.startup_script));
  CML_TRY(source, source_of(request.cml_url));
  CML_TRY(text, template_named("machine.sh"));
  std::string arguments;
  for (std::string const& word : arguments_of(request, "/etc/cml/registration.json"))
    arguments += (arguments.empty() ? "" : " ") + unit_word(word);
  // The unit stands in a here-document, in which the shell still reads these three.
  for (std::string_view const special : {"\\", "$", "`"})
    arguments = replace_all(arguments, special, "\\" + std::string(special));
  return fill(text, {{"ID", shell_quote(request.id)},
                     {"LIFETIME", std::to_string(request.max_lifetime.count())},
                     {"START_LIMIT", std::to_string(kStartLimit.count())},
                     {"DRIVER", shell_quote(request.driver)},
                     {"FORGE", shell_quote(forge_address(request))},
                     {"REGISTRATION", shell_quote(request.registration)},
                     {"CML_URL", shell_quote(source.url)},
                     {"CML_SHA256", shell_quote(source.sha256)},
                     {"STARTUP_SCRIPT", shell_quote(without_blanks(request.startup_script))},
                     {"ARGUMENTS", arguments}});
}

Result<std::string> pod_script(BootRequest const& request, std::string const& registration_path) {
  CML_CHECK_OK(check_startup(request.startup_script));
  CML_TRY(source, source_of(request.cml_url));
  CML_TRY(text, template_named("pod.sh"));
  std::string arguments;
  for (std::string const& word : arguments_of(request, registration_path))
    arguments += (arguments.empty() ? "" : " ") + shell_quote(word);
  return fill(text, {{"CML_URL", shell_quote(source.url)},
                     {"CML_SHA256", shell_quote(source.sha256)},
                     {"REGISTRATION_PATH", shell_quote(registration_path)},
                     {"STARTUP_SCRIPT", shell_quote(without_blanks(request.startup_script))},
                     {"ARGUMENTS", arguments}});
}

std::string pod_image(std::string_view driver) {
  for (ImageRow const& row : kPodImages)
    if (row.driver == driver) return std::string(row.image);
  return std::string(kPlainImage);
}

}  // namespace cml::runner
