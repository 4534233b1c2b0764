#include "base/secret.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

constexpr std::size_t kShortest = 6;         // Shorter ones are words that stand everywhere.
constexpr std::size_t kShortestEncoded = 8;  // Of base64: what is left once the ends that depend on neighbours are cut.

struct Known {
  std::mutex mutex;
  std::vector<std::string> values, forms;  // As they are; in every form that they may be written in.
};
Known& known() {
  static Known all;
  return all;
}

// The characters of base64 that depend on `value` alone when `before` bytes of something else stand in front of it.
std::string inner_base64(std::string const& value, std::size_t before) {
  std::string const encoded = base64_encode(std::string(before, '\0') + value);
  std::size_t const bits = (before + value.size()) * 8;
  std::size_t const begin = (before * 8 + 5) / 6, end = bits / 6;
  return begin < end ? encoded.substr(begin, end - begin) : std::string();
}

// What is secret of it: all, and of a header ("Bearer TOKEN") or a pair ("user:password") the part that counts.
std::vector<std::string> secret_parts(std::string const& value) {
  std::vector<std::string> parts{value};
  auto const add_after = [&](std::string const& whole, char separator) {
    if (auto const at = whole.find(separator); at != std::string::npos) parts.push_back(whole.substr(at + 1));
  };
  add_after(value, ' ');
  if (auto const pair = base64_decode(parts.back()); pair && contains(*pair, ":")) parts.push_back(*pair);
  add_after(std::string(parts.back()), ':');
  std::erase_if(parts, [](std::string const& part) { return part.size() < kShortest; });
  return parts;
}

// `part` as it is, percent-encoded, and in base64 alone or within a longer text.
void add_forms(std::string const& part, std::vector<std::string>& forms) {
  std::vector<std::string> all{part, percent_encode(part), base64_encode(part)};
  for (std::size_t before : {0, 1, 2}) {
    std::string encoded = inner_base64(part, before);
    if (encoded.size() < kShortestEncoded) continue;
    all.push_back(replace_all(replace_all(encoded, "+", "-"), "/", "_"));
    all.push_back(std::move(encoded));
  }
  for (std::string& form : all)
    if (std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(std::move(form));
}

}  // namespace

void remember_secret(std::string const& value) {
  if (value.size() < kShortest) return;
  Known& all = known();
  std::lock_guard const lock(all.mutex);
  if (std::find(all.values.begin(), all.values.end(), value) != all.values.end()) return;
  all.values.push_back(value);
  for (std::string const& part : secret_parts(value)) add_forms(part, all.forms);
  // A secret that another one contains goes after it, so that nothing of the longer one is left.
  std::sort(all.forms.begin(), all.forms.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
}

std::string without_secrets(std::string_view text) {
  std::string result(text);
  Known& all = known();
  std::lock_guard const lock(all.mutex);
  for (std::string const& form : all.forms)
    if (contains(result, form)) result = replace_all(result, form, "***");
  return result;
}

bool holds_secret(std::string_view text) {
  Known& all = known();
  std::lock_guard const lock(all.mutex);
  return std::any_of(all.forms.begin(), all.forms.end(), [&](std::string const& form) { return contains(text, form); });
}

}  // namespace cml
