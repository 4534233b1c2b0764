#include "forge/bitbucket/bitbucket.hpp"

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/author.hpp"
#include "forge/bitbucket/api.hpp"
#include "forge/create_once.hpp"
#include "forge/json_api.hpp"
#include "forge/multipart.hpp"

namespace cml {
namespace {

using bitbucket::Api;
using nlohmann::json;

// The limit is not documented; 32,768 is Data Center's.
constexpr Capabilities kCapabilities{.commit_comments = true,
                                     .issue_comments = false,
                                     .hide_comments = false,
                                     .native_assets = true,
                                     .asset_branch = false,
                                     .releases = true,
                                     .html = false,
                                     .alerts = false,
                                     .folds = false,
                                     .storing_needs = "the scope `repository:write`",
                                     .labels = false,
                                     .comment_limit = 32'000,
                                     .pull_request_limit = 32'000};

constexpr int kMaxMergeSeconds = 120;

Result<PullRequest> pull_from(HttpRequest const& asked, json const& object) {
  PullRequest pull;
  pull.number = integer_at(object, {"id"}).value_or(0);
  if (pull.number <= 0) return lacks(asked, "a pull request without a number (id)");
  CML_TRY(url, url_at(asked, object, {"links", "html", "href"}));
  pull.url = std::move(url);
  pull.source = text_at(object, {"source", "branch", "name"});
  pull.target = text_at(object, {"destination", "branch", "name"});
  pull.head_sha = sha_at(object, {"source", "commit", "hash"});
  return pull;
}

Result<ListedComment> comment_from(HttpRequest const& asked, json const& object) {
  ListedComment listed;
  Comment& comment = listed.comment;
  comment.id = id_at(object, {"id"});
  if (comment.id.empty()) return lacks(asked, "a comment without a number (id)");
  comment.body = text_at(object, {"content", "raw"});
  CML_TRY(url, url_at(asked, object, {"links", "html", "href"}));
  comment.url = std::move(url);
  comment.created_at = time_at(object, {"created_on"});
  comment.author_name = one_line(text_at(object, {"user", "display_name"}), 100);
  listed.author_id = text_at(object, {"user", "uuid"});
  std::string const type = text_at(object, {"user", "type"});  // "AppUser": an access token of a repository.
  listed.by_machine = !type.empty() && type != "user";
  return listed;
}

Result<std::string> thread_path(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target))
    return "/commit/" + percent_encode(commit->sha) + "/comments";
  if (auto const* pull = std::get_if<PullRequestTarget>(&target))
    return "/pullrequests/" + std::to_string(pull->number) + "/comments";
  return Error{ErrorKind::Unsupported,
               "Bitbucket's issue tracker ended in August 2026; use --target pr/NUMBER or commit"};
}

class Bitbucket : public Forge {
 public:
  Bitbucket(ForgeSetup const& setup, std::string api_url)
      : api_(*setup.http, std::move(api_url), setup.token, setup.repository.path),
        clock_(*setup.clock),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()),
        viewer_(
            bitbucket::is_login(setup.token) ? TokenKind::Person : TokenKind::Untold, bitbucket::explain,
            [](json const& user) { return text_at(user, {"uuid"}); }, notify_) {}

  std::string_view name() const override { return "bitbucket"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }
  Result<Access> access() override { return access_of(api_.http(), api_.request("GET", ""), bitbucket::explain); }

  Result<std::optional<long long>> pull_request_of_commit(std::string const& sha) override {
    CML_TRY(pulls, api_.list("/commit/" + percent_encode(sha) + "/pullrequests", 50));
    for (json const& pull : pulls) {
      std::string const state = text_at(pull, {"state"});  // Missing in this list's short form: then asked for.
      auto const number = integer_at(pull, {"id"});
      if (!number) continue;
      if (state == "OPEN") return number;
      if (!state.empty()) continue;
      CML_TRY(whole, api_.call(api_.request("GET", "/pullrequests/" + std::to_string(*number))));
      if (text_at(whole, {"state"}) == "OPEN") return number;
    }
    return std::optional<long long>();
  }

  Result<std::string> head_of_pull_request(long long number) override {
    CML_TRY(pull, api_.call(api_.request("GET", "/pullrequests/" + std::to_string(number))));
    return sha_at(pull, {"source", "commit", "hash"});
  }

  Result<std::vector<Comment>> comments(CommentTarget const& target, KeepComment const& keep) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const asked = api_.request("GET", path);
    return read_thread(viewer_, api_.request_at_base("GET", "/user"), keep,
                       [&](Beside* beside, TakeListed const& take) {
                         return api_.each(path, 100, beside, [&](json const& element) {
                           return true_at(element, {"deleted"}) ? ok() : take(comment_from(asked, element));
                         });
                       });
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const post = api_.request("POST", path, {{"content", {{"raw", body}}}}, Repeat::Unsafe);
    return create_once({api_.http(), clock_, notify_, post, api_.request("GET", path), body, bitbucket::explain,
                        [&](HttpRequest const& asked, json const& created) {
                          return written_by(viewer_, comment_from(asked, created));
                        },
                        [&](KeepComment const& keep) { return comments(target, keep); }});
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment,
                                 std::string const& body) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const put = api_.request("PUT", path + "/" + comment.id, {{"content", {{"raw", body}}}}, Repeat::Safe);
    CML_TRY(updated, api_.call(put));
    if (updated.is_null()) return comment;  // The answer for commits may be empty.
    CML_TRY(result, comment_from(put, updated));
    return result.comment.url.empty() ? comment : with_author_of(comment, std::move(result.comment));
  }

  Status delete_comment(CommentTarget const& target, Comment const& comment) override {
    CML_TRY(path, thread_path(target));
    auto deleted = api_.call(api_.request("DELETE", path + "/" + comment.id));
    if (!deleted && deleted.error().kind != ErrorKind::NotFound) return std::move(deleted).error();
    return ok();
  }

  // Bitbucket's natural equivalent is a build status; its key makes a second one replace the first.
  Result<std::string> create_check(Check const& check) override {
    std::string state = "INPROGRESS";
    if (check.status == Check::Status::Completed) {
      state = check.conclusion == "failure" || check.conclusion == "timed_out" ? "FAILED" : "SUCCESSFUL";
      if (check.conclusion == "cancelled") state = "STOPPED";
    }
    std::string const url = check.url.empty() ? web_url_ + "/commits/" + check.sha : check.url;
    json const body{{"type", "build"},     {"key", "cml-" + sha256_hex(check.title).substr(0, 32)}, {"state", state},
                    {"name", check.title}, {"description", one_line(check.summary, 250)},           {"url", url}};
    CML_TRY(created, api_.call(api_.request("POST", "/commit/" + percent_encode(check.sha) + "/statuses/build", body,
                                            Repeat::Safe)));
    return url;
  }

  // Bitbucket cannot repeat a pipeline; a new one for the same target is started.
  Status rerun(std::string const& run_id) override {
    CML_TRY(pipeline, api_.call(api_.request("GET", "/pipelines/" + percent_encode(run_id))));
    if (!pipeline.is_object() || !pipeline.contains("target"))
      return Error{ErrorKind::Network, "the pipeline " + run_id + " has no target in the forge's answer"};
    auto started = api_.call(api_.request("POST", "/pipelines", {{"target", pipeline["target"]}}, Repeat::Unsafe));
    return started ? ok() : Status(std::move(started).error());
  }

  Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target) override {
    CML_TRY(pulls, api_.list("/pullrequests?state=OPEN", 50));
    for (json const& element : pulls) {
      bool const own = text_at(element, {"source", "repository", "full_name"}) ==
                       text_at(element, {"destination", "repository", "full_name"});
      if (!own || text_at(element, {"source", "branch", "name"}) != source ||
          text_at(element, {"destination", "branch", "name"}) != target)
        continue;
      CML_TRY(pull, pull_from(api_.request("GET", "/pullrequests"), element));
      return std::optional(std::move(pull));
    }
    return std::optional<PullRequest>();
  }

  Result<PullRequest> create_pull_request(PullRequestDraft const& draft) override {
    json body{{"title", draft.title},
              {"description", draft.body},
              {"source", {{"branch", {{"name", draft.source}}}}},
              {"destination", {{"branch", {{"name", draft.target}}}}}};
    if (draft.draft) body["draft"] = true;
    HttpRequest const post = api_.request("POST", "/pullrequests", body, Repeat::Unsafe);
    CML_TRY(created, api_.call(post));
    return pull_from(post, created);
  }

  // Reviewers are named by account id or "{uuid}": Bitbucket has no user names any more.
  Status update_pull_request(PullRequest const& pull, PullRequestChange const& change) override {
    if (!change.title && !change.body && change.reviewers.empty()) return ok();
    std::string const path = "/pullrequests/" + std::to_string(pull.number);
    CML_TRY(now, api_.call(api_.request("GET", path)));
    json body{{"type", "pullrequest"}, {"title", change.title.value_or(text_at(now, {"title"}))}};
    if (change.body) body["description"] = *change.body;
    json reviewers = json::array();  // An update replaces the list.
    if (now.is_object() && now.contains("reviewers") && now["reviewers"].is_array())
      for (json const& one : now["reviewers"])
        if (std::string const uuid = text_at(one, {"uuid"}); !uuid.empty())
          reviewers.push_back({{"type", "user"}, {"uuid", uuid}});
    for (std::string const& name : change.reviewers)
      reviewers.push_back({{"type", "user"}, {name[0] == '{' ? "uuid" : "account_id", name}});
    if (!reviewers.empty()) body["reviewers"] = reviewers;
    auto done = api_.call(api_.request("PUT", path, body, Repeat::Safe));
    return done ? ok() : Status(std::move(done).error());
  }

  // Bitbucket cannot wait for checks (BCLOUD-14286): it is merged now, which merge checks of the repository may refuse.
  Result<std::string> merge_pull_request(PullRequest const& pull, MergeMethod method) override {
    constexpr char const* kStrategies[] = {"merge_commit", "squash", "fast_forward"};
    json const body{{"type", "pullrequest_merge_parameters"},
                    {"merge_strategy", kStrategies[static_cast<int>(method)]},
                    {"close_source_branch", true}};
    HttpRequest const post =
        api_.request("POST", "/pullrequests/" + std::to_string(pull.number) + "/merge", body, Repeat::Unsafe);
    auto const answer = api_.http().send(post);
    CML_TRY(merged, api_.read(post, answer));
    if (answer.value().status != 202) return std::string("it was merged");
    // The merge takes a while: its task tells when it is done.
    std::string const task(answer.value().header("location"));
    auto const slash = task.rfind('/');
    if (slash == std::string::npos) return std::string("Bitbucket is merging it");
    HttpRequest const get = api_.request("GET", "/pullrequests/" + std::to_string(pull.number) + "/merge/task-status/" +
                                                    percent_encode(task.substr(slash + 1)));
    for (int second = 0; second < kMaxMergeSeconds; ++second) {
      CML_TRY(state, api_.call(get));
      if (text_at(state, {"task_status"}) == "SUCCESS") return std::string("it was merged");
      clock_.sleep_for(std::chrono::seconds(1));
    }
    return Error{ErrorKind::Conflict,
                 "Bitbucket did not merge it within " + std::to_string(kMaxMergeSeconds) + " s; look at " + pull.url};
  }

  // Downloads are named by content, so a second upload replaces a file with itself.
  Result<std::vector<std::string>> upload_assets(std::vector<AssetFile> const& files) override {
    return upload_downloads("cml", files);
  }

  // Bitbucket has no releases; people put the files of one into the downloads, with its name in front.
  Result<std::vector<std::string>> put_on_release(std::string const& tag,
                                                  std::vector<AssetFile> const& files) override {
    return upload_downloads(replace_all(tag, "/", "-"), files);
  }

  bool is_own_upload(std::string_view url) const override {
    std::string const start = web_url_ + "/downloads/";
    return url.size() > start.size() && url.substr(0, start.size()) == start;
  }

 private:
  Result<std::vector<std::string>> upload_downloads(std::string const& prefix, std::vector<AssetFile> const& files) {
    std::vector<HttpRequest> requests;
    std::vector<std::string> urls;
    for (AssetFile const& file : files) {
      std::string const name = prefix + "-" + file.sha256 + extension_of(file);
      Multipart multipart = multipart_file("files", name, file);
      HttpRequest request = api_.request("POST", "/downloads");
      request.headers.emplace_back("Content-Type", multipart.content_type);
      request.body = std::move(multipart.body);
      request.timeout = std::chrono::seconds(300);
      requests.push_back(std::move(request));
      urls.push_back(web_url_ + "/downloads/" + percent_encode(name));
    }
    CML_TRY(answers, send_uploads(api_.http(), requests, files, bitbucket::explain));
    return urls;
  }

  Api api_;
  Clock& clock_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
  Viewer viewer_;
};

}  // namespace

std::unique_ptr<Forge> make_bitbucket(ForgeSetup const& setup) {
  return std::make_unique<Bitbucket>(setup, setup.api_url.empty() ? "https://api.bitbucket.org/2.0" : setup.api_url);
}

}  // namespace cml
