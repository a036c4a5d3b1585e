/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/vrf.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/hash_to_curve.h"

/* RFC 9381 5.4 and 5.5: the byte after the suite separates the uses of the hash. */
enum domain { ENCODE = 0x01, CHALLENGE = 0x02, OUTPUT = 0x03, BACK = 0x00 };

/* The order L of the subgroup, little endian (RFC 8032 5.1). */
static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

static bool is_scalar(const uint8_t bytes[32]) {
    return sodium_compare(bytes, ORDER, sizeof ORDER) < 0;
}

static void hash_start(crypto_hash_sha512_state *state, const struct vrf_suite *suite,
                       uint8_t domain) {
    const uint8_t front[2] = {suite->number, domain};
    crypto_hash_sha512_init(state);
    crypto_hash_sha512_update(state, front, sizeof front);
}

static void hash_finish(crypto_hash_sha512_state *state, uint8_t out[64]) {
    const uint8_t back = BACK;
    crypto_hash_sha512_update(state, &back, sizeof back);
    crypto_hash_sha512_final(state, out);
}

/* RFC 9381 5.4.1.1. */
static int try_and_increment(uint8_t point[32], const uint8_t public_key[32], const void *alpha,
                             size_t alpha_size) {
    for (unsigned counter = 0; counter < 256; counter++) {
        crypto_hash_sha512_state state;
        const uint8_t octet = (uint8_t)counter;
        uint8_t hash[64];
        hash_start(&state, &vrf_tai, ENCODE);
        crypto_hash_sha512_update(&state, public_key, 32);
        crypto_hash_sha512_update(&state, alpha, alpha_size);
        crypto_hash_sha512_update(&state, &octet, 1);
        hash_finish(&state, hash);
        /* Of the multiples of 8 only the identity fails the last test. */
        if (clear_cofactor(point, hash) && crypto_core_ed25519_is_valid_point(point))
            return OK;
    }
    return ERR_INVALID;
}

/* RFC 9381 5.4.1.2; the public key is the salt. */
static int elligator(uint8_t point[32], const uint8_t public_key[32], const void *alpha,
                     size_t alpha_size) {
    static const char tag[] = "ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\x04";
    const struct hash_input input = {.tag = tag,
                                     .tag_size = sizeof tag - 1,
                                     .salt = public_key,
                                     .salt_size = 32,
                                     .message = alpha,
                                     .message_size = alpha_size};
    return encode_to_curve(point, &input);
}

const struct vrf_suite vrf_tai = {.number = 0x03, .encode = try_and_increment};
const struct vrf_suite vrf_ell2 = {.number = 0x04, .encode = elligator};

/* RFC 9381 5.4.3; the 16 bytes are followed by zeros, so that @out is a scalar. */
static void make_challenge(const struct vrf_suite *suite, uint8_t out[32],
                           const uint8_t *const points[5]) {
    crypto_hash_sha512_state state;
    uint8_t hash[64];
    hash_start(&state, suite, CHALLENGE);
    for (size_t i = 0; i < 5; i++)
        crypto_hash_sha512_update(&state, points[i], 32);
    hash_finish(&state, hash);
    memset(out, 0, 32);
    memcpy(out, hash, 16);
}

void vrf_key_from_seed(struct vrf_key *key, const struct vrf_suite *suite,
                       const uint8_t seed[VRF_SEED_BYTES]) {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t hash[64];
    key->suite = suite;
    crypto_sign_seed_keypair(key->public_key, secret, seed);
    crypto_hash_sha512(hash, seed, VRF_SEED_BYTES);
    hash[0] &= 0xf8;
    hash[31] = (hash[31] & 0x7f) | 0x40;
    memcpy(key->scalar, hash, 32);
    memcpy(key->prefix, hash + 32, 32);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(hash, sizeof hash);
}

/* The deterministic nonce of RFC 9381 5.4.2.2. */
static void make_nonce(uint8_t nonce[32], const uint8_t prefix[32], const uint8_t point[32]) {
    uint8_t bytes[64], hash[64];
    memcpy(bytes, prefix, 32);
    memcpy(bytes + 32, point, 32);
    crypto_hash_sha512(hash, bytes, sizeof bytes);
    crypto_core_ed25519_scalar_reduce(nonce, hash);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(hash, sizeof hash);
}

int vrf_prove(const struct vrf_key *key, const void *alpha, size_t alpha_size,
              uint8_t proof[VRF_PROOF_BYTES]) {
    uint8_t point[32], gamma[32], nonce[32], u[32], v[32], challenge[32], product[32], response[32];
    int error = key->suite->encode(point, key->public_key, alpha, alpha_size);
    if (error)
        return error;
    make_nonce(nonce, key->prefix, point);
    if (crypto_scalarmult_ed25519_noclamp(gamma, key->scalar, point) != 0 ||
        crypto_scalarmult_ed25519_base_noclamp(u, nonce) != 0 ||
        crypto_scalarmult_ed25519_noclamp(v, nonce, point) != 0)
        return ERR_INVALID; /* a nonce of zero: as unlikely as guessing the key */
    make_challenge(key->suite, challenge,
                   (const uint8_t *const[]){key->public_key, point, gamma, u, v});
    crypto_core_ed25519_scalar_mul(product, challenge, key->scalar);
    crypto_core_ed25519_scalar_add(response, nonce, product);
    memcpy(proof, gamma, 32);
    memcpy(proof + 32, challenge, 16);
    memcpy(proof + 48, response, 32);
    sodium_memzero(nonce, sizeof nonce);
    sodium_memzero(product, sizeof product);
    return OK;
}

/* out = response * base - challenge * point; @base NULL is the generator. */
static bool reconstruct(uint8_t out[32], const uint8_t response[32], const uint8_t *base,
                        const uint8_t challenge[32], const uint8_t point[32]) {
    uint8_t left[32], right[32];
    int failed = base ? crypto_scalarmult_ed25519_noclamp(left, response, base)
                      : crypto_scalarmult_ed25519_base_noclamp(left, response);
    return !failed && crypto_scalarmult_ed25519_noclamp(right, challenge, point) == 0 &&
           crypto_core_ed25519_sub(out, left, right) == 0;
}

int vrf_verify(const struct vrf_suite *suite, const uint8_t public_key[VRF_PUBLIC_BYTES],
               const void *alpha, size_t alpha_size, const uint8_t proof[VRF_PROOF_BYTES],
               uint8_t output[VRF_OUTPUT_BYTES]) {
    const uint8_t *gamma = proof, *response = proof + 48;
    uint8_t challenge[32] = {0}, expected[32], point[32], u[32], v[32];
    if (!crypto_core_ed25519_is_valid_point(public_key))
        return ERR_INVALID;
    if (!crypto_core_ed25519_is_valid_point(gamma) || !is_scalar(response))
        return ERR_NON_CANONICAL;
    memcpy(challenge, proof + 32, 16);
    int error = suite->encode(point, public_key, alpha, alpha_size);
    if (error)
        return error;
    if (!reconstruct(u, response, NULL, challenge, public_key) ||
        !reconstruct(v, response, point, challenge, gamma))
        return ERR_PROOF;
    make_challenge(suite, expected, (const uint8_t *const[]){public_key, point, gamma, u, v});
    if (sodium_memcmp(challenge, expected, sizeof expected) != 0)
        return ERR_PROOF;
    return vrf_proof_to_output(suite, proof, output);
}

int vrf_proof_to_output(const struct vrf_suite *suite, const uint8_t proof[VRF_PROOF_BYTES],
                        uint8_t output[VRF_OUTPUT_BYTES]) {
    crypto_hash_sha512_state state;
    uint8_t cleared[32];
    if (!crypto_core_ed25519_is_valid_point(proof) || !is_scalar(proof + 48) ||
        !clear_cofactor(cleared, proof))
        return ERR_NON_CANONICAL;
    hash_start(&state, suite, OUTPUT);
    crypto_hash_sha512_update(&state, cleared, sizeof cleared);
    hash_finish(&state, output);
    return OK;
}
