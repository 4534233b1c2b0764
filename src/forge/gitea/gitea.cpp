#include "forge/gitea/gitea.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "forge/author.hpp"
#include "forge/create_once.hpp"
#include "forge/gitea/api.hpp"
#include "forge/gitea/asset_branch.hpp"
#include "forge/gitea/files.hpp"
#include "forge/json_api.hpp"

namespace cml {
namespace {

using gitea::Api;
using nlohmann::json;

// The length of a comment is bounded by the database alone.
constexpr Capabilities kCapabilities{.commit_comments = false,
                                     .issue_comments = true,
                                     .hide_comments = false,
                                     .native_assets = false,
                                     .asset_branch = true,
                                     .releases = true,
                                     .attachments = true,
                                     .attachments_need_thread = true,
                                     .storing_needs = "the scope `write:repository`",
                                     .comment_limit = 1'000'000};
constexpr int kSearchedPulls = 8;  // So many, the newest, are searched for a commit.
constexpr int kMergeTries = 10;    // Whether a new pull request can be merged is found out in the background.

Result<ListedComment> comment_from(HttpRequest const& asked, json const& object) {
  ListedComment listed;
  Comment& comment = listed.comment;
  comment.id = id_at(object, {"id"});
  if (comment.id.empty()) return lacks(asked, "a comment without a number (id)");
  comment.body = text_at(object, {"body"});
  CML_TRY(url, url_at(asked, object, {"html_url"}));
  comment.url = std::move(url);
  comment.created_at = time_at(object, {"created_at"});
  comment.author_name = one_line(text_at(object, {"user", "login"}), 100);
  listed.author_id = id_at(object, {"user", "id"});
  listed.by_machine = comment.author_name == "gitea-actions" || comment.author_name == "forgejo-actions";
  // Of a repository that was moved here: whoever moved it stands for all who wrote there.
  if (std::string const original = text_at(object, {"original_author"}); !original.empty()) {
    comment.author_name = one_line(original, 100);
    listed.author_id.clear();
    listed.by_machine = false;
  }
  return listed;
}

Result<PullRequest> pull_from(HttpRequest const& asked, json const& object) {
  PullRequest pull;
  pull.number = integer_at(object, {"number"}).value_or(0);
  if (pull.number <= 0) return lacks(asked, "a pull request without a number (number)");
  CML_TRY(url, url_at(asked, object, {"html_url"}));
  pull.url = std::move(url);
  pull.source = text_at(object, {"head", "ref"});
  pull.target = text_at(object, {"base", "ref"});
  pull.head_sha = sha_at(object, {"head", "sha"});
  return pull;
}

// Pull requests are issues here, and commits have no threads.
Result<std::string> issue_path(CommentTarget const& target) {
  if (auto const* pull = std::get_if<PullRequestTarget>(&target)) return "/issues/" + std::to_string(pull->number);
  if (auto const* issue = std::get_if<IssueTarget>(&target)) return "/issues/" + std::to_string(issue->number);
  return Error{ErrorKind::Unsupported,
               "Gitea's API has no comments on commits; use --target pr, pr/NUMBER or issue/NUMBER"};
}

Result<std::string> thread_path(CommentTarget const& target) {
  CML_TRY(issue, issue_path(target));
  return issue + "/comments";
}

class Gitea : public Forge {
 public:
  Gitea(ForgeSetup const& setup, std::string api_url, std::string owner_and_name)
      : api_(*setup.http, std::move(api_url), setup.token, std::move(owner_and_name)),
        clock_(*setup.clock),
        random_(*setup.random),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()),
        viewer_(
            TokenKind::Untold, gitea::explain, [](json const& user) { return id_at(user, {"id"}); }, notify_) {}

  std::string_view name() const override { return "gitea"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }
  Result<Access> access() override { return access_of(api_.http(), api_.request("GET", ""), gitea::explain); }

  // The open one whose head the commit is, also one from a fork; else what the server says, where it answers for open
  // ones (Gitea does for merged ones only); else the newest of those that contain the commit.
  Result<std::optional<long long>> pull_request_of_commit(std::string const& sha) override {
    CML_TRY(pulls, api_.list("/pulls?state=open&sort=recentupdate"));
    for (json const& pull : pulls)
      if (text_at(pull, {"head", "sha"}) == sha) return integer_at(pull, {"number"});
    if (pulls.empty()) return std::optional<long long>();
    auto const told = api_.call(api_.request("GET", "/commits/" + percent_encode(sha) + "/pull"));
    if (told && text_at(*told, {"state"}) == "open") return integer_at(*told, {"number"});
    if (!told && told.error().kind != ErrorKind::NotFound) return Error(told.error());
    return newest_with_commit(pulls, sha);
  }

  Result<std::string> head_of_pull_request(long long number) override {
    CML_TRY(pull, api_.call(api_.request("GET", "/pulls/" + std::to_string(number))));
    return sha_at(pull, {"head", "sha"});
  }

  Result<std::vector<Comment>> comments(CommentTarget const& target, KeepComment const& keep) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const asked = api_.request("GET", path);
    return read_thread(
        viewer_, api_.request_at_base("GET", "/user"), keep, [&](Beside* beside, TakeListed const& take) {
          return api_.each(path, beside, [&](json const& element) { return take(comment_from(asked, element)); });
        });
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const post = api_.request("POST", path, {{"body", body}}, Repeat::Unsafe);
    return create_once({api_.http(), clock_, notify_, post, api_.request("GET", path + "?limit=1"), body,
                        gitea::explain,
                        [&](HttpRequest const& asked, json const& created) {
                          return written_by(viewer_, comment_from(asked, created));
                        },
                        [&](KeepComment const& keep) { return comments(target, keep); }});
  }

  Result<Comment> update_comment(CommentTarget const&, Comment const& comment, std::string const& body) override {
    HttpRequest const patch = api_.request("PATCH", "/issues/comments/" + comment.id, {{"body", body}}, Repeat::Safe);
    CML_TRY(updated, api_.call(patch));
    CML_TRY(result, comment_from(patch, updated));
    return with_author_of(comment, std::move(result.comment));
  }

  Status delete_comment(CommentTarget const&, Comment const& comment) override {
    auto deleted = api_.call(api_.request("DELETE", "/issues/comments/" + comment.id));
    if (!deleted && deleted.error().kind != ErrorKind::NotFound) return std::move(deleted).error();
    return ok();
  }

  // Gitea has no check runs; a commit status is its equivalent, and a second one of the same name replaces the first.
  Result<std::string> create_check(Check const& check) override {
    std::string state = "pending";
    if (check.status == Check::Status::Completed) {
      state = check.conclusion == "success" ? "success" : "warning";
      if (check.conclusion == "failure" || check.conclusion == "timed_out") state = "failure";
      if (check.conclusion == "cancelled") state = "error";
    }
    json body{{"state", state}, {"context", check.title}, {"description", one_line(check.summary, 250)}};
    if (!check.url.empty()) body["target_url"] = check.url;
    CML_TRY(created, api_.call(api_.request("POST", "/statuses/" + percent_encode(check.sha), body, Repeat::Safe)));
    return web_url_ + "/commit/" + check.sha;
  }

  Status rerun(std::string const& run_id) override {
    std::string const path = "/actions/runs/" + percent_encode(run_id);
    CML_TRY(run, api_.call(api_.request("GET", path)));  // Tells a wrong number from a server without the operation.
    auto started =
        start_once(api_.http(), api_.request("POST", path + "/rerun"), gitea::explain, [&]() -> Result<bool> {
          CML_TRY(now, api_.call(api_.request("GET", path)));
          return text_at(now, {"status"}) != "completed";
        });
    if (started) return ok();
    Error error = std::move(started).error();
    if (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported)
      return Error{ErrorKind::Unsupported, "this server's API cannot run a workflow again (" + error.message +
                                               "); use the button on the run's page"};
    return error;
  }

  Result<std::vector<std::string>> put_on_branch(std::string const& branch,
                                                 std::vector<AssetFile> const& files) override {
    return gitea::put_on_branch(api_, clock_, random_, web_url_, branch, files);
  }

  Result<std::vector<std::string>> put_on_release(std::string const& tag,
                                                  std::vector<AssetFile> const& files) override {
    return gitea::put_on_release(api_, tag, files);
  }

  Result<std::vector<std::string>> upload_attachments(std::vector<AssetFile> const& files,
                                                      std::optional<CommentTarget> const& thread) override {
    if (!thread)
      return Error{
          ErrorKind::Usage,
          "Gitea attaches files to a pull request or an issue, and there is none here; use --publish-to branch"};
    CML_TRY(issue, issue_path(*thread));
    return gitea::attach(api_, issue, files);
  }

  Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target) override {
    CML_TRY(pulls, api_.list("/pulls?state=open"));
    for (json const& element : pulls) {
      bool const same_repository = integer_at(element, {"head", "repo_id"}) == integer_at(element, {"base", "repo_id"});
      if (!same_repository || text_at(element, {"head", "ref"}) != source ||
          text_at(element, {"base", "ref"}) != target)
        continue;
      CML_TRY(pull, pull_from(api_.request("GET", "/pulls"), element));
      return std::optional(std::move(pull));
    }
    return std::optional<PullRequest>();
  }

  // A draft is one whose title says so.
  Result<PullRequest> create_pull_request(PullRequestDraft const& draft) override {
    json const body{{"head", draft.source},
                    {"base", draft.target},
                    {"title", (draft.draft ? "WIP: " : "") + draft.title},
                    {"body", draft.body}};
    HttpRequest const post = api_.request("POST", "/pulls", body, Repeat::Unsafe);
    CML_TRY(created, api_.call(post));
    return pull_from(post, created);
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
    if (!change.reviewers.empty())
      requests.push_back(api_.request("POST", "/pulls/" + number + "/requested_reviewers",
                                      {{"reviewers", change.reviewers}}, Repeat::Safe));
    return call_in_turn(api_.http(), requests, gitea::explain);
  }

  Result<std::string> merge_pull_request(PullRequest const& pull, MergeMethod method) override {
    constexpr char const* kMethods[] = {"merge", "squash", "rebase"};
    json const body{{"Do", kMethods[static_cast<int>(method)]}, {"merge_when_checks_succeed", true}};
    HttpRequest const post =
        api_.request("POST", "/pulls/" + std::to_string(pull.number) + "/merge", body, Repeat::Safe);
    for (int attempt = 1;; ++attempt) {
      auto const answer = api_.http().send(post);
      auto done = api_.read(post, answer);
      bool const scheduled_before =
          answer && answer.value().status == 409 && contains(to_lower(answer.value().body), "already scheduled");
      if (scheduled_before) return std::string("it will be merged when its checks succeed, as was asked before");
      if (done)
        return std::string(answer.value().status == 201 ? "it will be merged when its checks succeed"
                                                        : "it was merged");
      bool const not_yet = answer && (answer.value().status == 405 || answer.value().status == 409) &&
                           contains(to_lower(answer.value().body), "try again");
      if (!not_yet || attempt == kMergeTries) return std::move(done).error();
      clock_.sleep_for(std::chrono::milliseconds(250 * attempt));
    }
  }

 private:
  Result<std::optional<long long>> newest_with_commit(std::vector<json> const& pulls, std::string const& sha) {
    std::vector<HttpRequest> requests;
    for (std::size_t i = 0; i < std::min<std::size_t>(pulls.size(), kSearchedPulls); ++i)
      requests.push_back(api_.request(
          "GET", "/pulls/" + id_at(pulls[i], {"number"}) + "/commits?limit=50&verification=false&files=false"));
    auto const answers = api_.http().send_all(requests, kSearchedPulls);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      CML_TRY(commits, api_.read(requests[i], answers[i]));
      if (!commits.is_array()) continue;
      for (json const& commit : commits)
        if (text_at(commit, {"sha"}) == sha) return integer_at(pulls[i], {"number"});
    }
    return std::optional<long long>();
  }

  Api api_;
  Clock& clock_;
  Random& random_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
  Viewer viewer_;
};

}  // namespace

// The last two parts of the path are the repository, what stands before is the installation's sub-path.
std::unique_ptr<Forge> make_gitea(ForgeSetup const& setup) {
  gitea::Place const place = gitea::place_of(setup.repository.path);
  std::string api_url = setup.api_url;
  if (api_url.empty())
    api_url = setup.repository.scheme + "://" + setup.repository.authority + place.sub_path + "/api/v1";
  return std::make_unique<Gitea>(setup, std::move(api_url), place.repository);
}

}  // namespace cml
