// Montgomery products of six words in portable C: word by word, each step divided by 2^64
// (coarsely integrated operand scanning: Koc, Acar, Kaliski, IEEE Micro 16(3), 1996).
typedef unsigned __int128 wide;

/// t = (t + a b) / 2^64 modulo p for a word a, or t += a b without the division.
static inline void step(uint64_t *t, uint64_t a, const uint64_t *b) {
  uint64_t carry = 0;
  for (int j = 0; j < 6; j++) {
    const wide s = (wide)a * b[j] + t[j] + carry;
    t[j] = (uint64_t)s;
    carry = (uint64_t)(s >> 64);
  }
  t[6] += carry;
}

static inline void reduce_step(uint64_t *t) {
  const uint64_t m = t[0] * P_INVERSE;
  wide s = (wide)m * P[0] + t[0];
  for (int j = 1; j < 6; j++) {
    s = (wide)m * P[j] + t[j] + (uint64_t)(s >> 64);
    t[j - 1] = (uint64_t)s;
  }
  s = (wide)t[6] + (uint64_t)(s >> 64);
  t[5] = (uint64_t)s;
  t[6] = (uint64_t)(s >> 64);
}

/// (a b) / 2^384 modulo p, below 2p if a b is below 2^384 p.
static inline void raw_product(uint64_t *t, const uint64_t *a, const uint64_t *b) {
  for (int j = 0; j < 7; j++) t[j] = 0;
  for (int i = 0; i < 6; i++) {
    step(t, a[i], b);
    reduce_step(t);
  }
}

/// (a b + c d) / 2^384 modulo p, below 2p if a b + c d is below 2^384 p.
static inline void raw_product2(uint64_t *t, const uint64_t *a, const uint64_t *b,
                                const uint64_t *c, const uint64_t *d) {
  for (int j = 0; j < 7; j++) t[j] = 0;
  for (int i = 0; i < 6; i++) {
    step(t, a[i], b);
    step(t, c[i], d);
    reduce_step(t);
  }
}
