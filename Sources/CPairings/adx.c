// The functions over MULX, ADCX and ADOX.
#include "paths.h"
#if RAMP_HAS_ADX
#define NAME(x) NAME_(x)
#define NAME_(x) ramp_##x##_adx
#include "constants.h"
#pragma clang attribute push(__attribute__((target("adx,bmi,bmi2"))), apply_to = function)
#include "product_adx.h"
#include "body.h"
#pragma clang attribute pop
#endif
