#include "app/checkup.hpp"

#include <algorithm>

#include "app/commands/runner_common.hpp"
#include "app/program.hpp"
#include "app/session.hpp"
#include "base/home.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "platform/ca_bundle.hpp"

namespace cml {
namespace {

using Findings = std::vector<Finding>;

void check_program(Context&, Findings& findings) {
  if (home().empty())
    findings.push_back({"cml", Health::Warning,
                        std::string(version()) + ", a build of one's own: where its releases are is not known",
                        "for machines in a cloud that serve Gitea or Jenkins give --cml-url"});
  else
    findings.push_back({"cml", Health::Good, std::string(version()) + ", released at " + std::string(home()), ""});
}

void check_git(Context& context, Findings& findings) {
  ProcessRequest ask;
  ask.arguments = {"git", "--version"};
  ask.without_secrets = true;
  auto const git = context.process.run(ask);
  if (!git || git->exit_code != 0) {
    findings.push_back(
        {"git", Health::Warning, "git is not installed", "install it: comparisons and cml pr create need it"});
    return;
  }
  findings.push_back({"git", Health::Good, clean_line(trim(git->out), 80), ""});
  auto const clone = clone_of_run(context);
  if (!clone) {
    bool const refused = clone.error().kind == ErrorKind::Unauthorized;
    findings.push_back({"clone", refused ? Health::Bad : Health::Warning, clone.error().message,
                        refused ? "" : "run cml in the checkout: paths, comparisons and the repository come from it"});
    return;
  }
  auto const shallow = git_of_run(context).is_shallow();
  if (shallow && *shallow)
    findings.push_back({"clone", Health::Warning, "shallow: there is nothing to compare with",
                        "fetch the history: fetch-depth: 0 of actions/checkout, GIT_DEPTH: \"0\" on GitLab, clone: "
                        "depth: full on Bitbucket, or cml repo prepare"});
  else
    findings.push_back({"clone", Health::Good, clone->top.string() + ", with its history", ""});
}

Finding token_finding(Session const& session, Access const& access) {
  std::string scopes;
  for (std::string const& scope : access.scopes) scopes += (scopes.empty() ? "" : ", ") + scope;
  std::string const told = scopes.empty() ? "" : "; scopes: " + scopes;
  std::string const needs = "comments and pictures need " + std::string(session.forge->capabilities().storing_needs);
  if (access.writes == false) return {"token", Health::Bad, "it may only read" + told, needs};
  if (access.writes == true) return {"token", Health::Good, "it may write" + told, ""};
  return {"token", Health::Good,
          scopes.empty() ? "it reads the repository; the forge does not tell what else it may" : "it reads" + told, ""};
}

void check_forge(Context& context, Findings& findings) {
  auto const session = open_session(context, Belongs::ToPullRequest);
  if (!session) {
    findings.push_back({"forge", Health::Bad, session.error().message, ""});
    return;
  }
  std::string const where = std::string(session->forge->name()) + ", " + session->forge->web_url();
  if (session->forge->name() == "local") {
    findings.push_back({"forge", Health::Warning, where + ": nothing is posted anywhere else",
                        "for a real forge set REPO_TOKEN, and --repo outside of its CI"});
    if (auto const access = session->forge->access(); !access)
      findings.push_back({"folder", Health::Bad, access.error().message,
                          "run cml where you may write, or name another folder by CML_LOCAL_FOLDER"});
    return;
  }
  findings.push_back({"forge", Health::Good, where, ""});
  auto const access = session->forge->access();
  if (!access) {
    bool const token = lacks_access(access.error().kind) || access.error().kind == ErrorKind::NotFound;
    findings.push_back({token ? "token" : "network", Health::Bad, access.error().message, ""});
    return;
  }
  findings.push_back(token_finding(*session, *access));
  if (session->ci.pull_request)
    findings.push_back(
        {"pull request", Health::Good, "this run's is number " + std::to_string(*session->ci.pull_request), ""});
  else
    findings.push_back({"pull request", Health::Good,
                        session->ci.in_ci
                            ? "this run has none of its own: the open one with the commit, else the commit"
                            : "none outside of a CI: the open one with the commit, else the commit",
                        ""});
}

// What the connections of this run will trust, by the same rules (platform/ca_bundle.hpp).
void check_certificates(Context& context, Findings& findings) {
  CaBundle bundle(context.environment);
  std::string const remedy = "name an existing file of PEM certificates, or unset it";
  for (auto const& [name, file, replaces] : bundle.named()) {
    std::string const value = name + "=" + clean_line(file, 200);
    if (replaces && name != bundle.named_by())
      findings.push_back({"certificates", Health::Warning, value + " does not count: " + bundle.named_by() + " does",
                          "unset one of them"});
    else if (!is_pem(file))
      findings.push_back({"certificates", Health::Bad, value + " holds no certificates that can be read", remedy});
    else
      findings.push_back({"certificates", Health::Good, value + " is trusted", ""});
  }
  if (std::string const& folder = bundle.folder(); !folder.empty()) {
    bool const there = context.files.kind(folder) == FileKind::Directory;
    findings.push_back({"certificates", there ? Health::Good : Health::Bad,
                        "SSL_CERT_DIR=" + clean_line(folder, 200) + (there ? " is trusted" : " is not a folder"),
                        there ? "" : "name an existing folder of certificates, or unset it"});
  }
  if (bundle.is_built_in()) {
    std::string const doubt = bundle.doubt(context.clock.now());
    findings.push_back({"certificates", doubt.empty() ? Health::Good : Health::Warning,
                        doubt.empty() ? "this system has no bundle; the one built into cml is trusted" : doubt, ""});
  }
}

void check_surroundings(Context& context, Findings& findings) {
  for (char const* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
    if (auto const proxy = context.environment.get(name); proxy && !proxy->empty()) {
      findings.push_back({"proxy", Health::Good, std::string(name) + " is " + safe_url(*proxy), ""});
      break;
    }
  check_certificates(context, findings);
}

void check_fonts(Context& context, Findings& findings) {
  bool const some = context.files.kind("/usr/share/fonts") == FileKind::Directory;
  findings.push_back({"fonts", Health::Good,
                      some ? "Liberation is inside; other scripts take the machine's fonts"
                           : "Liberation is inside; the machine has no fonts for other scripts",
                      ""});
}

// The clouds whose credentials the environment has.
constexpr std::pair<std::string_view, std::string_view> kCredentials[] = {
    {"aws", "AWS_ACCESS_KEY_ID"},
    {"aws", "AWS_WEB_IDENTITY_TOKEN_FILE"},
    {"azure", "AZURE_CLIENT_ID"},
    {"gcp", "GOOGLE_APPLICATION_CREDENTIALS"},
    {"gcp", "GOOGLE_APPLICATION_CREDENTIALS_DATA"},
    {"kubernetes", "KUBERNETES_CONFIGURATION"},
    {"kubernetes", "KUBECONFIG"},
};

void check_clouds(Context& context, std::vector<std::string> clouds, Findings& findings) {
  if (clouds.empty())
    for (auto const& [cloud, variable] : kCredentials)
      if (!context.environment.get(std::string(variable)).value_or("").empty() &&
          std::find(clouds.begin(), clouds.end(), cloud) == clouds.end())
        clouds.emplace_back(cloud);
  for (std::string const& name : clouds) {
    auto const made = cloud::make_cloud(name, cloud_setup(context));
    cloud::Found const found = made ? (*made)->machines({}) : cloud::Found{{}, {Error(made.error())}};
    if (found.missing.empty())
      findings.push_back(
          {name, Health::Good,
           "the credentials work; " + std::to_string(found.machines.size()) + " machines of cml are there", ""});
    for (Error const& error : found.missing) findings.push_back({name, Health::Bad, error.message, ""});
  }
}

}  // namespace

std::vector<Finding> check_up(Context& context, std::vector<std::string> clouds) {
  Findings findings;
  check_program(context, findings);
  check_git(context, findings);
  check_surroundings(context, findings);
  check_forge(context, findings);
  check_fonts(context, findings);
  check_clouds(context, std::move(clouds), findings);
  return findings;
}

}  // namespace cml
