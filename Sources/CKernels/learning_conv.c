// Convolution: one body, compiled for each scalar type and instruction set, chosen at run time by
// what the CPU has.

#include "include/learning_conv.h"

#include <stdint.h>

#pragma clang fp contract(off)

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define FMA 0
#define TARGET
#define SCALAR float
#define LANES 4
#define NAME(x) PASTE(x, _f32_base)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 4
#define NAME(x) PASTE(x, _f64_base)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET
#undef FMA

#if defined(__x86_64__)
#define FMA 1

#define TARGET __attribute__((target("arch=x86-64-v3")))
#define SCALAR float
#define LANES 8
#define NAME(x) PASTE(x, _f32_v3)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 4
#define NAME(x) PASTE(x, _f64_v3)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET

#define TARGET __attribute__((target("arch=x86-64-v4")))
#define SCALAR float
#define LANES 16
#define NAME(x) PASTE(x, _f32_v4)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 8
#define NAME(x) PASTE(x, _f64_v4)
#include "learning_conv_body.h"
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET

#define DISPATCH(f, type, ...)                                                                     \
  __builtin_cpu_supports("x86-64-v4")   ? f##_##type##_v4(__VA_ARGS__)                             \
  : __builtin_cpu_supports("x86-64-v3") ? f##_##type##_v3(__VA_ARGS__)                             \
                                        : f##_##type##_base(__VA_ARGS__)
#else
#define DISPATCH(f, type, ...) f##_##type##_base(__VA_ARGS__)
#endif

#define DEFINE(SCALAR, type)                                                                       \
  size_t learning_conv_cache_##type(const learning_conv_shape *s, size_t rows) {                   \
    return DISPATCH(learning_conv_cache, type, s, rows);                                           \
  }                                                                                                \
  size_t learning_conv_tangent_cache_##type(const learning_conv_shape *s, size_t rows) {           \
    return DISPATCH(learning_conv_tangent_cache, type, s, rows);                                   \
  }                                                                                                \
  void learning_conv_forward_##type(const learning_conv_shape *s, size_t rows, const SCALAR *x,    \
                                    const SCALAR *weight, const SCALAR *bias, SCALAR *y,           \
                                    void *cache) {                                                 \
    DISPATCH(learning_conv_forward, type, s, rows, x, weight, bias, y, cache);                     \
  }                                                                                                \
  void learning_conv_input_##type(const learning_conv_shape *s, size_t rows, const SCALAR *dy,     \
                                  const SCALAR *weight, SCALAR *dx, void *cache) {                 \
    DISPATCH(learning_conv_input, type, s, rows, dy, weight, dx, cache);                           \
  }                                                                                                \
  void learning_conv_weight_##type(const learning_conv_shape *s, size_t rows, const SCALAR *x,     \
                                   const SCALAR *dy, SCALAR *weight, SCALAR *bias, SCALAR alpha,   \
                                   SCALAR beta, void *cache) {                                     \
    DISPATCH(learning_conv_weight, type, s, rows, x, dy, weight, bias, alpha, beta, cache);        \
  }                                                                                                \
  void learning_conv_norms_##type(const learning_conv_shape *s, size_t rows, const SCALAR *x,      \
                                  const SCALAR *dy, int has_bias, double *norms, void *cache) {    \
    DISPATCH(learning_conv_norms, type, s, rows, x, dy, has_bias, norms, cache);                   \
  }                                                                                                \
  void learning_conv_tangent_forward_##type(                                                       \
      const learning_conv_shape *s, size_t rows, const SCALAR *x, const SCALAR *x_tangent,         \
      const SCALAR *v, const SCALAR *v_bias, SCALAR *y_tangent, void *cache,                       \
      void *tangent_cache) {                                                                       \
    DISPATCH(learning_conv_tangent_forward, type, s, rows, x, x_tangent, v, v_bias, y_tangent,     \
             cache, tangent_cache);                                                                \
  }                                                                                                \
  void learning_conv_tangent_input_##type(                                                         \
      const learning_conv_shape *s, size_t rows, const SCALAR *dy, const SCALAR *dy_tangent,       \
      const SCALAR *weight, const SCALAR *v, SCALAR *dx_tangent, void *cache,                      \
      void *tangent_cache) {                                                                       \
    DISPATCH(learning_conv_tangent_input, type, s, rows, dy, dy_tangent, weight, v, dx_tangent,    \
             cache, tangent_cache);                                                                \
  }                                                                                                \
  void learning_conv_tangent_weight_##type(                                                        \
      const learning_conv_shape *s, size_t rows, const SCALAR *x, const SCALAR *x_tangent,         \
      const SCALAR *dy, const SCALAR *dy_tangent, SCALAR *weight, SCALAR *bias, SCALAR alpha,      \
      SCALAR beta, void *cache, void *tangent_cache) {                                             \
    DISPATCH(learning_conv_tangent_weight, type, s, rows, x, x_tangent, dy, dy_tangent, weight,    \
             bias, alpha, beta, cache, tangent_cache);                                             \
  }

DEFINE(float, f32)
DEFINE(double, f64)
