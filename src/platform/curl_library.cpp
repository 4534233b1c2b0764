#include "platform/curl_library.hpp"

#include "platform/shared_library.hpp"

namespace cml {
namespace {

Result<CurlLibrary> load_curl() {
  CML_TRY(library, SharedLibrary::open({"libcurl.so.4", "libcurl-gnutls.so.4"}, "libcurl4"));
  CurlLibrary curl{};
  bool const complete =
      library.find("curl_global_init", curl.global_init) && library.find("curl_easy_init", curl.easy_init) &&
      library.find("curl_easy_cleanup", curl.easy_cleanup) && library.find("curl_easy_reset", curl.easy_reset) &&
      library.find("curl_easy_setopt", curl.easy_setopt) && library.find("curl_easy_getinfo", curl.easy_getinfo) &&
      library.find("curl_easy_strerror", curl.easy_strerror) && library.find("curl_slist_append", curl.slist_append) &&
      library.find("curl_slist_free_all", curl.slist_free_all) && library.find("curl_multi_init", curl.multi_init) &&
      library.find("curl_multi_cleanup", curl.multi_cleanup) && library.find("curl_multi_setopt", curl.multi_setopt) &&
      library.find("curl_multi_add_handle", curl.multi_add_handle) &&
      library.find("curl_multi_remove_handle", curl.multi_remove_handle) &&
      library.find("curl_multi_perform", curl.multi_perform) && library.find("curl_multi_poll", curl.multi_poll) &&
      library.find("curl_multi_info_read", curl.multi_info_read);
  if (!complete)
    return Error{ErrorKind::Unsupported,
                 "libcurl is too old (7.66 or newer is needed); upgrade the Debian package libcurl4"};
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return Error{ErrorKind::Unsupported, "libcurl could not be initialised; check its TLS library"};
  return curl;
}

}  // namespace

Result<CurlLibrary const*> CurlLibrary::get() {
  static Result<CurlLibrary> const loaded = load_curl();
  if (!loaded) return Error(loaded.error());
  return &loaded.value();
}

}  // namespace cml
