#include "forge/gitlab/gitlab.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/author.hpp"
#include "forge/create_once.hpp"
#include "forge/gitlab/api.hpp"
#include "forge/gitlab/release.hpp"
#include "forge/json_api.hpp"
#include "forge/multipart.hpp"

namespace cml {
namespace {

using gitlab::Api;
using nlohmann::json;

constexpr Capabilities kCapabilities{.commit_comments = true,
                                     .issue_comments = true,
                                     .hide_comments = false,
                                     .native_assets = true,
                                     .asset_branch = false,
                                     .releases = true,
                                     .runs_commands = true,
                                     .storing_needs = "the scope `api` and the role Developer",
                                     .title_in_merge_commit = true,
                                     .comment_limit = 999'999,  // GitLab refuses a million.
                                     .pull_request_limit = 999'999};
constexpr int kMergeTries = 10;  // Whether a new merge request can be merged is found out in the background.
constexpr int kMaxRebaseSeconds = 120;

Result<PullRequest> pull_from(HttpRequest const& asked, json const& object) {
  PullRequest pull;
  pull.number = integer_at(object, {"iid"}).value_or(0);
  if (pull.number <= 0) return lacks(asked, "a pull request without a number (iid)");
  CML_TRY(url, url_at(asked, object, {"web_url"}));
  pull.url = std::move(url);
  pull.source = text_at(object, {"source_branch"});
  pull.target = text_at(object, {"target_branch"});
  pull.head_sha = sha_at(object, {"sha"});
  return pull;
}

// Comments on commits are notes of discussions: only those can be changed later.
bool in_discussions(CommentTarget const& target) { return std::holds_alternative<CommitTarget>(target); }

std::string thread_path(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target))
    return "/repository/commits/" + percent_encode(commit->sha) + "/discussions";
  if (auto const* pull = std::get_if<PullRequestTarget>(&target))
    return "/merge_requests/" + std::to_string(pull->number) + "/notes";
  return "/issues/" + std::to_string(std::get<IssueTarget>(target).number) + "/notes";
}

// The id of a commit's comment is "DISCUSSION/NOTE".
std::string comment_path(CommentTarget const& target, Comment const& comment) {
  if (!in_discussions(target)) return thread_path(target) + "/" + comment.id;
  auto const slash = comment.id.find('/');
  return thread_path(target) + "/" + comment.id.substr(0, slash) + "/notes/" + comment.id.substr(slash + 1);
}

// GitLab escapes little, but blanks and brackets in a file name break its Markdown.
std::string upload_name(AssetFile const& file) {
  std::string name;
  for (char c : file.name.substr(0, file.name.rfind('.')))
    name.push_back(
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ? c : '-');
  return name.substr(0, 80) + "-" + file.sha256.substr(0, 12) + extension_of(file);
}

// Tokens of projects and groups have users of their own: "project_7_bot_1f...".
bool is_bot_of_token(std::string const& name) {
  for (std::string_view start : {"project_", "group_"}) {
    if (name.substr(0, start.size()) != start) continue;
    auto const end = name.find_first_not_of("0123456789", start.size());
    return end != std::string::npos && end > start.size() && name.substr(end, 4) == "_bot";
  }
  return false;
}

class GitLab : public Forge {
 public:
  explicit GitLab(ForgeSetup const& setup)
      : api_(*setup.http, setup.repository, setup.api_url, setup.token),
        clock_(*setup.clock),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()),
        viewer_(
            TokenKind::Untold, gitlab::explain, [](json const& user) { return id_at(user, {"id"}); }, notify_) {}

  std::string_view name() const override { return "gitlab"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }
  Result<Access> access() override {
    CML_TRY(project, api_.request("GET", ""));
    CML_TRY(reached, api_.call(project));
    Access access;
    CML_TRY(own, api_.request_at_base("GET", "/personal_access_tokens/self"));  // Not of a job's token.
    if (auto const token = api_.call(own); token && token->contains("scopes") && (*token)["scopes"].is_array())
      for (json const& scope : (*token)["scopes"])
        if (scope.is_string()) access.scopes.push_back(clean_line(scope.get<std::string>(), 60));
    if (!access.scopes.empty())
      access.writes = std::find(access.scopes.begin(), access.scopes.end(), "api") != access.scopes.end();
    return access;
  }

  Result<std::optional<long long>> pull_request_of_commit(std::string const& sha) override {
    CML_TRY(requests, api_.list("/repository/commits/" + percent_encode(sha) + "/merge_requests"));
    std::optional<long long> any;
    for (json const& request : requests) {
      auto const number = integer_at(request, {"iid"});
      if (!number || text_at(request, {"state"}) != "opened") continue;
      if (text_at(request, {"sha"}) == sha) return number;
      if (!any) any = number;
    }
    return any;
  }

  Result<std::string> head_of_pull_request(long long number) override {
    CML_TRY(get, api_.request("GET", "/merge_requests/" + std::to_string(number)));
    CML_TRY(request, api_.call(get));
    return sha_at(request, {"sha"});
  }

  Result<std::vector<Comment>> comments(CommentTarget const& target, KeepComment const& keep) override {
    bool const discussions = in_discussions(target);
    CML_TRY(asked, api_.request("GET", thread_path(target)));
    CML_TRY(question, api_.request_at_base("GET", "/user"));
    return read_thread(viewer_, question, keep, [&](Beside* beside, TakeListed const& take) {
      auto const add = [&](json const& note, std::string const& discussion) {
        return true_at(note, {"system"}) ? ok() : take(comment_from(asked, target, note, discussion));
      };
      std::string const path = thread_path(target) + (discussions ? "" : "?sort=asc&order_by=created_at");
      return api_.each(path, beside, [&](json const& element) -> Status {
        if (!discussions) return add(element, "");
        json const notes = notes_of(element);
        for (json const& note : notes) CML_CHECK_OK(add(note, text_at(element, {"id"})));
        return ok();
      });
    });
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(post, api_.request("POST", thread_path(target), {{"body", body}}, Repeat::Unsafe));
    CML_TRY(probe, api_.request("GET", thread_path(target) + "?per_page=1"));
    auto const read = [&](HttpRequest const& asked, json const& created) -> Result<Comment> {
      json const notes = in_discussions(target) ? notes_of(created) : json::array({created});
      std::string const discussion = in_discussions(target) ? text_at(created, {"id"}) : "";
      if (created.is_object() && created.contains("commands_changes") && !created.contains("id"))
        return Error{ErrorKind::BadInput, "POST " + safe_url(asked.url) +
                                              ": GitLab ran the text as commands to itself (lines like \"/close\") and "
                                              "posted nothing; put such lines into a code block"};
      return written_by(viewer_, comment_from(asked, target, notes.empty() ? json::object() : notes[0], discussion));
    };
    return create_once({api_.http(), clock_, notify_, post, probe, body, gitlab::explain, read,
                        [&](KeepComment const& keep) { return comments(target, keep); }});
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment,
                                 std::string const& body) override {
    CML_TRY(put, api_.request("PUT", comment_path(target, comment), {{"body", body}}, Repeat::Safe));
    CML_TRY(updated, api_.call(put));
    std::string const discussion = in_discussions(target) ? comment.id.substr(0, comment.id.find('/')) : "";
    CML_TRY(result, comment_from(put, target, updated, discussion));
    return with_author_of(comment, std::move(result.comment));
  }

  Status delete_comment(CommentTarget const& target, Comment const& comment) override {
    CML_TRY(request, api_.request("DELETE", comment_path(target, comment)));
    auto deleted = api_.call(request);
    if (!deleted && deleted.error().kind != ErrorKind::NotFound) return std::move(deleted).error();
    return ok();
  }

  // GitLab's natural equivalent is a commit status; its description holds 255 characters.
  Result<std::string> create_check(Check const& check) override {
    std::string state = check.status == Check::Status::Queued ? "pending" : "running";
    if (check.status == Check::Status::Completed) {
      state = check.conclusion == "failure" || check.conclusion == "timed_out" ? "failed" : "success";
      if (check.conclusion == "cancelled") state = "canceled";
    }
    json body{{"state", state}, {"name", check.title}, {"description", one_line(check.summary, 250)}};
    if (!check.url.empty()) body["target_url"] = check.url;
    CML_TRY(post, api_.request("POST", "/statuses/" + percent_encode(check.sha), body, Repeat::Safe));
    auto created = api_.call(post);
    // A status that says so already is no error: "Cannot transition status via :run from :running".
    bool const same = !created && contains(created.error().message, "Cannot transition status") &&
                      contains(created.error().message, "from :" + state);
    if (!created && !same) return std::move(created).error();
    return web_url_ + "/-/commit/" + check.sha;
  }

  Status rerun(std::string const& run_id) override {
    std::string const path = "/pipelines/" + percent_encode(run_id);
    CML_TRY(get, api_.request("GET", path));
    CML_TRY(pipeline, api_.call(get));
    auto const under_way = [](json const& one) {
      return text_at(one, {"status"}) == "running" || text_at(one, {"status"}) == "pending";
    };
    if (under_way(pipeline)) {
      CML_TRY(cancel, api_.request("POST", path + "/cancel"));
      CML_TRY(cancelled, api_.call(cancel));
    }
    CML_TRY(retry, api_.request("POST", path + "/retry"));
    return start_once(api_.http(), retry, gitlab::explain, [&]() -> Result<bool> {
      CML_TRY(now, api_.call(get));
      return under_way(now);
    });
  }

  Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target) override {
    CML_TRY(requests, api_.list("/merge_requests?state=opened&source_branch=" + percent_encode(source) +
                                "&target_branch=" + percent_encode(target)));
    for (json const& element : requests) {
      bool const own = integer_at(element, {"source_project_id"}) == integer_at(element, {"target_project_id"});
      if (!own || text_at(element, {"source_branch"}) != source || text_at(element, {"target_branch"}) != target)
        continue;
      CML_TRY(asked, api_.request("GET", "/merge_requests"));
      CML_TRY(pull, pull_from(asked, element));
      return std::optional(std::move(pull));
    }
    return std::optional<PullRequest>();
  }

  // A draft is one whose title says so.
  Result<PullRequest> create_pull_request(PullRequestDraft const& draft) override {
    json const body{{"source_branch", draft.source},
                    {"target_branch", draft.target},
                    {"title", (draft.draft ? "Draft: " : "") + draft.title},
                    {"description", draft.body}};
    CML_TRY(post, api_.request("POST", "/merge_requests", body, Repeat::Unsafe));
    CML_TRY(created, api_.call(post));
    return pull_from(post, created);
  }

  Status update_pull_request(PullRequest const& pull, PullRequestChange const& change) override {
    json body = json::object();
    if (change.title) body["title"] = *change.title;
    if (change.body) body["description"] = *change.body;
    if (!change.labels.empty()) body["add_labels"] = change.labels;
    if (!change.reviewers.empty()) {
      json ids = json::array();
      for (std::string const& name : change.reviewers) {
        CML_TRY(get, api_.request_at_base("GET", "/users?username=" + percent_encode(name)));
        CML_TRY(users, api_.call(get));
        auto const id = users.is_array() && !users.empty() ? integer_at(users[0], {"id"}) : std::nullopt;
        if (!id)
          return Error{ErrorKind::NotFound,
                       "GitLab knows no user \"" + one_line(name, 60) + "\" to review; check --reviewer"};
        ids.push_back(*id);
      }
      body["reviewer_ids"] = ids;
    }
    if (body.empty()) return ok();
    CML_TRY(put, api_.request("PUT", "/merge_requests/" + std::to_string(pull.number), body, Repeat::Safe));
    auto done = api_.call(put);
    return done ? ok() : Status(std::move(done).error());
  }

  // "auto_merge" is the name since 17.11, "merge_when_pipeline_succeeds" the one before. Without a pipeline to wait for
  // GitLab refuses both; then it is merged now.
  Result<std::string> merge_pull_request(PullRequest const& pull, MergeMethod method) override {
    std::string const path = "/merge_requests/" + std::to_string(pull.number);
    if (method == MergeMethod::Rebase) CML_CHECK_OK(rebase(path));
    std::optional<Error> refusal;
    for (bool const later : {true, false}) {
      json body{{"squash", method == MergeMethod::Squash}};
      if (later) body["auto_merge"] = body["merge_when_pipeline_succeeds"] = true;
      CML_TRY(put, api_.request("PUT", path + "/merge", body, Repeat::Safe));
      for (int attempt = 1; attempt <= kMergeTries; ++attempt) {
        auto const answer = api_.http().send(put);
        auto done = api_.read(put, answer);
        if (done)
          return std::string(text_at(*done, {"state"}) == "merged" ? "it was merged"
                                                                   : "it will be merged when its pipeline succeeds");
        refusal = std::move(done).error();
        bool const not_yet =
            answer && (answer.value().status == 405 || answer.value().status == 406 || answer.value().status == 422);
        if (!not_yet) return *refusal;
        clock_.sleep_for(std::chrono::milliseconds(later ? 100 * (1 << std::min(attempt, 6)) : 250));
        if (!later && attempt == 3) break;
      }
      if (later && notify_) notify_("auto-merge is not possible (" + refusal->message + "); merging now");
    }
    return *refusal;
  }

  Result<std::vector<std::string>> upload_assets(std::vector<AssetFile> const& files) override {
    std::vector<HttpRequest> requests;
    for (AssetFile const& file : files) {
      CML_TRY(request, api_.request("POST", "/uploads"));
      Multipart multipart = multipart_file("file", upload_name(file), file);
      request.headers.emplace_back("Content-Type", multipart.content_type);
      request.body = std::move(multipart.body);
      request.timeout = std::chrono::seconds(300);
      requests.push_back(std::move(request));  // Safe to repeat: one more copy at worst.
    }
    CML_TRY(answers, send_uploads(api_.http(), requests, files, gitlab::explain));
    std::vector<std::string> urls;
    for (json const& answer : answers) {
      // "/uploads/HASH/NAME": counts from the project in every comment of it, on every version.
      std::string const url = text_at(answer, {"url"});
      if (url.substr(0, 1) != "/" || url.substr(0, 2) == "//" || !is_web_url(web_url_ + url))
        return lacks(requests[urls.size()], "no path in url").while_doing("uploading " + files[urls.size()].name);
      urls.push_back(url);
    }
    return urls;
  }

  Result<std::vector<std::string>> put_on_release(std::string const& tag,
                                                  std::vector<AssetFile> const& files) override {
    return gitlab::put_on_release(api_, web_url_, tag, files);
  }

  bool is_own_upload(std::string_view url) const override {
    return url.substr(0, 9) == "/uploads/" && !contains(url, "..");
  }

 private:
  Status rebase(std::string const& path) {
    CML_TRY(put, api_.request("PUT", path + "/rebase"));
    if (auto started = api_.call(put); !started) return std::move(started).error();
    CML_TRY(get, api_.request("GET", path + "?include_rebase_in_progress=true"));
    for (int second = 0; second < kMaxRebaseSeconds; ++second) {
      CML_TRY(state, api_.call(get));
      if (std::string const error = text_at(state, {"merge_error"}); !error.empty())
        return Error{ErrorKind::Conflict, "GitLab could not rebase it: " + said(get, error)};
      if (!true_at(state, {"rebase_in_progress"})) return ok();
      clock_.sleep_for(std::chrono::seconds(1));
    }
    return Error{ErrorKind::Conflict, "GitLab did not rebase it within " + std::to_string(kMaxRebaseSeconds) + " s"};
  }

  static json notes_of(json const& discussion) {
    bool const has = discussion.is_object() && discussion.contains("notes") && discussion["notes"].is_array();
    return has ? discussion["notes"] : json::array();
  }

  Result<ListedComment> comment_from(HttpRequest const& asked, CommentTarget const& target, json const& note,
                                     std::string const& discussion) const {
    ListedComment listed;
    Comment& comment = listed.comment;
    std::string const number = id_at(note, {"id"});
    if (number.empty()) return lacks(asked, "a comment without a number (id)");
    comment.id = discussion.empty() ? number : percent_encode(discussion) + "/" + number;
    comment.body = text_at(note, {"body"});
    comment.created_at = time_at(note, {"created_at"});
    std::string place;
    if (auto const* pull = std::get_if<PullRequestTarget>(&target))
      place = "merge_requests/" + std::to_string(pull->number);
    else if (auto const* issue = std::get_if<IssueTarget>(&target))
      place = "issues/" + std::to_string(issue->number);
    else
      place = "commit/" + std::get<CommitTarget>(target).sha;
    comment.url = web_url_ + "/-/" + place + "#note_" + number;
    comment.author_name = one_line(text_at(note, {"author", "username"}), 100);
    listed.author_id = id_at(note, {"author", "id"});
    listed.by_machine = is_bot_of_token(comment.author_name);
    return listed;
  }

  Api api_;
  Clock& clock_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
  Viewer viewer_;
};

}  // namespace

std::unique_ptr<Forge> make_gitlab(ForgeSetup const& setup) { return std::make_unique<GitLab>(setup); }

}  // namespace cml
