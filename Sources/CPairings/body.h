// All functions, named by NAME, over the products of one path.
#include "field.h"
#include "tower.h"
#include "scalar.h"

#include <stdlib.h>

#include "groups.h"
#include "pairing.h"

int NAME(fp_read)(const uint8_t *bytes, ramp_fp *value) { return fp_from_bytes(value, bytes); }

/// high 2^256 + low.
void NAME(fp_reduce)(const uint8_t *bytes, ramp_fp *value) {
  uint8_t half[48] = {0};
  ramp_fp low;
  for (int i = 0; i < 32; i++) half[16 + i] = bytes[i];
  fp_from_bytes(value, half);
  for (int i = 0; i < 32; i++) half[16 + i] = bytes[32 + i];
  fp_from_bytes(&low, half);
  fp_mul(value, value, &TWO_256);
  fp_add(value, value, &low);
}
void NAME(fp_write)(const ramp_fp *value, uint8_t *bytes) { fp_to_bytes(bytes, value); }
void NAME(fp_sum)(ramp_fp *result, const ramp_fp *a, const ramp_fp *b) { fp_add(result, a, b); }
void NAME(fp_difference)(ramp_fp *result, const ramp_fp *a, const ramp_fp *b) {
  fp_sub(result, a, b);
}
void NAME(fp_product)(ramp_fp *result, const ramp_fp *a, const ramp_fp *b) { fp_mul(result, a, b); }
void NAME(fp_chain)(ramp_fp *value, const ramp_fp *factor, size_t count) {
  for (size_t i = 0; i < count; i++) fp_mul(value, value, factor);
}
void NAME(fp_inverse)(ramp_fp *result, const ramp_fp *a) { fp_inv(result, a); }
int NAME(fp_root)(ramp_fp *result, const ramp_fp *a) { return (int)(fp_sqrt(result, a) & 1); }
void NAME(fp2_product)(ramp_fp2 *result, const ramp_fp2 *a, const ramp_fp2 *b) {
  fp2_mul(result, a, b);
}
void NAME(fp2_square)(ramp_fp2 *result, const ramp_fp2 *a) { fp2_sqr(result, a); }
void NAME(fp2_inverse)(ramp_fp2 *result, const ramp_fp2 *a) { fp2_inv(result, a); }
int NAME(fp2_root)(ramp_fp2 *result, const ramp_fp2 *a) { return fp2_sqrt(result, a); }

int NAME(scalar_read)(const uint8_t *bytes, ramp_scalar *value) {
  uint64_t less[4];
  words_of_bytes(value->words, bytes, 4);
  return (int)subtract_words(less, value->words, ORDER, 4);
}

/// high 2^256 + low: each half is multiplied by a power of 2^256 in Montgomery's form, which takes
/// numbers up to 2^256.
void NAME(scalar_reduce)(const uint8_t *bytes, ramp_scalar *value) {
  static const uint64_t one[4] = {1};
  uint64_t high[4], low[4];
  words_of_bytes(high, bytes, 4);
  words_of_bytes(low, bytes + 32, 4);
  scalar_mul(high, high, ORDER_R3);
  scalar_mul(low, low, ORDER_R2);
  scalar_add(low, low, high);
  scalar_mul(value->words, low, one);
}

void NAME(scalar_write)(const ramp_scalar *value, uint8_t *bytes) {
  bytes_of_words(bytes, value->words, 4);
}
void NAME(scalar_sum)(ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b) {
  scalar_add(result->words, a->words, b->words);
}
void NAME(scalar_difference)(ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b) {
  scalar_sub(result->words, a->words, b->words);
}
void NAME(scalar_product)(ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b) {
  uint64_t t[4];
  scalar_mul(t, a->words, ORDER_R2);
  scalar_mul(result->words, t, b->words);
}

/// The power of r - 2, by Fermat.
void NAME(scalar_inverse)(ramp_scalar *result, const ramp_scalar *a) {
  static const uint64_t one[4] = {1};
  uint64_t base[4], power[4];
  scalar_mul(base, a->words, ORDER_R2);
  for (int i = 0; i < 4; i++) power[i] = base[i];
  for (int bit = 253; bit >= 0; bit--) {
    scalar_mul(power, power, power);
    if (ORDER_MINUS_2[bit / 64] >> (bit % 64) & 1) scalar_mul(power, power, base);
  }
  scalar_mul(result->words, power, one);
}
