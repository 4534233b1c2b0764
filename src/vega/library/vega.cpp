#include "vega/library/vega.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "vega/engine/draw.hpp"

struct cml_vega_result {
  std::string bytes, error;
  bool failed = false;
  std::vector<std::string> warnings;
};
struct cml_vega_data {
  std::string bytes;
  char const* fault = nullptr;  // Why not all that was written is there.
};

namespace {

using namespace cml;

std::string text_of(char const* text) { return text == nullptr ? "" : text; }
bool is_factor(double number) { return number >= 0 && std::isfinite(number); }

// The caller's options as this version knows them: 0 where an earlier, shorter form lacks them. A field of a later
// version that asks for something is an error, and so is a size that nobody has set: either would be ignored in
// silence.
Result<cml_vega_options> known_options(cml_vega_options const* given) {
  constexpr std::size_t kLargest = 4096;
  cml_vega_options known{};
  if (given == nullptr) return known;
  if (given->size < sizeof given->size || given->size % sizeof(void*) != 0 || given->size > kLargest)
    return Error{ErrorKind::Usage, "options.size is " + std::to_string(given->size) +
                                       ": set it to sizeof(cml_vega_options), and unused options to 0"};
  std::size_t const shared = std::min(given->size, sizeof known);
  std::memcpy(&known, given, shared);
  auto const* const bytes = reinterpret_cast<char const*>(given);
  if (std::any_of(bytes + shared, bytes + given->size, [](char byte) { return byte != 0; }))
    return Error{ErrorKind::Unsupported,
                 "the options are those of a later version of <cml/vega.h>; link with its library"};
  return known;
}

Result<DrawOptions> draw_options(cml_vega_options const& given) {
  DrawOptions options;
  if (given.format != nullptr) {
    CML_TRY(format, format_named(given.format));
    options.format = format;
  }
  if (!is_factor(given.scale) || !is_factor(given.ppi))
    return Error{ErrorKind::Usage, "scale and ppi must be finite numbers above zero"};
  if (given.scale > 0) options.scale = given.scale;
  options.ppi = given.ppi;
  options.now = given.now;
  if (given.seed != 0) options.seed = static_cast<double>(given.seed);
  options.theme = text_of(given.theme);
  options.config = text_of(given.config);
  options.background = text_of(given.background);
  return options;
}

Result<std::string> loaded(cml_vega_options const& options, std::string_view url) {
  std::string const shown = one_line(url, 200);
  if (options.load == nullptr) return Error{ErrorKind::Unsupported, "nothing is loaded here: " + shown};
  // C would read a shorter one, which may be a file that the caller allows.
  if (url.find('\0') != url.npos) return Error{ErrorKind::BadInput, "not a URL, it holds a zero byte: " + shown};
  cml_vega_data data;
  int answer = 0;
  try {
    answer = options.load(options.load_context, std::string(url).c_str(), &data);
  } catch (std::exception const& e) {  // Of a caller in C++.
    return Error{ErrorKind::NotFound, "cannot load " + shown + ": " + one_line(e.what(), 200)};
  } catch (...) {
    return Error{ErrorKind::NotFound, "cannot load " + shown + ": its loader threw an exception"};
  }
  if (answer == 0 && data.fault == nullptr) return std::move(data.bytes);
  if (data.fault != nullptr) return Error{ErrorKind::NotFound, "cannot load " + shown + ": " + data.fault};
  return Error{ErrorKind::NotFound, data.bytes.empty() ? "cannot load " + shown : one_line(data.bytes)};
}

void render(std::string_view spec, cml_vega_options const* given, cml_vega_result& result) {
  Diagnostics diagnostics;
  auto drawn = [&]() -> Result<std::string> {
    if (spec.data() == nullptr && !spec.empty()) return Error{ErrorKind::Usage, "the specification is NULL"};
    CML_TRY(options, known_options(given));
    CML_TRY(chosen, draw_options(options));
    Drawer drawer;
    return drawer.draw(
        spec, chosen, [&](std::string_view url) { return loaded(options, url); }, diagnostics);
  }();
  for (Warning const& warning : diagnostics.warnings()) result.warnings.push_back(line_of(warning));
  result.failed = !drawn;
  if (drawn)
    result.bytes = std::move(*drawn);
  else
    result.error = one_line(drawn.error().message, std::string::npos);
}

}  // namespace

void cml_vega_data_write(cml_vega_data* data, void const* bytes, size_t count) try {
  if (count == 0) return;
  if (bytes == nullptr)
    data->fault = "its loader wrote from NULL";
  else
    data->bytes.append(static_cast<char const*>(bytes), count);
} catch (...) {  // No memory, or more than a string can hold.
  data->fault = "out of memory";
}

cml_vega_result* cml_vega_render(char const* spec, size_t spec_bytes, cml_vega_options const* options) {
  auto* const result = new (std::nothrow) cml_vega_result;
  if (result == nullptr) return nullptr;
  try {
    render({spec, spec_bytes}, options, *result);
  } catch (...) {  // The engine answers with errors; what is left is memory that ran out here.
    result->failed = true;
    result->bytes.clear();
  }
  return result;
}

// Without a result, too: then there was no memory for one.
char const* cml_vega_error(cml_vega_result const* result) {
  if (result != nullptr && !result->failed) return nullptr;
  return result == nullptr || result->error.empty() ? "out of memory" : result->error.c_str();
}
char const* cml_vega_bytes(cml_vega_result const* result) { return result == nullptr ? "" : result->bytes.data(); }
size_t cml_vega_size(cml_vega_result const* result) { return result == nullptr ? 0 : result->bytes.size(); }
char const* cml_vega_warning(cml_vega_result const* result, size_t index) {
  return result != nullptr && index < result->warnings.size() ? result->warnings[index].c_str() : nullptr;
}
void cml_vega_free(cml_vega_result* result) { delete result; }
