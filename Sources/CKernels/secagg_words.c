#include "secagg_words.h"

#include "kernels_dispatch.h"

#include <math.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "packed words are stored as they lie in memory: a little-endian machine is needed"
#endif

// MARK: Codes

// Adding 2^52 to an integer in [0, 2^52) leaves it in the low bits of the double.
#define CODES(WORD, NAME)                                                                          \
  DISPATCHED                                                                                       \
  void NAME(                                                                                       \
      const float *x, const uint32_t *random, size_t count, const secagg_code *code, WORD weight,  \
      WORD *out) {                                                                                 \
    _Pragma("clang fp contract(off)");                                                             \
    const double factor = code->factor, clip = code->clip, half = code->half;                      \
    const double shift = code->shift, base = code->base + 0x1p52;                                  \
    for (size_t i = 0; i < count; i++) {                                                           \
      double v = (double)x[i] * factor;                                                            \
      v = v > clip ? clip : v;                                                                     \
      v = v < -clip ? -clip : v;                                                                   \
      const double y = v / clip * half + shift;                                                    \
      const double whole = floor(y);                                                               \
      const double up = (y - whole) * 0x1p32 > (double)random[i] ? 1.0 : 0.0;                      \
      const double sum = (whole + up) + base;                                                      \
      uint64_t word;                                                                               \
      memcpy(&word, &sum, sizeof word);                                                            \
      out[i] = (WORD)(word & 0xFFFFFFFF) * weight;                                                 \
    }                                                                                              \
  }
CODES(uint32_t, secagg_encode_u32)
CODES(uint64_t, secagg_encode_u64)

#define DECODE(WORD, NAME)                                                                         \
  DISPATCHED                                                                                       \
  size_t NAME(const WORD *sum, size_t count, uint64_t top, double clip, double *mean) {           \
    const double divisor = (double)top;                                                            \
    size_t above = 0;                                                                              \
    for (size_t i = 0; i < count; i++) {                                                           \
      const uint64_t s = sum[i];                                                                   \
      above += s > top;                                                                            \
      mean[i] = (double)(int64_t)(s - (top - s)) / divisor * clip;                                 \
    }                                                                                              \
    if (above == 0) return count;                                                                  \
    size_t first = 0;                                                                              \
    while (sum[first] <= top) first++;                                                             \
    return first;                                                                                  \
  }
DECODE(uint32_t, secagg_decode_u32)
DECODE(uint64_t, secagg_decode_u64)

// MARK: The ring

#define RING(WORD, SUFFIX)                                                                         \
  DISPATCHED                                                                                       \
  void secagg_add_##SUFFIX(WORD *y, const WORD *x, size_t count, WORD mask) {                      \
    for (size_t i = 0; i < count; i++) y[i] = (y[i] + x[i]) & mask;                                \
  }                                                                                                \
  DISPATCHED                                                                                       \
  void secagg_subtract_##SUFFIX(WORD *y, const WORD *x, size_t count, WORD mask) {                 \
    for (size_t i = 0; i < count; i++) y[i] = (y[i] - x[i]) & mask;                                \
  }                                                                                                \
  DISPATCHED                                                                                       \
  void secagg_reduce_##SUFFIX(WORD *y, size_t count, WORD mask) {                                  \
    for (size_t i = 0; i < count; i++) y[i] &= mask;                                               \
  }
RING(uint32_t, u32)
RING(uint64_t, u64)

// MARK: Packing

// Whole bytes leave by a store of eight whose rest the next store overwrites; fewer than eight bits
// wait in `held`, so a word of up to 56 bits always finds room.
#define PACK(WORD, HELD, NAME)                                                                     \
  static void NAME(const WORD *words, size_t count, unsigned bits, uint8_t *out) {                 \
    HELD held = 0;                                                                                 \
    unsigned waiting = 0;                                                                          \
    const WORD mask = (WORD)(~(WORD)0 >> (8 * sizeof(WORD) - bits));                               \
    for (size_t i = 0; i < count; i++) {                                                           \
      held |= (HELD)(words[i] & mask) << waiting;                                                  \
      memcpy(out, &held, sizeof held);                                                             \
      waiting += bits;                                                                             \
      out += waiting >> 3;                                                                         \
      held >>= waiting & ~7u;                                                                      \
      waiting &= 7;                                                                                \
    }                                                                                              \
    if (waiting > 0) *out = (uint8_t)held;                                                         \
  }
PACK(uint32_t, uint64_t, pack_narrow)
PACK(uint64_t, uint64_t, pack_wide)
PACK(uint64_t, unsigned __int128, pack_widest)

void secagg_pack_u32(const uint32_t *words, size_t count, unsigned bits, uint8_t *out) {
  if (bits == 32) {
    memcpy(out, words, count * sizeof *words);
  } else if (bits == 24) {
    for (size_t i = 0; i < count; i++) memcpy(out + 3 * i, words + i, 4);
  } else {
    pack_narrow(words, count, bits, out);
  }
}

void secagg_pack_u64(const uint64_t *words, size_t count, unsigned bits, uint8_t *out) {
  if (bits <= 56) {
    pack_wide(words, count, bits, out);
  } else {
    pack_widest(words, count, bits, out);
  }
}

// How many leading words can be read by loads of nine bytes that stay inside the packed bytes.
static size_t inner(size_t count, unsigned bits) {
  const size_t edge = 128 / bits + 2;
  return count > edge ? count - edge : 0;
}

// The word at a bit, by single bytes.
static uint64_t word_at(const uint8_t *bytes, size_t bit, unsigned bits) {
  uint64_t word = 0;
  for (unsigned done = 0; done < bits;) {
    const size_t at = bit + done;
    const unsigned offset = at & 7;
    const unsigned taken = 8 - offset < bits - done ? 8 - offset : bits - done;
    word |= (uint64_t)(bytes[at >> 3] >> offset & ((1u << taken) - 1)) << done;
    done += taken;
  }
  return word;
}

DISPATCHED
void secagg_unpack_u32(const uint8_t *bytes, size_t count, unsigned bits, uint32_t *words) {
  if (bits == 32) {
    memcpy(words, bytes, count * sizeof *words);
    return;
  }
  const uint32_t mask = ~(uint32_t)0 >> (32 - bits);
  const size_t whole = inner(count, bits);
  for (size_t i = 0; i < whole; i++) {
    const size_t bit = i * bits;
    uint64_t loaded;
    memcpy(&loaded, bytes + (bit >> 3), sizeof loaded);
    words[i] = (uint32_t)(loaded >> (bit & 7)) & mask;
  }
  for (size_t i = whole; i < count; i++) words[i] = (uint32_t)word_at(bytes, i * bits, bits);
}

DISPATCHED
void secagg_unpack_u64(const uint8_t *bytes, size_t count, unsigned bits, uint64_t *words) {
  const uint64_t mask = ~(uint64_t)0 >> (64 - bits);
  const size_t whole = inner(count, bits);
  for (size_t i = 0; i < whole; i++) {
    const size_t bit = i * bits;
    const unsigned offset = bit & 7;
    uint64_t loaded;
    memcpy(&loaded, bytes + (bit >> 3), sizeof loaded);
    const uint64_t ninth = bytes[(bit >> 3) + 8];
    words[i] = (loaded >> offset | ninth << 1 << (63 - offset)) & mask;
  }
  for (size_t i = whole; i < count; i++) words[i] = word_at(bytes, i * bits, bits);
}
