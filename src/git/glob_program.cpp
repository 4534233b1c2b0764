#include "git/glob_program.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "git/glob_text.hpp"

namespace cml {
namespace {

using Letters = std::bitset<256>;

std::size_t number_of(char c) { return static_cast<unsigned char>(c); }

Letters one_letter(char c) { return Letters().set(number_of(c)); }
Letters const kAny = Letters().set();
Letters const kNoSlash = Letters().set().reset(number_of('/'));

// "[a-z]" at the pattern's beginning: what it takes; where the pattern goes on is 0 when it is no class.
Letters read_class(std::string_view pattern, std::size_t& next) {
  std::size_t i = 1;
  bool const negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  Letters letters;
  for (bool first = true; i < pattern.size() && (pattern[i] != ']' || first); first = false, ++i) {
    char const low = pattern[i];
    bool const range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
    if (range) i += 2;
    for (int c = -128; range && c < 128; ++c)
      if (low <= c && c <= pattern[i]) letters.set(number_of(static_cast<char>(c)));
    if (!range) letters.set(number_of(low));
  }
  next = i < pattern.size() ? i + 1 : 0;
  return (negated ? ~letters : letters) & kNoSlash;
}

}  // namespace

GlobProgram::GlobProgram(std::string_view glob) {
  add_pattern(glob, false);
  add({State::Kind::End});
}

std::size_t GlobProgram::add(State state) {
  states_.push_back(std::move(state));
  return size() - 1;
}

void GlobProgram::add_star(Letters const& letters) {
  std::size_t const again = add({State::Kind::Either, {}, size() + 1});
  states_[add_letters(letters)].next = again;
  states_[again].other = size();
}

// The choices one after another; each leads behind the last.
void GlobProgram::add_choices(std::string_view body) {
  std::vector<std::size_t> ends;
  auto const choices = glob_alternatives(body, '|');
  for (std::size_t i = 0; i < choices.size(); ++i) {
    bool const last = i + 1 == choices.size();
    std::size_t const either = last ? 0 : add({State::Kind::Either, {}, size() + 1});
    add_pattern(choices[i], true);
    if (last) break;
    ends.push_back(add({State::Kind::Either}));
    states_[either].other = size();
  }
  for (std::size_t const end : ends) states_[end].next = states_[end].other = size();
}

void GlobProgram::add_group(char kind, std::string_view body) {
  if (kind == '!') {
    std::size_t const start = add({State::Kind::Not, {}, 0, size() + 1});
    add_choices(body);
    add({State::Kind::End});
    states_[start].next = size();
    return;
  }
  std::size_t const start = size();
  bool const may_lack = kind == '?' || kind == '*';
  if (may_lack) add({State::Kind::Either, {}, size() + 1});
  std::size_t const choices = size();
  add_choices(body);
  if (kind == '*' || kind == '+') add({State::Kind::Either, {}, choices, size() + 1});
  if (may_lack) states_[start].other = size();
}

// `in_group`: groups stay within a part of the path.
void GlobProgram::add_pattern(std::string_view pattern, bool in_group) {
  while (!pattern.empty()) {
    char const p = pattern[0];
    if (contains("@?*+!", pattern.substr(0, 1)) && pattern.substr(1, 1) == "(") {
      std::size_t const close = glob_closing(pattern, 1, '(', ')');
      if (close != std::string_view::npos) {
        add_group(p, pattern.substr(2, close - 2));
        pattern.remove_prefix(close + 1);
        continue;
      }
    }
    if (pattern.substr(0, 2) == "**") {
      pattern.remove_prefix(std::min(pattern.find_first_not_of('*'), pattern.size()));
      if (pattern.substr(0, 1) != "/") {
        add_star(in_group ? kNoSlash : kAny);
        continue;
      }
      pattern.remove_prefix(1);
      if (in_group) continue;
      // Nothing, or whole parts: (any letter* "/")*.
      std::size_t const again = add({State::Kind::Either, {}, size() + 1});
      add_star(kNoSlash);
      states_[add_letters(one_letter('/'))].next = again;
      states_[again].other = size();
      continue;
    }
    if (p == '*') {
      add_star(kNoSlash);
      pattern.remove_prefix(1);
      continue;
    }
    std::size_t next = 0;
    if (p == '[') {
      Letters const letters = read_class(pattern, next);
      if (next > 0) {
        add_letters(letters);
        pattern.remove_prefix(next);
        continue;
      }
    }
    if (p == '\\' && pattern.size() > 1)
      pattern.remove_prefix(1);
    else if (p == '?') {
      add_letters(kNoSlash);
      pattern.remove_prefix(1);
      continue;
    }
    if (in_group && pattern[0] == '/')
      add({State::Kind::Never});
    else
      add_letters(one_letter(pattern[0]));
    pattern.remove_prefix(1);
  }
}

class GlobProgram::Run {
 public:
  Run(std::vector<State> const& states, std::string_view path) : states_(states), path_(path) {}

  // Where the match from `start` on may end, with the program that begins at `first`; up to `limit`.
  std::vector<bool> ends(std::size_t first, std::size_t start, std::size_t limit) {
    std::vector<bool> found(limit + 1);
    // What begins at a later place, because of "!(...)".
    std::map<std::size_t, std::vector<std::size_t>> later;
    std::vector<std::size_t> open{first}, now, entered(states_.size(), kNever);
    for (std::size_t at = start; at <= limit; ++at) {
      now.clear();
      if (auto const more = later.find(at); more != later.end())
        open.insert(open.end(), more->second.begin(), more->second.end());
      while (!open.empty()) {
        std::size_t const index = open.back();
        open.pop_back();
        if (std::exchange(entered[index], at) == at) continue;
        State const& state = states_[index];
        if (state.kind == State::Kind::End) found[at] = true;
        if (state.kind == State::Kind::Letters) now.push_back(index);
        if (state.kind == State::Kind::Either) open.insert(open.end(), {state.next, state.other});
        if (state.kind == State::Kind::Not) {
          std::vector<bool> const& unwanted = ends_of_group(index, at);
          if (!unwanted[at]) open.push_back(state.next);
          for (std::size_t end = at + 1; end < std::min(unwanted.size(), limit + 1); ++end)
            if (!unwanted[end]) later[end].push_back(state.next);
        }
      }
      if (at == limit || (now.empty() && later.empty())) break;
      for (std::size_t const index : now)
        if (states_[index].letters[static_cast<unsigned char>(path_[at])]) open.push_back(states_[index].next);
    }
    return found;
  }

 private:
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);

  // Of what must not stand there; found once for each place, within the part.
  std::vector<bool> const& ends_of_group(std::size_t index, std::size_t at) {
    auto const known = groups_.find({index, at});
    if (known != groups_.end()) return known->second;
    std::vector<bool> found = ends(states_[index].other, at, std::min(path_.find('/', at), path_.size()));
    return groups_.emplace(std::pair(index, at), std::move(found)).first->second;
  }

  std::vector<State> const& states_;
  std::string_view path_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<bool>> groups_;
};

bool GlobProgram::matches(std::string_view path) const {
  return Run(states_, path).ends(0, 0, path.size())[path.size()];
}

}  // namespace cml
