// Sums on a grid; see the header for what they compute.

#include "include/private_sums.h"
#include "kernels_dispatch.h"

#pragma clang fp contract(off)

// 1.5 * 2^52: added to a number below 2^51 in magnitude it leaves that number, rounded, in the low
// bits of the sum.
static const double anchor = 0x1.8p52;

DISPATCHED void private_accumulate(const float *restrict values, int64_t *restrict sums,
                                   size_t count, double scale) {
  union {
    double number;
    int64_t bits;
  } base = {anchor};
  for (size_t i = 0; i < count; i++) {
    union {
      double number;
      int64_t bits;
    } shifted = {(double)values[i] * scale + anchor};
    sums[i] += shifted.bits - base.bits;
  }
}

DISPATCHED void private_release(const int64_t *restrict sums, float *restrict out, size_t count,
                                double scale) {
  for (size_t i = 0; i < count; i++) out[i] = (float)((double)sums[i] * scale);
}
