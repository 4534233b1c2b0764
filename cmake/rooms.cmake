# cml_room(NAME IMPORTS room... LIBRARIES target...): one static library of every src/NAME/**.cpp, with project warnings.
# Rooms nested below NAME that are rooms of their own (vega/...) are declared by their own line.
set(CML_WARNINGS -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
                 -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Both misfire on std::string in g++ 12, the second only where it optimises: operator+ (GCC bug 105651), and == on a Result's value.
  list(APPEND CML_WARNINGS -Wshadow=local -Wno-restrict -Wno-maybe-uninitialized)
endif()

function(cml_warnings target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${CML_WARNINGS}>)
endfunction()

function(cml_room name)
  cmake_parse_arguments(ROOM "" "" "IMPORTS;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" target "room_${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    cml_warnings(${target})
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
