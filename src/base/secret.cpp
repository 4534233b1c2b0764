#include "base/secret.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>
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

// A text as percent signs and JSON's escapes mean it, whichever letters they stand for, and where each of its bytes
// comes from.
struct Reading {
  std::string plain;
  std::vector<std::size_t> places;  // One more than there are bytes.
};
Reading read_escapes(std::string_view text) {
  Reading reading;
  auto const hex = [&](std::size_t at, std::size_t digits) -> std::optional<int> {
    int value = 0;
    if (at + digits > text.size()) return std::nullopt;
    auto const [end, error] = std::from_chars(text.data() + at, text.data() + at + digits, value, 16);
    if (error != std::errc{} || end != text.data() + at + digits || value < 0 || value > 0x7f) return std::nullopt;
    return value;
  };
  for (std::size_t i = 0, length = 1; i < text.size(); i += length) {
    char byte = text[i];
    length = 1;
    if (byte == '%') {
      if (auto const code = hex(i + 1, 2)) byte = static_cast<char>(*code), length = 3;
    } else if (byte == '\\' && i + 1 < text.size()) {
      if (text[i + 1] == '/' || text[i + 1] == '"') byte = text[i + 1], length = 2;
      if (text[i + 1] == 'u')
        if (auto const code = hex(i + 2, 4)) byte = static_cast<char>(*code), length = 6;
    }
    reading.plain.push_back(byte);
    reading.places.push_back(i);
  }
  reading.places.push_back(text.size());
  return reading;
}

// Where secrets stand in escaped forms, from beginnings to ends, in their order.
std::map<std::size_t, std::size_t> find_escaped(std::string_view text, std::vector<std::string> const& forms) {
  std::map<std::size_t, std::size_t> found;
  if (forms.empty() || text.find_first_of("%\\") == std::string_view::npos) return found;
  Reading const reading = read_escapes(text);
  for (std::string const& form : forms)
    for (auto at = reading.plain.find(form); at != std::string::npos; at = reading.plain.find(form, at + form.size())) {
      std::size_t& end = found[reading.places[at]];
      end = std::max(end, reading.places[at + form.size()]);
    }
  return found;
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
  auto const escaped = find_escaped(result, all.forms);
  if (escaped.empty()) return result;
  std::string clean;
  std::size_t done = 0;
  for (auto const& [begin, end] : escaped) {
    if (begin >= done) clean += result.substr(done, begin - done) + "***";
    done = std::max(done, end);
  }
  return clean + result.substr(done);
}

bool holds_secret(std::string_view text) {
  Known& all = known();
  std::lock_guard const lock(all.mutex);
  return std::any_of(all.forms.begin(), all.forms.end(),
                     [&](std::string const& form) { return contains(text, form); }) ||
         !find_escaped(text, all.forms).empty();
}

}  // namespace cml
