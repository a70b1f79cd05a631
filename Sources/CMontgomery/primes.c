#include "numbers.h"

#include <openssl/crypto.h>

int ramp_is_prime(const uint64_t *words, size_t count) {
  BIGNUM *number = BN_secure_new();
  BN_CTX *context = BN_CTX_secure_new();
  int result = -1;
  if (number != NULL && context != NULL && ramp_read_words(words, count, number))
    result = BN_check_prime(number, context, NULL);
  BN_CTX_free(context);
  BN_clear_free(number);
  return result;
}

int ramp_gcd(const uint64_t *a, const uint64_t *b, size_t count, uint64_t *result) {
  BIGNUM *x = BN_secure_new(), *y = BN_secure_new();
  BN_CTX *context = BN_CTX_secure_new();
  const int done = x != NULL && y != NULL && context != NULL && ramp_read_words(a, count, x) &&
                   ramp_read_words(b, count, y) && BN_gcd(x, x, y, context) == 1 &&
                   ramp_write_words(x, count, result);
  BN_CTX_free(context);
  BN_clear_free(x);
  BN_clear_free(y);
  return done;
}

void ramp_clear_words(uint64_t *words, size_t count) {
  OPENSSL_cleanse(words, count * sizeof *words);
}
