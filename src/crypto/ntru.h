/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key encapsulation NTRU-HPS-2048-677 (NTRU, algorithm specifications of round 3 of the NIST
 * process, 30 September 2020). No standard: NIST chose Kyber in 2022.
 *
 * It serves simulation and is not hardened: inverses, sorting and sampling take a time that depends
 * on the key; decapsulation only hides from its caller whether it rejected.
 *
 * Randomness is always an argument. Stack: below 24 KiB. */
#ifndef TIERCHAIN_CRYPTO_NTRU_H
#define TIERCHAIN_CRYPTO_NTRU_H

#include "base/types.h"

#define NTRU_PUBLIC_BYTES     930
#define NTRU_SECRET_BYTES     1234
#define NTRU_CIPHERTEXT_BYTES 930
#define NTRU_SHARED_BYTES     32
#define NTRU_SAMPLE_BYTES     3211 /* of uniform randomness for a pair of polynomials */
#define NTRU_REJECTION_BYTES  32   /* of the key that makes up secrets for bad ciphertexts */

/* Keys from uniform bytes. ERR_INVALID: @sample makes f = 0 (all its first 676 bytes are multiples
 * of 3); every other f has its inverses, and the key buffers are zero after the error. */
int ntru_keygen(const uint8_t sample[NTRU_SAMPLE_BYTES],
                const uint8_t rejection_key[NTRU_REJECTION_BYTES],
                uint8_t public_key[NTRU_PUBLIC_BYTES], uint8_t secret_key[NTRU_SECRET_BYTES]);

/* A fresh shared secret and the ciphertext that carries it. ERR_TRUNCATED, ERR_TRAILING: the key
 * has another size; ERR_NON_CANONICAL: its padding bits are not zero. */
int ntru_encaps(const uint8_t *public_key, size_t public_key_size,
                const uint8_t sample[NTRU_SAMPLE_BYTES], uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES],
                uint8_t shared[NTRU_SHARED_BYTES]);

/* The shared secret, or for a ciphertext that no encapsulation makes a secret that only the holder
 * of the key can know (implicit rejection), with OK in both cases. ERR_TRUNCATED, ERR_TRAILING: the
 * ciphertext has another size; ERR_NON_CANONICAL: the *secret key* is not one. */
int ntru_decaps(const uint8_t secret_key[NTRU_SECRET_BYTES], const uint8_t *ciphertext,
                size_t ciphertext_size, uint8_t shared[NTRU_SHARED_BYTES]);

#endif
