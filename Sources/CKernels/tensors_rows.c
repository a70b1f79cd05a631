#include "tensors_rows.h"

#include "kernels_dispatch.h"

typedef UNALIGNED_LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

#define BLOCK 1024
#define LOAD(p) __builtin_convertvector(*(const floats *)(p), doubles)

// sum[j] += coefficients[k] * rows[k][begin + j] over all rows, four rows to a pass.
#define ACCUMULATE(sum, rows, coefficients, count, begin, width)                         \
  do {                                                                                   \
    size_t k = 0;                                                                        \
    for (; k + 4 <= (count); k += 4) {                                                   \
      const float *r0 = (rows)[k] + (begin), *r1 = (rows)[k + 1] + (begin);              \
      const float *r2 = (rows)[k + 2] + (begin), *r3 = (rows)[k + 3] + (begin);          \
      const double c0 = (coefficients)[k], c1 = (coefficients)[k + 1];                   \
      const double c2 = (coefficients)[k + 2], c3 = (coefficients)[k + 3];               \
      size_t j = 0;                                                                      \
      for (; j + 8 <= (width); j += 8) {                                                 \
        doubles *s = (doubles *)((sum) + j);                                             \
        doubles t = *s;                                                                  \
        t += c0 * LOAD(r0 + j);                                                          \
        t += c1 * LOAD(r1 + j);                                                          \
        t += c2 * LOAD(r2 + j);                                                          \
        t += c3 * LOAD(r3 + j);                                                          \
        *s = t;                                                                          \
      }                                                                                  \
      for (; j < (width); j++) {                                                         \
        double t = (sum)[j];                                                             \
        t += c0 * (double)r0[j];                                                         \
        t += c1 * (double)r1[j];                                                         \
        t += c2 * (double)r2[j];                                                         \
        t += c3 * (double)r3[j];                                                         \
        (sum)[j] = t;                                                                    \
      }                                                                                  \
    }                                                                                    \
    for (; k < (count); k++) {                                                           \
      const float *r0 = (rows)[k] + (begin);                                             \
      const double c0 = (coefficients)[k];                                               \
      size_t j = 0;                                                                      \
      for (; j + 8 <= (width); j += 8) *(doubles *)((sum) + j) += c0 * LOAD(r0 + j);     \
      for (; j < (width); j++) (sum)[j] += c0 * (double)r0[j];                           \
    }                                                                                    \
  } while (0)

DISPATCHED
void tensors_combine(
    const float *const *rows, const double *coefficients, size_t count, double divisor,
    size_t begin, size_t end, float *out) {
  _Alignas(64) double sum[BLOCK];
  for (size_t start = begin; start < end; start += BLOCK) {
    size_t width = end - start < BLOCK ? end - start : BLOCK;
    for (size_t j = 0; j < width; j++) sum[j] = 0;
    ACCUMULATE(sum, rows, coefficients, count, start, width);
    for (size_t j = 0; j < width; j++) out[start - begin + j] = (float)(sum[j] / divisor);
  }
}

DISPATCHED
double tensors_combined_squared_norm(
    const float *const *rows, const double *coefficients, size_t count, size_t columns) {
  _Alignas(64) double sum[BLOCK];
  double total = 0;
  for (size_t start = 0; start < columns; start += BLOCK) {
    size_t width = columns - start < BLOCK ? columns - start : BLOCK;
    for (size_t j = 0; j < width; j++) sum[j] = 0;
    ACCUMULATE(sum, rows, coefficients, count, start, width);
    double part = 0;
    for (size_t j = 0; j < width; j++) part += sum[j] * sum[j];
    total += part;
  }
  return total;
}

DISPATCHED
double tensors_centered_dot(const float *a, const float *b, const float *center, size_t columns) {
  doubles s0 = 0, s1 = 0;
  size_t j = 0;
  for (; j + 16 <= columns; j += 16) {
    doubles c0 = LOAD(center + j), c1 = LOAD(center + j + 8);
    s0 += (LOAD(a + j) - c0) * (LOAD(b + j) - c0);
    s1 += (LOAD(a + j + 8) - c1) * (LOAD(b + j + 8) - c1);
  }
  doubles s = s0 + s1;
  double sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  for (; j < columns; j++) {
    sum += ((double)a[j] - (double)center[j]) * ((double)b[j] - (double)center[j]);
  }
  return sum;
}
