// Compiles the body file named by BODY once for each scalar type and instruction set, and defines
// DISPATCH, which calls what suits the processor at run time. A body names its functions by NAME and
// finds SCALAR, LANES (of a vector), TARGET (an attribute), REGISTERS (vectors that fit) and FMA
// (whether there is such an instruction).

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define FMA 0
#define REGISTERS 16
#define TARGET
#define SCALAR float
#define LANES 4
#define NAME(x) PASTE(x, _f32_base)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 4
#define NAME(x) PASTE(x, _f64_base)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET
#undef FMA

#if defined(__x86_64__)
#define FMA 1

#define TARGET __attribute__((target("arch=x86-64-v3")))
#define SCALAR float
#define LANES 8
#define NAME(x) PASTE(x, _f32_v3)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 4
#define NAME(x) PASTE(x, _f64_v3)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET

#undef REGISTERS
#define REGISTERS 32
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define SCALAR float
#define LANES 16
#define NAME(x) PASTE(x, _f32_v4)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#define SCALAR double
#define LANES 8
#define NAME(x) PASTE(x, _f64_v4)
#include BODY
#undef NAME
#undef LANES
#undef SCALAR
#undef TARGET
#undef REGISTERS

#define DISPATCH(f, type, ...)                                                                     \
  __builtin_cpu_supports("x86-64-v4")   ? f##_##type##_v4(__VA_ARGS__)                             \
  : __builtin_cpu_supports("x86-64-v3") ? f##_##type##_v3(__VA_ARGS__)                             \
                                        : f##_##type##_base(__VA_ARGS__)
#else
#define DISPATCH(f, type, ...) f##_##type##_base(__VA_ARGS__)
#endif
