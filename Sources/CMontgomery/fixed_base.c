#include "numbers.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

/// Words of an entry that lie side by side: a place holds the first block of all its entries, then
/// the second of all, so that a search reads memory from front to back.
enum { BLOCK = 8 };

struct ramp_fixed_base {
  const ramp_modulus *modulus;
  size_t bits, places, blocks;
  unsigned window;
  uint64_t *words;
};

typedef uint64_t block __attribute__((ext_vector_type(BLOCK), aligned(64)));

static size_t place_words(const ramp_fixed_base *table) {
  return (table->blocks << table->window) * BLOCK;
}

/// The entry of `digit`, every entry read and masked.
DISPATCHED static void find(const uint64_t *place, size_t blocks, size_t entries, uint64_t digit,
                            uint64_t *entry) {
  for (size_t b = 0; b < blocks; b++) {
    block found = 0;
    const block *candidates = (const block *)(place + b * entries * BLOCK);
    for (size_t i = 0; i < entries; i++) {
      // All ones if i is the digit: i ^ digit, less one, is negative for zero alone.
      const uint64_t mask = (uint64_t)((int64_t)((i ^ digit) - 1) >> 63);
      found |= candidates[i] & (block)mask;
    }
    *(block *)(entry + b * BLOCK) = found;
  }
}

static int store(const ramp_fixed_base *table, const BIGNUM *number, size_t place, size_t digit,
                 uint64_t *entry) {
  if (!ramp_write_words(number, table->blocks * BLOCK, entry)) return 0;
  uint64_t *words = table->words + place * place_words(table);
  for (size_t b = 0; b < table->blocks; b++)
    memcpy(words + ((b << table->window) + digit) * BLOCK, entry + b * BLOCK,
           BLOCK * sizeof *words);
  return 1;
}

ramp_fixed_base *ramp_fixed_base_new(const ramp_modulus *modulus, const uint64_t *base,
                                     size_t bits, unsigned window) {
  ramp_fixed_base *table = calloc(1, sizeof *table);
  if (table == NULL) return NULL;
  table->modulus = modulus;
  table->bits = bits;
  table->window = window;
  table->places = (bits + window - 1) / window;
  table->blocks = (modulus->count + BLOCK - 1) / BLOCK;
  const size_t size = table->places * place_words(table) * sizeof *table->words;
  table->words = aligned_alloc(64, size);
  uint64_t *entry = aligned_alloc(64, table->blocks * BLOCK * sizeof *entry);
  BN_CTX *context = BN_CTX_new();
  int done = table->words != NULL && entry != NULL && context != NULL;
  if (context != NULL) BN_CTX_start(context);
  BIGNUM *one = context ? BN_CTX_get(context) : NULL;
  BIGNUM *power = context ? BN_CTX_get(context) : NULL;
  BIGNUM *x = context ? BN_CTX_get(context) : NULL;
  BN_MONT_CTX *montgomery = modulus->montgomery;
  done = done && x != NULL && BN_one(one) == 1 &&
         BN_to_montgomery(one, one, montgomery, context) == 1 &&
         ramp_read_words(base, modulus->count, power) &&
         BN_to_montgomery(power, power, montgomery, context) == 1;
  for (size_t place = 0; done && place < table->places; place++) {
    done = store(table, one, place, 0, entry) && BN_copy(x, power) != NULL;
    for (size_t digit = 1; done && digit < (size_t)1 << window; digit++)
      done = store(table, x, place, digit, entry) &&
             BN_mod_mul_montgomery(x, x, power, montgomery, context) == 1;
    // The base to the power of 2^window: the base of the next place.
    done = done && BN_copy(power, x) != NULL;
  }
  if (context != NULL) BN_CTX_end(context);
  BN_CTX_free(context);
  free(entry);
  if (done) return table;
  ramp_fixed_base_free(table);
  return NULL;
}

void ramp_fixed_base_free(ramp_fixed_base *table) {
  if (table == NULL) return;
  if (table->words != NULL)
    OPENSSL_cleanse(table->words, table->places * place_words(table) * sizeof *table->words);
  free(table->words);
  free(table);
}

/// The digit of a place: bits from `start` on, as far as the exponent goes.
static uint64_t digit_at(const uint64_t *exponent, size_t count, size_t start, unsigned window) {
  const size_t word = start / 64, shift = start % 64;
  uint64_t bits = exponent[word] >> shift;
  if (shift + window > 64 && word + 1 < count) bits |= exponent[word + 1] << (64 - shift);
  return bits & (((uint64_t)1 << window) - 1);
}

int ramp_fixed_base_power(const ramp_fixed_base *table, const uint64_t *exponent,
                          uint64_t *result) {
  const size_t size = table->blocks * BLOCK * sizeof(uint64_t), count = (table->bits + 63) / 64;
  uint64_t *entry = aligned_alloc(64, size);
  BN_CTX *context = BN_CTX_new();
  int done = entry != NULL && context != NULL;
  if (context != NULL) BN_CTX_start(context);
  BIGNUM *product = context ? BN_CTX_get(context) : NULL;
  BIGNUM *factor = context ? BN_CTX_get(context) : NULL;
  BN_MONT_CTX *montgomery = table->modulus->montgomery;
  done = done && factor != NULL;
  for (size_t place = 0; done && place < table->places; place++) {
    find(table->words + place * place_words(table), table->blocks, (size_t)1 << table->window,
         digit_at(exponent, count, place * table->window, table->window), entry);
    done = ramp_read_words(entry, table->modulus->count, place == 0 ? product : factor);
    if (place > 0)
      done = done && BN_mod_mul_montgomery(product, product, factor, montgomery, context) == 1;
  }
  done = done && BN_from_montgomery(product, product, montgomery, context) == 1 &&
         ramp_write_words(product, table->modulus->count, result);
  if (entry != NULL) OPENSSL_cleanse(entry, size);
  free(entry);
  if (context != NULL) BN_CTX_end(context);
  BN_CTX_free(context);
  return done;
}
