// Statistics of each column over a set of rows.
//
// Every row must be readable up to the next multiple of 16 columns past `end`, and so must `out` be
// writable. `begin` is a multiple of 16. Results of a column do not depend on the range it is in.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Rows 8 g ..< 8 g + 8 that all exist are sorted among themselves, in registers, before a network
// runs.
enum { TENSORS_SORTED_GROUP = 8 };

// A comparator leaves the smaller value on wire `low` and the larger on wire `high`.
typedef struct {
  uint16_t low, high;
} tensors_comparator;

// Steps of a network: one comparator, or several on four to eight wires that stay in registers in
// between. Each is a part of an odd-even merge, its comparators in this order:
//   4 wires   (0,2) (1,3) (1,2)
//   6 wires   (0,4) (1,5) (2,4) (3,5) (1,2) (3,4)
//   inner 8   (0,4) (1,5) (2,6) (3,7) (2,4) (3,5) (3,4)
//   first 8   (0,4) (1,5) (2,6) (3,7) (2,4) (3,5) (1,2) (3,4) (5,6)
typedef enum {
  TENSORS_EXCHANGE_2,
  TENSORS_EXCHANGE_4,
  TENSORS_EXCHANGE_6,
  TENSORS_EXCHANGE_INNER_8,
  TENSORS_EXCHANGE_FIRST_8,
} tensors_step_kind;

typedef struct {
  uint16_t kind;
  uint16_t wires[8];
} tensors_step;

// How many floats of scratch memory, on a 64-byte boundary, sorting `count` rows needs.
size_t tensors_sorting_scratch(size_t count);

// Sorts the groups of eight in each column, runs the rest of a sorting network on them, and writes
// the mean of the wires first ..< last to out[j - begin]. Returns whether all entries are finite; if
// not, what it wrote means nothing, for a NaN vanishes in a network.
bool tensors_sorted_mean(
    const float *const *rows, size_t count, const tensors_step *network, size_t length,
    size_t first, size_t last, size_t begin, size_t end, float *out, float *scratch);

// Sorts likewise, and writes the mean of the `kept` values nearest to a centre, the mean of the wires
// center_first ..< center_last: that of the best window of `kept` wires among the `reach` wires from
// `from` on. Where values on either side of the centre are equally near, the lower row counts first.
bool tensors_mean_of_nearest(
    const float *const *rows, size_t count, const tensors_step *network, size_t length,
    size_t center_first, size_t center_last, size_t from, size_t reach, size_t kept, size_t begin,
    size_t end, float *out, float *scratch);

// out[j - begin] = sqrt(sum_k (rows[k][j] - mean_j)^2 / divisor)
void tensors_standard_deviation(
    const float *const *rows, size_t count, double divisor, size_t begin, size_t end, float *out);
