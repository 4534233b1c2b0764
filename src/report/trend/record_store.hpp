// Where recorded metrics lie: in a ref of the repository, in a branch of their own, or in a folder.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "git/git.hpp"
#include "report/trend/recorded.hpp"
#include "workspace/door.hpp"

namespace cml::report {

// "" or "ref": refs/cml/metrics; "branch:NAME"; "dir:FOLDER".
struct RecordPlace {
  enum class Kind { Ref, Branch, Folder };
  Kind kind = Kind::Ref;
  std::string name = "refs/cml/metrics";  // The full ref, or the folder as it was written.
};
Result<RecordPlace> parse_record_place(std::string const& text);
std::string name_of(RecordPlace const&);  // For people.

// How a place is reached. `git` stands at the top.
struct RecordAccess {
  Git const* git = nullptr;
  Door const* door = nullptr;
  std::filesystem::path here;  // Folders count from here.
  std::string remote;          // Empty: there is none, and the ref is this clone's alone.
  Origin origin = Origin::CommandLine;
  std::function<void(int attempt)> wait;  // Before a race is run again.
};

// What is recorded there; nothing is recorded: an empty one. Gets the remote's ref first; when that cannot be had, what
// the clone has counts, and a note says so.
Result<Recorded> load_records(RecordPlace const&, RecordAccess const&, RecordLimits const& = {});

struct Kept {
  std::string commit;  // The ref's new one; empty for a folder.
  std::size_t shard = 0;
  int races = 0;  // So often others were faster.
};
// Adds a line. Conflict when others were faster ten times.
Result<Kept> keep_record(RecordPlace const&, RecordAccess const&, Record const&, RecordLimits const& = {});

}  // namespace cml::report
