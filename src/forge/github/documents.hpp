// The GraphQL documents, in one place so that a test checks them against GitHub's schema.
#pragma once

namespace cml::github {

constexpr char const* kMinimizeComment =
    "mutation($id:ID!){minimizeComment(input:{subjectId:$id,classifier:OUTDATED}){minimizedComment{isMinimized}}}";

// All files in one request instead of one per blob; needs a branch that exists.
constexpr char const* kCommitOnBranch =
    "mutation($input:CreateCommitOnBranchInput!){createCommitOnBranch(input:$input){commit{oid}}}";

constexpr char const* kEnableAutoMerge =
    "mutation($id:ID!,$method:PullRequestMergeMethod!){enablePullRequestAutoMerge(input:{pullRequestId:$id,mergeMethod:"
    "$method})"
    "{pullRequest{number}}}";

constexpr char const* kDocuments[] = {kMinimizeComment, kCommitOnBranch, kEnableAutoMerge};

}  // namespace cml::github
