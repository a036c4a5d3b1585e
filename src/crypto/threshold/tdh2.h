/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TDH2 threshold encryption (Shoup, Gennaro, J. Cryptology 15, 2002, section 3) over ristretto255:
 * what is encrypted to a group opens when a threshold of holders agree to open it. Secure against
 * chosen ciphertexts: a holder gives a share only for a ciphertext whose sender proved that he made
 * it, and the functions below want a checked ciphertext for that reason.
 *
 * The scheme encrypts a fresh key, and XChaCha20-Poly1305 carries the message. The label (sender,
 * epoch …) is bound but not sent. Ciphertext: masked key 32, u 32, u^ 32, e 32, f 32, then the
 * message's bytes and the tag 16. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_TDH2_H
#define TIERCHAIN_CRYPTO_THRESHOLD_TDH2_H

#include "crypto/threshold/dh_share.h"

#define TDH2_KEY_BYTES      32
#define TDH2_TAG_BYTES      16
#define TDH2_OVERHEAD_BYTES (TDH2_KEY_BYTES + 4 * 32 + TDH2_TAG_BYTES)

/* Uniformly random bytes for one encryption. */
struct tdh2_randomness {
    uint8_t key[TDH2_KEY_BYTES];
    uint8_t exponent[NONCE_BYTES]; /* r */
    uint8_t nonce[NONCE_BYTES];    /* s */
};

/* A ciphertext that passed tdh2_check. One that did not is all zeros, and no holder can make a share
 * of it: there is no element to multiply. */
struct tdh2_ciphertext {
    uint8_t masked_key[TDH2_KEY_BYTES];
    uint8_t element[ELEMENT_BYTES]; /* u */
    const uint8_t *sealed;          /* borrowed from the checked bytes: message and tag */
    size_t message_size;
};

/* Encrypts @size bytes to @public_key into @out, size + TDH2_OVERHEAD_BYTES bytes. 0, or
 * ERR_INVALID for a public key that is no element or the identity. */
int tdh2_encrypt(uint8_t *out, const uint8_t public_key[ELEMENT_BYTES], const void *label,
                 size_t label_size, const void *message, size_t size,
                 const struct tdh2_randomness *randomness);

/* Checks a ciphertext against its label. 0; ERR_TRUNCATED; ERR_NON_CANONICAL for an element or
 * scalar that is none; ERR_PROOF when any byte or the label was changed. */
int tdh2_check(struct tdh2_ciphertext *ciphertext, const uint8_t *bytes, size_t size,
               const void *label, size_t label_size);

/* A holder's share of the decryption. Errors of dh_share_make; ERR_INVALID for what failed the
 * check. */
int tdh2_share_make(struct dh_share *share, const struct tdh2_ciphertext *ciphertext,
                    const struct shamir_share *key, const uint8_t nonce[NONCE_BYTES]);

/* Checks another holder's share. Errors of dh_share_verify. */
int tdh2_share_verify(const struct dh_share *share, const struct tdh2_ciphertext *ciphertext,
                      const uint8_t public_share[ELEMENT_BYTES]);

/* Writes the message, message_size bytes, from verified shares. Arguments and errors of
 * dh_share_combine, and ERR_MISMATCH when the sender encrypted nonsense: then every set of verified
 * shares says so. After an error @message may hold anything but the message. */
int tdh2_combine(uint8_t *message, const struct tdh2_ciphertext *ciphertext,
                 const struct dh_share *shares, size_t count, size_t threshold);

#endif
