#include "forge/ci.hpp"

#include <nlohmann/json.hpp>

#include <array>

#include "base/text.hpp"

namespace cml {
namespace {

using nlohmann::json;

class Variables {
 public:
  explicit Variables(Environment const& environment) : environment_(environment) {}
  std::string operator()(std::string_view name) const { return environment_.get(name).value_or(""); }
  bool has(std::string_view name) const { return !(*this)(name).empty(); }
  std::string operator()(std::array<std::string_view, 3> const& names) const {
    for (std::string_view name : names)
      if (!name.empty() && has(name)) return (*this)(name);
    return "";
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

// The event's pull requests whose number counts in this repository: a fork's runs list those of the repository it was
// made from, too. One whose head is the run's commit is meant before others.
std::optional<long long> pull_of_event(json const& payload, std::string const& holder, std::string const& sha) {
  using Pointer = json::json_pointer;
  Pointer const list("/" + holder + "/pull_requests");
  if (!payload.contains(list) || !payload.at(list).is_array()) return std::nullopt;
  auto const own = number_at(payload, Pointer("/repository/id"));
  std::optional<long long> any;
  for (json const& pull : payload.at(list)) {
    auto const base = number_at(pull, Pointer("/base/repo/id"));
    auto const number = number_at(pull, Pointer("/number"));
    if (!number || (own && base && *own != *base)) continue;
    if (text_at(pull, Pointer("/head/sha")) == sha) return number;
    if (!any) any = number;
  }
  return any;
}

// The payload tells the pull request and its head for every event that belongs to one.
void read_github_payload(json const& payload, std::string const& event, CiRun& run) {
  using Pointer = json::json_pointer;
  if (auto number = number_at(payload, Pointer("/pull_request/number"))) {
    run.pull_request = number;
    if (auto sha = text_at(payload, Pointer("/pull_request/head/sha")); !sha.empty()) run.sha = sha;
    if (auto ref = text_at(payload, Pointer("/pull_request/head/ref")); !ref.empty()) run.branch = ref;
    std::string const head = text_at(payload, Pointer("/pull_request/head/repo/full_name"));
    if (!head.empty() && head != text_at(payload, Pointer("/pull_request/base/repo/full_name"))) run.fork = head;
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
  for (std::string const& holder :
       {std::string("workflow_run"), std::string("check_run"), std::string("check_suite")}) {
    if (!payload.contains(holder)) continue;
    if (auto sha = text_at(payload, Pointer("/" + holder + "/head_sha")); !sha.empty()) run.sha = sha;
    if (auto branch = text_at(payload, Pointer("/" + holder + "/head_branch")); !branch.empty()) run.branch = branch;
    run.pull_request = pull_of_event(payload, holder, run.sha);
    // A fork's runs name no pull request.
    std::string const from = text_at(payload, Pointer("/" + holder + "/head_repository/full_name"));
    if (!from.empty() && from != text_at(payload, Pointer("/repository/full_name"))) run.fork = from;
    if (!run.fork.empty()) run.head_owner = text_at(payload, Pointer("/" + holder + "/head_repository/owner/login"));
    return;
  }
}

// "refs/heads/x" and "refs/tags/x" by their short names.
std::string short_ref(std::string ref) {
  for (std::string_view prefix : {"refs/heads/", "refs/tags/"})
    if (ref.substr(0, prefix.size()) == prefix) return ref.substr(prefix.size());
  return ref;
}

// GitHub's variables, which Gitea and Forgejo set alike.
void refine_actions(Variables const& env, FileSystem& files, CiRun& run) {
  if (run.server_url.empty()) run.server_url = "https://github.com";
  // Gitea's pages are named by the number within the repository.
  std::string const page = run.forge == "gitea" && env.has("GITHUB_RUN_NUMBER") ? env("GITHUB_RUN_NUMBER") : run.run;
  if (!page.empty()) run.run_url = run.server_url + "/" + run.repository + "/actions/runs/" + page;
  // "refs/pull/7/merge": the checkout is a merge of the pull request, unless the payload tells the head.
  std::string const ref = env("GITHUB_REF");
  constexpr std::string_view kPull = "refs/pull/";
  if (ref.substr(0, kPull.size()) == kPull) {
    run.pull_request =
        parse_integer(std::string_view(ref).substr(kPull.size(), ref.find('/', kPull.size()) - kPull.size()));
    run.merge = CiRun::Merge::HeadIsSecond;
  }
  if (!env.has("GITHUB_EVENT_PATH")) return;
  auto const text = files.read(env("GITHUB_EVENT_PATH"), 32u << 20);
  json const payload = text ? json::parse(text.value(), nullptr, false) : json();
  std::string const before = run.sha;
  if (payload.is_object()) read_github_payload(payload, env("GITHUB_EVENT_NAME"), run);
  if (run.sha != before) run.merge = CiRun::Merge::None;
}

// A fork's pipeline for a merge request counts the requests of the project that it goes to.
void refine_gitlab(Variables const& env, FileSystem&, CiRun& run) {
  std::string const home = env("CI_MERGE_REQUEST_PROJECT_URL");
  if (home != run.repository) run.pull_request_repository = home;
  std::string const source = env("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH");
  if (source != env("CI_MERGE_REQUEST_PROJECT_PATH")) run.fork = source;
}

void refine_bitbucket(Variables const&, FileSystem&, CiRun& run) { run.server_url = "https://bitbucket.org"; }

// The checkout of a pull request is a merge that only Jenkins has; its address tells the repository where GIT_URL is
// not set.
void refine_jenkins(Variables const& env, FileSystem&, CiRun& run) {
  if (run.pull_request) run.merge = CiRun::Merge::JenkinsMerged;
  std::string const change = env("CHANGE_URL");
  for (std::string_view part : {"/pull/", "/-/merge_requests/", "/pull-requests/", "/pulls/"})
    if (auto const at = change.find(part); at != std::string::npos && run.pull_request)
      run.pull_request_repository = change.substr(0, at);
  if (run.repository.empty()) run.repository = run.pull_request_repository;
}

void refine_azure(Variables const& env, FileSystem&, CiRun& run) {
  run.branch = short_ref(run.branch);
  if (env.has("SYSTEM_COLLECTIONURI") && !run.run.empty())
    run.run_url =
        env("SYSTEM_COLLECTIONURI") + percent_encode(env("SYSTEM_TEAMPROJECT")) + "/_build/results?buildId=" + run.run;
}

void refine_circleci(Variables const& env, FileSystem&, CiRun& run) {
  std::string const url = env("CIRCLE_PULL_REQUEST");
  run.pull_request = parse_integer(std::string_view(url).substr(url.rfind('/') + 1));
}

// Which variables tell what; the first of a list that is set counts.
struct CiVariables {
  using Names = std::array<std::string_view, 3>;
  Names repository{}, server_url{}, api_url{}, sha{}, pull_request{}, branch{}, target_branch{}, workflow{}, run{},
      run_url{}, workspace{};
};
constexpr CiVariables kActions{.repository = {"GITHUB_REPOSITORY"},
                               .server_url = {"GITHUB_SERVER_URL"},
                               .api_url = {"GITHUB_API_URL"},
                               .sha = {"GITHUB_SHA"},
                               .branch = {"GITHUB_HEAD_REF", "GITHUB_REF_NAME"},
                               .target_branch = {"GITHUB_BASE_REF"},
                               .workflow = {"GITHUB_WORKFLOW"},
                               .run = {"GITHUB_RUN_ID"},
                               .workspace = {"GITHUB_WORKSPACE"}};

// Table: the CI systems, told apart by a variable that only they set. The first match counts, so Gitea stands before
// GitHub.
struct CiSystem {
  std::string_view mark, name, forge;
  CiVariables variables;
  void (*refine)(Variables const&, FileSystem&, CiRun&) = nullptr;
};
constexpr CiSystem kSystems[] = {
    {"FORGEJO_ACTIONS", "Forgejo Actions", "gitea", kActions, refine_actions},
    {"GITEA_ACTIONS", "Gitea Actions", "gitea", kActions, refine_actions},
    {"GITHUB_REPOSITORY", "GitHub Actions", "github", kActions, refine_actions},
    {"CI_PROJECT_URL",
     "GitLab CI",
     "gitlab",
     {.repository = {"CI_PROJECT_URL"},
      .server_url = {"CI_SERVER_URL"},
      .api_url = {"CI_API_V4_URL"},
      .sha = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"},
      .pull_request = {"CI_MERGE_REQUEST_IID"},
      .branch = {"CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"},
      .target_branch = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME"},
      .workflow = {"CI_PIPELINE_ID"},
      .run = {"CI_JOB_ID"},
      .run_url = {"CI_PIPELINE_URL"},
      .workspace = {"CI_PROJECT_DIR"}},
     refine_gitlab},
    {"BITBUCKET_REPO_UUID",
     "Bitbucket Pipelines",
     "bitbucket",
     {.repository = {"BITBUCKET_GIT_HTTP_ORIGIN"},
      .sha = {"BITBUCKET_COMMIT"},
      .pull_request = {"BITBUCKET_PR_ID"},
      .branch = {"BITBUCKET_BRANCH"},
      .target_branch = {"BITBUCKET_PR_DESTINATION_BRANCH"},
      .workflow = {"BITBUCKET_PIPELINE_UUID"},
      .run = {"BITBUCKET_BUILD_NUMBER"},
      .workspace = {"BITBUCKET_CLONE_DIR"}},
     refine_bitbucket},
    {"JENKINS_URL",
     "Jenkins",
     "",
     {.repository = {"GIT_URL", "GIT_URL_1"},
      .sha = {"GIT_COMMIT"},
      .pull_request = {"CHANGE_ID"},
      .branch = {"CHANGE_BRANCH", "BRANCH_NAME"},
      .target_branch = {"CHANGE_TARGET"},
      .workflow = {"JOB_NAME"},
      .run = {"BUILD_NUMBER"},
      .run_url = {"BUILD_URL"},
      .workspace = {"WORKSPACE"}},
     refine_jenkins},
    {"TF_BUILD",
     "Azure Pipelines",
     "",
     {.repository = {"BUILD_REPOSITORY_URI"},
      .sha = {"SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"},
      .pull_request = {"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID"},
      .branch = {"SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH", "BUILD_SOURCEBRANCHNAME"},
      .target_branch = {"SYSTEM_PULLREQUEST_TARGETBRANCH"},
      .workflow = {"BUILD_DEFINITIONNAME"},
      .run = {"BUILD_BUILDID"},
      .workspace = {"BUILD_SOURCESDIRECTORY"}},
     refine_azure},
    {"CIRCLECI",
     "CircleCI",
     "",
     {.repository = {"CIRCLE_REPOSITORY_URL"},
      .sha = {"CIRCLE_SHA1"},
      .branch = {"CIRCLE_BRANCH"},
      .workflow = {"CIRCLE_WORKFLOW_ID"},
      .run = {"CIRCLE_BUILD_NUM"},
      .run_url = {"CIRCLE_BUILD_URL"}},
     refine_circleci},
    {"BUILDKITE",
     "Buildkite",
     "",
     {.repository = {"BUILDKITE_REPO"},
      .sha = {"BUILDKITE_COMMIT"},
      .pull_request = {"BUILDKITE_PULL_REQUEST"},
      .branch = {"BUILDKITE_BRANCH"},
      .target_branch = {"BUILDKITE_PULL_REQUEST_BASE_BRANCH"},
      .workflow = {"BUILDKITE_PIPELINE_SLUG"},
      .run = {"BUILDKITE_BUILD_NUMBER"},
      .run_url = {"BUILDKITE_BUILD_URL"},
      .workspace = {"BUILDKITE_BUILD_CHECKOUT_PATH"}}},
};

CiRun read_system(CiSystem const& system, Variables const& env, FileSystem& files) {
  CiVariables const& from = system.variables;
  CiRun run;
  run.system = system.name;
  run.forge = system.forge;
  run.repository = env(from.repository);
  run.server_url = env(from.server_url);
  run.api_url = env(from.api_url);
  run.sha = env(from.sha);
  if (auto const number = parse_integer(env(from.pull_request)); number && *number > 0) run.pull_request = number;
  run.branch = env(from.branch);
  run.target_branch = short_ref(env(from.target_branch));
  run.workflow = env(from.workflow);
  run.run = env(from.run);
  run.run_url = env(from.run_url);
  run.workspace = env(from.workspace);
  if (system.refine != nullptr) system.refine(env, files, run);
  return run;
}

}  // namespace

CiRun read_ci(Environment const& environment, FileSystem& files) {
  Variables const env(environment);
  CiRun run;
  for (CiSystem const& system : kSystems) {
    if (!env.has(system.mark)) continue;
    run = read_system(system, env, files);
    break;
  }
  run.in_ci = !run.system.empty() || parse_boolean(env("CI")).value_or(false);
  return run;
}

}  // namespace cml
