/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Key encapsulation of both providers, in the sizes of NTRU-HPS-2048-677. The real one is
 * crypto/ntru.h, its randomness stretched from a seed with ChaCha20.
 *
 * The modelled one: a public key is a hash of the seed, a ciphertext is 32 random bytes with a tag
 * under that key, the shared secret is another keyed hash of them; zeros fill up the sizes. Like the
 * modelled signatures it binds sender's key and bytes, and keeps no secret from who knows the public
 * key. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/ntru.h"
#include "crypto/suites.h"

_Static_assert(KEM_PUBLIC_SIZE == NTRU_PUBLIC_BYTES && KEM_SECRET_SIZE == NTRU_SECRET_BYTES &&
                   KEM_CIPHERTEXT_SIZE == NTRU_CIPHERTEXT_BYTES &&
                   KEM_SHARED_SIZE == NTRU_SHARED_BYTES,
               "both providers have NTRU's sizes");
_Static_assert(SUITE_SEED_BYTES == randombytes_SEEDBYTES, "a seed starts ChaCha20");

void suite_kem_keypair(const uint8_t *seed, uint8_t *public_key, uint8_t *secret_key) {
    uint8_t bytes[NTRU_SAMPLE_BYTES + NTRU_REJECTION_BYTES];
    randombytes_buf_deterministic(bytes, sizeof bytes, seed);
    int error = ntru_keygen(bytes, bytes + NTRU_SAMPLE_BYTES, public_key, secret_key);
    assert(error == OK);
}

int suite_kem_encaps(const uint8_t *public_key, const uint8_t *seed, uint8_t *ciphertext,
                     uint8_t *shared) {
    uint8_t sample[NTRU_SAMPLE_BYTES];
    randombytes_buf_deterministic(sample, sizeof sample, seed);
    return ntru_encaps(public_key, NTRU_PUBLIC_BYTES, sample, ciphertext, shared);
}

int suite_kem_decaps(const uint8_t *secret_key, const uint8_t *ciphertext, uint8_t *shared) {
    return ntru_decaps(secret_key, ciphertext, NTRU_CIPHERTEXT_BYTES, shared);
}

#define MODEL_KEY_BYTES 32 /* of the keys and of the ciphertext's random part */
#define MODEL_TAG_BYTES 16

static void tag(const uint8_t *key, const uint8_t *random, uint8_t out[MODEL_TAG_BYTES]) {
    crypto_shorthash_siphashx24(out, random, MODEL_KEY_BYTES, key);
}

/* 32 bytes from @size bytes under a key of 32. */
static void derive(const uint8_t *key, const void *bytes, size_t size,
                   uint8_t shared[KEM_SHARED_SIZE]) {
    crypto_generichash(shared, KEM_SHARED_SIZE, bytes, size, key, MODEL_KEY_BYTES);
}

static bool padded(const uint8_t *bytes, size_t used, size_t size) {
    return sodium_is_zero(bytes + used, size - used) == 1;
}

/* The secret key: a copy of the public one, then the key that makes up secrets on rejection. */
void suite_kem_modelled_keypair(const uint8_t *seed, uint8_t *public_key, uint8_t *secret_key) {
    memset(public_key, 0, KEM_PUBLIC_SIZE);
    memset(secret_key, 0, KEM_SECRET_SIZE);
    derive(seed, "public", 6, public_key);
    memcpy(secret_key, public_key, MODEL_KEY_BYTES);
    derive(seed, "reject", 6, secret_key + MODEL_KEY_BYTES);
}

int suite_kem_modelled_encaps(const uint8_t *public_key, const uint8_t *seed, uint8_t *ciphertext,
                              uint8_t *shared) {
    if (!padded(public_key, MODEL_KEY_BYTES, KEM_PUBLIC_SIZE))
        return ERR_NON_CANONICAL;
    memset(ciphertext, 0, KEM_CIPHERTEXT_SIZE);
    memcpy(ciphertext, seed, MODEL_KEY_BYTES);
    tag(public_key, ciphertext, ciphertext + MODEL_KEY_BYTES);
    derive(public_key, ciphertext, MODEL_KEY_BYTES, shared);
    return OK;
}

int suite_kem_modelled_decaps(const uint8_t *secret_key, const uint8_t *ciphertext,
                              uint8_t *shared) {
    uint8_t expected[MODEL_TAG_BYTES];
    if (!padded(secret_key, 2 * MODEL_KEY_BYTES, KEM_SECRET_SIZE))
        return ERR_NON_CANONICAL;
    tag(secret_key, ciphertext, expected);
    if (memcmp(expected, ciphertext + MODEL_KEY_BYTES, MODEL_TAG_BYTES) == 0 &&
        padded(ciphertext, MODEL_KEY_BYTES + MODEL_TAG_BYTES, KEM_CIPHERTEXT_SIZE))
        derive(secret_key, ciphertext, MODEL_KEY_BYTES, shared);
    else
        derive(secret_key + MODEL_KEY_BYTES, ciphertext, KEM_CIPHERTEXT_SIZE, shared);
    return OK;
}
