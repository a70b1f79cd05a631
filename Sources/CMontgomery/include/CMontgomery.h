// The arithmetic of OpenSSL's BN library this package uses, on numbers of fixed width.
//
// Numbers are words, least significant first; `count` words each unless said otherwise. Functions
// return 1 on success and 0 if memory is short. "In constant time" means a time and a sequence of
// addresses that depend on widths alone, with one exception no caller can bring about: BN leaves
// out leading zero words, which a number that is uniform below a modulus has with probability
// 2^-64. Callers see to it that secrets are uniform where they enter.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// An odd modulus with what Montgomery products need; never changed, so that threads may share it.
typedef struct ramp_modulus ramp_modulus;

/// A modulus that is odd, above 1, and whose last word is not zero; NULL if memory is short.
ramp_modulus *ramp_modulus_new(const uint64_t *words, size_t count);
/// Zeroes and frees the modulus; NULL is allowed.
void ramp_modulus_free(ramp_modulus *modulus);

/// result = a b mod N, for a and b below N, in constant time.
int ramp_modulus_multiply(const ramp_modulus *modulus, const uint64_t *a, const uint64_t *b,
                          uint64_t *result);
/// result = base^exponent mod N, for a base below N, in constant time (BN_mod_exp_mont_consttime).
int ramp_modulus_power(const ramp_modulus *modulus, const uint64_t *base, const uint64_t *exponent,
                       size_t exponent_count, uint64_t *result);
/// factors = scale R, scale R^2, ... mod N with R = 2^(64 count), `parts` of them: what
/// `ramp_modulus_reduce` takes.
int ramp_modulus_reduction(const ramp_modulus *modulus, const uint64_t *scale, size_t parts,
                           uint64_t *factors);
/// result = wide scale mod N for a number of at most `parts` * count words, in constant time: each
/// part of count words is multiplied by its factor, nothing is divided.
int ramp_modulus_reduce(const ramp_modulus *modulus, const uint64_t *factors, size_t parts,
                        const uint64_t *wide, size_t wide_count, uint64_t *result);

/// Tables of the powers of one base: base^(digit 2^(window i)) for every digit and place i.
typedef struct ramp_fixed_base ramp_fixed_base;

/// The tables of a base below N for exponents of at most `bits` bits, cut into digits of `window`
/// bits (1...8); ceil(bits / window) 2^window numbers. The modulus must outlive the tables. NULL if
/// memory is short.
ramp_fixed_base *ramp_fixed_base_new(const ramp_modulus *modulus, const uint64_t *base,
                                     size_t bits, unsigned window);
/// Zeroes and frees the tables; NULL is allowed.
void ramp_fixed_base_free(ramp_fixed_base *table);
/// result = base^exponent mod N in constant time: every entry of a place is read, whatever its
/// digit. The exponent has ceil(bits / 64) words and at most `bits` bits.
int ramp_fixed_base_power(const ramp_fixed_base *table, const uint64_t *exponent, uint64_t *result);

/// Whether a number above 1 is prime, by BN_check_prime: 64 rounds of Miller and Rabin with random
/// bases, 128 for numbers above 2048 bits. 1 or 0, -1 if memory or randomness is short.
int ramp_is_prime(const uint64_t *words, size_t count);
/// result = gcd(a, b), in a time that depends on widths alone (BN_gcd, after Bernstein and Yang).
int ramp_gcd(const uint64_t *a, const uint64_t *b, size_t count, uint64_t *result);
/// Overwrites words with zeros; the compiler cannot leave it out.
void ramp_clear_words(uint64_t *words, size_t count);
