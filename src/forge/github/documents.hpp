// The GraphQL documents, in one place so that a test checks them against GitHub's schema.
#pragma once

namespace cml::github {

// A hundred comments at one end of a thread (`first` or `last`), with what REST does not tell of them.
#define CML_COMMENT_FIELDS                                                                                       \
  "totalCount pageInfo{hasPreviousPage}nodes{id url body createdAt viewerDidAuthor viewerCanUpdate isMinimized " \
  "author{login}}"
constexpr char const* kThread =
    "query($owner:String!,$name:String!,$number:Int!,$first:Int,$last:Int){viewer{login}repository(owner:$owner,"
    "name:$name){issueOrPullRequest(number:$number){"
    "...on PullRequest{comments(first:$first,last:$last){...page}}...on "
    "Issue{comments(first:$first,last:$last){...page}}"
    "}}}fragment page on IssueCommentConnection{" CML_COMMENT_FIELDS "}";
constexpr char const* kCommitThread =
    "query($owner:String!,$name:String!,$sha:GitObjectID!,$first:Int,$last:Int){viewer{login}repository(owner:$owner,"
    "name:$name){object(oid:$sha){...on Commit{comments(first:$first,last:$last){" CML_COMMENT_FIELDS "}}}}}";
#undef CML_COMMENT_FIELDS
// Of comments that are known by their names.
constexpr char const* kAuthors =
    "query($ids:[ID!]!){nodes(ids:$ids){...on IssueComment{viewerDidAuthor viewerCanUpdate isMinimized}"
    "...on CommitComment{viewerDidAuthor viewerCanUpdate isMinimized}}}";

constexpr char const* kMinimizeComment =
    "mutation($id:ID!){minimizeComment(input:{subjectId:$id,classifier:OUTDATED}){minimizedComment{isMinimized}}}";

// All files in one request instead of one per blob; needs a branch that exists.
constexpr char const* kCommitOnBranch =
    "mutation($input:CreateCommitOnBranchInput!){createCommitOnBranch(input:$input){commit{oid}}}";

constexpr char const* kEnableAutoMerge =
    "mutation($id:ID!,$method:PullRequestMergeMethod!){enablePullRequestAutoMerge(input:{pullRequestId:$id,mergeMethod:"
    "$method})"
    "{pullRequest{number}}}";

constexpr char const* kDocuments[] = {kThread,          kCommitThread,   kAuthors,
                                      kMinimizeComment, kCommitOnBranch, kEnableAutoMerge};

}  // namespace cml::github
