/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verifiable random functions ECVRF-EDWARDS25519-SHA512-TAI and -ELL2 (RFC 9381, suites 0x03 and
 * 0x04). They differ in how the input becomes a point: TAI tries hashes until one is a point, ELL2
 * maps one hash (RFC 9380), in a time that does not depend on luck.
 *
 * It serves simulation and is not hardened. Proving has no secret-dependent branch or index: scalars
 * go through libsodium alone, and only public values choose how the input becomes a point. But nobody
 * has inspected the machine code.
 *
 * Stricter than the RFC in one point: a proof whose Gamma lies outside the prime-order subgroup is
 * refused. No honest prover makes one. libsodium must be initialised (sodium_init). */
#ifndef TIERCHAIN_CRYPTO_VRF_H
#define TIERCHAIN_CRYPTO_VRF_H

#include "base/types.h"

#define VRF_SEED_BYTES   32
#define VRF_PUBLIC_BYTES 32
#define VRF_PROOF_BYTES  80 /* Gamma 32, c 16, s 32 */
#define VRF_OUTPUT_BYTES 64

struct vrf_suite {
    uint8_t number; /* suite_string */
    /* The point for @alpha (RFC 9381 5.4.1). 0, or ERR_INVALID when there is none. */
    int (*encode)(uint8_t point[32], const uint8_t public_key[VRF_PUBLIC_BYTES], const void *alpha,
                  size_t alpha_size);
};

extern const struct vrf_suite vrf_tai;
extern const struct vrf_suite vrf_ell2;

/* A key expanded once (RFC 8032 5.1.5), so that proving costs no further derivation. */
struct vrf_key {
    const struct vrf_suite *suite;
    uint8_t scalar[32]; /* clamped, little endian */
    uint8_t prefix[32]; /* of the nonce hash */
    uint8_t public_key[VRF_PUBLIC_BYTES];
};

/* Derives the key of @seed; the same seed gives the same public key in Ed25519. */
void vrf_key_from_seed(struct vrf_key *key, const struct vrf_suite *suite,
                       const uint8_t seed[VRF_SEED_BYTES]);

/* Proves the output for @alpha. 0, or ERR_INVALID when @alpha has no point (TAI: 256 hashes in
 * a row that are none). */
int vrf_prove(const struct vrf_key *key, const void *alpha, size_t alpha_size,
              uint8_t proof[VRF_PROOF_BYTES]);

/* Checks @proof and writes the output. 0; ERR_INVALID for a public key off the prime-order
 * subgroup; ERR_NON_CANONICAL for a Gamma that is no such point or s >= L; ERR_PROOF otherwise.
 * @output is written only on success. */
int vrf_verify(const struct vrf_suite *suite, const uint8_t public_key[VRF_PUBLIC_BYTES],
               const void *alpha, size_t alpha_size, const uint8_t proof[VRF_PROOF_BYTES],
               uint8_t output[VRF_OUTPUT_BYTES]);

/* The output of a proof that is known to be valid: nothing but the encoding is checked.
 * 0 or ERR_NON_CANONICAL. */
int vrf_proof_to_output(const struct vrf_suite *suite, const uint8_t proof[VRF_PROOF_BYTES],
                        uint8_t output[VRF_OUTPUT_BYTES]);

#endif
