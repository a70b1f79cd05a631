// Which path runs: the fast one, if the processor has its instructions and no test forbids it.
#include "paths.h"

#include <stdatomic.h>

static atomic_int is_forbidden;

int ramp_pairing_is_accelerated(void) {
#if RAMP_HAS_ADX
  return !atomic_load_explicit(&is_forbidden, memory_order_relaxed) &&
         __builtin_cpu_supports("adx") && __builtin_cpu_supports("bmi2");
#else
  return 0;
#endif
}

void ramp_pairing_allow_acceleration(int allowed) { atomic_store(&is_forbidden, !allowed); }

#if RAMP_HAS_ADX
#define RAMP_FUNCTION(type, name, parameters, arguments)                                           \
  type ramp_##name parameters {                                                                    \
    if (ramp_pairing_is_accelerated()) return ramp_##name##_adx arguments;                         \
    return ramp_##name##_portable arguments;                                                       \
  }
#else
#define RAMP_FUNCTION(type, name, parameters, arguments)                                           \
  type ramp_##name parameters { return ramp_##name##_portable arguments; }
#endif
#include "pairing_functions.h"
