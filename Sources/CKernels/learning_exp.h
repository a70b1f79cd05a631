// The exponential function of a float, for loops that the compiler vectorises.

#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

// e^x within 2 units in the last place; 0 below -87, infinite above 88.7. A NaN stays a NaN.
// 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; written so that loops over it vectorise.
static inline __attribute__((always_inline)) float exp_f32(float x) {
  const float v = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float shifted = v * 1.44269504f + 12582912.0f;  // rounds: n in the low bits
  const float n = shifted - 12582912.0f;
  const float r = (v - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (int32_t)((uint32_t)bits << 23) + 0x3f800000;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  const float e = p * scale;
  return x < -87.0f ? 0.0f : x > 88.7f ? INFINITY : e;
}
