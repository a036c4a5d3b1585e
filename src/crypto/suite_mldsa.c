/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real provider's post-quantum signatures: pure ML-DSA (FIPS 204) with an empty context, in its
 * deterministic variant (the randomness of algorithm 2 is zero), so that a run can be repeated. The
 * lot is still drawn with the elliptic-curve VRF: no post-quantum one is standardised.
 *
 * Stack: signing takes up to 80 KiB of an actor's 256 kB. */
#include <assert.h>

#include "base/error.h"
#include "crypto/mldsa.h"
#include "crypto/suites.h"

static const struct mldsa_parameters *parameters_of(const struct suite *suite) {
    return suite == &suite_mldsa44_real ? &mldsa_44 : &mldsa_65;
}

static void mldsa_suite_keypair(const struct suite *suite, const uint8_t *seed, uint8_t *public_key,
                                uint8_t *secret_key) {
    mldsa_keygen_internal(parameters_of(suite), seed, public_key, secret_key);
}

static void mldsa_suite_sign(const struct suite *suite, const uint8_t *secret_key,
                             const void *message, size_t size, uint8_t *signature) {
    static const uint8_t zeros[MLDSA_RANDOM_BYTES];
    const struct mldsa_bytes context = {0}, bytes = {message, size};
    int error =
        mldsa_sign(parameters_of(suite), secret_key, context, bytes, zeros, signature, NULL);
    assert(error == OK);
}

static bool mldsa_suite_verify(const struct suite *suite, const uint8_t *public_key,
                               const void *message, size_t size, const uint8_t *signature) {
    const struct mldsa_bytes context = {0}, bytes = {message, size};
    const struct mldsa_bytes key = {public_key, suite->public_key_bytes};
    const struct mldsa_bytes tag = {signature, suite->signature_bytes};
    return mldsa_verify(parameters_of(suite), key, context, bytes, tag) == OK;
}

#define REAL_MLDSA(scheme, public_bytes, secret_bytes, bytes)                                      \
    {                                                                                              \
        .name = (scheme), .provider = "real", .source = "FIPS 204",                                \
        .public_key_bytes = (public_bytes), .secret_key_bytes = (secret_bytes),                    \
        .signature_bytes = (bytes), .keypair = mldsa_suite_keypair, .sign = mldsa_suite_sign,      \
        .verify = mldsa_suite_verify, .vrf_keypair = suite_vrf_keypair,                            \
        .vrf_prove = suite_vrf_prove, .vrf_verify = suite_vrf_verify, .hash = suite_hash,          \
        .kem_keypair = suite_kem_keypair, .kem_encaps = suite_kem_encaps,                          \
        .kem_decaps = suite_kem_decaps,                                                            \
    }

const struct suite suite_mldsa44_real = REAL_MLDSA("ml-dsa-44", 1312, 2560, 2420);
const struct suite suite_mldsa65_real = REAL_MLDSA("ml-dsa-65", 1952, 4032, 3309);
