/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cryptography behind one table. A suite is a signature scheme with its VRF, its key encapsulation
 * and its content hash, from one of two providers: *real* (libsodium and our own code, checked against official vectors)
 * or *modelled* (keyed hashes, for 10^4 nodes). Both have the same sizes, and a node charges the
 * same work for both, so that a run's trace hash does not depend on the provider. BLS12-381 exists
 * only modelled: the libraries at hand compute no pairings.
 *
 * What the modelled provider gives up: anyone who knows a public key can forge, and open what is
 * sealed for it. It models honest nodes and attackers who don't; it rejects altered messages, wrong
 * signers and what was sealed for someone else.
 *
 * VRF outputs steer who holds what, so they must be equal in both providers: the modelled proof is
 * the genuine ECVRF output with a keyed tag instead of the algebraic proof. */
#ifndef TIERCHAIN_CRYPTO_SUITE_H
#define TIERCHAIN_CRYPTO_SUITE_H

#include "base/types.h"

#define SUITE_SEED_BYTES 32
#define VRF_PROOF_SIZE   80
#define VRF_OUTPUT_SIZE  64
#define VRF_KEY_SIZE     32

/* NTRU-HPS-2048-677 (crypto/ntru.h). */
#define KEM_PUBLIC_SIZE     930
#define KEM_SECRET_SIZE     1234
#define KEM_CIPHERTEXT_SIZE 930
#define KEM_SHARED_SIZE     32

struct threshold_signing; /* crypto/threshold/signing.h */

struct suite {
    const char *name;     /* "ed25519", "ml-dsa-44", "ml-dsa-65", "bls12-381" */
    const char *provider; /* "real" or "modelled" */
    const char *source;   /* of the scheme and its sizes */
    size_t public_key_bytes;
    size_t secret_key_bytes;
    size_t signature_bytes;
    /* Keys from a 32-byte seed. Buffers of the sizes above. */
    void (*keypair)(const struct suite *suite, const uint8_t *seed, uint8_t *public_key,
                    uint8_t *secret_key);
    void (*sign)(const struct suite *suite, const uint8_t *secret_key, const void *message,
                 size_t size, uint8_t *signature);
    bool (*verify)(const struct suite *suite, const uint8_t *public_key, const void *message,
                   size_t size, const uint8_t *signature);
    void (*vrf_keypair)(const uint8_t *seed, uint8_t *public_key);
    void (*vrf_prove)(const uint8_t *seed, const uint8_t *public_key, const void *alpha,
                      size_t size, uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);
    bool (*vrf_verify)(const uint8_t *public_key, const void *alpha, size_t size,
                       const uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);
    /* Signatures that add up: NULL where they don't. Adds a signature to @sum, which starts as all
     * zero; false, and no change, when one of the two is not canonical. */
    bool (*aggregate)(const struct suite *suite, uint8_t *sum, const uint8_t *signature);
    /* Whether @sum is the sum of exactly these @count keys' signatures of the message. */
    bool (*aggregate_verify)(const struct suite *suite, const uint8_t *const *public_keys,
                             size_t count, const void *message, size_t size, const uint8_t *sum);
    /* Key encapsulation: a fresh secret for the owner of a key. @seed: SUITE_SEED_BYTES of fresh
     * uniform randomness. ERR_NON_CANONICAL: the key is none. A ciphertext that no encapsulation
     * makes gives a secret that nobody else knows, and OK (implicit rejection). */
    void (*kem_keypair)(const uint8_t *seed, uint8_t *public_key, uint8_t *secret_key);
    int (*kem_encaps)(const uint8_t *public_key, const uint8_t *seed, uint8_t *ciphertext,
                      uint8_t *shared);
    int (*kem_decaps)(const uint8_t *secret_key, const uint8_t *ciphertext, uint8_t *shared);
    const struct threshold_signing *threshold; /* a group's signatures; NULL: not with this suite */
    /* Content digest: block ids, piece roots. Digests that steer behaviour are not made with it. */
    void (*hash)(struct digest *out, const void *bytes, size_t size);
};

/* The suite of that name and provider, or NULL. */
const struct suite *suite_find(const char *name, const char *provider);

/* All suites, for lists and tests; NULL behind the last. */
const struct suite *suite_at(size_t index);

#endif
