// What every kernel shares: run-time dispatch and lane types.
//
// DISPATCHED compiles a function three times (baseline, AVX2 + FMA, AVX-512) and picks one when the
// program is loaded. A dispatched function must not be inline, and helpers must not pass vectors
// by value: use macros or pointers.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

#define LANES(type, count) type __attribute__((ext_vector_type(count)))

// Lane types for loads and stores at any address of a multiple of the element's size.
#define UNALIGNED_LANES(type, count) \
  type __attribute__((ext_vector_type(count), aligned(sizeof(type))))
