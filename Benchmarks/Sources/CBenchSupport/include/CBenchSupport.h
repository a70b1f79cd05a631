#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>

// Heap allocations of this process so far: every malloc, calloc, realloc and aligned allocation of
// every thread and library, since the program's own definitions take the place of the C library's.
uint64_t bench_allocations(void);

// Number of cores this process may use, and the number the system gives to the index-th of them.
int bench_core_count(void);
int bench_core(int index);

// Ties the calling thread to one core; false if the system refuses.
bool bench_pin(int core);
// Lets the calling thread run on every core the process had at its start.
void bench_unpin(void);

#endif
