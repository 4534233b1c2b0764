#include "forge/forge.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

std::string describe_one(PullRequestTarget const& target) { return "pull request " + std::to_string(target.number); }
std::string describe_one(CommitTarget const& target) { return "commit " + target.sha.substr(0, 12); }
std::string describe_one(IssueTarget const& target) { return "issue " + std::to_string(target.number); }

// Table: the extension under which a browser and a forge's image proxy show a type.
struct MimeExtension {
  std::string_view mime, extension;
};
constexpr MimeExtension kExtensions[] = {
    {"image/png", ".png"},         {"image/jpeg", ".jpg"},      {"image/gif", ".gif"},  {"image/webp", ".webp"},
    {"image/svg+xml", ".svg"},     {"application/pdf", ".pdf"}, {"video/mp4", ".mp4"},  {"video/quicktime", ".mov"},
    {"application/json", ".json"}, {"text/csv", ".csv"},        {"text/html", ".html"},
};

}  // namespace

std::string describe(CommentTarget const& target) {
  return std::visit([](auto const& one) { return describe_one(one); }, target);
}

std::string extension_of(AssetFile const& file) {
  for (MimeExtension const& row : kExtensions)
    if (row.mime == file.mime) return std::string(row.extension);
  auto const dot = file.name.rfind('.');
  if (dot == std::string::npos || dot == 0) return "";
  std::string const extension = to_lower(file.name.substr(dot));
  bool const plain = extension.size() <= 10 &&
                     extension.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", 1) == std::string::npos;
  return plain ? extension : "";
}

std::string content_address(AssetFile const& file) {
  return file.sha256.substr(0, 2) + "/" + file.sha256 + extension_of(file);
}

std::string content_name(AssetFile const& file) { return file.sha256.substr(0, 40) + extension_of(file); }

Result<Access> Forge::access() { return Access{}; }

Status Forge::hide_comment(Comment const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " cannot hide comments; use --mode recreate or update"};
}

Result<std::string> Forge::create_check(Check const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " has no checks"};
}

Status Forge::rerun(std::string const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " cannot run a pipeline again from here"};
}

namespace {
Error no_pull_requests(Forge const& forge) {
  return {ErrorKind::Unsupported,
          std::string(forge.name()) + " has no pull requests; give --driver and --repo of a forge that has"};
}
}  // namespace

Result<std::optional<PullRequest>> Forge::find_pull_request(std::string const&, std::string const&) {
  return no_pull_requests(*this);
}
Result<PullRequest> Forge::create_pull_request(PullRequestDraft const&) { return no_pull_requests(*this); }
Result<std::optional<long long>> Forge::pull_request_of_branch(std::string const&, std::string const&,
                                                               std::string const&) {
  return std::optional<long long>();
}
Result<std::string> Forge::head_of_pull_request(long long) { return no_pull_requests(*this); }
Status Forge::update_pull_request(PullRequest const&, PullRequestChange const&) { return no_pull_requests(*this); }
Result<std::string> Forge::merge_pull_request(PullRequest const&, MergeMethod) { return no_pull_requests(*this); }

Result<std::vector<std::string>> Forge::upload_assets(std::vector<AssetFile> const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " has no uploads of its own; use --publish-to branch"};
}

Result<std::vector<std::string>> Forge::put_on_branch(std::string const&, std::vector<AssetFile> const&) {
  return Error{ErrorKind::Unsupported, "assets on a branch are not supported for " + std::string(name())};
}

Result<std::vector<std::string>> Forge::put_on_release(std::string const&, std::vector<AssetFile> const&) {
  return Error{ErrorKind::Unsupported, "assets of a release are not supported for " + std::string(name())};
}

Result<std::vector<std::string>> Forge::upload_attachments(std::vector<AssetFile> const&,
                                                           std::optional<CommentTarget> const&) {
  return Error{ErrorKind::Unsupported, std::string(name()) + " has no attachments by API"};
}

bool Forge::is_own_upload(std::string_view) const { return false; }

}  // namespace cml
