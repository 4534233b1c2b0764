#include "platform/magic_mime.hpp"

#include <magic.h>

#include "platform/shared_library.hpp"

namespace cml {
namespace {

// The signatures that every report has: they spare loading libmagic's 8 MB database.
struct Signature {
  std::size_t at;
  std::string_view bytes, type;
};
constexpr Signature kSignatures[] = {
    {0, "\x89PNG\r\n\x1a\n", "image/png"},
    {0, "\xff\xd8\xff", "image/jpeg"},
    {0, "GIF87a", "image/gif"},
    {0, "GIF89a", "image/gif"},
    {8, "WEBPVP8", "image/webp"},
    {0, "%PDF-", "application/pdf"},
};

}  // namespace

struct MagicMime::State {
  decltype(::magic_open)* open = nullptr;
  decltype(::magic_close)* close = nullptr;
  decltype(::magic_load)* load = nullptr;
  decltype(::magic_buffer)* buffer = nullptr;
  decltype(::magic_error)* error = nullptr;
  magic_t cookie = nullptr;

  Status start() {
    if (cookie != nullptr) return ok();
    CML_TRY(library, SharedLibrary::open({"libmagic.so.1"}, "libmagic1"));
    if (!library.find("magic_open", open) || !library.find("magic_close", close) || !library.find("magic_load", load) ||
        !library.find("magic_buffer", buffer) || !library.find("magic_error", error))
      return Error{ErrorKind::Unsupported, "libmagic lacks a function; upgrade the Debian package libmagic1"};
    magic_t const opened = open(MAGIC_MIME_TYPE);
    if (opened == nullptr || load(opened, nullptr) != 0) {
      if (opened != nullptr) close(opened);
      return Error{ErrorKind::Unsupported, "libmagic has no database; install the Debian package libmagic-mgc"};
    }
    cookie = opened;
    return ok();
  }
};

MagicMime::MagicMime() : state_(std::make_unique<State>()) {}

MagicMime::~MagicMime() {
  if (state_->cookie != nullptr) state_->close(state_->cookie);
}

Result<std::string> MagicMime::mime_type(std::string_view bytes) {
  for (Signature const& signature : kSignatures)
    if (bytes.size() > signature.at && bytes.substr(signature.at, signature.bytes.size()) == signature.bytes)
      return std::string(signature.type);
  if (bytes.empty()) return std::string("inode/x-empty");
  CML_CHECK_OK(state_->start());
  char const* type = state_->buffer(state_->cookie, bytes.data(), bytes.size());
  if (type == nullptr) {
    char const* why = state_->error(state_->cookie);
    return Error{ErrorKind::BadInput, std::string("libmagic: ") + (why != nullptr ? why : "unknown error")};
  }
  return std::string(type);
}

}  // namespace cml
