// Passes of gradient matching over flat vectors and images, each in a float (_f32) and a double
// (_f64) form. Sums run in double over 16 fixed lanes: equal bits on every CPU.
#pragma once
#include <stddef.h>

#define INVERSION_DECLARE(SCALAR, type)                                                            \
  /* out[0] = sum g^2, out[1] = sum g t */                                                         \
  void inversion_dots_##type(const SCALAR *g, const SCALAR *t, size_t count, double *out);         \
  /* out = a x + b y; out may be x or y */                                                         \
  void inversion_combine_##type(double a, const SCALAR *x, double b, const SCALAR *y, SCALAR *out, \
                                size_t count);                                                     \
  /* out = scale (g - t); returns sum (g - t)^2 */                                                 \
  double inversion_difference_##type(const SCALAR *g, const SCALAR *t, double scale, SCALAR *out,  \
                                     size_t count);                                                \
  /* out += scale sign(g - t), or = if not adding; returns sum |g - t| */                          \
  double inversion_sign_##type(const SCALAR *g, const SCALAR *t, double scale, int adding,         \
                               SCALAR *out, size_t count);                                         \
  /* x -= rate m^ / (sqrt(v^) + epsilon), m and v the moments of the gradient, m^ and v^ divided   \
     by c1 and c2 */                                                                               \
  void inversion_adam_##type(SCALAR *x, const SCALAR *gradient, SCALAR *m, SCALAR *v,              \
                             size_t count, double rate, double beta1, double beta2, double c1,     \
                             double c2, double epsilon);                                           \
  /* x = sign(x) */                                                                                \
  void inversion_signs_##type(SCALAR *x, size_t count);                                            \
  /* x = min(max(x, -bound), bound) */                                                             \
  void inversion_clamp_##type(SCALAR *x, double bound, size_t count);                              \
  /* sum of |differences| of neighbours, weighted; adds the weighted signs to the gradient */      \
  double inversion_variation_##type(const SCALAR *x, SCALAR *gradient, size_t planes,              \
                                    size_t height, size_t width, double across, double down);

INVERSION_DECLARE(float, f32)
INVERSION_DECLARE(double, f64)
#undef INVERSION_DECLARE
