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

// Columns packed at a time by tensors_mix, with the sum that mixtures share in one more row: 50 rows
// fit a first-level cache of 32 KiB. Rows are one vector longer, against competition for sets.
#define MIX_BLOCK 64
#define MIX_STRIDE (MIX_BLOCK + 8)
// Columns in registers at a time: eight AVX2 or four AVX-512 accumulators.
#define MIX_COLUMNS 32
// Floats of a cache line.
#define LINE 16

size_t tensors_mix_pack_size(size_t count) { return (count + 1) * MIX_STRIDE; }

// s0 to s3 += coefficient * MIX_COLUMNS of z.
#define ADD_ROW(coefficient, z)              \
  do {                                       \
    const double c = (coefficient);          \
    const doubles *x = (const doubles *)(z); \
    s0 += c * x[0];                          \
    s1 += c * x[1];                          \
    s2 += c * x[2];                          \
    s3 += c * x[3];                          \
  } while (0)

typedef LANES(float, 8) aligned_floats;

DISPATCHED
void tensors_mix(
    const float *const *rows, size_t count, const double *shared, const tensors_mixture *mixtures,
    size_t number, size_t begin, size_t end, float *const *out, bool streaming, double *pack) {
  double *sum = pack + count * MIX_STRIDE;
  for (size_t start = begin; start < end; start += MIX_BLOCK) {
    const size_t width = end - start < MIX_BLOCK ? end - start : MIX_BLOCK;
    const size_t left = end - start - width;
    const size_t lines = ((left < MIX_BLOCK ? left : MIX_BLOCK) + LINE - 1) / LINE;
    const size_t each = (count * lines + number - 1) / number;
    size_t row = 0, line = 0;
    for (size_t k = 0; k < count; k++) {
      const float *x = rows[k] + start;
      double *z = pack + k * MIX_STRIDE;
      size_t j = 0;
      for (; j + 8 <= width; j += 8) *(doubles *)(z + j) = LOAD(x + j);
      for (; j < width; j++) z[j] = (double)x[j];
      for (; j < MIX_BLOCK; j++) z[j] = 0;
    }
    if (shared) {
      for (size_t j = 0; j < MIX_BLOCK; j += MIX_COLUMNS) {
        doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (size_t k = 0; k < count; k++) {
          if (shared[k] != 0) ADD_ROW(shared[k], pack + k * MIX_STRIDE + j);
        }
        doubles *s = (doubles *)(sum + j);
        s[0] = s0, s[1] = s1, s[2] = s2, s[3] = s3;
      }
    }
    for (size_t i = 0; i < number; i++) {
      const tensors_mixture *mixture = mixtures + i;
      // Meanwhile the next block is fetched: no prefetcher of the hardware follows as many rows.
      for (size_t n = 0; n < each && row < count && lines > 0; n++) {
        __builtin_prefetch(rows[row] + start + MIX_BLOCK + line * LINE, 0, 2);
        if (++line == lines) line = 0, row += 1;
      }
      float *o = out[i] + (start - begin);
      for (size_t j = 0; j < width; j += MIX_COLUMNS) {
        doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        if (mixture->onto_shared) {
          const doubles *s = (const doubles *)(sum + j);
          s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];
        }
        for (size_t t = 0; t < mixture->count; t++) {
          ADD_ROW(mixture->coefficients[t], pack + mixture->sources[t] * MIX_STRIDE + j);
        }
        floats r[4];
        r[0] = __builtin_convertvector(s0, floats), r[1] = __builtin_convertvector(s1, floats);
        r[2] = __builtin_convertvector(s2, floats), r[3] = __builtin_convertvector(s3, floats);
        if (width - j < MIX_COLUMNS) {
          __builtin_memcpy(o + j, r, (width - j) * sizeof(float));
        } else if (streaming) {
          aligned_floats *p = (aligned_floats *)(o + j);
          __builtin_nontemporal_store((aligned_floats)r[0], p);
          __builtin_nontemporal_store((aligned_floats)r[1], p + 1);
          __builtin_nontemporal_store((aligned_floats)r[2], p + 2);
          __builtin_nontemporal_store((aligned_floats)r[3], p + 3);
        } else {
          floats *p = (floats *)(o + j);
          p[0] = r[0], p[1] = r[1], p[2] = r[2], p[3] = r[3];
        }
      }
    }
  }
  // Stores past the caches are not ordered with what other threads read.
  if (streaming) __atomic_thread_fence(__ATOMIC_SEQ_CST);
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
