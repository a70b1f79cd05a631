// What distinguishes the two groups, and then both.

static inline void fp_set_one(ramp_fp *r) { *r = ONE; }
static inline void fp2_set_one(ramp_fp2 *r) { *r = (ramp_fp2){ONE, {{0}}}; }

/// r + 4 and r + 4 (1 + u): the right sides of the curves' equations.
static inline void g1_add_b(ramp_fp *r) {
  ramp_fp four;
  fp_dbl(&four, &ONE);
  fp_dbl(&four, &four);
  fp_add(r, r, &four);
}

static inline void g2_add_b(ramp_fp2 *r) {
  g1_add_b(&r->c0);
  g1_add_b(&r->c1);
}

static void fp2_to_bytes(uint8_t *bytes, const ramp_fp2 *a) {
  fp_to_bytes(bytes, &a->c1);
  fp_to_bytes(bytes + 48, &a->c0);
}

static int fp2_from_bytes(ramp_fp2 *r, const uint8_t *bytes) {
  return fp_from_bytes(&r->c1, bytes) & fp_from_bytes(&r->c0, bytes + 48);
}

/// -phi: (x, y) to (beta x, -y), the product with x^2 on the group.
static inline void g1_scaled(ramp_g1 *r, const ramp_g1 *a) {
  fp_mul(&r->x, &a->x, &BETA);
  fp_neg(&r->y, &a->y);
  r->z = a->z;
}

/// psi: Frobenius' map seen from the twist, the product with x on the group.
static inline void g2_psi(ramp_g2 *r, const ramp_g2 *a) {
  ramp_fp2 t;
  fp2_conj(&t, &a->x);
  fp2_mul(&r->x, &t, &PSI_X);
  fp2_conj(&t, &a->y);
  fp2_mul(&r->y, &t, &PSI_Y);
  fp2_conj(&r->z, &a->z);
}

/// -psi: the product with |x|.
static inline void g2_scaled(ramp_g2 *r, const ramp_g2 *a) {
  g2_psi(r, a);
  fp2_neg(&r->y, &r->y);
}

/// A root of u/v, all ones, or of Z u/v, zero (RFC 9380, F.2.1.2): with t = u v^3 and
/// s = t^((p-3)/4), y = u v s.
static uint64_t fp_root_of_ratio(ramp_fp *y, const ramp_fp *u, const ramp_fp *v,
                                 const ramp_fp *scale, const ramp_fp *argument) {
  ramp_fp square, product, t, other;
  fp_sqr(&square, v);
  fp_mul(&product, u, v);
  fp_mul(&t, &square, &product);
  fp_root_power(&t, &t);
  fp_mul(&t, &t, &product);
  fp_sqr(&square, &t);
  fp_mul(&square, &square, v);
  const uint64_t mask = fp_equal_mask(&square, u);
  // The second candidate has the root Z x u sqrt(-Z) t of -Z: times u^3 Z of the map.
  fp_mul(&other, &t, &SSWU1_ROOT);
  fp_mul(&other, &other, scale);
  fp_mul(&other, &other, argument);
  fp_select(y, mask, &other, &t);
  return mask;
}

/// The same over Fp2, on a path that depends on the numbers: a root of u/v, or of scale^3 u/v.
static uint64_t fp2_root_of_ratio(ramp_fp2 *y, const ramp_fp2 *u, const ramp_fp2 *v,
                                  const ramp_fp2 *scale, const ramp_fp2 *argument) {
  ramp_fp2 inverse, ratio, cube;
  (void)argument;
  fp2_inv(&inverse, v);
  fp2_mul(&ratio, u, &inverse);
  if (fp2_sqrt(y, &ratio)) return ~(uint64_t)0;
  fp2_sqr(&cube, scale);
  fp2_mul(&cube, &cube, scale);
  fp2_mul(&ratio, &ratio, &cube);
  fp2_sqrt(y, &ratio);
  return 0;
}

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define FIELD fp
#define GROUP g1
#define PARTS 2
#define PART_WORDS 2
#define GENERATOR_X G1_X
#define GENERATOR_Y G1_Y
#define SSWU(name) SSWU1_##name
#define ISOGENY(name) ISOGENY1_##name
#include "group_body.h"
#undef FIELD
#undef GROUP
#undef PARTS
#undef PART_WORDS
#undef GENERATOR_X
#undef GENERATOR_Y
#undef SSWU
#undef ISOGENY

#define FIELD fp2
#define GROUP g2
#define PARTS 4
#define PART_WORDS 1
#define GENERATOR_X G2_X
#define GENERATOR_Y G2_Y
#define SSWU(name) SSWU2_##name
#define ISOGENY(name) ISOGENY2_##name
#include "group_body.h"

/// [1 - x]: what RFC 9380, 8.8.1 multiplies by.
void NAME(g1_clear_cofactor_public)(const ramp_g1 *a, ramp_g1 *result) {
  ramp_g1 multiple;
  g1_times_x(&multiple, a);
  g1_plus(result, &multiple, a);
}

/// [x^2 - x - 1] P + [x - 1] psi(P) + psi^2(2 P) (Budroni, Pintore: Efficient hash maps to G2 on
/// BLS curves, IACR ePrint 2017/419), which is the product with RFC 9380's h_eff; x = -X.
void NAME(g2_clear_cofactor_public)(const ramp_g2 *a, ramp_g2 *result) {
  ramp_g2 more, sum, t;
  g2_times_x(&more, a);
  g2_plus(&more, &more, a);
  g2_times_x(&sum, &more);
  g2_minus(&t, a);
  g2_plus(&sum, &sum, &t);
  g2_scaled(&t, &more);
  g2_plus(&sum, &sum, &t);
  g2_twice(&t, a);
  g2_psi(&t, &t);
  g2_psi(&t, &t);
  g2_plus(result, &sum, &t);
}
