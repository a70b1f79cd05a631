// The hot loops, one header per area.
#pragma once
#include "accounting_losses.h"
#include "learning_conv.h"
#include "learning_kernels.h"
#include "learning_operations.h"
#include "learning_optimizers.h"
#include "secagg_words.h"
#include "tensors_columns.h"
#include "tensors_gram.h"
#include "tensors_regression.h"
#include "tensors_rows.h"
#include "tensors_signs.h"
#include "tensors_vector.h"
