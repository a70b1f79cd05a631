// Inner products between all pairs of rows, centred on one of them.
#pragma once
#include <stddef.h>

// The number of partial sums kept for each pair.
enum { TENSORS_GRAM_LANES = 8 };

// How many rows `pack` and `sums` must hold for `count` rows and the centre.
size_t tensors_gram_padded_rows(size_t count);
// How many doubles `pack` must hold.
size_t tensors_gram_pack_size(size_t count);

// With z_k = rows[k] - center for k < count and z_count = center, adds over begin <= j < end
//   z_i[j] * z_k[j] to sums[(i * padded + k) * lanes + (j - begin) % lanes], i <= k,
// in double. Entries below the diagonal are unspecified.
void tensors_gram_add(
    const float *const *rows, size_t count, const float *center, size_t begin, size_t end,
    double *sums, double *pack);
