#pragma once
#include <stddef.h>
#include <stdint.h>

// Sums on a grid: integers that count its steps. Each value is worked on by itself, so that any
// vector width gives equal bits; neither function allocates or keeps state.

// sums += values * scale, rounded to the nearest integer, halves to even. |values * scale| must be
// below 2^51.
void private_accumulate(const float *values, int64_t *sums, size_t count, double scale);

// out = sums * scale, rounded to float. |sums| must be below 2^62.
void private_release(const int64_t *sums, float *out, size_t count, double scale);
