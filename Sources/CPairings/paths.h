// Both paths' names for every function.
#pragma once
#include "CPairings.h"

#define RAMP_FUNCTION(type, name, parameters, arguments)                                           \
  type ramp_##name##_portable parameters;                                                          \
  type ramp_##name##_adx parameters;
#include "pairing_functions.h"
#undef RAMP_FUNCTION

#if defined(__x86_64__) && defined(__clang__)
#define RAMP_HAS_ADX 1
#else
#define RAMP_HAS_ADX 0
#endif
