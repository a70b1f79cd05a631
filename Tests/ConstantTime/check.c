// Code that handles secrets, run with the secrets marked undefined: memcheck then reports every branch
// and every address that depends on one. Built and judged by `check` beside this file; without
// valgrind it only runs.
#include "CGMP.h"
#include "CMontgomery.h"
#include "COpenSSL.h"
#include "CPairings.h"
#include "secagg_words.h"
#include "sharing_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define SECRET(memory, count) (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, count)
#define PUBLIC(memory, count) (void)VALGRIND_MAKE_MEM_DEFINED(memory, count)

static uint64_t state = 1;
static void fill(uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    bytes[i] = (uint8_t)(state >> 56);
  }
}

enum { THRESHOLD = 5, COUNT = 8 };

static void field(void) {
  uint8_t bytes[32], other[32], out[32];
  fill(bytes, 32);
  fill(other, 32);
  SECRET(bytes, 32);
  SECRET(other, 32);
  ramp_field25519 a, b;
  int is_canonical = ramp_field25519_read(bytes, &a) + ramp_field25519_read(other, &b);
  ramp_field25519_write(ramp_field25519_add(a, b), out);
  ramp_field25519_write(ramp_field25519_subtract(a, b), out);
  ramp_field25519_write(ramp_field25519_multiply(a, b), out);
  ramp_field25519_write(ramp_field25519_invert(a), out);
  // Whether a number is below the prime is what reading it tells.
  PUBLIC(&is_canonical, sizeof is_canonical);
  printf("%s", is_canonical == 3 ? "?" : "");
}

static void sharing(void) {
  uint8_t coefficients[32 * THRESHOLD], shares[32 * COUNT], weights[32 * THRESHOLD], rebuilt[32];
  uint32_t points[COUNT];
  fill(coefficients, sizeof coefficients);
  for (int k = 0; k < THRESHOLD; k++) coefficients[32 * k + 31] &= 0x7f;
  for (uint32_t i = 0; i < COUNT; i++) points[i] = 3 * i + 1;
  SECRET(coefficients, sizeof coefficients);
  ramp_sharing_evaluate(coefficients, THRESHOLD, points, COUNT, shares);
  if (!ramp_sharing_weights(points, THRESHOLD, weights)) exit(2);
  ramp_sharing_combine(weights, shares, THRESHOLD, rebuilt);
  int is_equal = ramp_equal(rebuilt, coefficients, 32);
  PUBLIC(&is_equal, sizeof is_equal);
  if (!is_equal) {
    puts("five shares do not rebuild the secret");
    exit(2);
  }
}

static void primitives(void) {
  uint8_t key[32], message[100], out[200], code[32];
  const uint8_t nonce[12] = {1}, data[5] = {2};
  fill(key, sizeof key);
  fill(message, sizeof message);
  SECRET(key, sizeof key);
  SECRET(message, sizeof message);
  if (ramp_hmac_sha256(key, 32, message, sizeof message, code) != 1) exit(2);
  if (ramp_hkdf_extract(data, sizeof data, key, 32, code) != 1) exit(2);
  if (ramp_hkdf_expand(code, data, sizeof data, out, 77) != 1) exit(2);
  ramp_sha256 *hasher = ramp_sha256_new();
  if (hasher == NULL || ramp_sha256_update(hasher, message, sizeof message) != 1) exit(2);
  if (ramp_sha256_final(hasher, code) != 1) exit(2);
  ramp_sha256_free(hasher);
  if (ramp_gcm_seal(key, nonce, data, sizeof data, message, sizeof message, out) != 1) exit(2);
  PUBLIC(out, sizeof message + 16);
  // Whether a tag is right is what opening tells; OpenSSL declares nothing, so that the key is public
  // to memcheck here.
  PUBLIC(key, sizeof key);
  if (ramp_gcm_open(key, nonce, data, sizeof data, out, sizeof message, out) != 1) exit(2);
}

static void curves(void) {
  uint8_t seed[32], public_key[32], shared[32], signature[64];
  fill(seed, sizeof seed);
  SECRET(seed, sizeof seed);
  ramp_private_key *key = ramp_x25519_new(seed);
  if (key == NULL || ramp_private_key_public(key, public_key) != 1) exit(2);
  PUBLIC(public_key, sizeof public_key);
  const int result = ramp_x25519_agree(key, public_key, shared);
  ramp_private_key_free(key);
  ramp_private_key *signer = ramp_ed25519_new(seed);
  if (signer == NULL || ramp_ed25519_sign(signer, public_key, 32, signature) != 1) exit(2);
  ramp_private_key_free(signer);
  (void)result;
}

static void masks(void) {
  uint8_t seeds[3][32];
  const uint8_t *addresses[3] = {seeds[0], seeds[1], seeds[2]};
  const uint8_t signs[3] = {1, 0, 1};
  static uint32_t narrow[5001];
  static uint64_t wide[5001];
  fill(seeds[0], sizeof seeds);
  SECRET(seeds, sizeof seeds);
  SECRET(narrow, sizeof narrow);
  SECRET(wide, sizeof wide);
  if (ramp_mask_add32(addresses, signs, 3, 3, narrow, 5001, 23) != 1) exit(2);
  if (ramp_mask_add64(addresses, signs, 3, 3, wide, 5001, 51) != 1) exit(2);
  if (ramp_mask_add32_parallel(addresses, signs, 3, 0, narrow, 5001, 32, 2) != 1) exit(2);
  if (ramp_mask_add64_parallel(addresses, signs, 3, 0, wide, 5001, 63, 2) != 1) exit(2);
  if (ramp_mask_stream(seeds[0], 5, (uint8_t *)narrow, 99) != 1) exit(2);
}

/// A client's vector, its weight and its random rounding until they are masked: codes, sums, bytes.
static void encoding(void) {
  enum { D = 1003 };
  static float vector[D];
  static uint32_t random[D], narrow[D], more[D];
  static uint64_t wide[D], others[D];
  static uint8_t packed[8 * D + 16];
  for (int i = 0; i < D; i++) vector[i] = (float)(i - 500) / 100;
  fill((uint8_t *)random, sizeof random);
  uint32_t weight = 7;
  SECRET(vector, sizeof vector);
  SECRET(random, sizeof random);
  SECRET(&weight, sizeof weight);
  const secagg_code code = {.factor = 1, .clip = 4, .half = 32767, .shift = 0, .base = 32767};
  secagg_encode_u32(vector, random, D, &code, weight, narrow);
  secagg_encode_u64(vector, random, D, &code, weight, wide);
  memcpy(more, narrow, sizeof more);
  memcpy(others, wide, sizeof others);
  secagg_add_u32(narrow, more, D, 0xFFFFFF);
  secagg_add_u64(wide, others, D, 0xFFFFFFFFFF);
  secagg_subtract_u32(narrow, more, D, 0xFFFFFF);
  secagg_subtract_u64(wide, others, D, 0xFFFFFFFFFF);
  secagg_reduce_u32(narrow, D, 0x7FFFFF);
  secagg_reduce_u64(wide, D, 0x7FFFFFFFFF);
  for (unsigned bits = 23; bits <= 32; bits += 1) secagg_pack_u32(narrow, D, bits, packed);
  secagg_pack_u64(wide, D, 39, packed);
  secagg_pack_u64(wide, D, 63, packed);
}

/// Words of a factor of a key of 2048 bits, and of its square: BN has ways of its own for narrower
/// numbers.
enum { SMALL = 16, WIDE = 32 };

static ramp_modulus *square_of(const uint64_t *p, uint64_t *square) {
  ramp_secret_multiply(square, p, SMALL, p, SMALL);
  return ramp_modulus_new(square, WIDE);
}

static void random_words(uint64_t *words, size_t count) { fill((uint8_t *)words, 8 * count); }

/// A power of a base that is secret as well: BN compares it with the modulus, which it is below, from
/// the first word on. The exception in told.supp is for this call alone.
__attribute__((noinline)) static void power_of_secret_base(const ramp_modulus *modulus,
                                                           const uint64_t *base,
                                                           const uint64_t *exponent, size_t count) {
  uint64_t result[WIDE];
  if (!ramp_modulus_power(modulus, base, exponent, count, result)) exit(2);
}

/// Decryption modulo one p^2: the steps of PrimePower.swift, p and all that comes from it secret.
static void decryption(void) {
  uint64_t p[SMALL], square[WIDE], scale[WIDE], factors[2 * WIDE], ciphertext[2 * WIDE], one[WIDE];
  uint64_t residue[WIDE], quotient[SMALL + 1], message[SMALL], product[WIDE], inverse[SMALL];
  // 2^1024 - 105, a prime.
  memset(p, 0xff, sizeof p);
  p[0] -= 104;
  memset(one, 0, sizeof one);
  one[0] = 1;
  random_words(ciphertext, 2 * WIDE);
  random_words(scale, WIDE);
  random_words(inverse, SMALL);
  scale[WIDE - 1] >>= 1;
  inverse[SMALL - 1] >>= 1;
  // Making a key may tell things of it; using it may not.
  ramp_modulus *modulus = square_of(p, square);
  if (modulus == NULL || !ramp_modulus_reduction(modulus, scale, 2, factors)) exit(2);
  SECRET(p, sizeof p);
  SECRET(factors, sizeof factors);
  SECRET(inverse, sizeof inverse);
  if (!ramp_modulus_reduce(modulus, factors, 2, ciphertext, 2 * WIDE, residue)) exit(2);
  uint64_t exponent[SMALL];
  ramp_secret_subtract(exponent, p, one, SMALL);
  // The words of the exponent are as many as those of p.
  PUBLIC(&exponent[SMALL - 1], 8);
  power_of_secret_base(modulus, residue, exponent, SMALL);
  PUBLIC(residue, sizeof residue);
  if (!ramp_modulus_power(modulus, residue, exponent, SMALL, residue)) exit(2);
  SECRET(residue, sizeof residue);
  ramp_secret_subtract(residue, residue, one, WIDE);
  // The leading zero bits of p are public.
  PUBLIC(&p[SMALL - 1], 8);
  ramp_secret_divide(quotient, NULL, residue, WIDE, p, SMALL);
  ramp_secret_multiply(product, quotient, SMALL, inverse, SMALL);
  ramp_secret_divide(NULL, message, product, WIDE, p, SMALL);
  const uint64_t borrow = ramp_secret_subtract(message, message, inverse, SMALL);
  ramp_secret_add_if(borrow, message, p, SMALL);
  ramp_modulus_free(modulus);
}

/// Encryption: a table's power of a secret exponent, and the product with 1 + m n of a secret m.
static void encryption(void) {
  uint64_t n[SMALL], square[WIDE], base[WIDE], exponent[4], power[WIDE], message[SMALL];
  uint64_t residue[SMALL], product[WIDE];
  random_words(n, SMALL);
  n[0] |= 1;
  n[SMALL - 1] |= (uint64_t)1 << 63;
  random_words(base, WIDE);
  base[WIDE - 1] >>= 3;
  random_words(exponent, 4);
  memset(message, 0, sizeof message);
  message[0] = 5;
  ramp_modulus *modulus = square_of(n, square);
  ramp_fixed_base *table = modulus ? ramp_fixed_base_new(modulus, base, 256, 6) : NULL;
  if (table == NULL) exit(2);
  SECRET(exponent, sizeof exponent);
  SECRET(message, sizeof message);
  if (!ramp_fixed_base_power(table, exponent, power)) exit(2);
  // Without tables.
  PUBLIC(&exponent[3], 8);
  if (!ramp_modulus_power(modulus, base, exponent, 4, product)) exit(2);
  SECRET(power, sizeof power);
  ramp_secret_divide(NULL, residue, power, WIDE, n, SMALL);
  ramp_secret_multiply(product, residue, SMALL, message, SMALL);
  ramp_secret_divide(NULL, residue, product, WIDE, n, SMALL);
  ramp_secret_multiply(product, n, SMALL, residue, SMALL);
  const uint64_t borrow = ramp_secret_subtract(product, power, product, WIDE);
  ramp_secret_add_if(borrow, product, square, WIDE);
  ramp_fixed_base_free(table);
  ramp_modulus_free(modulus);
}

/// A partial decryption: powers of public numbers by a share and by a proof's nonce, and the response
/// nonce + challenge share.
static void partial(void) {
  enum { CHALLENGE = 4, RESPONSE = WIDE + CHALLENGE + 2 };
  uint64_t n[SMALL], square[WIDE], base[WIDE], share[WIDE], nonce[RESPONSE], power[WIDE];
  uint64_t challenge[CHALLENGE], product[RESPONSE] = {0};
  random_words(n, SMALL);
  n[0] |= 1;
  n[SMALL - 1] |= (uint64_t)1 << 63;
  random_words(base, WIDE);
  base[WIDE - 1] >>= 3;
  random_words(share, WIDE);
  random_words(nonce, RESPONSE);
  random_words(challenge, CHALLENGE);
  ramp_modulus *modulus = square_of(n, square);
  if (modulus == NULL) exit(2);
  SECRET(share, sizeof share);
  SECRET(nonce, sizeof nonce);
  // The words of exponents are public: the last ones of uniform numbers are not zero.
  PUBLIC(&share[WIDE - 1], 8);
  PUBLIC(&nonce[RESPONSE - 1], 8);
  if (!ramp_modulus_power(modulus, base, share, WIDE, power)) exit(2);
  if (!ramp_modulus_power(modulus, base, nonce, RESPONSE, power)) exit(2);
  SECRET(&share[WIDE - 1], 8);
  SECRET(&nonce[RESPONSE - 1], 8);
  ramp_secret_multiply(product, share, WIDE, challenge, CHALLENGE);
  ramp_secret_add(product, nonce, product, RESPONSE);
  ramp_modulus_free(modulus);
}

/// Secret scalars, and the points and elements that come of them, until they are encoded.
static void pairing_scalars(void) {
  uint8_t bytes[64], text[192];
  ramp_scalar a, b;
  fill(bytes, sizeof bytes);
  SECRET(bytes, sizeof bytes);
  ramp_scalar_reduce(bytes, &a);
  bytes[0] = 0;
  int is_canonical = ramp_scalar_read(bytes, &b);
  ramp_scalar_sum(&b, &a, &b);
  ramp_scalar_difference(&b, &b, &a);
  ramp_scalar_product(&b, &a, &b);
  ramp_scalar_inverse(&b, &b);
  ramp_scalar_write(&b, text);
  PUBLIC(&is_canonical, sizeof is_canonical);
  ramp_g1 p;
  ramp_g1_affine p_affine;
  ramp_g1_generator(&p);
  static ramp_g1_affine comb1[RAMP_COMB_ENTRIES];
  if (!ramp_g1_comb(&p, comb1)) exit(2);
  ramp_g1 q;
  ramp_g1_multiply_comb(comb1, &a, &q);
  ramp_g1_multiply(&p, &p, &b);
  ramp_g1_add(&p, &p, &q);
  ramp_g1_double(&p, &p);
  ramp_g1_negate(&p, &p);
  int is_equal = ramp_g1_equal(&p, &q) + ramp_g1_is_infinity(&p);
  ramp_g1_normalize(&p_affine, &p, 1);
  ramp_g1_encode(&p_affine, 1, text);
  ramp_g1_encode(&p_affine, 0, text);
  ramp_g2 r, s;
  ramp_g2_affine r_affine;
  ramp_g2_generator(&r);
  static ramp_g2_affine comb2[RAMP_COMB_ENTRIES];
  if (!ramp_g2_comb(&r, comb2)) exit(2);
  ramp_g2_multiply_comb(comb2, &a, &s);
  ramp_g2_multiply(&r, &r, &b);
  ramp_g2_add(&r, &r, &s);
  ramp_g2_double(&r, &r);
  ramp_g2_negate(&r, &r);
  is_equal += ramp_g2_equal(&r, &s) + ramp_g2_is_infinity(&r);
  ramp_g2_normalize(&r_affine, &r, 1);
  ramp_g2_encode(&r_affine, 1, text);
  ramp_g2_encode(&r_affine, 0, text);
  // Whether infinity is in a pair is told by the caller; the loop and the power tell nothing.
  static ramp_fp2 lines[RAMP_LINE_COEFFICIENTS];
  ramp_fp12 f, g;
  ramp_g2_prepare(&r_affine, lines);
  ramp_miller_loop(&p_affine, lines, 1, &f);
  ramp_final_power(&f, &g);
  ramp_gt_power(&f, &g, &a);
  ramp_fp12_product(&f, &f, &g);
  ramp_gt_inverse(&f, &f);
  ramp_gt_square(&f, &f);
  is_equal += ramp_fp12_equal(&f, &g);
  PUBLIC(&is_equal, sizeof is_equal);
  printf("%s", is_equal + is_canonical == 5 ? "?" : "");
}

static void pairing(void) {
  for (int allowed = 0; allowed <= 1; allowed++) {
    ramp_pairing_allow_acceleration(allowed);
    pairing_scalars();
  }
}

/// What must be reported, or the marks above mean nothing.
static void leak(void) {
  static const uint8_t table[256] = {1};
  uint8_t secret[1];
  fill(secret, 1);
  SECRET(secret, 1);
  if (secret[0] & 1) putchar(table[secret[0]] ? ' ' : '.');
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "";
  if (strcmp(what, "field") == 0) field();
  if (strcmp(what, "sharing") == 0) sharing();
  if (strcmp(what, "primitives") == 0) primitives();
  if (strcmp(what, "curves") == 0) curves();
  if (strcmp(what, "masks") == 0) masks();
  if (strcmp(what, "encoding") == 0) encoding();
  if (strcmp(what, "decryption") == 0) decryption();
  if (strcmp(what, "encryption") == 0) encryption();
  if (strcmp(what, "partial") == 0) partial();
  if (strcmp(what, "pairing") == 0) pairing();
  if (strcmp(what, "leak") == 0) leak();
  return 0;
}
