#include "CEmbedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t digits_csv[] = {
#embed "data/digits.csv"
};

const uint8_t *embedded_digits_csv(size_t *count) {
  *count = sizeof digits_csv;
  return digits_csv;
}

static const uint8_t breast_cancer_csv[] = {
#embed "data/breast-cancer.csv"
};

const uint8_t *embedded_breast_cancer_csv(size_t *count) {
  *count = sizeof breast_cancer_csv;
  return breast_cancer_csv;
}

static const uint8_t patches32_npz[] = {
#embed "data/patches32.npz"
};

const uint8_t *embedded_patches32_npz(size_t *count) {
  *count = sizeof patches32_npz;
  return patches32_npz;
}

static const uint8_t first_matrix_yaml[] = {
#embed "../../experiments/first-matrix.yaml"
};

const uint8_t *embedded_first_matrix_yaml(size_t *count) {
  *count = sizeof first_matrix_yaml;
  return first_matrix_yaml;
}
