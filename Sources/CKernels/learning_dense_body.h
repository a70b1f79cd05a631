// The three products of a dense layer, written once and compiled per scalar type and instruction set
// by learning_dense.c, which defines:
//
//   SCALAR   float or double
//   LANES    lanes of one vector register
//   REGISTERS vector registers, 16 or 32
//   FMA      1 where a fused multiply-add is one instruction
//   TARGET   the target attribute of every function
//   NAME(x)  x with this variant's suffix
//
// All three keep one accumulator vector per result vector and add in one fixed order, so a row's
// result depends neither on the tile it fell into nor on how many rows came with it.
// At most 12 accumulators where there are 16 registers: more would be spilled. With 32, 20.

typedef SCALAR NAME(vector) __attribute__((ext_vector_type(LANES), aligned(sizeof(SCALAR))));
#define V NAME(vector)
#define LOAD(p) (*(const V *)(p))
#define STORE(p, v) (*(V *)(p) = (v))
#if FMA
#define MULADD(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define MULADD(a, b, c) ((a) * (b) + (c))
#endif
#define PREFETCH(p) __builtin_prefetch((p), 0, 3)
#define PREFETCH_WRITE(p) __builtin_prefetch((p), 1, 3)
#define INLINE static inline __attribute__((always_inline)) TARGET

// Lanes of a vector folded to four: halves are added.
typedef SCALAR NAME(four) __attribute__((ext_vector_type(4), aligned(sizeof(SCALAR))));
#if LANES == 16
#define FOLD(v) ((v).lo.lo + (v).lo.hi + ((v).hi.lo + (v).hi.hi))
#elif LANES == 8
#define FOLD(v) ((v).lo + (v).hi)
#else
#define FOLD(v) (v)
#endif

// y[r][c] = bias[c] + sum_i x[r][i] w[c][i] for an R x C tile, added to what y holds if there is no
// bias; lanes run along i, and the four accumulators of a row are summed together by interleaving
// them.
INLINE void NAME(forward_tile)(const SCALAR *x, const SCALAR *w, const SCALAR *bias, SCALAR *y,
                               size_t inputs, size_t outputs, const int R, const int C) {
  V acc[5][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) acc[r][c] = (V)(SCALAR)0;
  size_t i = 0;
#pragma clang loop unroll(disable)
  for (; i + LANES <= inputs; i += LANES) {
    V b[5];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) b[r] = LOAD(x + (size_t)r * inputs + i);
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) {
      const V a = LOAD(w + (size_t)c * inputs + i);
#pragma clang loop unroll(full)
      for (int r = 0; r < R; r++) acc[r][c] = MULADD(b[r], a, acc[r][c]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) {
    const NAME(four) s = FOLD(acc[r][0]), t = FOLD(acc[r][1]), u = FOLD(acc[r][2]),
                     v = FOLD(acc[r][3]);
    const NAME(four) st = __builtin_shufflevector(s, t, 0, 4, 1, 5) +
                          __builtin_shufflevector(s, t, 2, 6, 3, 7);
    const NAME(four) uv = __builtin_shufflevector(u, v, 0, 4, 1, 5) +
                          __builtin_shufflevector(u, v, 2, 6, 3, 7);
    NAME(four) sum =
        __builtin_shufflevector(st, uv, 0, 1, 4, 5) + __builtin_shufflevector(st, uv, 2, 3, 6, 7);
    for (size_t j = i; j < inputs; j++) {
#pragma clang loop unroll(full)
      for (int c = 0; c < C; c++)
        sum[c] = MULADD(x[(size_t)r * inputs + j], w[(size_t)c * inputs + j], sum[c]);
    }
    const SCALAR *start = bias ? bias : y + (size_t)r * outputs;
    if (C == 4) {
      *(NAME(four) *)(y + (size_t)r * outputs) = *(const NAME(four) *)start + sum;
    } else {
#pragma clang loop unroll(full)
      for (int c = 0; c < C; c++) y[(size_t)r * outputs + (size_t)c] = start[c] + sum[c];
    }
  }
}

// dx[r][i] = sum_o dy[r][o] w[o][i] for R rows and C vectors of columns, added to what dx holds if
// `add`; lanes run along i.
INLINE void NAME(input_tile)(const SCALAR *dy, const SCALAR *w, SCALAR *dx, size_t inputs,
                             size_t outputs, int add, const int R, const int C) {
  V acc[5][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++)
      acc[r][c] = add ? LOAD(dx + (size_t)r * inputs + (size_t)c * LANES) : (V)(SCALAR)0;
#pragma clang loop unroll(disable)
  for (size_t o = 0; o < outputs; o++) {
    V a[4];
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) a[c] = LOAD(w + o * inputs + (size_t)c * LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      const V b = (V)dy[(size_t)r * outputs + o];
#pragma clang loop unroll(full)
      for (int c = 0; c < C; c++) acc[r][c] = MULADD(b, a[c], acc[r][c]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) STORE(dx + (size_t)r * inputs + (size_t)c * LANES, acc[r][c]);
}

// target[o][i] = beta target[o][i] + alpha sum_r dy[r][o] x[r][i] for R rows o and C vectors of
// columns; lanes run along i. With alpha = 1 the sum starts from the target, which saves a pass over
// the accumulators. `ahead` is where the tile R rows below will write.
INLINE void NAME(weight_tile)(const SCALAR *dy, const SCALAR *x, SCALAR *target, size_t rows,
                              size_t inputs, size_t outputs, SCALAR alpha, SCALAR beta,
                              const SCALAR *ahead, const int R, const int C) {
  V acc[5][4];
  const int direct = alpha == 1 && beta != 0;
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) {
    PREFETCH_WRITE(ahead + (size_t)r * inputs);
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++)
      acc[r][c] = direct ? beta * LOAD(target + (size_t)r * inputs + (size_t)c * LANES)
                         : (V)(SCALAR)0;
  }
#pragma clang loop unroll(disable)
  for (size_t n = 0; n < rows; n++) {
    V a[4];
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) a[c] = LOAD(x + n * inputs + (size_t)c * LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      const V b = (V)dy[n * outputs + (size_t)r];
#pragma clang loop unroll(full)
      for (int c = 0; c < C; c++) acc[r][c] = MULADD(b, a[c], acc[r][c]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) {
      SCALAR *t = target + (size_t)r * inputs + (size_t)c * LANES;
      if (direct) {
        STORE(t, acc[r][c]);
      } else if (beta == 0) {
        STORE(t, (V)alpha * acc[r][c]);
      } else {
        STORE(t, MULADD((V)alpha, acc[r][c], beta * LOAD(t)));
      }
    }
}

// The same for the last `count` columns, fewer than a vector, of R rows that are scaled already.
INLINE void NAME(weight_tail)(const SCALAR *dy, const SCALAR *x, SCALAR *target, size_t rows,
                              size_t inputs, size_t outputs, SCALAR alpha, size_t count,
                              const int R) {
  // Whole vectors that end with the last column: the lanes before it are left out of the store.
  const size_t back = LANES - count;
  V acc[5];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) acc[r] = (V)(SCALAR)0;
#pragma clang loop unroll(disable)
  for (size_t n = 0; n < rows; n++) {
    const V a = LOAD(x + n * inputs - back);
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      acc[r] = MULADD((V)dy[n * outputs + (size_t)r], a, acc[r]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) {
    SCALAR *t = target + (size_t)r * inputs;
    SCALAR sum[LANES];
    __builtin_memcpy(sum, &acc[r], sizeof sum);
#pragma clang loop vectorize(disable) unroll(disable)
    for (size_t i = 0; i < count; i++) t[i] = MULADD(alpha, sum[back + i], t[i]);
  }
}

// target = beta target; beta = 0 does not read it.
INLINE void NAME(scale)(SCALAR *target, SCALAR beta, size_t count) {
  if (beta == 0) {
    __builtin_memset(target, 0, count * sizeof(SCALAR));
  } else if (beta != 1) {
    for (size_t i = 0; i < count; i++) target[i] *= beta;
  }
}

// Runs `CALL(R, C)` with the constants that fit what is left; R <= 5, C <= 4, and R C <= 12 where
// there are 16 registers.
#define WIDE (REGISTERS == 32)
#define REST(R, c)                                                                                 \
  switch (c) {                                                                                     \
    case 1: CALL(R, 1); break;                                                                     \
    case 2: CALL(R, 2); break;                                                                     \
    case 3: if (WIDE || R <= 4) CALL((WIDE || R <= 4 ? R : 1), 3); break;                          \
    default: if (WIDE || R <= 3) CALL((WIDE || R <= 3 ? R : 1), 4); break;                         \
  }
#define TILE(r, c)                                                                                 \
  switch (r) {                                                                                     \
    case 1: REST(1, c) break;                                                                      \
    case 2: REST(2, c) break;                                                                      \
    case 3: REST(3, c) break;                                                                      \
    case 4: REST(4, c) break;                                                                      \
    default: REST(5, c) break;                                                                     \
  }

TARGET void NAME(learning_dense_forward)(const SCALAR *x, const SCALAR *w, const SCALAR *bias,
                                         SCALAR *y, size_t rows, size_t inputs, size_t outputs) {
  const size_t most = WIDE ? 5 : 3, tiles = (rows + most - 1) / most;
  for (size_t o = 0; o < outputs; o += 4) {
    const size_t c = outputs - o < 4 ? outputs - o : 4;
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t b = tile * rows / tiles, r = (tile + 1) * rows / tiles - b;
#define CALL(R, C)                                                                                 \
  NAME(forward_tile)(x + b * inputs, w + o * inputs, bias ? bias + o : bias, y + b * outputs + o,   \
                     inputs, outputs, R, C)
      TILE(r, c)
#undef CALL
    }
  }
}

TARGET void NAME(learning_dense_input)(const SCALAR *dy, const SCALAR *w, SCALAR *dx, size_t rows,
                                       size_t inputs, size_t outputs, int add) {
  if (inputs < LANES) {
    for (size_t b = 0; b < rows; b++)
      for (size_t i = 0; i < inputs; i++) {
        SCALAR sum = add ? dx[b * inputs + i] : 0;
        for (size_t o = 0; o < outputs; o++)
          sum = MULADD(dy[b * outputs + o], w[o * inputs + i], sum);
        dx[b * inputs + i] = sum;
      }
    return;
  }
  const size_t R = tile_rows(rows), C = tile_columns(R, REGISTERS);
  for (size_t i = 0; i < inputs;) {
    size_t c = (inputs - i) / LANES;
    size_t at = i;
    if (c > C) c = C;
    if (c == 0 && add) {  // the last columns, which an overlapping vector would add to twice
      for (size_t b = 0; b < rows; b++)
        for (size_t j = i; j < inputs; j++) {
          SCALAR sum = dx[b * inputs + j];
          for (size_t o = 0; o < outputs; o++)
            sum = MULADD(dy[b * outputs + o], w[o * inputs + j], sum);
          dx[b * inputs + j] = sum;
        }
      break;
    }
    if (c == 0) {  // the last columns: one vector that overlaps the one before
      c = 1;
      at = inputs - LANES;
    }
    for (size_t b = 0; b < rows; b += R) {
      const size_t r = rows - b < R ? rows - b : R;
#define CALL(R, C)                                                                                 \
  NAME(input_tile)(dy + b * outputs, w + at, dx + b * inputs + at, inputs, outputs, add, R, C)
      TILE(r, c)
#undef CALL
    }
    i = at + c * LANES;
  }
}

TARGET void NAME(learning_dense_weight)(const SCALAR *dy, const SCALAR *x, SCALAR *weight,
                                        SCALAR *bias, size_t rows, size_t inputs, size_t outputs,
                                        SCALAR alpha, SCALAR beta) {
  if (bias) NAME(scale)(bias, beta, outputs);
  size_t column = bias ? 0 : outputs;
  for (; column + LANES <= outputs; column += LANES) {
    V sum = (V)(SCALAR)0;
    for (size_t n = 0; n < rows; n++) sum += LOAD(dy + n * outputs + column);
    STORE(bias + column, MULADD((V)alpha, sum, LOAD(bias + column)));
  }
  for (; column < outputs; column++) {
    SCALAR sum = 0;
    for (size_t n = 0; n < rows; n++) sum += dy[n * outputs + column];
    bias[column] = MULADD(alpha, sum, bias[column]);
  }
  if (inputs < LANES) {
    NAME(scale)(weight, beta, inputs * outputs);
    for (size_t o = 0; o < outputs; o++)
      for (size_t i = 0; i < inputs; i++) {
        SCALAR sum = 0;
        for (size_t n = 0; n < rows; n++) sum = MULADD(dy[n * outputs + o], x[n * inputs + i], sum);
        weight[o * inputs + i] = MULADD(alpha, sum, weight[o * inputs + i]);
      }
    return;
  }
  const size_t R = tile_rows(outputs), C = tile_columns(R, REGISTERS);
  // Columns in strips whose part of x stays in the first-level cache.
  size_t strip = 16384 / (sizeof(SCALAR) * (rows + 1)) / (C * LANES) * (C * LANES);
  if (strip < C * LANES) strip = C * LANES;
  for (size_t from = 0; from < inputs; from += strip) {
    const size_t to = inputs - from < strip ? inputs : from + strip;
    for (size_t o = 0; o < outputs; o += R) {
      const size_t r = outputs - o < R ? outputs - o : R;
      size_t i = from;
      while (i + LANES <= to) {
        const size_t left = (to - i) / LANES, c = left < C ? left : C;
#define CALL(R, C)                                                                                 \
  NAME(weight_tile)(dy + o, x + i, weight + o * inputs + i, rows, inputs, outputs, alpha,    \
                    beta, weight + (o + r) * inputs + i, R, C)
        TILE(r, c)
#undef CALL
        i += c * LANES;
      }
      if (i < to) {  // only in the last strip: the others are whole vectors
        for (size_t k = 0; k < r; k++) NAME(scale)(weight + (o + k) * inputs + i, beta, to - i);
#define TAIL(R)                                                                                    \
  NAME(weight_tail)(dy + o, x + i, weight + o * inputs + i, rows, inputs, outputs, alpha, to - i, R)
        switch (r) {
          case 1: TAIL(1); break;
          case 2: TAIL(2); break;
          case 3: TAIL(3); break;
          case 4: TAIL(4); break;
          default: TAIL(5); break;
        }
#undef TAIL
      }
    }
  }
}

#undef FOLD
#undef TILE
#undef REST
#undef WIDE
#undef INLINE
#undef PREFETCH
#undef PREFETCH_WRITE
#undef MULADD
#undef STORE
#undef LOAD
#undef V
