#include "metrics/log_lines.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cml::metrics {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_num(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// "12:33", "00:12:33.5" in seconds.
std::optional<double> clock_seconds(std::string_view text) {
  auto const parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  double total = 0;
  for (std::string const& part : parts) {
    if (part.empty() || part.size() > 12 || part.find_first_not_of("0123456789.") != std::string::npos)
      return std::nullopt;
    auto const number = number_of(scalar_of_text(part));
    if (!number) return std::nullopt;
    total = total * 60 + *number;
  }
  return total;
}

bool is_date(std::string_view text) {
  return text.size() >= 10 && is_num(text[0]) && is_num(text[3]) && (text[4] == '-' || text[4] == '/') &&
         is_num(text[5]) && text[7] == text[4] && is_num(text[9]);
}

constexpr std::array<std::string_view, 9> kLevels{"DEBUG", "INFO",     "WARNING", "WARN", "ERROR",
                                                  "FATAL", "CRITICAL", "NOTICE",  "TRACE"};

// Where the message begins behind "LEVEL", "NAME - LEVEL - ", "LEVEL:NAME:" at the start; 0 when there is none.
std::size_t behind_level(std::string_view text) {
  for (std::string_view level : kLevels) {
    auto const at = text.substr(0, 80).find(level);
    if (at == std::string_view::npos) continue;
    std::size_t end = at + level.size();
    bool const alone = (at == 0 || !is_alpha(text[at - 1])) && (end == text.size() || !is_alpha(text[end]));
    // Before it only a logger's name: "trainer - ", "root:", "[".
    bool const plain = text.substr(0, at).find_first_of("=") == std::string_view::npos &&
                       std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), ' ') <= 4;
    if (!alone || !plain) continue;
    if (at == 0 && end < text.size() && text[end] == ':') {  // "INFO:root:message"
      auto const name = text.find(':', end + 1);
      if (name != std::string_view::npos &&
          text.substr(end + 1, name - end - 1).find_first_of(" =") == std::string::npos)
        end = name;
      if (end + 1 < text.size() && text[end] == ':') ++end;
    }
    // "ERROR: 0.5" is a metric.
    auto const message = text.find_first_not_of(" :=", end);
    if (at == 0 && message != std::string_view::npos && is_num(text[message])) return 0;
    return end;
  }
  return 0;
}

// Without time, level and name of the logger; `iteration` gets the number of a "[12]" in front.
std::string_view message_of(std::string_view line, std::optional<std::int64_t>& iteration) {
  constexpr int kMostMarks = 12;  // In front of a message.
  for (int mark = 0; mark < kMostMarks; ++mark) {
    line = trim(line);
    std::size_t const before = line.size();
    while (!line.empty() && contains("-|:", line.substr(0, 1)) && (line.size() < 2 || is_blank(line[1])))
      line = trim(line.substr(1));
    if (is_date(line)) {
      auto end = line.find_first_of(" T", 9);
      line = end == std::string_view::npos ? "" : line.substr(end + 1);
      auto const time = std::min(line.find_first_not_of("0123456789:.,Z+"), line.size());
      if (time >= 5) line = line.substr(time);
      if (!line.empty() && line[0] == ']') line.remove_prefix(1);
    } else if (auto const time = std::min(line.find_first_not_of("0123456789:.,"), line.size());
               time >= 8 && line[2] == ':' && line[5] == ':') {
      line = line.substr(time);
    } else if (!line.empty() && line[0] == '[') {
      auto const end = line.find(']');
      if (end == std::string_view::npos) {
        line.remove_prefix(1);
      } else {
        std::string_view const inside = trim(line.substr(1, end - 1));
        bool const said = inside.find('=') != std::string_view::npos;
        if (auto const number = parse_integer(inside)) iteration = *number;
        if (said) return line;  // "[loss=0.5]": pairs, not a mark.
        line = line.substr(end + 1);
      }
    } else if (auto const level = behind_level(line); level > 0) {
      line = line.substr(level);
    }
    if (line.size() == before) return line;
  }
  return line;
}

// A number at the start of the text: how long it is, and what it says.
struct Value {
  std::size_t length = 0;
  Scalar scalar;
  std::string unit;
};

constexpr std::string_view kEnds = " \t\r,;|)]}'\"";

// What Python prints around a number of NumPy, PyTorch and JAX: "np.float64(0.5)", "tensor(0.5, device='cuda:0')".
constexpr std::array<std::string_view, 8> kWrappers{"np.float", "np.int", "numpy.float", "numpy.int",
                                                    "tensor",   "array",  "Array",       "Decimal"};

// How long such a wrapper is up to the number; 0 when there is none.
std::size_t wrapper_length(std::string_view text) {
  for (std::string_view wrapper : kWrappers) {
    if (!text.starts_with(wrapper)) continue;
    auto const open = std::min(text.find_first_not_of("0123456789", wrapper.size()), text.size());
    if (text.substr(open, 1) != "(") continue;
    return open + (text.substr(open, 2) == "('" ? 2 : 1);
  }
  return 0;
}

// The same number within "1,234,567.5"; how long it is there. Nothing when its commas do not separate thousands.
std::optional<Value> thousands_at(std::string_view text) {
  std::string digits;
  std::size_t at = std::min(text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0), text.size());
  if (at == 0 || at > 4) return std::nullopt;
  digits = text.substr(0, at);
  auto const group = [&] {
    return text.size() >= at + 4 && text[at] == ',' &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                       text.begin() + static_cast<std::ptrdiff_t>(at) + 4, is_num) &&
           (text.size() == at + 4 || !is_num(text[at + 4]));
  };
  if (!group()) return std::nullopt;
  for (; group(); at += 4) digits += text.substr(at + 1, 3);
  if (text.substr(at, 1) == ".") {
    auto const end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    digits += text.substr(at, end - at);
    at = end;
  }
  if (at < text.size() && !contains(kEnds, text.substr(at, 1))) return std::nullopt;
  return Value{at, scalar_of_text(digits), ""};
}

bool says_nothing(std::string_view word) {
  std::string const lower = to_lower(word);
  return lower == "null" || lower == "none" || lower == "n/a" || lower == "na" || lower == "undefined";
}

std::optional<Value> value_at(std::string_view text) {
  text = text.substr(0, 128);  // No number is longer.
  if (std::size_t const wrapped = wrapper_length(text); wrapped > 0) {
    auto value = value_at(text.substr(wrapped));
    auto const close = text.find(')', wrapped);
    if (!value || close == std::string_view::npos) return std::nullopt;
    value->length = close + 1;
    return value;
  }
  if (auto value = thousands_at(text)) return value;
  std::size_t length = std::min(text.find_first_of(kEnds), text.size());
  std::string_view word = text.substr(0, length);
  while (!word.empty() && word.back() == '.') word.remove_suffix(1);
  if (word.empty()) return std::nullopt;
  if (says_nothing(word)) return Value{length, {}, ""};
  Value value{length, {}, ""};
  if (word.back() == '%') word.remove_suffix(1), value.unit = "%";
  if (auto const seconds = clock_seconds(word); seconds && value.unit.empty())
    return Value{length, *seconds, "seconds"};
  value.scalar = scalar_of_text(word);
  if (number_of(value.scalar)) return value;
  // "2ms", "1.5s", "3.2GB": a unit without a blank.
  auto const digits = word.find_first_not_of("+-.0123456789eE");
  if (digits == std::string_view::npos || digits == 0 || word.size() - digits > 6) return std::nullopt;
  if (!std::all_of(word.begin() + static_cast<std::ptrdiff_t>(digits), word.end(),
                   [](char c) { return is_alpha(c) || c == '/'; }))
    return std::nullopt;
  value.scalar = scalar_of_text(word.substr(0, digits));
  value.unit = word.substr(digits);
  return number_of(value.scalar) ? std::optional(value) : std::nullopt;
}

// What stands between two pairs, or after the last: a separator, a remark, a word that is a unit. Nothing when it says
// more, so that "5 of 10 steps" is not a value.
std::optional<std::string> unit_after(std::string_view rest) {
  rest = trim(rest);
  while (!rest.empty() && contains(")]}'\"", rest.substr(0, 1))) rest = trim(rest.substr(1));
  if (rest.empty() || contains(",;|", rest.substr(0, 1)) || rest.starts_with("- ")) return "";
  if (rest.front() == '(' || rest.front() == '[') return "";
  auto const end =
      std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/"), rest.size());
  std::string_view const after = trim(rest.substr(end));
  bool const ends = after.empty() || contains(",;|.([", after.substr(0, 1)) || after.starts_with("- ");
  if (end > 0 && end <= 12 && ends) return std::string(rest.substr(0, end));
  return std::any_of(rest.begin(), rest.end(), [](char c) { return is_alpha(c) || is_num(c); })
             ? std::nullopt
             : std::optional<std::string>("");
}

// "Epoch 3", "epoch [3/10]", "Step 20": a counter and its number.
std::optional<Metric> counter_of(std::string_view text) {
  if (text.size() > 60) return std::nullopt;
  text = trim(text);
  auto const end = std::min(text.find_first_of(" \t["), text.size());
  std::string const word = to_lower(text.substr(0, end));
  constexpr std::array<std::string_view, 7> kCounters{"epoch", "step", "iter", "iteration", "batch", "round", "fold"};
  if (std::find(kCounters.begin(), kCounters.end(), word) == kCounters.end()) return std::nullopt;
  std::string_view number = trim(text.substr(end));
  while (!number.empty() && contains("[#", number.substr(0, 1))) number.remove_prefix(1);
  auto const digits = std::min(number.find_first_not_of("0123456789"), number.size());
  auto const value = parse_integer(number.substr(0, digits));
  std::string_view const rest = number.substr(digits);
  if (!value || rest.find_first_not_of("/0123456789] ") != std::string_view::npos) return std::nullopt;
  return Metric{word, static_cast<std::int64_t>(*value)};
}

// The name before a separator at `at`: back to the last separator of pairs.
std::string_view name_before(std::string_view text, std::size_t from, std::size_t at) {
  constexpr std::size_t kLongest = 200;  // So that a line of many separators takes no time for each from its start.
  if (at - from > kLongest) from = at - kLongest;
  std::string_view name = text.substr(from, at - from);
  for (std::string_view separator : {", ", "; ", "| ", "\t", "{", " - "}) {
    auto const cut = name.rfind(separator);
    if (cut == std::string_view::npos) continue;
    // " - " may be part of a name at the very start of a line: "train - loss: 0.3".
    if (separator == " - " && from == 0 &&
        std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(cut),
                    [](char c) { return is_alpha(c) || c == '_'; }))
      continue;
    name = name.substr(cut + separator.size());
  }
  name = trim(name);
  while (!name.empty() && contains(",;|-([{'\"", name.substr(0, 1))) name = trim(name.substr(1));
  while (!name.empty() && contains("'\"", name.substr(name.size() - 1))) name.remove_suffix(1);
  return name;
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || std::none_of(name.begin(), name.end(), is_alpha)) return false;
  if (is_num(name[0]) && contains(name, " ")) return false;
  return name.find_first_of("=:{}\"█━") == std::string_view::npos && std::count(name.begin(), name.end(), ' ') <= 5;
}

std::optional<Metric> coco_of(std::string_view line) {
  bool const precision = line.starts_with("Average Precision");
  if (!precision && !line.starts_with("Average Recall")) return std::nullopt;
  auto const part = [&](std::string_view key) {
    auto const at = line.find(key);
    if (at == std::string_view::npos) return std::string();
    std::string_view const rest = trim(line.substr(at + key.size()));
    return std::string(rest.substr(0, rest.find_first_of(" |]")));
  };
  std::string const iou = part("IoU="), area = part("area="), dets = part("maxDets=");
  auto const equals = line.rfind('=');
  Scalar value = scalar_of_text(line.substr(equals + 1));
  if (iou.empty() || area.empty() || !number_of(value)) return std::nullopt;
  std::string name = precision ? "AP" : "AR@" + dets;
  if (iou == "0.50" || iou == "0.75") name += iou.substr(2);
  return Metric{name + (area == "all" ? "" : "_" + area), std::move(value)};
}

// "loss 0.21", "Step 100 loss 0.5", "| loss | 0.2 |": names and numbers in turn, and nothing else.
std::vector<Metric> bare_pairs(std::string_view text) {
  std::vector<Metric> pairs;
  std::string name;
  std::size_t words = 0;
  std::string blanks(text);
  std::replace_if(
      blanks.begin(), blanks.end(), [](char c) { return c == '\t' || c == '|'; }, ' ');
  for (std::string const& word : split(blanks, ' ')) {
    if (word.empty()) continue;
    Scalar number = scalar_of_text(word);
    if (!number_of(number)) {
      name += (name.empty() ? "" : " ") + word, ++words;
      continue;
    }
    if (words == 0 || words > 3 || !is_name(name)) return {};
    pairs.push_back({name, std::move(number)});
    name.clear(), words = 0;
  }
  return name.empty() ? pairs : std::vector<Metric>{};
}

}  // namespace

std::vector<Metric> pairs_of_line(std::string_view line, std::optional<std::int64_t>& epoch) {
  std::optional<std::int64_t> iteration;
  std::string_view const text = message_of(line, iteration);
  if (auto coco = coco_of(text)) return {std::move(*coco)};
  std::vector<Metric> pairs;
  if (iteration) pairs.push_back({"iteration", *iteration});
  std::size_t const counted = pairs.size();
  std::size_t from = 0;  // Where the next name may begin.
  bool refused = false;
  for (std::size_t at = text.find_first_of(":="); at != std::string_view::npos; at = text.find_first_of(":=", at + 1)) {
    if (auto counter = counter_of(text.substr(from, at - from)); counter && text[at] == ':') {
      if (counter->name == "epoch") epoch = std::get<std::int64_t>(counter->value);
      pairs.push_back(std::move(*counter));
      from = at + 1;
      continue;
    }
    std::size_t start = at + 1;
    while (start < text.size() && is_blank(text[start])) ++start;
    auto value = value_at(text.substr(std::min(start, text.size())));
    std::string_view const name = name_before(text, from, at);
    if (!value || !is_name(name)) continue;
    std::size_t const end = start + value->length;
    std::string_view const rest = text.substr(end);
    // Up to the next name: what stands there must be no more than a unit.
    auto const next = rest.find_first_of(":=");
    std::optional<std::string> const unit = unit_after(rest);
    bool const followed = next != std::string_view::npos && is_name(name_before(rest, 0, next));
    if (!unit && !followed) {
      refused = true;
      continue;
    }
    std::string const shown = !value->unit.empty() ? value->unit : unit.value_or("");
    pairs.push_back({std::string(name) + (shown.empty() ? "" : " (" + shown + ")"), std::move(value->scalar)});
    from = end;
    at = end - 1;
    if (pairs.size() >= kMostPairs) return pairs;
  }
  if (pairs.size() > counted) return pairs;
  if (auto counter = counter_of(text)) {
    if (counter->name == "epoch") epoch = std::get<std::int64_t>(counter->value);
    return {};
  }
  if (refused || text.find_first_of(":=") != std::string_view::npos) return {};
  return bare_pairs(text);
}

namespace {

// Names of columns by the places of a rule of dashes, which are those of the values.
std::vector<std::string> names_by_rule(std::string const& head, std::string const& rule) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < rule.size();) {
    auto const begin = rule.find_first_of("-=", at);
    if (begin == std::string::npos) break;
    auto const end = std::min(rule.find_first_not_of("-=", begin), rule.size());
    names.emplace_back(begin < head.size() ? trim(std::string_view(head).substr(begin, end - begin)) : "");
    at = end;
  }
  return names;
}

std::vector<std::string> words_in(std::string_view line) {
  std::vector<std::string> words;
  for (std::string& word : split(replace_all(std::string(trim(line)), "\t", " "), ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool is_rule(std::string_view line) {
  line = trim(line);
  return line.size() >= 6 && line.find_first_not_of("-= ") == std::string_view::npos && contains(line, " ");
}

std::string yolo_name(std::string word) {
  if (word.starts_with("Box(") || word.starts_with("Mask(")) return word.substr(0, 3) == "Box" ? "P" : "Mask P";
  while (!word.empty() && contains("):", word.substr(word.size() - 1))) word.pop_back();
  return word;
}

}  // namespace

std::optional<Records> printed_table(std::vector<std::string> const& lines, std::size_t& line) {
  std::vector<std::string> names;
  std::size_t row = line + 1;
  if (row < lines.size() && is_rule(lines[row]) && !is_rule(lines[line])) {
    names = names_by_rule(lines[line], lines[row]);
    ++row;
  } else {
    if (!trim(lines[line]).starts_with("Class")) return std::nullopt;
    auto const words = words_in(lines[line]);
    if (words.size() < 6 || words[0] != "Class" || words[1] != "Images") return std::nullopt;
    for (std::string const& word : words) {
      names.push_back(yolo_name(word));
      if (contains(word, "95")) break;  // "mAP50-95):" ends the head; a progress bar may follow.
    }
  }
  if (names.size() < 2) return std::nullopt;
  Records table;
  for (std::size_t i = 0; i < names.size(); ++i)
    table.columns.push_back({names[i].empty() ? "column " + std::to_string(i + 1) : names[i], {}, {}});
  for (; row < lines.size(); ++row) {
    auto const words = words_in(lines[row]);
    if (words.size() < names.size()) break;
    std::size_t const spare = words.size() - names.size();  // A class of several words.
    std::vector<Scalar> cells(1);
    std::string first;
    for (std::size_t i = 0; i <= spare; ++i) first += (i > 0 ? " " : "") + words[i];
    cells[0] = scalar_of_text(first);
    for (std::size_t i = spare + 1; i < words.size(); ++i) cells.push_back(scalar_of_text(words[i]));
    bool const numbers =
        std::all_of(cells.begin() + 1, cells.end(), [](Scalar const& cell) { return number_of(cell).has_value(); });
    if (!numbers) break;
    for (std::size_t i = 0; i < cells.size(); ++i) table.columns[i].cells.push_back(std::move(cells[i]));
  }
  if (table.rows() == 0) return std::nullopt;
  line = row;
  return table;
}

}  // namespace cml::metrics
