#include "COpenSSL.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Chunks of the words outside, seeds inside: the chunk of words, the stream's chunk and the zeros it
// is the encryption of stay in the first level cache while all seeds of a group go over them.
// A group's contexts, near 1 KiB each, stay in the second.
#define CHUNK_BYTES 8192
#define GROUP 192

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

static const uint8_t zeros[CHUNK_BYTES] __attribute__((aligned(64)));

/// AES-256-CTR, looked up once: a lookup costs more than a short stream.
static EVP_CIPHER *cipher;
static pthread_once_t cipher_once = PTHREAD_ONCE_INIT;
static void fetch_cipher(void) { cipher = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL); }

/// Starts the stream of `seed` at byte `first`.
static int start(EVP_CIPHER_CTX *context, const uint8_t *seed, uint64_t first) {
  uint8_t counter[16] = {0};
  uint8_t skipped[16];
  int length = 0;
  for (int i = 0; i < 8; i++) counter[15 - i] = (uint8_t)(first / 16 >> (8 * i));
  const int done =
      EVP_EncryptInit_ex2(context, cipher, seed, counter, NULL) == 1 &&
      (first % 16 == 0 ||
       EVP_EncryptUpdate(context, skipped, &length, zeros, (int)(first % 16)) == 1);
  OPENSSL_cleanse(skipped, sizeof skipped);
  return done;
}

// Words at any address of a multiple of their size; 64 bytes a step. Reducing costs nothing beside
// the loads and stores, so that it is done every time.
#define ACCUMULATE(NAME, WORD, LANES)                                                              \
  typedef WORD lanes_##NAME __attribute__((ext_vector_type(LANES), aligned(sizeof(WORD))));        \
  DISPATCHED static void add_##NAME(WORD *words, const WORD *stream, WORD mask, size_t count) {    \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= count; i += LANES) {                                                       \
      lanes_##NAME *lanes = (lanes_##NAME *)(words + i);                                           \
      *lanes = (*lanes + *(const lanes_##NAME *)(stream + i)) & mask;                              \
    }                                                                                              \
    for (; i < count; i++) words[i] = (words[i] + stream[i]) & mask;                               \
  }                                                                                                \
  DISPATCHED static void subtract_##NAME(WORD *words, const WORD *stream, WORD mask,               \
                                         size_t count) {                                           \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= count; i += LANES) {                                                       \
      lanes_##NAME *lanes = (lanes_##NAME *)(words + i);                                           \
      *lanes = (*lanes - *(const lanes_##NAME *)(stream + i)) & mask;                              \
    }                                                                                              \
    for (; i < count; i++) words[i] = (words[i] - stream[i]) & mask;                               \
  }

ACCUMULATE(32, uint32_t, 16)
ACCUMULATE(64, uint64_t, 8)

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "streams are read as little-endian words in place"
#endif

#define MASK_ADD(NAME, WORD)                                                                       \
  int ramp_mask_add##NAME(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,    \
                          uint64_t first, WORD *words, size_t count, unsigned width) {             \
    enum { STEP = CHUNK_BYTES / sizeof(WORD) };                                                    \
    _Alignas(64) WORD stream[STEP];                                                                \
    EVP_CIPHER_CTX *contexts[GROUP] = {NULL};                                                      \
    if (width < 1 || width > NAME) return 0;                                                       \
    const WORD mask = (WORD)(((WORD)1 << (width - 1)) * 2 - 1);                                    \
    if (seed_count == 0)                                                                           \
      for (size_t i = 0; i < count; i++) words[i] &= mask;                                         \
    pthread_once(&cipher_once, fetch_cipher);                                                      \
    int done = cipher != NULL;                                                                     \
    for (size_t group = 0; done && group < seed_count; group += GROUP) {                           \
      const size_t size = seed_count - group < GROUP ? seed_count - group : GROUP;                 \
      for (size_t k = 0; done && k < size; k++) {                                                  \
        if (contexts[k] == NULL) contexts[k] = EVP_CIPHER_CTX_new();                               \
        done = contexts[k] != NULL &&                                                              \
               start(contexts[k], seeds[group + k], first * sizeof(WORD));                         \
      }                                                                                            \
      for (size_t i = 0; done && i < count; i += STEP) {                                           \
        const size_t step = count - i < STEP ? count - i : STEP;                                   \
        for (size_t k = 0; done && k < size; k++) {                                                \
          int length = 0;                                                                          \
          done = EVP_EncryptUpdate(contexts[k], (uint8_t *)stream, &length, zeros,                 \
                                   (int)(step * sizeof(WORD))) == 1;                               \
          if (signs[group + k] != 0)                                                               \
            add_##NAME(words + i, stream, mask, step);                                             \
          else                                                                                     \
            subtract_##NAME(words + i, stream, mask, step);                                        \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
    for (size_t k = 0; k < GROUP; k++) EVP_CIPHER_CTX_free(contexts[k]);                           \
    OPENSSL_cleanse(stream, sizeof stream);                                                        \
    return done;                                                                                   \
  }

MASK_ADD(32, uint32_t)
MASK_ADD(64, uint64_t)

/// The work of one call that threads share: blocks of words, handed out in order.
struct job {
  const uint8_t *const *seeds;
  const uint8_t *signs;
  size_t seed_count;
  uint64_t first;
  void *words;
  size_t count, block;
  unsigned width, word_bits;
  atomic_size_t next;
  atomic_int failed;
};

static void *work(void *argument) {
  struct job *job = argument;
  for (;;) {
    const size_t start = atomic_fetch_add(&job->next, job->block);
    if (start >= job->count) return NULL;
    const size_t count = job->count - start < job->block ? job->count - start : job->block;
    const int done =
        job->word_bits == 32
            ? ramp_mask_add32(job->seeds, job->signs, job->seed_count, job->first + start,
                              (uint32_t *)job->words + start, count, job->width)
            : ramp_mask_add64(job->seeds, job->signs, job->seed_count, job->first + start,
                              (uint64_t *)job->words + start, count, job->width);
    if (!done) atomic_store(&job->failed, 1);
  }
}

#define MOST_WORKERS 256

static int run(struct job *job, unsigned workers) {
  // A few blocks a worker, so that a slow core holds nobody up, but none so short that starting
  // its streams would show.
  const size_t least = 64 * 1024 / (job->word_bits / 8);
  size_t block = job->count / (workers * 4) + 1;
  if (block < least) block = least;
  job->block = (block + 1023) / 1024 * 1024;
  const size_t blocks = (job->count + job->block - 1) / job->block;
  if (workers > blocks) workers = (unsigned)blocks;
  if (workers > MOST_WORKERS) workers = MOST_WORKERS;

  pthread_t threads[MOST_WORKERS];
  unsigned started = 0;
  // A thread that cannot be started leaves its share to the others.
  while (started + 1 < workers && pthread_create(&threads[started], NULL, work, job) == 0) started++;
  work(job);
  for (unsigned i = 0; i < started; i++) pthread_join(threads[i], NULL);
  return !job->failed;
}

int ramp_mask_add32_parallel(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                             uint64_t first, uint32_t *words, size_t count, unsigned width,
                             unsigned workers) {
  if (workers <= 1)
    return ramp_mask_add32(seeds, signs, seed_count, first, words, count, width);
  struct job job = {seeds, signs, seed_count, first, words, count, 0, width, 32, 0, 0};
  return run(&job, workers);
}

int ramp_mask_add64_parallel(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                             uint64_t first, uint64_t *words, size_t count, unsigned width,
                             unsigned workers) {
  if (workers <= 1)
    return ramp_mask_add64(seeds, signs, seed_count, first, words, count, width);
  struct job job = {seeds, signs, seed_count, first, words, count, 0, width, 64, 0, 0};
  return run(&job, workers);
}

int ramp_mask_stream(const uint8_t *seed, uint64_t first, uint8_t *out, size_t count) {
  pthread_once(&cipher_once, fetch_cipher);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int done = cipher != NULL && context != NULL && start(context, seed, first);
  while (done && count > 0) {
    const size_t step = count < CHUNK_BYTES ? count : CHUNK_BYTES;
    int length = 0;
    done = EVP_EncryptUpdate(context, out, &length, zeros, (int)step) == 1;
    out += step;
    count -= step;
  }
  EVP_CIPHER_CTX_free(context);
  return done;
}
