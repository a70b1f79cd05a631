#include "COpenSSL.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

// OpenSSL queues an error for every refusal; nobody reads what is expected, so it is taken off.

int ramp_equal(const void *a, const void *b, size_t count) { return CRYPTO_memcmp(a, b, count) == 0; }

int ramp_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *message,
                     size_t message_count, uint8_t *code) {
  static const uint8_t nothing = 0;
  unsigned int length = 0;
  if (key_count > INT_MAX) return 0;
  return HMAC(EVP_sha256(), key_count > 0 ? key : &nothing, (int)key_count,
              message_count > 0 ? message : &nothing, message_count, code, &length) != NULL &&
         length == 32;
}

int ramp_hkdf_extract(const uint8_t *salt, size_t salt_count, const uint8_t *secret,
                      size_t secret_count, uint8_t *pseudorandom_key) {
  // HMAC pads its key with zeros, so that no salt is the 32 zeros RFC 5869 puts in its place.
  return ramp_hmac_sha256(salt, salt_count, secret, secret_count, pseudorandom_key);
}

int ramp_hkdf_expand(const uint8_t *pseudorandom_key, const uint8_t *info, size_t info_count,
                     uint8_t *out, size_t count) {
  uint8_t block[32];
  const size_t capacity = sizeof block + info_count + 1;
  if (count > 255 * sizeof block) return 0;
  uint8_t *message = OPENSSL_malloc(capacity);
  if (message == NULL) return 0;
  int done = 1;
  size_t previous = 0;
  for (uint8_t index = 1; done && count > 0; index++) {
    memcpy(message, block, previous);
    if (info_count > 0) memcpy(message + previous, info, info_count);
    message[previous + info_count] = index;
    done = ramp_hmac_sha256(pseudorandom_key, 32, message, previous + info_count + 1, block);
    previous = sizeof block;
    const size_t taken = count < sizeof block ? count : sizeof block;
    memcpy(out, block, taken);
    out += taken;
    count -= taken;
  }
  OPENSSL_cleanse(block, sizeof block);
  OPENSSL_clear_free(message, capacity);
  return done;
}

int ramp_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t data_count,
                  const uint8_t *plaintext, size_t count, uint8_t *out) {
  if (data_count > INT_MAX || count > INT_MAX) return 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int length = 0;
  // An update with a null output reads associated data; one with no bytes at all is left out, since
  // its pointers may be null.
  const int done =
      context != NULL && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
      (data_count == 0 || EVP_EncryptUpdate(context, NULL, &length, data, (int)data_count) == 1) &&
      (count == 0 || EVP_EncryptUpdate(context, out, &length, plaintext, (int)count) == 1) &&
      EVP_EncryptFinal_ex(context, out + count, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, out + count) == 1;
  EVP_CIPHER_CTX_free(context);
  return done;
}

int ramp_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t data_count,
                  const uint8_t *ciphertext, size_t count, uint8_t *out) {
  if (data_count > INT_MAX || count > INT_MAX) return -1;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  uint8_t tag[16];
  memcpy(tag, ciphertext + count, sizeof tag);
  int length = 0;
  int result = -1;
  if (context != NULL && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
      (data_count == 0 || EVP_DecryptUpdate(context, NULL, &length, data, (int)data_count) == 1) &&
      (count == 0 || EVP_DecryptUpdate(context, out, &length, ciphertext, (int)count) == 1) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1) {
    result = EVP_DecryptFinal_ex(context, tag, &length) == 1;
  }
  if (result != 1) {
    if (count > 0) OPENSSL_cleanse(out, count);
    ERR_clear_error();
  }
  EVP_CIPHER_CTX_free(context);
  return result;
}

// The handle is OpenSSL's own key; the tag only keeps EVP types out of the header.

ramp_private_key *ramp_x25519_new(const uint8_t *secret) {
  return (ramp_private_key *)EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
}

ramp_private_key *ramp_ed25519_new(const uint8_t *secret) {
  return (ramp_private_key *)EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
}

void ramp_private_key_free(ramp_private_key *key) { EVP_PKEY_free((EVP_PKEY *)key); }

int ramp_private_key_public(const ramp_private_key *key, uint8_t *bytes) {
  size_t length = 32;
  return EVP_PKEY_get_raw_public_key((const EVP_PKEY *)key, bytes, &length) == 1 && length == 32;
}

int ramp_x25519_agree(const ramp_private_key *key, const uint8_t *public_key, uint8_t *secret) {
  static const uint8_t zeros[32];
  EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, 32);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new((EVP_PKEY *)key, NULL);
  size_t length = 32;
  int result = -1;
  if (peer != NULL && context != NULL && EVP_PKEY_derive_init(context) == 1 &&
      EVP_PKEY_derive_set_peer(context, peer) == 1) {
    // OpenSSL refuses an all-zero result; so does this, should a provider not.
    result = EVP_PKEY_derive(context, secret, &length) == 1 && length == 32 &&
             CRYPTO_memcmp(secret, zeros, 32) != 0;
  }
  if (result != 1) {
    OPENSSL_cleanse(secret, 32);
    ERR_clear_error();
  }
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(peer);
  return result;
}

int ramp_ed25519_sign(const ramp_private_key *key, const uint8_t *message, size_t count,
                      uint8_t *signature) {
  static const uint8_t nothing = 0;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t length = 64;
  const int done =
      context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, (EVP_PKEY *)key) == 1 &&
      EVP_DigestSign(context, signature, &length, count > 0 ? message : &nothing, count) == 1 &&
      length == 64;
  EVP_MD_CTX_free(context);
  return done;
}

int ramp_ed25519_verify(const uint8_t *public_key, const uint8_t *message, size_t count,
                        const uint8_t *signature) {
  static const uint8_t nothing = 0;
  EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int result = -1;
  if (key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1) {
    result = EVP_DigestVerify(context, signature, 64, count > 0 ? message : &nothing, count) == 1;
  }
  if (result != 1) ERR_clear_error();
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return result;
}
