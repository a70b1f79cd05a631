// ReLU, the momentum update and a finiteness test: one pass each, no rounded reduction, so any vector width gives equal bits.

#include "include/learning_kernels.h"
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
