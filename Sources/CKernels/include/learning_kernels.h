#pragma once
#include <stddef.h>
#include <stdint.h>

// Hot loops of local training. Matrices are row-major without padding; a batch has `rows` rows.
// Every function has a float (_f32) and a double (_f64) form; none allocates or keeps state.

#define LEARNING_DECLARE(SCALAR, type)                                                             \
  /* y[r][o] = bias[o] + sum_i x[r][i] weight[o][i]; without a bias, added to what y holds */      \
  void learning_dense_forward_##type(const SCALAR *x, const SCALAR *weight, const SCALAR *bias,    \
                                     SCALAR *y, size_t rows, size_t inputs, size_t outputs);       \
  /* dx[r][i] = sum_o dy[r][o] weight[o][i], added to what dx holds if `add` */                    \
  void learning_dense_input_##type(const SCALAR *dy, const SCALAR *weight, SCALAR *dx,             \
                                   size_t rows, size_t inputs, size_t outputs, int add);           \
  /* weight[o][i] = beta weight[o][i] + alpha sum_r dy[r][o] x[r][i], bias[o] likewise with x = 1; \
     beta = 0 does not read what the targets hold; bias may be null. */                            \
  void learning_dense_weight_##type(const SCALAR *dy, const SCALAR *x, SCALAR *weight,             \
                                    SCALAR *bias, size_t rows, size_t inputs, size_t outputs,      \
                                    SCALAR alpha, SCALAR beta);                                    \
  /* x = max(x, 0) in place; a NaN stays a NaN. */                                                 \
  void learning_relu_##type(SCALAR *x, size_t count);                                              \
  /* dx[i] = 0 where y[i] is 0, in place. */                                                       \
  void learning_relu_input_##type(const SCALAR *y, SCALAR *dx, size_t count);                      \
  /* Softmax cross-entropy of `rows` logit vectors against labels in 0..<classes.                  \
     gradient[r][c] = scale (softmax(logits[r])[c] - [c == label[r]]); may not alias the logits.   \
     losses[r] = -log softmax(logits[r])[label[r]]; losses may be null. */                         \
  void learning_softmax_##type(const SCALAR *logits, const int32_t *labels, SCALAR *gradient,      \
                               size_t rows, size_t classes, SCALAR scale, double *losses);         \
  /* top[r] = the first class with the largest logit. */                                           \
  void learning_top_##type(const SCALAR *logits, int32_t *top, size_t rows, size_t classes);       \
  /* velocity += decay parameters, then parameters -= rate velocity. */                            \
  void learning_momentum_##type(SCALAR *parameters, SCALAR *velocity, size_t count, SCALAR rate,   \
                                SCALAR decay);                                                     \
  /* 1 if no value is infinite or NaN, else 0. */                                                  \
  int learning_is_finite_##type(const SCALAR *x, size_t count);

LEARNING_DECLARE(float, f32)
LEARNING_DECLARE(double, f64)
#undef LEARNING_DECLARE
