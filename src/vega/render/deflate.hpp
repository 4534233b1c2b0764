// Compression for pictures of charts: large flat areas, rows that repeat, a little text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cml::vega {

// The zlib stream (RFC 1950, 1951) of PNG's rows: a filter byte (none), then RGBA, of `width` by `height` pixels as
// cairo draws them (CAIRO_FORMAT_ARGB32); appended to `out`. General compressors hash every byte; here only three
// places are looked at: the pixel to the left, the pixel above, and the last place where this pixel and the next one
// were; and a row that repeats the one above is only compared. On charts that is several times faster than the fastest
// level of a library, and as small.
void append_zlib(std::string& out, std::uint32_t const* pixels, std::size_t width, std::size_t height);

}  // namespace cml::vega
