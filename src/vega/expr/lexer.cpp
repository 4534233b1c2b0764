#include "vega/expr/lexer.hpp"

#include <algorithm>
#include <array>

#include "vega/value/error.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_digit(char c) {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}
// Any letter of any script may start a name: whatever lies beyond ASCII and is neither space nor general punctuation.
bool starts_name(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '$' || c == '_' || c == '\\';
  return c >= 0xAA && !is_space(c) && c != 0xD7 && c != 0xF7 && !(c >= 0x2010 && c <= 0x206F) &&
         !(c >= 0x2190 && c <= 0x2BFF) && !(c >= 0x3001 && c <= 0x3004) && c != 0xFFFD;
}
bool continues_name(char32_t c) { return starts_name(c) || (c >= '0' && c <= '9'); }

constexpr std::array<std::string_view, 37> kKeywords{
    "if",      "in",      "do",      "var",      "for",      "new",        "try",     "let",    "this",   "else",
    "case",    "void",    "with",    "enum",     "while",    "break",      "catch",   "throw",  "const",  "yield",
    "class",   "super",   "return",  "typeof",   "delete",   "switch",     "export",  "import", "public", "static",
    "default", "finally", "extends", "function", "continue", "instanceof", "debugger"};
constexpr std::array<std::string_view, 40> kPunctuators{
    ">>>=", "===", "!==", ">>>", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||", "++", "--",
    "<<",   ">>",  "+=",  "-=",  "*=",  "/=",  "%=", "&=", "|=", "^=", "=>", "<",  ">",  "=",
    "!",    "+",   "-",   "*",   "%",   "&",   "|",  "^",  "/",  "~",  "?",  ":"};

}  // namespace

void Lexer::fail_at(std::size_t at, std::string const& text) const {
  std::string shown(source_.substr(0, 200));
  if (source_.size() > 200) shown += "...";
  fail(path_, "expression \"" + shown + "\", column " + std::to_string(at + 1) + ": " + text);
}

void Lexer::skip_space() {
  while (at_ < source_.size()) {
    std::size_t next = at_;
    if (!is_space(decode_utf8(source_, next))) return;
    at_ = next;
  }
}

Token Lexer::next() {
  skip_space();
  Token token;
  token.start = at_;
  if (at_ >= source_.size()) return token;
  char const c = source_[at_];
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '"' || c == '\'') return string(c);
  std::size_t ahead = at_;
  if (starts_name(decode_utf8(source_, ahead))) return identifier();
  token.kind = Token::Kind::Punctuator;
  if (std::string_view(".(),;{}[]").find(c) != std::string_view::npos) {
    token.text = source_.substr(at_++, 1);
    return token;
  }
  for (auto candidate : kPunctuators)
    if (candidate[0] == c && source_.substr(at_, candidate.size()) == candidate) {
      token.text = candidate;
      at_ += candidate.size();
      return token;
    }
  fail_at(at_, "unexpected character");
}

char32_t Lexer::hex(int digits) {
  char32_t code = 0;
  for (int i = 0; i < digits; ++i) {
    int const digit = hex_digit(peek());
    if (digit < 0) fail_at(at_, "a hexadecimal digit was expected");
    code = code * 16 + static_cast<char32_t>(digit);
    ++at_;
  }
  return code;
}
char32_t Lexer::code_point_escape() {
  char32_t code = 0;
  if (peek() == '}') fail_at(at_, "an empty escape");
  while (hex_digit(peek()) >= 0) {
    code = code * 16 + static_cast<char32_t>(hex_digit(source_[at_++]));
    if (code > 0x10FFFF) fail_at(at_, "not a code point");
  }
  if (peek() != '}') fail_at(at_, "the escape does not end in }");
  ++at_;
  return code;
}

Token Lexer::identifier() {
  Token token;
  token.start = at_;
  std::string resolved;
  bool escaped = false;
  while (at_ < source_.size()) {
    std::size_t const before = at_;
    std::size_t next = at_;
    char32_t code = decode_utf8(source_, next);
    if (!continues_name(code)) break;
    at_ = next;
    if (code == '\\') {
      if (!escaped) resolved = source_.substr(token.start, before - token.start);
      escaped = true;
      if (peek() != 'u') fail_at(at_, "only \\u escapes may stand in a name");
      ++at_;
      code = hex(4);
      if (code == '\\' || !continues_name(code)) fail_at(at_, "this escape cannot stand in a name");
    }
    if (escaped) append_utf8(resolved, code);
  }
  token.text = escaped ? keep(std::move(resolved)) : source_.substr(token.start, at_ - token.start);
  if (token.text == "null")
    token.kind = Token::Kind::Null;
  else if (token.text == "true" || token.text == "false")
    token.kind = Token::Kind::Boolean;
  else if (token.text != source_ &&  // {"signal": "static"}: a signal is found by its name before anything is parsed.
           std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end())
    token.kind = Token::Kind::Keyword;
  else
    token.kind = Token::Kind::Identifier;
  return token;
}

Token Lexer::number() {
  Token token;
  token.kind = Token::Kind::Number;
  token.start = at_;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
    at_ += 2;
    if (hex_digit(peek()) < 0) fail_at(at_, "a hexadecimal digit was expected");
    while (hex_digit(peek()) >= 0) token.number = token.number * 16 + hex_digit(source_[at_++]);
  } else {
    if (peek() == '0' && is_digit(peek(1))) fail_at(at_, "octal numbers are not allowed");
    while (is_digit(peek())) ++at_;
    if (peek() == '.') {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!is_digit(peek())) fail_at(at_, "an exponent was expected");
      while (is_digit(peek())) ++at_;
    }
    token.number = string_to_number(source_.substr(token.start, at_ - token.start));
  }
  std::size_t next = at_;
  if (at_ < source_.size() && starts_name(decode_utf8(source_, next))) fail_at(at_, "a name cannot follow a number");
  return token;
}

Token Lexer::string(char quote) {
  Token token;
  token.kind = Token::Kind::String;
  token.start = at_++;
  std::string_view const rest = source_.substr(at_);
  if (auto const end = rest.find_first_of(quote == '"' ? "\"\\\n\r" : "'\\\n\r");
      end < rest.size() && rest[end] == quote) {
    token.text = rest.substr(0, end);
    at_ += end + 1;
    return token;
  }
  std::string text;
  std::u16string pending;  // Escaped surrogates wait for their other half.
  auto const flush = [&] {
    if (!pending.empty()) text += to_utf8(pending);
    pending.clear();
  };
  auto const escaped = [&](char32_t code) {
    if (code >= 0xD800 && code < 0xE000) {
      pending += static_cast<char16_t>(code);
    } else {
      flush();
      append_utf8(text, code);
    }
  };
  for (;;) {
    if (at_ >= source_.size() || source_[at_] == '\n' || source_[at_] == '\r')
      fail_at(token.start, "the text has no closing quote");
    char const c = source_[at_++];
    if (c == quote) break;
    if (c != '\\') {
      flush();
      text += c;
      continue;
    }
    char const e = peek();
    if (at_ >= source_.size()) fail_at(token.start, "the text has no closing quote");
    ++at_;
    switch (e) {
      case 'u':
      case 'x':
        if (peek() == '{') {
          ++at_;
          escaped(code_point_escape());
        } else {
          escaped(hex(e == 'u' ? 4 : 2));
        }
        break;
      case 'n':
        escaped('\n');
        break;
      case 'r':
        escaped('\r');
        break;
      case 't':
        escaped('\t');
        break;
      case 'b':
        escaped('\b');
        break;
      case 'f':
        escaped('\f');
        break;
      case 'v':
        escaped('\v');
        break;
      case '\r':
        if (peek() == '\n') ++at_;
        break;
      case '\n':
        break;
      default:
        if (is_digit(e) && e < '8' && !(e == '0' && !is_digit(peek())))
          fail_at(at_ - 2, "octal escapes are not allowed");
        if (e == '0')
          escaped(0);
        else
          flush(), text += e;
    }
  }
  flush();
  token.text = keep(std::move(text));
  return token;
}

Token Lexer::regexp(Token const& slash) {
  Token token;
  token.kind = Token::Kind::Regexp;
  token.start = slash.start;
  at_ = slash.start + 1;
  bool in_class = false;
  for (;; ++at_) {
    if (at_ >= source_.size() || source_[at_] == '\n' || source_[at_] == '\r')
      fail_at(token.start, "the regular expression has no closing /");
    char const c = source_[at_];
    if (c == '\\') {
      ++at_;
      continue;
    }
    if (c == '/' && !in_class) break;
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
  }
  token.text = source_.substr(slash.start + 1, at_ - slash.start - 1);
  auto const flags = ++at_;
  while (peek() >= 'a' && peek() <= 'z') ++at_;
  token.flags = source_.substr(flags, at_ - flags);
  return token;
}

}  // namespace cml::vega
