#include "numbers.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are read as little-endian bytes in place"
#endif

ramp_modulus *ramp_modulus_new(const uint64_t *words, size_t count) {
  ramp_modulus *modulus = calloc(1, sizeof *modulus);
  if (modulus == NULL) return NULL;
  modulus->count = count;
  modulus->number = BN_secure_new();
  modulus->montgomery = BN_MONT_CTX_new();
  BN_CTX *context = BN_CTX_new();
  const int done = modulus->number != NULL && modulus->montgomery != NULL && context != NULL &&
                   ramp_read_words(words, count, modulus->number) &&
                   BN_MONT_CTX_set(modulus->montgomery, modulus->number, context) == 1;
  BN_CTX_free(context);
  if (done) return modulus;
  ramp_modulus_free(modulus);
  return NULL;
}

void ramp_modulus_free(ramp_modulus *modulus) {
  if (modulus == NULL) return;
  BN_MONT_CTX_free(modulus->montgomery);
  BN_clear_free(modulus->number);
  free(modulus);
}

int ramp_modulus_multiply(const ramp_modulus *modulus, const uint64_t *a, const uint64_t *b,
                          uint64_t *result) {
  BN_CTX *context = BN_CTX_new();
  if (context == NULL) return 0;
  BN_CTX_start(context);
  BIGNUM *x = BN_CTX_get(context), *y = BN_CTX_get(context);
  // (a R) b / R: one factor in Montgomery's form gives the product in the plain one.
  const int done = y != NULL && ramp_read_words(a, modulus->count, x) &&
                   ramp_read_words(b, modulus->count, y) &&
                   BN_to_montgomery(x, x, modulus->montgomery, context) == 1 &&
                   BN_mod_mul_montgomery(x, x, y, modulus->montgomery, context) == 1 &&
                   ramp_write_words(x, modulus->count, result);
  BN_CTX_end(context);
  BN_CTX_free(context);
  return done;
}

int ramp_modulus_power(const ramp_modulus *modulus, const uint64_t *base, const uint64_t *exponent,
                       size_t exponent_count, uint64_t *result) {
  BN_CTX *context = BN_CTX_secure_new();
  if (context == NULL) return 0;
  BN_CTX_start(context);
  BIGNUM *x = BN_CTX_get(context), *e = BN_CTX_get(context);
  const int done = e != NULL && ramp_read_words(base, modulus->count, x) &&
                   ramp_read_words(exponent, exponent_count, e) &&
                   BN_mod_exp_mont_consttime(x, x, e, modulus->number, context,
                                             modulus->montgomery) == 1 &&
                   ramp_write_words(x, modulus->count, result);
  BN_CTX_end(context);
  BN_CTX_free(context);
  return done;
}

int ramp_modulus_reduction(const ramp_modulus *modulus, const uint64_t *scale, size_t parts,
                           uint64_t *factors) {
  BN_CTX *context = BN_CTX_new();
  if (context == NULL) return 0;
  BN_CTX_start(context);
  BIGNUM *x = BN_CTX_get(context);
  int done = x != NULL && ramp_read_words(scale, modulus->count, x);
  for (size_t i = 0; done && i < parts; i++)
    done = BN_to_montgomery(x, x, modulus->montgomery, context) == 1 &&
           ramp_write_words(x, modulus->count, factors + i * modulus->count);
  BN_CTX_end(context);
  BN_CTX_free(context);
  return done;
}

int ramp_modulus_reduce(const ramp_modulus *modulus, const uint64_t *factors, size_t parts,
                        const uint64_t *wide, size_t wide_count, uint64_t *result) {
  BN_CTX *context = BN_CTX_new();
  if (context == NULL) return 0;
  BN_CTX_start(context);
  const size_t count = modulus->count;
  BIGNUM *sum = BN_CTX_get(context), *part = BN_CTX_get(context), *factor = BN_CTX_get(context);
  int done = factor != NULL && wide_count <= parts * count;
  if (done) BN_zero(sum);
  for (size_t i = 0; done && i * count < wide_count; i++) {
    const size_t left = wide_count - i * count;
    // A part may be above N, but not above R: part factor + m N < R N + R N, so that one
    // subtraction brings the quotient by R below N.
    done = ramp_read_words(wide + i * count, left < count ? left : count, part) &&
           ramp_read_words(factors + i * count, count, factor) &&
           BN_mod_mul_montgomery(part, part, factor, modulus->montgomery, context) == 1 &&
           BN_mod_add_quick(sum, sum, part, modulus->number) == 1;
  }
  done = done && ramp_write_words(sum, count, result);
  BN_CTX_end(context);
  BN_CTX_free(context);
  return done;
}
