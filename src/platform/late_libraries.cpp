// libcurl and libcrypto of the everyday build, loaded when the first request or signature needs them. Debian's libcurl
// brings thirty more libraries, and to load and relocate them costs every start 11 ms, more than drawing a small chart.
// The functions that we call are defined here under their own names, and each goes on to the library's:
//
//   curl_easy_reset(easy)  ->  here  ->  dlopen("libcurl.so.4"), once  ->  the library's curl_easy_reset
//
// The binary that users download has both libraries inside and is compiled without this file (CML_STATIC). Callers
// begin with curl_global_init or OPENSSL_init_crypto, which fail where the library cannot be loaded.
#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#ifdef __clang__
#pragma clang diagnostic ignored "-Wvarargs"  // The last named parameter is an enumeration, as in libcurl itself.
#endif

#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace {

void* late_curl() {
  static void* const library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  return library;
}

void* late_crypto() {
  static void* const library = ::dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  return library;
}

template <class Function>
Function* late(void* library, char const* name) {
  void* const symbol = library != nullptr ? ::dlsym(library, name) : nullptr;
  if (symbol == nullptr) {
    std::fprintf(stderr, "cml: cannot load %s: %s\n", name, ::dlerror());
    std::abort();
  }
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

#define LATE(library, result, name, parameters, arguments)              \
  result name parameters {                                              \
    static auto* const function = late<decltype(name)>(library, #name); \
    return function arguments;                                          \
  }

extern "C" {

CURLcode curl_global_init(long flags) {
  if (late_curl() == nullptr) return CURLE_FAILED_INIT;
  static auto* const function = late<decltype(curl_global_init)>(late_curl(), "curl_global_init");
  return function(flags);
}

// Every option and every place for an answer is a long, a curl_off_t or a pointer: one register each.
CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  static auto* const function = late<decltype(curl_easy_setopt)>(late_curl(), "curl_easy_setopt");
  std::va_list rest;
  va_start(rest, option);
  void* const value = va_arg(rest, void*);
  va_end(rest);
  return function(easy, option, value);
}

CURLcode curl_easy_getinfo(CURL* easy, CURLINFO info, ...) {
  static auto* const function = late<decltype(curl_easy_getinfo)>(late_curl(), "curl_easy_getinfo");
  std::va_list rest;
  va_start(rest, info);
  void* const place = va_arg(rest, void*);
  va_end(rest);
  return function(easy, info, place);
}

LATE(late_curl(), CURL*, curl_easy_init, (), ())
LATE(late_curl(), void, curl_easy_cleanup, (CURL * easy), (easy))
LATE(late_curl(), void, curl_easy_reset, (CURL * easy), (easy))
LATE(late_curl(), char const*, curl_easy_strerror, (CURLcode code), (code))
LATE(late_curl(), CURLM*, curl_multi_init, (), ())
LATE(late_curl(), CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
LATE(late_curl(), CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL* easy), (multi, easy))
LATE(late_curl(), CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL* easy), (multi, easy))
LATE(late_curl(), CURLMcode, curl_multi_perform, (CURLM * multi, int* running), (multi, running))
LATE(late_curl(), CURLMsg*, curl_multi_info_read, (CURLM * multi, int* left), (multi, left))
LATE(late_curl(), CURLMcode, curl_multi_poll,
     (CURLM * multi, curl_waitfd more[], unsigned int count, int timeout_ms, int* ready),
     (multi, more, count, timeout_ms, ready))
LATE(late_curl(), curl_slist*, curl_slist_append, (curl_slist * list, char const* text), (list, text))
LATE(late_curl(), void, curl_slist_free_all, (curl_slist * list), (list))

int OPENSSL_init_crypto(uint64_t options, OPENSSL_INIT_SETTINGS const* settings) {
  if (late_crypto() == nullptr) return 0;
  static auto* const function = late<decltype(OPENSSL_init_crypto)>(late_crypto(), "OPENSSL_init_crypto");
  return function(options, settings);
}

LATE(late_crypto(), BIO*, BIO_new_mem_buf, (void const* bytes, int length), (bytes, length))
LATE(late_crypto(), int, BIO_free, (BIO * bio), (bio))
LATE(late_crypto(), EVP_PKEY*, PEM_read_bio_PrivateKey,
     (BIO * bio, EVP_PKEY** into, pem_password_cb* password, void* user), (bio, into, password, user))
LATE(late_crypto(), void, EVP_PKEY_free, (EVP_PKEY * key), (key))
LATE(late_crypto(), EVP_MD_CTX*, EVP_MD_CTX_new, (), ())
LATE(late_crypto(), void, EVP_MD_CTX_free, (EVP_MD_CTX * context), (context))
LATE(late_crypto(), EVP_MD const*, EVP_sha256, (), ())
LATE(late_crypto(), EVP_MD const*, EVP_md5, (), ())
LATE(late_crypto(), int, EVP_Digest,
     (void const* bytes, size_t size, unsigned char* digest, unsigned int* length, EVP_MD const* kind, ENGINE* engine),
     (bytes, size, digest, length, kind, engine))
LATE(late_crypto(), int, EVP_DigestSignInit,
     (EVP_MD_CTX * context, EVP_PKEY_CTX** key_context, EVP_MD const* digest, ENGINE* engine, EVP_PKEY* key),
     (context, key_context, digest, engine, key))
LATE(late_crypto(), int, EVP_DigestSign,
     (EVP_MD_CTX * context, unsigned char* signature, size_t* length, unsigned char const* data, size_t size),
     (context, signature, length, data, size))

}  // extern "C"
