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
void tensors_accumulate(
    const float *const *rows, const double *coefficients, size_t count, size_t begin, size_t end,
    double *sum) {
  for (size_t start = begin; start < end; start += BLOCK) {
    size_t width = end - start < BLOCK ? end - start : BLOCK;
    double *block = sum + (start - begin);
    ACCUMULATE(block, rows, coefficients, count, start, width);
  }
}

DISPATCHED
void tensors_divide(const double *sum, double divisor, size_t count, float *out) {
  for (size_t j = 0; j < count; j++) out[j] = (float)(sum[j] / divisor);
}

// Columns packed at a time by tensors_mix; rows one vector longer, against competition for sets.
#define MIX_BLOCK 128
#define MIX_STRIDE (MIX_BLOCK + 8)

// The first `left` of eight lanes, rounded to float.
#define STORE(out, sum, left)                                      \
  do {                                                             \
    const floats rounded = __builtin_convertvector(sum, floats);   \
    if ((left) == 8) {                                             \
      *(floats *)(out) = rounded;                                  \
    } else {                                                       \
      for (size_t j = 0; j < (left); j++) (out)[j] = rounded[j];   \
    }                                                              \
  } while (0)

size_t tensors_mix_pack_size(size_t count) { return count * MIX_STRIDE; }

DISPATCHED
void tensors_mix(
    const float *const *rows, size_t count, const double *weights, size_t mixtures, size_t begin,
    size_t end, float *const *out, double *pack) {
  for (size_t start = begin; start < end; start += MIX_BLOCK) {
    const size_t width = end - start < MIX_BLOCK ? end - start : MIX_BLOCK;
    const size_t tiles = (width + 7) / 8;
    for (size_t k = 0; k < count; k++) {
      const float *x = rows[k] + start;
      double *z = pack + k * MIX_STRIDE;
      size_t j = 0;
      for (; j + 8 <= width; j += 8) *(doubles *)(z + j) = LOAD(x + j);
      for (; j < width; j++) z[j] = (double)x[j];
      for (; j < tiles * 8; j++) z[j] = 0;
    }
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t at = start - begin + tile * 8;
      const size_t left = width - tile * 8 < 8 ? width - tile * 8 : 8;
      for (size_t i = 0; i < mixtures; i += 6) {
        // Six mixtures of eight columns: twelve AVX2 or six AVX-512 accumulators. Past the last
        // mixture the last one is computed again.
        const double *w[6];
        float *o[6];
        for (size_t r = 0; r < 6; r++) {
          const size_t mixture = i + r < mixtures ? i + r : mixtures - 1;
          w[r] = weights + mixture * count;
          o[r] = out[mixture] + at;
        }
        const double *w0 = w[0], *w1 = w[1], *w2 = w[2], *w3 = w[3], *w4 = w[4], *w5 = w[5];
        const double *z = pack + tile * 8;
        doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0;
        for (size_t k = 0; k < count; k++, z += MIX_STRIDE) {
          const doubles x = *(const doubles *)z;
          s0 += w0[k] * x;
          s1 += w1[k] * x;
          s2 += w2[k] * x;
          s3 += w3[k] * x;
          s4 += w4[k] * x;
          s5 += w5[k] * x;
        }
        STORE(o[0], s0, left);
        STORE(o[1], s1, left);
        STORE(o[2], s2, left);
        STORE(o[3], s3, left);
        STORE(o[4], s4, left);
        STORE(o[5], s5, left);
      }
    }
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
