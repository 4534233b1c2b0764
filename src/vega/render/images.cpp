#include "vega/render/images.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>
#include <png.h>

#include "base/text.hpp"
#include "vega/render/png.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr std::int64_t kMaxPixelsOfImage = 64 << 20;

std::uint32_t premultiplied(unsigned r, unsigned g, unsigned b, unsigned a) {
  auto const times = [a](unsigned c) { return (c * a + 127) / 255; };
  return a << 24 | times(r) << 16 | times(g) << 8 | times(b);
}

Result<Bitmap> decode_png(std::string_view bytes) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
    return Error{ErrorKind::BadInput, std::string("PNG: ") + image.message};
  if (std::int64_t{image.width} * image.height > kMaxPixelsOfImage) {
    png_image_free(&image);
    return Error{ErrorKind::BadInput, "PNG of more than 64 million pixels"};
  }
  image.format = PNG_FORMAT_RGBA;
  auto const bytes_of_image = std::size_t{4} * image.width * image.height;
  try {
    budget::steps(5 * bytes_of_image);
    budget::bytes(bytes_of_image);
  } catch (EngineError const&) {
    png_image_free(&image);
    throw;
  }
  std::vector<unsigned char> rgba(PNG_IMAGE_SIZE(image));
  if (!png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr)) {
    std::string const message = image.message;
    png_image_free(&image);
    return Error{ErrorKind::BadInput, "PNG: " + message};
  }
  Bitmap out{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  out.pixels.resize(rgba.size() / 4);
  for (std::size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = premultiplied(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]);
  return out;
}

constexpr std::int64_t kMaxPixelsOfScans = 640 << 20;

struct JpegTrap {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
};
[[noreturn]] void jpeg_fail(j_common_ptr info) { std::longjmp(reinterpret_cast<JpegTrap*>(info->err)->jump, 1); }

// A few bytes may ask to go over all of a large picture once more, thousands of times.
void jpeg_progress(j_common_ptr info) {
  auto const* reading = reinterpret_cast<j_decompress_ptr>(info);
  auto& work = *static_cast<std::int64_t*>(info->client_data);
  work = std::int64_t{reading->image_width} * reading->image_height * reading->input_scan_number;
  if (work > kMaxPixelsOfScans) jpeg_fail(info);
}

// libjpeg reports errors by longjmp, so nothing with a destructor lives in this frame. `work`: pixels of all its scans.
bool read_jpeg(std::string_view bytes, Bitmap& out, std::int64_t& work) {
  jpeg_decompress_struct info;
  JpegTrap trap;
  info.err = jpeg_std_error(&trap.manager);
  trap.manager.error_exit = jpeg_fail;
  trap.manager.output_message = [](j_common_ptr) {};
  if (setjmp(trap.jump)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_progress_mgr progress{};
  progress.progress_monitor = jpeg_progress;
  info.progress = &progress;
  info.client_data = &work;
  jpeg_mem_src(&info, reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  if (std::int64_t{info.image_width} * info.image_height > kMaxPixelsOfImage)
    jpeg_fail(reinterpret_cast<j_common_ptr>(&info));
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  out.width = static_cast<int>(info.output_width);
  out.height = static_cast<int>(info.output_height);
  out.pixels.assign(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), 0xffffffffu);
  // Rows are read into the tail of their own pixels and widened from the left.
  while (info.output_scanline < info.output_height) {
    auto* row = out.pixels.data() + static_cast<std::size_t>(info.output_scanline) * info.output_width;
    auto* packed = reinterpret_cast<unsigned char*>(row) + info.output_width;
    jpeg_read_scanlines(&info, &packed, 1);
    for (unsigned x = 0; x < info.output_width; ++x) {
      unsigned const r = packed[3 * x], g = packed[3 * x + 1], b = packed[3 * x + 2];
      row[x] = 0xff000000u | r << 16 | g << 8 | b;
    }
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}
std::string decode_data_uri(std::string_view uri) {
  auto const comma = uri.find(',');
  if (comma == std::string_view::npos || uri.substr(0, comma).find(";base64") == std::string_view::npos) return {};
  std::string out;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : uri.substr(comma + 1)) {
    int const digit = base64_digit(c);
    if (digit < 0) continue;
    buffer = buffer << 6 | static_cast<unsigned>(digit);
    if ((bits += 6) >= 8) out += static_cast<char>(buffer >> (bits -= 8) & 255);
  }
  return out;
}

}  // namespace

Result<Bitmap> decode_image(std::string_view bytes) {
  if (bytes.substr(0, 4) == "\x89PNG") return decode_png(bytes);
  if (bytes.substr(0, 2) == "\xFF\xD8") {
    Bitmap out;
    budget::steps(20 * bytes.size());
    std::int64_t work = 0;
    bool const read = read_jpeg(bytes, out, work);
    budget::steps(3.0 * static_cast<double>(work));
    budget::steps(20 * out.pixels.size());
    budget::bytes(4 * out.pixels.size());
    if (!read) return Error{ErrorKind::BadInput, "JPEG: malformed or too large"};
    return out;
  }
  return Error{ErrorKind::BadInput, "neither a PNG nor a JPEG image"};
}

namespace {

constexpr std::string_view kPlainPixels = "data:image/x-rgba;";

Result<Bitmap> decode_plain(std::string_view uri) {
  auto const number = [&](std::string_view name) {
    auto const at = uri.find(name);
    if (at == std::string_view::npos) return 0LL;
    auto const from = uri.substr(at + name.size());
    return parse_integer(from.substr(0, from.find_first_not_of("0123456789"))).value_or(0);
  };
  long long const width = number("width="), height = number("height=");
  auto const rgba = decode_data_uri(uri);
  if (width < 1 || height < 1 || width > kMaxPixelsOfImage / height ||
      rgba.size() != static_cast<std::size_t>(4 * width * height))
    return Error{ErrorKind::BadInput, "malformed pixels"};
  Bitmap out;
  out.width = static_cast<int>(width), out.height = static_cast<int>(height);
  budget::bytes(rgba.size());
  out.pixels.reserve(rgba.size() / 4);
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    auto const byte = [&](std::size_t k) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(rgba[i + k]));
    };
    auto const alpha = byte(3);
    auto const part = [&](std::size_t k) { return byte(k) * alpha / 255; };  // Cut, as the canvas has it.
    out.pixels.push_back(alpha << 24 | part(0) << 16 | part(1) << 8 | part(2));
  }
  return out;
}

}  // namespace

Bitmap const* Images::get(std::string_view url) {
  auto found = loaded_.find(url);
  if (found == loaded_.end()) {
    Entry entry;
    bool const plain = url.starts_with(kPlainPixels);
    auto bytes = plain                         ? Result<std::string>(std::string())
                 : url.substr(0, 5) == "data:" ? Result<std::string>(decode_data_uri(url))
                 : load_                       ? load_(url)
                         : Result<std::string>(Error{ErrorKind::Unsupported, "no loader for images"});
    auto decoded = plain ? decode_plain(url) : bytes ? decode_image(*bytes) : Result<Bitmap>(bytes.error());
    if (decoded)
      entry = {std::move(*bytes), std::move(*decoded)};
    else if (warn_)
      warn_("image " + std::string(url.substr(0, 80)) + " is not drawn: " + decoded.error().message);
    found = loaded_.emplace(std::string(url), std::move(entry)).first;
  }
  return found->second.bitmap.width > 0 ? &found->second.bitmap : nullptr;
}

std::string const* Images::bytes(std::string_view url) {
  auto const found = loaded_.find(url);
  if (found == loaded_.end()) return nullptr;
  auto& [bytes, bitmap] = found->second;
  if (bytes.empty() && bitmap.width > 0) {  // Plain pixels.
    PixelBuffer pixels(bitmap.width, bitmap.height);
    if (!pixels.ok()) return nullptr;
    std::memcpy(pixels.pixels(), bitmap.pixels.data(), 4 * bitmap.pixels.size());
    bytes = encode_png(pixels, 0);
  }
  return bytes.empty() ? nullptr : &bytes;
}

}  // namespace cml::vega
