#include "report/memory.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::string_view kStart = "[cml-file-";
constexpr std::size_t kDigits = 32;

std::string key_of(AssetFile const& file) { return file.sha256.substr(0, kDigits); }

// What would end the definition, or could be read as more than an address.
bool is_plain(std::string_view url) {
  for (char c : url)
    if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"') return false;
  return !url.empty();
}

}  // namespace

RememberedFiles remembered_files(std::vector<std::string> const& notes) {
  RememberedFiles files;
  for (std::string const& raw : notes) {
    std::string_view const line = trim(raw);
    if (line.substr(0, kStart.size()) != kStart) continue;
    std::string_view const digits = line.substr(kStart.size(), kDigits),
                           rest = line.substr(std::min(line.size(), kStart.size() + digits.size()));
    bool const whole = digits.size() == kDigits &&
                       digits.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
                       rest.substr(0, 3) == "]: ";
    if (whole && is_plain(rest.substr(3))) files[std::string(digits)] = rest.substr(3);
  }
  return files;
}

std::vector<std::string> notes_of(std::vector<AssetFile> const& files, std::vector<std::string> const& urls,
                                  AssetStore const& store) {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (store.is_own(urls.at(i)) && is_plain(urls[i]))
      notes.push_back(std::string(kStart) + key_of(files[i]) + "]: " + urls[i]);
  return notes;
}

Result<std::vector<std::string>> put_unknown(AssetStore& store, std::vector<AssetFile> const& files,
                                             RememberedFiles const& known) {
  std::vector<std::string> urls(files.size());
  std::vector<AssetFile> unknown;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto const found = known.find(key_of(files[i]));
    if (found != known.end() && store.is_own(found->second)) {
      urls[i] = found->second;
    } else {
      places.push_back(i);
      unknown.push_back(files[i]);
    }
  }
  if (unknown.empty()) return urls;
  CML_TRY(sent, store.put(unknown));
  for (std::size_t i = 0; i < places.size(); ++i) urls[places[i]] = sent.at(i);
  return urls;
}

}  // namespace cml
