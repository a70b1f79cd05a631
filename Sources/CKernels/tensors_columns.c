#include "tensors_columns.h"

#include "kernels_dispatch.h"

typedef LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

#define LOAD(p) (*(const floats *)(p))
#define WIDEN(v) __builtin_convertvector(v, doubles)
#define NARROW(v) __builtin_convertvector(v, floats)

// As many columns, 16 to 128, as keep the block within a first-level cache of 32 KiB.
static size_t block_width(size_t count) {
  size_t width = 128;
  while (width > 16 && count * width * sizeof(float) > 28 * 1024) width /= 2;
  return width;
}

size_t tensors_sorting_scratch(size_t count) { return count * block_width(count); }

#define EXCHANGE(x, y)                    \
  do {                                    \
    const floats smaller = x < y ? x : y; \
    y = x > y ? x : y;                    \
    x = smaller;                          \
  } while (0)

// Reads eight vectors at r[0..7] + at, sorts them by Batcher's 19 comparators, and stores them from
// w on, `stride` vectors apart. Meanwhile fetches the next block: no prefetcher of the hardware
// follows as many rows. 0 * x is 0 unless x is NaN or infinite, so `checked` stays 0 while all
// entries are finite.
#define SORT_GROUP(r, at, ahead, w, stride)                                       \
  do {                                                                            \
    for (int row = 0; row < TENSORS_SORTED_GROUP; row++) {                        \
      __builtin_prefetch((r)[row] + (at) + (ahead));                              \
    }                                                                             \
    floats a = LOAD((r)[0] + (at)), b = LOAD((r)[1] + (at));                      \
    floats c = LOAD((r)[2] + (at)), d = LOAD((r)[3] + (at));                      \
    floats e = LOAD((r)[4] + (at)), f = LOAD((r)[5] + (at));                      \
    floats g = LOAD((r)[6] + (at)), h = LOAD((r)[7] + (at));                      \
    checked += a * 0, checked += b * 0, checked += c * 0, checked += d * 0;       \
    checked += e * 0, checked += f * 0, checked += g * 0, checked += h * 0;       \
    EXCHANGE(a, b); EXCHANGE(c, d); EXCHANGE(e, f); EXCHANGE(g, h);               \
    EXCHANGE(a, c); EXCHANGE(b, d); EXCHANGE(e, g); EXCHANGE(f, h);               \
    EXCHANGE(b, c); EXCHANGE(f, g);                                               \
    EXCHANGE(a, e); EXCHANGE(b, f); EXCHANGE(c, g); EXCHANGE(d, h);               \
    EXCHANGE(c, e); EXCHANGE(d, f);                                               \
    EXCHANGE(b, c); EXCHANGE(d, e); EXCHANGE(f, g);                               \
    (w)[0] = a, (w)[stride] = b, (w)[2 * (stride)] = c, (w)[3 * (stride)] = d;    \
    (w)[4 * (stride)] = e, (w)[5 * (stride)] = f, (w)[6 * (stride)] = g;          \
    (w)[7 * (stride)] = h;                                                        \
  } while (0)

// One step of a network on all columns of a block.
#define RUN_STEP(step, wires, stride, vectors)                                              \
  do {                                                                                      \
    const tensors_step *now = &(step);                                                      \
    const uint16_t *w = now->wires;                                                         \
    floats *r0 = (wires) + w[0] * (stride), *r1 = (wires) + w[1] * (stride);                \
    floats *r2 = (wires) + w[2] * (stride), *r3 = (wires) + w[3] * (stride);                \
    floats *r4 = (wires) + w[4] * (stride), *r5 = (wires) + w[5] * (stride);                \
    floats *r6 = (wires) + w[6] * (stride), *r7 = (wires) + w[7] * (stride);                \
    switch (now->kind) {                                                                     \
    case TENSORS_EXCHANGE_2:                                                                \
      for (size_t v = 0; v < (vectors); v += 2) {                                           \
        floats a = r0[v], b = r1[v], c = r0[v + 1], d = r1[v + 1];                          \
        EXCHANGE(a, b);                                                                     \
        EXCHANGE(c, d);                                                                     \
        r0[v] = a, r1[v] = b, r0[v + 1] = c, r1[v + 1] = d;                                 \
      }                                                                                     \
      break;                                                                                \
    case TENSORS_EXCHANGE_4:                                                                \
      for (size_t v = 0; v < (vectors); v += 2) {                                           \
        floats a = r0[v], b = r1[v], c = r2[v], d = r3[v];                                  \
        floats e = r0[v + 1], f = r1[v + 1], g = r2[v + 1], h = r3[v + 1];                  \
        EXCHANGE(a, c); EXCHANGE(b, d); EXCHANGE(b, c);                                     \
        EXCHANGE(e, g); EXCHANGE(f, h); EXCHANGE(f, g);                                     \
        r0[v] = a, r1[v] = b, r2[v] = c, r3[v] = d;                                         \
        r0[v + 1] = e, r1[v + 1] = f, r2[v + 1] = g, r3[v + 1] = h;                         \
      }                                                                                     \
      break;                                                                                \
    case TENSORS_EXCHANGE_6:                                                                \
      for (size_t v = 0; v < (vectors); v++) {                                              \
        floats a = r0[v], b = r1[v], c = r2[v], d = r3[v], e = r4[v], f = r5[v];            \
        EXCHANGE(a, e); EXCHANGE(b, f); EXCHANGE(c, e); EXCHANGE(d, f);                     \
        EXCHANGE(b, c); EXCHANGE(d, e);                                                     \
        r0[v] = a, r1[v] = b, r2[v] = c, r3[v] = d, r4[v] = e, r5[v] = f;                   \
      }                                                                                     \
      break;                                                                                \
    default:                                                                                \
      for (size_t v = 0; v < (vectors); v++) {                                              \
        floats a = r0[v], b = r1[v], c = r2[v], d = r3[v];                                  \
        floats e = r4[v], f = r5[v], g = r6[v], h = r7[v];                                  \
        EXCHANGE(a, e); EXCHANGE(b, f); EXCHANGE(c, g); EXCHANGE(d, h);                     \
        EXCHANGE(c, e); EXCHANGE(d, f); EXCHANGE(d, e);                                     \
        if (now->kind == TENSORS_EXCHANGE_FIRST_8) {                                        \
          EXCHANGE(b, c);                                                                   \
          EXCHANGE(f, g);                                                                   \
        }                                                                                   \
        r0[v] = a, r1[v] = b, r2[v] = c, r3[v] = d;                                         \
        r4[v] = e, r5[v] = f, r6[v] = g, r7[v] = h;                                         \
      }                                                                                     \
    }                                                                                       \
  } while (0);

// Brings `width` columns of all rows, from `start` on, onto the wires and runs the network.
#define SORT_BLOCK()                                                                       \
  const size_t width = end - start < block ? (end - start + 15) / 16 * 16 : block;        \
  const size_t vectors = width / 8;                                                       \
  const size_t ahead = end - start > block ? block : 0;                                   \
  for (size_t k = 0; k < grouped; k += TENSORS_SORTED_GROUP) {                            \
    for (size_t v = 0; v < vectors; v++) {                                                \
      SORT_GROUP(rows + k, start + v * 8, ahead, wires + k * stride + v, stride);         \
    }                                                                                     \
  }                                                                                       \
  for (size_t k = grouped; k < count; k++) {                                              \
    for (size_t v = 0; v < vectors; v++) {                                                \
      const floats x = LOAD(rows[k] + start + v * 8);                                     \
      checked += x * 0;                                                                   \
      wires[k * stride + v] = x;                                                          \
    }                                                                                     \
  }                                                                                       \
  for (size_t c = 0; c < length; c++) RUN_STEP(network[c], wires, stride, vectors)

DISPATCHED
bool tensors_sorted_mean(
    const float *const *rows, size_t count, const tensors_step *network, size_t length,
    size_t first, size_t last, size_t begin, size_t end, float *out, float *scratch) {
  const size_t block = block_width(count);
  const size_t stride = block / 8;
  const size_t grouped = count / TENSORS_SORTED_GROUP * TENSORS_SORTED_GROUP;
  const double kept = (double)(last - first);
  floats *wires = (floats *)scratch;
  floats checked = 0;
  for (size_t start = begin; start < end; start += block) {
    SORT_BLOCK();
    floats *result = (floats *)(out + (start - begin));
    for (size_t v = 0; v < vectors; v++) {
      doubles sum = 0;
      for (size_t k = first; k < last; k++) sum += WIDEN(wires[k * stride + v]);
      result[v] = NARROW(sum / kept);
    }
  }
  return __builtin_reduce_and(checked == 0);
}

// The mean of `kept` values of a column where two sorted ones, low < high and `kept` ranks apart, are
// equally near to the centre: all between these, and as many of the two as there is room for, the
// lower row first. `sorted` is the column on the wires.
static float mean_at_tie(
    const float *const *rows, size_t count, size_t column, const float *sorted, size_t stride,
    size_t from, size_t reach, size_t kept, double number, double twice) {
  size_t k = from;
  while (k + 1 < from + reach - kept) {
    const double x = sorted[k * stride], y = sorted[(k + kept) * stride];
    if (x < y && (x + y) * number == twice) break;
    k += 1;
  }
  const float low = sorted[k * stride], high = sorted[(k + kept) * stride];
  double sum = 0;
  size_t room = kept;
  for (size_t row = 0; row < count; row++) {
    const float x = rows[row][column];
    if (low < x && x < high) sum += x, room -= 1;
  }
  for (size_t row = 0; row < count && room > 0; row++) {
    const float x = rows[row][column];
    if (x == low || x == high) sum += x, room -= 1;
  }
  return (float)(sum / (double)kept);
}

// The nearest values fill a window of ranks, and each window of `kept` ranks holds one rank of each
// residue modulo `kept`: the nearest one, x rather than y > x unless x + y < 2 center. Nothing is
// subtracted, so nothing cancels beside huge entries; center = sum / number is not divided out, so
// that ties between integers are exact.
DISPATCHED
bool tensors_mean_of_nearest(
    const float *const *rows, size_t count, const tensors_step *network, size_t length,
    size_t center_first, size_t center_last, size_t from, size_t reach, size_t kept, size_t begin,
    size_t end, float *out, float *scratch) {
  const size_t block = block_width(count);
  const size_t stride = block / 8;
  const size_t grouped = count / TENSORS_SORTED_GROUP * TENSORS_SORTED_GROUP;
  const double number = (double)(center_last - center_first);
  const size_t choices = reach - kept < kept ? reach - kept : kept;
  floats *wires = (floats *)scratch;
  floats checked = 0;
  for (size_t start = begin; start < end; start += block) {
    SORT_BLOCK();
    floats *result = (floats *)(out + (start - begin));
    for (size_t v = 0; v < vectors; v++) {
      const floats *wire = wires + v;
      doubles center = 0;
      for (size_t k = center_first; k < center_last; k++) center += WIDEN(wire[k * stride]);
      const doubles twice = 2 * center;
      doubles sum = 0;
      for (size_t k = from + choices; k < from + kept; k++) sum += WIDEN(wire[k * stride]);
      LANES(int64_t, 8) tied = 0;
      for (size_t k = from; k < from + choices; k++) {
        doubles x = WIDEN(wire[k * stride]);
        for (size_t other = k + kept; other < from + reach; other += kept) {
          const doubles y = WIDEN(wire[other * stride]);
          const doubles both = (x + y) * number;
          tied |= (both == twice) & (x < y);
          x = both < twice ? y : x;
        }
        sum += x;
      }
      result[v] = NARROW(sum / (double)kept);
      if (__builtin_reduce_or(tied)) {
        float *column = (float *)(result + v);
        for (size_t lane = 0; lane < 8 && start + v * 8 + lane < end; lane++) {
          if (tied[lane]) {
            column[lane] = mean_at_tie(
                rows, count, start + v * 8 + lane, (const float *)wire + lane, stride * 8, from,
                reach, kept, number, twice[lane]);
          }
        }
      }
    }
  }
  return __builtin_reduce_and(checked == 0);
}

#define MOMENT_BLOCK 256

DISPATCHED
void tensors_standard_deviation(
    const float *const *rows, size_t count, double divisor, size_t begin, size_t end, float *out) {
  _Alignas(64) doubles mean[MOMENT_BLOCK / 8], square[MOMENT_BLOCK / 8];
  for (size_t start = begin; start < end; start += MOMENT_BLOCK) {
    size_t width = end - start < MOMENT_BLOCK ? end - start : MOMENT_BLOCK;
    const size_t vectors = (width + 15) / 16 * 2;
    for (size_t v = 0; v < vectors; v++) mean[v] = 0, square[v] = 0;
    for (size_t k = 0; k < count; k++) {
      const floats *x = (const floats *)(rows[k] + start);
      for (size_t v = 0; v < vectors; v++) mean[v] += WIDEN(x[v]);
    }
    for (size_t v = 0; v < vectors; v++) mean[v] /= (double)count;
    for (size_t k = 0; k < count; k++) {
      const floats *x = (const floats *)(rows[k] + start);
      for (size_t v = 0; v < vectors; v++) {
        doubles deviation = WIDEN(x[v]) - mean[v];
        square[v] += deviation * deviation;
      }
    }
    floats *result = (floats *)(out + (start - begin));
    for (size_t v = 0; v < vectors; v++) {
      result[v] = NARROW(__builtin_elementwise_sqrt(square[v] / divisor));
    }
  }
}
