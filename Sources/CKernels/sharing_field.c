#include "sharing_field.h"

#include <stdlib.h>

// A product of five-limb numbers is a sum of products limb by limb; 2^255 = 19 brings what lies
// above the fifth limb back to the first.

typedef ramp_field25519 element;
typedef unsigned __int128 wide;

static const uint64_t low51 = ((uint64_t)1 << 51) - 1;

static uint64_t load64(const uint8_t *bytes) {
  uint64_t word = 0;
  for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
  return word;
}

/// The limbs of 32 bytes; bit 255 stays in the last.
static element load(const uint8_t *bytes) {
  const uint64_t a = load64(bytes), b = load64(bytes + 8), c = load64(bytes + 16),
                 d = load64(bytes + 24);
  return (element){{a & low51, (a >> 51 | b << 13) & low51, (b >> 38 | c << 26) & low51,
                    (c >> 25 | d << 39) & low51, d >> 12}};
}

/// The same residue with limbs below 2^51 + 2^16, from limbs below 2^63.
static element carried(element a) {
  uint64_t *v = a.limbs;
  for (int i = 0; i < 4; i++) {
    v[i + 1] += v[i] >> 51;
    v[i] &= low51;
  }
  v[0] += 19 * (v[4] >> 51);
  v[4] &= low51;
  return a;
}

/// 1 if adding 19 carries out of bit 255 of limbs below 2^51 (the last: 2^52): the number is not
/// below the prime.
static uint64_t reaches_prime(const element *a) {
  uint64_t carry = 19;
  for (int i = 0; i < 5; i++) carry = (a->limbs[i] + carry) >> 51;
  return carry;
}

int ramp_field25519_read(const uint8_t *bytes, ramp_field25519 *value) {
  const element a = load(bytes);
  *value = carried(a);
  // The carry is 0, 1, or 2: 1 - (carry + 1) / 2 without a branch.
  return (int)(1 - ((reaches_prime(&a) + 1) >> 1));
}

void ramp_field25519_write(ramp_field25519 value, uint8_t *bytes) {
  // Once leaves only the first limb too large; the second time either ends there, or carries through
  // to the last, which leaves the first small. Then the number is below 2^255.
  element a = carried(carried(value));
  a.limbs[0] += 19 * reaches_prime(&a);
  for (int i = 0; i < 4; i++) {
    a.limbs[i + 1] += a.limbs[i] >> 51;
    a.limbs[i] &= low51;
  }
  a.limbs[4] &= low51;
  const uint64_t *v = a.limbs;
  const uint64_t words[4] = {v[0] | v[1] << 51, v[1] >> 13 | v[2] << 38, v[2] >> 26 | v[3] << 25,
                             v[3] >> 39 | v[4] << 12};
  for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
}

ramp_field25519 ramp_field25519_add(ramp_field25519 a, ramp_field25519 b) {
  for (int i = 0; i < 5; i++) a.limbs[i] += b.limbs[i];
  return carried(a);
}

ramp_field25519 ramp_field25519_subtract(ramp_field25519 a, ramp_field25519 b) {
  // Sixteen times the prime, limb by limb, keeps every limb above zero.
  a.limbs[0] += (low51 - 18) * 16 - b.limbs[0];
  for (int i = 1; i < 5; i++) a.limbs[i] += low51 * 16 - b.limbs[i];
  return carried(a);
}

/// Carries sums of products of limbs: each below 2^115.
static element folded(wide r0, wide r1, wide r2, wide r3, wide r4) {
  element a;
  r1 += (uint64_t)(r0 >> 51);
  r2 += (uint64_t)(r1 >> 51);
  r3 += (uint64_t)(r2 >> 51);
  r4 += (uint64_t)(r3 >> 51);
  const wide first = ((uint64_t)r0 & low51) + (wide)19 * (uint64_t)(r4 >> 51);
  a.limbs[0] = (uint64_t)first & low51;
  a.limbs[1] = ((uint64_t)r1 & low51) + (uint64_t)(first >> 51);
  a.limbs[2] = (uint64_t)r2 & low51;
  a.limbs[3] = (uint64_t)r3 & low51;
  a.limbs[4] = (uint64_t)r4 & low51;
  return a;
}

ramp_field25519 ramp_field25519_multiply(ramp_field25519 a, ramp_field25519 b) {
  const uint64_t *x = a.limbs, *y = b.limbs;
  const uint64_t y1 = 19 * y[1], y2 = 19 * y[2], y3 = 19 * y[3], y4 = 19 * y[4];
  const wide r0 = (wide)x[0] * y[0] + (wide)x[1] * y4 + (wide)x[2] * y3 + (wide)x[3] * y2 +
                  (wide)x[4] * y1;
  const wide r1 = (wide)x[0] * y[1] + (wide)x[1] * y[0] + (wide)x[2] * y4 + (wide)x[3] * y3 +
                  (wide)x[4] * y2;
  const wide r2 = (wide)x[0] * y[2] + (wide)x[1] * y[1] + (wide)x[2] * y[0] + (wide)x[3] * y4 +
                  (wide)x[4] * y3;
  const wide r3 = (wide)x[0] * y[3] + (wide)x[1] * y[2] + (wide)x[2] * y[1] + (wide)x[3] * y[0] +
                  (wide)x[4] * y4;
  const wide r4 = (wide)x[0] * y[4] + (wide)x[1] * y[3] + (wide)x[2] * y[2] + (wide)x[3] * y[1] +
                  (wide)x[4] * y[0];
  return folded(r0, r1, r2, r3, r4);
}

// Factors below this leave the limbs of a product within 64 bits.
#define SMALL_FACTOR 2048

/// The product with a public factor, from limbs below 2^52 + 2^18.
static inline element times(const element *a, uint32_t factor) {
  const uint64_t *x = a->limbs;
  if (factor < SMALL_FACTOR)
    return carried((element){
        {x[0] * factor, x[1] * factor, x[2] * factor, x[3] * factor, x[4] * factor}});
  return folded((wide)x[0] * factor, (wide)x[1] * factor, (wide)x[2] * factor, (wide)x[3] * factor,
                (wide)x[4] * factor);
}

ramp_field25519 ramp_field25519_invert(ramp_field25519 a) {
  // a^(p - 2), by Fermat; the exponent 2^255 - 21 has all bits from 0 to 254 set but 2 and 4.
  element power = a;
  for (int bit = 253; bit >= 0; bit--) {
    power = ramp_field25519_multiply(power, power);
    if (bit != 2 && bit != 4) power = ramp_field25519_multiply(power, a);
  }
  return power;
}

// Points evaluated side by side: a step waits for the one before, those of other points do not.
#define TOGETHER 4

void ramp_sharing_evaluate(const uint8_t *coefficients, size_t count, const uint32_t *points,
                           size_t point_count, uint8_t *values) {
  for (size_t i = 0; i < point_count; i += TOGETHER) {
    const size_t taken = point_count - i < TOGETHER ? point_count - i : TOGETHER;
    element sums[TOGETHER] = {{{0}}};
    uint32_t x[TOGETHER] = {0};
    for (size_t p = 0; p < taken; p++) x[p] = points[i + p];
    for (size_t k = count; k-- > 0;) {
      const element coefficient = load(coefficients + 32 * k);
      for (size_t p = 0; p < TOGETHER; p++) {
        sums[p] = times(&sums[p], x[p]);
        for (int limb = 0; limb < 5; limb++) sums[p].limbs[limb] += coefficient.limbs[limb];
      }
    }
    for (size_t p = 0; p < taken; p++) ramp_field25519_write(sums[p], values + 32 * (i + p));
  }
}

int ramp_sharing_weights(const uint32_t *points, size_t count, uint8_t *weights) {
  const element one = {{1}};
  // Weight i is the product of all points, over point i times the product of its differences to
  // the others. One inversion serves all: prefix[i] is the product of the denominators before i.
  element *denominators = malloc(2 * count * sizeof *denominators + 1);
  if (denominators == NULL) return 0;
  element *prefix = denominators + count;
  element product = one, all = one;
  for (size_t i = 0; i < count; i++) {
    element denominator = times(&one, points[i]);
    uint32_t negative = 0;
    for (size_t j = 0; j < count; j++) {
      if (j == i) continue;
      const int is_below = points[j] < points[i];
      negative ^= (uint32_t)is_below;
      denominator = times(&denominator, is_below ? points[i] - points[j] : points[j] - points[i]);
    }
    if (negative) denominator = ramp_field25519_subtract((element){{0}}, denominator);
    denominators[i] = denominator;
    prefix[i] = product;
    product = ramp_field25519_multiply(product, denominator);
    all = times(&all, points[i]);
  }
  element inverse = ramp_field25519_multiply(ramp_field25519_invert(product), all);
  for (size_t i = count; i-- > 0;) {
    ramp_field25519_write(ramp_field25519_multiply(inverse, prefix[i]), weights + 32 * i);
    inverse = ramp_field25519_multiply(inverse, denominators[i]);
  }
  free(denominators);
  return 1;
}

void ramp_sharing_combine(const uint8_t *weights, const uint8_t *values, size_t count,
                          uint8_t *sum) {
  element total = {{0}};
  for (size_t i = 0; i < count; i++) {
    total = ramp_field25519_add(
        total, ramp_field25519_multiply(load(weights + 32 * i), load(values + 32 * i)));
  }
  ramp_field25519_write(total, sum);
}
