#include "COpenBLAS.h"

#include <cblas.h>

// Before main: parallelism belongs to the callers' own threads, and a product split over threads
// would round differently from one number of cores to the next.
__attribute__((constructor)) static void run_on_calling_thread(void) {
  openblas_set_num_threads(1);
}

static CBLAS_TRANSPOSE operation(bool transpose) { return transpose ? CblasTrans : CblasNoTrans; }

void openblas_shim_sgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc) {
  cblas_sgemm(
      CblasRowMajor, operation(transpose_a), operation(transpose_b), m, n, k, alpha, a, lda, b, ldb,
      beta, c, ldc);
}

void openblas_shim_dgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, double alpha, const double *a, int lda,
    const double *b, int ldb, double beta, double *c, int ldc) {
  cblas_dgemm(
      CblasRowMajor, operation(transpose_a), operation(transpose_b), m, n, k, alpha, a, lda, b, ldb,
      beta, c, ldc);
}

void openblas_shim_sgemv(
    bool transpose_a, int m, int n, float alpha, const float *a, int lda, const float *x, float beta,
    float *y) {
  cblas_sgemv(CblasRowMajor, operation(transpose_a), m, n, alpha, a, lda, x, 1, beta, y, 1);
}

void openblas_shim_dgemv(
    bool transpose_a, int m, int n, double alpha, const double *a, int lda, const double *x,
    double beta, double *y) {
  cblas_dgemv(CblasRowMajor, operation(transpose_a), m, n, alpha, a, lda, x, 1, beta, y, 1);
}

void openblas_shim_saxpy(int count, float alpha, const float *x, float *y) {
  cblas_saxpy(count, alpha, x, 1, y, 1);
}

const char *openblas_shim_core_name(void) { return openblas_get_corename(); }

int openblas_shim_threads(void) { return openblas_get_num_threads(); }
