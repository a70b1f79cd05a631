// The field of 2^255 - 19 elements and Shamir's polynomials over it.
//
// No branch and no address depends on values of the field, except where a function says so; points
// are public. Bytes are 32 of them, least significant first.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// An element: five limbs of 51 bits, each below 2^54, so that a residue has many forms.
typedef struct {
  uint64_t limbs[5];
} ramp_field25519;

/// The number of 32 bytes; 1 if it is below the prime. Otherwise 0, and `value` holds it modulo the
/// prime.
int ramp_field25519_read(const uint8_t *bytes, ramp_field25519 *value);
/// The 32 bytes of the residue below the prime.
void ramp_field25519_write(ramp_field25519 value, uint8_t *bytes);
ramp_field25519 ramp_field25519_add(ramp_field25519 a, ramp_field25519 b);
ramp_field25519 ramp_field25519_subtract(ramp_field25519 a, ramp_field25519 b);
ramp_field25519 ramp_field25519_multiply(ramp_field25519 a, ramp_field25519 b);
/// The inverse, and zero for zero.
ramp_field25519 ramp_field25519_invert(ramp_field25519 a);

/// Values of a polynomial at `point_count` points: 32 bytes each. The polynomial has `count`
/// coefficients of 32 bytes, each below the prime, that of degree 0 first.
void ramp_sharing_evaluate(const uint8_t *coefficients, size_t count, const uint32_t *points,
                           size_t point_count, uint8_t *values);
/// The weights, of 32 bytes each, by which values at distinct points other than zero give the value at
/// zero of the polynomial of degree below `count` through them. 0 if memory is short.
int ramp_sharing_weights(const uint32_t *points, size_t count, uint8_t *weights);
/// The sum of the products of `count` weights and values, each below the prime: 32 bytes to `sum`.
void ramp_sharing_combine(const uint8_t *weights, const uint8_t *values, size_t count, uint8_t *sum);
