// Regular expressions with JavaScript's syntax and meaning, by PCRE2.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cml::vega {

class Regexp {
 public:
  struct Span {
    std::size_t begin = 0, end = 0;
    bool matched = false;
  };
  // The compiled form of a pattern; the most recent ones are kept. Fails (EngineError) on a malformed pattern.
  static std::shared_ptr<Regexp const> get(std::string_view pattern, std::string_view flags);

  // The spans of the whole match and its groups from `at` on; nothing when there is no match. Fails when matching takes
  // too many steps.
  std::optional<std::vector<Span>> match(std::string_view subject, std::size_t at = 0) const;
  // Replacement text may hold $&, $1, $<name>, $`, $' and $$.
  std::string replace(std::string_view subject, std::string_view replacement) const;
  bool global() const { return global_; }

  ~Regexp();
  Regexp(Regexp const&) = delete;

 private:
  Regexp(std::string_view pattern, std::string_view flags);
  std::optional<std::size_t> group_named(std::string_view name) const;
  struct Code;
  std::unique_ptr<Code> code_;
  bool global_ = false, sticky_ = false;
};

// A replacement pattern filled in for one match.
std::string expand_replacement(std::string_view replacement, std::string_view subject,
                               std::vector<Regexp::Span> const& groups,
                               std::function<std::optional<std::size_t>(std::string_view)> const& named);

}  // namespace cml::vega
