// Passes over flat Float vectors.
//
// Sums run in double over 32 fixed lanes and a fixed tree, without contraction: equal bits on every
// CPU. Pointers need no alignment beyond that of a float.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// sum_i a[i] * b[i]
double tensors_dot(const float *a, const float *b, size_t count);
// sum_i (a[i] - b[i])^2
double tensors_squared_distance(const float *a, const float *b, size_t count);
// The same, and sum_i a[i]^2 in passing: the bits of tensors_dot.
double tensors_squared_distance_and_norm(
    const float *a, const float *b, size_t count, double *squared_norm);
// y[i] += scale * x[i]
void tensors_add(float *y, const float *x, float scale, size_t count);
// y[i] *= scale
void tensors_scale(float *y, float scale, size_t count);
// out[i] = a[i] - b[i]; out may be a
void tensors_subtract(float *out, const float *a, const float *b, size_t count);
// whether no entry is NaN or infinite
bool tensors_is_finite(const float *a, size_t count);
// whether a[i] == b[i] for all i (a NaN equals nothing)
bool tensors_equal(const float *a, const float *b, size_t count);
