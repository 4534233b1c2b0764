// A glob without braces as a machine of states that are all tried at once: time grows with the path's length times the
// glob's, whatever stars and groups it has; only "!(...)" may need the path's length once more.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

namespace cml {

class GlobProgram {
 public:
  explicit GlobProgram(std::string_view glob);
  bool matches(std::string_view path) const;

 private:
  struct State {
    enum class Kind { Letters, Either, Not, Never, End } kind;
    std::bitset<256> letters = {};    // Letters: which one to read.
    std::size_t next = 0, other = 0;  // Either goes on at both; Not: `other` begins what must not stand here.
  };
  class Run;

  std::size_t add(State state);
  std::size_t add_letters(std::bitset<256> const& letters) { return add({State::Kind::Letters, letters, size() + 1}); }
  void add_star(std::bitset<256> const& letters);
  void add_group(char kind, std::string_view body);
  void add_choices(std::string_view body);
  void add_pattern(std::string_view pattern, bool in_group);
  std::size_t size() const { return states_.size(); }

  std::vector<State> states_;
};

}  // namespace cml
