// Sums of many products (Pippenger; Bernstein, Doumen, Lange, Oosterwijk: Faster batch forgery
// identification, Indocrypt 2012). For each place of the digits, points are sorted into buckets by
// digit, and the bucket of digit d counts d times. Buckets are summed pair by pair in affine
// coordinates, with one inversion for BATCH pairs, until few pairs are left.

#ifndef BATCH
#define BATCH 512
#define FEW_PAIRS 96
#endif

/// The pairs of a round whose sums are due: sources at `from`, `from` + 1, sums to `to`.
typedef struct {
  size_t count;
  size_t from[BATCH], to[BATCH];
  ELEMENT denominators[BATCH], products[BATCH];
} G(pairs);

/// The denominator of the slope: 1 where there is none to compute.
static void G(denominator)(ELEMENT *r, const AFFINE *a, const AFFINE *b) {
  F(sub)(r, &b->x, &a->x);
  if (F(zero_mask)(r)) F(dbl)(r, &a->y);
  if (F(zero_mask)(r) || G(affine_infinity_mask)(a) || G(affine_infinity_mask)(b)) F(set_one)(r);
}

static void G(sum_of_pair)(AFFINE *r, const AFFINE *a, const AFFINE *b, const ELEMENT *inverse) {
  ELEMENT slope, t;
  AFFINE sum;
  if (G(affine_infinity_mask)(a) || G(affine_infinity_mask)(b)) {
    *r = G(affine_infinity_mask)(a) ? *b : *a;
    return;
  }
  if (F(equal_mask)(&a->x, &b->x)) {
    if (!F(equal_mask)(&a->y, &b->y)) {
      *r = (AFFINE){0};
      return;
    }
    F(sqr)(&t, &a->x);
    F(dbl)(&slope, &t);
    F(add)(&slope, &slope, &t);
  } else {
    F(sub)(&slope, &b->y, &a->y);
  }
  F(mul)(&slope, &slope, inverse);
  F(sqr)(&t, &slope);
  F(sub)(&t, &t, &a->x);
  F(sub)(&sum.x, &t, &b->x);
  F(sub)(&t, &a->x, &sum.x);
  F(mul)(&t, &t, &slope);
  F(sub)(&sum.y, &t, &a->y);
  *r = sum;
}

static void G(add_pairs)(G(pairs) *pairs, AFFINE *points) {
  ELEMENT product, inverse;
  F(set_one)(&product);
  for (size_t i = 0; i < pairs->count; i++) {
    const AFFINE *a = points + pairs->from[i];
    G(denominator)(&pairs->denominators[i], a, a + 1);
    pairs->products[i] = product;
    F(mul)(&product, &product, &pairs->denominators[i]);
  }
  F(inv)(&product, &product);
  for (size_t i = pairs->count; i-- > 0;) {
    F(mul)(&inverse, &product, &pairs->products[i]);
    F(mul)(&product, &product, &pairs->denominators[i]);
    pairs->products[i] = inverse;
  }
  for (size_t i = 0; i < pairs->count; i++) {
    const AFFINE *a = points + pairs->from[i];
    G(sum_of_pair)(points + pairs->to[i], a, a + 1, &pairs->products[i]);
  }
  pairs->count = 0;
}

/// Halves every bucket; `starts` and `counts` say where it is.
static void G(halve_buckets)(G(pairs) *pairs, AFFINE *points, const size_t *starts, size_t *counts,
                             size_t buckets) {
  pairs->count = 0;
  for (size_t b = 0; b < buckets; b++) {
    // The first point of an odd number waits where it is.
    const size_t half = counts[b] / 2, first = starts[b] + (counts[b] & 1);
    for (size_t i = 0; i < half; i++) {
      pairs->from[pairs->count] = first + 2 * i;
      pairs->to[pairs->count++] = first + i;
      if (pairs->count == BATCH) G(add_pairs)(pairs, points);
    }
    counts[b] -= half;
  }
  if (pairs->count > 0) G(add_pairs)(pairs, points);
}

/// Digits between -2^(width-1) and 2^(width-1) for one place; carries go to the next.
static void G(signed_digits)(int32_t *digits, uint8_t *carries, const uint64_t *numbers,
                             size_t words, size_t count, size_t start, unsigned width) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t *number = numbers + i * words;
    const size_t word = start / 64, shift = start % 64;
    uint64_t bits = word < words ? number[word] >> shift : 0;
    if (shift + width > 64 && word + 1 < words) bits |= number[word + 1] << (64 - shift);
    int64_t digit = (int64_t)(bits & (((uint64_t)1 << width) - 1)) + carries[i];
    carries[i] = digit > (int64_t)1 << (width - 1);
    if (carries[i]) digit -= (int64_t)1 << width;
    digits[i] = (int32_t)digit;
  }
}

/// The width of digits with the least products of the field.
static unsigned G(best_width)(size_t count, size_t bits) {
  unsigned best = 2;
  double least = 1e300;
  for (unsigned width = 2; width <= 16; width++) {
    const double places = (double)((bits + width) / width);
    const double cost = places * (6.0 * (double)count + 25.0 * (double)(1 << (width - 1)));
    if (cost < least) {
      least = cost;
      best = width;
    }
  }
  return best;
}

/// What sorting points into buckets takes.
typedef struct {
  /// Of `count`: the points, bucket by bucket.
  AFFINE *sorted;
  /// Of `count`: which bucket, counting from 1, and with which sign; 0 for none.
  int32_t *digits;
  /// Of `buckets`: where each begins, how many points are left in it, and scratch.
  size_t *starts, *counts, *next;
  G(pairs) *pairs;
} G(sorter);

static int G(make_sorter)(G(sorter) *sorter, size_t count, size_t buckets) {
  sorter->sorted = malloc(count * sizeof *sorter->sorted);
  sorter->digits = malloc(count * sizeof *sorter->digits);
  sorter->starts = malloc(3 * buckets * sizeof *sorter->starts);
  sorter->counts = sorter->starts + buckets;
  sorter->next = sorter->counts + buckets;
  sorter->pairs = malloc(sizeof *sorter->pairs);
  return sorter->sorted && sorter->digits && sorter->starts && sorter->pairs;
}

static void G(free_sorter)(G(sorter) *sorter) {
  free(sorter->pairs);
  free(sorter->starts);
  free(sorter->digits);
  free(sorter->sorted);
}

/// Sorts points by their digits and adds up until few are left in a bucket.
static void G(fill_buckets)(G(sorter) *sorter, const AFFINE *points, size_t count,
                            size_t buckets) {
  int32_t *digits = sorter->digits;
  size_t *counts = sorter->counts, *next = sorter->next;
  for (size_t b = 0; b < buckets; b++) counts[b] = 0;
  for (size_t i = 0; i < count; i++) {
    if (G(affine_infinity_mask)(&points[i])) digits[i] = 0;
    if (digits[i] != 0) counts[(digits[i] < 0 ? -digits[i] : digits[i]) - 1]++;
  }
  size_t total = 0;
  for (size_t b = 0; b < buckets; b++) {
    sorter->starts[b] = next[b] = total;
    total += counts[b];
  }
  for (size_t i = 0; i < count; i++) {
    if (digits[i] == 0) continue;
    AFFINE *to = &sorter->sorted[next[(digits[i] < 0 ? -digits[i] : digits[i]) - 1]++];
    *to = points[i];
    if (digits[i] < 0) F(neg)(&to->y, &to->y);
  }
  for (;;) {
    size_t due = 0;
    for (size_t b = 0; b < buckets; b++) due += counts[b] / 2;
    if (due < FEW_PAIRS) break;
    G(halve_buckets)(sorter->pairs, sorter->sorted, sorter->starts, counts, buckets);
  }
}

/// Adds what is left in a bucket.
static void G(add_bucket)(POINT *sum, const G(sorter) *sorter, size_t bucket) {
  for (size_t i = 0; i < sorter->counts[bucket]; i++) {
    const AFFINE *point = &sorter->sorted[sorter->starts[bucket] + i];
    if (!G(affine_infinity_mask)(point)) G(plus_affine)(sum, sum, point);
  }
}

int NAME(PASTE(GROUP, _combine_public))(const AFFINE *points, const uint64_t *numbers,
                                        size_t words, size_t bits, size_t count, POINT *result) {
  G(set_infinity)(result);
  if (count == 0) return 1;
  const unsigned width = G(best_width)(count, bits);
  const size_t buckets = (size_t)1 << (width - 1), places = (bits + width) / width;
  G(sorter) sorter;
  uint8_t *carries = calloc(count, 1);
  POINT *sums = malloc(places * sizeof *sums);
  const int has_memory = G(make_sorter)(&sorter, count, buckets) && carries && sums;
  for (size_t place = 0; has_memory && place < places; place++) {
    G(signed_digits)(sorter.digits, carries, numbers, words, count, place * width, width);
    G(fill_buckets)(&sorter, points, count, buckets);
    // sum d B_d = B_D + (B_D + B_(D-1)) + ...
    POINT running;
    G(set_infinity)(&running);
    G(set_infinity)(&sums[place]);
    for (size_t b = buckets; b-- > 0;) {
      G(add_bucket)(&running, &sorter, b);
      G(plus)(&sums[place], &sums[place], &running);
    }
  }
  for (size_t place = places; has_memory && place-- > 0;) {
    for (unsigned i = 0; i < width; i++) G(twice)(result, result);
    G(plus)(result, result, &sums[place]);
  }
  free(sums);
  free(carries);
  G(free_sorter)(&sorter);
  return has_memory;
}

/// Of a point outside the group, the part outside has an order of its own; a set that the point is in
/// or not by a fair coin sums to a point of the group for at most one of the two.
int NAME(PASTE(GROUP, _subsets_are_in_subgroup_public))(const AFFINE *points, const uint8_t *sets,
                                                        size_t count) {
  if (count == 0) return 1;
  enum { SETS = 8, BUCKETS = (1 << SETS) - 1 };
  G(sorter) sorter;
  POINT *sums = malloc((BUCKETS + 1) * sizeof *sums);
  int result = G(make_sorter)(&sorter, count, BUCKETS) && sums ? 1 : -1;
  if (result == 1) {
    for (size_t i = 0; i < count; i++) sorter.digits[i] = sets[i];
    G(fill_buckets)(&sorter, points, count, BUCKETS);
    // sums[s]: of the points that are in the sets s, and in no other.
    for (size_t s = 0; s <= BUCKETS; s++) {
      G(set_infinity)(&sums[s]);
      if (s > 0) G(add_bucket)(&sums[s], &sorter, s - 1);
    }
    // The highest set is the upper half; then it is forgotten.
    for (size_t half = (BUCKETS + 1) / 2; result == 1 && half > 0; half /= 2) {
      POINT sum = sums[half];
      for (size_t s = half + 1; s < 2 * half; s++) G(plus)(&sum, &sum, &sums[s]);
      result = NAME(PASTE(GROUP, _is_in_subgroup_public))(&sum);
      for (size_t s = 0; s < half; s++) G(plus)(&sums[s], &sums[s], &sums[s + half]);
    }
  }
  free(sums);
  G(free_sorter)(&sorter);
  return result;
}
