// What the files of this target share; not seen outside.
#pragma once
#include "CMontgomery.h"

#include <openssl/bn.h>

struct ramp_modulus {
  BIGNUM *number;
  BN_MONT_CTX *montgomery;
  size_t count;
};

static inline int ramp_read_words(const uint64_t *words, size_t count, BIGNUM *number) {
  return BN_lebin2bn((const unsigned char *)words, (int)(8 * count), number) != NULL;
}

static inline int ramp_write_words(const BIGNUM *number, size_t count, uint64_t *words) {
  return BN_bn2lebinpad(number, (unsigned char *)words, (int)(8 * count)) >= 0;
}
