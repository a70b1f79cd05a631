// Pooling on channel-last images; loops run along the channels.

#include <string.h>

#include "include/learning_operations.h"
#include "kernels_dispatch.h"

#pragma clang fp contract(off)

// Runs BODY for every window of one example and every place of the window that lies in the image:
// `at` is the offset of the input's first channel, `out` of the output's, `k` the place's number.
#define FOR_EACH_PLACE(p, BODY)                                                                    \
  for (size_t oy = 0; oy < (p)->out_height; oy++)                                                  \
    for (size_t ox = 0; ox < (p)->out_width; ox++) {                                               \
      const size_t out = (oy * (p)->out_width + ox) * (p)->channels;                               \
      for (size_t ky = 0; ky < (p)->kernel_height; ky++) {                                         \
        const size_t y0 = oy * (p)->stride_height + ky;                                            \
        if (y0 < (p)->padding_height || y0 - (p)->padding_height >= (p)->in_height) continue;      \
        for (size_t kx = 0; kx < (p)->kernel_width; kx++) {                                        \
          const size_t x0 = ox * (p)->stride_width + kx;                                           \
          if (x0 < (p)->padding_width || x0 - (p)->padding_width >= (p)->in_width) continue;       \
          const size_t at =                                                                        \
              ((y0 - (p)->padding_height) * (p)->in_width + x0 - (p)->padding_width) *             \
              (p)->channels;                                                                       \
          const int32_t k = (int32_t)(ky * (p)->kernel_width + kx);                                \
          BODY                                                                                     \
        }                                                                                          \
      }                                                                                            \
    }

static size_t in_size(const learning_pool *p) { return p->in_height * p->in_width * p->channels; }
static size_t out_size(const learning_pool *p) {
  return p->out_height * p->out_width * p->channels;
}

// Whether the windows are whole, lie side by side and cover the image.
static int is_tiling(const learning_pool *p) {
  return p->padding_height == 0 && p->padding_width == 0 && p->stride_height == p->kernel_height &&
         p->stride_width == p->kernel_width && p->out_height * p->kernel_height == p->in_height &&
         p->out_width * p->kernel_width == p->in_width;
}

// The 2 x 2 windows of one output row, which lie side by side, and their way back: COUNT channels at a
// time, the last of them overlapping those before; fewer than COUNT channels go one by one.
#define DEFINE_SQUARE(SCALAR, type, COUNT, INTEGER)                                                \
  typedef SCALAR values_##type __attribute__((ext_vector_type(COUNT), aligned(sizeof(SCALAR))));   \
  typedef INTEGER wide_##type __attribute__((ext_vector_type(COUNT), aligned(sizeof(INTEGER))));   \
  typedef int32_t places_##type __attribute__((ext_vector_type(COUNT), aligned(4)));               \
  DISPATCHED static void square_row_##type(const SCALAR *upper, const SCALAR *lower, SCALAR *y,    \
                                           int32_t *arg, size_t width, size_t channels) {          \
    for (size_t o = 0; o < width; o++, upper += 2 * channels, lower += 2 * channels,               \
                y += channels, arg += channels) {                                                  \
      if (channels < COUNT) {                                                                      \
        for (size_t c = 0; c < channels; c++) {                                                    \
          const SCALAR v[4] = {upper[c], upper[c + channels], lower[c], lower[c + channels]};      \
          int32_t best = 0;                                                                        \
          for (int32_t k = 1; k < 4; k++) best = v[k] > v[best] || v[k] != v[k] ? k : best;        \
          y[c] = v[best];                                                                          \
          arg[c] = best;                                                                           \
        }                                                                                          \
        continue;                                                                                  \
      }                                                                                            \
      for (size_t from = 0; from < channels; from += COUNT) {                                      \
        const size_t c = from + COUNT <= channels ? from : channels - COUNT;                       \
        values_##type best = *(const values_##type *)(upper + c);                                  \
        wide_##type place = (wide_##type)0;                                                        \
        values_##type v = *(const values_##type *)(upper + c + channels);                          \
        wide_##type wins = (v > best) | (v != v);                                                  \
        best = wins ? v : best;                                                                    \
        place = wins ? (wide_##type)1 : place;                                                     \
        v = *(const values_##type *)(lower + c);                                                   \
        wins = (v > best) | (v != v);                                                              \
        best = wins ? v : best;                                                                    \
        place = wins ? (wide_##type)2 : place;                                                     \
        v = *(const values_##type *)(lower + c + channels);                                        \
        wins = (v > best) | (v != v);                                                              \
        *(values_##type *)(y + c) = wins ? v : best;                                               \
        place = wins ? (wide_##type)3 : place;                                                     \
        *(places_##type *)(arg + c) = __builtin_convertvector(place, places_##type);               \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void square_row_back_##type(const SCALAR *dy, const int32_t *arg,              \
                                                SCALAR *upper, SCALAR *lower, size_t width,        \
                                                size_t channels) {                                 \
    for (size_t o = 0; o < width; o++, upper += 2 * channels, lower += 2 * channels,               \
                dy += channels, arg += channels) {                                                 \
      if (channels < COUNT) {                                                                      \
        for (size_t c = 0; c < channels; c++) {                                                    \
          upper[c] = arg[c] == 0 ? dy[c] : 0;                                                      \
          upper[c + channels] = arg[c] == 1 ? dy[c] : 0;                                           \
          lower[c] = arg[c] == 2 ? dy[c] : 0;                                                      \
          lower[c + channels] = arg[c] == 3 ? dy[c] : 0;                                           \
        }                                                                                          \
        continue;                                                                                  \
      }                                                                                            \
      for (size_t from = 0; from < channels; from += COUNT) {                                      \
        const size_t c = from + COUNT <= channels ? from : channels - COUNT;                       \
        const values_##type g = *(const values_##type *)(dy + c), zero = (values_##type)0;         \
        const wide_##type k =                                                                      \
            __builtin_convertvector(*(const places_##type *)(arg + c), wide_##type);               \
        *(values_##type *)(upper + c) = k == 0 ? g : zero;                                         \
        *(values_##type *)(upper + c + channels) = k == 1 ? g : zero;                              \
        *(values_##type *)(lower + c) = k == 2 ? g : zero;                                         \
        *(values_##type *)(lower + c + channels) = k == 3 ? g : zero;                              \
      }                                                                                            \
    }                                                                                              \
  }

DEFINE_SQUARE(float, f32, 8, int32_t)
DEFINE_SQUARE(double, f64, 4, int64_t)

#define DEFINE(SCALAR, type)                                                                       \
  DISPATCHED static void better_##type(const SCALAR *restrict v, SCALAR *restrict y,               \
                                       int32_t *restrict arg, int32_t k, size_t channels) {        \
    for (size_t c = 0; c < channels; c++) {                                                        \
      const int wins = (v[c] > y[c]) | (v[c] != v[c]);                                             \
      arg[c] = wins ? k : arg[c];                                                                  \
      y[c] = wins ? v[c] : y[c];                                                                   \
    }                                                                                              \
  }                                                                                                \
  void learning_max_pool_##type(const learning_pool *p, const SCALAR *x, SCALAR *y, int32_t *arg,  \
                                size_t rows) {                                                     \
    const size_t C = p->channels;                                                                  \
    if (is_tiling(p) && p->kernel_height == 2 && p->kernel_width == 2) {                           \
      const size_t line = p->in_width * C, out = p->out_width * C;                                 \
      for (size_t r = 0; r < rows * p->out_height; r++)                                            \
        square_row_##type(x + 2 * r * line, x + (2 * r + 1) * line, y + r * out, arg + r * out,    \
                          p->out_width, C);                                                        \
      return;                                                                                      \
    }                                                                                              \
    for (size_t r = 0; r < rows; r++, x += in_size(p), y += out_size(p), arg += out_size(p)) {     \
      for (size_t i = 0; i < out_size(p); i++) arg[i] = -1;                                        \
      FOR_EACH_PLACE(p, {                                                                          \
        if (arg[out] < 0) {                                                                        \
          memcpy(y + out, x + at, C * sizeof(SCALAR));                                             \
          for (size_t c = 0; c < C; c++) arg[out + c] = k;                                         \
        } else {                                                                                   \
          better_##type(x + at, y + out, arg + out, k, C);                                         \
        }                                                                                          \
      })                                                                                           \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void choose_##type(const SCALAR *restrict v, const int32_t *restrict arg,      \
                                       int32_t k, SCALAR *restrict y, size_t channels) {           \
    for (size_t c = 0; c < channels; c++) y[c] = arg[c] == k ? v[c] : y[c];                        \
  }                                                                                                \
  void learning_max_pool_gather_##type(const learning_pool *p, const SCALAR *x,                    \
                                       const int32_t *arg, SCALAR *y, size_t rows) {               \
    for (size_t r = 0; r < rows; r++, x += in_size(p), y += out_size(p), arg += out_size(p)) {     \
      FOR_EACH_PLACE(p, choose_##type(x + at, arg + out, k, y + out, p->channels);)                \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void place_##type(const SCALAR *restrict dy, const int32_t *restrict arg,      \
                                      int32_t k, SCALAR *restrict dx, size_t channels) {           \
    for (size_t c = 0; c < channels; c++) dx[c] = arg[c] == k ? dy[c] : 0;                         \
  }                                                                                                \
  DISPATCHED static void add_placed_##type(const SCALAR *restrict dy, const int32_t *restrict arg, \
                                           int32_t k, SCALAR *restrict dx, size_t channels) {      \
    for (size_t c = 0; c < channels; c++) dx[c] += arg[c] == k ? dy[c] : 0;                        \
  }                                                                                                \
  void learning_max_pool_scatter_##type(const learning_pool *p, const SCALAR *dy,                  \
                                        const int32_t *arg, SCALAR *dx, size_t rows) {             \
    const int tiling = is_tiling(p);                                                               \
    if (tiling && p->kernel_height == 2 && p->kernel_width == 2) {                                 \
      const size_t line = p->in_width * p->channels, out = p->out_width * p->channels;             \
      for (size_t r = 0; r < rows * p->out_height; r++)                                            \
        square_row_back_##type(dy + r * out, arg + r * out, dx + 2 * r * line,                     \
                               dx + (2 * r + 1) * line, p->out_width, p->channels);                \
      return;                                                                                      \
    }                                                                                              \
    for (size_t r = 0; r < rows; r++, dx += in_size(p), dy += out_size(p), arg += out_size(p)) {   \
      if (tiling) {                                                                                \
        FOR_EACH_PLACE(p, place_##type(dy + out, arg + out, k, dx + at, p->channels);)             \
      } else {                                                                                     \
        memset(dx, 0, in_size(p) * sizeof(SCALAR));                                                \
        FOR_EACH_PLACE(p, add_placed_##type(dy + out, arg + out, k, dx + at, p->channels);)        \
      }                                                                                            \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void accumulate_##type(const SCALAR *restrict v, SCALAR factor,                \
                                           SCALAR *restrict y, size_t channels) {                  \
    for (size_t c = 0; c < channels; c++) y[c] += factor * v[c];                                   \
  }                                                                                                \
  void learning_average_pool_##type(const learning_pool *p, const SCALAR *x, SCALAR *y,            \
                                    size_t rows) {                                                 \
    const SCALAR factor = 1 / (SCALAR)(p->kernel_height * p->kernel_width);                        \
    memset(y, 0, rows *out_size(p) * sizeof(SCALAR));                                              \
    for (size_t r = 0; r < rows; r++, x += in_size(p), y += out_size(p)) {                         \
      FOR_EACH_PLACE(p, {                                                                          \
        (void)k;                                                                                   \
        accumulate_##type(x + at, factor, y + out, p->channels);                                   \
      })                                                                                           \
    }                                                                                              \
  }                                                                                                \
  void learning_average_pool_scatter_##type(const learning_pool *p, const SCALAR *dy, SCALAR *dx,  \
                                            size_t rows) {                                         \
    const SCALAR factor = 1 / (SCALAR)(p->kernel_height * p->kernel_width);                        \
    memset(dx, 0, rows *in_size(p) * sizeof(SCALAR));                                              \
    for (size_t r = 0; r < rows; r++, dx += in_size(p), dy += out_size(p)) {                       \
      FOR_EACH_PLACE(p, {                                                                          \
        (void)k;                                                                                   \
        accumulate_##type(dy + out, factor, dx + at, p->channels);                                 \
      })                                                                                           \
    }                                                                                              \
  }

DEFINE(float, f32)
DEFINE(double, f64)
