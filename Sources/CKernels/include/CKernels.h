// The hot loops, one header per area.
#pragma once
#include "learning_kernels.h"
#include "tensors_vector.h"
