// What every forge does for us. Closed sets (comment targets) are variants, open sets (forges) rows in registry.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace cml {

struct PullRequestTarget {
  long long number = 0;
  bool operator==(PullRequestTarget const&) const = default;
};
struct CommitTarget {
  std::string sha;
  bool operator==(CommitTarget const&) const = default;
};
struct IssueTarget {
  long long number = 0;
  bool operator==(IssueTarget const&) const = default;
};
using CommentTarget = std::variant<PullRequestTarget, CommitTarget, IssueTarget>;

std::string describe(CommentTarget const&);  // "pull request 7", "commit 1234abcd", "issue 3"

struct Comment {
  // Whose it is. Unknown: the token may not ask who it is, and the kind of author does not tell.
  enum class Author { Me, Other, Unknown };
  std::string id;
  std::string body;
  std::string url;         // For people.
  std::string node_id;     // GitHub's GraphQL name; empty elsewhere.
  std::string created_at;  // ISO 8601.
  Author author = Author::Unknown;
  std::string author_name = {};  // For people; may be empty.
  bool editable = true;          // False: the forge says that this token may not change it.
  bool hidden = false;           // Folded away, as outdated for instance.
};
// Which comments of a thread are wanted, by body, id and time: whose they are is found out afterwards.
using KeepComment = std::function<bool(Comment const&)>;

struct AssetFile {
  std::string name;  // As the user knows it, without folders.
  std::string mime;
  std::string bytes;
  std::string sha256;  // Of bytes, in hex: the address.
};
std::string extension_of(AssetFile const&);     // ".png": from the media type, else from the name; may be empty.
std::string content_address(AssetFile const&);  // "ab/ab12...ef.png"
std::string content_name(AssetFile const&);     // "ab12...ef.png", for places without folders.

// A verdict on a commit: a check run where the forge has them, else a commit status.
// Beside lines of a file.
struct CheckAnnotation {
  enum class Level { Notice, Warning, Failure };
  std::string path;  // From the repository's top.
  long long first_line = 1, last_line = 1;
  Level level = Level::Warning;
  std::string title, message;
};
struct Check {
  enum class Status { Queued, InProgress, Completed };
  std::string sha;
  Status status = Status::Completed;
  std::string conclusion = "success";  // GitHub's words: success failure neutral cancelled skipped timed_out.
  std::string title, summary;
  std::string url;                                // Where the run can be seen; may be empty.
  std::vector<CheckAnnotation> annotations = {};  // Where capabilities().annotations.
};

// A pull request (merge request on GitLab) as it is asked for.
struct PullRequestDraft {
  std::string source, target;  // Branches of the same repository.
  std::string title, body;
  bool draft = false;
};
struct PullRequest {
  long long number = 0;
  std::string url;
  std::string source, target, head_sha;
  std::string node_id;  // GitHub's GraphQL name; empty elsewhere.
};
struct PullRequestChange {
  std::optional<std::string> title, body;
  std::vector<std::string> labels, reviewers;  // Added to those that are there.
  bool empty() const { return !title && !body && labels.empty() && reviewers.empty(); }
};
enum class MergeMethod { Merge, Squash, Rebase };

// For destinations that the forge may choose: when attachments are better than a branch.
enum class AttachmentUse {
  Never,
  LastResort,  // When the branch cannot be written.
  First        // Readers would not see what is on the branch.
};

// Checked before work starts, so that "not supported" never comes half-way.
struct Capabilities {
  bool commit_comments = true;
  bool issue_comments = true;
  bool hide_comments = false;
  bool native_assets = false;                                        // upload_assets() works.
  bool asset_branch = false;                                         // put_on_branch() works.
  bool releases = false;                                             // put_on_release() works.
  bool attachments = false;                                          // upload_attachments() works.
  bool attachments_need_thread = false;                              // They belong to a pull request or an issue.
  bool html = true;                                                  // Comments show HTML, not its source.
  bool runs_commands = false;                                        // Lines like "/close" are run, not shown.
  bool alerts = true;                                                // Comments show "> [!WARNING]" as an alert.
  bool folds = true;                                                 // Comments show <details> folded.
  std::string_view storing_needs = "the permission to store files";  // What a token lacks that may not.
  bool concurrent_writers = true;      // Other jobs may write at the same time: what was written is looked at again.
  bool labels = true;                  // Pull requests have labels.
  bool checks = true;                  // create_check() works.
  bool annotations = false;            // A check shows them beside the lines.
  bool title_in_merge_commit = false;  // A merge takes the title as its message, so "[skip ci]" belongs there, too.
  std::size_t comment_limit = 65536;   // Characters, the longest body that is surely accepted.
  std::size_t pull_request_limit = 65536;  // Characters of a description.
};

// What a token may do in the repository, as far as the forge tells.
struct Access {
  std::optional<bool> writes;
  std::vector<std::string> scopes;  // In the forge's words; empty: not told.
};

class Forge {
 public:
  virtual ~Forge() = default;
  virtual std::string_view name() const = 0;  // "github"
  virtual Capabilities const& capabilities() const = 0;
  virtual std::string web_url() const = 0;  // Of the repository.
  // Asks once; its errors are those that every other request with this token would meet.
  virtual Result<Access> access();

  // The open pull request that contains the commit, if there is one.
  virtual Result<std::optional<long long>> pull_request_of_commit(std::string const& sha) = 0;

  // The open one whose head is the commit, from that branch of a fork: for forges that do not find those by the commit.
  virtual Result<std::optional<long long>> pull_request_of_branch(std::string const& owner, std::string const& branch,
                                                                  std::string const& sha);

  // The commit at the head of a pull request, for runs that know its number alone.
  virtual Result<std::string> head_of_pull_request(long long number);

  // All pages, oldest first; with `keep` the wanted ones alone, so that a long thread takes little memory.
  virtual Result<std::vector<Comment>> comments(CommentTarget const&, KeepComment const& keep = {}) = 0;
  // Posted exactly once, also when the connection breaks: it is looked for before it is sent again.
  virtual Result<Comment> create_comment(CommentTarget const&, std::string const& body) = 0;
  virtual Result<Comment> update_comment(CommentTarget const&, Comment const&, std::string const& body) = 0;
  virtual Status delete_comment(CommentTarget const&, Comment const&) = 0;
  virtual Status hide_comment(Comment const&);

  // The address of the check for people; may be empty.
  virtual Result<std::string> create_check(Check const&);
  // Runs a workflow or pipeline again, ending it first when it is still running.
  virtual Status rerun(std::string const& run_id);

  // The open one between these branches. The forge's own word for it is in its row (registry.hpp).
  virtual Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target);
  // Conflict or BadInput when there is one already (pull_request.hpp looks for it).
  virtual Result<PullRequest> create_pull_request(PullRequestDraft const&);
  virtual Status update_pull_request(PullRequest const&, PullRequestChange const&);
  // Merges it as soon as the forge allows; a sentence that says what will happen or has happened.
  virtual Result<std::string> merge_pull_request(PullRequest const&, MergeMethod);

  // Files will be stored: what has to be known for that may be asked for together with the next request.
  virtual void expect_files() {}
  // URLs in the order of the files.
  virtual Result<std::vector<std::string>> upload_assets(std::vector<AssetFile> const&);
  virtual Result<std::vector<std::string>> put_on_branch(std::string const& branch, std::vector<AssetFile> const&);
  virtual Result<std::vector<std::string>> put_on_release(std::string const& tag, std::vector<AssetFile> const&);
  virtual Result<std::vector<std::string>> upload_attachments(std::vector<AssetFile> const&,
                                                              std::optional<CommentTarget> const& thread);
  virtual AttachmentUse attachment_use() { return AttachmentUse::Never; }
  virtual bool attachable(AssetFile const&) const { return true; }
  // True for an address that this forge gave to an upload and by which alone the upload can be found again.
  virtual bool is_own_upload(std::string_view url) const;
};

}  // namespace cml
