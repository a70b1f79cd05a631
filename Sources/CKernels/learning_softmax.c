// Losses with their gradients and tangents. Sums over classes run in index order.

#include <math.h>
#include <string.h>

#include "include/learning_kernels.h"
#include "include/learning_operations.h"
#include "kernels_dispatch.h"
#include "learning_exp.h"

#pragma clang fp contract(off)

// e^x in place.
DISPATCHED static void exponentials(float *restrict x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = exp_f32(x[i]);
}

static void exponentials_f64(double *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = exp(x[i]);
}

#define DEFINE(SCALAR, type, EXPONENTIALS)                                                         \
  void learning_softmax_##type(const SCALAR *logits, const int32_t *labels, SCALAR *gradient,      \
                               size_t rows, size_t classes, SCALAR scale, double *losses) {        \
    for (size_t n = 0; n < rows; n++) {                                                            \
      const SCALAR *z = logits + n * classes;                                                      \
      SCALAR *g = gradient + n * classes;                                                          \
      SCALAR top = z[0];                                                                           \
      for (size_t c = 1; c < classes; c++) top = z[c] > top ? z[c] : top;                          \
      for (size_t c = 0; c < classes; c++) g[c] = z[c] - top;                                      \
    }                                                                                              \
    EXPONENTIALS(gradient, rows *classes);                                                         \
    for (size_t n = 0; n < rows; n++) {                                                            \
      const SCALAR *z = logits + n * classes;                                                      \
      SCALAR *g = gradient + n * classes;                                                          \
      const size_t label = (size_t)labels[n];                                                      \
      SCALAR sum = 0;                                                                              \
      for (size_t c = 0; c < classes; c++) sum += g[c];                                            \
      if (losses) {                                                                                \
        SCALAR top = z[0];                                                                         \
        for (size_t c = 1; c < classes; c++) top = z[c] > top ? z[c] : top;                        \
        losses[n] = log((double)sum) - ((double)z[label] - (double)top);                           \
      }                                                                                            \
      const SCALAR factor = scale / sum;                                                           \
      for (size_t c = 0; c < classes; c++) g[c] *= factor;                                         \
      g[label] -= scale;                                                                           \
    }                                                                                              \
  }

#define DEFINE_TOP(SCALAR, type)                                                                   \
  void learning_top_##type(const SCALAR *logits, int32_t *top, size_t rows, size_t classes) {      \
    for (size_t n = 0; n < rows; n++) {                                                            \
      const SCALAR *z = logits + n * classes;                                                      \
      size_t best = 0;                                                                             \
      for (size_t c = 1; c < classes; c++) best = z[c] > z[best] ? c : best;                       \
      top[n] = (int32_t)best;                                                                      \
    }                                                                                              \
  }

DEFINE_TOP(float, f32)
DEFINE_TOP(double, f64)
DEFINE(float, f32, exponentials)
DEFINE(double, f64, exponentials_f64)

#define DEFINE_LOSSES(SCALAR, type, EXPONENTIALS)                                                  \
  /* s = softmax(z) */                                                                             \
  static void softmax_##type(const SCALAR *z, SCALAR *s, size_t classes) {                         \
    SCALAR top = z[0], sum = 0;                                                                    \
    for (size_t c = 1; c < classes; c++) top = z[c] > top ? z[c] : top;                            \
    for (size_t c = 0; c < classes; c++) s[c] = z[c] - top;                                        \
    EXPONENTIALS(s, classes);                                                                      \
    for (size_t c = 0; c < classes; c++) sum += s[c];                                              \
    for (size_t c = 0; c < classes; c++) s[c] /= sum;                                              \
  }                                                                                                \
  void learning_softmax_dense_##type(const SCALAR *logits, const SCALAR *q, SCALAR *gradient,      \
                                     size_t rows, size_t classes, SCALAR scale, double *losses) {  \
    for (size_t n = 0; n < rows; n++, logits += classes, q += classes, gradient += classes) {      \
      softmax_##type(logits, gradient, classes);                                                   \
      SCALAR mass = 0;                                                                             \
      for (size_t c = 0; c < classes; c++) mass += q[c];                                           \
      if (losses) {                                                                                \
        double top = (double)logits[0], sum = 0, loss = 0;                                         \
        for (size_t c = 1; c < classes; c++)                                                       \
          top = (double)logits[c] > top ? (double)logits[c] : top;                                 \
        for (size_t c = 0; c < classes; c++) sum += exp((double)logits[c] - top);                  \
        const double logSum = log(sum);                                                            \
        for (size_t c = 0; c < classes; c++)                                                       \
          loss -= q[c] == 0 ? 0 : (double)q[c] * ((double)logits[c] - top - logSum);               \
        losses[n] = loss;                                                                          \
      }                                                                                            \
      for (size_t c = 0; c < classes; c++) gradient[c] = scale * (mass * gradient[c] - q[c]);      \
    }                                                                                              \
  }                                                                                                \
  void learning_softmax_tangent_##type(const SCALAR *logits, const SCALAR *q, const SCALAR *zt,    \
                                       SCALAR *out, size_t rows, size_t classes, SCALAR scale) {   \
    for (size_t n = 0; n < rows; n++, logits += classes, zt += classes, out += classes) {          \
      softmax_##type(logits, out, classes);                                                        \
      SCALAR mass = q ? 0 : 1, inner = 0;                                                          \
      for (size_t c = 0; c < classes; c++) {                                                       \
        if (q) mass += q[n * classes + c];                                                         \
        inner += out[c] * zt[c];                                                                   \
      }                                                                                            \
      for (size_t c = 0; c < classes; c++) out[c] = scale * mass * out[c] * (zt[c] - inner);       \
    }                                                                                              \
  }                                                                                                \
  void learning_softmax_target_tangent_##type(const SCALAR *logits, const SCALAR *zt, SCALAR *out, \
                                              size_t rows, size_t classes, SCALAR scale) {         \
    for (size_t n = 0; n < rows; n++, logits += classes, zt += classes, out += classes) {          \
      softmax_##type(logits, out, classes);                                                        \
      SCALAR inner = 0;                                                                            \
      for (size_t c = 0; c < classes; c++) inner += out[c] * zt[c];                                \
      for (size_t c = 0; c < classes; c++) out[c] = -scale * (zt[c] - inner);                      \
    }                                                                                              \
  }                                                                                                \
  void learning_squared_error_##type(const SCALAR *z, const SCALAR *t, SCALAR *gradient,           \
                                     size_t rows, size_t outputs, SCALAR scale, double *losses) {  \
    const SCALAR factor = 2 * scale / (SCALAR)outputs;                                             \
    for (size_t n = 0; n < rows; n++, z += outputs, t += outputs, gradient += outputs) {           \
      double loss = 0;                                                                             \
      for (size_t c = 0; c < outputs; c++) {                                                       \
        loss += ((double)z[c] - (double)t[c]) * ((double)z[c] - (double)t[c]);                     \
        gradient[c] = factor * (z[c] - t[c]);                                                      \
      }                                                                                            \
      if (losses) losses[n] = loss / (double)outputs;                                              \
    }                                                                                              \
  }                                                                                                \
  void learning_binary_##type(const SCALAR *z, const SCALAR *t, SCALAR *gradient, size_t rows,     \
                              size_t outputs, SCALAR scale, double *losses) {                      \
    for (size_t n = 0; n < rows; n++, z += outputs, t += outputs, gradient += outputs) {           \
      double loss = 0;                                                                             \
      for (size_t c = 0; c < outputs; c++) {                                                       \
        const double v = (double)z[c], e = exp(v > 0 ? -v : v);                                    \
        loss += (v > 0 ? v : 0) + log1p(e) - (double)t[c] * v;                                     \
        const double sigmoid = v > 0 ? 1 / (1 + e) : e / (1 + e);                                  \
        gradient[c] = (SCALAR)((double)scale * (sigmoid - (double)t[c]) / (double)outputs);        \
      }                                                                                            \
      if (losses) losses[n] = loss / (double)outputs;                                              \
    }                                                                                              \
  }                                                                                                \
  void learning_binary_tangent_##type(const SCALAR *z, const SCALAR *zt, SCALAR *out, size_t rows, \
                                      size_t outputs, SCALAR scale) {                              \
    for (size_t i = 0; i < rows * outputs; i++) {                                                  \
      const double v = (double)z[i], e = exp(v > 0 ? -v : v);                                      \
      out[i] = (SCALAR)((double)scale * e / ((1 + e) * (1 + e)) * (double)zt[i] /                  \
                        (double)outputs);                                                          \
    }                                                                                              \
  }

DEFINE_LOSSES(float, f32, exponentials)
DEFINE_LOSSES(double, f64, exponentials_f64)
