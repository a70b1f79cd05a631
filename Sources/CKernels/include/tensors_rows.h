// Linear combinations of rows of floats, in double.
//
// A combination adds coefficient * row in the order given, for every column alike, so it does not
// depend on how columns are split between calls.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// out[j - begin] = sum_k coefficients[k] * rows[k][j] / divisor, begin <= j < end.
void tensors_combine(
    const float *const *rows, const double *coefficients, size_t count, double divisor,
    size_t begin, size_t end, float *out);
// sum[j - begin] += coefficients[k] * rows[k][j], k = 0, 1, ..., begin <= j < end; `sum` on a 64-byte
// boundary. From zeros and then divided: the same bits as tensors_combine of all rows at once.
void tensors_accumulate(
    const float *const *rows, const double *coefficients, size_t count, size_t begin, size_t end,
    double *sum);
// out[j] = sum[j] / divisor
void tensors_divide(const double *sum, double divisor, size_t count, float *out);
// One combination of packed rows: sum_t coefficients[t] * rows[sources[t]], t < count, in that order,
// added to the shared sum if it is to be.
typedef struct {
  const uint32_t *sources;
  const double *coefficients;
  size_t count;
  bool onto_shared;
} tensors_mixture;
// How many doubles `pack` must hold, on a 64-byte boundary.
size_t tensors_mix_pack_size(size_t count);
// out[i][j - begin] = mixtures[i] at column j, i < number, begin <= j < end, where the shared sum is
// sum_k shared[k] * rows[k]; `shared` may be NULL if no mixture needs it. Each row is read once for
// all mixtures. Without the shared sum: the same bits as one tensors_combine for each mixture.
// `streaming` writes past the caches; out[i] then lies on a 64-byte boundary.
void tensors_mix(
    const float *const *rows, size_t count, const double *shared, const tensors_mixture *mixtures,
    size_t number, size_t begin, size_t end, float *const *out, bool streaming, double *pack);
// sum_j (sum_k coefficients[k] * rows[k][j])^2
double tensors_combined_squared_norm(
    const float *const *rows, const double *coefficients, size_t count, size_t columns);
// sum_j (a[j] - center[j]) * (b[j] - center[j])
double tensors_centered_dot(const float *a, const float *b, const float *center, size_t columns);
