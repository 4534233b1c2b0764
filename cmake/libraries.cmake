# Third-party libraries, each under one name lib::NAME. All come from Debian packages (tools/dev/packages.txt).
find_package(PkgConfig REQUIRED)

function(cml_pkg name)
  pkg_check_modules(PKG_${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE PkgConfig::PKG_${name})
  target_include_directories(lib_${name} SYSTEM INTERFACE ${PKG_${name}_INCLUDE_DIRS})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

function(cml_lib name)
  add_library(lib_${name} INTERFACE)
  target_link_libraries(lib_${name} INTERFACE ${ARGN})
  add_library(lib::${name} ALIAS lib_${name})
endfunction()

cml_pkg(cairo cairo)
cml_pkg(png libpng)
cml_pkg(freetype freetype2)
cml_pkg(jpeg libjpeg)
cml_pkg(simdjson simdjson)
cml_pkg(pcre2 libpcre2-8)
cml_lib(cmark -l:libcmark-gfm-extensions.a -l:libcmark-gfm.a)  # Static: small, and one less to find at start.
cml_lib(json)  # nlohmann_json: headers only
cml_lib(cli)   # CLI11: headers only
cml_lib(yaml -l:libyaml.a)    # Static, as the next one: nothing more to find at start.
cml_lib(expat -l:libexpat.a)
cml_lib(toml)      # toml++: headers only
cml_lib(mustache)  # kainjow: headers only
