// The optimisers' updates, one pass over the parameters each; see the header for what they compute.

#include "include/learning_optimizers.h"
#include "kernels_dispatch.h"

#pragma clang fp contract(off)

#define DEFINE(SCALAR, type)                                                                       \
  DISPATCHED void learning_sgd_##type(SCALAR *restrict parameters,                                 \
                                      const SCALAR *restrict gradient, size_t count, SCALAR scale, \
                                      SCALAR rate, SCALAR decay) {                                 \
    for (size_t i = 0; i < count; i++)                                                             \
      parameters[i] -= rate * (scale * gradient[i] + decay * parameters[i]);                       \
  }                                                                                                \
  DISPATCHED void learning_sgd_momentum_##type(                                                    \
      SCALAR *restrict parameters, SCALAR *restrict velocity, const SCALAR *restrict gradient,     \
      size_t count, SCALAR scale, SCALAR rate, SCALAR momentum, SCALAR decay, int nesterov) {      \
    /* g + momentum v with Nesterov, else 0 g + 1 v. */                                            \
    const SCALAR now = nesterov ? 1 : 0, along = nesterov ? momentum : 1;                          \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR g = scale * gradient[i] + decay * parameters[i];                                \
      const SCALAR v = momentum * velocity[i] + g;                                                 \
      velocity[i] = v;                                                                             \
      parameters[i] -= rate * (now * g + along * v);                                               \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED void learning_adam_##type(                                                            \
      SCALAR *restrict parameters, SCALAR *restrict first, SCALAR *restrict second,                \
      const SCALAR *restrict gradient, size_t count, SCALAR scale, SCALAR decay, SCALAR keep,      \
      SCALAR beta1, SCALAR rest1, SCALAR beta2, SCALAR rest2, SCALAR rate, SCALAR root,            \
      SCALAR epsilon) {                                                                            \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR g = scale * gradient[i] + decay * parameters[i];                                \
      const SCALAR m = beta1 * first[i] + rest1 * g;                                               \
      const SCALAR s = beta2 * second[i] + rest2 * g * g;                                          \
      first[i] = m;                                                                                \
      second[i] = s;                                                                               \
      const SCALAR deviation = __builtin_elementwise_sqrt(s) / root + epsilon;                     \
      parameters[i] = keep * parameters[i] - rate * m / deviation;                                 \
    }                                                                                              \
  }

DEFINE(float, f32)
DEFINE(double, f64)
