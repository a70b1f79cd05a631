// Linear combinations of rows of floats, in double.
//
// A combination adds coefficient * row in the order given, for every column alike, so it does not
// depend on how columns are split between calls.
#pragma once
#include <stddef.h>

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
// How many doubles `pack` must hold, on a 64-byte boundary.
size_t tensors_mix_pack_size(size_t count);
// out[i][j - begin] = sum_k weights[i * count + k] * rows[k][j], i < mixtures, begin <= j < end:
// the same bits as one tensors_combine for each i, for finite rows, and faster when few weights
// are zero.
void tensors_mix(
    const float *const *rows, size_t count, const double *weights, size_t mixtures, size_t begin,
    size_t end, float *const *out, double *pack);
// sum_j (sum_k coefficients[k] * rows[k][j])^2
double tensors_combined_squared_norm(
    const float *const *rows, const double *coefficients, size_t count, size_t columns);
// sum_j (a[j] - center[j]) * (b[j] - center[j])
double tensors_centered_dot(const float *a, const float *b, const float *center, size_t columns);
