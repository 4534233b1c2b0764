#include "forge/ci.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace cml {
namespace {

using nlohmann::json;

class Variables {
 public:
  explicit Variables(Environment const& environment) : environment_(environment) {}
  std::string operator()(std::string_view name) const { return environment_.get(name).value_or(""); }
  bool has(std::string_view name) const { return !(*this)(name).empty(); }
  std::optional<long long> number(std::string_view name) const {
    auto const value = parse_integer((*this)(name));
    return value && *value > 0 ? value : std::nullopt;
  }

 private:
  Environment const& environment_;
};

std::string text_at(json const& value, json::json_pointer const& where) {
  if (!value.contains(where)) return "";
  json const& found = value.at(where);
  return found.is_string() ? found.get<std::string>() : "";
}

std::optional<long long> number_at(json const& value, json::json_pointer const& where) {
  if (!value.contains(where) || !value.at(where).is_number_integer()) return std::nullopt;
  return value.at(where).get<long long>();
}

// The payload tells the pull request and its head for every event that belongs to one.
void read_github_payload(json const& payload, std::string const& event, CiRun& run) {
  using Pointer = json::json_pointer;
  if (auto number = number_at(payload, Pointer("/pull_request/number"))) {
    run.pull_request = number;
    if (auto sha = text_at(payload, Pointer("/pull_request/head/sha")); !sha.empty()) run.sha = sha;
    if (auto ref = text_at(payload, Pointer("/pull_request/head/ref")); !ref.empty()) run.branch = ref;
    return;
  }
  if (event == "issue_comment" && payload.contains(Pointer("/issue/pull_request"))) {
    run.pull_request = number_at(payload, Pointer("/issue/number"));
    run.sha.clear();  // GITHUB_SHA is the default branch here, not the pull request.
    return;
  }
  if (event == "merge_group") {  // "refs/heads/gh-readonly-queue/main/pr-12-0123abc"
    std::string const ref = text_at(payload, Pointer("/merge_group/head_ref"));
    auto const at = ref.rfind("/pr-");
    if (at != std::string::npos) {
      std::string_view const digits = std::string_view(ref).substr(at + 4);
      run.pull_request = parse_integer(digits.substr(0, digits.find('-')));
    }
    return;
  }
  for (std::string const& holder : {std::string("workflow_run"), std::string("check_run"), std::string("check_suite")}) {
    if (!payload.contains(holder)) continue;
    if (auto sha = text_at(payload, Pointer("/" + holder + "/head_sha")); !sha.empty()) run.sha = sha;
    if (auto branch = text_at(payload, Pointer("/" + holder + "/head_branch")); !branch.empty()) run.branch = branch;
    run.pull_request = number_at(payload, Pointer("/" + holder + "/pull_requests/0/number"));
    return;
  }
}

CiRun read_github(Variables const& env, FileSystem& files) {
  CiRun run;
  run.system = "GitHub Actions";
  run.forge = "github";
  run.repository = env("GITHUB_REPOSITORY");
  run.server_url = env.has("GITHUB_SERVER_URL") ? env("GITHUB_SERVER_URL") : "https://github.com";
  run.api_url = env("GITHUB_API_URL");
  run.sha = env("GITHUB_SHA");
  run.workflow = env("GITHUB_WORKFLOW");
  run.run = env("GITHUB_RUN_ID");
  if (!run.run.empty()) run.run_url = run.server_url + "/" + run.repository + "/actions/runs/" + run.run;
  run.workspace = env("GITHUB_WORKSPACE");
  run.target_branch = env("GITHUB_BASE_REF");
  run.branch = env.has("GITHUB_HEAD_REF") ? env("GITHUB_HEAD_REF") : env("GITHUB_REF_NAME");
  if (env.has("GITHUB_EVENT_PATH")) {
    auto const text = files.read(env("GITHUB_EVENT_PATH"), 32u << 20);
    json const payload = text ? json::parse(text.value(), nullptr, false) : json();
    if (payload.is_object()) read_github_payload(payload, env("GITHUB_EVENT_NAME"), run);
  }
  return run;
}

CiRun read_gitlab(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "GitLab CI";
  run.forge = "gitlab";
  run.repository = env("CI_PROJECT_URL");
  run.server_url = env("CI_SERVER_URL");
  run.api_url = env("CI_API_V4_URL");
  run.sha = env.has("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") ? env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") : env("CI_COMMIT_SHA");
  run.pull_request = env.number("CI_MERGE_REQUEST_IID");
  run.target_branch = env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
  run.branch = env.has("CI_COMMIT_BRANCH") ? env("CI_COMMIT_BRANCH") : env("CI_COMMIT_REF_NAME");
  run.workflow = env("CI_PIPELINE_ID");
  run.run = env("CI_JOB_ID");
  run.run_url = env("CI_PIPELINE_URL");
  run.workspace = env("CI_PROJECT_DIR");
  return run;
}

CiRun read_bitbucket(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "Bitbucket Pipelines";
  run.forge = "bitbucket";
  run.repository = env("BITBUCKET_GIT_HTTP_ORIGIN");
  run.server_url = "https://bitbucket.org";
  run.sha = env("BITBUCKET_COMMIT");
  run.pull_request = env.number("BITBUCKET_PR_ID");
  run.target_branch = env("BITBUCKET_PR_DESTINATION_BRANCH");
  run.branch = env("BITBUCKET_BRANCH");
  run.workflow = env("BITBUCKET_PIPELINE_UUID");
  run.run = env("BITBUCKET_BUILD_NUMBER");
  run.workspace = env("BITBUCKET_CLONE_DIR");
  return run;
}

CiRun read_jenkins(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "Jenkins";
  run.repository = env("GIT_URL");
  run.sha = env("GIT_COMMIT");
  run.pull_request = env.number("CHANGE_ID");
  run.target_branch = env("CHANGE_TARGET");
  run.branch = env.has("CHANGE_BRANCH") ? env("CHANGE_BRANCH") : env("BRANCH_NAME");
  run.workflow = env("JOB_NAME");
  run.run = env("BUILD_NUMBER");
  run.run_url = env("BUILD_URL");
  run.workspace = env("WORKSPACE");
  return run;
}

CiRun read_azure(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "Azure Pipelines";
  run.repository = env("BUILD_REPOSITORY_URI");
  run.sha = env.has("SYSTEM_PULLREQUEST_SOURCECOMMITID") ? env("SYSTEM_PULLREQUEST_SOURCECOMMITID") : env("BUILD_SOURCEVERSION");
  run.pull_request = env.number("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER");
  run.branch = env("BUILD_SOURCEBRANCHNAME");
  run.workflow = env("BUILD_DEFINITIONNAME");
  run.run = env("BUILD_BUILDID");
  run.workspace = env("BUILD_SOURCESDIRECTORY");
  return run;
}

CiRun read_circleci(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "CircleCI";
  run.repository = env("CIRCLE_REPOSITORY_URL");
  run.sha = env("CIRCLE_SHA1");
  std::string const url = env("CIRCLE_PULL_REQUEST");
  run.pull_request = parse_integer(std::string_view(url).substr(url.rfind('/') + 1));
  run.branch = env("CIRCLE_BRANCH");
  run.workflow = env("CIRCLE_WORKFLOW_ID");
  run.run = env("CIRCLE_BUILD_NUM");
  return run;
}

CiRun read_buildkite(Variables const& env, FileSystem&) {
  CiRun run;
  run.system = "Buildkite";
  run.repository = env("BUILDKITE_REPO");
  run.sha = env("BUILDKITE_COMMIT");
  run.pull_request = env.number("BUILDKITE_PULL_REQUEST");
  run.branch = env("BUILDKITE_BRANCH");
  run.workflow = env("BUILDKITE_PIPELINE_SLUG");
  run.run = env("BUILDKITE_BUILD_NUMBER");
  run.workspace = env("BUILDKITE_BUILD_CHECKOUT_PATH");
  return run;
}

// Table: the CI systems, told apart by a variable that only they set. The first match counts.
struct CiSystem {
  std::string_view variable;
  CiRun (*read)(Variables const&, FileSystem&);
};
constexpr CiSystem kSystems[] = {
    {"GITHUB_REPOSITORY", read_github},  {"CI_PROJECT_URL", read_gitlab}, {"BITBUCKET_REPO_UUID", read_bitbucket},
    {"JENKINS_URL", read_jenkins},       {"TF_BUILD", read_azure},        {"CIRCLECI", read_circleci},
    {"BUILDKITE", read_buildkite},
};

}  // namespace

CiRun read_ci(Environment const& environment, FileSystem& files) {
  Variables const env(environment);
  CiRun run;
  for (CiSystem const& system : kSystems) {
    if (!env.has(system.variable)) continue;
    run = system.read(env, files);
    break;
  }
  run.in_ci = !run.system.empty() || parse_boolean(env("CI")).value_or(false);
  return run;
}

}  // namespace cml
