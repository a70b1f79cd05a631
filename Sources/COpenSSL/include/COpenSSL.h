// The part of OpenSSL this package uses, as plain functions: no macros, no variadics.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// An incremental SHA-256 computation.
typedef struct ramp_sha256 ramp_sha256;

/// A computation that has read nothing; NULL if OpenSSL offers no SHA-256 or memory is short.
ramp_sha256 *ramp_sha256_new(void);
/// An independent computation that has read the same; NULL on failure.
ramp_sha256 *ramp_sha256_copy(const ramp_sha256 *source);
/// Reads `count` more bytes; 1 on success.
int ramp_sha256_update(ramp_sha256 *state, const void *bytes, size_t count);
/// Writes the 32 bytes of the digest and ends the computation; 1 on success.
int ramp_sha256_final(ramp_sha256 *state, uint8_t *digest);
/// Frees the computation; NULL is allowed.
void ramp_sha256_free(ramp_sha256 *state);

/// Fills `count` bytes, at most 2^31 - 1, from OpenSSL's private generator (RAND_priv_bytes), which the
/// operating system seeds; 1 on success. After a failure the memory holds nothing to rely on.
int ramp_random_private(void *bytes, size_t count);
/// The last error of this thread, taken off OpenSSL's queue, as text of at most `size` bytes.
void ramp_error_text(char *text, size_t size);
/// Overwrites memory with zeros; the compiler cannot leave it out.
void ramp_cleanse(void *bytes, size_t count);

/// Whether two regions of `count` bytes are equal, in a time that depends on `count` alone; 1 or 0.
int ramp_equal(const void *a, const void *b, size_t count);

// HMAC and HKDF over SHA-256. 1 on success.

/// HMAC-SHA256 (RFC 2104) of a message: 32 bytes to `code`.
int ramp_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *message,
                     size_t message_count, uint8_t *code);
/// HKDF's first step (RFC 5869, 2.2): 32 bytes to `pseudorandom_key`.
int ramp_hkdf_extract(const uint8_t *salt, size_t salt_count, const uint8_t *secret,
                      size_t secret_count, uint8_t *pseudorandom_key);
/// HKDF's second step (RFC 5869, 2.3): `count` bytes, at most 255 * 32, from 32 bytes of key.
int ramp_hkdf_expand(const uint8_t *pseudorandom_key, const uint8_t *info, size_t info_count,
                     uint8_t *out, size_t count);

// AES-256-GCM (SP 800-38D): 32-byte key, 12-byte nonce, 16-byte tag.

/// Writes `count` bytes of ciphertext to `out` and the tag behind them; 1 on success.
int ramp_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t data_count,
                  const uint8_t *plaintext, size_t count, uint8_t *out);
/// Reads `count` bytes of ciphertext with the tag behind them, writes the plaintext; 1 on success, 0
/// if the tag is wrong (`out` is then all zeros), -1 if OpenSSL cannot compute it.
int ramp_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t data_count,
                  const uint8_t *ciphertext, size_t count, uint8_t *out);

// Curve25519 (RFC 7748, RFC 8032): 32-byte keys.

/// A private key and the public key that goes with it.
typedef struct ramp_private_key ramp_private_key;

/// An X25519 key of 32 secret bytes; NULL on failure.
ramp_private_key *ramp_x25519_new(const uint8_t *secret);
/// An Ed25519 key of 32 secret bytes (the seed of RFC 8032, 5.1.5); NULL on failure.
ramp_private_key *ramp_ed25519_new(const uint8_t *secret);
/// Zeroes and frees the key; NULL is allowed.
void ramp_private_key_free(ramp_private_key *key);
/// Writes the 32 bytes of the public key; 1 on success.
int ramp_private_key_public(const ramp_private_key *key, uint8_t *bytes);
/// The shared secret of an X25519 key and another's public key: 32 bytes; 1 on success, 0 if it is all
/// zeros (the public key has small order), -1 if OpenSSL cannot compute it.
int ramp_x25519_agree(const ramp_private_key *key, const uint8_t *public_key, uint8_t *secret);
/// The 64-byte signature of a message; 1 on success.
int ramp_ed25519_sign(const ramp_private_key *key, const uint8_t *message, size_t count,
                      uint8_t *signature);
/// Whether a 64-byte signature is that of the message under a public key; 1 or 0, -1 if OpenSSL cannot
/// tell.
int ramp_ed25519_verify(const uint8_t *public_key, const uint8_t *message, size_t count,
                        const uint8_t *signature);

// Masks: streams of little-endian words, AES-256 in counter mode from counter zero.

/// Adds the streams of `seeds` to `count` words, modulo 2^width: words[i] gets the sum of the words
/// first + i of all streams, each times its sign.
///
/// - `seeds`: `seed_count` keys of 32 bytes.
/// - `signs`: 1 to add the stream, 0 to subtract it.
/// - `width`: 1...32. What `words` held is reduced too.
///
/// 1 on success; otherwise `words` holds nothing to rely on.
int ramp_mask_add32(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                    uint64_t first, uint32_t *words, size_t count, unsigned width);
/// The same with words of 64 bits and `width` 1...64.
int ramp_mask_add64(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                    uint64_t first, uint64_t *words, size_t count, unsigned width);
/// `ramp_mask_add32` with the words shared out among `workers` threads; `width` as there.
int ramp_mask_add32_parallel(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                             uint64_t first, uint32_t *words, size_t count, unsigned width,
                             unsigned workers);
/// `ramp_mask_add64` with the words shared out among `workers` threads.
int ramp_mask_add64_parallel(const uint8_t *const *seeds, const uint8_t *signs, size_t seed_count,
                             uint64_t first, uint64_t *words, size_t count, unsigned width,
                             unsigned workers);
/// Writes `count` bytes of a seed's stream from byte `first` on; 1 on success.
int ramp_mask_stream(const uint8_t *seed, uint64_t first, uint8_t *out, size_t count);
