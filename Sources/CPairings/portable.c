// The functions over portable C.
#define NAME(x) NAME_(x)
#define NAME_(x) ramp_##x##_portable
#include "paths.h"
#include "constants.h"
#include "product_portable.h"
#include "body.h"
