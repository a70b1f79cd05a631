// The part of GMP this package uses, as plain functions: no macros, no variadics.
//
// Out of memory: GMP has no way to report it. A failed allocation inside GMP prints "GNU MP: Cannot
// allocate memory" and aborts the process, and so do the functions here; a number too large for GMP's
// size field aborts in the same way. Callers bound the sizes of what comes from outside.
//
// Results may be the same object as operands. No function checks its arguments.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// GMP's version, such as "6.2.1".
const char *ramp_gmp_version(void);

/// An integer of any size.
typedef struct ramp_mpz ramp_mpz;

/// A new integer, 0. Never NULL.
ramp_mpz *ramp_mpz_new(void);
/// Overwrites the integer's memory with zeros, then frees it.
void ramp_mpz_free(ramp_mpz *x);

/// x = the magnitude in `words`, least significant first, negative if `negative`.
void ramp_mpz_set_words(ramp_mpz *x, const uint64_t *words, size_t count, int negative);
/// How many 64-bit words the magnitude has; 0 for 0.
size_t ramp_mpz_word_count(const ramp_mpz *x);
/// Writes those words, least significant first.
void ramp_mpz_get_words(const ramp_mpz *x, uint64_t *words);
/// x = the magnitude in `bytes`, most significant first.
void ramp_mpz_set_bytes(ramp_mpz *x, const uint8_t *bytes, size_t count);
/// How many bytes the magnitude has; 0 for 0.
size_t ramp_mpz_byte_count(const ramp_mpz *x);
/// Writes those bytes, most significant first.
void ramp_mpz_get_bytes(const ramp_mpz *x, uint8_t *bytes);
/// x = the number in `text`, digits of `radix` after an optional minus; 1 on success.
int ramp_mpz_set_text(ramp_mpz *x, const char *text, int radix);
/// An upper bound of the characters `ramp_mpz_get_text` writes, its final zero included.
size_t ramp_mpz_text_size(const ramp_mpz *x, int radix);
/// Writes the number, in lower case.
void ramp_mpz_get_text(const ramp_mpz *x, char *text, int radix);

/// -1, 0 or 1.
int ramp_mpz_sign(const ramp_mpz *x);
/// Negative, 0 or positive as a is below, equal to or above b.
int ramp_mpz_compare(const ramp_mpz *a, const ramp_mpz *b);
/// Bits of the magnitude; 0 for 0.
size_t ramp_mpz_bit_count(const ramp_mpz *x);
/// Zero bits below the lowest one; x is not 0.
size_t ramp_mpz_trailing_zeros(const ramp_mpz *x);

void ramp_mpz_negate(ramp_mpz *r, const ramp_mpz *a);
void ramp_mpz_add(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
void ramp_mpz_subtract(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
void ramp_mpz_multiply(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
/// a = q b + r with the quotient rounded towards 0; b is not 0, q is not r.
void ramp_mpz_divide_truncating(ramp_mpz *q, ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
/// a = q b + r with 0 <= r < |b|; b is not 0, q is not r.
void ramp_mpz_divide_euclidean(ramp_mpz *q, ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
/// r = a 2^bits.
void ramp_mpz_shift_left(ramp_mpz *r, const ramp_mpz *a, size_t bits);
/// r = floor(a / 2^bits).
void ramp_mpz_shift_right(ramp_mpz *r, const ramp_mpz *a, size_t bits);
/// The non-negative greatest common divisor; gcd(0, 0) = 0.
void ramp_mpz_gcd(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);
/// r = a^exponent; 0^0 = 1.
void ramp_mpz_power(ramp_mpz *r, const ramp_mpz *a, size_t exponent);
/// r = floor(sqrt(a)); a is not negative.
void ramp_mpz_square_root(ramp_mpz *r, const ramp_mpz *a);

/// r = a^exponent mod b, 0 <= r < b, for numbers that are public; b is positive, the exponent not
/// negative.
void ramp_mpz_power_modulo(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *exponent,
                           const ramp_mpz *b);
/// r = the inverse of a modulo b, 0 <= r < b; 1 if there is one, otherwise 0 and r is undefined.
int ramp_mpz_invert(ramp_mpz *r, const ramp_mpz *a, const ramp_mpz *b);

// Numbers that are secret: words, least significant first, as many as said. GMP's functions for
// cryptography (its manual, 8.1): time and addresses depend on the counts alone. What they need in
// between is zeroed. Results overlap no operand unless said otherwise.

/// result = a b, a_count + b_count words; a_count and b_count are at least 1.
void ramp_secret_multiply(uint64_t *result, const uint64_t *a, size_t a_count, const uint64_t *b,
                          size_t b_count);
/// a = quotient divisor + remainder: count - divisor_count + 1 and divisor_count words. The
/// divisor's last word is not zero (its leading zero bits are told), count >= divisor_count. Either
/// result may be NULL.
void ramp_secret_divide(uint64_t *quotient, uint64_t *remainder, const uint64_t *a, size_t count,
                        const uint64_t *divisor, size_t divisor_count);
/// result = a + b; the carry. Operands may be the result.
uint64_t ramp_secret_add(uint64_t *result, const uint64_t *a, const uint64_t *b, size_t count);
/// result = a - b modulo 2^(64 count); the borrow. Operands may be the result.
uint64_t ramp_secret_subtract(uint64_t *result, const uint64_t *a, const uint64_t *b, size_t count);
/// Adds b to a if `condition` is 1, nothing if it is 0.
void ramp_secret_add_if(uint64_t condition, uint64_t *a, const uint64_t *b, size_t count);
/// result = the inverse of a modulo an odd m, for a below m; 1 if there is one.
int ramp_secret_invert(uint64_t *result, const uint64_t *a, const uint64_t *m, size_t count);
