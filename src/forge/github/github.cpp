#include "forge/github/github.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "forge/create_once.hpp"
#include "forge/github/api.hpp"
#include "forge/github/asset_branch.hpp"
#include "forge/github/documents.hpp"
#include "forge/github/release.hpp"
#include "forge/github/thread.hpp"
#include "forge/json_api.hpp"

namespace cml {
namespace {

using github::Api;
using nlohmann::json;

// GitHub accepts more bytes than it says in some places; 65,536 characters are accepted everywhere.
constexpr Capabilities kCapabilities{.commit_comments = true,
                                     .issue_comments = true,
                                     .hide_comments = true,
                                     .native_assets = false,
                                     .asset_branch = true,
                                     .releases = true,
                                     .attachments = true,
                                     .storing_needs = "`permissions: contents: write` in the job",
                                     .annotations = true,
                                     .comment_limit = 65536};

constexpr std::size_t kAnnotationsOfRequest = 50;  // GitHub takes no more at once.

// Those of one request, from the one numbered `begin` on.
void add_annotations(json& output, Check const& check, std::size_t begin) {
  constexpr char const* kLevels[] = {"notice", "warning", "failure"};
  std::size_t const end = std::min(begin + kAnnotationsOfRequest, check.annotations.size());
  for (std::size_t i = begin; i < end; ++i) {
    CheckAnnotation const& one = check.annotations[i];
    output["annotations"].push_back({{"path", one.path},
                                     {"start_line", one.first_line},
                                     {"end_line", one.last_line},
                                     {"annotation_level", kLevels[static_cast<int>(one.level)]},
                                     {"title", one.title},
                                     {"message", one.message}});
  }
}

constexpr int kMaxCancelSeconds = 120;

Result<PullRequest> pull_from(HttpRequest const& asked, json const& object) {
  PullRequest pull;
  pull.number = integer_at(object, {"number"}).value_or(0);
  if (pull.number <= 0) return lacks(asked, "a pull request without a number (number)");
  CML_TRY(url, url_at(asked, object, {"html_url"}));
  pull.url = std::move(url);
  pull.source = text_at(object, {"head", "ref"});
  pull.target = text_at(object, {"base", "ref"});
  pull.head_sha = sha_at(object, {"head", "sha"});
  pull.node_id = text_at(object, {"node_id"});
  return pull;
}

// GitHub's refusals to merge later, because it could be done now or the repository has no rules to wait for.
bool merge_now_instead(std::string const& message) {
  for (std::string_view part : {"is in clean status", "is in unstable status", "Protected branch rules not configured",
                                "Can't enable auto-merge", "not in the correct state to enable auto-merge",
                                "uto merge is not allowed", "uto-merge is not allowed"})
    if (contains(message, part)) return true;
  return false;
}

// By the prefixes that GitHub gives its tokens: classic, fine-grained and OAuth ones and those that Apps get for their
// users stand for a person; those of jobs and installations for an App.
TokenKind kind_of(Secret const& token) {
  auto const starts = [&](std::string_view prefix) { return token.reveal().substr(0, prefix.size()) == prefix; };
  for (std::string_view prefix : {"ghp_", "github_pat_", "gho_", "ghu_"})
    if (starts(prefix)) return TokenKind::Person;
  return starts("ghs_") ? TokenKind::Machine : TokenKind::Untold;
}

// Trouble that REST would have as well.
bool is_trouble_of_all(ErrorKind kind) {
  return kind == ErrorKind::RateLimited || kind == ErrorKind::Unreachable || kind == ErrorKind::Untrusted ||
         kind == ErrorKind::Unauthorized;
}

bool is_commit(CommentTarget const& target) { return std::holds_alternative<CommitTarget>(target); }

std::string comment_path(CommentTarget const& target, Comment const& comment) {
  return (is_commit(target) ? "/comments/" : "/issues/comments/") + comment.id;
}

class GitHub : public Forge {
 public:
  GitHub(ForgeSetup const& setup, std::string api_url)
      : api_(*setup.http, std::move(api_url), setup.token, setup.repository.path),
        clock_(*setup.clock),
        random_(*setup.random),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()),
        personal_token_(kind_of(setup.token) == TokenKind::Person),
        viewer_(
            kind_of(setup.token), github::explain, [](json const& user) { return id_at(user, {"id"}); }, notify_) {}

  std::string_view name() const override { return "github"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }
  Result<Access> access() override { return access_of(api_.http(), api_.request("GET", ""), github::explain); }

  Result<std::optional<long long>> pull_request_of_commit(std::string const& sha) override {
    std::string const path = "/commits/" + percent_encode(sha) + "/pulls";
    CML_TRY(pulls, beside_facts([&](Beside* beside) { return api_.list(path, beside); }));
    // The list holds merged ones, too; an open one whose head is the commit is meant before one that merely contains
    // it.
    std::optional<long long> any;
    for (json const& pull : pulls) {
      auto const number = integer_at(pull, {"number"});
      if (!number || text_at(pull, {"state"}) != "open") continue;
      if (text_at(pull, {"head", "sha"}) == sha) return number;
      if (!any) any = number;
    }
    return any;
  }

  Result<std::optional<long long>> pull_request_of_branch(std::string const& owner, std::string const& branch,
                                                          std::string const& sha) override {
    CML_TRY(pulls, api_.list("/pulls?state=open&head=" + percent_encode(owner + ":" + branch)));
    for (json const& pull : pulls)
      if (text_at(pull, {"head", "sha"}) == sha) return integer_at(pull, {"number"});
    return std::optional<long long>();
  }

  Result<std::string> head_of_pull_request(long long number) override {
    CML_TRY(pull, api_.call(api_.request("GET", "/pulls/" + std::to_string(number))));
    return sha_at(pull, {"head", "sha"});
  }

  Result<std::vector<Comment>> comments(CommentTarget const& target, KeepComment const& keep) override {
    std::string refusal;
    if (has_graphql_) {
      auto thread =
          beside_facts([&](Beside* beside) { return github::read_thread(api_, target, keep, beside, memory_); });
      if (thread || is_trouble_of_all(thread.error().kind)) return thread;
      refusal = thread.error().message;
    }
    auto listed =
        read_thread(viewer_, api_.request_at_base("GET", "/user"), keep, [&](Beside* beside, TakeListed const& take) {
          HttpRequest const asked = api_.request("GET", github::thread_path(target));
          return api_.each(github::thread_path(target), beside,
                           [&](json const& element) { return take(github::comment_from(asked, element)); });
        });
    if (listed && !refusal.empty()) {
      has_graphql_ = false;
      if (notify_) notify_("comments are listed without GitHub's GraphQL API: " + refusal);
    }
    return listed;
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    std::string const path = github::thread_path(target);
    HttpRequest const post = api_.request("POST", path, {{"body", body}}, Repeat::Unsafe);
    return create_once({api_.http(), clock_, notify_, post, api_.request("GET", path + "?per_page=1"), body,
                        github::explain,
                        [&](HttpRequest const& asked, json const& created) {
                          return written_by(viewer_, github::comment_from(asked, created));
                        },
                        [&](KeepComment const& keep) { return comments(target, keep); }});
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment,
                                 std::string const& body) override {
    HttpRequest const patch = api_.request("PATCH", comment_path(target, comment), {{"body", body}}, Repeat::Safe);
    CML_TRY(updated, api_.call(patch));
    CML_TRY(result, github::comment_from(patch, updated));
    return with_author_of(comment, std::move(result.comment));
  }

  Status delete_comment(CommentTarget const& target, Comment const& comment) override {
    auto deleted = api_.call(api_.request("DELETE", comment_path(target, comment)));
    if (!deleted && deleted.error().kind != ErrorKind::NotFound) return std::move(deleted).error();
    return ok();
  }

  Status hide_comment(Comment const& comment) override {
    auto hidden = api_.graphql(github::kMinimizeComment, {{"id", comment.node_id}});
    if (!hidden) return std::move(hidden).error();
    return ok();
  }

  Result<std::string> create_check(Check const& check) override {
    constexpr char const* kStatus[] = {"queued", "in_progress", "completed"};
    json body{{"name", check.title},
              {"head_sha", check.sha},
              {"status", kStatus[static_cast<int>(check.status)]},
              {"started_at", iso_time(clock_.now())},
              {"output", {{"title", check.title}, {"summary", check.summary}}}};
    if (check.status == Check::Status::Completed) {  // A conclusion would complete the others, too.
      body["conclusion"] = check.conclusion;
      body["completed_at"] = iso_time(clock_.now());
    }
    if (!check.url.empty()) body["details_url"] = check.url;
    add_annotations(body["output"], check, 0);
    HttpRequest const post = api_.request("POST", "/check-runs", body, Repeat::Unsafe);
    auto created = api_.call(post);
    if (!created) {
      Error error = std::move(created).error();
      if (lacks_access(error.kind))
        error.message +=
            "; only GITHUB_TOKEN (permissions: checks: write) and App tokens may create checks, personal ones may not";
      return error;
    }
    // Further ones are added to those that are there.
    std::string const path = "/check-runs/" + id_at(*created, {"id"});
    for (std::size_t begin = kAnnotationsOfRequest; begin < check.annotations.size(); begin += kAnnotationsOfRequest) {
      json output{{"title", check.title}, {"summary", check.summary}};
      add_annotations(output, check, begin);
      auto const added = api_.call(api_.request("PATCH", path, {{"output", output}}, Repeat::Unsafe));
      if (!added)
        return Error{added.error().kind, "the check is there with " + std::to_string(begin) + " of " +
                                             std::to_string(check.annotations.size()) +
                                             " annotations: " + added.error().message};
    }
    return url_at(post, *created, {"html_url"});
  }

  Status rerun(std::string const& run_id) override {
    std::string const path = "/actions/runs/" + percent_encode(run_id);
    CML_TRY(run, api_.call(api_.request("GET", path)));
    if (text_at(run, {"status"}) != "completed") {
      auto cancelled = api_.call(api_.request("POST", path + "/cancel"));
      if (!cancelled && cancelled.error().kind != ErrorKind::Conflict) return std::move(cancelled).error();
      for (int second = 0; text_at(run, {"status"}) != "completed"; ++second) {
        if (second == kMaxCancelSeconds)
          return Error{ErrorKind::Conflict, "run " + run_id + " did not end within " +
                                                std::to_string(kMaxCancelSeconds) + " s after its cancellation"};
        clock_.sleep_for(std::chrono::seconds(1));
        CML_TRY(again, api_.call(api_.request("GET", path)));
        run = std::move(again);
      }
    }
    return start_once(api_.http(), api_.request("POST", path + "/rerun"), github::explain, [&]() -> Result<bool> {
      CML_TRY(now, api_.call(api_.request("GET", path)));
      return text_at(now, {"status"}) != "completed";
    });
  }

  Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target) override {
    std::string const owner = api_.repository().substr(0, api_.repository().find('/'));
    CML_TRY(pulls, api_.list("/pulls?state=open&head=" + percent_encode(owner + ":" + source) +
                             "&base=" + percent_encode(target)));
    for (json const& element : pulls) {
      if (text_at(element, {"head", "ref"}) != source || text_at(element, {"base", "ref"}) != target) continue;
      CML_TRY(pull, pull_from(api_.request("GET", "/pulls"), element));
      return std::optional(std::move(pull));
    }
    return std::optional<PullRequest>();
  }

  Result<PullRequest> create_pull_request(PullRequestDraft const& draft) override {
    json body{{"title", draft.title}, {"body", draft.body}, {"head", draft.source}, {"base", draft.target}};
    if (draft.draft) body["draft"] = true;
    HttpRequest const post = api_.request("POST", "/pulls", body, Repeat::Unsafe);
    auto created = api_.call(post);
    if (created) return pull_from(post, *created);
    Error error = std::move(created).error();
    if (contains(error.message, "not permitted to create"))
      error.message += "; allow it under Settings, Actions, General, Workflow permissions";
    return error;
  }

  Status update_pull_request(PullRequest const& pull, PullRequestChange const& change) override {
    std::string const number = std::to_string(pull.number);
    json body = json::object();
    if (change.title) body["title"] = *change.title;
    if (change.body) body["body"] = *change.body;
    std::vector<HttpRequest> requests;
    if (!body.empty()) requests.push_back(api_.request("PATCH", "/pulls/" + number, body, Repeat::Safe));
    if (!change.labels.empty())
      requests.push_back(
          api_.request("POST", "/issues/" + number + "/labels", {{"labels", change.labels}}, Repeat::Safe));
    if (!change.reviewers.empty()) {
      json people = json::array(), teams = json::array();  // "org/team" names a team.
      for (std::string const& name : change.reviewers)
        if (auto const slash = name.find('/'); slash == std::string::npos)
          people.push_back(name);
        else
          teams.push_back(name.substr(slash + 1));
      requests.push_back(api_.request("POST", "/pulls/" + number + "/requested_reviewers",
                                      {{"reviewers", people}, {"team_reviewers", teams}}, Repeat::Safe));
    }
    return call_in_turn(api_.http(), requests, github::explain);
  }

  Result<std::string> merge_pull_request(PullRequest const& pull, MergeMethod method) override {
    constexpr char const* kGraphql[] = {"MERGE", "SQUASH", "REBASE"};
    constexpr char const* kRest[] = {"merge", "squash", "rebase"};
    auto const index = static_cast<std::size_t>(method);
    auto later = api_.graphql(github::kEnableAutoMerge, {{"id", pull.node_id}, {"method", kGraphql[index]}});
    if (later) return std::string("it will be merged when its requirements are met");
    if (!merge_now_instead(later.error().message)) return std::move(later).error();
    if (notify_) notify_("auto-merge is not possible (" + later.error().message + "); merging now");
    json body{{"merge_method", kRest[index]}};
    if (!pull.head_sha.empty()) body["sha"] = pull.head_sha;  // Not what somebody pushed meanwhile.
    CML_TRY(merged,
            api_.call(api_.request("PUT", "/pulls/" + std::to_string(pull.number) + "/merge", body, Repeat::Safe)));
    return std::string("it was merged");
  }

  Result<std::vector<std::string>> put_on_branch(std::string const& branch,
                                                 std::vector<AssetFile> const& files) override {
    return github::put_on_branch(api_, clock_, random_, web_url_, branch, files);
  }

  Result<std::vector<std::string>> put_on_release(std::string const& tag,
                                                  std::vector<AssetFile> const& files) override {
    return github::put_on_release(api_, web_url_, tag, files);
  }

  Result<std::vector<std::string>> upload_attachments(std::vector<AssetFile> const& files,
                                                      std::optional<CommentTarget> const&) override {
    CML_TRY(own, facts());
    if (own.id.empty()) return lacks(api_.request("GET", ""), "no number of the repository (id)");
    return github::upload_attachments(api_, own.id, files);
  }

  void expect_files() override { facts_wanted_ = may_attach() && !facts_; }

  // Apps' tokens, the job's own among them, may not attach. Pictures on a branch of a private repository are shown to
  // readers only as long as GitHub hands them on with the reader's own login, which it promises for attachments alone.
  AttachmentUse attachment_use() override {
    if (!may_attach()) return AttachmentUse::Never;
    auto const own = facts();
    return own && own->is_private ? AttachmentUse::First : AttachmentUse::LastResort;
  }

  bool attachable(AssetFile const& file) const override { return github::is_attachable(file); }

  bool is_own_upload(std::string_view url) const override {
    std::string const origin = github::attachment_origin(api_);
    std::string const start = origin + "/user-attachments/assets/";
    return !origin.empty() && url.size() > start.size() && url.substr(0, start.size()) == start;
  }

 private:
  struct Facts {
    std::string id;
    bool is_private = false;
  };
  bool may_attach() const { return personal_token_ && !github::attachment_origin(api_).empty(); }
  // Asked once.
  Result<Facts> facts() {
    if (facts_) return *facts_;
    CML_TRY(repository, api_.call(api_.request("GET", "")));
    return facts_ = facts_from(repository), *facts_;
  }
  static Facts facts_from(json const& repository) {
    return {id_at(repository, {"id"}), true_at(repository, {"private"})};
  }
  template <class List>
  auto beside_facts(List list) -> decltype(list(nullptr)) {
    if (!std::exchange(facts_wanted_, false)) return list(nullptr);
    Beside beside{api_.request("GET", "")};
    auto result = list(&beside);
    // What went wrong with it is said when it is needed.
    if (auto const repository = api_.read(beside.request, beside.answer)) facts_ = facts_from(*repository);
    return result;
  }

  Api api_;
  Clock& clock_;
  Random& random_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
  bool personal_token_;
  Viewer viewer_;
  github::ThreadMemory memory_;
  bool has_graphql_ = true;  // Until it refuses where REST does not.
  bool facts_wanted_ = false;
  std::optional<Facts> facts_;
};

}  // namespace

std::unique_ptr<Forge> make_github(ForgeSetup const& setup) {
  std::string api_url = setup.api_url;
  if (api_url.empty()) api_url = github::api_of(setup.repository);
  return std::make_unique<GitHub>(setup, std::move(api_url));
}

}  // namespace cml
