// What DVC keeps outside of git and notes in git: the outputs of a dvc.lock, and of a NAME.dvc beside its file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::metrics {

struct DvcOut {
  std::string stage;  // Of a dvc.lock; empty in a .dvc file.
  std::string path;   // From the stage's working folder.
  std::string hash;   // MD5 in hexadecimal; "....dir" of a folder, whose list is stored under that name. Empty for an
                      // output that is noted by something else, such as the etag of a cloud's storage.
};
// The files of a folder that a cloud's storage keeps by version are outputs of their own. BadInput when it is no YAML.
Result<std::vector<DvcOut>> read_dvc_outs(std::string_view text, Limits const& = {});
// The hash of a file in the list that DVC stores for a folder: [{"md5": .., "relpath": ..}, ..]. NotFound when the list
// does not have it, BadInput when it is not a valid list.
Result<std::string> hash_in_folder(std::string_view list, std::string_view path, Limits const& = {});
// The files of such a list, from the folder; those that would lead out of it are no valid list.
Result<std::vector<std::string>> names_in_folder(std::string_view list, Limits const& = {});

// Where git has only a note of a file.
struct DvcNote {
  std::string file;    // The note: "dvc.lock", "data/m.json.dvc".
  std::string hash;    // Of the file, or of the folder that it lies in; empty when the note has no MD5.
  std::string inside;  // The path in that folder; empty when the file is itself an output.
};
// `read` gives the text of a note, or nothing. Looked for beside the file and above it, `levels` folders further up
// than where paths count from. BadInput when none has the file and one is broken, so that nobody knows.
Result<std::optional<DvcNote>> find_dvc_note(std::string const& path, int levels,
                                             std::function<std::optional<std::string>(std::string const&)> const& read);
// The notes that find_dvc_note() may read, for a source that gets them all at once.
std::vector<std::string> possible_notes(std::string const& path, int levels);

}  // namespace cml::metrics
