#include "include/inversion_kernels.h"

#include <math.h>

#include "kernels_dispatch.h"

#pragma clang fp contract(off)

#define LANE_COUNT 16

// The sum of 16 lanes and of the rest, in one order on every machine.
static double total(const double *lanes, double rest) {
  double sum = 0;
  for (size_t k = 0; k < LANE_COUNT / 2; k++) sum += lanes[k] + lanes[k + LANE_COUNT / 2];
  return sum + rest;
}

#define DEFINE(SCALAR, type, SQRT)                                                                 \
  DISPATCHED void inversion_dots_##type(const SCALAR *restrict g, const SCALAR *restrict t,        \
                                        size_t count, double *restrict out) {                      \
    double gg[LANE_COUNT] = {0}, gt[LANE_COUNT] = {0};                                                    \
    double rest[2] = {0};                                                                          \
    size_t i = 0;                                                                                  \
    for (; i + LANE_COUNT <= count; i += LANE_COUNT) {                                             \
      for (size_t k = 0; k < LANE_COUNT; k++) {                                                    \
        const double a = g[i + k], b = t[i + k];                                                   \
        gg[k] += a * a;                                                                            \
        gt[k] += a * b;                                                                            \
      }                                                                                            \
    }                                                                                              \
    for (; i < count; i++) {                                                                       \
      const double a = g[i], b = t[i];                                                             \
      rest[0] += a * a;                                                                            \
      rest[1] += a * b;                                                                            \
    }                                                                                              \
    out[0] = total(gg, rest[0]);                                                                   \
    out[1] = total(gt, rest[1]);                                                                   \
  }                                                                                                \
  DISPATCHED void inversion_combine_##type(double a, const SCALAR *x, double b, const SCALAR *y,   \
                                           SCALAR *out, size_t count) {                            \
    const SCALAR p = (SCALAR)a, q = (SCALAR)b;                                                     \
    for (size_t i = 0; i < count; i++) out[i] = p * x[i] + q * y[i];                               \
  }                                                                                                \
  DISPATCHED double inversion_difference_##type(const SCALAR *restrict g,                          \
                                                const SCALAR *restrict t, double scale,            \
                                                SCALAR *restrict out, size_t count) {              \
    const SCALAR factor = (SCALAR)scale;                                                           \
    double lanes[LANE_COUNT] = {0}, rest = 0;                                                      \
    size_t i = 0;                                                                                  \
    for (; i + LANE_COUNT <= count; i += LANE_COUNT) {                                             \
      for (size_t k = 0; k < LANE_COUNT; k++) {                                                    \
        const SCALAR d = g[i + k] - t[i + k];                                                      \
        lanes[k] += (double)d * (double)d;                                                         \
        out[i + k] = factor * d;                                                                   \
      }                                                                                            \
    }                                                                                              \
    for (; i < count; i++) {                                                                       \
      const SCALAR d = g[i] - t[i];                                                                \
      rest += (double)d * (double)d;                                                               \
      out[i] = factor * d;                                                                         \
    }                                                                                              \
    return total(lanes, rest);                                                                     \
  }                                                                                                \
  DISPATCHED double inversion_sign_##type(const SCALAR *restrict g, const SCALAR *restrict t,      \
                                          double scale, int adding, SCALAR *restrict out,          \
                                          size_t count) {                                          \
    const SCALAR factor = (SCALAR)scale, keep = adding ? 1 : 0;                                    \
    double sum = 0;                                                                                \
    if (!adding) {                                                                                 \
      for (size_t i = 0; i < count; i++) out[i] = 0;                                               \
    }                                                                                              \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR d = g[i] - t[i];                                                                \
      sum += fabs((double)d);                                                                      \
      out[i] = keep * out[i] + factor * (SCALAR)((d > 0) - (d < 0));                               \
    }                                                                                              \
    return sum;                                                                                    \
  }                                                                                                \
  DISPATCHED void inversion_adam_##type(                                                           \
      SCALAR *restrict x, const SCALAR *restrict gradient, SCALAR *restrict m, SCALAR *restrict v, \
      size_t count, double rate, double beta1, double beta2, double c1, double c2,                 \
      double epsilon) {                                                                            \
    const SCALAR b1 = (SCALAR)beta1, b2 = (SCALAR)beta2, d1 = (SCALAR)(1 - beta1),                 \
                 d2 = (SCALAR)(1 - beta2), step = (SCALAR)(rate / c1), e = (SCALAR)epsilon,        \
                 root = (SCALAR)(1 / sqrt(c2));                                                    \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR g = gradient[i];                                                                \
      m[i] = b1 * m[i] + d1 * g;                                                                   \
      v[i] = b2 * v[i] + d2 * g * g;                                                               \
      x[i] -= step * m[i] / (SQRT(v[i]) * root + e);                                               \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED void inversion_signs_##type(SCALAR *x, size_t count) {                                \
    for (size_t i = 0; i < count; i++) x[i] = (SCALAR)((x[i] > 0) - (x[i] < 0));                   \
  }                                                                                                \
  DISPATCHED void inversion_clamp_##type(SCALAR *x, double bound, size_t count) {                  \
    const SCALAR b = (SCALAR)bound;                                                                \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR low = x[i] < -b ? -b : x[i];                                                    \
      x[i] = low > b ? b : low;                                                                    \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED double inversion_variation_##type(const SCALAR *restrict x, SCALAR *restrict gradient,\
                                               size_t planes, size_t height, size_t width,         \
                                               double across, double down) {                       \
    const SCALAR a = (SCALAR)across, b = (SCALAR)down;                                             \
    double sum_across = 0, sum_down = 0;                                                           \
    for (size_t row = 0; row < planes * height; row++) {                                           \
      const SCALAR *p = x + row * width;                                                           \
      SCALAR *q = gradient + row * width;                                                          \
      SCALAR line = 0;                                                                             \
      for (size_t k = 0; k + 1 < width; k++) {                                                     \
        const SCALAR d = p[k + 1] - p[k];                                                          \
        const SCALAR s = a * (SCALAR)((d > 0) - (d < 0));                                          \
        line += d < 0 ? -d : d;                                                                    \
        q[k] -= s;                                                                                 \
        q[k + 1] += s;                                                                             \
      }                                                                                            \
      sum_across += (double)line;                                                                  \
      if (row % height + 1 == height) continue;                                                    \
      line = 0;                                                                                    \
      for (size_t k = 0; k < width; k++) {                                                         \
        const SCALAR d = p[k + width] - p[k];                                                      \
        const SCALAR s = b * (SCALAR)((d > 0) - (d < 0));                                          \
        line += d < 0 ? -d : d;                                                                    \
        q[k] -= s;                                                                                 \
        q[k + width] += s;                                                                         \
      }                                                                                            \
      sum_down += (double)line;                                                                    \
    }                                                                                              \
    return across * sum_across + down * sum_down;                                                  \
  }

DEFINE(float, f32, sqrtf)
DEFINE(double, f64, sqrt)
