// The hot loops, one header per area.
#pragma once
#include "tensors_vector.h"
