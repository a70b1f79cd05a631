#include "tensors_vector.h"

#include "kernels_dispatch.h"

#pragma clang fp contract(off)

typedef UNALIGNED_LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

#define LOAD(p) __builtin_convertvector(*(const floats *)(p), doubles)

// ((0+4)+(2+6)) + ((1+5)+(3+7)) of the lanes of the four accumulators' sum.
#define REDUCE(s0, s1, s2, s3)                                                     \
  ({                                                                               \
    doubles all = ((s0) + (s1)) + ((s2) + (s3));                                   \
    ((all[0] + all[4]) + (all[2] + all[6])) + ((all[1] + all[5]) + (all[3] + all[7])); \
  })

DISPATCHED
double tensors_dot(const float *a, const float *b, size_t count) {
  doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    s0 += LOAD(a + i) * LOAD(b + i);
    s1 += LOAD(a + i + 8) * LOAD(b + i + 8);
    s2 += LOAD(a + i + 16) * LOAD(b + i + 16);
    s3 += LOAD(a + i + 24) * LOAD(b + i + 24);
  }
  double sum = REDUCE(s0, s1, s2, s3);
  for (; i < count; i++) sum += (double)a[i] * (double)b[i];
  return sum;
}

DISPATCHED
double tensors_squared_distance(const float *a, const float *b, size_t count) {
  doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    doubles d0 = LOAD(a + i) - LOAD(b + i);
    doubles d1 = LOAD(a + i + 8) - LOAD(b + i + 8);
    doubles d2 = LOAD(a + i + 16) - LOAD(b + i + 16);
    doubles d3 = LOAD(a + i + 24) - LOAD(b + i + 24);
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  double sum = REDUCE(s0, s1, s2, s3);
  for (; i < count; i++) {
    double d = (double)a[i] - (double)b[i];
    sum += d * d;
  }
  return sum;
}

DISPATCHED
double tensors_squared_distance_and_norm(
    const float *a, const float *b, size_t count, double *squared_norm) {
  doubles s0 = 0, s1 = 0, s2 = 0, s3 = 0, n0 = 0, n1 = 0, n2 = 0, n3 = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    doubles a0 = LOAD(a + i), a1 = LOAD(a + i + 8);
    doubles a2 = LOAD(a + i + 16), a3 = LOAD(a + i + 24);
    doubles d0 = a0 - LOAD(b + i);
    doubles d1 = a1 - LOAD(b + i + 8);
    doubles d2 = a2 - LOAD(b + i + 16);
    doubles d3 = a3 - LOAD(b + i + 24);
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
    n0 += a0 * a0;
    n1 += a1 * a1;
    n2 += a2 * a2;
    n3 += a3 * a3;
  }
  double sum = REDUCE(s0, s1, s2, s3), norm = REDUCE(n0, n1, n2, n3);
  for (; i < count; i++) {
    double d = (double)a[i] - (double)b[i];
    sum += d * d;
    norm += (double)a[i] * (double)a[i];
  }
  *squared_norm = norm;
  return sum;
}

DISPATCHED
void tensors_add(float *y, const float *x, float scale, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}

DISPATCHED
void tensors_scale(float *y, float scale, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= scale;
}

DISPATCHED
void tensors_subtract(float *out, const float *a, const float *b, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] - b[i];
}

// An exponent of all ones is NaN or infinity.
DISPATCHED
bool tensors_is_finite(const float *a, size_t count) {
  const size_t block = 4096;
  for (size_t start = 0; start < count; start += block) {
    size_t end = count - start < block ? count : start + block;
    uint32_t bad = 0;
    for (size_t i = start; i < end; i++) {
      uint32_t bits;
      __builtin_memcpy(&bits, a + i, 4);
      bad |= (bits & 0x7F800000u) == 0x7F800000u;
    }
    if (bad) return false;
  }
  return true;
}

DISPATCHED
bool tensors_equal(const float *a, const float *b, size_t count) {
  const size_t block = 4096;
  for (size_t start = 0; start < count; start += block) {
    size_t end = count - start < block ? count : start + block;
    uint32_t different = 0;
    for (size_t i = start; i < end; i++) different |= a[i] != b[i];
    if (different) return false;
  }
  return true;
}
