// Fixed-point codes of real vectors, sums in a ring of 2^w elements, and their packing into bytes.
//
// Words are 32 or 64 bits wide; those of vectors have bits above w clear. No pointer needs more
// alignment than its type.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a real number becomes a code: y = clamp(x * factor, -clip, clip) / clip * half + shift is
/// rounded, and `base` is added. half, shift and base are such that codes run from 0 to below 2^32.
typedef struct {
  double factor, clip, half, shift, base;
} secagg_code;

/// out[i] = weight * code(x[i]) with random rounding: up where random[i] < 2^32 * the fraction.
/// Finite x only; the products must fit the words.
void secagg_encode_u32(
    const float *x, const uint32_t *random, size_t count, const secagg_code *code,
    uint32_t weight, uint32_t *out);
void secagg_encode_u64(
    const float *x, const uint32_t *random, size_t count, const secagg_code *code,
    uint64_t weight, uint64_t *out);

/// y[i] = (y[i] + x[i]) mod (mask + 1), and the difference.
void secagg_add_u32(uint32_t *y, const uint32_t *x, size_t count, uint32_t mask);
void secagg_add_u64(uint64_t *y, const uint64_t *x, size_t count, uint64_t mask);
void secagg_subtract_u32(uint32_t *y, const uint32_t *x, size_t count, uint32_t mask);
void secagg_subtract_u64(uint64_t *y, const uint64_t *x, size_t count, uint64_t mask);
/// y[i] &= mask
void secagg_reduce_u32(uint32_t *y, size_t count, uint32_t mask);
void secagg_reduce_u64(uint64_t *y, size_t count, uint64_t mask);

/// Writes the low `bits` bits of each word one after the other, least significant bit first, into
/// ceil(count * bits / 8) bytes; bits left over are 0. `out` must have room for 16 bytes more, which
/// are overwritten.
void secagg_pack_u32(const uint32_t *words, size_t count, unsigned bits, uint8_t *out);
void secagg_pack_u64(const uint64_t *words, size_t count, unsigned bits, uint8_t *out);
/// Reads them back; nothing beyond ceil(count * bits / 8) bytes is read.
void secagg_unpack_u32(const uint8_t *bytes, size_t count, unsigned bits, uint32_t *words);
void secagg_unpack_u64(const uint8_t *bytes, size_t count, unsigned bits, uint64_t *words);

/// mean[i] = (2 sum[i] - top) / top * clip for sums of codes up to `top` > 0, top < 2^63, the integers
/// exact up to the division. Returns the first i with sum[i] > top, or count.
size_t secagg_decode_u32(
    const uint32_t *sum, size_t count, uint64_t top, double clip, double *mean);
size_t secagg_decode_u64(
    const uint64_t *sum, size_t count, uint64_t top, double clip, double *mean);
