// The base field. Elements are below p; sums that are only multiplied next may stay above it: a
// product takes factors whose product is below 2^384 p, and 2^384 is 9.8 p.

static inline uint64_t add_words(uint64_t *result, const uint64_t *a, const uint64_t *b, int n) {
  unsigned long long carry = 0;
  for (int i = 0; i < n; i++) result[i] = __builtin_addcll(a[i], b[i], carry, &carry);
  return carry;
}

static inline uint64_t subtract_words(uint64_t *result, const uint64_t *a, const uint64_t *b,
                                      int n) {
  unsigned long long borrow = 0;
  for (int i = 0; i < n; i++) result[i] = __builtin_subcll(a[i], b[i], borrow, &borrow);
  return borrow;
}

/// The same word, of which the compiler no longer knows where it comes from: or it makes branches of
/// masks.
static inline uint64_t hidden(uint64_t word) {
  __asm__("" : "+r"(word));
  return word;
}

/// All ones for 1, zero for 0.
static inline uint64_t mask_of(uint64_t bit) { return hidden(0 - bit); }

/// b where the mask is all ones, a where it is zero.
static inline void select_words(uint64_t *result, uint64_t mask, const uint64_t *a,
                                const uint64_t *b, size_t n) {
  for (size_t i = 0; i < n; i++) result[i] = a[i] ^ (mask & (a[i] ^ b[i]));
}

/// All ones if every word is zero, otherwise zero.
static inline uint64_t zero_mask(const uint64_t *a, size_t n) {
  uint64_t all = 0;
  for (size_t i = 0; i < n; i++) all |= a[i];
  return hidden(((all | (0 - all)) >> 63) - 1);
}

/// Zeros over what was secret: a write that the compiler may not leave out.
static inline void wipe(void *memory, size_t size) {
  volatile uint8_t *bytes = memory;
  while (size-- > 0) *bytes++ = 0;
}

/// A number below 2p, below p.
static inline void below_p(uint64_t *result, const uint64_t *t) {
  uint64_t less[6];
  const uint64_t borrow = subtract_words(less, t, P, 6);
  select_words(result, mask_of(borrow), less, t, 6);
}

static inline void fp_add(ramp_fp *r, const ramp_fp *a, const ramp_fp *b) {
  uint64_t t[6];
  add_words(t, a->limbs, b->limbs, 6);
  below_p(r->limbs, t);
}

/// The sum without the reduction.
static inline void fp_add_lazy(ramp_fp *r, const ramp_fp *a, const ramp_fp *b) {
  add_words(r->limbs, a->limbs, b->limbs, 6);
}

static inline void fp_sub(ramp_fp *r, const ramp_fp *a, const ramp_fp *b) {
  uint64_t t[6], p[6];
  const uint64_t mask = mask_of(subtract_words(t, a->limbs, b->limbs, 6));
  for (int i = 0; i < 6; i++) p[i] = P[i] & mask;
  add_words(r->limbs, t, p, 6);
}

/// 2p - a, between 0 and 2p for an `a` up to 2p.
static inline void fp_neg_lazy(ramp_fp *r, const ramp_fp *a) {
  subtract_words(r->limbs, TWO_P, a->limbs, 6);
}

static inline void fp_neg(ramp_fp *r, const ramp_fp *a) {
  static const ramp_fp zero = {{0}};
  fp_sub(r, &zero, a);
}

static __attribute__((noinline)) void fp_mul(ramp_fp *r, const ramp_fp *a, const ramp_fp *b) {
  uint64_t t[7];
  raw_product(t, a->limbs, b->limbs);
  below_p(r->limbs, t);
}

/// a b + c d with one reduction (Longa: Efficient algorithms for large prime characteristic fields,
/// IACR ePrint 2022/367).
static __attribute__((noinline)) void fp_mul2(ramp_fp *r, const ramp_fp *a, const ramp_fp *b,
                                              const ramp_fp *c, const ramp_fp *d) {
  uint64_t t[7];
  raw_product2(t, a->limbs, b->limbs, c->limbs, d->limbs);
  below_p(r->limbs, t);
}

/// a b - c d, for a c up to 2p.
static inline void fp_mul2_minus(ramp_fp *r, const ramp_fp *a, const ramp_fp *b, const ramp_fp *c,
                                 const ramp_fp *d) {
  ramp_fp minus;
  fp_neg_lazy(&minus, c);
  fp_mul2(r, a, b, &minus, d);
}

static inline void fp_sqr(ramp_fp *r, const ramp_fp *a) { fp_mul(r, a, a); }
static inline void fp_dbl(ramp_fp *r, const ramp_fp *a) { fp_add(r, a, a); }

/// a / 2.
static inline void fp_half(ramp_fp *r, const ramp_fp *a) {
  uint64_t t[6];
  const uint64_t mask = mask_of(a->limbs[0] & 1);
  for (int i = 0; i < 6; i++) t[i] = P[i] & mask;
  add_words(t, t, a->limbs, 6);
  for (int i = 0; i < 5; i++) r->limbs[i] = t[i] >> 1 | t[i + 1] << 63;
  r->limbs[5] = t[5] >> 1;
}

/// 12 a: three times the coefficient of the curve.
static inline void fp_mul_3b(ramp_fp *r, const ramp_fp *a) {
  ramp_fp t;
  fp_dbl(&t, a);
  fp_add(&t, &t, a);
  fp_dbl(&t, &t);
  fp_dbl(r, &t);
}

static inline uint64_t fp_zero_mask(const ramp_fp *a) { return zero_mask(a->limbs, 6); }

static inline uint64_t fp_equal_mask(const ramp_fp *a, const ramp_fp *b) {
  uint64_t t[6];
  for (int i = 0; i < 6; i++) t[i] = a->limbs[i] ^ b->limbs[i];
  return zero_mask(t, 6);
}

static inline void fp_select(ramp_fp *r, uint64_t mask, const ramp_fp *a, const ramp_fp *b) {
  select_words(r->limbs, mask, a->limbs, b->limbs, 6);
}

/// The power of a public exponent of six words, in digits of four bits.
static void fp_pow(ramp_fp *r, const ramp_fp *a, const uint64_t *exponent) {
  ramp_fp table[16];
  table[0] = ONE;
  for (int i = 1; i < 16; i++) fp_mul(&table[i], &table[i - 1], a);
  ramp_fp result = ONE;
  for (int i = 95; i >= 0; i--) {
    for (int j = 0; j < 4 && i != 95; j++) fp_sqr(&result, &result);
    const unsigned digit = (unsigned)(exponent[i / 16] >> (4 * (i % 16))) & 15;
    if (digit != 0) fp_mul(&result, &result, &table[digit]);
  }
  *r = result;
}

static void fp_inv(ramp_fp *r, const ramp_fp *a) { fp_pow(r, a, P_MINUS_2); }

/// t = a^((p-3)/4), from which root, inverse of the root and symbol of Legendre follow:
/// (t a)^2 = a (t^2 a), and t^2 a = a^((p-1)/2).
static void fp_root_power(ramp_fp *t, const ramp_fp *a) { fp_pow(t, a, P_MINUS_3_OVER_4); }

/// All ones if `a` is a square, the root in `r`; otherwise a root of -a.
static uint64_t fp_sqrt(ramp_fp *r, const ramp_fp *a) {
  ramp_fp t, square;
  fp_root_power(&t, a);
  fp_mul(&t, &t, a);
  fp_sqr(&square, &t);
  const uint64_t mask = fp_equal_mask(&square, a);
  *r = t;
  return mask;
}

/// The number itself, out of Montgomery's form.
static void fp_plain(uint64_t *words, const ramp_fp *a) {
  static const ramp_fp one = {{1}};
  ramp_fp t;
  fp_mul(&t, a, &one);
  for (int i = 0; i < 6; i++) words[i] = t.limbs[i];
}

/// Bytes, most significant first, to words.
static void words_of_bytes(uint64_t *words, const uint8_t *bytes, int count) {
  for (int i = 0; i < count; i++) {
    uint64_t word = 0;
    for (int j = 0; j < 8; j++) word = word << 8 | bytes[8 * (count - 1 - i) + j];
    words[i] = word;
  }
}

static void bytes_of_words(uint8_t *bytes, const uint64_t *words, int count) {
  for (int i = 0; i < count; i++)
    for (int j = 0; j < 8; j++)
      bytes[8 * (count - 1 - i) + j] = (uint8_t)(words[i] >> (8 * (7 - j)));
}

/// 1 if the number of 48 bytes is below p.
static int fp_from_bytes(ramp_fp *r, const uint8_t *bytes) {
  ramp_fp t;
  uint64_t less[6];
  words_of_bytes(t.limbs, bytes, 6);
  const int is_below = (int)subtract_words(less, t.limbs, P, 6);
  fp_mul(r, &t, &R_SQUARED);
  return is_below;
}

static void fp_to_bytes(uint8_t *bytes, const ramp_fp *a) {
  uint64_t words[6];
  fp_plain(words, a);
  bytes_of_words(bytes, words, 6);
}

/// 1 if the number is above (p-1)/2: the larger of a and -a.
static int fp_is_larger(const ramp_fp *a) {
  uint64_t words[6], t[6];
  fp_plain(words, a);
  return (int)subtract_words(t, P_MINUS_1_OVER_2, words, 6);
}

/// RFC 9380, sgn0: whether the number is odd.
static uint64_t fp_sign(const ramp_fp *a) {
  uint64_t words[6];
  fp_plain(words, a);
  return words[0] & 1;
}
