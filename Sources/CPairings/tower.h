// Fp2 = Fp[u]/(u^2 + 1), Fp6 = Fp2[v]/(v^3 - (1 + u)), Fp12 = Fp6[w]/(w^2 - v).

static inline void fp2_add(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b) {
  fp_add(&r->c0, &a->c0, &b->c0);
  fp_add(&r->c1, &a->c1, &b->c1);
}

/// The sum without the reduction: coefficients below 2p.
static inline void fp2_add_lazy(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b) {
  fp_add_lazy(&r->c0, &a->c0, &b->c0);
  fp_add_lazy(&r->c1, &a->c1, &b->c1);
}

static inline void fp2_sub(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b) {
  fp_sub(&r->c0, &a->c0, &b->c0);
  fp_sub(&r->c1, &a->c1, &b->c1);
}

static inline void fp2_neg(ramp_fp2 *r, const ramp_fp2 *a) {
  fp_neg(&r->c0, &a->c0);
  fp_neg(&r->c1, &a->c1);
}

static inline void fp2_dbl(ramp_fp2 *r, const ramp_fp2 *a) { fp2_add(r, a, a); }

static inline void fp2_half(ramp_fp2 *r, const ramp_fp2 *a) {
  fp_half(&r->c0, &a->c0);
  fp_half(&r->c1, &a->c1);
}

static inline void fp2_conj(ramp_fp2 *r, const ramp_fp2 *a) {
  r->c0 = a->c0;
  fp_neg(&r->c1, &a->c1);
}

/// Both coefficients of both factors below 2p: 2p 2p + 2p 2p = 8 p^2 < 9.8 p^2.
static void fp2_mul(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b) {
  ramp_fp2 t;
  fp_mul2_minus(&t.c0, &a->c0, &b->c0, &a->c1, &b->c1);
  fp_mul2(&t.c1, &a->c0, &b->c1, &a->c1, &b->c0);
  *r = t;
}

/// (c0 + c1)(c0 - c1) + 2 c0 c1 u, coefficients below p.
static void fp2_sqr(ramp_fp2 *r, const ramp_fp2 *a) {
  ramp_fp sum, difference, twice;
  fp_add_lazy(&sum, &a->c0, &a->c1);
  fp_sub(&difference, &a->c0, &a->c1);
  fp_add_lazy(&twice, &a->c0, &a->c0);
  fp_mul(&r->c1, &twice, &a->c1);
  fp_mul(&r->c0, &sum, &difference);
}

static inline void fp2_mul_fp(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp *b) {
  fp_mul(&r->c0, &a->c0, b);
  fp_mul(&r->c1, &a->c1, b);
}

/// The product with 1 + u.
static inline void fp2_mul_xi(ramp_fp2 *r, const ramp_fp2 *a) {
  ramp_fp t;
  fp_sub(&t, &a->c0, &a->c1);
  fp_add(&r->c1, &a->c0, &a->c1);
  r->c0 = t;
}

/// The product with 12 (1 + u): three times the coefficient of the twist.
static inline void fp2_mul_3b(ramp_fp2 *r, const ramp_fp2 *a) {
  ramp_fp2 t;
  fp2_mul_xi(&t, a);
  fp_mul_3b(&r->c0, &t.c0);
  fp_mul_3b(&r->c1, &t.c1);
}

/// a b + c d and a b - c d; coefficients below p.
static inline void fp2_mul2(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b, const ramp_fp2 *c,
                            const ramp_fp2 *d) {
  ramp_fp2 s, t;
  fp2_mul(&s, a, b);
  fp2_mul(&t, c, d);
  fp2_add(r, &s, &t);
}

static inline void fp2_mul2_minus(ramp_fp2 *r, const ramp_fp2 *a, const ramp_fp2 *b,
                                  const ramp_fp2 *c, const ramp_fp2 *d) {
  ramp_fp2 s, t;
  fp2_mul(&s, a, b);
  fp2_mul(&t, c, d);
  fp2_sub(r, &s, &t);
}

static void fp2_inv(ramp_fp2 *r, const ramp_fp2 *a) {
  ramp_fp norm;
  fp_mul2(&norm, &a->c0, &a->c0, &a->c1, &a->c1);
  fp_inv(&norm, &norm);
  fp_mul(&r->c0, &a->c0, &norm);
  fp_mul(&r->c1, &a->c1, &norm);
  fp_neg(&r->c1, &r->c1);
}

static inline uint64_t fp2_zero_mask(const ramp_fp2 *a) {
  return fp_zero_mask(&a->c0) & fp_zero_mask(&a->c1);
}

static inline uint64_t fp2_equal_mask(const ramp_fp2 *a, const ramp_fp2 *b) {
  return fp_equal_mask(&a->c0, &b->c0) & fp_equal_mask(&a->c1, &b->c1);
}

static inline void fp2_select(ramp_fp2 *r, uint64_t mask, const ramp_fp2 *a, const ramp_fp2 *b) {
  fp_select(&r->c0, mask, &a->c0, &b->c0);
  fp_select(&r->c1, mask, &a->c1, &b->c1);
}

/// Whether `a` is a square, with the root in `r`; takes a path that depends on `a`.
///
/// With n the root of the norm a0^2 + a1^2 and d = (a0 + n)/2, the root is y + a1/(2y) u for
/// y^2 = d; if d is no square, y^2 = -d gives a1/(2y) + y u. One power gives y and 1/y.
static int fp2_sqrt(ramp_fp2 *r, const ramp_fp2 *a) {
  ramp_fp norm, n, d, t, y, symbol, other;
  fp_mul2(&norm, &a->c0, &a->c0, &a->c1, &a->c1);
  if (!fp_sqrt(&n, &norm)) return 0;
  fp_add(&d, &a->c0, &n);
  fp_half(&d, &d);
  // d is zero for a = a0 with n = -a0: then the other root of the norm, d = a0, is the one.
  if (fp_zero_mask(&d)) d = a->c0;
  fp_root_power(&t, &d);
  fp_mul(&y, &t, &d);
  fp_mul(&symbol, &y, &t);
  fp_half(&other, &a->c1);
  fp_mul(&other, &other, &t);
  // 1/y = t times the symbol.
  fp_mul(&other, &other, &symbol);
  const uint64_t is_square = fp_equal_mask(&symbol, &ONE) | fp_zero_mask(&d);
  fp_select(&r->c0, is_square, &other, &y);
  fp_select(&r->c1, is_square, &y, &other);
  return 1;
}

/// RFC 9380, sgn0: whether c0 is odd or, for a c0 of zero, c1.
static uint64_t fp2_sign(const ramp_fp2 *a) {
  return fp_sign(&a->c0) | (fp_zero_mask(&a->c0) & fp_sign(&a->c1));
}

static int fp2_is_larger(const ramp_fp2 *a) {
  const int high = fp_is_larger(&a->c1), low = fp_is_larger(&a->c0);
  return high | (low & (int)fp_zero_mask(&a->c1));
}

static inline void fp6_add(ramp_fp6 *r, const ramp_fp6 *a, const ramp_fp6 *b) {
  fp2_add(&r->c0, &a->c0, &b->c0);
  fp2_add(&r->c1, &a->c1, &b->c1);
  fp2_add(&r->c2, &a->c2, &b->c2);
}

static inline void fp6_sub(ramp_fp6 *r, const ramp_fp6 *a, const ramp_fp6 *b) {
  fp2_sub(&r->c0, &a->c0, &b->c0);
  fp2_sub(&r->c1, &a->c1, &b->c1);
  fp2_sub(&r->c2, &a->c2, &b->c2);
}

static inline void fp6_neg(ramp_fp6 *r, const ramp_fp6 *a) {
  fp2_neg(&r->c0, &a->c0);
  fp2_neg(&r->c1, &a->c1);
  fp2_neg(&r->c2, &a->c2);
}

/// The product with v.
static inline void fp6_mul_v(ramp_fp6 *r, const ramp_fp6 *a) {
  ramp_fp2 t;
  fp2_mul_xi(&t, &a->c2);
  r->c2 = a->c1;
  r->c1 = a->c0;
  r->c0 = t;
}

/// a1 b2 + a2 b1 of (a1 + a2)(b1 + b2), whose other products are given.
static inline void cross(ramp_fp2 *r, const ramp_fp2 *a1, const ramp_fp2 *a2, const ramp_fp2 *b1,
                         const ramp_fp2 *b2, const ramp_fp2 *v1, const ramp_fp2 *v2) {
  ramp_fp2 s, t;
  fp2_add_lazy(&s, a1, a2);
  fp2_add_lazy(&t, b1, b2);
  fp2_mul(&s, &s, &t);
  fp2_sub(&s, &s, v1);
  fp2_sub(r, &s, v2);
}

/// Karatsuba's product: six of Fp2.
static void fp6_mul(ramp_fp6 *r, const ramp_fp6 *a, const ramp_fp6 *b) {
  ramp_fp2 v0, v1, v2, t0, t1, t2;
  fp2_mul(&v0, &a->c0, &b->c0);
  fp2_mul(&v1, &a->c1, &b->c1);
  fp2_mul(&v2, &a->c2, &b->c2);
  cross(&t0, &a->c1, &a->c2, &b->c1, &b->c2, &v1, &v2);
  cross(&t1, &a->c0, &a->c1, &b->c0, &b->c1, &v0, &v1);
  cross(&t2, &a->c0, &a->c2, &b->c0, &b->c2, &v0, &v2);
  fp2_mul_xi(&t0, &t0);
  fp2_add(&r->c0, &t0, &v0);
  fp2_mul_xi(&v2, &v2);
  fp2_add(&r->c1, &t1, &v2);
  fp2_add(&r->c2, &t2, &v1);
}

/// The product with b0 + b1 v: five of Fp2.
static void fp6_mul_01(ramp_fp6 *r, const ramp_fp6 *a, const ramp_fp2 *b0, const ramp_fp2 *b1) {
  ramp_fp2 v0, v1, t0, t1, t2;
  fp2_mul(&v0, &a->c0, b0);
  fp2_mul(&v1, &a->c1, b1);
  fp2_mul(&t0, &a->c2, b1);
  cross(&t1, &a->c0, &a->c1, b0, b1, &v0, &v1);
  fp2_mul(&t2, &a->c2, b0);
  fp2_mul_xi(&t0, &t0);
  fp2_add(&r->c0, &t0, &v0);
  r->c1 = t1;
  fp2_add(&r->c2, &t2, &v1);
}

/// The product with b1 v.
static void fp6_mul_1(ramp_fp6 *r, const ramp_fp6 *a, const ramp_fp2 *b1) {
  ramp_fp2 t;
  fp2_mul(&t, &a->c2, b1);
  fp2_mul(&r->c2, &a->c1, b1);
  fp2_mul(&r->c1, &a->c0, b1);
  fp2_mul_xi(&r->c0, &t);
}

static void fp6_inv(ramp_fp6 *r, const ramp_fp6 *a) {
  ramp_fp2 t0, t1, t2, t;
  // t = (a0^2 - xi a1 a2, xi a2^2 - a0 a1, a1^2 - a0 a2); a t is in Fp2.
  fp2_mul(&t, &a->c1, &a->c2);
  fp2_mul_xi(&t, &t);
  fp2_sqr(&t0, &a->c0);
  fp2_sub(&t0, &t0, &t);
  fp2_sqr(&t1, &a->c2);
  fp2_mul_xi(&t1, &t1);
  fp2_mul(&t, &a->c0, &a->c1);
  fp2_sub(&t1, &t1, &t);
  fp2_sqr(&t2, &a->c1);
  fp2_mul(&t, &a->c0, &a->c2);
  fp2_sub(&t2, &t2, &t);
  ramp_fp2 norm;
  fp2_mul2(&norm, &a->c1, &t2, &a->c2, &t1);
  fp2_mul_xi(&norm, &norm);
  fp2_mul(&t, &a->c0, &t0);
  fp2_add(&norm, &norm, &t);
  fp2_inv(&norm, &norm);
  fp2_mul(&r->c0, &t0, &norm);
  fp2_mul(&r->c1, &t1, &norm);
  fp2_mul(&r->c2, &t2, &norm);
}

static void fp12_mul(ramp_fp12 *r, const ramp_fp12 *a, const ramp_fp12 *b) {
  ramp_fp6 v0, v1, s, t;
  fp6_mul(&v0, &a->c0, &b->c0);
  fp6_mul(&v1, &a->c1, &b->c1);
  fp6_add(&s, &a->c0, &a->c1);
  fp6_add(&t, &b->c0, &b->c1);
  fp6_mul(&s, &s, &t);
  fp6_sub(&s, &s, &v0);
  fp6_sub(&r->c1, &s, &v1);
  fp6_mul_v(&v1, &v1);
  fp6_add(&r->c0, &v0, &v1);
}

/// (c0 + c1)(c0 + v c1) - c0 c1 - v c0 c1, and 2 c0 c1.
static void fp12_sqr(ramp_fp12 *r, const ramp_fp12 *a) {
  ramp_fp6 product, s, t;
  fp6_mul(&product, &a->c0, &a->c1);
  fp6_add(&s, &a->c0, &a->c1);
  fp6_mul_v(&t, &a->c1);
  fp6_add(&t, &t, &a->c0);
  fp6_mul(&s, &s, &t);
  fp6_sub(&s, &s, &product);
  fp6_mul_v(&t, &product);
  fp6_sub(&r->c0, &s, &t);
  fp6_add(&r->c1, &product, &product);
}

/// The product with a line: l0 + l1 v + l4 v w.
static void fp12_mul_line(ramp_fp12 *r, const ramp_fp2 *l0, const ramp_fp2 *l1,
                          const ramp_fp2 *l4) {
  ramp_fp6 v0, v1, s;
  ramp_fp2 l;
  fp6_mul_01(&v0, &r->c0, l0, l1);
  fp6_mul_1(&v1, &r->c1, l4);
  fp2_add(&l, l1, l4);
  fp6_add(&s, &r->c0, &r->c1);
  fp6_mul_01(&s, &s, l0, &l);
  fp6_sub(&s, &s, &v0);
  fp6_sub(&r->c1, &s, &v1);
  fp6_mul_v(&v1, &v1);
  fp6_add(&r->c0, &v0, &v1);
}

/// f^(p^6); the inverse of elements whose order divides p^6 + 1.
static void fp12_conj(ramp_fp12 *r, const ramp_fp12 *a) {
  r->c0 = a->c0;
  fp6_neg(&r->c1, &a->c1);
}

static void fp12_inv(ramp_fp12 *r, const ramp_fp12 *a) {
  ramp_fp6 s, t;
  fp6_mul(&s, &a->c0, &a->c0);
  fp6_mul(&t, &a->c1, &a->c1);
  fp6_mul_v(&t, &t);
  fp6_sub(&s, &s, &t);
  fp6_inv(&s, &s);
  fp6_mul(&r->c0, &a->c0, &s);
  fp6_mul(&t, &a->c1, &s);
  fp6_neg(&r->c1, &t);
}

/// The coefficient of w^i.
static inline ramp_fp2 *coefficient(ramp_fp12 *f, int i) {
  ramp_fp6 *half = i & 1 ? &f->c1 : &f->c0;
  return i < 2 ? &half->c0 : i < 4 ? &half->c1 : &half->c2;
}

/// f^p: coefficients are conjugated, and w^p = xi^((p-1)/6) w.
static void fp12_frob(ramp_fp12 *r, const ramp_fp12 *a) {
  *r = *a;
  for (int i = 0; i < 6; i++) {
    ramp_fp2 *c = coefficient(r, i);
    fp2_conj(c, c);
    if (i > 0) fp2_mul(c, c, &FROBENIUS[i]);
  }
}

/// f^(p^2).
static void fp12_frob2(ramp_fp12 *r, const ramp_fp12 *a) {
  *r = *a;
  for (int i = 1; i < 6; i++) {
    ramp_fp2 *c = coefficient(r, i);
    fp2_mul_fp(c, c, &FROBENIUS_SQUARED[i]);
  }
}

static uint64_t fp12_equal_masks(const ramp_fp12 *a, const ramp_fp12 *b) {
  uint64_t words[72];
  const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;
  for (int i = 0; i < 72; i++) words[i] = x[i] ^ y[i];
  return zero_mask(words, 72);
}
