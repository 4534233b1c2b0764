#include "forge/github/thread.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/github/documents.hpp"
#include "forge/pages.hpp"

namespace cml::github {
namespace {

using nlohmann::json;
constexpr std::size_t kPage = 100;
constexpr int kParallelPages = 12;
constexpr std::size_t kAtOnce = 24;  // Pages that are asked for before the first of them is read.

// By number, which is also their order.
using Numbered = std::map<long long, Comment>;

json const& child(json const& object, char const* key) {
  static json const kNone;
  return object.is_object() && object.contains(key) ? object[key] : kNone;
}

// What GraphQL says of a comment that REST does not.
Status judge(HttpRequest const& asked, json const& node, Comment& comment) {
  json const& mine = child(node, "viewerDidAuthor");
  if (!mine.is_boolean()) return lacks(asked, "a comment without its author (viewerDidAuthor)");
  comment.author = mine.get<bool>() ? Comment::Author::Me : Comment::Author::Other;
  comment.editable = true_at(node, {"viewerCanUpdate"});
  comment.hidden = true_at(node, {"isMinimized"});
  return ok();
}

// The number stands in the address ("#issuecomment-12"): "databaseId" ends at 31 bits, where GitHub's comments do not,
// and older servers lack "fullDatabaseId".
Result<std::pair<long long, Comment>> comment_of(HttpRequest const& asked, json const& node) {
  Comment comment;
  CML_TRY(url, needed_url_at(asked, node, {"url"}));
  auto const before = url.find_last_not_of("0123456789");
  auto const number = parse_integer(url.substr(before + 1));
  if (!number || *number < 1 || !contains(url.substr(0, before + 1), "#"))
    return lacks(asked, "a comment without a number (url)");
  comment.id = std::to_string(*number);
  comment.url = std::move(url);
  comment.body = text_at(node, {"body"});
  comment.node_id = text_at(node, {"id"});
  comment.created_at = time_at(node, {"createdAt"});
  comment.author_name = one_line(text_at(node, {"author", "login"}), 100);
  CML_CHECK_OK(judge(asked, node, comment));
  return std::pair(*number, std::move(comment));
}

class Thread {
 public:
  Thread(Api const& api, CommentTarget const& target, KeepComment const& keep)
      : api_(api), target_(target), keep_(keep) {}

  Result<std::vector<Comment>> read(Beside* beside, ThreadMemory& memory) {
    HttpRequest const newest = query("last");
    auto const answer = send_first(api_.http(), newest, beside);
    CML_CHECK_OK(pages_.ask(newest));
    CML_TRY(older, take_query(newest, answer));
    if (older > 0 && !knows_older(memory)) CML_CHECK_OK(read_older(older));
    CML_CHECK_OK(judge_listed());
    memory = {thread_path(target_), newest_, kept_.empty() ? 0 : kept_.begin()->first, !kept_.empty()};
    std::vector<Comment> comments;
    for (auto& [number, comment] : kept_) comments.push_back(std::move(comment));
    return comments;
  }

 private:
  // The hundred comments at one end: "first" or "last".
  HttpRequest query(char const* end) const {
    auto const slash = api_.repository().find('/');
    json variables{{"owner", api_.repository().substr(0, slash)},
                   {"name", api_.repository().substr(slash == std::string::npos ? 0 : slash + 1)},
                   {end, kPage}};
    if (auto const* commit = std::get_if<CommitTarget>(&target_)) {
      variables["sha"] = commit->sha;
      return api_.graphql_request(kCommitThread, variables, Repeat::Safe);
    }
    auto const* pull = std::get_if<PullRequestTarget>(&target_);
    variables["number"] = pull != nullptr ? pull->number : std::get<IssueTarget>(target_).number;
    return api_.graphql_request(kThread, variables, Repeat::Safe);
  }

  // The newest hundred reach back to what was seen, and hold all that was wanted of it.
  bool knows_older(ThreadMemory const& memory) const {
    return keep_ && memory.path == thread_path(target_) && first_ <= memory.newest &&
           (!memory.kept_any || memory.oldest_kept >= first_);
  }

  // How many comments the thread has before those of the answer.
  Result<std::size_t> take_query(HttpRequest const& asked, Result<HttpResponse> const& answer) {
    if (answer) CML_CHECK_OK(pages_.take(asked, answer.value()));
    CML_TRY(data, api_.read_graphql(asked, answer));
    bool const commit = std::holds_alternative<CommitTarget>(target_);
    json const& holder = child(child(data, "repository"), commit ? "object" : "issueOrPullRequest");
    if (holder.is_null())
      return Error{ErrorKind::NotFound, "POST " + safe_url(asked.url) + ": there is no " + describe(target_)};
    viewer_ = text_at(data, {"viewer", "login"});
    json const &connection = child(holder, "comments"), &nodes = child(connection, "nodes");
    auto const total = integer_at(connection, {"totalCount"});
    if (!nodes.is_array() || !total || *total < 0) return lacks(asked, "no comments (nodes, totalCount)");
    for (json const& node : nodes) {
      CML_TRY(numbered, comment_of(asked, node));
      listed_.erase(numbered.first);
      first_ = std::min(first_, numbered.first), newest_ = std::max(newest_, numbered.first);
      if (!keep_ || keep_(numbered.second)) kept_.insert_or_assign(numbered.first, std::move(numbered.second));
    }
    if (!true_at(connection, {"pageInfo", "hasPreviousPage"})) return std::size_t{0};
    return std::max<std::size_t>(static_cast<std::size_t>(*total), nodes.size() + 1) - nodes.size();
  }

  Status take_listed(HttpRequest const& asked, Result<HttpResponse> const& answer) {
    if (answer) CML_CHECK_OK(pages_.take(asked, answer.value()));
    CML_TRY(page, api_.read(asked, answer));
    if (!page.is_array()) return lacks(asked, "no list");
    for (json const& element : page) {
      CML_TRY(listed, comment_from(asked, element));
      long long const number = integer_at(element, {"id"}).value_or(0);
      Comment& comment = listed.comment;
      if (keep_ && !keep_(comment)) continue;
      bool const mine = !viewer_.empty() && comment.author_name == viewer_;
      comment.author = mine ? Comment::Author::Me : Comment::Author::Other;
      if (kept_.emplace(number, std::move(comment)).second && keep_) listed_.insert(number);
    }
    return ok();
  }

  // The oldest hundred by a query, as the comment that is looked for most often stands there; all of them by pages.
  Status read_older(std::size_t count) {
    std::size_t const pages = (count + kPage - 1) / kPage;
    HttpRequest const oldest = query("first");
    CML_CHECK_OK(pages_.expect(oldest, pages));
    std::vector<HttpRequest> group{oldest};
    for (std::size_t page = 1; page <= pages || !group.empty();) {
      for (; page <= pages && group.size() < kAtOnce; ++page) {
        group.push_back(api_.request(
            "GET", thread_path(target_) + "?per_page=" + std::to_string(kPage) + "&page=" + std::to_string(page)));
        CML_CHECK_OK(pages_.ask(group.back()));
      }
      auto const answers = api_.http().send_all(group, kParallelPages);
      for (std::size_t i = 0; i < group.size(); ++i) {
        if (group[i].method == "GET")
          CML_CHECK_OK(take_listed(group[i], answers[i]));
        else if (auto taken = take_query(group[i], answers[i]); !taken)
          return std::move(taken).error();
      }
      group.clear();
    }
    return ok();
  }

  // The wanted ones that came by pages alone: are they ours for certain, may they be changed, are they hidden?
  Status judge_listed() {
    std::vector<long long> const numbers(listed_.begin(), listed_.end());
    std::vector<HttpRequest> requests;
    for (std::size_t i = 0; i < numbers.size(); i += kPage) {
      json ids = json::array();
      for (std::size_t k = i; k < std::min(i + kPage, numbers.size()); ++k) ids.push_back(kept_[numbers[k]].node_id);
      requests.push_back(api_.graphql_request(kAuthors, {{"ids", ids}}, Repeat::Safe));
    }
    auto const answers = api_.http().send_all(requests, kParallelPages);
    for (std::size_t r = 0; r < requests.size(); ++r) {
      // A comment that was deleted meanwhile is an error beside the data of the others.
      CML_TRY(answer, api_.read(requests[r], answers[r]));
      json const& nodes = child(child(answer, "data"), "nodes");
      std::size_t const begin = r * kPage, count = std::min(kPage, numbers.size() - begin);
      if (!nodes.is_array() || nodes.size() != count) {
        CML_TRY(refused, api_.read_graphql(requests[r], answers[r]));
        return lacks(requests[r], "no comments (nodes)");
      }
      for (std::size_t k = 0; k < count; ++k) {
        if (nodes[k].is_null())
          kept_.erase(numbers[begin + k]);
        else
          CML_CHECK_OK(judge(requests[r], nodes[k], kept_[numbers[begin + k]]));
      }
    }
    return ok();
  }

  Api const& api_;
  CommentTarget const& target_;
  KeepComment const& keep_;
  Pages pages_;
  Numbered kept_;
  std::set<long long> listed_;  // Of those, the ones that GraphQL has more to say of.
  std::string viewer_;          // Who the token is.
  long long first_ = std::numeric_limits<long long>::max(), newest_ = 0;  // Of the queries' comments.
};

}  // namespace

std::string thread_path(CommentTarget const& target) {
  if (auto const* commit = std::get_if<CommitTarget>(&target))
    return "/commits/" + percent_encode(commit->sha) + "/comments";
  auto const* pull = std::get_if<PullRequestTarget>(&target);
  long long const number = pull != nullptr ? pull->number : std::get<IssueTarget>(target).number;
  return "/issues/" + std::to_string(number) + "/comments";
}

Result<ListedComment> comment_from(HttpRequest const& asked, json const& object) {
  ListedComment listed;
  Comment& comment = listed.comment;
  comment.id = id_at(object, {"id"});
  if (comment.id.empty()) return lacks(asked, "a comment without a number (id)");
  comment.body = text_at(object, {"body"});
  CML_TRY(url, url_at(asked, object, {"html_url"}));
  comment.url = std::move(url);
  comment.node_id = text_at(object, {"node_id"});
  comment.created_at = time_at(object, {"created_at"});
  comment.author_name = one_line(text_at(object, {"user", "login"}), 100);
  listed.author_id = id_at(object, {"user", "id"});
  listed.by_machine =
      text_at(object, {"user", "type"}) == "Bot" || child(object, "performed_via_github_app").is_object();
  return listed;
}

Result<std::vector<Comment>> read_thread(Api const& api, CommentTarget const& target, KeepComment const& keep,
                                         Beside* beside, ThreadMemory& memory) {
  return Thread(api, target, keep).read(beside, memory);
}

}  // namespace cml::github
