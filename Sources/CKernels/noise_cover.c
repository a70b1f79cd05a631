// Discrete normal noise from a cover of rectangles; see the header for what they compute.

#include "include/noise_cover.h"
#include "kernels_dispatch.h"

enum { BLOCK = 256 };

DISPATCHED size_t noise_cover_add(const uint64_t *restrict words, size_t count,
                                  const int32_t *restrict columns, uint32_t entries, uint32_t bias,
                                  uint32_t low_bits, int64_t *restrict sums,
                                  uint32_t *restrict open) {
  const uint64_t low_mask = ((uint64_t)1 << low_bits) - 1;
  size_t left_open = 0;
  uint8_t flags[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t width = count - start < BLOCK ? count - start : BLOCK;
    for (size_t i = 0; i < width; i++) {
      const uint64_t word = words[start + i];
      const uint64_t product = (word >> 32) * entries;
      const int64_t column = columns[product >> 32];
      const int64_t sign = -(int64_t)(word >> 31 & 1);
      const int64_t magnitude =
          (int64_t)((uint64_t)column << low_bits) | (int64_t)(word & low_mask);
      const int64_t is_open = -(int64_t)((column < 0) | ((uint32_t)product < bias));
      sums[start + i] += (magnitude ^ sign) & ~is_open;
      flags[i] = (uint8_t)is_open;
    }
    for (size_t i = width; i < BLOCK; i++) flags[i] = 0;
    for (size_t i = 0; i < BLOCK; i += 8) {
      uint64_t eight;
      __builtin_memcpy(&eight, flags + i, 8);
      while (eight != 0) {
        const unsigned bit = (unsigned)__builtin_ctzll(eight) & ~7u;
        open[left_open++] = (uint32_t)(start + i + bit / 8);
        eight &= ~((uint64_t)0xFF << bit);
      }
    }
  }
  return left_open;
}

// Philox4x32: two products of 32 bits a round, on as many blocks at a time as lanes hold.
DISPATCHED void noise_philox(uint64_t position, uint64_t stream, uint64_t key,
                             uint64_t *restrict out, size_t blocks) {
  typedef LANES(uint64_t, 8) lanes;
  const uint64_t low = 0xFFFFFFFF;
  for (size_t start = 0; start < blocks; start += 8) {
    lanes counter = {0, 1, 2, 3, 4, 5, 6, 7};
    counter += position + start;
    lanes x0 = counter & low, x1 = counter >> 32;
    lanes x2 = (lanes){} + (stream & low), x3 = (lanes){} + (stream >> 32);
    uint64_t k0 = key & low, k1 = key >> 32;
    for (int round = 0; round < 10; round++) {
      const lanes p0 = x0 * 0xD2511F53, p1 = x2 * 0xCD9E8D57;
      x0 = (p1 >> 32) ^ x1 ^ k0;
      x1 = p1 & low;
      x2 = (p0 >> 32) ^ x3 ^ k1;
      x3 = p0 & low;
      k0 = (k0 + 0x9E3779B9) & low;
      k1 = (k1 + 0xBB67AE85) & low;
    }
    const lanes first = x0 | x1 << 32, second = x2 | x3 << 32;
    const size_t width = blocks - start < 8 ? blocks - start : 8;
    if (width == 8) {
      typedef UNALIGNED_LANES(uint64_t, 8) stored;
      *(stored *)(out + 2 * start) =
          __builtin_shufflevector(first, second, 0, 8, 1, 9, 2, 10, 3, 11);
      *(stored *)(out + 2 * start + 8) =
          __builtin_shufflevector(first, second, 4, 12, 5, 13, 6, 14, 7, 15);
    } else {
      for (size_t i = 0; i < width; i++) {
        out[2 * (start + i)] = first[i];
        out[2 * (start + i) + 1] = second[i];
      }
    }
  }
}
