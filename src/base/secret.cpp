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

}  // namespace

void remember_secret(std::string const& value) {
  if (value.size() < kShortest) return;
  Known& all = known();
  std::lock_guard const lock(all.mutex);
  if (std::find(all.values.begin(), all.values.end(), value) != all.values.end()) return;
  all.values.push_back(value);
  std::vector<std::string> forms{value, percent_encode(value)};
  for (std::size_t before : {0, 1, 2}) {
    std::string encoded = inner_base64(value, before);
    if (encoded.size() < kShortestEncoded) continue;
    forms.push_back(replace_all(replace_all(encoded, "+", "-"), "/", "_"));
    forms.push_back(std::move(encoded));
  }
  for (std::string& form : forms)
    if (std::find(all.forms.begin(), all.forms.end(), form) == all.forms.end()) all.forms.push_back(std::move(form));
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

std::string without_secret(std::string text, Secret const& secret) {
  std::string const& value = secret.reveal();
  std::vector<std::string> forms{value};
  auto const add_after = [&](std::string const& whole, char separator) {
    if (auto const at = whole.find(separator); at != std::string::npos) forms.push_back(whole.substr(at + 1));
  };
  add_after(value, ' ');  // "Bearer TOKEN"
  if (auto const pair = base64_decode(forms.back()); pair && contains(*pair, ":")) forms.push_back(*pair);
  add_after(std::string(forms.back()), ':');  // "user:password"
  for (std::size_t i = 0, plain = forms.size(); i < plain; ++i) {
    forms.push_back(base64_encode(forms[i]));
    forms.push_back(percent_encode(forms[i]));
  }
  std::sort(forms.begin(), forms.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
  for (std::string const& form : forms)
    if (form.size() >= kShortest) text = replace_all(std::move(text), form, "***");
  return text;
}

}  // namespace cml
