// Tokens of the expression language.
#pragma once

#include <list>
#include <string>
#include <string_view>

#include "vega/value/value.hpp"

namespace cml::vega {

struct Token {
  enum class Kind { End, Identifier, Keyword, Null, Boolean, Number, String, Regexp, Punctuator };
  Kind kind = Kind::End;
  // Identifiers, keywords and punctuators as written (escapes resolved); string content. Lives as long as the lexer.
  std::string_view text;
  double number = 0;
  std::string_view flags;  // Regexp.
  std::size_t start = 0;

  bool is(std::string_view punctuator) const { return kind == Kind::Punctuator && text == punctuator; }
};

class Lexer {
 public:
  Lexer(std::string_view source, std::string const& path) : source_(source), path_(path) {}
  Token next();
  Token regexp(Token const& slash);  // Reads again from a slash that stands where a value is expected.
  [[noreturn]] void fail_at(std::size_t at, std::string const& text) const;

 private:
  void skip_space();
  Token identifier();
  Token number();
  Token string(char quote);
  char32_t hex(int digits);
  char32_t code_point_escape();
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  // Most text stands in the source as it is meant; what escapes changed is kept here.
  std::string_view keep(std::string text) { return resolved_.emplace_back(std::move(text)); }
  std::string_view source_;
  std::string const& path_;
  std::list<std::string> resolved_;
  std::size_t at_ = 0;
};

}  // namespace cml::vega
