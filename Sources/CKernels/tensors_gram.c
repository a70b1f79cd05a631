#include "tensors_gram.h"

// Columns packed at a time: the pack of 50 rows stays in the second-level cache, the rows of some
// tiles in the first. A row is one cache line longer, so that rows do not compete for the same sets.
#define BLOCK TENSORS_GRAM_BLOCK
#define STRIDE (BLOCK + 16)
// Floats of a cache line.
#define LINE 16

#define TILE_ROWS 4
#define TILE_COLUMNS 3
// Columns of tiles whose rows stay in the first-level cache while all rows pass by.
#define PANEL 9

// Tiles that cover all pairs i <= k, panel by panel.
#define FOR_EACH_TILE(i, k)                                                             \
  for (size_t panel = 0; panel < count; panel += PANEL)                                 \
    for (size_t i = 0; i < count && i < panel + PANEL; i += TILE_ROWS)                  \
      for (size_t k = i / TILE_COLUMNS * TILE_COLUMNS < panel                           \
                          ? panel                                                       \
                          : i / TILE_COLUMNS * TILE_COLUMNS;                            \
           k < count && k < panel + PANEL; k += TILE_COLUMNS)

size_t tensors_gram_padded_rows(size_t count) {
  const size_t both = TILE_ROWS * TILE_COLUMNS;
  return (count + both - 1) / both * both;
}

size_t tensors_gram_pack_size(size_t count) { return tensors_gram_padded_rows(count) * STRIDE; }

#define BODY "tensors_gram_body.h"
#include "kernels_variants.h"

void tensors_gram_add(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *pack) {
  DISPATCH(gram_add, f64, rows, count, center, begin, end, sums, NULL, pack);
}

// With AVX-512 too in registers of AVX2: wider ones would add in another order.
void tensors_gram_add_rounded(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *spreads, double *pack) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v3")) {
    gram_add_f32_v3(rows, count, center, begin, end, sums, spreads, (float *)pack);
    return;
  }
#endif
  gram_add_f32_base(rows, count, center, begin, end, sums, spreads, (float *)pack);
}
