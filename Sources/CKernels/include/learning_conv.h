#pragma once
#include <stddef.h>

// Two-dimensional convolution of local training. Images are channel-last, [height][width][channels]
// per example; weights are [out][in / groups][kernel_height][kernel_width] as in PyTorch.
// Every function has a float (_f32) and a double (_f64) form; none allocates or keeps state.

/// What a convolution does: sizes of its input, its output and its kernel, none of them 0 but the
/// padding. out = (in + 2 padding - kernel) / stride + 1, rounded down.
typedef struct {
  size_t channels, height, width;
  size_t out_channels, out_height, out_width;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  size_t padding_height, padding_width;
  size_t groups;
} learning_conv_shape;

// `cache` holds learning_conv_cache bytes, 64-byte aligned, for at least `rows` examples; the forward
// pass fills it for the others. `tangent_cache` is filled by the tangent forward pass.
// Sinks: target = beta target + alpha gradient; beta = 0 does not read the target. Every bias may be
// null, and then there is none; x_tangent may be null, which means zero.
#define LEARNING_DECLARE(SCALAR, type)                                                             \
  size_t learning_conv_cache_##type(const learning_conv_shape *shape, size_t rows);                \
  size_t learning_conv_tangent_cache_##type(const learning_conv_shape *shape, size_t rows);        \
  /* y = conv(x, weight) + bias */                                                                 \
  void learning_conv_forward_##type(const learning_conv_shape *shape, size_t rows,                 \
                                    const SCALAR *x, const SCALAR *weight, const SCALAR *bias,     \
                                    SCALAR *y, void *cache);                                       \
  /* dx = the transposed convolution of dy */                                                      \
  void learning_conv_input_##type(const learning_conv_shape *shape, size_t rows,                   \
                                  const SCALAR *dy, const SCALAR *weight, SCALAR *dx,              \
                                  void *cache);                                                    \
  /* weight and bias take the gradient, the correlation of x and dy, summed over the batch. */     \
  void learning_conv_weight_##type(const learning_conv_shape *shape, size_t rows,                  \
                                   const SCALAR *x, const SCALAR *dy, SCALAR *weight,              \
                                   SCALAR *bias, SCALAR alpha, SCALAR beta, void *cache);          \
  /* norms[r] += squared norm of example r's own gradient, with the bias's if has_bias. */         \
  void learning_conv_norms_##type(const learning_conv_shape *shape, size_t rows, const SCALAR *x,  \
                                  const SCALAR *dy, int has_bias, double *norms, void *cache);     \
  /* y_tangent = conv(x_tangent, weight) + conv(x, v) + v_bias, the weight being that of the       \
     forward pass. */                                                                              \
  void learning_conv_tangent_forward_##type(                                                       \
      const learning_conv_shape *shape, size_t rows, const SCALAR *x, const SCALAR *x_tangent,     \
      const SCALAR *v, const SCALAR *v_bias, SCALAR *y_tangent, void *cache, void *tangent_cache); \
  /* dx_tangent = the transposed convolutions of dy_tangent by weight and of dy by v */            \
  void learning_conv_tangent_input_##type(                                                         \
      const learning_conv_shape *shape, size_t rows, const SCALAR *dy, const SCALAR *dy_tangent,   \
      const SCALAR *weight, const SCALAR *v, SCALAR *dx_tangent, void *cache,                      \
      void *tangent_cache);                                                                        \
  /* weight and bias take corr(x, dy_tangent) + corr(x_tangent, dy). */                            \
  void learning_conv_tangent_weight_##type(                                                        \
      const learning_conv_shape *shape, size_t rows, const SCALAR *x, const SCALAR *x_tangent,     \
      const SCALAR *dy, const SCALAR *dy_tangent, SCALAR *weight, SCALAR *bias, SCALAR alpha,      \
      SCALAR beta, void *cache, void *tangent_cache);

LEARNING_DECLARE(float, f32)
LEARNING_DECLARE(double, f64)
#undef LEARNING_DECLARE
