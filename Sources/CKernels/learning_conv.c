// Convolution: one body, compiled for each scalar type and instruction set, chosen at run time by
// what the CPU has.

#include "include/learning_conv.h"

#include <stdint.h>

#pragma clang fp contract(off)

#define BODY "learning_conv_body.h"
#include "kernels_variants.h"

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
