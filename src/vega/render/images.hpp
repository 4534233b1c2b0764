// Images that a scene shows: loaded once through the loader that the caller gives, decoded to premultiplied ARGB.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml::vega {

struct Bitmap {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;  // Premultiplied ARGB in native byte order, rows without padding.
};

// Decodes PNG or JPEG by its first bytes. BadInput otherwise, or when it is too large.
Result<Bitmap> decode_image(std::string_view bytes);

class Images {
 public:
  using Loader = std::function<Result<std::string>(std::string_view url)>;
  using Warn = std::function<void(std::string)>;
  Images() = default;
  Images(Loader load, Warn warn) : load_(std::move(load)), warn_(std::move(warn)) {}
  // Null when it cannot be loaded; the reason is warned of once. data: URIs are decoded here, those of plain pixels
  // ("data:image/x-rgba;width=2;height=1;base64,...", which transforms make) among them.
  Bitmap const* get(std::string_view url);
  // The bytes of an image that get() has loaded, as PNG or JPEG; null otherwise.
  std::string const* bytes(std::string_view url);

 private:
  Loader load_;
  Warn warn_;
  struct Entry {
    std::string bytes;
    Bitmap bitmap;
  };
  std::map<std::string, Entry, std::less<>> loaded_;
};

}  // namespace cml::vega
