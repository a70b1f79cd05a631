// Convolution, written once and compiled per scalar type and instruction set by learning_conv.c,
// which defines:
//
//   SCALAR   float or double
//   LANES    lanes of one vector register
//   FMA      1 where a fused multiply-add is one instruction
//   TARGET   the target attribute of every function
//   NAME(x)  x with this variant's suffix
//
// Every pass is one product of a matrix that is only addressed, never built, and an ordinary one:
//
//   c[r][j] = sum_t a[row[r] + step[t]] b[t][j]
//
//                    row r            step t           b                    c
//   forward          a position       a weight         weights, packed      y
//   weight gradient  a weight         a position       dy                   the gradient
//   input gradient   a position (dy)  an out channel   weights, packed      dx, added to
//
// One value of a is broadcast against vectors of b; a tile of c stays in registers, at most 12 of
// the 16. Where half a vector of columns is left over, two rows share one register for theirs.
// Sums are taken in one fixed order, so an example's result does not depend on the others'.

typedef SCALAR NAME(vector) __attribute__((ext_vector_type(LANES), aligned(sizeof(SCALAR))));
typedef SCALAR NAME(half) __attribute__((ext_vector_type(LANES / 2), aligned(sizeof(SCALAR))));
#define V NAME(vector)
#define H NAME(half)
#define LOAD(p) (*(const V *)(p))
#define STORE(p, v) (*(V *)(p) = (v))
#define LOAD_HALF(p) (*(const H *)(p))
#define STORE_HALF(p, v) (*(H *)(p) = (v))
#if LANES == 16
#define TWICE(h) __builtin_shufflevector(h, h, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7)
#define JOIN(a, b)                                                                                 \
  __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31)
#elif LANES == 8
#define TWICE(h) __builtin_shufflevector(h, h, 0, 1, 2, 3, 0, 1, 2, 3)
#define JOIN(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 12, 13, 14, 15)
#else
#define TWICE(h) __builtin_shufflevector(h, h, 0, 1, 0, 1)
#define JOIN(a, b) __builtin_shufflevector(a, b, 0, 1, 6, 7)
#endif
#if FMA
#define MULADD(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

// Four vectors of four lanes, a 4 x 4 matrix, transposed in place.
typedef SCALAR NAME(four) __attribute__((ext_vector_type(4), aligned(sizeof(SCALAR))));
typedef double NAME(wide) __attribute__((ext_vector_type(4)));
#define LOAD_FOUR(p) (*(const NAME(four) *)(p))
#define STORE_FOUR(p, v) (*(NAME(four) *)(p) = (v))
#define TRANSPOSE(a, b, c, d)                                                                      \
  do {                                                                                             \
    const NAME(four) ac = __builtin_shufflevector(a, c, 0, 4, 1, 5),                               \
                     bd = __builtin_shufflevector(b, d, 0, 4, 1, 5),                               \
                     ca = __builtin_shufflevector(a, c, 2, 6, 3, 7),                               \
                     db = __builtin_shufflevector(b, d, 2, 6, 3, 7);                               \
    a = __builtin_shufflevector(ac, bd, 0, 4, 1, 5);                                               \
    b = __builtin_shufflevector(ac, bd, 2, 6, 3, 7);                                               \
    c = __builtin_shufflevector(ca, db, 0, 4, 1, 5);                                               \
    d = __builtin_shufflevector(ca, db, 2, 6, 3, 7);                                               \
  } while (0)

// One product, or the sum of two that share their addresses and their shape.
typedef struct {
  int terms;
  const SCALAR *a[2], *b[2];
  const uint32_t *row;
  size_t rows;
  const uint32_t *step;  // not used when adding: there it is t itself
  size_t steps;
  size_t stride;  // of b
  const SCALAR *first;  // what every row starts from; null: what c holds
  SCALAR *c;
  const uint32_t *to;  // where row r goes; null: r * c_stride
  size_t c_stride;
  size_t columns;  // if not 0, only so many columns are stored, and `first` is not null
} NAME(product);

// R rows (from row `at`) of F vectors of columns and, if HALF, half a vector more. ADD: c += product.
INLINE void NAME(tile)(const NAME(product) * p, size_t at, const int R, const int F,
                       const int HALF, const int ADD) {
  V acc[8][3], pair[4];
  SCALAR *c[8];
  size_t row[8];
  const size_t live = p->rows - at < (size_t)R ? p->rows - at : (size_t)R;
  UNROLL
  for (int r = 0; r < R; r++) {
    const size_t i = at + ((size_t)r < live ? (size_t)r : live - 1);
    row[r] = p->row[i];
    c[r] = p->c + (p->to ? p->to[i] : i * p->c_stride);
    const SCALAR *from = p->first ? p->first : c[r];
    UNROLL
    for (int f = 0; f < F; f++) acc[r][f] = LOAD(from + f * LANES);
    if (HALF) {
      const V both = TWICE(LOAD_HALF(from + F * LANES));
      if (r % 2 == 0) pair[r / 2] = both; else pair[r / 2] = JOIN(pair[r / 2], both);
    }
  }
  for (int term = 0; term < p->terms; term++) {
    const SCALAR *a[8], *b = p->b[term];
    UNROLL
    for (int r = 0; r < R; r++) a[r] = p->a[term] + row[r];
    const uint32_t *const step = p->step;
    const size_t steps = p->steps, stride = p->stride;
#pragma clang loop unroll(disable)
    for (size_t t = 0; t < steps; t++, b += stride) {
      const size_t s = ADD ? t : step[t];
      V column[3];
      UNROLL
      for (int f = 0; f < F; f++) column[f] = LOAD(b + f * LANES);
      if (HALF) {
        const V both = TWICE(LOAD_HALF(b + F * LANES));
        UNROLL
        for (int r = 0; r < R; r += 2) {
          const V even = (V)a[r][s], odd = (V)a[r + 1][s];
          UNROLL
          for (int f = 0; f < F; f++) {
            acc[r][f] = MULADD(even, column[f], acc[r][f]);
            acc[r + 1][f] = MULADD(odd, column[f], acc[r + 1][f]);
          }
          const V joined = JOIN(even, odd);
          pair[r / 2] = MULADD(joined, both, pair[r / 2]);
        }
      } else {
        UNROLL
        for (int r = 0; r < R; r++) {
          const V value = (V)a[r][s];
          UNROLL
          for (int f = 0; f < F; f++) acc[r][f] = MULADD(value, column[f], acc[r][f]);
        }
      }
    }
  }
  if (!ADD && p->columns) {
    SCALAR line[4 * LANES];
    UNROLL
    for (int r = 0; r < R; r++) {
      UNROLL
      for (int f = 0; f < F; f++) STORE(line + f * LANES, acc[r][f]);
      if (HALF) STORE_HALF(line + F * LANES, r % 2 ? pair[r / 2].hi : pair[r / 2].lo);
#pragma clang loop vectorize(disable) unroll(disable)
      for (size_t j = 0; j < p->columns; j++) c[r][j] = line[j];
    }
    return;
  }
  UNROLL
  for (int r = 0; r < R; r++) {
    if (ADD && (size_t)r >= live) break;
    UNROLL
    for (int f = 0; f < F; f++) {
      SCALAR *to = c[r] + f * LANES;
      STORE(to, ADD ? LOAD(to) + acc[r][f] : acc[r][f]);
    }
    if (HALF) {
      SCALAR *to = c[r] + F * LANES;
      const H own = r % 2 ? pair[r / 2].hi : pair[r / 2].lo;
      STORE_HALF(to, ADD ? LOAD_HALF(to) + own : own);
    }
  }
}

#define SWEEP(name, R, F, HALF)                                                                    \
  static __attribute__((noinline)) TARGET void NAME(name##_steps)(const NAME(product) * p) {       \
    for (size_t r = 0; r < p->rows; r += R) NAME(tile)(p, r, R, F, HALF, 0);                       \
  }                                                                                                \
  static __attribute__((noinline)) TARGET void NAME(name##_add)(const NAME(product) * p) {         \
    for (size_t r = 0; r < p->rows; r += R) NAME(tile)(p, r, R, F, HALF, 1);                       \
  }
SWEEP(sweep_1, 8, 1, 0)
SWEEP(sweep_2, 6, 2, 0)
SWEEP(sweep_3, 4, 3, 0)
SWEEP(sweep_1_half, 6, 1, 1)
SWEEP(sweep_2_half, 4, 2, 1)
#undef SWEEP

// Columns 0..<n of a product cut into blocks, each as wide as a tile. The last block ends with the
// last column and may overlap the one before it. A single block may be wider than n: `padded`.
typedef struct {
  size_t columns, vectors, tail, blocks, total;
  size_t last, overlap;  // the last block's start, and how many of its first columns are repeated
  int half, padded;
} NAME(plan);
typedef struct {
  size_t start;   // columns of the blocks before
  size_t column;  // first column
  size_t vectors, width;
  int half;
} NAME(block);

INLINE NAME(plan) NAME(make_plan)(size_t n) {
  NAME(plan) p;
  const size_t over = n % LANES;
  p.columns = n;
  p.half = n > LANES && over > 0 && over <= LANES / 2;
  p.vectors = n / LANES + (over > 0 && !p.half);
  p.tail = !p.half ? 0 : p.vectors >= 2 ? 2 : 1;
  p.blocks = (p.vectors - p.tail + 2) / 3 + (p.half ? 1 : 0);
  p.total = p.vectors * LANES + (p.half ? LANES / 2 : 0);
  p.padded = p.total > n && p.blocks == 1;
  const size_t many = p.blocks - (p.half ? 1 : 0), whole = p.vectors - p.tail;
  p.last = p.half ? whole * LANES : whole * (many - 1) / many * LANES;
  p.overlap = p.padded ? 0 : p.total - n;
  return p;
}

INLINE NAME(block) NAME(block_at)(const NAME(plan) * p, size_t i) {
  NAME(block) b;
  const size_t whole = p->vectors - p->tail, many = p->blocks - (p->half ? 1 : 0);
  if (i < many) {
    const size_t from = whole * i / many;
    b.start = from * LANES;
    b.vectors = whole * (i + 1) / many - from;
    b.half = 0;
  } else {
    b.start = whole * LANES;
    b.vectors = p->tail;
    b.half = 1;
  }
  b.width = b.vectors * LANES + (b.half ? LANES / 2 : 0);
  b.column = b.start;
  if (i + 1 == p->blocks) b.column = p->padded ? 0 : p->columns - b.width;
  return b;
}

#define RUN(p, block, mode)                                                                        \
  do {                                                                                             \
    if ((block).half) {                                                                            \
      if ((block).vectors == 1) NAME(sweep_1_half_##mode)(p); else NAME(sweep_2_half_##mode)(p);   \
    } else if ((block).vectors == 1) {                                                             \
      NAME(sweep_1_##mode)(p);                                                                     \
    } else if ((block).vectors == 2) {                                                             \
      NAME(sweep_2_##mode)(p);                                                                     \
    } else {                                                                                       \
      NAME(sweep_3_##mode)(p);                                                                     \
    }                                                                                              \
  } while (0)

static const SCALAR NAME(zeros)[4 * LANES];

// Everything about a shape that the passes share, and where the cache keeps what.
typedef struct {
  size_t in, out;              // channels of one group
  size_t weights;              // of one output channel: K
  size_t positions;            // of one example's output
  size_t row, example;         // values of a padded image's row and of a padded image
  size_t together;             // examples that are worked on together
  size_t runs, run;            // contiguous stretches of a patch, and their length
  NAME(plan) outs, stretch;    // plans over output channels and over a stretch
  int pads;
  // Offsets in bytes: tables, packed weights, scratch memory, padded inputs.
  size_t weight_offset, position_offset, down_offset, down_out_offset, packed, work, images;
  size_t scratch;              // bytes
} NAME(geometry);

INLINE size_t NAME(round)(size_t bytes) { return (bytes + 63) / 64 * 64; }

INLINE NAME(geometry) NAME(measure)(const learning_conv_shape *s) {
  NAME(geometry) g;
  g.in = s->channels / s->groups;
  g.out = s->out_channels / s->groups;
  g.weights = g.in * s->kernel_height * s->kernel_width;
  g.positions = s->out_height * s->out_width;
  g.row = (s->width + 2 * s->padding_width) * s->channels;
  g.example = (s->height + 2 * s->padding_height) * g.row;
  g.together = g.positions >= 64 ? 1 : (63 + g.positions) / g.positions;
  g.runs = s->kernel_height * (s->groups == 1 ? 1 : s->kernel_width);
  g.run = g.in * (s->groups == 1 ? s->kernel_width : 1);
  g.outs = NAME(make_plan)(g.out);
  g.stretch = NAME(make_plan)(g.run);
  g.pads = s->padding_height > 0 || s->padding_width > 0;
  const size_t many = g.together * g.positions;
  g.weight_offset = 0;
  g.position_offset = g.weight_offset + NAME(round)(g.weights * sizeof(uint32_t));
  g.down_offset = g.position_offset + NAME(round)(many * sizeof(uint32_t));
  g.down_out_offset = g.down_offset + NAME(round)(many * sizeof(uint32_t));
  g.packed = g.down_out_offset + NAME(round)(many * sizeof(uint32_t));
  const size_t forward = s->groups * (g.weights + 1) * g.outs.total * sizeof(SCALAR);
  const size_t panels = s->groups * g.runs * g.out * g.stretch.total * sizeof(SCALAR);
  const size_t image = (g.together * g.example + 4 * LANES) * sizeof(SCALAR);
  const size_t gradient = g.weights * g.outs.total * sizeof(SCALAR);
  const size_t copies = g.outs.padded ? 2 * NAME(round)(many * g.outs.total * sizeof(SCALAR)) : 0;
  g.work = g.packed + NAME(round)(forward);
  const size_t backward = NAME(round)(panels) + NAME(round)(image);
  const size_t update = NAME(round)(gradient) + copies;
  g.scratch = backward > update ? backward : update;
  g.images = g.work + g.scratch;
  return g;
}

TARGET size_t NAME(learning_conv_cache)(const learning_conv_shape *s, size_t rows) {
  const NAME(geometry) g = NAME(measure)(s);
  return g.images + (g.pads ? NAME(round)(rows * g.example * sizeof(SCALAR)) : 0);
}

// The tangent cache: packed direction, then padded tangents.
INLINE size_t NAME(tangent_packed)(const NAME(geometry) * g, const learning_conv_shape *s) {
  const size_t forward = s->groups * (g->weights + 1) * g->outs.total * sizeof(SCALAR);
  const size_t panels = s->groups * g->runs * g->out * g->stretch.total * sizeof(SCALAR);
  return NAME(round)(forward > panels ? forward : panels);
}

TARGET size_t NAME(learning_conv_tangent_cache)(const learning_conv_shape *s, size_t rows) {
  const NAME(geometry) g = NAME(measure)(s);
  return NAME(tangent_packed)(&g, s) +
         (g.pads ? NAME(round)(rows * g.example * sizeof(SCALAR)) : 0);
}

// Fills the tables: where the weights of an output channel look, from a patch's first value; where
// the patches of positions start, in rows, and going down columns; where those positions' dy are.
static TARGET void NAME(fill_tables)(const learning_conv_shape *s, const NAME(geometry) * g,
                                     char *cache) {
  uint32_t *weight = (uint32_t *)(cache + g->weight_offset);
  uint32_t *position = (uint32_t *)(cache + g->position_offset);
  uint32_t *down = (uint32_t *)(cache + g->down_offset);
  uint32_t *down_out = (uint32_t *)(cache + g->down_out_offset);
  for (size_t c = 0; c < g->in; c++)
    for (size_t y = 0; y < s->kernel_height; y++)
      for (size_t x = 0; x < s->kernel_width; x++)
        *weight++ = (uint32_t)(y * g->row + x * s->channels + c);
  for (size_t e = 0; e < g->together; e++) {
    for (size_t y = 0; y < s->out_height; y++)
      for (size_t x = 0; x < s->out_width; x++)
        *position++ = (uint32_t)(e * g->example + y * s->stride_height * g->row +
                                 x * s->stride_width * s->channels);
    for (size_t x = 0; x < s->out_width; x++)
      for (size_t y = 0; y < s->out_height; y++) {
        *down++ = (uint32_t)(e * g->example + y * s->stride_height * g->row +
                             x * s->stride_width * s->channels);
        *down_out++ = (uint32_t)((e * g->positions + y * s->out_width + x) * s->out_channels);
      }
  }
}

// Copies images into a border of zeros.
static TARGET void NAME(pad)(const learning_conv_shape *s, const NAME(geometry) * g, size_t rows,
                             const SCALAR *x, SCALAR *padded) {
  const size_t line = s->width * s->channels, left = s->padding_width * s->channels;
  const size_t above = s->padding_height * g->row;
  for (size_t n = 0; n < rows; n++, padded += g->example) {
    __builtin_memset(padded, 0, above * sizeof(SCALAR));
    for (size_t y = 0; y < s->height; y++, x += line) {
      SCALAR *to = padded + above + y * g->row;
      for (size_t i = 0; i < left; i++) to[i] = 0;
      __builtin_memcpy(to + left, x, line * sizeof(SCALAR));
      for (size_t i = left + line; i < g->row; i++) to[i] = 0;
    }
    __builtin_memset(padded + above + s->height * g->row, 0, above * sizeof(SCALAR));
  }
}

// to[j][i] = from[i][j] for `rows` x `columns` values of `from`.
INLINE void NAME(transpose)(const SCALAR *from, size_t from_stride, size_t rows, size_t columns,
                            SCALAR *to, size_t to_stride) {
  size_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    const SCALAR *source = from + i * from_stride;
    SCALAR *target = to + i;
    // The last columns are taken again with the ones before them.
    for (size_t next = 0; columns >= 4 && next < columns; next += 4) {
      const size_t j = next + 4 <= columns ? next : columns - 4;
      NAME(four) a = LOAD_FOUR(source + j), b = LOAD_FOUR(source + from_stride + j),
                 c = LOAD_FOUR(source + 2 * from_stride + j),
                 d = LOAD_FOUR(source + 3 * from_stride + j);
      TRANSPOSE(a, b, c, d);
      STORE_FOUR(target + j * to_stride, a);
      STORE_FOUR(target + (j + 1) * to_stride, b);
      STORE_FOUR(target + (j + 2) * to_stride, c);
      STORE_FOUR(target + (j + 3) * to_stride, d);
    }
    for (size_t j = 0; columns < 4 && j < columns; j++)
      for (size_t k = 0; k < 4; k++) target[j * to_stride + k] = source[k * from_stride + j];
  }
  for (; i < rows; i++)
    for (size_t j = 0; j < columns; j++) to[j * to_stride + i] = from[i * from_stride + j];
}

// Weights as the forward pass reads them: [group][block][bias, then K weights][column].
static TARGET void NAME(pack)(const learning_conv_shape *s, const NAME(geometry) * g,
                              const SCALAR *w, const SCALAR *bias, SCALAR *packed) {
  for (size_t group = 0; group < s->groups; group++) {
    const SCALAR *own = w + group * g->out * g->weights;
    for (size_t i = 0; i < g->outs.blocks; i++) {
      const NAME(block) block = NAME(block_at)(&g->outs, i);
      const size_t many = g->out < block.width ? g->out : block.width;
      if (many < block.width)
        __builtin_memset(packed, 0, (g->weights + 1) * block.width * sizeof(SCALAR));
      for (size_t j = 0; j < many; j++)
        packed[j] = bias ? bias[group * g->out + block.column + j] : 0;
      packed += block.width;
      NAME(transpose)(own + block.column * g->weights, g->weights, many, g->weights, packed,
                      block.width);
      packed += g->weights * block.width;
    }
  }
}

// Weights as the input gradient reads them: [group][run][block][output channel][column], with
// zeros where a block overlaps the one before it. `line` has room for K values and a tile's width.
static TARGET void NAME(pack_panels)(const learning_conv_shape *s, const NAME(geometry) * g,
                                     const SCALAR *w, SCALAR *packed, SCALAR *line) {
  const size_t area = s->kernel_height * s->kernel_width;
  for (size_t group = 0; group < s->groups; group++)
    for (size_t o = 0; o < g->out; o++, w += g->weights) {
      NAME(transpose)(w, area, g->in, area, line, g->in);
      SCALAR *to = packed + group * g->runs * g->out * g->stretch.total;
      for (size_t i = 0; i < g->stretch.blocks; i++) {
        const NAME(block) block = NAME(block_at)(&g->stretch, i);
        const size_t repeated = block.start - (g->stretch.padded ? 0 : block.column);
        for (size_t run = 0; run < g->runs; run++) {
          const SCALAR *from = line + run * g->run + block.column;
          SCALAR *panel = to + (run * g->stretch.total + block.start) * g->out + o * block.width;
          for (size_t j = 0; j < block.vectors * LANES; j += LANES) STORE(panel + j, LOAD(from + j));
          if (block.half)
            STORE_HALF(panel + block.vectors * LANES, LOAD_HALF(from + block.vectors * LANES));
          for (size_t j = 0; j < repeated; j++) panel[j] = 0;
          for (size_t j = g->run; g->stretch.padded && j < block.width; j++) panel[j] = 0;
        }
      }
    }
}

// y = the sum over terms of conv(image, packed) plus the packed biases.
static TARGET void NAME(convolve)(const learning_conv_shape *s, const NAME(geometry) * g,
                                  size_t rows, int terms, const SCALAR *const *image,
                                  const SCALAR *const *packed, SCALAR *y, const char *cache) {
  const uint32_t *weight = (const uint32_t *)(cache + g->weight_offset);
  NAME(product) p = {.terms = terms,
                     .row = (const uint32_t *)(cache + g->position_offset),
                     .c_stride = s->out_channels,
                     .columns = g->outs.padded ? g->out : 0};
  for (size_t n = 0; n < rows; n += g->together) {
    const size_t together = rows - n < g->together ? rows - n : g->together;
    p.rows = together * g->positions;
    size_t panel = 0;
    for (size_t group = 0; group < s->groups; group++)
      for (size_t i = 0; i < g->outs.blocks; i++) {
        const NAME(block) block = NAME(block_at)(&g->outs, i);
        // Weights in chunks that stay in the first-level cache.
        const size_t fit = 16384 / (sizeof(SCALAR) * block.width) / (size_t)terms;
        const size_t chunks = g->outs.padded ? 1 : (g->weights + fit - 1) / fit;
        p.stride = block.width;
        p.c = y + n * g->positions * s->out_channels + group * g->out + block.column;
        for (size_t chunk = 0; chunk < chunks; chunk++) {
          const size_t from = chunk * g->weights / chunks;
          p.steps = (chunk + 1) * g->weights / chunks - from;
          p.step = weight + from;
          p.first = chunk == 0 ? packed[0] + panel : 0;
          for (int term = 0; term < terms; term++) {
            p.a[term] = image[term] + n * g->example + group * g->in;
            p.b[term] = packed[term] + panel + (1 + from) * block.width;
          }
          RUN(&p, block, steps);
        }
        panel += (g->weights + 1) * block.width;
      }
  }
}

// dx = the sum over terms of the transposed convolution of dy by panels; work holds a padded image.
static TARGET void NAME(spread)(const learning_conv_shape *s, const NAME(geometry) * g, size_t rows,
                                int terms, const SCALAR *const *dy, const SCALAR *const *panels,
                                SCALAR *dx, SCALAR *image, const char *cache) {
  const int direct = !g->pads && !g->stretch.padded;
  const size_t line = s->width * s->channels;
  NAME(product) p = {.terms = terms,
                     .row = (const uint32_t *)(cache + g->down_out_offset),
                     .to = (const uint32_t *)(cache + g->down_offset),
                     .steps = g->out,
                     .first = NAME(zeros)};
  for (size_t n = 0; n < rows; n += g->together) {
    const size_t together = rows - n < g->together ? rows - n : g->together;
    SCALAR *into = direct ? dx + n * g->example : image;
    __builtin_memset(into, 0, together * g->example * sizeof(SCALAR));
    p.rows = together * g->positions;
    size_t panel = 0;
    for (size_t group = 0; group < s->groups; group++)
      for (size_t run = 0; run < g->runs; run++) {
        const size_t at = s->groups == 1 ? run * g->row
                                         : run / s->kernel_width * g->row +
                                               run % s->kernel_width * s->channels;
        for (size_t i = 0; i < g->stretch.blocks; i++) {
          const NAME(block) block = NAME(block_at)(&g->stretch, i);
          p.stride = block.width;
          p.c = into + at + group * g->in + block.column;
          for (int term = 0; term < terms; term++) {
            p.a[term] = dy[term] + n * g->positions * s->out_channels + group * g->out;
            p.b[term] = panels[term] + panel;
          }
          RUN(&p, block, add);
          panel += g->out * block.width;
        }
      }
    if (!direct) {
      for (size_t e = 0; e < together; e++)
        for (size_t y = 0; y < s->height; y++)
          __builtin_memcpy(dx + ((n + e) * s->height + y) * line,
                           image + e * g->example + (s->padding_height + y) * g->row +
                               s->padding_width * s->channels,
                           line * sizeof(SCALAR));
    }
  }
}

// gradient[k] = the sum over terms and examples of corr(image, dy) for one group: K rows of blocks
// side by side, repeated columns included.
static TARGET void NAME(correlate)(const learning_conv_shape *s, const NAME(geometry) * g,
                                   size_t rows, size_t group, int terms,
                                   const SCALAR *const *image, const SCALAR *const *dy,
                                   SCALAR *gradient, SCALAR *copies, const char *cache) {
  const uint32_t *position = (const uint32_t *)(cache + g->position_offset);
  NAME(product) p = {.terms = terms,
                     .row = (const uint32_t *)(cache + g->weight_offset),
                     .rows = g->weights};
  const size_t width = g->outs.total;
  p.stride = g->outs.padded ? width : s->out_channels;
  p.c_stride = width;
  const size_t copy = NAME(round)(g->together * g->positions * width * sizeof(SCALAR)) /
                      sizeof(SCALAR);
  // Positions in chunks whose values stay in the first-level cache.
  size_t fit = 24576 / (sizeof(SCALAR) * (g->out + g->example / g->positions)) / (size_t)terms;
  if (fit < 32) fit = 32;
  for (size_t n = 0; n < rows; n += g->together) {
    const size_t together = rows - n < g->together ? rows - n : g->together;
    const size_t many = together * g->positions, chunks = (many + fit - 1) / fit;
    const SCALAR *b[2];
    for (int term = 0; term < terms; term++) {
      b[term] = dy[term] + n * g->positions * s->out_channels + group * g->out;
      p.a[term] = image[term] + n * g->example + group * g->in;
      if (g->outs.padded) {
        SCALAR *to = copies + (size_t)term * copy;
        for (size_t i = 0; i < many; i++)
          for (size_t j = 0; j < width; j++)
            to[i * width + j] = j < g->out ? b[term][i * s->out_channels + j] : 0;
        b[term] = to;
      }
    }
    for (size_t chunk = 0; chunk < chunks; chunk++) {
      const size_t from = chunk * many / chunks;
      p.steps = (chunk + 1) * many / chunks - from;
      p.step = position + from;
      p.first = n == 0 && chunk == 0 ? NAME(zeros) : 0;
      for (size_t i = 0; i < g->outs.blocks; i++) {
        const NAME(block) block = NAME(block_at)(&g->outs, i);
        p.c = gradient + block.start;
        for (int term = 0; term < terms; term++)
          p.b[term] = b[term] + from * p.stride + block.column;
        RUN(&p, block, steps);
      }
    }
  }
}

// Where the padded images of this batch are: the images themselves if there is no padding.
INLINE const SCALAR *NAME(padded)(const NAME(geometry) * g, const SCALAR *x, const char *images) {
  return g->pads ? (const SCALAR *)images : x;
}

// sums[o] = dy's output channel o summed over positions, for at most 4 vectors of channels from o.
INLINE void NAME(sum_columns)(const SCALAR *dy, size_t positions, size_t stride, SCALAR *sums,
                              const int F) {
  V even[4], odd[4];
  UNROLL
  for (int f = 0; f < F; f++) even[f] = odd[f] = (V)(SCALAR)0;
  size_t i = 0;
#pragma clang loop unroll(disable)
  for (; i + 2 <= positions; i += 2, dy += 2 * stride) {
    UNROLL
    for (int f = 0; f < F; f++) {
      even[f] += LOAD(dy + f * LANES);
      odd[f] += LOAD(dy + stride + f * LANES);
    }
  }
  UNROLL
  for (int f = 0; f < F; f++) {
    if (i < positions) even[f] += LOAD(dy + f * LANES);
    STORE(sums + f * LANES, even[f] + odd[f]);
  }
}

// bias[o] = beta bias[o] + alpha sum of dy over positions; squares: the sums' squares are added to
// it instead.
static TARGET void NAME(take_bias)(const learning_conv_shape *s, size_t positions,
                                   const SCALAR *dy, SCALAR *bias, SCALAR alpha, SCALAR beta,
                                   double *squares) {
  const size_t outs = s->out_channels;
  for (size_t o = 0; o < outs;) {
    SCALAR sums[4 * LANES];
    size_t from = o, vectors = (outs - o) / LANES;
    if (outs < LANES) {
      for (size_t j = 0; j < outs; j++) sums[j] = 0;
      for (size_t i = 0; i < positions; i++)
        for (size_t j = 0; j < outs; j++) sums[j] += dy[i * outs + j];
      vectors = 1;
    } else if (vectors >= 4) {
      vectors = 4;
      NAME(sum_columns)(dy + from, positions, outs, sums, 4);
    } else if (vectors >= 2) {
      vectors = 2;
      NAME(sum_columns)(dy + from, positions, outs, sums, 2);
    } else {
      if (vectors == 0) from = outs - LANES;
      vectors = 1;
      NAME(sum_columns)(dy + from, positions, outs, sums, 1);
    }
    for (; o < from + vectors * LANES && o < outs; o++) {
      const SCALAR sum = sums[o - from];
      if (squares) {
        *squares += (double)sum * (double)sum;
      } else {
        bias[o] = beta == 0 ? alpha * sum : MULADD(alpha, sum, beta * bias[o]);
      }
    }
  }
}

// weight[o][k] = beta weight[o][k] + alpha gradient[k][column of o].
static TARGET void NAME(take)(const NAME(geometry) * g, const SCALAR *gradient, SCALAR *weight,
                              SCALAR alpha, SCALAR beta) {
  const size_t width = g->outs.total;
  size_t o = 0;
  for (; o + 4 <= g->out; o += 4) {
    const SCALAR *from = gradient + o + (o >= g->outs.last ? g->outs.overlap : 0);
    SCALAR *to = weight + o * g->weights;
    size_t k = 0;
    for (; k + 4 <= g->weights; k += 4, from += 4 * width) {
      NAME(four) v[4] = {LOAD_FOUR(from), LOAD_FOUR(from + width), LOAD_FOUR(from + 2 * width),
                         LOAD_FOUR(from + 3 * width)};
      TRANSPOSE(v[0], v[1], v[2], v[3]);
      UNROLL
      for (size_t i = 0; i < 4; i++) {
        SCALAR *t = to + i * g->weights + k;
        if (beta == 0) {
          STORE_FOUR(t, (NAME(four))alpha * v[i]);
        } else {
          const NAME(four) kept = (NAME(four))beta * LOAD_FOUR(t);
          STORE_FOUR(t, MULADD((NAME(four))alpha, v[i], kept));
        }
      }
    }
    for (; k < g->weights; k++, from += width)
      for (size_t i = 0; i < 4; i++) {
        SCALAR *t = to + i * g->weights + k;
        *t = beta == 0 ? alpha * from[i] : MULADD(alpha, from[i], beta * *t);
      }
  }
  for (; o < g->out; o++) {
    const SCALAR *from = gradient + o + (o >= g->outs.last ? g->outs.overlap : 0);
    SCALAR *to = weight + o * g->weights;
    for (size_t k = 0; k < g->weights; k++, from += width)
      to[k] = beta == 0 ? alpha * *from : MULADD(alpha, *from, beta * to[k]);
  }
}

static TARGET void NAME(weigh)(const learning_conv_shape *s, const NAME(geometry) * g, size_t rows,
                               int terms, const SCALAR *const *image, const SCALAR *const *dy,
                               SCALAR *weight, SCALAR alpha, SCALAR beta, char *cache) {
  SCALAR *gradient = (SCALAR *)(cache + g->work);
  SCALAR *copies =
      (SCALAR *)(cache + g->work + NAME(round)(g->weights * g->outs.total * sizeof(SCALAR)));
  for (size_t group = 0; group < s->groups; group++) {
    NAME(correlate)(s, g, rows, group, terms, image, dy, gradient, copies, cache);
    NAME(take)(g, gradient, weight + group * g->out * g->weights, alpha, beta);
  }
}

TARGET void NAME(learning_conv_forward)(const learning_conv_shape *s, size_t rows, const SCALAR *x,
                                        const SCALAR *weight, const SCALAR *bias, SCALAR *y,
                                        void *memory) {
  char *cache = memory;
  const NAME(geometry) g = NAME(measure)(s);
  SCALAR *packed = (SCALAR *)(cache + g.packed);
  NAME(fill_tables)(s, &g, cache);
  NAME(pack)(s, &g, weight, bias, packed);
  if (g.pads) NAME(pad)(s, &g, rows, x, (SCALAR *)(cache + g.images));
  const SCALAR *image = NAME(padded)(&g, x, cache + g.images), *panel = packed;
  NAME(convolve)(s, &g, rows, 1, &image, &panel, y, cache);
}

TARGET void NAME(learning_conv_input)(const learning_conv_shape *s, size_t rows, const SCALAR *dy,
                                      const SCALAR *weight, SCALAR *dx, void *memory) {
  char *cache = memory;
  const NAME(geometry) g = NAME(measure)(s);
  SCALAR *panels = (SCALAR *)(cache + g.work);
  const size_t size = s->groups * g.runs * g.out * g.stretch.total * sizeof(SCALAR);
  SCALAR *image = (SCALAR *)(cache + g.work + NAME(round)(size));
  NAME(pack_panels)(s, &g, weight, panels, image);
  const SCALAR *panel = panels;
  NAME(spread)(s, &g, rows, 1, &dy, &panel, dx, image, cache);
}

TARGET void NAME(learning_conv_weight)(const learning_conv_shape *s, size_t rows, const SCALAR *x,
                                       const SCALAR *dy, SCALAR *weight, SCALAR *bias,
                                       SCALAR alpha, SCALAR beta, void *memory) {
  char *cache = memory;
  const NAME(geometry) g = NAME(measure)(s);
  const SCALAR *image = NAME(padded)(&g, x, cache + g.images);
  NAME(weigh)(s, &g, rows, 1, &image, &dy, weight, alpha, beta, cache);
  if (bias) NAME(take_bias)(s, rows * g.positions, dy, bias, alpha, beta, 0);
}

TARGET void NAME(learning_conv_norms)(const learning_conv_shape *s, size_t rows, const SCALAR *x,
                                      const SCALAR *dy, int has_bias, double *norms,
                                      void *memory) {
  char *cache = memory;
  const NAME(geometry) g = NAME(measure)(s);
  const SCALAR *images = NAME(padded)(&g, x, cache + g.images);
  SCALAR *gradient = (SCALAR *)(cache + g.work);
  SCALAR *copies =
      (SCALAR *)(cache + g.work + NAME(round)(g.weights * g.outs.total * sizeof(SCALAR)));
  const size_t values = g.weights * g.outs.total;
  for (size_t n = 0; n < rows; n++) {
    const SCALAR *image = images + n * g.example;
    const SCALAR *own = dy + n * g.positions * s->out_channels;
    double sum = 0;
    for (size_t group = 0; group < s->groups; group++) {
      NAME(correlate)(s, &g, 1, group, 1, &image, &own, gradient, copies, cache);
      if (g.outs.overlap > 0) {
        SCALAR *again = gradient + g.outs.last;
        for (size_t k = 0; k < g.weights; k++, again += g.outs.total)
          for (size_t j = 0; j < g.outs.overlap; j++) again[j] = 0;
      }
      NAME(wide) part[4] = {0};
      size_t i = 0;
      for (; i + 16 <= values; i += 16) {
        UNROLL
        for (size_t j = 0; j < 4; j++) {
          const NAME(wide) value =
              __builtin_convertvector(LOAD_FOUR(gradient + i + 4 * j), NAME(wide));
          part[j] = MULADD(value, value, part[j]);
        }
      }
      for (; i < values; i++) sum += (double)gradient[i] * (double)gradient[i];
      const NAME(wide) all = (part[0] + part[1]) + (part[2] + part[3]);
      sum += (all[0] + all[1]) + (all[2] + all[3]);
    }
    if (has_bias) NAME(take_bias)(s, g.positions, own, 0, 0, 0, &sum);
    norms[n] += sum;
  }
}

TARGET void NAME(learning_conv_tangent_forward)(const learning_conv_shape *s, size_t rows,
                                                const SCALAR *x, const SCALAR *x_tangent,
                                                const SCALAR *v, const SCALAR *v_bias,
                                                SCALAR *y_tangent, void *memory,
                                                void *tangent_memory) {
  char *cache = memory, *tangent_cache = tangent_memory;
  const NAME(geometry) g = NAME(measure)(s);
  char *tangents = tangent_cache + NAME(tangent_packed)(&g, s);
  SCALAR *packed = (SCALAR *)tangent_cache;
  NAME(pack)(s, &g, v, v_bias, packed);
  if (x_tangent && g.pads) NAME(pad)(s, &g, rows, x_tangent, (SCALAR *)tangents);
  const SCALAR *image[2] = {NAME(padded)(&g, x, cache + g.images),
                            NAME(padded)(&g, x_tangent, tangents)};
  const SCALAR *panel[2] = {packed, (const SCALAR *)(cache + g.packed)};
  NAME(convolve)(s, &g, rows, x_tangent ? 2 : 1, image, panel, y_tangent, cache);
}

TARGET void NAME(learning_conv_tangent_input)(const learning_conv_shape *s, size_t rows,
                                              const SCALAR *dy, const SCALAR *dy_tangent,
                                              const SCALAR *weight, const SCALAR *v,
                                              SCALAR *dx_tangent, void *memory,
                                              void *tangent_memory) {
  char *cache = memory;
  const NAME(geometry) g = NAME(measure)(s);
  SCALAR *panels[2] = {(SCALAR *)(cache + g.work), tangent_memory};
  const size_t size = s->groups * g.runs * g.out * g.stretch.total * sizeof(SCALAR);
  SCALAR *image = (SCALAR *)(cache + g.work + NAME(round)(size));
  NAME(pack_panels)(s, &g, weight, panels[0], image);
  NAME(pack_panels)(s, &g, v, panels[1], image);
  const SCALAR *const dys[2] = {dy_tangent, dy}, *const all[2] = {panels[0], panels[1]};
  NAME(spread)(s, &g, rows, 2, dys, all, dx_tangent, image, cache);
}

TARGET void NAME(learning_conv_tangent_weight)(const learning_conv_shape *s, size_t rows,
                                               const SCALAR *x, const SCALAR *x_tangent,
                                               const SCALAR *dy, const SCALAR *dy_tangent,
                                               SCALAR *weight, SCALAR *bias, SCALAR alpha,
                                               SCALAR beta, void *memory, void *tangent_memory) {
  char *cache = memory, *tangent_cache = tangent_memory;
  const NAME(geometry) g = NAME(measure)(s);
  const SCALAR *image[2] = {
      NAME(padded)(&g, x, cache + g.images),
      NAME(padded)(&g, x_tangent, tangent_cache + NAME(tangent_packed)(&g, s))};
  const SCALAR *const dys[2] = {dy_tangent, dy};
  NAME(weigh)(s, &g, rows, x_tangent ? 2 : 1, image, dys, weight, alpha, beta, cache);
  if (bias) NAME(take_bias)(s, rows * g.positions, dy_tangent, bias, alpha, beta, 0);
}

#undef RUN
#undef UNROLL
#undef INLINE
#undef MULADD
#undef JOIN
#undef TWICE
#undef TRANSPOSE
#undef STORE_FOUR
#undef LOAD_FOUR
#undef STORE_HALF
#undef LOAD_HALF
#undef STORE
#undef LOAD
#undef H
#undef V
