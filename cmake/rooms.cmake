# cml_room(NAME IMPORTS room... LIBRARIES target... [BY_FOLDER] APART folder...): one static library of every
# src/NAME/**.cpp, with project warnings.
# Rooms nested below NAME that are rooms of their own (vega/...) are declared by their own line.
set(CML_WARNINGS -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
                 -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Both misfire on std::string in g++ 12, the second only where it optimises: operator+ (GCC bug 105651), and == on a
  # Result's value.
  list(APPEND CML_WARNINGS -Wshadow=local -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")  # The tables of vega/render/side_table.cpp are made by the compiler.
  list(APPEND CML_WARNINGS -fconstexpr-steps=20000000)
endif()

function(cml_warnings target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${CML_WARNINGS}>)
endfunction()

# Sources are compiled together, eight at a time: the standard library, JSON and templates are read once for all of
# them, which halves a build from nothing. Names in anonymous namespaces must then be unique within a room, or within a
# folder of it where the room is BY_FOLDER; folders named by APART, whose files all define the same names, are compiled
# file by file. The clang presets do so with every file, so that none leans on the includes of its neighbours.
option(CML_UNITY "Compile the sources of a room together" ON)
set(CML_UNITY_FILES 8)
function(cml_unity target)
  cmake_parse_arguments(UNITY "BY_FOLDER" "" "APART" ${ARGN})
  if(NOT CML_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes an included file for a header, which should hold no private types.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  get_target_property(sources ${target} SOURCES)
  set(group "")
  set(count 0)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(last ${folder} NAME)
    if(last IN_LIST UNITY_APART)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      continue()
    endif()
    if(UNITY_BY_FOLDER AND NOT last STREQUAL group)
      set(group ${last})
      set(count 0)
    endif()
    math(EXPR batch "${count}/${CML_UNITY_FILES}")
    math(EXPR count "${count}+1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${target}_${group}_${batch})
  endforeach()
endfunction()

function(cml_room name)
  cmake_parse_arguments(ROOM "BY_FOLDER" "" "IMPORTS;LIBRARIES;APART" ${ARGN})
  string(REPLACE "/" "_" target "room_${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    cml_warnings(${target})
    if(ROOM_BY_FOLDER)
      cml_unity(${target} BY_FOLDER APART ${ROOM_APART})
    else()
      cml_unity(${target} APART ${ROOM_APART})
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  foreach(import ${ROOM_IMPORTS})
    string(REPLACE "/" "_" imported "room_${import}")
    target_link_libraries(${target} ${scope} ${imported})
  endforeach()
  target_link_libraries(${target} ${scope} ${ROOM_LIBRARIES})
endfunction()
