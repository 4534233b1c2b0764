#include "forge/local/local.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "forge/json_api.hpp"
#include "forge/local/preview.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr Capabilities kCapabilities{.commit_comments = true,
                                     .issue_comments = true,
                                     .hide_comments = true,
                                     .native_assets = true,
                                     .asset_branch = false,
                                     .concurrent_writers = false,
                                     .checks = false,
                                     .comment_limit = 1'000'000};

// What files that somebody else wrote may say: numbers that can be counted on, few levels.
constexpr long long kMaxNumber = 999'999'999'999;
constexpr int kMaxDepth = 10;
constexpr int kMaxPreviewRounds = 50;

// "pr-7", "commit-0123...", "issue-3": the folder of a thread.
std::string thread_name(CommentTarget const& target) {
  if (auto const* pull = std::get_if<PullRequestTarget>(&target)) return "pr-" + std::to_string(pull->number);
  if (auto const* issue = std::get_if<IssueTarget>(&target)) return "issue-" + std::to_string(issue->number);
  std::string const& sha = std::get<CommitTarget>(target).sha;
  return "commit-" + percent_encode(sha.substr(0, 64));
}

class Local : public Forge {
 public:
  explicit Local(ForgeSetup const& setup)
      : files_(*setup.files), clock_(*setup.clock), folder_(setup.local_folder), to_html_(setup.to_html) {}

  std::string_view name() const override { return "local"; }
  Capabilities const& capabilities() const override { return kCapabilities; }
  std::string web_url() const override { return file_url(folder_); }

  // Tried in the folder, or where it would be made; nothing of it stays.
  Result<Access> access() override {
    fs::path place = folder_;
    while (files_.kind(place) == FileKind::Missing && place.has_relative_path()) place = place.parent_path();
    fs::path const trial = place / ".cml-trial";
    CML_TRY(made, files_.create_new(trial, ""));
    if (made) CML_CHECK_OK(files_.remove(trial));
    return Access{true, {}};
  }

  // A laptop has one pull request under way: the workspace itself.
  Result<std::optional<long long>> pull_request_of_commit(std::string const&) override {
    return std::optional<long long>(1);
  }

  Result<std::vector<Comment>> comments(CommentTarget const& target, KeepComment const& keep) override {
    CML_TRY(stored, read_thread(thread_name(target)));
    std::vector<Comment> comments;
    for (StoredComment const& one : stored)
      if (Comment comment = as_comment(one); !keep || keep(comment)) comments.push_back(std::move(comment));
    return comments;
  }

  Result<Comment> create_comment(CommentTarget const& target, std::string const& body) override {
    CML_TRY(id, take_id());
    StoredComment comment;
    comment.id = id;
    comment.body = body;
    comment.created_at = comment.updated_at = iso_time(clock_.now());
    Status const written = write_comment(thread_name(target), describe(target), comment);
    CML_CHECK_OK(files_.remove(claim_path(id)));
    CML_CHECK_OK(written);
    return as_comment(comment);
  }

  Result<Comment> update_comment(CommentTarget const& target, Comment const& comment,
                                 std::string const& body) override {
    CML_TRY(stored, find(target, comment.id));
    CML_CHECK_OK(refuse_others(stored));
    stored.body = body;
    stored.updated_at = iso_time(clock_.now());
    CML_CHECK_OK(write_comment(thread_name(target), describe(target), stored));
    return as_comment(stored);
  }

  Status delete_comment(CommentTarget const& target, Comment const& comment) override {
    auto const stored = find(target, comment.id);
    if (stored) CML_CHECK_OK(refuse_others(*stored));
    CML_CHECK_OK(files_.remove(comment_path(thread_name(target), parse_integer(comment.id).value_or(0))));
    return write_preview();
  }

  Status hide_comment(Comment const& comment) override {
    CML_TRY(threads, read_all());
    for (StoredThread& thread : threads) {
      for (StoredComment& stored : thread.comments) {
        if (std::to_string(stored.id) != comment.id) continue;
        stored.hidden = true;
        return write_comment(thread.name, thread.title, stored);
      }
    }
    return Error{ErrorKind::NotFound, "comment " + comment.id + " is not in " + folder_.string()};
  }

  Result<std::vector<std::string>> upload_assets(std::vector<AssetFile> const& assets) override {
    std::vector<std::string> urls;
    for (AssetFile const& asset : assets) {
      fs::path const path = folder_ / "assets" / (asset.sha256.substr(0, 32) + extension_of(asset));
      CML_CHECK_OK(prepare(path.parent_path()));
      if (files_.kind(path) != FileKind::Regular) CML_CHECK_OK(files_.write(path, asset.bytes));
      urls.push_back(file_url(path));
    }
    return urls;
  }

  Result<std::optional<PullRequest>> find_pull_request(std::string const& source, std::string const& target) override {
    CML_TRY(pulls, read_pulls());
    for (json const& pull : pulls)
      if (text_at(pull, {"source"}) == source && text_at(pull, {"target"}) == target)
        return std::optional(as_pull(pull));
    return std::optional<PullRequest>();
  }

  Result<PullRequest> create_pull_request(PullRequestDraft const& draft) override {
    CML_TRY(pulls, read_pulls());
    long long number = 1;
    for (json const& pull : pulls) number = std::max(number, integer_at(pull, {"number"}).value_or(0) + 1);
    CML_CHECK_OK(prepare(folder_ / "pulls"));
    for (; number <= kMaxNumber; ++number) {
      json const object{{"number", number},        {"source", draft.source},    {"target", draft.target},
                        {"title", draft.title},    {"body", draft.body},        {"draft", draft.draft},
                        {"labels", json::array()}, {"reviewers", json::array()}};
      CML_TRY(created, files_.create_new(pull_path(number), printed(object)));
      if (created) return as_pull(object);
    }
    return no_number_left();
  }

  Status update_pull_request(PullRequest const& pull, PullRequestChange const& change) override {
    CML_TRY(stored, read_pull(pull_path(pull.number)));
    if (change.title) stored["title"] = *change.title;
    if (change.body) stored["body"] = *change.body;
    auto const add = [&](char const* key, std::vector<std::string> const& names) {
      if (!stored[key].is_array()) stored[key] = json::array();
      for (std::string const& name : names)
        if (std::find(stored[key].begin(), stored[key].end(), json(name)) == stored[key].end())
          stored[key].push_back(name);
    };
    add("labels", change.labels);
    add("reviewers", change.reviewers);
    CML_TRY(written, write_pull(stored));
    return ok();
  }

  Result<std::string> merge_pull_request(PullRequest const& pull, MergeMethod) override {
    return Error{ErrorKind::Unsupported, "the local forge does not merge; run git merge " + pull.source};
  }

 private:
  static std::string file_url(fs::path const& path) { return "file://" + percent_encode(path.string(), "/"); }
  fs::path comment_path(std::string const& thread, long long id) const {
    std::string number = std::to_string(id);
    number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
    return folder_ / "comments" / thread / (number + ".json");
  }
  fs::path pull_path(long long number) const { return folder_ / "pulls" / (std::to_string(number) + ".json"); }
  PullRequest as_pull(json const& object) const {
    PullRequest pull;
    pull.number = integer_at(object, {"number"}).value_or(0);
    pull.url = file_url(pull_path(pull.number));
    pull.source = text_at(object, {"source"});
    pull.target = text_at(object, {"target"});
    return pull;
  }
  Error no_number_left() const {
    return {ErrorKind::BadInput, folder_.string() + " holds a file numbered " + std::to_string(kMaxNumber) +
                                     ", and no number is left; delete it"};
  }
  static std::string printed(json const& object) {
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  }
  // Somebody else may have written the file: an object of few levels, or nothing.
  static json parsed(std::string_view text) {
    auto const shallow = [](int depth, json::parse_event_t, json const&) { return depth <= kMaxDepth; };
    json object = json::parse(text, shallow, false);
    return object.is_object() ? object : json();
  }
  static bool is_number_of(fs::path const& path, std::optional<long long> number) {
    return number && *number > 0 && *number <= kMaxNumber && parse_integer(path.stem().string()) == number;
  }
  Result<json> read_pull(fs::path const& path) {
    CML_TRY(text, files_.read(path, 1u << 20));
    json object = parsed(text);
    if (!is_number_of(path, integer_at(object, {"number"})))
      return Error{ErrorKind::BadInput,
                   path.string() + " is not the pull request of that number; delete it or restore it"};
    return object;
  }
  Result<std::vector<json>> read_pulls() {
    std::vector<json> pulls;
    fs::path const folder = folder_ / "pulls";
    if (files_.kind(folder) != FileKind::Directory) return pulls;
    CML_TRY(names, files_.list(folder));
    for (fs::path const& name : names) {
      if (name.extension() != ".json") continue;
      CML_TRY(pull, read_pull(folder / name));
      pulls.push_back(std::move(pull));
    }
    return pulls;
  }
  Result<PullRequest> write_pull(json const& object) {
    fs::path const path = pull_path(integer_at(object, {"number"}).value_or(0));
    CML_CHECK_OK(prepare(path.parent_path()));
    CML_CHECK_OK(files_.write(path, printed(object)));
    return as_pull(object);
  }
  Comment as_comment(StoredComment const& stored) const {
    std::string const id = std::to_string(stored.id);
    bool const mine = stored.author.empty();
    return {.id = id,
            .body = stored.body,
            .url = file_url(folder_ / "preview.html") + "#comment-" + id,
            .node_id = "",
            .created_at = stored.created_at,
            .author = mine ? Comment::Author::Me : Comment::Author::Other,
            .author_name = stored.author,
            .editable = mine,
            .hidden = stored.hidden};
  }

  // The folder ignores itself, so that it never gets committed by accident.
  Status prepare(fs::path const& folder) {
    CML_CHECK_OK(files_.make_directories(folder));
    fs::path const ignore = folder_ / ".gitignore";
    if (files_.kind(ignore) == FileKind::Missing) CML_CHECK_OK(files_.write(ignore, "*\n"));
    return ok();
  }

  Result<StoredComment> read_comment(fs::path const& path) {
    CML_TRY(text, files_.read(path, 64u << 20));
    json const object = parsed(text);
    auto const id = integer_at(object, {"id"});
    auto const body = object.find("body");
    if (!is_number_of(path, id) || body == object.end() || !body->is_string())
      return Error{ErrorKind::BadInput, path.string() + " is not the comment of that number; delete it or restore it"};
    StoredComment comment;
    comment.id = *id;
    comment.body = body->get<std::string>();
    comment.created_at = text_at(object, {"created_at"});
    comment.updated_at = text_at(object, {"updated_at"});
    comment.title = text_at(object, {"target"});
    comment.author = one_line(text_at(object, {"author"}), 100);
    auto const hidden = object.find("hidden");
    comment.hidden = hidden != object.end() && hidden->is_boolean() && hidden->get<bool>();
    return comment;
  }

  Result<std::vector<StoredComment>> read_thread(std::string const& thread) {
    std::vector<StoredComment> comments;
    fs::path const folder = folder_ / "comments" / thread;
    if (files_.kind(folder) != FileKind::Directory) return comments;
    CML_TRY(names, files_.list(folder));
    for (fs::path const& name : names) {
      if (name.extension() != ".json") continue;
      auto comment = read_comment(folder / name);
      if (!comment && comment.error().kind == ErrorKind::NotFound) continue;  // Deleted meanwhile.
      if (!comment) return std::move(comment).error();
      comments.push_back(std::move(*comment));
    }
    std::sort(comments.begin(), comments.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
    return comments;
  }

  Result<std::vector<StoredThread>> read_all() {
    std::vector<StoredThread> threads;
    fs::path const folder = folder_ / "comments";
    if (files_.kind(folder) != FileKind::Directory) return threads;
    CML_TRY(names, files_.list(folder));
    for (fs::path const& name : names) {
      CML_TRY(comments, read_thread(name.string()));
      if (comments.empty()) continue;
      std::string title = comments.front().title.empty() ? name.string() : comments.front().title;
      threads.push_back({name.string(), std::move(title), std::move(comments)});
    }
    return threads;
  }

  // As a forge refuses it to a token without a role.
  static Status refuse_others(StoredComment const& stored) {
    if (stored.author.empty()) return ok();
    return Error{ErrorKind::Forbidden, "comment " + std::to_string(stored.id) + " is by " + stored.author};
  }

  Result<StoredComment> find(CommentTarget const& target, std::string const& id) {
    return read_comment(comment_path(thread_name(target), parse_integer(id).value_or(0)));
  }

  Status write_comment(std::string const& thread, std::string const& title, StoredComment const& comment) {
    fs::path const path = comment_path(thread, comment.id);
    CML_CHECK_OK(prepare(path.parent_path()));
    json object{{"id", comment.id},
                {"target", title},
                {"body", comment.body},
                {"created_at", comment.created_at},
                {"updated_at", comment.updated_at},
                {"hidden", comment.hidden}};
    if (!comment.author.empty()) object["author"] = comment.author;
    CML_CHECK_OK(files_.write(path, printed(object)));
    return write_preview();
  }

  // Others may write theirs at the same time: whoever comes last shows what all have written.
  Status write_preview() {
    std::string page;
    for (int round = 0; round < kMaxPreviewRounds; ++round) {
      CML_TRY(threads, read_all());
      std::string now = preview_page(threads, file_url(folder_), to_html_);
      if (now == page) break;
      page = std::move(now);
      CML_CHECK_OK(files_.write(folder_ / "preview.html", page));
    }
    return ok();
  }

  fs::path claim_path(long long id) const { return folder_ / "claims" / std::to_string(id); }

  // A number for a comment that nobody else has, in whatever thread: claimed by a file until the comment is written.
  Result<long long> take_id() {
    CML_CHECK_OK(prepare(folder_ / "claims"));
    CML_TRY(first, next_id());
    for (long long id = first; id <= kMaxNumber; ++id) {
      CML_TRY(claimed, files_.create_new(claim_path(id), ""));
      if (!claimed) continue;
      CML_TRY(free, next_id());
      if (free <= id) return id;
      CML_CHECK_OK(files_.remove(claim_path(id)));  // Written since, and the claim given back.
      id = free - 1;
    }
    return no_number_left();
  }
  Result<long long> next_id() {
    CML_TRY(threads, read_all());
    long long next = 1;
    for (StoredThread const& thread : threads)
      for (StoredComment const& comment : thread.comments) next = std::max(next, comment.id + 1);
    return next;
  }

  FileSystem& files_;
  Clock& clock_;
  fs::path folder_;
  std::function<std::string(std::string_view)> to_html_;
};

}  // namespace

std::unique_ptr<Forge> make_local(ForgeSetup const& setup) { return std::make_unique<Local>(setup); }

}  // namespace cml
