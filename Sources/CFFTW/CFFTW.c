#include "CFFTW.h"
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

// Real transforms of n numbers are complex ones of m = n / 2, the even numbers as real and the odd
// ones as imaginary parts, with a split before or after: FFTW plans complex transforms ten to thirty
// times faster than real ones, and runs them as fast.
struct ramp_fft {
  size_t n;
  fftw_plan forward, inverse;
  // exp(-2 pi i k / n) = coarse[k / FINE] * fine[k % FINE].
  double complex *coarse, *fine;
  struct ramp_fft *next;
};

enum { FINE = 256 };

// FFTW's planner is not thread-safe; its execution of a plan on other arrays is.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ramp_fft *plans;

static inline double complex pair(double re, double im) {
  double complex z;
  __real__ z = re;
  __imag__ z = im;
  return z;
}

static double complex *roots(size_t n, size_t step, size_t count) {
  double complex *table = malloc(count * sizeof *table);
  for (size_t i = 0; table && i < count; i++) {
    const double angle = -2 * M_PI * (double)(i * step) / (double)n;
    table[i] = pair(cos(angle), sin(angle));
  }
  return table;
}

static void destroy(ramp_fft *plan) {
  if (plan->forward) fftw_destroy_plan(plan->forward);
  if (plan->inverse) fftw_destroy_plan(plan->inverse);
  free(plan->coarse);
  free(plan->fine);
  free(plan);
}

static ramp_fft *make(size_t n) {
  ramp_fft *plan = calloc(1, sizeof *plan);
  if (!plan) return NULL;
  fftw_complex *from = fftw_alloc_complex(n / 2), *to = fftw_alloc_complex(n / 2);
  if (from && to) {
    const unsigned flags = FFTW_ESTIMATE | FFTW_PRESERVE_INPUT;
    plan->n = n;
    plan->forward = fftw_plan_dft_1d((int)(n / 2), from, to, FFTW_FORWARD, flags);
    plan->inverse = fftw_plan_dft_1d((int)(n / 2), from, to, FFTW_BACKWARD, flags);
    plan->coarse = roots(n, FINE, n / 4 / FINE + 1);
    plan->fine = roots(n, 1, FINE);
  }
  fftw_free(from);
  fftw_free(to);
  if (!plan->forward || !plan->inverse || !plan->coarse || !plan->fine) {
    destroy(plan);
    return NULL;
  }
  return plan;
}

const ramp_fft *ramp_fft_plan(size_t n) {
  pthread_mutex_lock(&lock);
  ramp_fft *plan = plans;
  while (plan && plan->n != n) plan = plan->next;
  if (!plan && (plan = make(n))) {
    plan->next = plans;
    plans = plan;
  }
  pthread_mutex_unlock(&lock);
  return plan;
}

// Freed memory is kept for the next request of about its size: fresh pages cost more than a transform
// of them. A block begins with its capacity, a cache line before what is handed out.
enum { HEAD = 8, KEPT = 16, LARGEST = 1 << 23 };
static double *kept[KEPT];

double *ramp_fft_allocate(size_t count) {
  double *block = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < KEPT && !block; i++) {
    if (kept[i] && kept[i][0] >= (double)count && kept[i][0] <= 2 * (double)count + 4096) {
      block = kept[i];
      kept[i] = NULL;
    }
  }
  pthread_mutex_unlock(&lock);
  if (!block && (block = fftw_alloc_real(count + HEAD))) block[0] = (double)count;
  return block ? block + HEAD : NULL;
}

void ramp_fft_free(double *memory) {
  if (!memory) return;
  double *block = memory - HEAD;
  if (block[0] <= LARGEST) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < KEPT && block; i++) {
      if (!kept[i]) {
        kept[i] = block;
        block = NULL;
      }
    }
    pthread_mutex_unlock(&lock);
  }
  fftw_free(block);
}

static inline double complex times(double complex a, double complex b) {
  return pair(
      creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

void ramp_fft_forward(const ramp_fft *plan, double *input, double *output) {
  const size_t m = plan->n / 2;
  double complex *z = (double complex *)output;
  fftw_execute_dft(plan->forward, (fftw_complex *)input, z);
  const double re = creal(z[0]), im = cimag(z[0]);
  z[0] = re + im;
  z[m] = re - im;
  for (size_t k = 1; k <= m / 2; k++) {
    // E and O, the transforms of the even and of the odd numbers, are halves of z + z* and -i (z - z*).
    const double complex a = z[k], b = conj(z[m - k]);
    const double complex even = 0.5 * (a + b), odd = 0.5 * (a - b);
    const double complex w = times(plan->coarse[k / FINE], plan->fine[k % FINE]);
    const double complex turned = times(w, pair(cimag(odd), -creal(odd)));
    z[m - k] = conj(even - turned);
    z[k] = even + turned;
  }
}

void ramp_fft_inverse(const ramp_fft *plan, double *input, double *output) {
  const size_t m = plan->n / 2;
  double complex *x = (double complex *)input;
  const double first = creal(x[0]), last = creal(x[m]);
  x[0] = pair(first + last, first - last);
  for (size_t k = 1; k <= m / 2; k++) {
    const double complex a = x[k], b = conj(x[m - k]);
    const double complex w = times(plan->coarse[k / FINE], plan->fine[k % FINE]);
    const double complex even = a + b, odd = times(conj(w), a - b);
    x[m - k] = pair(creal(even) + cimag(odd), -cimag(even) + creal(odd));
    x[k] = pair(creal(even) - cimag(odd), cimag(even) + creal(odd));
  }
  fftw_execute_dft(plan->inverse, x, (fftw_complex *)output);
}
