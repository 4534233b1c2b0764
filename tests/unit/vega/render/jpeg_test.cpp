#include "vega/render/images.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include <vector>

using namespace cml::vega;

namespace {

// A grey progressive JPEG.
std::string progressive_jpeg(unsigned side) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = info.image_height = side;
  info.input_components = 1;
  info.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<unsigned char> line(side, 128);
  JSAMPROW row = line.data();
  while (info.next_scanline < side) jpeg_write_scanlines(&info, &row, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string out(reinterpret_cast<char const*>(bytes), size);
  std::free(bytes);
  return out;
}

}  // namespace

TEST_CASE("images: a JPEG whose scans go over the picture a thousand times is refused", "[vega][render][security]") {
  std::string const honest = progressive_jpeg(1500);
  auto const image = decode_image(honest);
  REQUIRE(image);
  CHECK(image->width == 1500);
  // The last scan again and again, before the mark of the end.
  auto const scan = honest.substr(honest.rfind("\xFF\xDA"), honest.size() - 2 - honest.rfind("\xFF\xDA"));
  std::string bomb = honest.substr(0, honest.size() - 2);
  for (int i = 0; i < 1000; ++i) bomb += scan;
  bomb += honest.substr(honest.size() - 2);
  CHECK(bomb.size() < 2'000'000);
  auto const refused = decode_image(bomb);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("JPEG: malformed or too large") != std::string::npos);
}
