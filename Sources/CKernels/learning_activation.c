// Activation functions with their first and second derivatives.

#include <math.h>
#include <string.h>

#include "include/learning_operations.h"
#include "kernels_dispatch.h"
#include "learning_exp.h"

#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))

INLINE float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_f32(-x)); }
INLINE double sigmoid_f64(double x) { return 1.0 / (1.0 + exp(-x)); }

// Near 0 an odd polynomial (coefficients of Cephes, Moshier 1987), else through e^(-2|x|).
INLINE float tanh_f32(float x) {
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float small = x + x * (z * p);
  const float a = x < 0 ? -x : x;
  const float e = exp_f32(-2.0f * a);
  const float large = (1.0f - e) / (1.0f + e);
  return a < 0.625f ? small : x < 0 ? -large : large;
}
INLINE double tanh_f64(double x) { return tanh(x); }

INLINE float softplus_f32(float x) { return (x > 0 ? x : 0) + log1pf(expf(x > 0 ? -x : x)); }
INLINE double softplus_f64(double x) { return (x > 0 ? x : 0) + log1p(exp(x > 0 ? -x : x)); }
INLINE float expm1_f32(float x) { return expm1f(x); }
INLINE double expm1_f64(double x) { return expm1(x); }
INLINE float normal_f32(float x) { return 0.5f * erfcf(x * -0.70710678118654752f); }
INLINE double normal_f64(double x) { return 0.5 * erfc(x * -0.70710678118654752440); }
INLINE float density_f32(float x) { return 0.39894228040143268f * expf(-0.5f * x * x); }
INLINE double density_f64(double x) { return 0.39894228040143267794 * exp(-0.5 * x * x); }

// One function: its value Y from X, its slope D from X and Y, its curvature C.
#define FUNCTION(SCALAR, type, name, VALUE, SLOPE, CURVATURE)                                      \
  DISPATCHED static void name##_value_##type(SCALAR a, const SCALAR *x, SCALAR *y, size_t count) {       \
    (void)a;                                                                                       \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR X = x[i];                                                                       \
      y[i] = VALUE;                                                                                \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void name##_input_##type(SCALAR a, const SCALAR *x, const SCALAR *y,           \
                                             const SCALAR *dy, SCALAR *out, size_t count) {        \
    (void)a;                                                                                       \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR X = x[i], Y = y[i];                                                             \
      (void)X;                                                                                     \
      (void)Y;                                                                                     \
      out[i] = (SLOPE) * dy[i];                                                                    \
    }                                                                                              \
  }                                                                                                \
  DISPATCHED static void name##_tangent_##type(SCALAR a, const SCALAR *x, const SCALAR *y,         \
                                               const SCALAR *xt, const SCALAR *dy,                 \
                                               const SCALAR *dyt, SCALAR *out, size_t count) {     \
    (void)a;                                                                                       \
    for (size_t i = 0; i < count; i++) {                                                           \
      const SCALAR X = x[i], Y = y[i];                                                             \
      (void)X;                                                                                     \
      (void)Y;                                                                                     \
      out[i] = (SLOPE) * dyt[i] + (CURVATURE) * (xt[i] * dy[i]);                                   \
    }                                                                                              \
  }

#define FUNCTIONS(SCALAR, type)                                                                    \
  FUNCTION(SCALAR, type, leaky, X > 0 ? X : a * X, Y > 0 ? (SCALAR)1 : a, (SCALAR)0)               \
  FUNCTION(SCALAR, type, elu, X > 0 ? X : a * expm1_##type(X), Y > 0 ? (SCALAR)1 : Y + a,          \
           Y > 0 ? (SCALAR)0 : Y + a)                                                              \
  FUNCTION(SCALAR, type, sigmoid, sigmoid_##type(X), Y * (1 - Y), Y * (1 - Y) * (1 - 2 * Y))       \
  FUNCTION(SCALAR, type, tanh, tanh_##type(X), 1 - Y * Y, -2 * Y * (1 - Y * Y))                    \
  FUNCTION(SCALAR, type, softplus, softplus_##type(a * X) / a, sigmoid_##type(a * X),              \
           a * sigmoid_##type(a * X) * (1 - sigmoid_##type(a * X)))                                \
  FUNCTION(SCALAR, type, gelu, X *normal_##type(X), normal_##type(X) + X * density_##type(X),      \
           X * X > 10000 ? 0 : (2 - X * X) * density_##type(X))                                    \
  FUNCTION(SCALAR, type, silu, X *sigmoid_##type(X),                                               \
           sigmoid_##type(X) * (1 + X * (1 - sigmoid_##type(X))),                                  \
           sigmoid_##type(X) * (1 - sigmoid_##type(X)) * (2 + X * (1 - 2 * sigmoid_##type(X))))

FUNCTIONS(float, f32)
FUNCTIONS(double, f64)

#define SELECT(name, type, ...)                                                                    \
  switch (kind) {                                                                                  \
    case LEARNING_ELU: elu##name##_##type(__VA_ARGS__); break;                                     \
    case LEARNING_SIGMOID: sigmoid##name##_##type(__VA_ARGS__); break;                             \
    case LEARNING_TANH: tanh##name##_##type(__VA_ARGS__); break;                                   \
    case LEARNING_SOFTPLUS: softplus##name##_##type(__VA_ARGS__); break;                           \
    case LEARNING_GELU: gelu##name##_##type(__VA_ARGS__); break;                                   \
    case LEARNING_SILU: silu##name##_##type(__VA_ARGS__); break;                                   \
    default: leaky##name##_##type(__VA_ARGS__); break;                                             \
  }

#define DEFINE(SCALAR, type)                                                                       \
  void learning_activation_##type(int kind, SCALAR parameter, const SCALAR *x, SCALAR *y,          \
                                  size_t count) {                                                  \
    SELECT(_value, type, parameter, x, y, count)                                                   \
  }                                                                                                \
  void learning_activation_input_##type(int kind, SCALAR parameter, const SCALAR *x,               \
                                        const SCALAR *y, const SCALAR *dy, SCALAR *out,            \
                                        size_t count) {                                            \
    SELECT(_input, type, parameter, x, y, dy, out, count)                                          \
  }                                                                                                \
  void learning_activation_tangent_##type(int kind, SCALAR parameter, const SCALAR *x,             \
                                          const SCALAR *y, const SCALAR *xt, const SCALAR *dy,     \
                                          const SCALAR *dyt, SCALAR *out, size_t count) {          \
    if (xt) {                                                                                      \
      SELECT(_tangent, type, parameter, x, y, xt, dy, dyt, out, count)                             \
    } else {                                                                                       \
      SELECT(_input, type, parameter, x, y, dyt, out, count)                                       \
    }                                                                                              \
  }

DEFINE(float, f32)
DEFINE(double, f64)
