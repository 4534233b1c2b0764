#include "report/local_file.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace cml {
namespace fs = std::filesystem;
namespace {

// What a destination may mean, in the order in which it is tried: as written, percent-decoded, without query and
// fragment.
std::vector<std::string> readings(std::string_view url) {
  std::vector<std::string> all{std::string(url), percent_decode(url)};
  std::string const bare(url.substr(0, url.find_first_of("?#")));
  all.push_back(bare);
  all.push_back(percent_decode(bare));
  std::vector<std::string> unique;
  for (std::string& one : all)
    if (!one.empty() && std::find(unique.begin(), unique.end(), one) == unique.end()) unique.push_back(std::move(one));
  return unique;
}

}  // namespace

bool is_local_reference(std::string_view url) {
  if (url.empty() || url[0] == '#' || url[0] == '?' || url.substr(0, 2) == "//") return false;
  // A scheme: a letter, then letters, digits, "+", "-" or ".", then ":". One letter would be a drive, which we do not
  // have.
  std::size_t i = 0;
  while (i < url.size() &&
         ((url[i] >= 'a' && url[i] <= 'z') || (url[i] >= 'A' && url[i] <= 'Z') ||
          (i > 0 && ((url[i] >= '0' && url[i] <= '9') || url[i] == '+' || url[i] == '-' || url[i] == '.'))))
    ++i;
  return !(i >= 2 && i < url.size() && url[i] == ':');
}

Result<fs::path> find_local_file(Door const& door, fs::path const& folder, std::string_view url) {
  if (url.find('\0') != std::string_view::npos) return Error{ErrorKind::BadInput, "the name holds a zero byte"};
  for (std::string const& reading : readings(url)) {
    if (reading.find('\0') != std::string::npos) continue;
    auto found = door.find(folder / reading);
    if (found || found.error().kind != ErrorKind::NotFound) return found;
  }
  return Error{ErrorKind::NotFound, "no such file"};
}

}  // namespace cml
