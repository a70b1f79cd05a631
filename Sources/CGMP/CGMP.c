#include "CGMP.h"

#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>

struct ramp_mpz {
  mpz_t value;
};

const char *ramp_gmp_version(void) { return gmp_version; }

ramp_mpz *ramp_mpz_new(void) {
  ramp_mpz *x = malloc(sizeof *x);
  if (x == NULL) {
    fputs("GNU MP: Cannot allocate memory\n", stderr);
    abort();
  }
  mpz_init(x->value);
  return x;
}

void ramp_mpz_free(ramp_mpz *x) {
  // Through a volatile pointer: the stores are not removed as dead.
  volatile mp_limb_t *limbs = x->value->_mp_d;
  for (int i = 0; i < x->value->_mp_alloc; i++) limbs[i] = 0;
  mpz_clear(x->value);
  free(x);
}

void ramp_mpz_set_words(ramp_mpz *x, const uint64_t *words, size_t count, int negative) {
  mpz_import(x->value, count, -1, sizeof *words, 0, 0, words);
  if (negative) mpz_neg(x->value, x->value);
}

size_t ramp_mpz_word_count(const ramp_mpz *x) { return (ramp_mpz_bit_count(x) + 63) / 64; }

void ramp_mpz_get_words(const ramp_mpz *x, uint64_t *words) {
  mpz_export(words, NULL, -1, sizeof *words, 0, 0, x->value);
}

void ramp_mpz_set_bytes(ramp_mpz *x, const uint8_t *bytes, size_t count) {
  mpz_import(x->value, count, 1, 1, 1, 0, bytes);
}

size_t ramp_mpz_byte_count(const ramp_mpz *x) { return (ramp_mpz_bit_count(x) + 7) / 8; }

void ramp_mpz_get_bytes(const ramp_mpz *x, uint8_t *bytes) {
  mpz_export(bytes, NULL, 1, 1, 1, 0, x->value);
}

int ramp_mpz_set_text(ramp_mpz *x, const char *text, int radix) {
  return mpz_set_str(x->value, text, radix) == 0;
}

size_t ramp_mpz_text_size(const ramp_mpz *x, int radix) {
  return mpz_sizeinbase(x->value, radix) + 2;
}

void ramp_mpz_get_text(const ramp_mpz *x, char *text, int radix) {
  mpz_get_str(text, radix, x->value);
}

int ramp_mpz_sign(const ramp_mpz *x) { return mpz_sgn(x->value); }

int ramp_mpz_compare(const ramp_mpz *a, const ramp_mpz *b) { return mpz_cmp(a->value, b->value); }

size_t ramp_mpz_bit_count(const ramp_mpz *x) {
  return mpz_sgn(x->value) == 0 ? 0 : mpz_sizeinbase(x->value, 2);
}

size_t ramp_mpz_trailing_zeros(const ramp_mpz *x) { return mpz_scan1(x->value, 0); }

void ramp_mpz_negate(ramp_mpz *r, const ramp_mpz *a) { mpz_neg(r->value, a->value); }

void ramp_mpz_add(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  mpz_add(r->value, a->value, b->value);
}

void ramp_mpz_subtract(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  mpz_sub(r->value, a->value, b->value);
}

void ramp_mpz_multiply(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  mpz_mul(r->value, a->value, b->value);
}

void ramp_mpz_divide_truncating(ramp_mpz *q, ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  mpz_tdiv_qr(q->value, r->value, a->value, b->value);
}

void ramp_mpz_divide_euclidean(ramp_mpz *q, ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  // The remainder has the divisor's sign under floor, the opposite one under ceiling.
  if (mpz_sgn(b->value) > 0) {
    mpz_fdiv_qr(q->value, r->value, a->value, b->value);
  } else {
    mpz_cdiv_qr(q->value, r->value, a->value, b->value);
  }
}

void ramp_mpz_shift_left(ramp_mpz *r, const ramp_mpz *a, size_t bits) {
  mpz_mul_2exp(r->value, a->value, bits);
}

void ramp_mpz_shift_right(ramp_mpz *r, const ramp_mpz *a, size_t bits) {
  mpz_fdiv_q_2exp(r->value, a->value, bits);
}

void ramp_mpz_gcd(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  mpz_gcd(r->value, a->value, b->value);
}

void ramp_mpz_power(ramp_mpz *r, const ramp_mpz *a, size_t exponent) {
  mpz_pow_ui(r->value, a->value, exponent);
}

void ramp_mpz_square_root(ramp_mpz *r, const ramp_mpz *a) { mpz_sqrt(r->value, a->value); }

void ramp_mpz_power_modulo(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *exponent,
                           const ramp_mpz *b) {
  mpz_powm(r->value, a->value, exponent->value, b->value);
}

int ramp_mpz_invert(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b) {
  return mpz_invert(r->value, a->value, b->value) != 0;
}
