// One Gram matrix, compiled for each scalar type and instruction set by tensors_gram.c;
// kernels_variants.h says what it defines. A tile of 4 x 3 pairs has twelve accumulators of one
// register each, which with its rows fill the sixteen of AVX2. TENSORS_GRAM_LANES columns are one
// step of a pair's sums whatever a register holds, in as many passes as that takes, so that sums are
// the same bits on every machine with FMA.
#if LANES <= 8

typedef SCALAR NAME(vector) __attribute__((ext_vector_type(LANES), aligned(sizeof(SCALAR))));
typedef float NAME(floats) __attribute__((ext_vector_type(LANES), aligned(sizeof(float))));
typedef double NAME(doubles) __attribute__((ext_vector_type(LANES), aligned(sizeof(double))));
#define V NAME(vector)
#define D NAME(doubles)
#if FMA
#define MULADD(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#define UNROLLED _Pragma("clang loop unroll(full)")
#define FOR_EACH_PAIR(r, c)                                \
  UNROLLED for (size_t r = 0; r < TILE_ROWS; r++)          \
    UNROLLED for (size_t c = 0; c < TILE_COLUMNS; c++)

// Adds the products of four rows at `a` and three at `b` to their sums, and the squares of what is
// added for a row with itself to its spread: row r is row c + `shift` of the others.
static inline __attribute__((always_inline)) TARGET void NAME(tile)(
    const SCALAR *a, const SCALAR *b, size_t width, double *sums, size_t padded, double *spreads,
    ptrdiff_t shift) {
  for (size_t first = 0; first < TENSORS_GRAM_LANES; first += LANES) {
    V acc[TILE_ROWS][TILE_COLUMNS];
    FOR_EACH_PAIR(r, c) acc[r][c] = 0;
#pragma clang loop unroll(disable)
    for (size_t j = first; j < width; j += TENSORS_GRAM_LANES) {
      V y[TILE_COLUMNS];
      UNROLLED for (size_t c = 0; c < TILE_COLUMNS; c++) y[c] = *(const V *)(b + c * STRIDE + j);
      UNROLLED for (size_t r = 0; r < TILE_ROWS; r++) {
        const V x = *(const V *)(a + r * STRIDE + j);
        UNROLLED for (size_t c = 0; c < TILE_COLUMNS; c++) {
          acc[r][c] = MULADD(x, y[c], acc[r][c]);
        }
      }
    }
    FOR_EACH_PAIR(r, c) {
      double *to = sums + (r * padded + c) * TENSORS_GRAM_LANES + first;
      *(D *)to += __builtin_convertvector(acc[r][c], D);
    }
    if (spreads && shift > -TILE_COLUMNS && shift < TILE_ROWS) {
      FOR_EACH_PAIR(r, c) {
        if ((ptrdiff_t)r == (ptrdiff_t)c + shift) {
          const D part = __builtin_convertvector(acc[r][c], D);
          *(D *)(spreads + r * TENSORS_GRAM_LANES + first) += part * part;
        }
      }
    }
  }
}

static TARGET void NAME(gram_add)(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *spreads, SCALAR *pack) {
  const size_t padded = tensors_gram_padded_rows(count);
  for (size_t i = count * STRIDE; i < padded * STRIDE; i++) pack[i] = 0;
  size_t tiles = 0;
  FOR_EACH_TILE(i, k) tiles += 1;
  for (size_t start = begin; start < end; start += BLOCK) {
    const size_t width = end - start < BLOCK ? end - start : BLOCK;
    const size_t whole = width / LANES * LANES;
    const size_t packed = (width + TENSORS_GRAM_LANES - 1) / TENSORS_GRAM_LANES * TENSORS_GRAM_LANES;
    SCALAR *c = pack + center * STRIDE;
    for (size_t j = 0; j < width; j++) c[j] = rows[center][start + j];
    for (size_t j = width; j < packed; j++) c[j] = 0;
    for (size_t k = 0; k < count; k++) {
      if (k == center) continue;
      SCALAR *z = pack + k * STRIDE;
      const float *x = rows[k] + start;
      for (size_t j = 0; j < whole; j += LANES) {
        *(V *)(z + j) =
            __builtin_convertvector(*(const NAME(floats) *)(x + j), V) - *(const V *)(c + j);
      }
      for (size_t j = whole; j < width; j++) z[j] = (SCALAR)x[j] - c[j];
      for (size_t j = width; j < packed; j++) z[j] = 0;
    }
    // Meanwhile the next block is fetched, a few lines a tile: no prefetcher of the hardware follows
    // as many rows, and all at once would wait for memory.
    const size_t left = end - start > BLOCK ? end - start - BLOCK : 0;
    const size_t lines = ((left < BLOCK ? left : BLOCK) + LINE - 1) / LINE;
    const size_t each = (count * lines + tiles - 1) / tiles;
    size_t row = 0, line = 0;
    FOR_EACH_TILE(i, k) {
      for (size_t n = 0; n < each && row < count && lines > 0; n++) {
        __builtin_prefetch(rows[row] + start + BLOCK + line * LINE, 0, 2);
        if (++line == lines) line = 0, row += 1;
      }
      NAME(tile)(
          pack + i * STRIDE, pack + k * STRIDE, packed, sums + (i * padded + k) * TENSORS_GRAM_LANES,
          padded, spreads ? spreads + i * TENSORS_GRAM_LANES : 0, (ptrdiff_t)k - (ptrdiff_t)i);
    }
  }
}

#undef V
#undef D
#undef FOR_EACH_PAIR
#undef MULADD
#undef UNROLLED

#endif
