// Date.parse as V8 has it. Two grammars: ECMA-262's profile of ISO 8601 first; what does not fit goes on, from where
// the first stopped, with the lenient one: numbers with ':' are times, other numbers are dates, words are months,
// AM/PM, zones or (before any number) ignored, and parentheses are comments.
#include <cmath>
#include <cstring>

#include "vega/value/numbers.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/time_zone.hpp"

namespace cml::vega {
namespace {

bool between(double n, double low, double high) { return low <= n && n <= high; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Token {
  enum class Kind { End, Number, Symbol, Space, Word, Unknown } kind = Kind::End;
  int number = 0;
  int length = 0;
  char symbol = 0;
  enum class Word { Other, Month, Period, Zone, TimeMark } word = Word::Other;
  int value = 0;

  bool is(Kind k) const { return kind == k; }
  bool is_symbol(char c) const { return kind == Kind::Symbol && symbol == c; }
  bool is_sign() const { return is_symbol('+') || is_symbol('-'); }
  bool is_fixed(int digits) const { return kind == Kind::Number && length == digits; }
  bool is_z() const { return kind == Kind::Word && word == Word::Zone && length == 1; }
};

struct Keyword {
  char text[4];
  Token::Word word;
  int value;
};
constexpr Keyword kKeywords[] = {
    {"jan", Token::Word::Month, 1},  {"feb", Token::Word::Month, 2},  {"mar", Token::Word::Month, 3},
    {"apr", Token::Word::Month, 4},  {"may", Token::Word::Month, 5},  {"jun", Token::Word::Month, 6},
    {"jul", Token::Word::Month, 7},  {"aug", Token::Word::Month, 8},  {"sep", Token::Word::Month, 9},
    {"oct", Token::Word::Month, 10}, {"nov", Token::Word::Month, 11}, {"dec", Token::Word::Month, 12},
    {"am", Token::Word::Period, 0},  {"pm", Token::Word::Period, 12}, {"ut", Token::Word::Zone, 0},
    {"utc", Token::Word::Zone, 0},   {"z", Token::Word::Zone, 0},     {"gmt", Token::Word::Zone, 0},
    {"cdt", Token::Word::Zone, -5},  {"cst", Token::Word::Zone, -6},  {"edt", Token::Word::Zone, -4},
    {"est", Token::Word::Zone, -5},  {"mdt", Token::Word::Zone, -6},  {"mst", Token::Word::Zone, -7},
    {"pdt", Token::Word::Zone, -7},  {"pst", Token::Word::Zone, -8},  {"t", Token::Word::TimeMark, 0}};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { advance(); }
  Token const& peek() const { return token_; }
  Token next() {
    auto const token = token_;
    advance();
    return token;
  }
  bool skip(char symbol) {
    if (!token_.is_symbol(symbol)) return false;
    advance();
    return true;
  }

 private:
  void advance() {
    token_ = Token();
    auto const start = at_;
    if (at_ >= text_.size()) return;
    char const c = text_[at_];
    if (is_digit(c)) {
      token_.kind = Token::Kind::Number;
      int significant = 0;
      for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
        if (token_.number == 0 && text_[at_] == '0') continue;
        if (significant++ < 9) token_.number = token_.number * 10 + (text_[at_] - '0');
      }
    } else if (is_letter(c)) {
      token_.kind = Token::Kind::Word;
      char prefix[4] = {};
      for (; at_ < text_.size() && is_letter(text_[at_]); ++at_)
        if (at_ - start < 3) prefix[at_ - start] = static_cast<char>(text_[at_] | 0x20);
      for (auto const& keyword : kKeywords)
        if (!std::strcmp(prefix, keyword.text) && (at_ - start <= 3 || keyword.word == Token::Word::Month)) {
          token_.word = keyword.word;
          token_.value = keyword.value;
        }
    } else if (c == ' ' || (c >= 9 && c <= 13)) {
      token_.kind = Token::Kind::Space;
      while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= 9 && text_[at_] <= 13))) ++at_;
    } else if (c == '(') {
      token_.kind = Token::Kind::Unknown;
      int depth = 0;
      do {
        if (text_[at_] == '(') ++depth;
        if (text_[at_] == ')') --depth;
        ++at_;
      } while (depth > 0 && at_ < text_.size());
    } else {
      token_.kind = Token::Kind::Symbol;
      token_.symbol = c;
      ++at_;
    }
    token_.length = static_cast<int>(at_ - start);
    token_at_ = start;
  }
  std::string_view text_;
  std::size_t at_ = 0, token_at_ = 0;
  Token token_;
};

// Milliseconds of a fraction's digits: the first three count.
int fraction(Token const& token) {
  int n = token.number, length = token.length;
  if (length == 1) return n * 100;
  if (length == 2) return n * 10;
  if (length > 3) {
    if (length > 9) length = 9;
    for (; length > 3; --length) n /= 10;
  }
  return n;
}

struct DateParser {
  Scanner scan;
  int day[3] = {}, days = 0, named_month = 0;
  int time[4] = {}, times = 0;
  int period = -1;
  bool iso = false;
  bool has_zone = false, zone_open = false;  // Open: minutes may follow.
  int zone_sign = 1, zone_hour = 0, zone_minute = 0;

  bool add_day(int n) {
    if (days >= 3) return false;
    day[days++] = n;
    return true;
  }
  bool add_time(int n) {
    if (times >= 4) return false;
    time[times++] = n;
    return true;
  }
  void final_time(int n) {
    add_time(n);
    while (times < 4) time[times++] = 0;
  }
  bool time_expects(int n) const {
    return (times == 1 && between(n, 0, 59)) || (times == 2 && between(n, 0, 59)) || (times == 3 && between(n, 0, 999));
  }
  void set_zone(int hours) {
    has_zone = true;
    zone_open = false;
    zone_sign = hours < 0 ? -1 : 1;
    zone_hour = std::abs(hours);
    zone_minute = 0;
  }

  // Fills what it can; true when the whole text is an ISO date.
  bool read_iso() {
    using Kind = Token::Kind;
    if (scan.peek().is_sign()) {
      int const sign = scan.next().symbol == '-' ? -1 : 1;
      if (!scan.peek().is_fixed(6)) return false;
      int const year = scan.next().number;
      if (sign < 0 && year == 0) return false;
      add_day(sign * year);
    } else if (scan.peek().is_fixed(4)) {
      add_day(scan.next().number);
    } else {
      return false;
    }
    if (scan.skip('-')) {
      if (!scan.peek().is_fixed(2) || !between(scan.peek().number, 1, 12)) return false;
      add_day(scan.next().number);
      if (scan.skip('-')) {
        if (!scan.peek().is_fixed(2) || !between(scan.peek().number, 1, 31)) return false;
        add_day(scan.next().number);
      }
    }
    if (scan.peek().is(Kind::End)) {
      set_zone(0);
      return iso = true;
    }
    if (!scan.peek().is(Kind::Word) || scan.peek().word != Token::Word::TimeMark) return false;
    scan.next();
    if (!scan.peek().is_fixed(2) || !between(scan.peek().number, 0, 24)) return bad();
    bool const hour24 = scan.peek().number == 24;
    add_time(scan.next().number);
    if (!scan.skip(':')) return bad();
    auto const field = [&] {
      return scan.peek().is_fixed(2) && between(scan.peek().number, 0, 59) && !(hour24 && scan.peek().number > 0);
    };
    if (!field()) return bad();
    add_time(scan.next().number);
    if (scan.skip(':')) {
      if (!field()) return bad();
      add_time(scan.next().number);
      if (scan.skip('.')) {
        if (!scan.peek().is(Kind::Number) || (hour24 && scan.peek().number > 0)) return bad();
        add_time(fraction(scan.next()));
      }
    }
    if (scan.peek().is_z()) {
      scan.next();
      set_zone(0);
    } else if (scan.peek().is_sign()) {
      int const sign = scan.next().symbol == '-' ? -1 : 1;
      if (scan.peek().is_fixed(4)) {  // hhmm, without a colon.
        int const n = scan.next().number, hour = n / 100, minute = n % 100;
        if (!between(hour, 0, 23) || !between(minute, 0, 59)) return bad();
        set_zone(0);
        zone_sign = sign, zone_hour = hour, zone_minute = minute;
      } else {
        if (!scan.peek().is_fixed(2) || !between(scan.peek().number, 0, 23)) return bad();
        set_zone(0);
        zone_sign = sign, zone_hour = scan.next().number;
        if (!scan.skip(':') || !scan.peek().is_fixed(2) || !between(scan.peek().number, 0, 59)) return bad();
        zone_minute = scan.next().number;
      }
    }
    if (!scan.peek().is(Kind::End)) return bad();
    return iso = true;
  }
  // After the 'T' of an ISO time nothing lenient is tried.
  bool invalid = false;
  bool bad() {
    invalid = true;
    return false;
  }

  bool read_lenient() {
    using Kind = Token::Kind;
    bool has_number = days > 0;
    while (!scan.peek().is(Kind::End)) {
      auto const token = scan.next();
      if (token.is(Kind::Number)) {
        has_number = true;
        int const n = token.number;
        if (scan.skip(':')) {
          if (scan.skip(':')) {
            if (times > 0) return false;
            add_time(n);
            add_time(0);
          } else {
            if (!add_time(n)) return false;
            if (scan.peek().is_symbol('.')) scan.next();
          }
        } else if (scan.peek().is_symbol('.') && time_expects(n)) {
          scan.next();
          add_time(n);
          if (!scan.peek().is(Kind::Number)) return false;
          final_time(fraction(scan.next()));
        } else if (zone_open && between(n, 0, 59)) {
          zone_minute = n;
          zone_open = false;
        } else if (time_expects(n)) {
          final_time(n);
          auto const& after = scan.peek();
          if (!after.is(Kind::End) && !after.is(Kind::Space) && !after.is_z() && !after.is_sign()) return false;
        } else {
          scan.skip('.');
          if (!add_day(n)) return false;
          scan.skip('-');
        }
      } else if (token.is(Kind::Word)) {
        if (token.word == Token::Word::Period && times > 0) {
          period = token.value;
        } else if (token.word == Token::Word::Month) {
          named_month = token.value;
          scan.skip('-');
        } else if (token.word == Token::Word::Zone && has_number) {
          set_zone(token.value);
        } else {
          if (has_number || scan.peek().is(Kind::Number)) return false;
        }
      } else if (token.is_sign() && ((has_zone && zone_hour == 0 && zone_minute == 0) || times > 0)) {
        has_zone = true;
        zone_sign = token.symbol == '-' ? -1 : 1;
        int n = 0, length = 0;
        if (scan.peek().is(Kind::Number)) {
          length = scan.peek().length;
          n = scan.next().number;
        }
        has_number = true;
        zone_minute = 0;
        zone_open = false;
        if (scan.peek().is_symbol(':')) {
          zone_hour = n;
          zone_open = true;
        } else if (length == 1 || length == 2) {
          zone_hour = n;
        } else if (length == 3 || length == 4) {
          zone_hour = n / 100;
          zone_minute = n % 100;
        } else {
          return false;
        }
      } else if ((token.is_sign() || token.is_symbol(')')) && has_number) {
        return false;
      }
    }
    return true;
  }

  double result() {
    if (days < 1) return kNaN;
    while (days < 3) day[days++] = 1;
    int year, month, date;
    auto const is_day = [](int n) { return between(n, 1, 31); };
    if (!named_month) {
      if (iso || !is_day(day[0]))
        year = day[0], month = day[1], date = day[2];
      else
        month = day[0], date = day[1], year = day[2];
    } else {
      month = named_month;
      if (!is_day(day[0]))
        year = day[0], date = day[1];
      else
        date = day[0], year = day[1];
    }
    if (!iso) {
      if (between(year, 0, 49))
        year += 2000;
      else if (between(year, 50, 99))
        year += 1900;
    }
    if (!between(month, 1, 12) || !is_day(date)) return kNaN;
    while (times < 4) time[times++] = 0;
    int hour = time[0];
    if (period >= 0) {
      if (!between(hour, 0, 12)) return kNaN;
      hour = hour % 12 + period;
    }
    bool const usual =
        between(hour, 0, 23) && between(time[1], 0, 59) && between(time[2], 0, 59) && between(time[3], 0, 999);
    if (!usual && (hour != 24 || time[1] || time[2] || time[3])) return kNaN;
    double const local =
        make_time(year, month - 1, date, hour, time[1], time[2], time[3], has_zone ? Zone::Utc : Zone::Local);
    return has_zone ? time_clip(local - zone_sign * (zone_hour * 3600000.0 + zone_minute * 60000.0)) : local;
  }
};

}  // namespace

double parse_date(std::string_view text) {
  if (text.size() > 1000) return kNaN;
  DateParser parser{Scanner(text)};
  if (!parser.read_iso() && (parser.invalid || !parser.read_lenient())) return kNaN;
  return parser.result();
}

std::string date_string(double ms) {
  ms = time_clip(ms);
  if (std::isnan(ms)) return "Invalid Date";
  auto const text = TimeFormat("%a %b %d %Y %H:%M:%S GMT%Z", Zone::Local)(ms);
  return local_zone().is_utc() ? text + " (Coordinated Universal Time)"
                               : text;  // Zones' long names are no part of their database.
}

}  // namespace cml::vega
