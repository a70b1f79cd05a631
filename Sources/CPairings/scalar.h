// Numbers modulo r, and their digits.

/// a b / 2^256 modulo r, below r if a b is below 2^256 r.
static void scalar_mul(uint64_t *result, const uint64_t *a, const uint64_t *b) {
  uint64_t t[6] = {0}, less[4];
  for (int i = 0; i < 4; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 4; j++) {
      const unsigned __int128 s = (unsigned __int128)a[i] * b[j] + t[j] + carry;
      t[j] = (uint64_t)s;
      carry = (uint64_t)(s >> 64);
    }
    t[4] += carry;
    const uint64_t m = t[0] * ORDER_INVERSE;
    unsigned __int128 s = (unsigned __int128)m * ORDER[0] + t[0];
    for (int j = 1; j < 4; j++) {
      s = (unsigned __int128)m * ORDER[j] + t[j] + (uint64_t)(s >> 64);
      t[j - 1] = (uint64_t)s;
    }
    s = (unsigned __int128)t[4] + (uint64_t)(s >> 64);
    t[3] = (uint64_t)s;
    t[4] = (uint64_t)(s >> 64);
  }
  const uint64_t borrow = subtract_words(less, t, ORDER, 4);
  // t < 2r < 2^256, so that the fifth word is zero.
  select_words(result, mask_of(borrow), less, t, 4);
}

static void scalar_add(uint64_t *result, const uint64_t *a, const uint64_t *b) {
  uint64_t t[4], less[4];
  add_words(t, a, b, 4);
  const uint64_t borrow = subtract_words(less, t, ORDER, 4);
  select_words(result, mask_of(borrow), less, t, 4);
}

static void scalar_sub(uint64_t *result, const uint64_t *a, const uint64_t *b) {
  uint64_t t[4], r[4];
  const uint64_t mask = mask_of(subtract_words(t, a, b, 4));
  for (int i = 0; i < 4; i++) r[i] = ORDER[i] & mask;
  add_words(result, t, r, 4);
}

/// Four digits of a number below r to the base X = |x|, each below X: k = sum digits[i] X^i. Bit by
/// bit, since the time of a division depends on its numbers.
static void scalar_split(uint64_t *digits, const uint64_t *k) {
  uint64_t quotient[4];
  for (int i = 0; i < 4; i++) quotient[i] = k[i];
  for (int digit = 0; digit < 3; digit++) {
    uint64_t remainder = 0;
    for (int i = 3; i >= 0; i--) {
      uint64_t word = quotient[i], result = 0;
      for (int bit = 0; bit < 64; bit++) {
        const uint64_t high = remainder >> 63;
        remainder = remainder << 1 | word >> 63;
        word <<= 1;
        unsigned long long borrow;
        const uint64_t less = __builtin_subcll(remainder, X_ABSOLUTE, 0, &borrow);
        const uint64_t fits = high | (1 ^ borrow);
        remainder ^= mask_of(fits) & (remainder ^ less);
        result = result << 1 | fits;
      }
      quotient[i] = result;
    }
    digits[digit] = remainder;
  }
  digits[3] = quotient[0];
  wipe(quotient, sizeof quotient);
}

/// Digits of width 5, odd or zero, between -15 and 15, of a number of `words` words (at most two):
/// no two of five in a row differ from zero. Public numbers only.
static int scalar_odd_digits(int8_t *digits, const uint64_t *number, int words) {
  uint64_t n[3] = {number[0], words > 1 ? number[1] : 0, 0};
  int count = 0;
  while (n[0] | n[1] | n[2]) {
    int digit = 0;
    if (n[0] & 1) {
      digit = (int)(n[0] & 31);
      if (digit > 16) digit -= 32;
      const uint64_t magnitude[3] = {(uint64_t)(digit < 0 ? -digit : digit), 0, 0};
      if (digit < 0)
        add_words(n, n, magnitude, 3);
      else
        subtract_words(n, n, magnitude, 3);
    }
    digits[count++] = (int8_t)digit;
    n[0] = n[0] >> 1 | n[1] << 63;
    n[1] = n[1] >> 1 | n[2] << 63;
    n[2] >>= 1;
  }
  return count;
}
