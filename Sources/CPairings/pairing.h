// The optimal ate pairing (Vercauteren, IEEE Transactions on Information Theory 56(1), 2010) with
// lines of Costello, Lange, Naehrig (PKC 2010) in homogeneous coordinates.
//
// A point (x, y) of the twist is (x/w^2, y/w^3) on the curve. The line of slope s through it, at a
// point (X, Y) and times w^3, is Y w^3 - s X w^2 + (s x - y), up to a factor of Fp2, which the
// final power takes to 1. Kept are the coefficients of 1, of w^2 (to be multiplied by X) and of w^3
// (by Y).

/// The tangent, and the double.
static void double_step(ramp_g2 *t, ramp_fp2 *line) {
  ramp_fp2 a, b, c, e, f, g, h, s;
  fp2_mul(&a, &t->x, &t->y);
  fp2_half(&a, &a);
  fp2_sqr(&b, &t->y);
  fp2_sqr(&c, &t->z);
  fp2_mul_3b(&e, &c);
  fp2_dbl(&f, &e);
  fp2_add(&f, &f, &e);
  fp2_add(&g, &b, &f);
  fp2_half(&g, &g);
  fp2_mul(&h, &t->y, &t->z);
  fp2_dbl(&h, &h);
  fp2_sub(&line[0], &b, &e);
  fp2_sqr(&s, &t->x);
  fp2_dbl(&line[1], &s);
  fp2_add(&line[1], &line[1], &s);
  fp2_neg(&line[1], &line[1]);
  line[2] = h;
  fp2_sub(&f, &b, &f);
  fp2_mul(&t->x, &a, &f);
  fp2_sqr(&e, &e);
  fp2_dbl(&s, &e);
  fp2_add(&e, &s, &e);
  fp2_sqr(&g, &g);
  fp2_sub(&t->y, &g, &e);
  fp2_mul(&t->z, &b, &h);
}

/// The line through both, and the sum.
static void add_step(ramp_g2 *t, const ramp_g2_affine *q, ramp_fp2 *line) {
  ramp_fp2 theta, lambda, c, d, e, f, g, h, s;
  fp2_mul(&s, &q->y, &t->z);
  fp2_sub(&theta, &t->y, &s);
  fp2_mul(&s, &q->x, &t->z);
  fp2_sub(&lambda, &t->x, &s);
  fp2_mul2_minus(&line[0], &theta, &q->x, &lambda, &q->y);
  fp2_neg(&line[1], &theta);
  line[2] = lambda;
  fp2_sqr(&c, &theta);
  fp2_sqr(&d, &lambda);
  fp2_mul(&e, &lambda, &d);
  fp2_mul(&f, &t->z, &c);
  fp2_mul(&g, &t->x, &d);
  fp2_add(&h, &e, &f);
  fp2_sub(&h, &h, &g);
  fp2_sub(&h, &h, &g);
  fp2_mul(&t->x, &lambda, &h);
  fp2_sub(&g, &g, &h);
  fp2_mul2_minus(&t->y, &theta, &g, &e, &t->y);
  fp2_mul(&t->z, &t->z, &e);
}

void NAME(g2_prepare)(const ramp_g2_affine *point, ramp_fp2 *lines) {
  ramp_g2 t = {point->x, point->y, {ONE, {{0}}}};
  int next = 0;
  for (int bit = 62; bit >= 0; bit--) {
    double_step(&t, lines + 3 * next++);
    if (X_ABSOLUTE >> bit & 1) add_step(&t, point, lines + 3 * next++);
  }
}

static void multiply_lines(ramp_fp12 *f, const ramp_g1_affine *points, const ramp_fp2 *lines,
                           size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    const ramp_fp2 *l = lines + i * RAMP_LINE_COEFFICIENTS + 3 * line;
    ramp_fp2 l1, l4;
    fp2_mul_fp(&l1, &l[1], &points[i].x);
    fp2_mul_fp(&l4, &l[2], &points[i].y);
    fp12_mul_line(f, &l[0], &l1, &l4);
  }
}

void NAME(miller_loop)(const ramp_g1_affine *points, const ramp_fp2 *lines, size_t count,
                       ramp_fp12 *result) {
  ramp_fp12 f;
  int line = 0;
  NAME(fp12_one)(&f);
  for (int bit = 62; bit >= 0; bit--) {
    if (bit != 62) fp12_sqr(&f, &f);
    multiply_lines(&f, points, lines, count, line++);
    if (X_ABSOLUTE >> bit & 1) multiply_lines(&f, points, lines, count, line++);
  }
  // x is negative: f_x is 1/f_|x| up to what the final power takes to 1, and so is the conjugate.
  fp12_conj(result, &f);
}

/// The square of a + b y in Fp4 = Fp2[y]/(y^2 - (1 + u)).
static inline void fp4_sqr(ramp_fp2 *r0, ramp_fp2 *r1, const ramp_fp2 *a, const ramp_fp2 *b) {
  ramp_fp2 s, t, sum;
  fp2_sqr(&s, a);
  fp2_sqr(&t, b);
  fp2_add(&sum, a, b);
  fp2_sqr(&sum, &sum);
  fp2_sub(&sum, &sum, &s);
  fp2_sub(r1, &sum, &t);
  fp2_mul_xi(&t, &t);
  fp2_add(r0, &s, &t);
}

/// 3 t - 2 a, or 3 t + 2 a.
static inline void triple_minus(ramp_fp2 *r, const ramp_fp2 *t, const ramp_fp2 *a) {
  ramp_fp2 s;
  fp2_sub(&s, t, a);
  fp2_dbl(&s, &s);
  fp2_add(r, &s, t);
}

static inline void triple_plus(ramp_fp2 *r, const ramp_fp2 *t, const ramp_fp2 *a) {
  ramp_fp2 s;
  fp2_add(&s, t, a);
  fp2_dbl(&s, &s);
  fp2_add(r, &s, t);
}

/// Squares of elements whose order divides p^4 - p^2 + 1 (Granger, Scott: Faster squaring in the
/// cyclotomic subgroup of sixth degree extensions, PKC 2010): three squares of Fp4.
static void cyclotomic_sqr(ramp_fp12 *r, const ramp_fp12 *a) {
  ramp_fp2 t0, t1, t2, t3, t4, t5, s;
  fp4_sqr(&t0, &t1, &a->c0.c0, &a->c1.c1);
  fp4_sqr(&t2, &t3, &a->c1.c0, &a->c0.c2);
  fp4_sqr(&t4, &t5, &a->c0.c1, &a->c1.c2);
  triple_minus(&r->c0.c0, &t0, &a->c0.c0);
  triple_plus(&r->c1.c1, &t1, &a->c1.c1);
  fp2_mul_xi(&s, &t5);
  triple_plus(&r->c1.c0, &s, &a->c1.c0);
  triple_minus(&r->c0.c2, &t4, &a->c0.c2);
  triple_minus(&r->c0.c1, &t2, &a->c0.c1);
  triple_plus(&r->c1.c2, &t3, &a->c1.c2);
}

/// f^x, of an element as above: the inverse is the conjugate, and x is negative.
static void power_x(ramp_fp12 *r, const ramp_fp12 *f) {
  ramp_fp12 power = *f;
  const ramp_fp12 base = *f;
  for (int bit = 62; bit >= 0; bit--) {
    cyclotomic_sqr(&power, &power);
    if (X_ABSOLUTE >> bit & 1) fp12_mul(&power, &power, &base);
  }
  fp12_conj(r, &power);
}

/// f^((p^6 - 1)(p^2 + 1)), then the power (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3, which is
/// 3 (p^4 - p^2 + 1)/r (Hayashida, Hayasaka, Teruya: Efficient final exponentiation via cyclotomic
/// structure, IACR ePrint 2020/875).
void NAME(final_power)(const ramp_fp12 *f, ramp_fp12 *result) {
  ramp_fp12 m, a, b, t;
  fp12_inv(&t, f);
  fp12_conj(&m, f);
  fp12_mul(&m, &m, &t);
  fp12_frob2(&t, &m);
  fp12_mul(&m, &m, &t);
  // (x - 1)^2
  power_x(&a, &m);
  fp12_conj(&t, &m);
  fp12_mul(&a, &a, &t);
  power_x(&b, &a);
  fp12_conj(&t, &a);
  fp12_mul(&a, &b, &t);
  // x + p
  power_x(&b, &a);
  fp12_frob(&t, &a);
  fp12_mul(&a, &b, &t);
  // x^2 + p^2 - 1
  power_x(&b, &a);
  power_x(&b, &b);
  fp12_frob2(&t, &a);
  fp12_mul(&b, &b, &t);
  fp12_conj(&t, &a);
  fp12_mul(&a, &b, &t);
  // 3
  cyclotomic_sqr(&b, &m);
  fp12_mul(&b, &b, &m);
  fp12_mul(result, &a, &b);
}

void NAME(fp12_one)(ramp_fp12 *result) {
  *result = (ramp_fp12){0};
  result->c0.c0.c0 = ONE;
}

void NAME(fp12_product)(ramp_fp12 *result, const ramp_fp12 *a, const ramp_fp12 *b) {
  fp12_mul(result, a, b);
}
void NAME(fp12_square)(ramp_fp12 *result, const ramp_fp12 *a) { fp12_sqr(result, a); }
void NAME(fp12_inverse)(ramp_fp12 *result, const ramp_fp12 *a) { fp12_inv(result, a); }
void NAME(fp12_frobenius)(ramp_fp12 *result, const ramp_fp12 *a) { fp12_frob(result, a); }
int NAME(fp12_equal)(const ramp_fp12 *a, const ramp_fp12 *b) {
  return (int)(fp12_equal_masks(a, b) & 1);
}
void NAME(gt_square)(ramp_fp12 *result, const ramp_fp12 *a) { cyclotomic_sqr(result, a); }
void NAME(gt_inverse)(ramp_fp12 *result, const ramp_fp12 *a) { fp12_conj(result, a); }

/// Frobenius' map is the power of p, and p = x modulo r: four parts of the number, as in G2.
void NAME(gt_power)(ramp_fp12 *result, const ramp_fp12 *a, const ramp_scalar *k) {
  uint64_t digits[4];
  ramp_fp12 tables[4][16], product, entry;
  scalar_split(digits, k->words);
  NAME(fp12_one)(&tables[0][0]);
  tables[0][1] = *a;
  for (int i = 2; i < 16; i++) fp12_mul(&tables[0][i], &tables[0][i - 1], a);
  for (int part = 1; part < 4; part++) {
    for (int i = 0; i < 16; i++) {
      fp12_frob(&tables[part][i], &tables[part - 1][i]);
      fp12_conj(&tables[part][i], &tables[part][i]);
    }
  }
  NAME(fp12_one)(&product);
  for (int digit = 15; digit >= 0; digit--) {
    for (int i = 0; i < 4; i++) cyclotomic_sqr(&product, &product);
    for (int part = 0; part < 4; part++) {
      const uint64_t value = digits[part] >> (4 * digit) & 15;
      entry = tables[part][0];
      for (uint64_t i = 1; i < 16; i++) {
        const uint64_t difference = i ^ value;
        select_words((uint64_t *)&entry, zero_mask(&difference, 1), (const uint64_t *)&entry,
                     (const uint64_t *)&tables[part][i], sizeof entry / 8);
      }
      fp12_mul(&product, &product, &entry);
    }
  }
  *result = product;
  wipe(digits, sizeof digits);
  wipe(&entry, sizeof entry);
}

/// f^(p^4 - p^2 + 1) = 1 and f^p = f^x (Scott 2021, as for the groups).
int NAME(gt_is_in_group_public)(const ramp_fp12 *a) {
  ramp_fp12 s, t;
  if (fp12_equal_masks(a, &(ramp_fp12){0})) return 0;
  fp12_frob2(&s, a);
  fp12_frob2(&t, &s);
  fp12_mul(&t, &t, a);
  if (!fp12_equal_masks(&s, &t)) return 0;
  fp12_frob(&s, a);
  power_x(&t, a);
  return (int)(fp12_equal_masks(&s, &t) & 1);
}
