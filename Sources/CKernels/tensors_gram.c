#include "tensors_gram.h"

#include "kernels_dispatch.h"

typedef UNALIGNED_LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

// Columns packed at a time: the pack of 50 rows stays in the second-level cache, the three rows of
// a tile's left side in the first.
#define BLOCK 128
#define LOAD(p) __builtin_convertvector(*(const floats *)(p), doubles)

// Tiles of 2 x 3 rows: twelve AVX2 or six AVX-512 accumulators.
#define TILE_ROWS 2
#define TILE_COLUMNS 3

size_t tensors_gram_padded_rows(size_t count) { return (count + 1 + 5) / 6 * 6; }

size_t tensors_gram_pack_size(size_t count) { return tensors_gram_padded_rows(count) * BLOCK; }

DISPATCHED
void tensors_gram_add(
    const float *const *rows, size_t count, const float *center, size_t begin, size_t end,
    double *sums, double *pack) {
  const size_t padded = tensors_gram_padded_rows(count);
  for (size_t k = count + 1; k < padded; k++) {
    for (size_t j = 0; j < BLOCK; j++) pack[k * BLOCK + j] = 0;
  }
  for (size_t start = begin; start < end; start += BLOCK) {
    const size_t width = end - start < BLOCK ? end - start : BLOCK;
    const size_t vectors = (width + 7) / 8;
    double *packed_center = pack + count * BLOCK;
    for (size_t j = 0; j < width; j++) packed_center[j] = center[start + j];
    for (size_t k = 0; k < count; k++) {
      double *z = pack + k * BLOCK;
      const float *x = rows[k] + start;
      size_t j = 0;
      for (; j + 8 <= width; j += 8) {
        *(doubles *)(z + j) = LOAD(x + j) - *(const doubles *)(packed_center + j);
      }
      for (; j < width; j++) z[j] = (double)x[j] - packed_center[j];
    }
    if (width % 8 != 0) {
      for (size_t k = 0; k <= count; k++) {
        for (size_t j = width; j < vectors * 8; j++) pack[k * BLOCK + j] = 0;
      }
    }
    for (size_t i = 0; i < padded; i += TILE_ROWS) {
      const doubles *a0 = (const doubles *)(pack + i * BLOCK);
      const doubles *a1 = (const doubles *)(pack + (i + 1) * BLOCK);
      for (size_t k = i / TILE_COLUMNS * TILE_COLUMNS; k < padded; k += TILE_COLUMNS) {
        const doubles *b0 = (const doubles *)(pack + k * BLOCK);
        const doubles *b1 = (const doubles *)(pack + (k + 1) * BLOCK);
        const doubles *b2 = (const doubles *)(pack + (k + 2) * BLOCK);
        doubles *s0 = (doubles *)sums + i * padded + k;
        doubles *s1 = s0 + padded;
        doubles s00 = s0[0], s01 = s0[1], s02 = s0[2];
        doubles s10 = s1[0], s11 = s1[1], s12 = s1[2];
        for (size_t v = 0; v < vectors; v++) {
          s00 += a0[v] * b0[v];
          s10 += a1[v] * b0[v];
          s01 += a0[v] * b1[v];
          s11 += a1[v] * b1[v];
          s02 += a0[v] * b2[v];
          s12 += a1[v] * b2[v];
        }
        s0[0] = s00, s0[1] = s01, s0[2] = s02;
        s1[0] = s10, s1[1] = s11, s1[2] = s12;
      }
    }
  }
}
