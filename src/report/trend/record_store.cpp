#include "report/trend/record_store.hpp"

#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "git/own_ref.hpp"

namespace cml::report {
namespace {

namespace fs = std::filesystem;

// A shard is rewritten by each line that it gets, so it is small; thousands of commits make few enough of them.
constexpr std::size_t kMostLines = 256, kMostShardBytes = 512u << 10, kMostShards = 100'000;
constexpr std::size_t kMostRead = kMostShardBytes + RecordLimits{}.max_line;  // Of a shard that gets a line.
constexpr int kMostRaces = 10;
constexpr std::string_view kSuffix = ".jsonl";

// "000012.jsonl" is 12.
std::optional<std::size_t> shard_number(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  auto const number = name.size() == 6 && name.find_first_not_of("0123456789") == std::string_view::npos
                          ? parse_integer(name)
                          : std::nullopt;
  return number ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
}

std::string shard_name(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06zu", number);
  return text + std::string(kSuffix);
}

// The shard that gets the line, and what it then holds. `last`: the newest shard there is.
struct Grown {
  std::size_t number = 0;
  std::string bytes;
};
Result<Grown> with_line(std::optional<std::size_t> number, std::string last, std::string const& line) {
  if (!last.empty() && last.back() != '\n') last += '\n';
  std::size_t const lines = static_cast<std::size_t>(std::count(last.begin(), last.end(), '\n'));
  if (!number) return Grown{0, line + "\n"};
  if (lines < kMostLines && last.size() + line.size() < kMostShardBytes) return Grown{*number, last + line + "\n"};
  if (*number + 1 >= kMostShards)
    return Error{ErrorKind::TooLarge, "no more than " + std::to_string(kMostShards) + " shards are kept"};
  return Grown{*number + 1, line + "\n"};
}

// The newest shards that fit, the oldest first.
template <class File, class Size>
std::vector<File> newest(std::vector<File> files, Size size, std::size_t max_bytes, std::vector<std::string>& notes) {
  std::uintmax_t bytes = 0;
  std::size_t first = files.size();
  while (first > 0 && bytes + size(files[first - 1]) <= max_bytes) bytes += size(files[--first]);
  if (first > 0)
    notes.push_back("the oldest " + std::to_string(first) + " of " + std::to_string(files.size()) +
                    " shards are left out; at most " + std::to_string(max_bytes >> 20) + " MiB are read");
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(first));
  return files;
}

bool is_shard(RefFile const& file) { return file.is_file && shard_number(file.name); }

std::vector<RefFile> shards_among(std::vector<RefFile> files) {
  std::erase_if(files, [](RefFile const& file) { return !is_shard(file); });
  return files;
}

// The clone's own copy of a place in the remote: of a branch the tracking ref, so that no branch here moves.
std::string local_ref(RecordPlace const& place, std::string const& remote) {
  constexpr std::string_view kHeads = "refs/heads/";
  if (place.kind == RecordPlace::Kind::Ref || remote.empty()) return place.name;
  return "refs/cml/mirror/" + place.name.substr(kHeads.size());
}

// The commit that the clone has; nothing when it has none.
std::optional<std::string> local_commit(Git const& git, std::string const& ref) {
  auto const commit = git.resolve(ref);
  return commit ? std::optional(*commit) : std::nullopt;
}

Result<std::vector<std::string>> contents_of(Git const& git, std::string const& commit,
                                             std::vector<RefFile> const& files, std::size_t max_bytes) {
  std::vector<Git::Blob> wanted;
  for (RefFile const& file : files) wanted.push_back({commit, file.name});
  CML_TRY(blobs, git.read_blobs(wanted, max_bytes));
  std::vector<std::string> contents;
  for (auto& blob : blobs)
    if (blob) contents.push_back(std::move(*blob));
  return contents;
}

Result<Recorded> load_from_ref(RecordPlace const& place, RecordAccess const& access, RecordLimits const& limits) {
  std::vector<std::string> notes;
  std::string const local = local_ref(place, access.remote);
  if (!access.remote.empty()) {
    auto const there = remote_ref(*access.git, access.remote, place.name);
    Status mirrored = ok();
    if (there && *there && local_commit(*access.git, local) != **there)
      mirrored = mirror_ref(*access.git, access.remote, place.name, local);
    if (there && !*there) return Recorded{};
    if (!there || !mirrored)
      notes.push_back(name_of(place) + " cannot be fetched, so what this clone has of it counts: " +
                      (there ? mirrored.error().message : there.error().message));
  }
  Recorded recorded;
  if (auto const commit = local_commit(*access.git, local)) {
    CML_TRY(files, files_of_ref(*access.git, *commit));
    auto const shards = newest(
        shards_among(std::move(files)), [](RefFile const& file) { return file.size; }, limits.max_bytes, notes);
    CML_TRY(contents, contents_of(*access.git, *commit, shards, limits.max_bytes));
    recorded = read_records(contents, limits);
  }
  recorded.notes.insert(recorded.notes.begin(), notes.begin(), notes.end());
  return recorded;
}

struct FolderShard {
  std::size_t number = 0;
  fs::path path;
};

Result<std::vector<FolderShard>> shards_of_folder(RecordPlace const& place, RecordAccess const& access) {
  fs::path const folder = access.here / place.name;
  std::vector<FolderShard> shards;
  if (access.door->kind(folder) == FileKind::Missing) return shards;
  auto names = access.door->list(folder, access.origin);
  if (!names) return std::move(names).error().while_doing(name_of(place));
  for (fs::path const& name : *names)
    if (auto const number = shard_number(name.filename().string()))
      shards.push_back({*number, folder / name.filename()});
  return shards;
}

Result<Recorded> load_from_folder(RecordPlace const& place, RecordAccess const& access, RecordLimits const& limits) {
  CML_TRY(shards, shards_of_folder(place, access));
  std::vector<std::string> contents, notes;
  for (FolderShard const& shard : shards) {
    CML_TRY(bytes, access.door->read(shard.path, limits.max_bytes, access.origin));
    contents.push_back(std::move(bytes));
  }
  contents = newest(
      std::move(contents), [](std::string const& bytes) { return bytes.size(); }, limits.max_bytes, notes);
  Recorded recorded = read_records(contents, limits);
  recorded.notes.insert(recorded.notes.begin(), notes.begin(), notes.end());
  return recorded;
}

Result<Kept> keep_in_folder(RecordPlace const& place, RecordAccess const& access, std::string const& line) {
  fs::path const folder = access.here / place.name;
  CML_TRY(shards, shards_of_folder(place, access));
  std::optional<std::size_t> number;
  std::string last;
  if (!shards.empty()) {
    number = shards.back().number;
    CML_TRY(bytes, access.door->read(shards.back().path, kMostRead, access.origin));
    last = std::move(bytes);
  }
  CML_TRY(grown, with_line(number, std::move(last), line));
  CML_CHECK_OK(access.door->make_directories(folder));
  CML_CHECK_OK(access.door->write(folder / shard_name(grown.number), grown.bytes));
  return Kept{"", grown.number, 0};
}

// One try: Conflict when somebody else was faster.
Result<Kept> keep_in_ref_once(RecordPlace const& place, RecordAccess const& access, Record const& record,
                              std::string const& line) {
  Git const& git = *access.git;
  std::string const local = local_ref(place, access.remote);
  std::optional<std::string> before;
  if (access.remote.empty()) {
    before = local_commit(git, local);
  } else {
    CML_TRY(there, remote_ref(git, access.remote, place.name));
    before = std::move(there);
    if (before && local_commit(git, local) != before) CML_CHECK_OK(mirror_ref(git, access.remote, place.name, local));
    // Between the two questions somebody may have pushed.
    if (before) before = local_commit(git, local);
  }
  RefChange change;
  std::optional<std::size_t> number;
  std::string last;
  if (before) {
    CML_TRY(files, files_of_ref(git, *before));
    // It is replaced as a whole, so a branch that somebody works on must not be named by mistake.
    if (!std::all_of(files.begin(), files.end(), is_shard))
      return Error{ErrorKind::Usage, "it holds other files than recorded metrics; name a branch of their own"};
    if (!files.empty()) {
      number = shard_number(files.back().name);
      CML_TRY(contents, contents_of(git, *before, {files.back()}, kMostRead));
      if (!contents.empty()) last = std::move(contents.front());
    }
    change.files = std::move(files);
  }
  CML_TRY(grown, with_line(number, std::move(last), line));
  change.written[shard_name(grown.number)] = std::move(grown.bytes);
  change.message = "Record the metrics of " + record.commit.substr(0, 12) + " [skip ci]";
  change.name = "cml";
  change.email = "cml@localhost";
  CML_TRY(commit, commit_to_ref(git, change));
  if (!access.remote.empty()) {
    CML_CHECK_OK(push_ref(git, access.remote, commit, place.name, before));
    CML_TRY(copied, git.run({.arguments = {"update-ref", local, commit}}));
  } else {
    CML_CHECK_OK(set_ref(git, local, commit, before));
  }
  return Kept{commit, grown.number, 0};
}

}  // namespace

Result<RecordPlace> parse_record_place(std::string const& text) {
  constexpr std::string_view kBranch = "branch:", kFolder = "dir:";
  if (text.empty() || text == "ref") return RecordPlace{};
  if (text.starts_with(kBranch) && text.size() > kBranch.size())
    return RecordPlace{RecordPlace::Kind::Branch, "refs/heads/" + text.substr(kBranch.size())};
  if (text.starts_with(kFolder) && text.size() > kFolder.size())
    return RecordPlace{RecordPlace::Kind::Folder, text.substr(kFolder.size())};
  return Error{ErrorKind::Usage, "\"" + one_line(text, 60) + "\" is not ref, branch:NAME or dir:FOLDER"};
}

std::string name_of(RecordPlace const& place) {
  if (place.kind == RecordPlace::Kind::Branch)
    return "branch " + one_line(place.name.substr(std::string_view("refs/heads/").size()), 120);
  return (place.kind == RecordPlace::Kind::Folder ? "folder " : "") + one_line(place.name, 120);
}

Result<Recorded> load_records(RecordPlace const& place, RecordAccess const& access, RecordLimits const& limits) {
  return place.kind == RecordPlace::Kind::Folder ? load_from_folder(place, access, limits)
                                                 : load_from_ref(place, access, limits);
}

Result<Kept> keep_record(RecordPlace const& place, RecordAccess const& access, Record const& record,
                         RecordLimits const& limits) {
  std::string const line = line_of(record);
  if (line.size() > limits.max_line)
    return Error{ErrorKind::TooLarge, "the metrics of one commit have " + std::to_string(line.size()) +
                                          " bytes; at most " + std::to_string(limits.max_line) +
                                          " are recorded, so choose some by --select"};
  if (place.kind == RecordPlace::Kind::Folder) return keep_in_folder(place, access, line);
  for (int races = 0;; ++races) {
    auto kept = keep_in_ref_once(place, access, record, line);
    if (kept) {
      kept->races = races;
      return kept;
    }
    if (kept.error().kind != ErrorKind::Conflict || races >= kMostRaces)
      return std::move(kept).error().while_doing(name_of(place));
    if (access.wait) access.wait(races);
  }
}

}  // namespace cml::report
