# Third-party libraries, each under one name lib::NAME. All come from Debian packages (tools/dev/packages.txt).
find_package(PkgConfig REQUIRED)

function(cml_pkg name)
  pkg_check_modules(PKG_${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE PkgConfig::PKG_${name})
  target_include_directories(lib_${name} SYSTEM INTERFACE ${PKG_${name}_INCLUDE_DIRS})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

# The archives of a package, in the order of the link line, with the include folders that pkg-config names.
function(cml_static name package)
  pkg_check_modules(PKG_${name} REQUIRED ${package})
  add_library(lib_${name} INTERFACE)
  list(TRANSFORM ARGN REPLACE "(.+)" "-l:lib\\1.a")
  target_link_libraries(lib_${name} INTERFACE ${ARGN})
  target_include_directories(lib_${name} SYSTEM INTERFACE ${PKG_${name}_INCLUDE_DIRS})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

# A package's header files alone: src/platform/late_libraries.cpp loads the library when it is first called.
function(cml_late name package)
  pkg_check_modules(PKG_${name} REQUIRED ${package})
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE ${CMAKE_DL_LIBS})
  target_include_directories(lib_${name} SYSTEM INTERFACE ${PKG_${name}_INCLUDE_DIRS})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

function(cml_lib name)
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE ${ARGN})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

# Static: a shared cairo brings X11 and twenty more libraries that every start would load and relocate, and never use.
# What cairo stands on comes after it, with what that stands on.
cml_static(cairo cairo cairo pixman-1 fontconfig freetype png16 z brotlidec brotlicommon expat)
cml_static(freetype freetype2 freetype png16 z brotlidec brotlicommon)
cml_static(png libpng png16 z)
cml_static(jpeg libjpeg jpeg)
cml_static(deflate libdeflate deflate)
cml_static(fribidi fribidi fribidi)
cml_static(pcre2 libpcre2-8 pcre2-8)
if(CML_STATIC)
  cml_static(simdjson simdjson simdjson)
  cml_static(harfbuzz harfbuzz harfbuzz)
  cml_static(curl libcurl curl cares nghttp2 brotlidec brotlicommon ssl crypto z)
  cml_static(crypto libcrypto crypto)
  cml_static(agent_curl libcurl curl-agent cares mbedtls mbedx509 mbedcrypto)
else()
  cml_pkg(simdjson simdjson)
  cml_late(curl libcurl)
  cml_late(harfbuzz harfbuzz)
  cml_pkg(agent_curl libcurl)
  cml_late(crypto libcrypto)
endif()
cml_lib(cmark -l:libcmark-gfm-extensions.a -l:libcmark-gfm.a)
cml_lib(json)  # nlohmann_json: headers only
cml_lib(cli)   # CLI11: headers only
cml_lib(yaml -l:libyaml.a)    # Static, as the next one: nothing more to find at start.
cml_lib(expat -l:libexpat.a)
cml_lib(toml)      # toml++: headers only
cml_lib(mustache)  # kainjow: headers only
cml_lib(allocator -l:libjemalloc.a)
