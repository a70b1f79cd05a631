#include "tensors_columns.h"

#include "kernels_dispatch.h"

typedef LANES(float, 8) floats;
typedef LANES(double, 8) doubles;

#define WIDEN(v) __builtin_convertvector(v, doubles)
#define NARROW(v) __builtin_convertvector(v, floats)

// As many columns, 16 to 128, as keep the block within a first-level cache of 32 KiB.
static size_t block_width(size_t count) {
  size_t width = 128;
  while (width > 16 && count * width * sizeof(float) > 28 * 1024) width /= 2;
  return width;
}

size_t tensors_sorting_scratch(size_t count) { return count * block_width(count); }

DISPATCHED
void tensors_sorted_mean(
    const float *const *rows, size_t count, const tensors_comparator *network, size_t length,
    size_t first, size_t last, size_t begin, size_t end, float *out, float *scratch) {
  const size_t block = block_width(count);
  const double kept = (double)(last - first);
  for (size_t start = begin; start < end; start += block) {
    size_t width = end - start < block ? (end - start + 15) / 16 * 16 : block;
    const size_t vectors = width / 8;
    const size_t stride = block / 8;
    floats *wires = (floats *)scratch;
    for (size_t k = 0; k < count; k++) {
      const floats *x = (const floats *)(rows[k] + start);
      for (size_t v = 0; v < vectors; v++) wires[k * stride + v] = x[v];
    }
    for (size_t c = 0; c < length; c++) {
      floats *a = wires + network[c].low * stride;
      floats *b = wires + network[c].high * stride;
      for (size_t v = 0; v < vectors; v += 2) {
        floats x0 = a[v], y0 = b[v], x1 = a[v + 1], y1 = b[v + 1];
        a[v] = x0 < y0 ? x0 : y0;
        b[v] = x0 > y0 ? x0 : y0;
        a[v + 1] = x1 < y1 ? x1 : y1;
        b[v + 1] = x1 > y1 ? x1 : y1;
      }
    }
    floats *result = (floats *)(out + (start - begin));
    for (size_t v = 0; v < vectors; v++) {
      doubles sum = 0;
      for (size_t k = first; k < last; k++) sum += WIDEN(wires[k * stride + v]);
      result[v] = NARROW(sum / kept);
    }
  }
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
