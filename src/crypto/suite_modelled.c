/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The modelled provider: a signature is a SipHash-2-4 tag under the public key, padded with zeros
 * to the size of the scheme that it stands for. About a hundred times cheaper than the real thing,
 * which the simulation charges all the same. */
#include <sodium.h>
#include <string.h>

#include "crypto/suites.h"
#include "crypto/threshold/signing.h"
#include "crypto/vrf.h"

#define TAG_BYTES 16

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the key is the first half of a public key");

static void tag(const uint8_t *public_key, const void *message, size_t size,
                uint8_t out[TAG_BYTES]) {
    crypto_shorthash_siphashx24(out, message, size, public_key);
}

/* The public key is a hash of the seed; the secret key holds a copy of it. */
static void modelled_keypair(const struct suite *suite, const uint8_t *seed, uint8_t *public_key,
                             uint8_t *secret_key) {
    memset(public_key, 0, suite->public_key_bytes);
    memset(secret_key, 0, suite->secret_key_bytes);
    crypto_generichash(public_key, 32, seed, SUITE_SEED_BYTES, NULL, 0);
    memcpy(secret_key, public_key, 32);
}

static void modelled_sign(const struct suite *suite, const uint8_t *secret_key, const void *message,
                          size_t size, uint8_t *signature) {
    memset(signature, 0, suite->signature_bytes);
    tag(secret_key, message, size, signature);
}

/* The padding is part of the encoding: a signature has one form only. */
static bool is_padded(const struct suite *suite, const uint8_t *signature) {
    return sodium_is_zero(signature + TAG_BYTES, suite->signature_bytes - TAG_BYTES) == 1;
}

static bool modelled_verify(const struct suite *suite, const uint8_t *public_key,
                            const void *message, size_t size, const uint8_t *signature) {
    uint8_t expected[TAG_BYTES];
    tag(public_key, message, size, expected);
    return memcmp(signature, expected, TAG_BYTES) == 0 && is_padded(suite, signature);
}

/* Tags add up modulo 2^128, as signatures do in their group. */
static bool modelled_aggregate(const struct suite *suite, uint8_t *sum, const uint8_t *signature) {
    if (!is_padded(suite, sum) || !is_padded(suite, signature))
        return false;
    sodium_add(sum, signature, TAG_BYTES);
    return true;
}

static bool modelled_aggregate_verify(const struct suite *suite, const uint8_t *const *public_keys,
                                      size_t count, const void *message, size_t size,
                                      const uint8_t *sum) {
    uint8_t expected[TAG_BYTES] = {0}, one[TAG_BYTES];
    for (size_t i = 0; i < count; i++) {
        tag(public_keys[i], message, size, one);
        sodium_add(expected, one, TAG_BYTES);
    }
    return memcmp(sum, expected, TAG_BYTES) == 0 && is_padded(suite, sum);
}

/* The output is the genuine one, so that both providers choose the same holders. */
static void modelled_vrf_prove(const uint8_t *seed, const uint8_t *public_key, const void *alpha,
                               size_t size, uint8_t proof[VRF_PROOF_SIZE],
                               uint8_t output[VRF_OUTPUT_SIZE]) {
    suite_vrf_prove(seed, public_key, alpha, size, proof, output);
    memcpy(proof, output, VRF_OUTPUT_SIZE);
    tag(public_key, proof, VRF_OUTPUT_SIZE, proof + VRF_OUTPUT_SIZE);
    uint8_t input[TAG_BYTES];
    tag(public_key, alpha, size, input);
    for (size_t i = 0; i < TAG_BYTES; i++)
        proof[VRF_OUTPUT_SIZE + i] ^= input[i];
}

static bool modelled_vrf_verify(const uint8_t *public_key, const void *alpha, size_t size,
                                const uint8_t proof[VRF_PROOF_SIZE],
                                uint8_t output[VRF_OUTPUT_SIZE]) {
    uint8_t input[TAG_BYTES], expected[TAG_BYTES];
    tag(public_key, alpha, size, input);
    tag(public_key, proof, VRF_OUTPUT_SIZE, expected);
    for (size_t i = 0; i < TAG_BYTES; i++)
        expected[i] ^= input[i];
    memcpy(output, proof, VRF_OUTPUT_SIZE);
    return memcmp(proof + VRF_OUTPUT_SIZE, expected, TAG_BYTES) == 0;
}

static void modelled_hash(struct digest *out, const void *bytes, size_t size) {
    static const uint8_t keys[2][crypto_shorthash_KEYBYTES] = {{0}, {1}};
    crypto_shorthash_siphashx24(out->bytes, bytes, size, keys[0]);
    crypto_shorthash_siphashx24(out->bytes + 16, bytes, size, keys[1]);
}

#define MODELLED(scheme, paper, public_bytes, secret_bytes, bytes, group)                          \
    {                                                                                              \
        .name = (scheme), .provider = "modelled", .source = (paper),                               \
        .public_key_bytes = (public_bytes), .secret_key_bytes = (secret_bytes),                    \
        .signature_bytes = (bytes), .keypair = modelled_keypair, .sign = modelled_sign,            \
        .verify = modelled_verify, .vrf_keypair = suite_vrf_keypair,                               \
        .vrf_prove = modelled_vrf_prove, .vrf_verify = modelled_vrf_verify, .threshold = (group),  \
        .hash = modelled_hash, .kem_keypair = suite_kem_modelled_keypair,                          \
        .kem_encaps = suite_kem_modelled_encaps, .kem_decaps = suite_kem_modelled_decaps,          \
    }

const struct suite suite_ed25519_modelled =
    MODELLED("ed25519", "RFC 8032", 32, 64, 64, &threshold_signing_modelled);
const struct suite suite_mldsa44_modelled =
    MODELLED("ml-dsa-44", "FIPS 204", 1312, 2560, 2420, NULL);
const struct suite suite_mldsa65_modelled =
    MODELLED("ml-dsa-65", "FIPS 204", 1952, 4032, 3309, NULL);
/* Has no real twin. Public keys in G1, signatures in G2, as the costs in models/data/cpu assume. */
const struct suite suite_bls12381_modelled = {
    .name = "bls12-381",
    .provider = "modelled",
    .source = "draft-irtf-cfrg-bls-signature, minimal public keys",
    .public_key_bytes = 48,
    .secret_key_bytes = 32,
    .signature_bytes = 96,
    .keypair = modelled_keypair,
    .sign = modelled_sign,
    .verify = modelled_verify,
    .vrf_keypair = suite_vrf_keypair,
    .vrf_prove = modelled_vrf_prove,
    .vrf_verify = modelled_vrf_verify,
    .aggregate = modelled_aggregate,
    .aggregate_verify = modelled_aggregate_verify,
    .kem_keypair = suite_kem_modelled_keypair,
    .kem_encaps = suite_kem_modelled_encaps,
    .kem_decaps = suite_kem_modelled_decaps,
    .hash = modelled_hash,
};
