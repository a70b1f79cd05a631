#pragma once
#include <stddef.h>

// Optimiser steps from a gradient that lies in memory. Each value is worked on by itself, so that
// any vector width gives equal bits. `scale` multiplies the gradient first: the clipping factor over
// its norm. Every function has a float (_f32) and a double (_f64) form; none allocates or keeps
// state.

#define LEARNING_DECLARE(SCALAR, type)                                                             \
  /* With g = scale gradient + decay parameters: parameters -= rate g. */                          \
  void learning_sgd_##type(SCALAR *parameters, const SCALAR *gradient, size_t count, SCALAR scale, \
                           SCALAR rate, SCALAR decay);                                             \
  /* With the same g: velocity = momentum velocity + g, then parameters -= rate velocity, or       \
     rate (g + momentum velocity) if nesterov. */                                                  \
  void learning_sgd_momentum_##type(SCALAR *parameters, SCALAR *velocity, const SCALAR *gradient,  \
                                    size_t count, SCALAR scale, SCALAR rate, SCALAR momentum,      \
                                    SCALAR decay, int nesterov);                                   \
  /* With the same g: first = beta1 first + rest1 g, second = beta2 second + rest2 g^2, then       \
     parameters = keep parameters - rate first / (sqrt(second) / root + epsilon). The caller puts  \
     the bias corrections into rate and root. */                                                   \
  void learning_adam_##type(SCALAR *parameters, SCALAR *first, SCALAR *second,                     \
                            const SCALAR *gradient, size_t count, SCALAR scale, SCALAR decay,      \
                            SCALAR keep, SCALAR beta1, SCALAR rest1, SCALAR beta2, SCALAR rest2,   \
                            SCALAR rate, SCALAR root, SCALAR epsilon);

LEARNING_DECLARE(float, f32)
LEARNING_DECLARE(double, f64)
#undef LEARNING_DECLARE
