/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * FROST, two-round threshold Schnorr signatures (RFC 9591), over ristretto255 and over Ed25519; the
 * signatures of the latter are plain Ed25519 signatures. Both groups have the same scalars, so keys
 * are shared with shamir_share_of. The holders of commitments, shares and public shares agree by
 * position: a session's list is sorted by holder, and everything else follows that order. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_FROST_H
#define TIERCHAIN_CRYPTO_THRESHOLD_FROST_H

#include "crypto/threshold/shamir.h"

#define FROST_RANDOMNESS_BYTES 32
#define FROST_SIGNATURE_BYTES  64 /* R 32, z 32 */

struct frost_suite {
    const char *context;           /* contextString, in front of every hash's tag (RFC 9591 6) */
    const char *challenge_context; /* of H2: empty where RFC 8032 fixes the challenge */
    const char *challenge_tag;
    int (*base)(uint8_t *out, const uint8_t *scalar);
    int (*multiply)(uint8_t *out, const uint8_t *scalar, const uint8_t *element);
    int (*add)(uint8_t *out, const uint8_t *left, const uint8_t *right);
    int (*subtract)(uint8_t *out, const uint8_t *left, const uint8_t *right);
    bool (*is_canonical)(const uint8_t *element); /* and in the group; maybe the identity */
    uint8_t identity[ELEMENT_BYTES];
};

extern const struct frost_suite frost_ristretto255; /* RFC 9591 6.2 */
extern const struct frost_suite frost_ed25519;      /* RFC 9591 6.1 */

/* What a signer publishes in round one. */
struct frost_commitment {
    uint32_t holder;
    uint8_t hiding[ELEMENT_BYTES];
    uint8_t binding[ELEMENT_BYTES];
};

/* What it keeps. One use: a second signature with the same nonces would reveal the key share. */
struct frost_nonces {
    struct frost_commitment commitment;
    uint8_t hiding[SCALAR_BYTES];
    uint8_t binding[SCALAR_BYTES];
    bool used;
};

struct frost_share {
    uint32_t holder;
    uint8_t scalar[SCALAR_BYTES];
};

/* The size of the binding factor's input in front of the identifier (RFC 9591 4.4). */
#define FROST_BINDING_BYTES (ELEMENT_BYTES + 64 + 64)

/* What everybody derives from the public inputs of one signature. */
struct frost_session {
    const struct frost_suite *suite;
    const struct frost_commitment *commitments; /* borrowed: lives as long as the session */
    size_t count;
    uint8_t public_key[ELEMENT_BYTES];
    uint8_t binding_input[FROST_BINDING_BYTES]; /* public key, H4(message), H5(commitments) */
    uint8_t group_commitment[ELEMENT_BYTES];    /* R */
    uint8_t challenge[SCALAR_BYTES];
};

/* Whether both parts are elements and not the identity, as every signer's are. */
bool frost_commitment_is_valid(const struct frost_suite *suite,
                               const struct frost_commitment *commitment);

/* scalar * G: the public key of a group's secret, or the public share of a holder's share.
 * 0; ERR_NON_CANONICAL; ERR_INVALID for zero. */
int frost_public_key(const struct frost_suite *suite, uint8_t element[ELEMENT_BYTES],
                     const uint8_t scalar[SCALAR_BYTES]);

/* Round one (RFC 9591 5.1). @hiding and @binding: fresh uniformly random bytes.
 * 0, or ERR_INVALID when a nonce is zero or the holder is 0. */
int frost_commit(const struct frost_suite *suite, struct frost_nonces *nonces,
                 const struct shamir_share *key, const uint8_t hiding[FROST_RANDOMNESS_BYTES],
                 const uint8_t binding[FROST_RANDOMNESS_BYTES]);

/* Starts round two: checks the signers' @commitments, which must ascend strictly by holder, and
 * derives what they sign. 0; ERR_NOT_ENOUGH below @threshold; ERR_INVALID for a list out of order,
 * a holder or threshold 0, or a sum that is the identity; ERR_NON_CANONICAL for an element that is
 * the identity or no element. */
int frost_session_init(struct frost_session *session, const struct frost_suite *suite,
                       const uint8_t public_key[ELEMENT_BYTES],
                       const struct frost_commitment *commitments, size_t count, size_t threshold,
                       const void *message, size_t message_size);

/* The binding factor of the signer at position @index. */
void frost_binding_factor(const struct frost_session *session, size_t index,
                          uint8_t out[SCALAR_BYTES]);

/* Round two (RFC 9591 5.2): signs and destroys the nonces. 0; ERR_UNSAFE for nonces that were used;
 * ERR_NOT_MEMBER when the list lacks the holder; ERR_MISMATCH when it holds another commitment of
 * his. After an error of the last two kinds the nonces are still good. */
int frost_sign(const struct frost_session *session, const struct shamir_share *key,
               struct frost_nonces *nonces, struct frost_share *share);

/* Checks the share of one signer against its public share. 0; ERR_NOT_MEMBER; ERR_NON_CANONICAL;
 * ERR_SIGNATURE when it is wrong: its holder cheated. */
int frost_share_verify(const struct frost_session *session, const struct frost_share *share,
                       const uint8_t public_share[ELEMENT_BYTES]);

/* The signature from the shares of all signers of the session, in its order. Public shares are used
 * only to find out who is to blame (RFC 9591 5.4). 0; ERR_CONFLICT when the shares are not in the
 * session's order; ERR_SIGNATURE when the sum does not verify: *@culprit is the first holder whose
 * share is wrong, 0 if none is (the public shares don't belong to the public key). */
int frost_aggregate(const struct frost_session *session, const struct frost_share *shares,
                    const uint8_t public_shares[][ELEMENT_BYTES], uint32_t *culprit,
                    uint8_t signature[FROST_SIGNATURE_BYTES]);

/* 0; ERR_NON_CANONICAL for an encoding that is none; ERR_SIGNATURE. */
int frost_verify(const struct frost_suite *suite, const uint8_t public_key[ELEMENT_BYTES],
                 const void *message, size_t message_size,
                 const uint8_t signature[FROST_SIGNATURE_BYTES]);

#endif
