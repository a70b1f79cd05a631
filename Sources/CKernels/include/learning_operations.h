#pragma once
#include <stddef.h>
#include <stdint.h>

// What layers other than dense and convolution compute. Images lie channel-last; `rows` examples lie
// one after the other. Every function has a float (_f32) and a double (_f64) form; none allocates or
// keeps state.

// How an activation function is named here; `parameter` is a slope, an alpha or a beta.
enum {
  LEARNING_LEAKY_RELU = 0,
  LEARNING_ELU = 1,
  LEARNING_SIGMOID = 2,
  LEARNING_TANH = 3,
  LEARNING_SOFTPLUS = 4,
  LEARNING_GELU = 5,
  LEARNING_SILU = 6,
};

// Windows of a pooling layer on a padded image.
typedef struct {
  size_t channels, in_height, in_width, out_height, out_width;
  size_t kernel_height, kernel_width, stride_height, stride_width, padding_height, padding_width;
} learning_pool;

// Values of one example: `positions` x `channels`, normalised in `groups` groups of channels.
typedef struct {
  size_t positions, channels, groups;
} learning_norm;

#define LEARNING_DECLARE(SCALAR, type)                                                             \
  /* y = s(x) */                                                                                   \
  void learning_activation_##type(int kind, SCALAR parameter, const SCALAR *x, SCALAR *y,          \
                                  size_t count);                                                   \
  /* out = s'(x) dy, from x and y = s(x); out may be dy. */                                        \
  void learning_activation_input_##type(int kind, SCALAR parameter, const SCALAR *x,               \
                                        const SCALAR *y, const SCALAR *dy, SCALAR *out,            \
                                        size_t count);                                             \
  /* out = s'(x) dyt + s''(x) xt dy; xt may be null for 0. */                                      \
  void learning_activation_tangent_##type(int kind, SCALAR parameter, const SCALAR *x,             \
                                          const SCALAR *y, const SCALAR *xt, const SCALAR *dy,     \
                                          const SCALAR *dyt, SCALAR *out, size_t count);           \
  /* y = largest of each window, the first of equals, a NaN if there is one; arg its number. */    \
  void learning_max_pool_##type(const learning_pool *p, const SCALAR *x, SCALAR *y, int32_t *arg,  \
                                size_t rows);                                                      \
  /* y = x at arg */                                                                               \
  void learning_max_pool_gather_##type(const learning_pool *p, const SCALAR *x,                    \
                                       const int32_t *arg, SCALAR *y, size_t rows);                \
  /* dx = the sum of dy over the windows whose arg it is */                                        \
  void learning_max_pool_scatter_##type(const learning_pool *p, const SCALAR *dy,                  \
                                        const int32_t *arg, SCALAR *dx, size_t rows);              \
  /* y = the mean over each window, padding counted as zeros */                                    \
  void learning_average_pool_##type(const learning_pool *p, const SCALAR *x, SCALAR *y,            \
                                    size_t rows);                                                  \
  void learning_average_pool_scatter_##type(const learning_pool *p, const SCALAR *dy, SCALAR *dx,  \
                                            size_t rows);                                          \
  /* Group norm. statistics: mean and 1 / deviation of each row and group.                         \
     y = scale (x - mean) / deviation + shift; scale and shift may be null. */                     \
  void learning_group_norm_##type(const learning_norm *n, double epsilon, const SCALAR *x,         \
                                  const SCALAR *scale, const SCALAR *shift, SCALAR *y,             \
                                  double *statistics, size_t rows);                                \
  /* out = P(scale dy), the gradient by x; with scale null it is P(dy). */                         \
  void learning_group_norm_input_##type(const learning_norm *n, const SCALAR *x,                   \
                                        const SCALAR *scale, const SCALAR *dy, SCALAR *out,        \
                                        const double *statistics, size_t rows);                    \
  /* The tangent of that gradient; xt and v (the direction of scale) may be null. */               \
  void learning_group_norm_tangent_input_##type(                                                   \
      const learning_norm *n, const SCALAR *x, const SCALAR *scale, const SCALAR *v,               \
      const SCALAR *xt, const SCALAR *dy, const SCALAR *dyt, SCALAR *out,                          \
      const double *statistics, size_t rows);                                                      \
  /* The tangent of y. */                                                                          \
  void learning_group_norm_tangent_##type(const learning_norm *n, const SCALAR *x,                 \
                                          const SCALAR *scale, const SCALAR *v,                    \
                                          const SCALAR *v_shift, const SCALAR *xt, SCALAR *yt,     \
                                          const double *statistics, size_t rows);                  \
  /* sums[c] (of scale) and sums[channels + c] (of shift) += the gradients of rows first..<last;   \
     with tangents (dyt not null) their tangents instead. If `fixed`, the statistics are constants. */ \
  void learning_group_norm_parameter_##type(const learning_norm *n, const SCALAR *x,               \
                                            const SCALAR *xt, const SCALAR *dy,                    \
                                            const SCALAR *dyt, const double *statistics,           \
                                            double *sums, size_t first, size_t last, int fixed);   \
  /* y = a[c] x + b[c], or that added to y; b may be null. */                                      \
  void learning_affine_##type(const SCALAR *x, const SCALAR *a, const SCALAR *b, SCALAR *y,        \
                              size_t positions, size_t channels, int add);                         \
  /* Per channel over all positions of the batch: mean and variance (biased). */                   \
  void learning_channel_moments_##type(const SCALAR *x, size_t positions, size_t channels,         \
                                       double *mean, double *variance);                            \
  /* out[i] = a[i] + b[i] */                                                                       \
  void learning_sum_##type(const SCALAR *a, const SCALAR *b, SCALAR *out, size_t count);           \
  /* target[i] += source[i] */                                                                     \
  void learning_add_##type(const SCALAR *source, SCALAR *target, size_t count);                    \
  /* out[i] = a[i] b[i] */                                                                         \
  void learning_multiply_##type(const SCALAR *a, const SCALAR *b, SCALAR *out, size_t count);      \
  /* row r of x times factors[r] */                                                                \
  void learning_scale_rows_##type(SCALAR *x, const SCALAR *factors, size_t rows, size_t width);    \
  /* sum of squares, in double, in a fixed order */                                                \
  double learning_squared_norm_##type(const SCALAR *x, size_t count);                              \
  /* out[r][j][i] = x[r][i][j] for blocks of m x n */                                              \
  void learning_transpose_##type(const SCALAR *x, SCALAR *out, size_t rows, size_t m, size_t n);   \
  /* Softmax cross-entropy against target distributions q, as learning_softmax:                    \
     gradient = scale (softmax(z) sum(q) - q). */                                                  \
  void learning_softmax_dense_##type(const SCALAR *logits, const SCALAR *q, SCALAR *gradient,      \
                                     size_t rows, size_t classes, SCALAR scale, double *losses);   \
  /* The tangent of the gradient by the logits: scale sum(q) s (zt - <s, zt>); q may be null. */   \
  void learning_softmax_tangent_##type(const SCALAR *logits, const SCALAR *q, const SCALAR *zt,    \
                                       SCALAR *out, size_t rows, size_t classes, SCALAR scale);    \
  /* The tangent of the gradient by the targets: -scale (zt - <s, zt>). */                         \
  void learning_softmax_target_tangent_##type(const SCALAR *logits, const SCALAR *zt, SCALAR *out, \
                                              size_t rows, size_t classes, SCALAR scale);          \
  /* Mean of squares over the outputs; gradient = scale 2 (z - t) / outputs. */                    \
  void learning_squared_error_##type(const SCALAR *z, const SCALAR *t, SCALAR *gradient,           \
                                     size_t rows, size_t outputs, SCALAR scale, double *losses);   \
  /* Mean over the outputs of log(1 + e^z) - t z; gradient = scale (sigmoid(z) - t) / outputs. */  \
  void learning_binary_##type(const SCALAR *z, const SCALAR *t, SCALAR *gradient, size_t rows,     \
                              size_t outputs, SCALAR scale, double *losses);                       \
  /* out = scale sigmoid'(z) zt / outputs */                                                       \
  void learning_binary_tangent_##type(const SCALAR *z, const SCALAR *zt, SCALAR *out, size_t rows, \
                                      size_t outputs, SCALAR scale);                               \
  /* out = factor x */                                                                             \
  void learning_scaled_##type(const SCALAR *x, SCALAR factor, SCALAR *out, size_t count);

LEARNING_DECLARE(float, f32)
LEARNING_DECLARE(double, f64)
#undef LEARNING_DECLARE
