// A group of points, over FIELD (fp or fp2), named GROUP (g1 or g2). Its numbers have PARTS parts
// of PART_WORDS words: k = sum part_i S^i, and G(scaled) multiplies by S.

#define F(name) PASTE(FIELD, _##name)
#define G(name) PASTE(GROUP, _##name)
#define ELEMENT PASTE(ramp_, FIELD)
#define POINT PASTE(ramp_, GROUP)
#define AFFINE PASTE(PASTE(ramp_, GROUP), _affine)

static inline void G(set_infinity)(POINT *r) {
  *r = (POINT){0};
  F(set_one)(&r->y);
}

/// Renes, Costello, Batina (2016), algorithm 7, with products summed before they are reduced.
static void G(plus)(POINT *r, const POINT *a, const POINT *b) {
  ELEMENT t0, t1, t2, t3, t4, t5, s;
  F(mul)(&t0, &a->x, &b->x);
  F(mul)(&t1, &a->y, &b->y);
  F(mul)(&t2, &a->z, &b->z);
  F(add_lazy)(&t3, &a->x, &a->y);
  F(add_lazy)(&s, &b->x, &b->y);
  F(mul)(&t3, &t3, &s);
  F(sub)(&t3, &t3, &t0);
  F(sub)(&t3, &t3, &t1);
  F(add_lazy)(&t4, &a->y, &a->z);
  F(add_lazy)(&s, &b->y, &b->z);
  F(mul)(&t4, &t4, &s);
  F(sub)(&t4, &t4, &t1);
  F(sub)(&t4, &t4, &t2);
  F(add_lazy)(&t5, &a->x, &a->z);
  F(add_lazy)(&s, &b->x, &b->z);
  F(mul)(&t5, &t5, &s);
  F(sub)(&t5, &t5, &t0);
  F(sub)(&t5, &t5, &t2);
  F(dbl)(&s, &t0);
  F(add)(&t0, &s, &t0);
  F(mul_3b)(&t2, &t2);
  F(add)(&s, &t1, &t2);
  F(sub)(&t1, &t1, &t2);
  F(mul_3b)(&t5, &t5);
  F(mul2_minus)(&r->x, &t3, &t1, &t4, &t5);
  F(mul2)(&r->y, &t1, &s, &t5, &t0);
  F(mul2)(&r->z, &s, &t4, &t0, &t3);
}

/// Algorithm 8: b is not infinity.
static void G(plus_affine)(POINT *r, const POINT *a, const AFFINE *b) {
  ELEMENT t0, t1, t2, t3, t4, t5, s;
  F(mul)(&t0, &a->x, &b->x);
  F(mul)(&t1, &a->y, &b->y);
  F(add_lazy)(&t3, &a->x, &a->y);
  F(add_lazy)(&s, &b->x, &b->y);
  F(mul)(&t3, &t3, &s);
  F(sub)(&t3, &t3, &t0);
  F(sub)(&t3, &t3, &t1);
  F(mul)(&t4, &b->y, &a->z);
  F(add)(&t4, &t4, &a->y);
  F(mul)(&t5, &b->x, &a->z);
  F(add)(&t5, &t5, &a->x);
  F(dbl)(&s, &t0);
  F(add)(&t0, &s, &t0);
  F(mul_3b)(&t2, &a->z);
  F(add)(&s, &t1, &t2);
  F(sub)(&t1, &t1, &t2);
  F(mul_3b)(&t5, &t5);
  F(mul2_minus)(&r->x, &t3, &t1, &t4, &t5);
  F(mul2)(&r->y, &t1, &s, &t5, &t0);
  F(mul2)(&r->z, &s, &t4, &t0, &t3);
}

/// Algorithm 9.
static void G(twice)(POINT *r, const POINT *a) {
  ELEMENT t0, t1, t2, x3, y3, z3;
  F(sqr)(&t0, &a->y);
  F(dbl)(&z3, &t0);
  F(dbl)(&z3, &z3);
  F(dbl)(&z3, &z3);
  F(mul)(&t1, &a->y, &a->z);
  F(sqr)(&t2, &a->z);
  F(mul_3b)(&t2, &t2);
  F(mul)(&x3, &t2, &z3);
  F(add)(&y3, &t0, &t2);
  F(mul)(&z3, &t1, &z3);
  F(dbl)(&t1, &t2);
  F(add)(&t2, &t1, &t2);
  F(sub)(&t0, &t0, &t2);
  F(mul)(&y3, &t0, &y3);
  F(mul)(&t1, &a->x, &a->y);
  F(add)(&r->y, &x3, &y3);
  F(mul)(&x3, &t0, &t1);
  F(dbl)(&r->x, &x3);
  r->z = z3;
}

static inline void G(minus)(POINT *r, const POINT *a) {
  r->x = a->x;
  F(neg)(&r->y, &a->y);
  r->z = a->z;
}

static inline void G(select)(POINT *r, uint64_t mask, const POINT *a, const POINT *b) {
  F(select)(&r->x, mask, &a->x, &b->x);
  F(select)(&r->y, mask, &a->y, &b->y);
  F(select)(&r->z, mask, &a->z, &b->z);
}

/// The product with X = |x|, which is public.
static void G(times_x)(POINT *r, const POINT *a) {
  POINT sum = *a;
  const POINT base = *a;
  for (int bit = 62; bit >= 0; bit--) {
    G(twice)(&sum, &sum);
    if (X_ABSOLUTE >> bit & 1) G(plus)(&sum, &sum, &base);
  }
  *r = sum;
}

static void G(affine_of)(AFFINE *r, const POINT *a, const ELEMENT *inverse) {
  F(mul)(&r->x, &a->x, inverse);
  F(mul)(&r->y, &a->y, inverse);
}

static inline uint64_t G(affine_infinity_mask)(const AFFINE *a) {
  return F(zero_mask)(&a->x) & F(zero_mask)(&a->y);
}

void NAME(PASTE(GROUP, _generator))(POINT *result) {
  result->x = GENERATOR_X;
  result->y = GENERATOR_Y;
  F(set_one)(&result->z);
}

void NAME(PASTE(GROUP, _add))(POINT *result, const POINT *a, const POINT *b) {
  POINT sum;
  G(plus)(&sum, a, b);
  *result = sum;
}

void NAME(PASTE(GROUP, _double))(POINT *result, const POINT *a) {
  POINT sum;
  G(twice)(&sum, a);
  *result = sum;
}

void NAME(PASTE(GROUP, _negate))(POINT *result, const POINT *a) { G(minus)(result, a); }

int NAME(PASTE(GROUP, _equal))(const POINT *a, const POINT *b) {
  ELEMENT s, t;
  F(mul)(&s, &a->x, &b->z);
  F(mul)(&t, &b->x, &a->z);
  uint64_t mask = F(equal_mask)(&s, &t);
  F(mul)(&s, &a->y, &b->z);
  F(mul)(&t, &b->y, &a->z);
  mask &= F(equal_mask)(&s, &t);
  return (int)(mask & 1);
}

int NAME(PASTE(GROUP, _is_infinity))(const POINT *a) { return (int)(F(zero_mask)(&a->z) & 1); }

/// Scott: A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves (IACR
/// ePrint 2021/1130): a point is in the group if the endomorphism multiplies it by what it must.
int NAME(PASTE(GROUP, _is_in_subgroup_public))(const POINT *a) {
  POINT multiple = *a, image;
  for (int i = 0; i < PART_WORDS; i++) G(times_x)(&multiple, &multiple);
  G(scaled)(&image, a);
  return NAME(PASTE(GROUP, _equal))(&multiple, &image);
}

/// The parts of a number, each of PART_WORDS words.
static void G(parts)(uint64_t parts[PARTS][PART_WORDS], const ramp_scalar *k) {
  uint64_t digits[4];
  scalar_split(digits, k->words);
  for (int i = 0; i < PARTS; i++) {
#if PART_WORDS == 1
    parts[i][0] = digits[i];
#else
    const unsigned __int128 part =
        (unsigned __int128)digits[2 * i + 1] * X_ABSOLUTE + digits[2 * i];
    parts[i][0] = (uint64_t)part;
    parts[i][1] = (uint64_t)(part >> 64);
#endif
  }
  wipe(digits, sizeof digits);
}

/// Digits of four bits, from the highest; every entry of a table is read for every digit.
void NAME(PASTE(GROUP, _multiply))(POINT *result, const POINT *a, const ramp_scalar *k) {
  uint64_t parts[PARTS][PART_WORDS];
  POINT tables[PARTS][16], sum, entry;
  G(parts)(parts, k);
  G(set_infinity)(&tables[0][0]);
  tables[0][1] = *a;
  for (int i = 2; i < 16; i++) G(plus)(&tables[0][i], &tables[0][i - 1], a);
  for (int part = 1; part < PARTS; part++)
    for (int i = 0; i < 16; i++) G(scaled)(&tables[part][i], &tables[part - 1][i]);
  G(set_infinity)(&sum);
  for (int digit = 16 * PART_WORDS - 1; digit >= 0; digit--) {
    for (int i = 0; i < 4; i++) G(twice)(&sum, &sum);
    for (int part = 0; part < PARTS; part++) {
      const uint64_t value = parts[part][digit / 16] >> (4 * (digit % 16)) & 15;
      entry = tables[part][0];
      for (uint64_t i = 1; i < 16; i++) {
        const uint64_t difference = i ^ value;
        G(select)(&entry, zero_mask(&difference, 1), &entry, &tables[part][i]);
      }
      G(plus)(&sum, &sum, &entry);
    }
  }
  *result = sum;
  wipe(parts, sizeof parts);
  wipe(&entry, sizeof entry);
}

void NAME(PASTE(GROUP, _multiply_public))(POINT *result, const POINT *a, const ramp_scalar *k) {
  uint64_t parts[PARTS][PART_WORDS];
  int8_t digits[PARTS][64 * PART_WORDS + 2] = {{0}};
  POINT tables[PARTS][8], sum, two, entry;
  int count = 0;
  G(parts)(parts, k);
  for (int part = 0; part < PARTS; part++) {
    const int own = scalar_odd_digits(digits[part], parts[part], PART_WORDS);
    count = own > count ? own : count;
  }
  G(twice)(&two, a);
  tables[0][0] = *a;
  for (int i = 1; i < 8; i++) G(plus)(&tables[0][i], &tables[0][i - 1], &two);
  for (int part = 1; part < PARTS; part++)
    for (int i = 0; i < 8; i++) G(scaled)(&tables[part][i], &tables[part - 1][i]);
  G(set_infinity)(&sum);
  for (int i = count - 1; i >= 0; i--) {
    G(twice)(&sum, &sum);
    for (int part = 0; part < PARTS; part++) {
      const int digit = digits[part][i];
      if (digit == 0) continue;
      entry = tables[part][(digit < 0 ? -digit : digit) / 2];
      if (digit < 0) G(minus)(&entry, &entry);
      G(plus)(&sum, &sum, &entry);
    }
  }
  *result = sum;
}

void NAME(PASTE(GROUP, _multiply_words_public))(POINT *result, const POINT *a,
                                                const uint64_t *words, size_t count) {
  POINT sum;
  G(set_infinity)(&sum);
  for (size_t i = 64 * count; i-- > 0;) {
    G(twice)(&sum, &sum);
    if (words[i / 64] >> (i % 64) & 1) G(plus)(&sum, &sum, a);
  }
  *result = sum;
}

/// Montgomery's trick: the product of all Z is inverted, and taken apart again. The products before
/// a point wait in its place.
void NAME(PASTE(GROUP, _normalize))(AFFINE *result, const POINT *a, size_t count) {
  ELEMENT product, inverse, z, one;
  const AFFINE infinity = {0};
  F(set_one)(&one);
  product = one;
  for (size_t i = 0; i < count; i++) {
    result[i].x = product;
    F(select)(&z, F(zero_mask)(&a[i].z), &a[i].z, &one);
    F(mul)(&product, &product, &z);
  }
  F(inv)(&product, &product);
  for (size_t i = count; i-- > 0;) {
    const uint64_t is_infinity = F(zero_mask)(&a[i].z);
    F(select)(&z, is_infinity, &a[i].z, &one);
    F(mul)(&inverse, &product, &result[i].x);
    F(mul)(&product, &product, &z);
    G(affine_of)(&result[i], &a[i], &inverse);
    F(select)(&result[i].x, is_infinity, &result[i].x, &infinity.x);
    F(select)(&result[i].y, is_infinity, &result[i].y, &infinity.y);
  }
}

void NAME(PASTE(GROUP, _from_affine))(POINT *result, const AFFINE *a) {
  POINT infinity, point;
  G(set_infinity)(&infinity);
  point.x = a->x;
  point.y = a->y;
  F(set_one)(&point.z);
  G(select)(result, G(affine_infinity_mask)(a), &point, &infinity);
}

enum { G(BYTES) = sizeof(ELEMENT) };

void NAME(PASTE(GROUP, _encode))(const AFFINE *a, int is_compressed, uint8_t *bytes) {
  const unsigned is_infinity = (unsigned)G(affine_infinity_mask)(a) & 1;
  F(to_bytes)(bytes, &a->x);
  if (!is_compressed) F(to_bytes)(bytes + G(BYTES), &a->y);
  unsigned flags = is_infinity << 6;
  if (is_compressed) flags |= 0x80 | (unsigned)F(is_larger)(&a->y) << 5;
  bytes[0] |= (uint8_t)flags;
}

int NAME(PASTE(GROUP, _decode_on_curve_public))(const uint8_t *bytes, int is_compressed,
                                                POINT *result) {
  const size_t count = is_compressed ? G(BYTES) : 2 * G(BYTES);
  const int has_root_bit = bytes[0] >> 5 & 1;
  uint8_t first[G(BYTES)];
  G(set_infinity)(result);
  if (bytes[0] >> 7 != is_compressed) return RAMP_POINT_FLAGS;
  if (bytes[0] >> 6 & 1) {
    unsigned others = bytes[0] & 0x3f;
    for (size_t i = 1; i < count; i++) others |= bytes[i];
    return others ? RAMP_POINT_FLAGS : RAMP_POINT_OK;
  }
  if (!is_compressed && has_root_bit) return RAMP_POINT_FLAGS;
  for (size_t i = 0; i < G(BYTES); i++) first[i] = bytes[i];
  first[0] &= 0x1f;
  POINT point;
  ELEMENT square, y;
  F(set_one)(&point.z);
  if (!F(from_bytes)(&point.x, first)) return RAMP_POINT_NOT_CANONICAL;
  F(sqr)(&square, &point.x);
  F(mul)(&square, &square, &point.x);
  G(add_b)(&square);
  if (is_compressed) {
    if (!F(sqrt)(&point.y, &square)) return RAMP_POINT_NOT_ON_CURVE;
    if (F(is_larger)(&point.y) != has_root_bit) F(neg)(&point.y, &point.y);
  } else {
    if (!F(from_bytes)(&point.y, bytes + G(BYTES))) return RAMP_POINT_NOT_CANONICAL;
    F(sqr)(&y, &point.y);
    if (!F(equal_mask)(&y, &square)) return RAMP_POINT_NOT_ON_CURVE;
  }
  *result = point;
  return RAMP_POINT_OK;
}

int NAME(PASTE(GROUP, _decode_public))(const uint8_t *bytes, int is_compressed, POINT *result) {
  const int status = NAME(PASTE(GROUP, _decode_on_curve_public))(bytes, is_compressed, result);
  if (status != RAMP_POINT_OK) return status;
  return NAME(PASTE(GROUP, _is_in_subgroup_public))(result) ? RAMP_POINT_OK
                                                            : RAMP_POINT_NOT_IN_SUBGROUP;
}

int NAME(PASTE(GROUP, _comb))(const POINT *base, AFFINE *comb) {
  POINT *points = malloc(RAMP_COMB_ENTRIES * sizeof *points), place = *base;
  if (points == NULL) return 0;
  for (int i = 0; i < 64; i++) {
    POINT *own = points + 15 * i;
    own[0] = place;
    for (int j = 1; j < 15; j++) G(plus)(&own[j], &own[j - 1], &place);
    G(plus)(&place, &own[14], &place);
  }
  NAME(PASTE(GROUP, _normalize))(comb, points, RAMP_COMB_ENTRIES);
  free(points);
  return 1;
}

void NAME(PASTE(GROUP, _multiply_comb))(const AFFINE *comb, const ramp_scalar *k,
                                        POINT *result) {
  POINT sum, more;
  AFFINE entry;
  G(set_infinity)(&sum);
  for (int i = 0; i < 64; i++) {
    const uint64_t digit = k->words[i / 16] >> (4 * (i % 16)) & 15;
    entry = comb[15 * i];
    for (uint64_t j = 2; j < 16; j++) {
      const uint64_t difference = j ^ digit, mask = zero_mask(&difference, 1);
      F(select)(&entry.x, mask, &entry.x, &comb[15 * i + (int)j - 1].x);
      F(select)(&entry.y, mask, &entry.y, &comb[15 * i + (int)j - 1].y);
    }
    G(plus_affine)(&more, &sum, &entry);
    // A base of infinity has entries that are not on the curve.
    G(select)(&sum, zero_mask(&digit, 1) | G(affine_infinity_mask)(&entry), &more, &sum);
  }
  *result = sum;
  wipe(&entry, sizeof entry);
}

#include "combine_body.h"
#include "map_body.h"

#undef F
#undef G
#undef ELEMENT
#undef POINT
#undef AFFINE
