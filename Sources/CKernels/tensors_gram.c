#include "tensors_gram.h"

#include "kernels_dispatch.h"

typedef UNALIGNED_LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

// Columns packed at a time: the pack of 50 rows stays in the second-level cache, the rows of one
// tile in the first. A row is one vector longer, so that rows do not compete for the same sets.
#define BLOCK 256
#define STRIDE (BLOCK + 8)
#define LOAD(p) __builtin_convertvector(*(const floats *)(p), doubles)

// Tiles of 3 x 2 rows: twelve AVX2 or six AVX-512 accumulators.
#define TILE_ROWS 3
#define TILE_COLUMNS 2

size_t tensors_gram_padded_rows(size_t count) {
  size_t down = (count + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  size_t across = (count + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
  return down > across ? down : across;
}

size_t tensors_gram_pack_size(size_t count) { return tensors_gram_padded_rows(count) * STRIDE; }

DISPATCHED
void tensors_gram_add(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *pack) {
  const size_t padded = tensors_gram_padded_rows(count);
  for (size_t i = count * STRIDE; i < padded * STRIDE; i++) pack[i] = 0;
  for (size_t start = begin; start < end; start += BLOCK) {
    const size_t width = end - start < BLOCK ? end - start : BLOCK;
    const size_t vectors = (width + 7) / 8;
    const size_t ahead = end - start > BLOCK ? BLOCK : 0;
    double *c = pack + center * STRIDE;
    for (size_t j = 0; j < width; j++) c[j] = rows[center][start + j];
    for (size_t j = width; j < vectors * 8; j++) c[j] = 0;
    for (size_t k = 0; k < count; k++) {
      if (k == center) continue;
      double *z = pack + k * STRIDE;
      const float *x = rows[k] + start;
      size_t j = 0;
      for (; j + 8 <= width; j += 8) {
        __builtin_prefetch(x + j + ahead);
        *(doubles *)(z + j) = LOAD(x + j) - *(const doubles *)(c + j);
      }
      for (; j < width; j++) z[j] = (double)x[j] - c[j];
      for (; j < vectors * 8; j++) z[j] = 0;
    }
    for (size_t i = 0; i < count; i += TILE_ROWS) {
      const doubles *a0 = (const doubles *)(pack + i * STRIDE);
      const doubles *a1 = (const doubles *)(pack + (i + 1) * STRIDE);
      const doubles *a2 = (const doubles *)(pack + (i + 2) * STRIDE);
      for (size_t k = i / TILE_COLUMNS * TILE_COLUMNS; k < count; k += TILE_COLUMNS) {
        const doubles *b0 = (const doubles *)(pack + k * STRIDE);
        const doubles *b1 = (const doubles *)(pack + (k + 1) * STRIDE);
        doubles *s0 = (doubles *)sums + i * padded + k;
        doubles *s1 = s0 + padded, *s2 = s1 + padded;
        doubles s00 = s0[0], s01 = s0[1];
        doubles s10 = s1[0], s11 = s1[1];
        doubles s20 = s2[0], s21 = s2[1];
        for (size_t v = 0; v < vectors; v++) {
          s00 += a0[v] * b0[v];
          s10 += a1[v] * b0[v];
          s20 += a2[v] * b0[v];
          s01 += a0[v] * b1[v];
          s11 += a1[v] * b1[v];
          s21 += a2[v] * b1[v];
        }
        s0[0] = s00, s0[1] = s01;
        s1[0] = s10, s1[1] = s11;
        s2[0] = s20, s2[1] = s21;
      }
    }
  }
}
