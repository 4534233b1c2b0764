#include "vega/library/vega.h"

#include <algorithm>
#include <cstring>
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
};

namespace {

using namespace cml;

std::string text_of(char const* text) { return text == nullptr ? "" : text; }

Result<DrawOptions> draw_options(cml_vega_options const& given) {
  DrawOptions options;
  if (given.format != nullptr) {
    CML_TRY(format, format_named(given.format));
    options.format = format;
  }
  if (given.scale < 0 || given.ppi < 0) return Error{ErrorKind::Usage, "scale and ppi must be above zero"};
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
  if (options.load == nullptr) return Error{ErrorKind::Unsupported, "nothing is loaded here: " + one_line(url, 200)};
  cml_vega_data data;
  if (options.load(options.load_context, std::string(url).c_str(), &data) == 0) return std::move(data.bytes);
  return Error{ErrorKind::NotFound, data.bytes.empty() ? "cannot load " + one_line(url, 200) : one_line(data.bytes)};
}

void render(std::string_view spec, cml_vega_options const& options, cml_vega_result& result) {
  Diagnostics diagnostics;
  auto drawn = [&]() -> Result<std::string> {
    CML_TRY(chosen, draw_options(options));
    Drawer drawer;
    return drawer.draw(
        spec, chosen, [&](std::string_view url) { return loaded(options, url); }, diagnostics);
  }();
  for (Warning const& warning : diagnostics.warnings()) result.warnings.push_back(line_of(warning));
  if (drawn)
    result.bytes = std::move(*drawn);
  else
    result.error = std::move(drawn).error().message;
  result.failed = !result.error.empty();
}

}  // namespace

void cml_vega_data_write(cml_vega_data* data, void const* bytes, size_t count) try {
  data->bytes.append(static_cast<char const*>(bytes), count);
} catch (std::bad_alloc const&) {
  data->bytes.clear();
}

cml_vega_result* cml_vega_render(char const* spec, size_t spec_bytes, cml_vega_options const* given) {
  auto* const result = new (std::nothrow) cml_vega_result;
  if (result == nullptr) return nullptr;
  try {
    cml_vega_options options{};
    if (given != nullptr) std::memcpy(&options, given, std::min(given->size, sizeof options));
    render({spec, spec_bytes}, options, *result);
  } catch (...) {  // The engine answers with errors; what is left is memory that ran out here.
    result->failed = true;
  }
  return result;
}

char const* cml_vega_error(cml_vega_result const* result) {
  if (!result->failed) return nullptr;
  return result->error.empty() ? "out of memory" : result->error.c_str();
}
char const* cml_vega_bytes(cml_vega_result const* result) { return result->bytes.data(); }
size_t cml_vega_size(cml_vega_result const* result) { return result->bytes.size(); }
char const* cml_vega_warning(cml_vega_result const* result, size_t index) {
  return index < result->warnings.size() ? result->warnings[index].c_str() : nullptr;
}
void cml_vega_free(cml_vega_result* result) { delete result; }
