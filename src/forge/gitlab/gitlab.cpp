#include "forge/gitlab/gitlab.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "forge/create_once.hpp"
#include "forge/gitlab/api.hpp"
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
                                     .comment_limit = 999'999};  // GitLab refuses a million.

// Comments on commits are notes of discussions: only those can be changed later.
bool in_discussions(CommentTarget const& target) { return std::holds_alternative<CommitTarget>(target); }

std::string thread_path(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target))
    return "/repository/commits/" + percent_encode(commit->sha) + "/discussions";
  if (auto const* pull = std::get_if<PullRequestTarget>(&target)) return "/merge_requests/" + std::to_string(pull->number) + "/notes";
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
    name.push_back((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ? c : '-');
  return name.substr(0, 80) + "-" + file.sha256.substr(0, 12) + extension_of(file);
}

class GitLab : public Forge {
 public:
  explicit GitLab(ForgeSetup const& setup)
      : api_(*setup.http, setup.repository, setup.api_url, setup.token),
        clock_(*setup.clock),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()) {}

  std::string_view name() const override { return "gitlab"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }

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

  Result<std::vector<Comment>> comments(CommentTarget const& target) override {
    std::vector<Comment> comments;
    bool const discussions = in_discussions(target);
    CML_TRY(elements, api_.list(thread_path(target) + (discussions ? "" : "?sort=asc&order_by=created_at")));
    for (json const& element : elements) {
      if (!element.is_object()) continue;
      if (!discussions) {
        if (!element.value("system", false)) comments.push_back(comment_from(target, element, ""));
        continue;
      }
      for (json const& note : element.value("notes", json::array()))
        if (note.is_object() && !note.value("system", false)) comments.push_back(comment_from(target, note, text_at(element, {"id"})));
    }
    return comments;
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(post, api_.request("POST", thread_path(target), {{"body", body}}, Repeat::Unsafe));
    CML_TRY(probe, api_.request("GET", thread_path(target) + "?per_page=1"));
    auto const read = [&](Result<HttpResponse> const& answer) -> Result<Comment> {
      CML_TRY(created, api_.read(post, answer));
      if (!in_discussions(target)) return comment_from(target, created, "");
      json const notes = created.is_object() ? created.value("notes", json::array()) : json::array();
      return comment_from(target, notes.empty() ? json::object() : notes[0], text_at(created, {"id"}));
    };
    return create_once({api_.http(), clock_, notify_, post, probe, body, read, [&] { return comments(target); }});
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment, std::string const& body) override {
    CML_TRY(put, api_.request("PUT", comment_path(target, comment), {{"body", body}}, Repeat::Safe));
    CML_TRY(updated, api_.call(put));
    return comment_from(target, updated, in_discussions(target) ? comment.id.substr(0, comment.id.find('/')) : "");
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
    CML_TRY(created, api_.call(post));
    return web_url_ + "/-/commit/" + check.sha;
  }

  Status rerun(std::string const& run_id) override {
    std::string const path = "/pipelines/" + percent_encode(run_id);
    CML_TRY(get, api_.request("GET", path));
    CML_TRY(pipeline, api_.call(get));
    std::string const status = text_at(pipeline, {"status"});
    for (char const* step : {"/cancel", "/retry"}) {
      if (std::string_view(step) == "/cancel" && status != "running" && status != "pending") continue;
      CML_TRY(post, api_.request("POST", path + step));
      CML_TRY(done, api_.call(post));
    }
    return ok();
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
      urls.push_back(text_at(answer, {"url"}));
      if (urls.back().empty())
        return Error{ErrorKind::Network, "uploading " + files[urls.size() - 1].name + ": the forge answered without an address"};
    }
    return urls;
  }

 private:
  Comment comment_from(CommentTarget const& target, json const& note, std::string const& discussion) const {
    Comment comment;
    std::string const number = id_at(note, {"id"});
    comment.id = discussion.empty() ? number : discussion + "/" + number;
    comment.body = text_at(note, {"body"});
    comment.created_at = text_at(note, {"created_at"});
    std::string place;
    if (auto const* pull = std::get_if<PullRequestTarget>(&target)) place = "merge_requests/" + std::to_string(pull->number);
    else if (auto const* issue = std::get_if<IssueTarget>(&target)) place = "issues/" + std::to_string(issue->number);
    else place = "commit/" + std::get<CommitTarget>(target).sha;
    comment.url = web_url_ + "/-/" + place + "#note_" + number;
    return comment;
  }

  Api api_;
  Clock& clock_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
};

}  // namespace

std::unique_ptr<Forge> make_gitlab(ForgeSetup const& setup) { return std::make_unique<GitLab>(setup); }

}  // namespace cml
