// HarfBuzz of the everyday build, loaded when a text first needs it: Debian's brings GLib and Graphite, which every
// start would load and relocate for charts whose labels are Latin. As platform/late_libraries.cpp does with libcurl:
// each function that we call is defined here under its own name and goes on to the library's. The binary that users
// download has HarfBuzz inside and is compiled without this file (CML_STATIC).
//
// Where the library cannot be loaded hb_buffer_create and hb_unicode_funcs_get_default answer null, and callers do
// without the others.
#include <dlfcn.h>
#include <hb-ot.h>
#include <hb.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

void* late_harfbuzz() {
  static void* const library = ::dlopen("libharfbuzz.so.0", RTLD_NOW | RTLD_LOCAL);
  return library;
}

template <class Function>
Function* late_shaping(char const* name) {
  void* const symbol = late_harfbuzz() != nullptr ? ::dlsym(late_harfbuzz(), name) : nullptr;
  if (symbol == nullptr) {
    std::fprintf(stderr, "cml: cannot load %s: %s\n", name, ::dlerror());
    std::abort();
  }
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

#define LATE_SHAPING(result, name, parameters, arguments)              \
  result name parameters {                                             \
    static auto* const function = late_shaping<decltype(name)>(#name); \
    return function arguments;                                         \
  }

extern "C" {

hb_buffer_t* hb_buffer_create() {
  if (late_harfbuzz() == nullptr) return nullptr;
  static auto* const function = late_shaping<decltype(hb_buffer_create)>("hb_buffer_create");
  return function();
}
hb_unicode_funcs_t* hb_unicode_funcs_get_default() {
  if (late_harfbuzz() == nullptr) return nullptr;
  static auto* const function = late_shaping<decltype(hb_unicode_funcs_get_default)>("hb_unicode_funcs_get_default");
  return function();
}

// clang-format off
LATE_SHAPING(hb_script_t, hb_unicode_script, (hb_unicode_funcs_t* facts, hb_codepoint_t code), (facts, code))
LATE_SHAPING(hb_unicode_general_category_t, hb_unicode_general_category,
             (hb_unicode_funcs_t* facts, hb_codepoint_t code), (facts, code))
LATE_SHAPING(hb_blob_t*, hb_blob_create,
             (char const* data, unsigned length, hb_memory_mode_t mode, void* user, hb_destroy_func_t destroy),
             (data, length, mode, user, destroy))
LATE_SHAPING(hb_face_t*, hb_face_create_for_tables,
             (hb_reference_table_func_t tables, void* user, hb_destroy_func_t destroy), (tables, user, destroy))
LATE_SHAPING(void, hb_face_set_upem, (hb_face_t* face, unsigned units), (face, units))
LATE_SHAPING(void, hb_face_destroy, (hb_face_t* face), (face))
LATE_SHAPING(hb_font_t*, hb_font_create, (hb_face_t* face), (face))
LATE_SHAPING(void, hb_font_set_scale, (hb_font_t* font, int x, int y), (font, x, y))
LATE_SHAPING(void, hb_font_set_var_named_instance, (hb_font_t* font, unsigned instance), (font, instance))
LATE_SHAPING(void, hb_font_destroy, (hb_font_t* font), (font))
LATE_SHAPING(void, hb_buffer_destroy, (hb_buffer_t* buffer), (buffer))
LATE_SHAPING(void, hb_buffer_clear_contents, (hb_buffer_t* buffer), (buffer))
LATE_SHAPING(void, hb_buffer_add_utf32,
             (hb_buffer_t* buffer, std::uint32_t const* text, int length, unsigned begin, int count),
             (buffer, text, length, begin, count))
LATE_SHAPING(void, hb_buffer_set_direction, (hb_buffer_t* buffer, hb_direction_t way), (buffer, way))
LATE_SHAPING(void, hb_buffer_set_script, (hb_buffer_t* buffer, hb_script_t script), (buffer, script))
LATE_SHAPING(hb_glyph_info_t*, hb_buffer_get_glyph_infos, (hb_buffer_t* buffer, unsigned* count), (buffer, count))
LATE_SHAPING(hb_glyph_position_t*, hb_buffer_get_glyph_positions, (hb_buffer_t* buffer, unsigned* count),
             (buffer, count))
LATE_SHAPING(void, hb_shape, (hb_font_t* font, hb_buffer_t* buffer, hb_feature_t const* features, unsigned count),
             (font, buffer, features, count))
// clang-format on
}
