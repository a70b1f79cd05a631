#pragma once
#include <stddef.h>
#include <stdint.h>

// Data compiled into the program. Each accessor returns the first byte of a constant that lives as
// long as the process and writes its length in bytes to `count`. The bytes are not terminated by 0.

// The UCI handwritten digits as comma-separated text; see data/README.md for source and licence.
const uint8_t *embedded_digits_csv(size_t *count);

// The Breast Cancer Wisconsin (Diagnostic) table as comma-separated text with a header; see
// data/README.md for source and licence.
const uint8_t *embedded_breast_cancer_csv(size_t *count);

// Patches of two photographs as a NumPy archive of x and y; see data/README.md for source and licence.
const uint8_t *embedded_patches32_npz(size_t *count);

// The built-in experiment, experiments/first-matrix.yaml.
const uint8_t *embedded_first_matrix_yaml(size_t *count);
