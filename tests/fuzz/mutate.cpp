// Draws specifications changed at random until time or count is up, and names those that end the process.
//   cml_mutate --base FOLDER --out FOLDER [--seed N] [--count N] [--seconds N] [--batch N] FOLDER...
// A fuzzer of bytes hardly gets past the reader of JSON; this one keeps the form of charts and spoils what they say.
// Drawing goes on in children of a batch each; the parent learns from how one ends, and the child's last specification
// lies in the output folder. Exit code 1: there were crashes.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "vega/engine/draw.hpp"
#include "vega/transform/transform.hpp"
#include "vega/value/json.hpp"

namespace {

using namespace cml::vega;
namespace fs = std::filesystem;

struct Options {
  std::vector<fs::path> folders;
  fs::path base, out;
  unsigned long seed = 1, count = 1000, batch = 50;
  double seconds = 1e9;
};

std::string read_file(fs::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// --- Changing
// ---------------------------------------------------------------------------------------------------------

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  Value changed(Value spec, std::vector<Value> const& others) {
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      std::vector<Value*> places;
      collect(spec, places, 0);
      Value& at = *places[below(places.size())];
      change(at, places, others);
    }
    return spec;
  }
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

 private:
  // Pointers into one tree: whatever is changed last is the only thing that is changed.
  static void collect(Value& v, std::vector<Value*>& out, int depth) {
    out.push_back(&v);
    if (depth > 60) return;
    if (v.is_array())
      for (auto& item : v.mutable_items()) collect(item, out, depth + 1);
    else if (v.is_object())
      for (auto& entry : v.mutable_properties().entries()) collect(entry.second, out, depth + 1);
  }

  Value odd() {
    static Value const kOdd[] = {nullptr,
                                 Value(Array()),
                                 Value(Object()),
                                 -1,
                                 0,
                                 1e308,
                                 -1e308,
                                 1e-308,
                                 4294967296.0,
                                 "NaN",
                                 "Infinity",
                                 "",
                                 std::string(3000, 'w'),
                                 "\xCC\x81\xCC\x81\xCC\x81",
                                 "\xF0\x9F\x98\x80",
                                 true,
                                 false,
                                 Value::array({nullptr}),
                                 Value::array({Value(Array())}),
                                 Value::array({1, 2, 3, 4, 5}),
                                 Value::array({5, -5}),
                                 Value::object({{"signal", "[]"}}),
                                 Value::object({{"signal", "NaN"}}),
                                 Value::object({{"signal", "width"}}),
                                 Value::object({{"signal", "1/0"}}),
                                 Value::object({{"expr", "[]"}}),
                                 Value::object({{"expr", "null"}}),
                                 Value::object({{"value", nullptr}}),
                                 Value::object({{"field", "nowhere"}}),
                                 Value::object({{"data", "nowhere"}})};
    return kOdd[below(std::size(kOdd))];
  }
  static std::vector<std::string> transforms() {
    std::vector<std::string> names;
    for (auto const* type : all_transforms()) names.emplace_back(type->name);
    return names;
  }
  // Another word of the same kind, so that a chart stays one.
  Value word(std::string_view now) {
    static std::vector<std::vector<std::string>> const kKinds = {
        {"arc",  "area",  "bar",    "circle", "geoshape", "group", "image", "line",    "path",      "point",   "rect",
         "rule", "shape", "square", "symbol", "text",     "tick",  "trail", "boxplot", "errorband", "errorbar"},
        {"linear", "log", "pow", "sqrt", "symlog", "time", "utc", "sequential", "ordinal", "band", "point", "quantile",
         "quantize", "threshold", "bin-ordinal", "identity"},
        transforms(),
        {"quantitative", "nominal", "ordinal", "temporal", "geojson"},
        {"top", "bottom", "left", "right", "none", "top-left", "bottom-right"},
        {"basis", "basis-closed", "cardinal", "catmull-rom", "linear", "linear-closed", "monotone", "natural", "step",
         "step-after", "step-before", "bundle"},
        {"min", "max",   "mean",   "median", "sum",    "count",   "distinct",    "q1",       "q3",      "ci0",
         "ci1", "stdev", "argmin", "argmax", "values", "product", "exponential", "variance", "missing", "valid"},
        {"x",     "y",        "x2",        "y2",      "color",      "size", "shape",   "opacity",
         "row",   "column",   "facet",     "theta",   "radius",     "text", "tooltip", "detail",
         "order", "latitude", "longitude", "xOffset", "strokeDash", "key"},
        {"mercator", "albersUsa", "equalEarth", "naturalEarth1", "orthographic", "conicEqualArea", "gnomonic",
         "stereographic", "azimuthalEqualArea", "identity", "equirectangular", "transverseMercator"},
        {"fit", "fit-x", "fit-y", "pad", "none", "padding"},
        {"center", "collide", "nbody", "link", "x", "y"},
        {"binary", "squarify", "resquarify", "slice", "dice", "slicedice", "tidy", "cluster"},
        {"symbol", "gradient"}};
    for (auto const& kind : kKinds)
      if (std::find(kind.begin(), kind.end(), now) != kind.end()) return kind[below(kind.size())];
    return odd();
  }

  void change(Value& at, std::vector<Value*> const& places, std::vector<Value> const& others) {
    switch (below(8)) {
      case 0:
        at = odd();
        return;
      case 1: {  // From elsewhere in the same specification: a deep copy, for it may be what holds this place.
        auto copy = parse_json(to_json(*places[below(places.size())], 0));
        if (copy) at = std::move(*copy);
        return;
      }
      case 2: {  // From another one.
        Value other = others[below(others.size())];
        std::vector<Value*> theirs;
        collect(other, theirs, 0);
        at = Value(*theirs[below(theirs.size())]);
        return;
      }
      case 3:
        return remove(at);
      case 4:
        return twice(at);
      case 5:
        at = at.is_string() ? word(at.string()) : at.is_number() ? number(at.number()) : odd();
        return;
      case 6:  // A property of an object under the name of another, or a new one.
        if (at.is_object() && at.size()) {
          auto const& object = at.properties();
          Str const name = (object.begin() + static_cast<std::ptrdiff_t>(below(object.size())))->first;
          at.set(name.view(), odd());
        } else {
          at = odd();
        }
        return;
      default: {  // Words and numbers are most of what is worth changing.
        std::vector<Value*> leaves;
        std::copy_if(places.begin(), places.end(), std::back_inserter(leaves),
                     [](Value const* v) { return v->is_string() || v->is_number() || v->is_boolean(); });
        if (leaves.empty()) return;
        Value& leaf = *leaves[below(leaves.size())];
        leaf = leaf.is_string() ? word(leaf.string()) : leaf.is_number() ? number(leaf.number()) : odd();
      }
    }
  }
  Value number(double now) {
    double const kNumbers[] = {-now,      0,   now * 1000, now / 1000, std::nextafter(now, 1e9),
                               now + 0.5, 1e6, 1e308,      -1e308,     2147483648.0,
                               1e-300,    -1,  1e15,       1e300,      9.3e18,
                               5e-324};
    return kNumbers[below(std::size(kNumbers))];
  }
  void remove(Value& at) {
    if (at.is_array() && at.size()) {
      auto& items = at.mutable_items();
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(below(items.size())));
    } else if (at.is_object() && at.size()) {
      auto const& object = at.properties();
      Str const name = (object.begin() + static_cast<std::ptrdiff_t>(below(object.size())))->first;
      at.erase(name.view());
    } else {
      at = Value();
    }
  }
  void twice(Value& at) {
    if (at.is_array() && at.size())
      at.push(Value(at.at(below(at.size()))));
    else if (at.is_string())
      at = std::string(at.string()) + std::string(at.string());
    else
      at = Value::array({at, at});
  }

  std::mt19937_64 random_;
};

// --- Drawing
// ----------------------------------------------------------------------------------------------------------

enum class End { Picture, Error };

// As a user gives it: text, whose inline data become tables, through all that `cml vega-render` has.
End draw(cml::Drawer& drawer, std::string const& text, cml::DrawFormat format, fs::path const& base) {
  cml::Diagnostics diagnostics;
  auto const load = [&](std::string_view url) -> cml::Result<std::string> {
    // Only plain names below the folder.
    bool const plain = !url.empty() && url.size() < 200 && url.front() != '/' &&
                       url.find("..") == std::string_view::npos && url.find(':') == std::string_view::npos &&
                       url.find('\0') == std::string_view::npos;
    if (!plain || !fs::is_regular_file(base / url))
      return cml::Error{cml::ErrorKind::Io, "there is no file " + std::string(url.substr(0, 80))};
    return read_file(base / url);
  };
  cml::DrawOptions options;
  options.format = format;
  options.budget = 0.1;  // A sanitizer makes everything ten times slower.
  auto const drawn = drawer.draw(text, options, load, diagnostics);
  // What the drawer has to catch as a last resort is a fault, too.
  if (!drawn && drawn.error().kind == cml::ErrorKind::Bug) std::abort();
  return drawn ? End::Picture : End::Error;
}

// --- Running
// ----------------------------------------------------------------------------------------------------------

struct Counts {
  unsigned long drawn = 0, refused = 0, crashes = 0;
};

// Draws specifications first to last in a child, one byte to the pipe for each that is done.
void batch(Options const& options, std::vector<Value> const& seeds, unsigned long first, unsigned long last,
           Counts& counts) {
  while (first < last) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    auto const last_spec = options.out / "last.json";
    pid_t const child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      ::alarm(120);  // A hang is a crash too.
      cml::Drawer drawer;
      for (auto i = first; i < last; ++i) {
        Mutator mutator(options.seed * 1000003 + i);
        auto const spec = mutator.changed(seeds[mutator.below(seeds.size())], seeds);
        auto const text = to_json(spec, 0);
        std::ofstream(last_spec, std::ios::binary) << text;
        auto const format = cml::kFormats[mutator.below(std::size(cml::kFormats))].format;
        char const end = draw(drawer, text, format, options.base) == End::Picture ? 'p' : 'e';
        if (::write(ends[1], &end, 1) != 1) std::_Exit(3);
        ::alarm(120);
      }
      std::_Exit(0);
    }
    ::close(ends[1]);
    char end = 0;
    unsigned long done = 0;
    while (::read(ends[0], &end, 1) == 1) {
      ++done;
      ++(end == 'p' ? counts.drawn : counts.refused);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    first += done;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    ++counts.crashes;
    auto const saved = options.out / ("crash-" + std::to_string(options.seed) + "-" + std::to_string(first) + ".json");
    fs::rename(last_spec, saved);
    std::cout << "crash ("
              << (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                      : "exit code " + std::to_string(WEXITSTATUS(status)))
              << "): " << saved.string() << std::endl;
    ++first;
  }
}

bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    std::string const name = arguments[i];
    if (name.substr(0, 2) != "--") {
      options.folders.emplace_back(name);
      continue;
    }
    if (++i == count) return false;
    if (name == "--base")
      options.base = arguments[i];
    else if (name == "--out")
      options.out = arguments[i];
    else if (name == "--seed")
      options.seed = std::strtoul(arguments[i], nullptr, 10);
    else if (name == "--count")
      options.count = std::strtoul(arguments[i], nullptr, 10);
    else if (name == "--batch")
      options.batch = std::max(1ul, std::strtoul(arguments[i], nullptr, 10));
    else if (name == "--seconds")
      options.seconds = std::strtod(arguments[i], nullptr);
    else
      return false;
  }
  return !options.folders.empty() && !options.out.empty();
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!read_options(count, arguments, options)) {
    std::cerr << "usage: cml_mutate --out FOLDER [--base FOLDER] [--seed N] [--count N] [--seconds N] [--batch N] "
                 "FOLDER...\n";
    return 2;
  }
  fs::create_directories(options.out);
  std::vector<fs::path> files;
  for (auto const& folder : options.folders)
    for (auto const& entry : fs::recursive_directory_iterator(folder))
      if (auto const name = entry.path().filename().string(); name.ends_with(".vl.json") || name.ends_with(".vg.json"))
        files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Value> seeds;
  for (auto const& file : files)
    // As plain values: tables have no places to change.
    if (auto spec = parse_json(read_file(file))) seeds.push_back(std::move(*spec));
  if (seeds.empty()) {
    std::cerr << "there is no .vl.json or .vg.json in the folders\n";
    return 2;
  }
  Counts counts;
  auto const start = std::chrono::steady_clock::now();
  auto const seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  for (unsigned long first = 0; first < options.count && seconds() < options.seconds; first += options.batch)
    batch(options, seeds, first, std::min(options.count, first + options.batch), counts);
  std::cout << seeds.size() << " specifications, seed " << options.seed << ": " << counts.drawn << " pictures, "
            << counts.refused << " errors, " << counts.crashes << " crashes in " << std::lround(seconds()) << " s\n";
  return counts.crashes ? 1 : 0;
}
