// libcurl's functions as a typed table, filled on first use. Only .cpp files of this room include this.
#pragma once

#include <curl/curl.h>

#include "base/result.hpp"

// The type-checking macros of curl.h would swallow calls through the table's members of the same name.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

namespace cml {

struct CurlLibrary {
  decltype(::curl_global_init)* global_init;
  decltype(::curl_easy_init)* easy_init;
  decltype(::curl_easy_cleanup)* easy_cleanup;
  decltype(::curl_easy_reset)* easy_reset;
  decltype(::curl_easy_setopt)* easy_setopt;
  decltype(::curl_easy_getinfo)* easy_getinfo;
  decltype(::curl_easy_strerror)* easy_strerror;
  decltype(::curl_slist_append)* slist_append;
  decltype(::curl_slist_free_all)* slist_free_all;
  decltype(::curl_multi_init)* multi_init;
  decltype(::curl_multi_cleanup)* multi_cleanup;
  decltype(::curl_multi_setopt)* multi_setopt;
  decltype(::curl_multi_add_handle)* multi_add_handle;
  decltype(::curl_multi_remove_handle)* multi_remove_handle;
  decltype(::curl_multi_perform)* multi_perform;
  decltype(::curl_multi_poll)* multi_poll;
  decltype(::curl_multi_info_read)* multi_info_read;

  static Result<CurlLibrary const*> get();  // The same table every time.
};

}  // namespace cml
