/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real provider: Ed25519 (RFC 8032) and BLAKE2b of libsodium, our own ECVRF (RFC 9381). */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/suites.h"
#include "crypto/threshold/signing.h"
#include "crypto/vrf.h"

static void ed25519_keypair(const struct suite *suite, const uint8_t *seed, uint8_t *public_key,
                            uint8_t *secret_key) {
    int error = crypto_sign_seed_keypair(public_key, secret_key, seed);
    assert(error == 0);
}

static void ed25519_sign(const struct suite *suite, const uint8_t *secret_key, const void *message,
                         size_t size, uint8_t *signature) {
    int error = crypto_sign_detached(signature, NULL, message, size, secret_key);
    assert(error == 0);
}

static bool ed25519_verify(const struct suite *suite, const uint8_t *public_key,
                           const void *message, size_t size, const uint8_t *signature) {
    return crypto_sign_verify_detached(signature, message, size, public_key) == 0;
}

void suite_vrf_keypair(const uint8_t *seed, uint8_t *public_key) {
    struct vrf_key key;
    vrf_key_from_seed(&key, &vrf_tai, seed);
    memcpy(public_key, key.public_key, sizeof key.public_key);
}

void suite_vrf_prove(const uint8_t *seed, const uint8_t *public_key, const void *alpha, size_t size,
                     uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]) {
    struct vrf_key key;
    vrf_key_from_seed(&key, &vrf_tai, seed);
    int error = vrf_prove(&key, alpha, size, proof);
    assert(error == OK);
    error = vrf_proof_to_output(&vrf_tai, proof, output);
    assert(error == OK);
}

bool suite_vrf_verify(const uint8_t *public_key, const void *alpha, size_t size,
                      const uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]) {
    return vrf_verify(&vrf_tai, public_key, alpha, size, proof, output) == OK;
}

void suite_hash(struct digest *out, const void *bytes, size_t size) {
    crypto_generichash(out->bytes, sizeof out->bytes, bytes, size, NULL, 0);
}

const struct suite suite_ed25519_real = {
    .name = "ed25519",
    .provider = "real",
    .source = "RFC 8032",
    .public_key_bytes = crypto_sign_PUBLICKEYBYTES,
    .secret_key_bytes = crypto_sign_SECRETKEYBYTES,
    .signature_bytes = crypto_sign_BYTES,
    .keypair = ed25519_keypair,
    .sign = ed25519_sign,
    .verify = ed25519_verify,
    .vrf_keypair = suite_vrf_keypair,
    .vrf_prove = suite_vrf_prove,
    .vrf_verify = suite_vrf_verify,
    .kem_keypair = suite_kem_keypair,
    .kem_encaps = suite_kem_encaps,
    .kem_decaps = suite_kem_decaps,
    .threshold = &threshold_signing_real,
    .hash = suite_hash,
};
