// The functions of CPairings, one line for each: declared by CPairings.h, defined by body.h once
// for each path, dispatched by dispatch.c. No `#pragma once`: it is read several times.

// The base field. `read` takes 48 bytes, most significant first, and says whether they are below p.
RAMP_FUNCTION(int, fp_read, (const uint8_t *bytes, ramp_fp *value), (bytes, value))
RAMP_FUNCTION(void, fp_write, (const ramp_fp *value, uint8_t *bytes), (value, bytes))
// 64 bytes modulo p.
RAMP_FUNCTION(void, fp_reduce, (const uint8_t *bytes, ramp_fp *value), (bytes, value))
RAMP_FUNCTION(void, fp_sum, (ramp_fp *result, const ramp_fp *a, const ramp_fp *b), (result, a, b))
RAMP_FUNCTION(void, fp_difference, (ramp_fp *result, const ramp_fp *a, const ramp_fp *b),
              (result, a, b))
RAMP_FUNCTION(void, fp_product, (ramp_fp *result, const ramp_fp *a, const ramp_fp *b),
              (result, a, b))
// The product of `value` and as many factors, one after the other: a yardstick for times.
RAMP_FUNCTION(void, fp_chain, (ramp_fp *value, const ramp_fp *factor, size_t count),
              (value, factor, count))
// Zero for zero.
RAMP_FUNCTION(void, fp_inverse, (ramp_fp *result, const ramp_fp *a), (result, a))
// 1 if `a` is a square, and then the root whose sign nothing says.
RAMP_FUNCTION(int, fp_root, (ramp_fp *result, const ramp_fp *a), (result, a))
RAMP_FUNCTION(void, fp2_product, (ramp_fp2 *result, const ramp_fp2 *a, const ramp_fp2 *b),
              (result, a, b))
RAMP_FUNCTION(void, fp2_square, (ramp_fp2 *result, const ramp_fp2 *a), (result, a))
RAMP_FUNCTION(void, fp2_inverse, (ramp_fp2 *result, const ramp_fp2 *a), (result, a))
// As fp_root; the path taken depends on `a`.
RAMP_FUNCTION(int, fp2_root, (ramp_fp2 *result, const ramp_fp2 *a), (result, a))

// Scalars. `read` takes 32 bytes, most significant first, and says whether they are below r;
// `reduce` takes 64 of them modulo r.
RAMP_FUNCTION(int, scalar_read, (const uint8_t *bytes, ramp_scalar *value), (bytes, value))
RAMP_FUNCTION(void, scalar_reduce, (const uint8_t *bytes, ramp_scalar *value), (bytes, value))
RAMP_FUNCTION(void, scalar_write, (const ramp_scalar *value, uint8_t *bytes), (value, bytes))
RAMP_FUNCTION(void, scalar_sum, (ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b),
              (result, a, b))
RAMP_FUNCTION(void, scalar_difference,
              (ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b), (result, a, b))
RAMP_FUNCTION(void, scalar_product,
              (ramp_scalar *result, const ramp_scalar *a, const ramp_scalar *b), (result, a, b))
// Zero for zero.
RAMP_FUNCTION(void, scalar_inverse, (ramp_scalar *result, const ramp_scalar *a), (result, a))

// The groups. Points may be any on the curve, unless a function says otherwise.
#define RAMP_GROUP(g, field)                                                                       \
  RAMP_FUNCTION(void, g##_generator, (ramp_##g *result), (result))                                 \
  RAMP_FUNCTION(void, g##_add, (ramp_##g *result, const ramp_##g *a, const ramp_##g *b),           \
                (result, a, b))                                                                    \
  RAMP_FUNCTION(void, g##_double, (ramp_##g *result, const ramp_##g *a), (result, a))              \
  RAMP_FUNCTION(void, g##_negate, (ramp_##g *result, const ramp_##g *a), (result, a))              \
  RAMP_FUNCTION(int, g##_equal, (const ramp_##g *a, const ramp_##g *b), (a, b))                    \
  RAMP_FUNCTION(int, g##_is_infinity, (const ramp_##g *a), (a))                                    \
  RAMP_FUNCTION(int, g##_is_in_subgroup_public, (const ramp_##g *a), (a))                          \
  /* The products of points with scalars; points of the group of order r. */                       \
  RAMP_FUNCTION(void, g##_multiply, (ramp_##g *result, const ramp_##g *a, const ramp_scalar *k),   \
                (result, a, k))                                                                    \
  RAMP_FUNCTION(void, g##_multiply_public,                                                         \
                (ramp_##g *result, const ramp_##g *a, const ramp_scalar *k), (result, a, k))       \
  /* The product with a plain number of `count` words, of any point of the curve. */               \
  RAMP_FUNCTION(void, g##_multiply_words_public,                                                   \
                (ramp_##g *result, const ramp_##g *a, const uint64_t *words, size_t count),        \
                (result, a, words, count))                                                         \
  /* `count` points by their coordinates, with one inversion. */                                   \
  RAMP_FUNCTION(void, g##_normalize,                                                               \
                (ramp_##g##_affine *result, const ramp_##g *a, size_t count), (result, a, count))  \
  RAMP_FUNCTION(void, g##_from_affine, (ramp_##g *result, const ramp_##g##_affine *a),             \
                (result, a))                                                                       \
  RAMP_FUNCTION(void, g##_encode, (const ramp_##g##_affine *a, int is_compressed, uint8_t *bytes), \
                (a, is_compressed, bytes))                                                         \
  /* RAMP_POINT_...; a point that is only outside the subgroup is in `result` too. */              \
  RAMP_FUNCTION(int, g##_decode_public,                                                            \
                (const uint8_t *bytes, int is_compressed, ramp_##g *result),                       \
                (bytes, is_compressed, result))                                                    \
  /* The same, but that nobody asks whether the point is in the subgroup. */                        \
  RAMP_FUNCTION(int, g##_decode_on_curve_public,                                                   \
                (const uint8_t *bytes, int is_compressed, ramp_##g *result),                       \
                (bytes, is_compressed, result))                                                    \
  /* The map of RFC 9380 from an element of the field to the curve; the cofactor is left. */       \
  RAMP_FUNCTION(void, g##_map_public, (const field *u, ramp_##g *result), (u, result))             \
  RAMP_FUNCTION(void, g##_clear_cofactor_public, (const ramp_##g *a, ramp_##g *result),            \
                (a, result))                                                                       \
  /* A comb of RAMP_COMB_ENTRIES points, and the product of its base; 0 if memory is short. */     \
  RAMP_FUNCTION(int, g##_comb, (const ramp_##g *base, ramp_##g##_affine *comb), (base, comb))      \
  RAMP_FUNCTION(void, g##_multiply_comb,                                                           \
                (const ramp_##g##_affine *comb, const ramp_scalar *k, ramp_##g *result),           \
                (comb, k, result))                                                                 \
  /* The sum of products of `count` points with numbers of `words` words each, all below           \
     2^bits; any points of the curve. 0 if memory is short. */                                     \
  RAMP_FUNCTION(int, g##_combine_public,                                                           \
                (const ramp_##g##_affine *points, const uint64_t *numbers, size_t words,           \
                 size_t bits, size_t count, ramp_##g *result),                                     \
                (points, numbers, words, bits, count, result))                                     \
  /* Whether eight sums lie in the subgroup: of the points whose byte in `sets` has bit i, for      \
     each i. -1 if memory is short. */                                                             \
  RAMP_FUNCTION(int, g##_subsets_are_in_subgroup_public,                                           \
                (const ramp_##g##_affine *points, const uint8_t *sets, size_t count),              \
                (points, sets, count))
RAMP_GROUP(g1, ramp_fp)
RAMP_GROUP(g2, ramp_fp2)
#undef RAMP_GROUP

// The pairing.
// RAMP_LINE_COEFFICIENTS of a point other than infinity.
RAMP_FUNCTION(void, g2_prepare, (const ramp_g2_affine *point, ramp_fp2 *lines), (point, lines))
// The product of `count` Miller loops, over prepared points side by side; no point is infinity.
RAMP_FUNCTION(void, miller_loop,
              (const ramp_g1_affine *points, const ramp_fp2 *lines, size_t count,
               ramp_fp12 *result),
              (points, lines, count, result))
// f^(3 (p^12 - 1)/r): the cube of the power that defines the pairing.
RAMP_FUNCTION(void, final_power, (const ramp_fp12 *f, ramp_fp12 *result), (f, result))
RAMP_FUNCTION(void, fp12_one, (ramp_fp12 *result), (result))
RAMP_FUNCTION(void, fp12_product, (ramp_fp12 *result, const ramp_fp12 *a, const ramp_fp12 *b),
              (result, a, b))
RAMP_FUNCTION(void, fp12_square, (ramp_fp12 *result, const ramp_fp12 *a), (result, a))
RAMP_FUNCTION(void, fp12_inverse, (ramp_fp12 *result, const ramp_fp12 *a), (result, a))
RAMP_FUNCTION(void, fp12_frobenius, (ramp_fp12 *result, const ramp_fp12 *a), (result, a))
RAMP_FUNCTION(int, fp12_equal, (const ramp_fp12 *a, const ramp_fp12 *b), (a, b))
// Square and inverse of elements whose order divides p^4 - p^2 + 1; the power of those of order r.
RAMP_FUNCTION(void, gt_square, (ramp_fp12 *result, const ramp_fp12 *a), (result, a))
RAMP_FUNCTION(void, gt_inverse, (ramp_fp12 *result, const ramp_fp12 *a), (result, a))
RAMP_FUNCTION(void, gt_power, (ramp_fp12 *result, const ramp_fp12 *a, const ramp_scalar *k),
              (result, a, k))
RAMP_FUNCTION(int, gt_is_in_group_public, (const ramp_fp12 *a), (a))
