/* Draws Vega and Vega-Lite specifications: one call, bytes in, bytes out.
 *
 *   cml_vega_result *drawn = cml_vega_render(spec, strlen(spec), NULL);
 *   if (cml_vega_error(drawn) == NULL) fwrite(cml_vega_bytes(drawn), 1, cml_vega_size(drawn), file);
 *   cml_vega_free(drawn);
 *
 * No exception leaves a call, nothing is kept between calls, and calls in several threads do not disturb each other. A
 * specification may come from anybody: a drawing has limits of work and memory, and reads what `load` gives it, no
 * more.
 */
#ifndef CML_VEGA_H
#define CML_VEGA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cml_vega_result cml_vega_result;
typedef struct cml_vega_data cml_vega_data;

/* Called for each URL of data or images in the specification, which is whatever its author wrote. Writes what it leads
 * to by cml_vega_data_write(), in as many calls as it likes, and returns 0; any other value: it is not loaded, and what
 * was written is the reason. Where memory runs out in between, the drawing fails. */
typedef int (*cml_vega_load)(void* context, char const* url, cml_vega_data* data);
void cml_vega_data_write(cml_vega_data* data, void const* bytes, size_t count);

typedef struct cml_vega_options {
  size_t size;            /* sizeof(cml_vega_options), always: later versions add fields at the end. */
  char const* format;     /* "png", "svg", "pdf", "jpeg", "html", "vega" (compiled), "scene"; NULL: "png". */
  double scale;           /* Factor on the size; 0: 1. */
  double ppi;             /* Pixels per inch, on top of `scale`; 0: 72. */
  double now;             /* What now() answers, in milliseconds since 1970. */
  long seed;              /* Of random numbers; 0: 42. */
  char const* theme;      /* A name such as "dark"; NULL: none. */
  char const* config;     /* JSON of a configuration; NULL: none. */
  char const* background; /* CSS colour over the specification's own; NULL: its own. */
  cml_vega_load load;     /* NULL: nothing is loaded. */
  void* load_context;
} cml_vega_options;

/* NULL only when there is no memory at all, which the calls below take for a result with that error. `options` may be
 * NULL; what is not used in it must be 0. `spec` is UTF-8 and needs no zero at its end. */
cml_vega_result* cml_vega_render(char const* spec, size_t spec_bytes, cml_vega_options const* options);
/* NULL: it is drawn. Else one line that names the place in the specification. */
char const* cml_vega_error(cml_vega_result const* result);
/* The picture; size 0 with an error. Both live as long as the result. */
char const* cml_vega_bytes(cml_vega_result const* result);
size_t cml_vega_size(cml_vega_result const* result);
/* What the author of the specification should know, one line each; NULL behind the last. */
char const* cml_vega_warning(cml_vega_result const* result, size_t index);
void cml_vega_free(cml_vega_result* result);

#ifdef __cplusplus
}
#endif

#endif
