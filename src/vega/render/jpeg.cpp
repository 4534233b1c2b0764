#include "vega/render/jpeg.hpp"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <vector>

#include <jpeglib.h>

namespace cml::vega {
namespace {

// libjpeg calls this when it cannot go on; it must not return.
struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  static void leave(j_common_ptr info) { std::longjmp(reinterpret_cast<Failure*>(info->err)->back, 1); }
};

// What is allocated before a jump back lives in `row` and `bytes`, which the caller owns. False: no memory.
bool compress(PixelBuffer const& pixels, double ppi, int quality, std::vector<unsigned char>& row,
              unsigned char*& bytes, unsigned long& size) {
  Failure failure;
  jpeg_compress_struct info;
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = Failure::leave;
  if (setjmp(failure.back) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(pixels.width());
  info.image_height = static_cast<JDIMENSION>(pixels.height());
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;  // Thin lines of a colour keep it.
  if (ppi > 0) {
    info.density_unit = 1;  // Dots an inch.
    info.X_density = info.Y_density = static_cast<UINT16>(std::clamp(std::round(ppi), 1.0, 65535.0));
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto const* from = pixels.words() + static_cast<std::size_t>(info.next_scanline) * info.image_width;
    for (std::size_t x = 0; x < info.image_width; ++x) {
      row[3 * x] = static_cast<unsigned char>(from[x] >> 16);
      row[3 * x + 1] = static_cast<unsigned char>(from[x] >> 8);
      row[3 * x + 2] = static_cast<unsigned char>(from[x]);
    }
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

std::string encode_jpeg(PixelBuffer const& pixels, double ppi, int quality) {
  std::vector<unsigned char> row(3 * static_cast<std::size_t>(pixels.width()));
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  std::string out;
  if (compress(pixels, ppi, quality, row, bytes, size)) out.assign(reinterpret_cast<char const*>(bytes), size);
  std::free(bytes);
  return out;
}

}  // namespace cml::vega
