// Inner products between all pairs of rows, centred on one of them.
#pragma once
#include <stddef.h>

// The number of partial sums kept for each pair.
enum { TENSORS_GRAM_LANES = 8 };

// How many rows of sums there are for `count` rows, and how many sums of lanes in each.
size_t tensors_gram_padded_rows(size_t count);
// How many doubles `pack` must hold, on a 64-byte boundary.
size_t tensors_gram_pack_size(size_t count);

// Columns whose products are added up in one accumulator of each kind before it joins the sums.
enum { TENSORS_GRAM_BLOCK = 256 };

// With z_k = rows[k] - rows[center] for k != center and z_center = rows[center], adds over
// begin <= j < end
//   z_i[j] * z_k[j] to sums[(i * padded + k) * lanes + (j - begin) % lanes], i <= k,
// in double. Sums below the diagonal and of padding rows are unspecified. `sums` lies on a 64-byte
// boundary. A pair's sum depends on its two rows alone, not on where in the matrix they are.
void tensors_gram_add(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *pack);
// The same with z and the sums over TENSORS_GRAM_BLOCK columns in float: twice as fast. Each such sum
// has TENSORS_GRAM_TERMS terms; those of row i with itself are squared and added to
// spreads[i * lanes + ...], which has `padded` rows.
enum { TENSORS_GRAM_TERMS = 32 };
void tensors_gram_add_rounded(
    const float *const *rows, size_t count, size_t center, size_t begin, size_t end, double *sums,
    double *spreads, double *pack);
