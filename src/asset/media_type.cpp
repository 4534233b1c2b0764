#include "asset/media_type.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace cml {
namespace {

using namespace std::string_view_literals;

// The first row that matches decides. `and_within` must stand among the first 64 bytes as well.
struct Signature {
  std::size_t at;
  std::string_view bytes, type, and_within = {};
};
constexpr Signature kSignatures[] = {
    {0, "\x89PNG", "image/png"},
    {0, "\xff\xd8\xff", "image/jpeg"},
    {0, "GIF87a", "image/gif"},
    {0, "GIF89a", "image/gif"},
    {8, "WEBPVP8", "image/webp"},
    {0, "%PDF-", "application/pdf"},
    {4, "ftypavif", "image/avif"},
    {4, "ftyphei", "image/heic"},
    {4, "ftypqt  ", "video/quicktime"},
    {4, "ftypM4A", "audio/x-m4a"},
    {4, "ftyp", "video/mp4"},
    {0, "\x1a\x45\xdf\xa3", "video/webm", "webm"},
    {0, "\x1a\x45\xdf\xa3", "video/x-matroska"},
    {0, "OggS", "video/ogg", "theora"},
    {0, "OggS", "audio/ogg"},
    {0, "RIFF", "audio/x-wav", "WAVE"},
    {0, "RIFF", "video/x-msvideo", "AVI "},
    {0, "ID3", "audio/mpeg"},
    {0, "\xff\xfb", "audio/mpeg"},
    {0, "fLaC", "audio/flac"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "BM", "image/bmp", "\0\0\0\0"sv},
    {0, "\0\0\1\0"sv, "image/vnd.microsoft.icon"},
    {0, "%!PS-", "application/postscript"},
    {0, "PK\3\4", "application/zip"},
    {0, "\x1f\x8b", "application/gzip"},
    {0, "BZh", "application/x-bzip2"},
    {0, "\xfd\x37zXZ\0"sv, "application/x-xz"},
    {0, "\x28\xb5\x2f\xfd", "application/zstd"},
    {0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
    {257, "ustar", "application/x-tar"},
    {0, "\x89HDF\r\n\x1a\n", "application/x-hdf5"},
    {0, "SQLite format 3\0"sv, "application/vnd.sqlite3"},
    {0, "\0asm"sv, "application/wasm"},
    {0, "wOFF", "font/woff"},
    {0, "wOF2", "font/woff2"},
};

bool fits(Signature const& signature, std::string_view bytes) {
  return bytes.size() > signature.at && bytes.substr(signature.at).starts_with(signature.bytes) &&
         contains(bytes.substr(0, 64), signature.and_within);
}

// No control characters but those that lay text out; which bytes above 127 mean which letters does not matter.
bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](unsigned char c) { return (c >= ' ' && c != 0x7f) || (c >= '\b' && c <= '\r') || c == 0x1b; });
}

// How many commas part the fields of the first row, which is taken away; nothing when a quotation does not end.
std::optional<int> take_row(std::string_view& rest) {
  int commas = 0;
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size() && (quoted || rest[at] != '\n'); ++at) {
    if (rest[at] == '"') quoted = !quoted;
    commas += rest[at] == ',' && !quoted;
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return quoted ? std::nullopt : std::optional(commas);
}

bool is_csv(std::string_view text) {
  auto const first = take_row(text);
  if (!first || *first == 0 || text.empty()) return false;
  for (int row = 1; row < 10 && !text.empty(); ++row)
    if (take_row(text) != first) return false;
  return true;
}

std::string_view markup_type(std::string_view text) {
  std::string const head = to_lower(text.substr(0, 1024));
  if (head.starts_with("<!doctype html") || head.starts_with("<html")) return "text/html";
  bool const xml = head.starts_with("<?xml");
  if (head.starts_with("<svg") || ((xml || head.starts_with("<!")) && contains(head, "<svg"))) return "image/svg+xml";
  return xml ? "text/xml" : "";
}

std::string_view text_type(std::string_view bytes) {
  std::string_view const text = trim(bytes);
  if (auto const markup = markup_type(text); !markup.empty()) return markup;
  bool const braced = (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'));
  if (braced && nlohmann::json::accept(text)) return "application/json";
  if (text.starts_with("#!") && contains(text.substr(0, text.find('\n')), "sh")) return "text/x-shellscript";
  return is_csv(bytes) ? "text/csv" : "text/plain";
}

}  // namespace

std::string media_type(std::string_view bytes) {
  for (Signature const& signature : kSignatures)
    if (fits(signature, bytes)) return std::string(signature.type);
  if (bytes.empty()) return "inode/x-empty";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return "text/plain";  // UTF-16.
  return std::string(is_text(bytes) ? text_type(bytes) : "application/octet-stream");
}

}  // namespace cml
