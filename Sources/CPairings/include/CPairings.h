// The pairing-friendly curve BLS12-381: its fields, its groups, hashing to them, the pairing.
//
// p is the prime of the base field (381 bits), r the prime order of the groups (255 bits).
// Elements of Fp are six words in Montgomery's form and below p; numbers modulo r ("scalars") are
// four words, least significant first, in plain form. Points are homogeneous: (X : Y : Z) stands
// for (X/Z, Y/Z), and (0 : 1 : 0) for infinity. One formula adds any two points, also equal ones,
// opposite ones and infinity (Renes, Costello, Batina: Complete addition formulas for prime order
// elliptic curves, Eurocrypt 2016; there is no point of order 2 on either curve).
//
// No branch and no address depends on values, except in functions whose names say `public` and
// where a function says so. Every function exists twice, over portable C and over MULX, ADCX and
// ADOX, with equal results; the processor decides which one runs.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t limbs[6];
} ramp_fp;
/// c0 + c1 u with u^2 = -1.
typedef struct {
  ramp_fp c0, c1;
} ramp_fp2;
/// c0 + c1 v + c2 v^2 with v^3 = 1 + u.
typedef struct {
  ramp_fp2 c0, c1, c2;
} ramp_fp6;
/// c0 + c1 w with w^2 = v.
typedef struct {
  ramp_fp6 c0, c1;
} ramp_fp12;
typedef struct {
  ramp_fp x, y, z;
} ramp_g1;
typedef struct {
  ramp_fp2 x, y, z;
} ramp_g2;
/// A point by its coordinates; infinity is (0, 0), which is not on the curve.
typedef struct {
  ramp_fp x, y;
} ramp_g1_affine;
typedef struct {
  ramp_fp2 x, y;
} ramp_g2_affine;
/// A number modulo r.
typedef struct {
  uint64_t words[4];
} ramp_scalar;

/// What decoding says.
enum {
  RAMP_POINT_OK = 0,
  RAMP_POINT_FLAGS = 1,
  RAMP_POINT_NOT_CANONICAL = 2,
  RAMP_POINT_NOT_ON_CURVE = 3,
  RAMP_POINT_NOT_IN_SUBGROUP = 4,
};

/// A prepared point: three coefficients for each doubling and addition of the Miller loop.
enum { RAMP_LINES = 68, RAMP_LINE_COEFFICIENTS = 3 * RAMP_LINES };

/// Entries of a comb: 15 multiples for each of the 64 digits of a scalar.
enum { RAMP_COMB_ENTRIES = 64 * 15 };

/// Whether the fast path runs. It can be forbidden, and allowed again, for tests; both paths give
/// the same.
int ramp_pairing_is_accelerated(void);
void ramp_pairing_allow_acceleration(int allowed);

#define RAMP_FUNCTION(type, name, parameters, arguments) type ramp_##name parameters;
#include "pairing_functions.h"
#undef RAMP_FUNCTION
