// Normalisation over groups of channels of one example, and moments over a batch.
//
// For a set (the positions and channels of a group): c = x - mean, r = 1 / sqrt(mean(c^2) + epsilon),
// xh = c r, and P(u) = r (u - mean(u) - xh mean(u xh)), which is its own transpose. With u = scale dy:
//
//   dx        = P(u)
//   xh-tangent = P(x-tangent)
//   dx-tangent = P(u-tangent) - r k dx - r (xh-tangent mean(u xh) + xh mean(u xh-tangent)),
//                k = mean(xh x-tangent)
//
// Sums run in double, in index order.

#include <math.h>

#include "include/learning_operations.h"
#include "kernels_dispatch.h"

#pragma clang fp contract(off)

// Runs a body for every value of group g: `i` is its offset in the example, `c` its channel.
#define FOR_EACH(n, g, ...)                                                                        \
  for (size_t position = 0; position < (n)->positions; position++)                                 \
    for (size_t c = (g) * width; c < ((g) + 1) * width; c++) {                                     \
      const size_t i = position * (n)->channels + c;                                               \
      __VA_ARGS__                                                                                  \
    }

#define SCALE(c) (scale ? (double)scale[c] : 1.0)
#define NORMALISED(i) (((double)x[i] - mean) * r)

#define DEFINE(SCALAR, type)                                                                       \
  void learning_group_norm_##type(const learning_norm *n, double epsilon, const SCALAR *x,         \
                                  const SCALAR *scale, const SCALAR *shift, SCALAR *y,             \
                                  double *statistics, size_t rows) {                               \
    const size_t width = n->channels / n->groups, size = n->positions * n->channels;               \
    const double count = (double)(width * n->positions);                                           \
    for (size_t row = 0; row < rows; row++, x += size, y += size)                                  \
      for (size_t g = 0; g < n->groups; g++, statistics += 2) {                                    \
        double sum = 0, squares = 0;                                                               \
        FOR_EACH(n, g, { sum += (double)x[i]; (void)c; })                                          \
        const double mean = sum / count;                                                           \
        FOR_EACH(n, g, {                                                                           \
          const double d = (double)x[i] - mean;                                                    \
          squares += d * d;                                                                        \
          (void)c;                                                                                 \
        })                                                                                         \
        const double r = 1 / sqrt(squares / count + epsilon);                                      \
        statistics[0] = mean;                                                                      \
        statistics[1] = r;                                                                         \
        FOR_EACH(n, g, {                                                                           \
          y[i] = (SCALAR)(SCALE(c) * NORMALISED(i) + (shift ? (double)shift[c] : 0.0));            \
        })                                                                                         \
      }                                                                                            \
  }                                                                                                \
  void learning_group_norm_input_##type(const learning_norm *n, const SCALAR *x,                   \
                                        const SCALAR *scale, const SCALAR *dy, SCALAR *out,        \
                                        const double *statistics, size_t rows) {                   \
    const size_t width = n->channels / n->groups, size = n->positions * n->channels;               \
    const double count = (double)(width * n->positions);                                           \
    for (size_t row = 0; row < rows; row++, x += size, dy += size, out += size)                    \
      for (size_t g = 0; g < n->groups; g++, statistics += 2) {                                    \
        const double mean = statistics[0], r = statistics[1];                                      \
        double mu = 0, mx = 0;                                                                     \
        FOR_EACH(n, g, {                                                                           \
          const double u = SCALE(c) * (double)dy[i];                                               \
          mu += u;                                                                                 \
          mx += u * NORMALISED(i);                                                                 \
        })                                                                                         \
        mu /= count;                                                                               \
        mx /= count;                                                                               \
        FOR_EACH(n, g, {                                                                           \
          out[i] = (SCALAR)(r * (SCALE(c) * (double)dy[i] - mu - NORMALISED(i) * mx));             \
        })                                                                                         \
      }                                                                                            \
  }                                                                                                \
  void learning_group_norm_tangent_##type(const learning_norm *n, const SCALAR *x,                 \
                                          const SCALAR *scale, const SCALAR *v,                    \
                                          const SCALAR *v_shift, const SCALAR *xt, SCALAR *yt,     \
                                          const double *statistics, size_t rows) {                 \
    const size_t width = n->channels / n->groups, size = n->positions * n->channels;               \
    const double count = (double)(width * n->positions);                                           \
    for (size_t row = 0; row < rows; row++, x += size, yt += size) {                               \
      const SCALAR *t = xt ? xt + row * size : 0;                                                  \
      for (size_t g = 0; g < n->groups; g++, statistics += 2) {                                    \
        const double mean = statistics[0], r = statistics[1];                                      \
        double mt = 0, k = 0;                                                                      \
        if (t) {                                                                                   \
          FOR_EACH(n, g, {                                                                         \
            mt += (double)t[i];                                                                    \
            k += (double)t[i] * NORMALISED(i);                                                     \
            (void)c;                                                                               \
          })                                                                                       \
        }                                                                                          \
        mt /= count;                                                                               \
        k /= count;                                                                                \
        FOR_EACH(n, g, {                                                                           \
          const double xh = NORMALISED(i);                                                         \
          double value = v ? (double)v[c] * xh : 0.0;                                              \
          if (v_shift) value += (double)v_shift[c];                                                \
          if (t) value += SCALE(c) * r * ((double)t[i] - mt - xh * k);                             \
          yt[i] = (SCALAR)value;                                                                   \
        })                                                                                         \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  void learning_group_norm_tangent_input_##type(                                                   \
      const learning_norm *n, const SCALAR *x, const SCALAR *scale, const SCALAR *v,               \
      const SCALAR *xt, const SCALAR *dy, const SCALAR *dyt, SCALAR *out,                          \
      const double *statistics, size_t rows) {                                                     \
    const size_t width = n->channels / n->groups, size = n->positions * n->channels;               \
    const double count = (double)(width * n->positions);                                           \
    for (size_t row = 0; row < rows; row++, x += size, dy += size, dyt += size, out += size) {     \
      const SCALAR *t = xt ? xt + row * size : 0;                                                  \
      for (size_t g = 0; g < n->groups; g++, statistics += 2) {                                    \
        const double mean = statistics[0], r = statistics[1];                                      \
        /* Means of u, u xh, u-tangent, u-tangent xh, x-tangent, x-tangent xh. */                  \
        double mu = 0, mx = 0, nu = 0, nx = 0, mt = 0, k = 0;                                      \
        FOR_EACH(n, g, {                                                                           \
          const double xh = NORMALISED(i), u = SCALE(c) * (double)dy[i];                           \
          const double ut =                                                                        \
              SCALE(c) * (double)dyt[i] + (v ? (double)v[c] * (double)dy[i] : 0.0);                \
          mu += u;                                                                                 \
          mx += u * xh;                                                                            \
          nu += ut;                                                                                \
          nx += ut * xh;                                                                           \
          if (t) {                                                                                 \
            mt += (double)t[i];                                                                    \
            k += (double)t[i] * xh;                                                                \
          }                                                                                        \
        })                                                                                         \
        mu /= count, mx /= count, nu /= count, nx /= count, mt /= count, k /= count;               \
        double ms = 0; /* mean of u xh-tangent */                                                  \
        if (t) {                                                                                   \
          FOR_EACH(n, g, {                                                                         \
            const double s = r * ((double)t[i] - mt - NORMALISED(i) * k);                          \
            ms += SCALE(c) * (double)dy[i] * s;                                                    \
          })                                                                                       \
          ms /= count;                                                                             \
        }                                                                                          \
        FOR_EACH(n, g, {                                                                           \
          const double xh = NORMALISED(i), u = SCALE(c) * (double)dy[i];                           \
          const double ut =                                                                        \
              SCALE(c) * (double)dyt[i] + (v ? (double)v[c] * (double)dy[i] : 0.0);                \
          double value = r * (ut - nu - xh * nx);                                                  \
          if (t) {                                                                                 \
            const double s = r * ((double)t[i] - mt - xh * k);                                     \
            value -= r * k * (r * (u - mu - xh * mx)) + r * (s * mx + xh * ms);                    \
          }                                                                                        \
          out[i] = (SCALAR)value;                                                                  \
        })                                                                                         \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  void learning_group_norm_parameter_##type(const learning_norm *n, const SCALAR *x,               \
                                            const SCALAR *xt, const SCALAR *dy,                    \
                                            const SCALAR *dyt, const double *statistics,           \
                                            double *sums, size_t first, size_t last,               \
                                            int fixed) {                                           \
    const size_t width = n->channels / n->groups, size = n->positions * n->channels;               \
    const double count = (double)(width * n->positions);                                           \
    double *shifts = sums + n->channels;                                                           \
    for (size_t row = first; row < last; row++) {                                                  \
      const SCALAR *const xs = x;                                                                  \
      const SCALAR *x = xs + row * size, *g0 = dy + row * size;                                    \
      const SCALAR *g1 = dyt ? dyt + row * size : 0, *t = xt ? xt + row * size : 0;                \
      for (size_t g = 0; g < n->groups; g++) {                                                     \
        const double mean = statistics[2 * (row * n->groups + g)];                                 \
        const double r = statistics[2 * (row * n->groups + g) + 1];                                \
        double mt = 0, k = 0;                                                                      \
        if (t && !fixed) {                                                                         \
          FOR_EACH(n, g, {                                                                         \
            mt += (double)t[i];                                                                    \
            k += (double)t[i] * NORMALISED(i);                                                     \
            (void)c;                                                                               \
          })                                                                                       \
          mt /= count;                                                                             \
          k /= count;                                                                              \
        }                                                                                          \
        FOR_EACH(n, g, {                                                                           \
          const double xh = NORMALISED(i);                                                         \
          if (g1) {                                                                                \
            sums[c] += (double)g1[i] * xh;                                                         \
            shifts[c] += (double)g1[i];                                                            \
            if (t) sums[c] += (double)g0[i] * r * ((double)t[i] - mt - (fixed ? 0 : xh * k));      \
          } else {                                                                                 \
            sums[c] += (double)g0[i] * xh;                                                         \
            shifts[c] += (double)g0[i];                                                            \
          }                                                                                        \
        })                                                                                         \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  void learning_channel_moments_##type(const SCALAR *x, size_t positions, size_t channels,         \
                                       double *mean, double *variance) {                           \
    for (size_t c = 0; c < channels; c++) mean[c] = variance[c] = 0;                               \
    for (size_t p = 0; p < positions; p++)                                                         \
      for (size_t c = 0; c < channels; c++) mean[c] += (double)x[p * channels + c];                \
    for (size_t c = 0; c < channels; c++) mean[c] /= (double)positions;                            \
    for (size_t p = 0; p < positions; p++)                                                         \
      for (size_t c = 0; c < channels; c++) {                                                      \
        const double d = (double)x[p * channels + c] - mean[c];                                    \
        variance[c] += d * d;                                                                      \
      }                                                                                            \
    for (size_t c = 0; c < channels; c++) variance[c] /= (double)positions;                        \
  }

#define DEFINE_AFFINE(SCALAR, type)                                                                \
  DISPATCHED void learning_affine_##type(const SCALAR *restrict x, const SCALAR *restrict a,       \
                                         const SCALAR *restrict b, SCALAR *restrict y,             \
                                         size_t positions, size_t channels, int add) {             \
    for (size_t p = 0; p < positions; p++)                                                         \
      for (size_t c = 0; c < channels; c++) {                                                      \
        const size_t i = p * channels + c;                                                         \
        SCALAR value = a[c] * x[i];                                                                \
        if (b) value += b[c];                                                                      \
        y[i] = add ? y[i] + value : value;                                                         \
      }                                                                                            \
  }

DEFINE_AFFINE(float, f32)
DEFINE_AFFINE(double, f64)
DEFINE(float, f32)
DEFINE(double, f64)
