/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The threshold signatures of a suite behind one table, from the suite's provider. *Real* is
 * FROST-Ed25519 (frost.h). *Modelled* has the same sizes, the same errors and the same rules of use
 * (nonces once, shares bound to their list), but is made of keyed hashes: anyone who knows the
 * group's public key can forge. With both, the group's signature is one of the suite's own under the
 * group's public key. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_SIGNING_H
#define TIERCHAIN_CRYPTO_THRESHOLD_SIGNING_H

#include "crypto/threshold/dealer.h"

struct threshold_signing {
    /* As frost_commit, frost_session_init, frost_sign and frost_share_verify. */
    int (*commit)(struct frost_nonces *nonces, const struct shamir_share *key,
                  const uint8_t hiding[FROST_RANDOMNESS_BYTES],
                  const uint8_t binding[FROST_RANDOMNESS_BYTES]);
    int (*session_init)(struct frost_session *session, const struct group_keys *keys,
                        const struct frost_commitment *commitments, size_t count,
                        const void *message, size_t size);
    int (*sign)(const struct frost_session *session, const struct shamir_share *key,
                struct frost_nonces *nonces, struct frost_share *share);
    int (*share_verify)(const struct frost_session *session, const struct frost_share *share,
                        const uint8_t public_share[ELEMENT_BYTES]);
    /* Whether a signer can have made this commitment. */
    bool (*commitment_is_valid)(const struct frost_commitment *commitment);
    /* The signature, from all signers' shares in the session's order. 0; ERR_CONFLICT; ERR_SIGNATURE
     * when a share is wrong. */
    int (*aggregate)(const struct frost_session *session, const struct group_keys *keys,
                     const struct frost_share *shares, uint8_t signature[FROST_SIGNATURE_BYTES]);
};

extern const struct threshold_signing threshold_signing_real;
extern const struct threshold_signing threshold_signing_modelled;

#endif
