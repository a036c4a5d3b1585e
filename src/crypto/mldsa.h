/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ML-DSA (FIPS 204), parameter sets ML-DSA-44 and ML-DSA-65. This is not Dilithium round 3: the two
 * don't understand each other.
 *
 * It serves simulation and is not hardened. Signing has no secret-dependent branch or index in its
 * arithmetic (what FIPS 204 lets leak, the number of rejections and which check rejected, does
 * leak), but secrets stay behind on the stack, and nobody has inspected the machine code.
 *
 * Randomness is always an argument. Stack: keygen and verify below 24 KiB, sign below 80 KiB. */
#ifndef TIERCHAIN_CRYPTO_MLDSA_H
#define TIERCHAIN_CRYPTO_MLDSA_H

#include "base/types.h"

#define MLDSA_SEED_BYTES       32
#define MLDSA_RANDOM_BYTES     32
#define MLDSA_MAX_CONTEXT      255
#define MLDSA_MAX_PUBLIC_BYTES 1952
#define MLDSA_MAX_SECRET_BYTES 4032
#define MLDSA_MAX_SIGNATURE    3309

/* After so many rejections signing gives up; chance below 2^-256 (FIPS 204 appendix C). */
#define MLDSA_MAX_ITERATIONS 814

/* One row of FIPS 204 tables 1 and 2. */
struct mldsa_parameters {
    const char *name;
    uint8_t rows;             /* k */
    uint8_t columns;          /* l */
    uint8_t eta;              /* coefficients of the secret are in [-eta, eta] */
    uint8_t eta_bits;         /* that it takes to write one */
    uint8_t tau;              /* coefficients ±1 in a challenge */
    uint8_t omega;            /* the most hints in a signature */
    uint8_t gamma1_bits;      /* coefficients of the mask are in (-gamma1, gamma1] */
    uint8_t high_bits;        /* that it takes to write the high part of a coefficient */
    uint8_t commitment_bytes; /* of c~: lambda / 4 */
    int32_t gamma1;
    int32_t gamma2;     /* low parts are in (-gamma2, gamma2] */
    int32_t high_count; /* number of high parts: (q - 1) / (2 gamma2) */
    int32_t beta;       /* tau eta */
    int64_t reciprocal; /* 2^44 / (2 gamma2), rounded up */
    size_t public_key_bytes;
    size_t secret_key_bytes;
    size_t signature_bytes;
};

extern const struct mldsa_parameters mldsa_44;
extern const struct mldsa_parameters mldsa_65;

/* Borrowed bytes; @at may be NULL when @size is 0. */
struct mldsa_bytes {
    const void *at;
    size_t size;
};

/* Algorithm 6. Fills public_key_bytes and secret_key_bytes. */
void mldsa_keygen_internal(const struct mldsa_parameters *parameters,
                           const uint8_t seed[MLDSA_SEED_BYTES], uint8_t *public_key,
                           uint8_t *secret_key);

/* Algorithm 7, for M' = @message. Zero @random makes the deterministic variant. Fills
 * signature_bytes and, unless NULL, @iterations: passes through the rejection loop, the measure of
 * what the signature cost (on average 4.25 and 5.1). ERR_NON_CANONICAL: no such secret key;
 * ERR_LIMIT: MLDSA_MAX_ITERATIONS. After an error the signature is zero. */
int mldsa_sign_internal(const struct mldsa_parameters *parameters, const uint8_t *secret_key,
                        struct mldsa_bytes message, const uint8_t random[MLDSA_RANDOM_BYTES],
                        uint8_t *signature, uint32_t *iterations);

/* Algorithm 2, pure ML-DSA. As above; ERR_INVALID: the context is too long. */
int mldsa_sign(const struct mldsa_parameters *parameters, const uint8_t *secret_key,
               struct mldsa_bytes context, struct mldsa_bytes message,
               const uint8_t random[MLDSA_RANDOM_BYTES], uint8_t *signature, uint32_t *iterations);

/* Algorithm 8, for M' = @message. OK; ERR_TRUNCATED or ERR_TRAILING: key or signature has another
 * size; ERR_NON_CANONICAL: hints not encoded as algorithm 20 does; ERR_SIGNATURE: it is wrong. */
int mldsa_verify_internal(const struct mldsa_parameters *parameters, struct mldsa_bytes public_key,
                          struct mldsa_bytes message, struct mldsa_bytes signature);

/* Algorithm 3, pure ML-DSA. As above; ERR_INVALID: the context is too long. */
int mldsa_verify(const struct mldsa_parameters *parameters, struct mldsa_bytes public_key,
                 struct mldsa_bytes context, struct mldsa_bytes message,
                 struct mldsa_bytes signature);

#endif
