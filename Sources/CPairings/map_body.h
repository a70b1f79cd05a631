// Maps to a group (RFC 9380, 6.6.2 and 6.6.3): the simplified map of Shallue, van de Woestijne and
// Ulas to a curve y^2 = x^3 + A x + B, then the isogeny from it. Names of section F.2 are kept.

static void G(map_to_isogenous)(ELEMENT *numerator, ELEMENT *denominator, ELEMENT *y,
                                const ELEMENT *u) {
  ELEMENT tv1, tv2, tv3, tv4, tv5, tv6, x, y1, t;
  F(sqr)(&tv1, u);
  F(mul)(&tv1, &SSWU(Z), &tv1);
  F(sqr)(&tv2, &tv1);
  F(add)(&tv2, &tv2, &tv1);
  F(set_one)(&t);
  F(add)(&tv3, &tv2, &t);
  F(mul)(&tv3, &SSWU(B), &tv3);
  F(neg)(&t, &tv2);
  F(select)(&tv4, F(zero_mask)(&tv2), &t, &SSWU(Z));
  F(mul)(&tv4, &SSWU(A), &tv4);
  F(sqr)(&tv2, &tv3);
  F(sqr)(&tv6, &tv4);
  F(mul)(&tv5, &SSWU(A), &tv6);
  F(add)(&tv2, &tv2, &tv5);
  F(mul)(&tv2, &tv2, &tv3);
  F(mul)(&tv6, &tv6, &tv4);
  F(mul)(&tv5, &SSWU(B), &tv6);
  F(add)(&tv2, &tv2, &tv5);
  F(mul)(&x, &tv1, &tv3);
  const uint64_t is_square = F(root_of_ratio)(&y1, &tv2, &tv6, &tv1, u);
  F(select)(numerator, is_square, &x, &tv3);
  *denominator = tv4;
  F(neg)(&t, &y1);
  F(select)(y, 0 - (F(sign)(u) ^ F(sign)(&y1)), &y1, &t);
}

/// f(n/d) d^degree.
static void G(homogeneous)(ELEMENT *r, const ELEMENT *f, int degree, const ELEMENT *n,
                           const ELEMENT *powers) {
  ELEMENT sum = f[degree], t;
  for (int i = degree - 1; i >= 0; i--) {
    F(mul)(&sum, &sum, n);
    F(mul)(&t, &f[i], &powers[degree - i]);
    F(add)(&sum, &sum, &t);
  }
  *r = sum;
}

/// (N/D^2, y M/D^3) with a common denominator; infinity where D is zero.
void NAME(PASTE(GROUP, _map_public))(const ELEMENT *u, POINT *result) {
  enum { DEGREE = sizeof ISOGENY(D) / sizeof(ELEMENT) - 1 };
  ELEMENT n, d, y, kernel, x_part, y_part, powers[3 * DEGREE + 1];
  G(map_to_isogenous)(&n, &d, &y, u);
  F(set_one)(&powers[0]);
  for (int i = 1; i <= 3 * DEGREE; i++) F(mul)(&powers[i], &powers[i - 1], &d);
  G(homogeneous)(&kernel, ISOGENY(D), DEGREE, &n, powers);
  G(homogeneous)(&x_part, ISOGENY(N), 2 * DEGREE + 1, &n, powers);
  G(homogeneous)(&y_part, ISOGENY(M), 3 * DEGREE, &n, powers);
  F(mul)(&result->x, &x_part, &kernel);
  F(mul)(&y, &y, &d);
  F(mul)(&result->y, &y, &y_part);
  F(sqr)(&y, &kernel);
  F(mul)(&y, &y, &kernel);
  F(mul)(&result->z, &y, &d);
}
