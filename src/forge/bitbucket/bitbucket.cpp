#include "forge/bitbucket/bitbucket.hpp"

#include <nlohmann/json.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
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
                                     .comment_limit = 32'000};

Comment comment_from(json const& object) {
  Comment comment;
  comment.id = id_at(object, {"id"});
  comment.body = text_at(object, {"content", "raw"});
  comment.url = text_at(object, {"links", "html", "href"});
  comment.created_at = text_at(object, {"created_on"});
  return comment;
}

Result<std::string> thread_path(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target)) return "/commit/" + percent_encode(commit->sha) + "/comments";
  if (auto const* pull = std::get_if<PullRequestTarget>(&target))
    return "/pullrequests/" + std::to_string(pull->number) + "/comments";
  return Error{ErrorKind::Unsupported, "Bitbucket's issue tracker ended in August 2026; use --target pr/NUMBER or commit"};
}

class Bitbucket : public Forge {
 public:
  Bitbucket(ForgeSetup const& setup, std::string api_url)
      : api_(*setup.http, std::move(api_url), setup.token, setup.repository.path),
        clock_(*setup.clock),
        notify_(setup.notify),
        web_url_(setup.repository.web_url()) {}

  std::string_view name() const override { return "bitbucket"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return web_url_; }

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

  Result<std::vector<Comment>> comments(CommentTarget const& target) override {
    CML_TRY(path, thread_path(target));
    CML_TRY(elements, api_.list(path, 100));
    std::vector<Comment> comments;
    for (json const& element : elements)
      if (element.is_object() && !element.value("deleted", false)) comments.push_back(comment_from(element));
    return comments;
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(path, thread_path(target));
    HttpRequest const post = api_.request("POST", path, {{"content", {{"raw", body}}}}, Repeat::Unsafe);
    auto const read = [&](Result<HttpResponse> const& answer) -> Result<Comment> {
      CML_TRY(created, api_.read(post, answer));
      return comment_from(created);
    };
    return create_once({api_.http(), clock_, notify_, post, api_.request("GET", path), body, read,
                        [&] { return comments(target); }});
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment, std::string const& body) override {
    CML_TRY(path, thread_path(target));
    CML_TRY(updated, api_.call(api_.request("PUT", path + "/" + comment.id, {{"content", {{"raw", body}}}}, Repeat::Safe)));
    Comment result = comment_from(updated);
    return result.url.empty() ? comment : result;  // The answer for commits may be empty.
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
    json const body{{"type", "build"}, {"key", "cml-" + sha256_hex(check.title).substr(0, 32)}, {"state", state}, {"name", check.title},
                    {"description", one_line(check.summary, 250)}, {"url", url}};
    CML_TRY(created, api_.call(api_.request("POST", "/commit/" + percent_encode(check.sha) + "/statuses/build", body, Repeat::Safe)));
    return url;
  }

  // Downloads are named by content, so a second upload replaces a file with itself.
  Result<std::vector<std::string>> upload_assets(std::vector<AssetFile> const& files) override {
    std::vector<HttpRequest> requests;
    std::vector<std::string> urls;
    for (AssetFile const& file : files) {
      std::string const name = "cml-" + file.sha256 + extension_of(file);
      Multipart multipart = multipart_file("files", name, file);
      HttpRequest request = api_.request("POST", "/downloads");
      request.headers.emplace_back("Content-Type", multipart.content_type);
      request.body = std::move(multipart.body);
      request.timeout = std::chrono::seconds(300);
      requests.push_back(std::move(request));
      urls.push_back(web_url_ + "/downloads/" + name);
    }
    CML_TRY(answers, send_uploads(api_.http(), requests, files, bitbucket::explain));
    return urls;
  }

 private:
  Api api_;
  Clock& clock_;
  std::function<void(std::string const&)> notify_;
  std::string web_url_;
};

}  // namespace

std::unique_ptr<Forge> make_bitbucket(ForgeSetup const& setup) {
  return std::make_unique<Bitbucket>(setup, setup.api_url.empty() ? "https://api.bitbucket.org/2.0" : setup.api_url);
}

}  // namespace cml
