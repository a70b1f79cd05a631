#pragma once
#include <stddef.h>
#include <stdint.h>

// Discrete normal noise by rejection from rectangles of one size that cover half a bell curve. Each
// value is worked on by itself, so that any vector width gives equal bits; no function allocates or
// keeps state.

// Adds to each sum what its random word says, where the word alone says it; writes the positions of
// the others to `open` (room for `count`), in order, and returns their number.
//
// The upper half of a word times `entries` picks the rectangle: the upper half of the product, unless
// its lower half is below `bias`, 2^32 modulo `entries`. columns[rectangle] is how many widths of
// 2^low_bits it is from the middle, negative if it does not lie below the curve wholly. The low bits,
// at most 31, are the place in the rectangle, and bit 31 mirrors x to -1 - x.
size_t noise_cover_add(const uint64_t *words, size_t count, const int32_t *columns,
                       uint32_t entries, uint32_t bias, uint32_t low_bits, int64_t *sums,
                       uint32_t *open);

// Blocks of Philox4x32-10, two words each, at the counters (position + i, stream).
void noise_philox(uint64_t position, uint64_t stream, uint64_t key, uint64_t *out, size_t blocks);
