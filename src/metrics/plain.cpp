// What training scripts print: lines of "name: number", and scikit-learn's classification report as text.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::string& word : split(replace_all(std::string(trim(line)), "\t", " "), ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "seconds" of "412.7 seconds"; nothing when the rest says more than a unit. "(epoch 9)" and "✅" are remarks.
std::optional<std::string> unit_of(std::string_view rest) {
  rest = trim(rest);
  if (rest.empty() || (rest.front() == '(' && rest.back() == ')')) return "";
  if (std::all_of(rest.begin(), rest.end(), is_letter) && rest.size() <= 12) return std::string(rest);
  bool const says_something =
      std::any_of(rest.begin(), rest.end(), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  return says_something ? std::nullopt : std::optional<std::string>("");
}

// "accuracy: 0.9", "accuracy = 90.1%", "time: 412.7 seconds"; `bare` also takes "accuracy 0.9". A unit becomes part of
// the name, "accuracy (%)", so that the value stays a number.
std::optional<Metric> pair_of(std::string_view text, bool bare) {
  text = trim(text);
  auto at = text.find_last_of(":=");
  bool const separated = at != std::string_view::npos;
  if (!separated && bare) at = text.find_last_of(" \t");
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view const value = trim(text.substr(at + 1));
  auto const end = std::min(value.find_first_of(" \t"), value.size());
  std::string_view word = value.substr(0, end);
  while (!word.empty() && contains(".,;", word.substr(word.size() - 1))) word.remove_suffix(1);
  std::optional<std::string> unit = separated ? unit_of(value.substr(end)) : "";
  if (!word.empty() && word.back() == '%') {
    word.remove_suffix(1);
    if (unit) unit = "%";
  }
  Scalar number = scalar_of_text(word);
  std::string name(trim(text.substr(0, at)));
  if (name.empty() || !unit || !number_of(number)) return std::nullopt;
  return Metric{unit->empty() ? name : name + " (" + *unit + ")", std::move(number)};
}

// Several on one line, as "loss: 0.3 - acc: 0.9" and "loss=0.3, acc=0.9".
std::vector<Metric> pairs_of(std::string_view line) {
  std::string text(line);
  for (std::string_view separator : {", ", "; ", " - ", " | ", "\t"})
    text = replace_all(std::move(text), separator, "\n");
  std::vector<Metric> pairs;
  for (std::string const& part : split(text, '\n'))
    if (auto pair = pair_of(part, false)) pairs.push_back(std::move(*pair));
  if (pairs.size() > 1) return pairs;
  pairs.clear();
  if (auto pair = pair_of(line, true)) pairs.push_back(std::move(*pair));
  return pairs;
}

// The dictionary that the printed report was made from.
std::optional<Node> printed_report(std::vector<std::string> const& lines) {
  std::vector<std::string> const head{"precision", "recall", "f1-score", "support"};
  auto line = std::find_if(lines.begin(), lines.end(), [&](std::string const& text) { return words_of(text) == head; });
  if (line == lines.end()) return std::nullopt;
  Node::Map report;
  int blank = 0;  // One blank line stands before the classes and one before the averages.
  while (++line != lines.end() && blank <= 2) {
    auto words = words_of(*line);
    if (words.empty()) {
      ++blank;
      continue;
    }
    std::size_t numbers = 0;
    while (numbers < std::min<std::size_t>(words.size() - 1, 4) &&
           number_of(scalar_of_text(words[words.size() - 1 - numbers])))
      ++numbers;
    bool const accuracy = words.size() == 3 && words[0] == "accuracy" && numbers == 2;
    if (numbers != 4 && !accuracy) break;
    std::string name;
    for (std::size_t i = 0; i + numbers < words.size(); ++i) name += (i > 0 ? " " : "") + words[i];
    Node row;
    if (accuracy) {
      row.value = scalar_of_text(words[1]);
    } else {
      Node::Map cells;
      for (std::size_t i = 0; i < 4; ++i) {
        Node cell;
        cell.value = scalar_of_text(words[words.size() - 4 + i]);
        cells.push_back({head[i], std::move(cell)});
      }
      row.value = std::move(cells);
    }
    report.push_back({std::move(name), std::move(row)});
  }
  Node node;
  node.value = std::move(report);
  return is_classification_report(node) ? std::optional<Node>(std::move(node)) : std::nullopt;
}

}  // namespace

Result<Document> read_plain(std::string_view bytes, Limits const& limits) {
  auto const lines = split(bytes, '\n');
  if (auto report = printed_report(lines)) return document_of(std::move(*report), limits);
  Document document;
  std::map<std::string, std::size_t, std::less<>> known;  // A log says a name once an epoch: the last one counts.
  for (std::string const& line : lines) {
    std::string_view const text = trim(line);
    if (text.empty() || text[0] == '#') continue;
    for (Metric& pair : pairs_of(text)) {
      auto const [place, fresh] = known.emplace(pair.name, document.metrics.size());
      if (!fresh)
        document.metrics[place->second].value = std::move(pair.value);
      else
        document.metrics.push_back(std::move(pair));
    }
    if (document.metrics.size() > limits.max_values) return Error{ErrorKind::BadInput, too_many_values(limits)};
  }
  if (document.metrics.empty())
    return Error{ErrorKind::BadInput,
                 "no metrics found; known are JSON, YAML, TOML, CSV, TSV, JUnit XML, TensorBoard events, printed "
                 "classification reports and lines of \"name: number\""};
  return document;
}

}  // namespace cml::metrics
