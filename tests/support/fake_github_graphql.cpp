// GraphQL of the fake GitHub: strict about fields, arguments and the names of nodes.
#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "support/fake_github_state.hpp"
#include "support/fake_graphql.hpp"

namespace cml::test {
namespace {

using graphql::Failure;
using graphql::Field;
using nlohmann::json;

Failure no_node(std::string const& id) {
  return {"NOT_FOUND", "Could not resolve to a node with the global id of '" + id + "'"};
}
[[noreturn]] void no_field(std::string const& type, Field const& field) {
  throw Failure("", "Field '" + field.name + "' doesn't exist on type '" + type + "'");
}
std::string node_of(FakeGitHub::StoredComment const& comment) { return "NODE_" + std::to_string(comment.id); }
bool is_of_commit(FakeGitHub::StoredComment const& comment) { return comment.thread.substr(0, 7) == "commit "; }

class Executor {
 public:
  Executor(FakeGitHub& fake, FakeGitHub::State& state, std::function<FakeForge::Pull*(std::string const&)> pull,
           std::function<bool(std::string const&)> may_change)
      : fake_(fake), state_(state), pull_(std::move(pull)), may_change_(std::move(may_change)) {}

  json run(graphql::Document const& document) {
    json const root{{"__typename", document.kind == "query" ? "Query" : "Mutation"}};
    json answer = json::object();
    try {
      answer["data"] = graphql::select(document.fields, root,
                                       [this](json const& owner, Field const& field) { return resolve(owner, field); });
    } catch (Failure const& failure) {
      json error{{"message", failure.what()}};
      if (!failure.type.empty()) error["type"] = failure.type;
      errors_.push_back(std::move(error));
      if (!failure.type.empty())
        for (Field const& field : document.fields) answer["data"][field.alias] = nullptr;
    }
    if (!errors_.empty()) answer["errors"] = errors_;
    return answer;
  }

 private:
  json resolve(json const& owner, Field const& field) {
    std::string const type = owner["__typename"];
    json const& given = field.arguments;
    if (type == "Query" && field.name == "repository") {
      if (given.value("owner", "") != "o" || given.value("name", "") != "r")
        throw Failure("NOT_FOUND", "Could not resolve to a Repository with the name '" + given.value("owner", "") +
                                       "/" + given.value("name", "") + "'.");
      return {{"__typename", "Repository"}};
    }
    if (type == "Query" && field.name == "viewer") return {{"__typename", "User"}, {"login", fake_.token_user}};
    if (type == "Query" && field.name == "nodes") return nodes(given.value("ids", json::array()));
    if (type == "Repository" && field.name == "issueOrPullRequest") {
      long long const number = given.value("number", 0LL);
      if (number < 1 || number > 900)
        throw Failure("NOT_FOUND", "Could not resolve to an issue or pull request with the number of " +
                                       std::to_string(number) + ".");
      bool const is_pull = pull_("PR_" + std::to_string(number)) != nullptr;
      return {{"__typename", is_pull ? "PullRequest" : "Issue"}, {"number", number}};
    }
    if (type == "Repository" && field.name == "object") return {{"__typename", "Commit"}, {"oid", given["oid"]}};
    if (field.name == "comments") {
      if (type == "Commit") return connection("commit " + owner["oid"].get<std::string>(), given);
      return connection("issue " + owner["number"].dump(), given);
    }
    if (type == "Mutation" && field.name == "minimizeComment") return minimize(given["input"]);
    if (type == "Mutation" && field.name == "createCommitOnBranch") return commit(given["input"]);
    if (type == "Mutation" && field.name == "enablePullRequestAutoMerge") return merge_later(given["input"]);
    no_field(type, field);
  }

  json connection(std::string const& thread, json const& given) const {
    if (given.contains("first") == given.contains("last"))
      throw Failure("MISSING_PAGINATION_BOUNDARIES",
                    "You must provide a `first` or `last` value to properly paginate the `comments` connection.");
    bool const oldest = given.contains("first");
    long long const size = given.value(oldest ? "first" : "last", 0LL);
    if (size < 1 || size > 100)
      throw Failure("EXCESSIVE_PAGINATION",
                    "Requesting " + std::to_string(size) + " records exceeds the limit of 100.");
    std::vector<json> all;
    for (FakeGitHub::StoredComment const& comment : state_.comments)
      if (comment.thread == thread) all.push_back(node(comment));
    auto const count = std::min(all.size(), static_cast<std::size_t>(size));
    std::size_t const begin = oldest ? 0 : all.size() - count;
    return {{"__typename", "IssueCommentConnection"},
            {"totalCount", all.size()},
            {"pageInfo",
             {{"__typename", "PageInfo"}, {"hasPreviousPage", begin > 0}, {"hasNextPage", begin + count < all.size()}}},
            {"nodes", std::vector<json>(all.begin() + static_cast<long>(begin),
                                        all.begin() + static_cast<long>(begin + count))}};
  }

  json node(FakeGitHub::StoredComment const& comment) const {
    json author;  // Of a bot without its "[bot]", which REST alone writes.
    if (!comment.author.empty())
      author = {{"__typename", "Actor"}, {"login", comment.author.substr(0, comment.author.find("[bot]"))}};
    return {{"__typename", is_of_commit(comment) ? "CommitComment" : "IssueComment"},
            {"id", node_of(comment)},
            {"url", state_.comment_url(comment)},
            {"body", comment.body},
            {"createdAt", comment.created_at},
            {"author", author},
            {"isMinimized", comment.hidden},
            {"viewerDidAuthor", comment.author == fake_.token_user},
            {"viewerCanUpdate", may_change_(comment.author)}};
  }

  FakeGitHub::StoredComment* find(std::string const& id) {
    auto const found = std::find_if(state_.comments.begin(), state_.comments.end(),
                                    [&](FakeGitHub::StoredComment const& one) { return node_of(one) == id; });
    return found == state_.comments.end() ? nullptr : &*found;
  }

  // One that is gone is null, with an error beside the others' data.
  json nodes(json const& ids) {
    if (ids.size() > 100) throw Failure("ARGUMENT_LIMIT", "You may not provide more than 100 node ids.");
    json found = json::array();
    for (json const& id : ids) {
      FakeGitHub::StoredComment const* const comment = find(id.get<std::string>());
      found.push_back(comment != nullptr ? node(*comment) : json());
      if (comment == nullptr)
        errors_.push_back({{"type", "NOT_FOUND"}, {"message", no_node(id.get<std::string>()).what()}});
    }
    return found;
  }

  json minimize(json const& input) {
    std::string const id = input.value("subjectId", "");
    FakeGitHub::StoredComment* const comment = find(id);
    if (comment == nullptr) throw no_node(id);
    if (!input.contains("classifier")) throw Failure("", "Argument 'classifier' on InputObject is required");
    comment->hidden = true;
    return {{"__typename", "MinimizeCommentPayload"},
            {"clientMutationId", nullptr},
            {"minimizedComment", {{"__typename", "Minimizable"}, {"isMinimized", true}}}};
  }

  json merge_later(json const& input) {
    std::string const id = input.value("pullRequestId", "");
    FakeForge::Pull* const pull = pull_(id);
    if (pull == nullptr) throw no_node(id);
    if (!fake_.merges_later) throw Failure("UNPROCESSABLE", "Pull request Pull request is in clean status");
    pull->merge = "later " + to_lower(input.value("mergeMethod", "MERGE"));
    return {{"__typename", "EnablePullRequestAutoMergePayload"},
            {"clientMutationId", nullptr},
            {"pullRequest", {{"__typename", "PullRequest"}, {"number", pull->number}}}};
  }

  json commit(json const& input) {
    if (!fake_.has_commit_mutation)
      throw Failure("INVALID", "Field 'createCommitOnBranch' doesn't exist on type 'Mutation'");
    std::string const branch = input["branch"]["branchName"];
    if (state_.branches.count(branch) == 0) throw Failure("NOT_FOUND", "No such branch");
    if (state_.race) state_.move_branch(branch);
    if (state_.branches[branch] != input["expectedHeadOid"])
      throw Failure("STALE_DATA", "Expected branch to point to another commit");
    for (json const& addition : input["fileChanges"]["additions"])
      state_.commit_file(branch, addition["path"],
                         base64_decode(addition["contents"].get<std::string>()).value_or("?"));
    return {{"__typename", "CreateCommitOnBranchPayload"},
            {"commit", {{"__typename", "Commit"}, {"oid", state_.branches[branch]}}}};
  }

  FakeGitHub& fake_;
  FakeGitHub::State& state_;
  std::function<FakeForge::Pull*(std::string const&)> pull_;
  std::function<bool(std::string const&)> may_change_;
  json errors_ = json::array();
};

}  // namespace

ServerResponse FakeGitHub::graphql_route(ServerRequest const& request, bool reads_only) {
  auto const failed = [](std::string const& type, std::string const& message) {
    json error{{"message", message}};
    if (!type.empty()) error["type"] = type;
    return ServerResponse{200, json{{"errors", json::array({error})}}.dump(), {}};
  };
  json const body = json::parse(request.body, nullptr, false);
  try {
    auto const document = graphql::parse(body.value("query", ""), body.value("variables", json::object()));
    if (!has_graphql && document.kind == "query")
      return {403, R"({"message":"Resource not accessible by personal access token"})", {}};
    if (reads_only && document.kind == "mutation") return failed("FORBIDDEN", "Resource not accessible by integration");
    Executor executor(
        *this, *state_,
        [this](std::string const& id) {
          return id.substr(0, 3) == "PR_" ? find_pull(parse_integer(id.substr(3))) : nullptr;
        },
        [this](std::string const& author) { return may_change(author); });
    return {200, executor.run(document).dump(), {}};
  } catch (graphql::Failure const& failure) {
    return failed(failure.type, failure.what());
  }
}

}  // namespace cml::test
