#include "vega/expr/regexp.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cmath>
#include <list>

#include "vega/expr/coerce.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr std::uint32_t kMostMatches = 2'000'000;  // Steps of PCRE2 for one search.

}  // namespace

struct Regexp::Code {
  pcre2_code* code = nullptr;
  pcre2_match_data* data = nullptr;
  pcre2_match_context* limits = nullptr;
  ~Code() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
};

Regexp::~Regexp() = default;

Regexp::Regexp(std::string_view pattern, std::string_view flags) : code_(std::make_unique<Code>()) {
  std::string const shown = "/" + std::string(pattern.substr(0, 100)) + "/" + std::string(flags);
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF |
                          PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C;
  for (char flag : flags) {
    if (flag == 'g')
      global_ = true;
    else if (flag == 'i')
      options |= PCRE2_CASELESS;
    else if (flag == 'm')
      options |= PCRE2_MULTILINE;
    else if (flag == 's')
      options |= PCRE2_DOTALL;
    else if (flag == 'y')
      sticky_ = true;
    else if (flag != 'u' && flag != 'd' && flag != 'v')
      fail("", "regular expression " + shown + " has an unknown flag");
  }
  // Between brackets and groups PCRE2 has its own limits; the length is ours.
  if (pattern.size() > 10000) fail("", "regular expression longer than 10000 characters");
  auto* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
  pcre2_set_parens_nest_limit(context, 100);
  int error = 0;
  PCRE2_SIZE at = 0;
  code_->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &at, context);
  pcre2_compile_context_free(context);
  if (!code_->code) {
    PCRE2_UCHAR text[200] = {};
    pcre2_get_error_message(error, text, sizeof text);
    fail("", "regular expression " + shown + ", character " + std::to_string(at + 1) + ": " +
                 reinterpret_cast<char const*>(text));
  }
  code_->data = pcre2_match_data_create_from_pattern(code_->code, nullptr);
  code_->limits = pcre2_match_context_create(nullptr);
  pcre2_set_depth_limit(code_->limits, 100000);
  pcre2_set_heap_limit(code_->limits, 64 * 1024);
}

std::shared_ptr<Regexp const> Regexp::get(std::string_view pattern, std::string_view flags) {
  struct Entry {
    std::string pattern, flags;
    std::shared_ptr<Regexp const> regexp;
  };
  thread_local std::list<Entry> recent;
  for (auto entry = recent.begin(); entry != recent.end(); ++entry)
    if (entry->pattern == pattern && entry->flags == flags) {
      recent.splice(recent.begin(), recent, entry);
      return recent.front().regexp;
    }
  recent.push_front(
      {std::string(pattern), std::string(flags), std::shared_ptr<Regexp const>(new Regexp(pattern, flags))});
  if (recent.size() > 16) recent.pop_back();
  return recent.front().regexp;
}

std::optional<std::vector<Regexp::Span>> Regexp::match(std::string_view subject, std::size_t at) const {
  auto const* text = reinterpret_cast<PCRE2_SPTR>(subject.data() ? subject.data() : "");
  // PCRE2 does not say how long it searched, but stops at a limit: each try is paid for before the next, larger one.
  // Its limit is that of one place, and at each a pattern may look at all the rest of the text: long ones are paid for
  // when first searched.
  double const rest = static_cast<double>(subject.size() - std::min(at, subject.size()));
  budget::steps(100 + 2 * rest + (at == 0 && rest > 1000 ? rest * rest / 4 : 0));
  int count = PCRE2_ERROR_MATCHLIMIT;
  std::uint32_t last = 0;
  for (double const work : {1e3, 1e5, 1e7, 1e9}) {
    auto const limit = whole<std::uint32_t>(work / (10 + rest), 2, kMostMatches);
    if (limit == last) continue;
    last = limit;
    pcre2_set_match_limit(code_->limits, limit);
    count =
        pcre2_match(code_->code, text, subject.size(), at, sticky_ ? PCRE2_ANCHORED : 0, code_->data, code_->limits);
    if (count != PCRE2_ERROR_MATCHLIMIT) break;
    budget::steps(limit * (10 + rest));
  }
  if (count == PCRE2_ERROR_NOMATCH) return {};
  if (count < 0)
    fail("", "a regular expression takes too many steps on a text of " + std::to_string(subject.size()) + " bytes");
  auto const* offsets = pcre2_get_ovector_pointer(code_->data);
  std::uint32_t groups = 0;
  pcre2_pattern_info(code_->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  std::vector<Span> spans(groups + 1);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    if (offsets[2 * i] != PCRE2_UNSET) spans[i] = {offsets[2 * i], offsets[2 * i + 1], true};
  return spans;
}

std::optional<std::size_t> Regexp::group_named(std::string_view name) const {
  int const number =
      pcre2_substring_number_from_name(code_->code, reinterpret_cast<PCRE2_SPTR>(std::string(name).c_str()));
  if (number <= 0) return {};
  return static_cast<std::size_t>(number);
}

std::string Regexp::replace(std::string_view subject, std::string_view replacement) const {
  std::string out;
  std::size_t from = 0, at = 0;
  auto const named = [this](std::string_view name) { return group_named(name); };
  while (at <= subject.size()) {
    auto const groups = match(subject, at);
    if (!groups) break;
    auto const& whole = (*groups)[0];
    out += subject.substr(from, whole.begin - from);
    out += expand_replacement(replacement, subject, *groups, named);
    check_text_size(out.size());
    from = whole.end;
    at = whole.end;
    if (whole.end == whole.begin) {  // An empty match: go on behind the next character.
      ++at;
      while (at < subject.size() && (static_cast<unsigned char>(subject[at]) & 0xC0) == 0x80) ++at;
    }
    if (!global_) break;
  }
  if (from < subject.size()) out += subject.substr(from);
  return out;
}

std::string expand_replacement(std::string_view replacement, std::string_view subject,
                               std::vector<Regexp::Span> const& groups,
                               std::function<std::optional<std::size_t>(std::string_view)> const& named) {
  std::string out;
  auto const group = [&](std::size_t i) {
    return groups[i].matched ? subject.substr(groups[i].begin, groups[i].end - groups[i].begin) : std::string_view();
  };
  auto const digit = [&](std::size_t i) {
    return i < replacement.size() && replacement[i] >= '0' && replacement[i] <= '9' ? replacement[i] - '0' : -1;
  };
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    char const next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
    if (replacement[i] != '$' || !next) {
      out += replacement[i];
      continue;
    }
    if (next == '$') {
      out += '$', ++i;
    } else if (next == '&') {
      out += group(0), ++i;
    } else if (next == '`') {
      out += subject.substr(0, groups[0].begin), ++i;
    } else if (next == '\'') {
      out += subject.substr(groups[0].end), ++i;
    } else if (digit(i + 1) >= 0) {
      auto const one = static_cast<std::size_t>(digit(i + 1));
      auto const two = digit(i + 2) >= 0 ? one * 10 + static_cast<std::size_t>(digit(i + 2)) : 0;
      if (two >= 1 && two < groups.size())
        out += group(two), i += 2;
      else if (one >= 1 && one < groups.size())
        out += group(one), ++i;
      else
        out += '$';
    } else if (auto const end = replacement.find('>', i); next == '<' && end != std::string_view::npos && named) {
      if (auto const index = named(replacement.substr(i + 2, end - i - 2))) out += group(*index);
      i = end;
    } else {
      out += '$';
    }
  }
  return out;
}

}  // namespace cml::vega
