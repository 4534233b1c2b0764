#include "base/encoding.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

void append_utf8(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (c >> 18));
    text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  std::string text;
  auto const unit = [&](std::size_t i) {
    auto const first = static_cast<unsigned char>(bytes[i]), second = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    bool const high = c >= 0xD800 && c < 0xDC00, low = c >= 0xDC00 && c < 0xE000;
    char32_t const next = high && i + 3 < bytes.size() ? unit(i + 2) : 0;
    if (high && next >= 0xDC00 && next < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
      i += 2;
    } else if (high || low) {
      c = kReplacement;
    }
    append_utf8(text, c);
  }
  return text;
}

// Without a mark: text is mostly ASCII, so that every second byte is zero.
enum class Utf16 { None, Little, Big };
Utf16 guess_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return Utf16::Little;
  if (bytes.starts_with("\xFE\xFF")) return Utf16::Big;
  std::size_t const looked_at = std::min<std::size_t>(bytes.size(), 2000) / 2 * 2;
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < looked_at; ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  std::size_t const many = looked_at / 4;
  if (looked_at < 4 || (zeros[0] > 0 && zeros[1] > 0)) return Utf16::None;
  return zeros[1] > many ? Utf16::Little : zeros[0] > many ? Utf16::Big : Utf16::None;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    auto const byte = static_cast<unsigned char>(text[i]);
    std::size_t const length = byte < 0x80                   ? 1
                               : byte >= 0xC2 && byte < 0xE0 ? 2
                               : byte >= 0xE0 && byte < 0xF0 ? 3
                               : byte >= 0xF0 && byte < 0xF5 ? 4
                                                             : 0;
    bool valid = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; valid && k < length; ++k) valid = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
    if (valid && length > 2) {  // Not longer than need be, no half of a pair, nothing beyond the last character.
      auto const second = static_cast<unsigned char>(text[i + 1]);
      valid = !(byte == 0xE0 && second < 0xA0) && !(byte == 0xED && second >= 0xA0) &&
              !(byte == 0xF0 && second < 0x90) && !(byte == 0xF4 && second >= 0x90);
    }
    if (valid) {
      result += text.substr(i, length);
      i += length;
    } else {
      result += static_cast<char>(0xC0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3F));
      ++i;
    }
  }
  return result;
}

DecodedText decode_text(std::string bytes) {
  if (Utf16 const kind = guess_utf16(bytes); kind != Utf16::None) {
    bool const marked = bytes[0] == '\xFF' || bytes[0] == '\xFE';
    return {from_utf16(std::string_view(bytes).substr(marked ? 2 : 0), kind == Utf16::Big), "UTF-16"};
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  std::string text = valid_utf8(bytes);
  std::string_view const from = text == bytes ? "" : "Latin-1";
  return {std::move(text), from};
}

}  // namespace cml
