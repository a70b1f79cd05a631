// ReLU, the momentum update, arithmetic on arrays: one pass each. Sums run in eight fixed lanes, the
// rest has no reduction, so any vector width gives equal bits.

#include "include/learning_kernels.h"
#include "include/learning_operations.h"
#include "kernels_dispatch.h"

#pragma clang fp contract(off)

#define DEFINE(SCALAR, type)                                                                       \
  DISPATCHED void learning_relu_##type(SCALAR *x, size_t count) {                                      \
    for (size_t i = 0; i < count; i++) x[i] = 0 > x[i] ? 0 : x[i];                                 \
  }                                                                                                \
  DISPATCHED void learning_relu_input_##type(const SCALAR *restrict y, SCALAR *restrict dx,            \
                                         size_t count) {                                           \
    for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0 ? dx[i] : 0;                               \
  }                                                                                                \
  DISPATCHED void learning_momentum_##type(SCALAR *restrict parameters, SCALAR *restrict velocity,     \
                                       size_t count, SCALAR rate, SCALAR decay) {                  \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR v = velocity[i] + decay * parameters[i];                                        \
      velocity[i] = v;                                                                             \
      parameters[i] -= rate * v;                                                                   \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED int learning_is_finite_##type(const SCALAR *x, size_t count) {                            \
    int finite = 1;                                                                                \
    for (size_t i = 0; i < count; i++) finite &= x[i] - x[i] == 0;                                 \
    return finite;                                                                                 \
  }

DEFINE(float, f32)
DEFINE(double, f64)

#define DEFINE_ARITHMETIC(SCALAR, type)                                                            \
  DISPATCHED void learning_sum_##type(const SCALAR *a, const SCALAR *b, SCALAR *out,               \
                                      size_t count) {                                              \
    for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];                                       \
  }                                                                                                \
  DISPATCHED void learning_add_##type(const SCALAR *restrict source, SCALAR *restrict target,      \
                                      size_t count) {                                              \
    for (size_t i = 0; i < count; i++) target[i] += source[i];                                     \
  }                                                                                                \
  DISPATCHED void learning_multiply_##type(const SCALAR *a, const SCALAR *b, SCALAR *out,          \
                                           size_t count) {                                         \
    for (size_t i = 0; i < count; i++) out[i] = a[i] * b[i];                                       \
  }                                                                                                \
  DISPATCHED void learning_scaled_##type(const SCALAR *x, SCALAR factor, SCALAR *out,              \
                                         size_t count) {                                           \
    for (size_t i = 0; i < count; i++) out[i] = factor * x[i];                                     \
  }                                                                                                \
  DISPATCHED void learning_scale_rows_##type(SCALAR *x, const SCALAR *factors, size_t rows,        \
                                             size_t width) {                                       \
    for (size_t r = 0; r < rows; r++) {                                                            \
      const SCALAR factor = factors[r];                                                            \
      for (size_t i = 0; i < width; i++) x[r * width + i] *= factor;                               \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED double learning_squared_norm_##type(const SCALAR *x, size_t count) {                  \
    double lanes[8] = {0};                                                                         \
    size_t i = 0;                                                                                  \
    for (; i + 8 <= count; i += 8)                                                                 \
      for (size_t l = 0; l < 8; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];              \
    for (; i < count; i++) lanes[0] += (double)x[i] * (double)x[i];                                \
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +                                       \
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));                                        \
  }                                                                                                \
  void learning_transpose_##type(const SCALAR *x, SCALAR *out, size_t rows, size_t m, size_t n) {  \
    for (size_t r = 0; r < rows; r++, x += m * n, out += m * n)                                    \
      for (size_t i = 0; i < m; i++)                                                               \
        for (size_t j = 0; j < n; j++) out[j * m + i] = x[i * n + j];                              \
  }

DEFINE_ARITHMETIC(float, f32)
DEFINE_ARITHMETIC(double, f64)
