// Waiting without the system's help.
#pragma once

/// Tells the processor that this thread waits in a loop for another one: some tens of nanoseconds.
static inline void rampart_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#else
  __asm__ volatile("" ::: "memory");
#endif
}
