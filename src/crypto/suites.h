/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The suites that exist; suite.c lists them. */
#ifndef TIERCHAIN_CRYPTO_SUITES_H
#define TIERCHAIN_CRYPTO_SUITES_H

#include "crypto/suite.h"

extern const struct suite suite_ed25519_real;
extern const struct suite suite_ed25519_modelled;
extern const struct suite suite_mldsa44_real;
extern const struct suite suite_mldsa44_modelled;
extern const struct suite suite_mldsa65_real;
extern const struct suite suite_mldsa65_modelled;
extern const struct suite suite_bls12381_modelled;

/* Shared by the real suites: ECVRF-EDWARDS25519-SHA512-TAI and BLAKE2b-256. */
void suite_vrf_keypair(const uint8_t *seed, uint8_t *public_key);
void suite_vrf_prove(const uint8_t *seed, const uint8_t *public_key, const void *alpha, size_t size,
                     uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);
bool suite_vrf_verify(const uint8_t *public_key, const void *alpha, size_t size,
                      const uint8_t proof[VRF_PROOF_SIZE], uint8_t output[VRF_OUTPUT_SIZE]);
void suite_hash(struct digest *out, const void *bytes, size_t size);

/* Key encapsulation (suite_kem.c), real and modelled. */
void suite_kem_keypair(const uint8_t *seed, uint8_t *public_key, uint8_t *secret_key);
int suite_kem_encaps(const uint8_t *public_key, const uint8_t *seed, uint8_t *ciphertext,
                     uint8_t *shared);
int suite_kem_decaps(const uint8_t *secret_key, const uint8_t *ciphertext, uint8_t *shared);
void suite_kem_modelled_keypair(const uint8_t *seed, uint8_t *public_key, uint8_t *secret_key);
int suite_kem_modelled_encaps(const uint8_t *public_key, const uint8_t *seed, uint8_t *ciphertext,
                              uint8_t *shared);
int suite_kem_modelled_decaps(const uint8_t *secret_key, const uint8_t *ciphertext,
                              uint8_t *shared);

#endif
