#include "report/annotations.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/compose/escape.hpp"
#include "workspace/paths.hpp"

namespace cml::report {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMostAnnotations = 1'000;  // Twenty requests to GitHub.
constexpr std::size_t kMostListed = 50, kMostTitle = 200, kMostMessage = 2'000;
constexpr long long kMostLine = 10'000'000;

// Table: words for how bad it is. SARIF's, then rdjson's, as words and as numbers.
struct LevelWord {
  std::string_view word;
  CheckAnnotation::Level level;
};
constexpr LevelWord kLevelWords[] = {
    {"error", CheckAnnotation::Level::Failure}, {"warning", CheckAnnotation::Level::Warning},
    {"note", CheckAnnotation::Level::Notice},   {"none", CheckAnnotation::Level::Notice},
    {"info", CheckAnnotation::Level::Notice},   {"1", CheckAnnotation::Level::Failure},
    {"2", CheckAnnotation::Level::Warning},     {"3", CheckAnnotation::Level::Notice}};

std::optional<CheckAnnotation::Level> level_of(std::string const& word) {
  for (LevelWord const& row : kLevelWords)
    if (row.word == to_lower(word)) return row.level;
  return std::nullopt;
}

json const kNothing;

json const& member(json const& object, char const* key) {
  if (!object.is_object()) return kNothing;
  auto const found = object.find(key);
  return found == object.end() ? kNothing : *found;
}
json const& first_of(json const& list) { return list.is_array() && !list.empty() ? list.front() : kNothing; }
std::string word_in(json const& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}
long long line_in(json const& value) {
  long long const line = value.is_number_integer() ? value.get<long long>() : 0;
  return line >= 1 && line <= kMostLine ? line : 0;
}

class AnnotationReader {
 public:
  AnnotationReader(Door const& door, fs::path const& root) : door_(door), root_(root) {}

  Annotations result;

  void sarif(json const& root) {
    for (json const& run : member(root, "runs")) {
      json const& driver = member(member(run, "tool"), "driver");
      std::string const tool = word_in(member(driver, "name"));
      json const& rules = member(driver, "rules");
      std::map<std::string, json const*> by_id;
      if (rules.is_array())
        for (json const& rule : rules) by_id.emplace(word_in(member(rule, "id")), &rule);
      json const& results = member(run, "results");
      if (!results.is_array()) continue;
      for (json const& one : results) sarif_result(one, tool, run, by_id);
    }
  }
  void diagnostic(json const& one, json const& whole) {
    json const& location = member(one, "location");
    json const &start = member(member(location, "range"), "start"), &end = member(member(location, "range"), "end");
    std::string tool = word_in(member(member(one, "source"), "name"));
    if (tool.empty()) tool = word_in(member(member(whole, "source"), "name"));
    auto level = level_of(word_in(member(one, "severity")));
    if (!level) level = level_of(word_in(member(whole, "severity")));
    put(word_in(member(location, "path")), line_in(member(start, "line")), line_in(member(end, "line")),
        level.value_or(CheckAnnotation::Level::Warning), tool, word_in(member(member(one, "code"), "value")),
        word_in(member(one, "message")));
  }

  void finish() {
    auto& placed = result.placed;
    std::stable_sort(placed.begin(), placed.end(), [](CheckAnnotation const& a, CheckAnnotation const& b) {
      return a.level != b.level ? a.level > b.level : a.path < b.path;
    });
    if (outside_ > 0)
      result.notes.push_back(std::to_string(outside_) +
                             " findings are about files that the workspace has not, and stand without a place");
  }

 private:
  void sarif_result(json const& one, std::string const& tool, json const& run,
                    std::map<std::string, json const*> const& rules) {
    json const& suppressions = member(one, "suppressions");
    std::string const kind = word_in(member(one, "kind"));
    bool const counts = kind.empty() || kind == "fail" || kind == "open" || kind == "review";
    if ((suppressions.is_array() && !suppressions.empty()) || !counts ||
        word_in(member(one, "baselineState")) == "absent") {
      ++result.suppressed;
      return;
    }
    std::string rule = word_in(member(one, "ruleId"));
    if (rule.empty()) rule = word_in(member(member(one, "rule"), "id"));
    auto level = level_of(word_in(member(one, "level")));
    std::string message = word_in(member(member(one, "message"), "text"));
    if (auto const known = rules.find(rule); known != rules.end()) {
      if (!level) level = level_of(word_in(member(member(*known->second, "defaultConfiguration"), "level")));
      if (message.empty()) message = word_in(member(member(*known->second, "shortDescription"), "text"));
    }
    json const& place = member(first_of(member(one, "locations")), "physicalLocation");
    json const& artifact = member(place, "artifactLocation");
    std::string uri = word_in(member(artifact, "uri"));
    std::string const base = word_in(member(artifact, "uriBaseId"));
    if (!base.empty() && !uri.starts_with("file:") && !uri.starts_with("/")) {
      json const& bases = member(run, "originalUriBaseIds");
      std::string const start = word_in(member(member(bases, base.c_str()), "uri"));
      if (start.starts_with("file:")) uri = start + (start.ends_with('/') ? "" : "/") + uri;
    }
    json const& region = member(place, "region");
    put(percent_decode(uri), line_in(member(region, "startLine")), line_in(member(region, "endLine")),
        level.value_or(CheckAnnotation::Level::Warning), tool, rule, message);
  }

  // The path from the root; empty when there is no such file in the workspace.
  std::string const& place_of(std::string const& written) {
    auto const [known, fresh] = places_.emplace(written, "");
    if (!fresh || written.empty() || written.size() > 4096 || contains(written, std::string_view("\0", 1)))
      return known->second;
    fs::path path = written;
    constexpr std::string_view kFile = "file:";
    if (written.starts_with(kFile)) {
      auto const slashes = written.find_first_not_of('/', kFile.size());
      path = "/" + (slashes == std::string::npos ? std::string() : written.substr(slashes));
    }
    fs::path const full = (root_ / path).lexically_normal();
    if (is_at_or_below(root_, full) && door_.find(full))
      known->second = full.lexically_relative(root_).generic_string();
    return known->second;
  }

  void put(std::string const& written, long long line, long long last, CheckAnnotation::Level level,
           std::string const& tool, std::string const& rule, std::string const& message) {
    CheckAnnotation annotation;
    annotation.path = place_of(written);
    annotation.first_line = std::max(line, 1LL);
    annotation.last_line = std::max(last, annotation.first_line);
    annotation.level = level;
    std::string const title = tool + (tool.empty() || rule.empty() ? "" : ": ") + rule;
    annotation.title = clean_line(title.empty() ? "finding" : title, kMostTitle);
    annotation.message = clean_line(message.empty() ? title : message, kMostMessage);
    outside_ += annotation.path.empty() && !written.empty();
    (annotation.path.empty() ? result.unplaced : result.placed).push_back(std::move(annotation));
  }

  Door const& door_;
  fs::path const& root_;
  std::map<std::string, std::string> places_;
  std::size_t outside_ = 0;
};

// As many as are shown are kept; of the rest is said how many there are.
void cut(std::vector<CheckAnnotation>& list, std::vector<std::string>& notes) {
  if (list.size() <= kMostAnnotations) return;
  notes.push_back(std::to_string(list.size() - kMostAnnotations) + " of " + std::to_string(list.size()) +
                  " findings are left out; the worst " + std::to_string(kMostAnnotations) + " are shown");
  list.resize(kMostAnnotations);
}

}  // namespace

Result<Annotations> read_annotations(std::string_view bytes, Door const& door, fs::path const& root) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  AnnotationReader reader(door, root);
  json const whole = json::parse(bytes, nullptr, false);
  if (member(whole, "runs").is_array()) {
    reader.sarif(whole);
  } else if (member(whole, "diagnostics").is_array()) {
    for (json const& one : member(whole, "diagnostics")) reader.diagnostic(one, whole);
  } else {
    std::size_t number = 0, read = 0;
    for (std::string const& text : split(bytes, '\n')) {
      ++number;
      if (trim(text).empty()) continue;
      json const one = json::parse(text, nullptr, false);
      if (!member(one, "message").is_string() || !member(one, "location").is_object())
        return Error{ErrorKind::BadInput, read == 0
                                              ? std::string("is neither SARIF nor rdjson")
                                              : "line " + std::to_string(number) + " is not a diagnostic of rdjson"};
      reader.diagnostic(one, kNothing);
      ++read;
    }
    if (read == 0) return Error{ErrorKind::BadInput, "is neither SARIF nor rdjson; it is empty"};
  }
  reader.finish();
  return std::move(reader.result);
}

void add(Annotations& all, Annotations more) {
  for (auto const part : {&Annotations::placed, &Annotations::unplaced}) {
    (all.*part).insert((all.*part).end(), (more.*part).begin(), (more.*part).end());
    std::stable_sort((all.*part).begin(), (all.*part).end(),
                     [](CheckAnnotation const& a, CheckAnnotation const& b) { return a.level > b.level; });
  }
  all.suppressed += more.suppressed;
  all.notes.insert(all.notes.end(), more.notes.begin(), more.notes.end());
  cut(all.placed, all.notes);
  cut(all.unplaced, all.notes);
}

std::string list_of_unplaced(Annotations const& annotations) {
  std::string text;
  std::size_t const shown = std::min(annotations.unplaced.size(), kMostListed);
  for (std::size_t i = 0; i < shown; ++i) {
    CheckAnnotation const& one = annotations.unplaced[i];
    text += std::string("- ") + (one.level == CheckAnnotation::Level::Failure ? "❌" : "⚠️") + " " +
            escape_markdown(one.title) + ": " + escape_markdown(one.message) + "\n";
  }
  if (shown < annotations.unplaced.size())
    text += "- " + std::to_string(annotations.unplaced.size() - shown) + " more\n";
  return text;
}

std::string code_quality(Annotations const& annotations) {
  json list = json::array();
  std::map<std::string, int> seen;  // Of two that are alike each has a fingerprint of its own.
  for (CheckAnnotation const& one : annotations.placed) {
    std::string const what = one.path + "\n" + one.title + "\n" + one.message;
    list.push_back({{"description", one.message},
                    {"check_name", one.title},
                    {"fingerprint", sha256_hex(what + "\n" + std::to_string(seen[what]++))},
                    {"severity", one.level == CheckAnnotation::Level::Failure   ? "major"
                                 : one.level == CheckAnnotation::Level::Warning ? "minor"
                                                                                : "info"},
                    {"location", {{"path", one.path}, {"lines", {{"begin", one.first_line}}}}}});
  }
  return list.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace cml::report
