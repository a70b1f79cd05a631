#include "CGMP.h"

#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t) && GMP_NUMB_BITS == 64, "limbs are words");

/// `count` words to work in. At least one, so that NULL means that memory is short.
static mp_limb_t *new_words(size_t count) {
  mp_limb_t *words = malloc((count + 1) * sizeof *words);
  if (words == NULL) {
    fputs("GNU MP: Cannot allocate memory\n", stderr);
    abort();
  }
  return words;
}

static void free_words(mp_limb_t *words, size_t count) {
  // Through a volatile pointer: the stores are not removed as dead.
  volatile mp_limb_t *volatile_words = words;
  for (size_t i = 0; i < count; i++) volatile_words[i] = 0;
  free(words);
}

static mp_limb_t *limbs(uint64_t *words) { return (mp_limb_t *)words; }
static const mp_limb_t *const_limbs(const uint64_t *words) { return (const mp_limb_t *)words; }

void ramp_secret_multiply(uint64_t *result, const uint64_t *a, size_t a_count, const uint64_t *b,
                          size_t b_count) {
  if (a_count < b_count) {
    ramp_secret_multiply(result, b, b_count, a, a_count);
    return;
  }
  const size_t scratch_count = mpn_sec_mul_itch(a_count, b_count);
  mp_limb_t *scratch = new_words(scratch_count);
  mpn_sec_mul(limbs(result), const_limbs(a), a_count, const_limbs(b), b_count, scratch);
  free_words(scratch, scratch_count);
}

void ramp_secret_divide(uint64_t *quotient, uint64_t *remainder, const uint64_t *a, size_t count,
                        const uint64_t *divisor, size_t divisor_count) {
  const size_t rest_count = mpn_sec_div_qr_itch(count, divisor_count);
  const size_t simple_count = mpn_sec_div_r_itch(count, divisor_count);
  const size_t scratch_count = quotient != NULL ? rest_count : simple_count;
  mp_limb_t *scratch = new_words(scratch_count), *work = new_words(count);
  memcpy(work, a, count * sizeof *work);
  if (quotient != NULL) {
    quotient[count - divisor_count] =
        mpn_sec_div_qr(limbs(quotient), work, count, const_limbs(divisor), divisor_count, scratch);
  } else {
    mpn_sec_div_r(work, count, const_limbs(divisor), divisor_count, scratch);
  }
  if (remainder != NULL) memcpy(remainder, work, divisor_count * sizeof *work);
  free_words(scratch, scratch_count);
  free_words(work, count);
}

uint64_t ramp_secret_add(uint64_t *result, const uint64_t *a, const uint64_t *b, size_t count) {
  return mpn_add_n(limbs(result), const_limbs(a), const_limbs(b), count);
}

uint64_t ramp_secret_subtract(uint64_t *result, const uint64_t *a, const uint64_t *b,
                              size_t count) {
  return mpn_sub_n(limbs(result), const_limbs(a), const_limbs(b), count);
}

void ramp_secret_add_if(uint64_t condition, uint64_t *a, const uint64_t *b, size_t count) {
  mpn_cnd_add_n(condition, limbs(a), const_limbs(a), const_limbs(b), count);
}

int ramp_secret_invert(uint64_t *result, const uint64_t *a, const uint64_t *m, size_t count) {
  const size_t scratch_count = mpn_sec_invert_itch(count);
  mp_limb_t *scratch = new_words(scratch_count), *work = new_words(count);
  memcpy(work, a, count * sizeof *work);
  // So many bits are enough for any operands of this width.
  const int exists =
      mpn_sec_invert(limbs(result), work, const_limbs(m), count, 2 * 64 * count, scratch);
  free_words(scratch, scratch_count);
  free_words(work, count);
  return exists;
}
