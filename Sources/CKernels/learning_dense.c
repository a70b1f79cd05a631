// The dense layer's products: one body, compiled for each scalar type and instruction set, chosen at
// run time by what the CPU has.

#include "include/learning_kernels.h"

#pragma clang fp contract(off)

// Rows of a tile: 5 where they divide evenly, else 4; 3 or fewer for the small.
static inline size_t tile_rows(size_t rows) {
  if (rows % 5 == 0) return 5;
  if (rows % 4 == 0) return 4;
  if (rows % 3 == 0) return 3;
  return rows % 4 >= rows % 5 ? 4 : 5;
}

// Columns of a tile, so that the accumulators number at most 12 of 16 registers, or 20 of 32.
static inline size_t tile_columns(size_t rows, int registers) {
  return registers == 32 ? 4 : rows == 5 ? 2 : rows == 4 ? 3 : 4;
}

#define BODY "learning_dense_body.h"
#include "kernels_variants.h"

#define DEFINE(SCALAR, type)                                                                       \
  void learning_dense_forward_##type(const SCALAR *x, const SCALAR *weight, const SCALAR *bias,    \
                                     SCALAR *y, size_t rows, size_t inputs, size_t outputs) {      \
    DISPATCH(learning_dense_forward, type, x, weight, bias, y, rows, inputs, outputs);             \
  }                                                                                                \
  void learning_dense_input_##type(const SCALAR *dy, const SCALAR *weight, SCALAR *dx,             \
                                   size_t rows, size_t inputs, size_t outputs, int add) {          \
    DISPATCH(learning_dense_input, type, dy, weight, dx, rows, inputs, outputs, add);              \
  }                                                                                                \
  void learning_dense_weight_##type(const SCALAR *dy, const SCALAR *x, SCALAR *weight,             \
                                    SCALAR *bias, size_t rows, size_t inputs, size_t outputs,      \
                                    SCALAR alpha, SCALAR beta) {                                   \
    DISPATCH(learning_dense_weight, type, dy, x, weight, bias, rows, inputs, outputs, alpha,       \
             beta);                                                                                \
  }

DEFINE(float, f32)
DEFINE(double, f64)
