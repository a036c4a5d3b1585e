/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/signing.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

/* Real: FROST over Ed25519. */

static int real_commit(struct frost_nonces *nonces, const struct shamir_share *key,
                       const uint8_t hiding[FROST_RANDOMNESS_BYTES],
                       const uint8_t binding[FROST_RANDOMNESS_BYTES]) {
    return frost_commit(&frost_ed25519, nonces, key, hiding, binding);
}

static int real_session_init(struct frost_session *session, const struct group_keys *keys,
                             const struct frost_commitment *commitments, size_t count,
                             const void *message, size_t size) {
    return frost_session_init(session, &frost_ed25519, keys->public_key, commitments, count,
                              keys->threshold, message, size);
}

static bool real_commitment_is_valid(const struct frost_commitment *commitment) {
    return frost_commitment_is_valid(&frost_ed25519, commitment);
}

static int real_aggregate(const struct frost_session *session, const struct group_keys *keys,
                          const struct frost_share *shares,
                          uint8_t signature[FROST_SIGNATURE_BYTES]) {
    uint8_t public_shares[LIMIT_COMMITTEE][ELEMENT_BYTES];
    uint32_t culprit;
    for (size_t i = 0; i < session->count; i++)
        memcpy(public_shares[i], keys->public_shares[session->commitments[i].holder - 1],
               ELEMENT_BYTES);
    return frost_aggregate(session, shares, public_shares, &culprit, signature);
}

const struct threshold_signing threshold_signing_real = {
    .commit = real_commit,
    .session_init = real_session_init,
    .sign = frost_sign,
    .share_verify = frost_share_verify,
    .commitment_is_valid = real_commitment_is_valid,
    .aggregate = real_aggregate,
};

/* Modelled: a value is a SipHash-2-4 tag, padded with zeros to the size of what it stands for. */

#define TAG_BYTES 16

static void tag(const uint8_t *key, const void *message, size_t size, uint8_t out[ELEMENT_BYTES]) {
    memset(out, 0, ELEMENT_BYTES);
    crypto_shorthash_siphashx24(out, message, size, key);
}

static bool is_tag(const uint8_t value[ELEMENT_BYTES]) {
    return sodium_is_zero(value + TAG_BYTES, ELEMENT_BYTES - TAG_BYTES) == 1 &&
           sodium_is_zero(value, TAG_BYTES) == 0;
}

static int modelled_commit(struct frost_nonces *nonces, const struct shamir_share *key,
                           const uint8_t hiding[FROST_RANDOMNESS_BYTES],
                           const uint8_t binding[FROST_RANDOMNESS_BYTES]) {
    if (key->holder == 0)
        return ERR_INVALID;
    nonces->used = false;
    nonces->commitment.holder = key->holder;
    memcpy(nonces->hiding, hiding, SCALAR_BYTES);
    memcpy(nonces->binding, binding, SCALAR_BYTES);
    tag(key->scalar, hiding, FROST_RANDOMNESS_BYTES, nonces->commitment.hiding);
    tag(key->scalar, binding, FROST_RANDOMNESS_BYTES, nonces->commitment.binding);
    return OK;
}

static bool modelled_commitment_is_valid(const struct frost_commitment *commitment) {
    return is_tag(commitment->hiding) && is_tag(commitment->binding);
}

/* The challenge stands for message and list; the signature to come waits in group_commitment. */
static int modelled_session_init(struct frost_session *session, const struct group_keys *keys,
                                 const struct frost_commitment *commitments, size_t count,
                                 const void *message, size_t size) {
    uint8_t bound[2][ELEMENT_BYTES];
    uint32_t previous = 0;
    if (count < keys->threshold)
        return ERR_NOT_ENOUGH;
    for (size_t i = 0; i < count; i++) {
        if (commitments[i].holder <= previous)
            return ERR_INVALID;
        previous = commitments[i].holder;
        if (!modelled_commitment_is_valid(&commitments[i]))
            return ERR_NON_CANONICAL;
    }
    *session = (struct frost_session){.commitments = commitments, .count = count};
    memcpy(session->public_key, keys->public_key, ELEMENT_BYTES);
    tag(keys->public_key, message, size, session->group_commitment);
    memcpy(bound[0], session->group_commitment, ELEMENT_BYTES);
    tag(keys->public_key, commitments, count * sizeof *commitments, bound[1]);
    tag(keys->public_key, bound, sizeof bound, session->challenge);
    return OK;
}

/* What the share of @holder must be. */
static void modelled_share(const struct frost_session *session, uint32_t holder,
                           uint8_t out[SCALAR_BYTES]) {
    uint8_t input[SCALAR_BYTES + sizeof holder];
    memcpy(input, session->challenge, SCALAR_BYTES);
    memcpy(input + SCALAR_BYTES, &holder, sizeof holder);
    tag(session->public_key, input, sizeof input, out);
}

static const struct frost_commitment *find(const struct frost_session *session, uint32_t holder) {
    for (size_t i = 0; i < session->count; i++)
        if (session->commitments[i].holder == holder)
            return &session->commitments[i];
    return NULL;
}

static int modelled_sign(const struct frost_session *session, const struct shamir_share *key,
                         struct frost_nonces *nonces, struct frost_share *share) {
    const struct frost_commitment *listed = find(session, key->holder), *own = &nonces->commitment;
    if (nonces->used)
        return ERR_UNSAFE;
    if (listed == NULL)
        return ERR_NOT_MEMBER;
    if (own->holder != key->holder || memcmp(own->hiding, listed->hiding, ELEMENT_BYTES) != 0 ||
        memcmp(own->binding, listed->binding, ELEMENT_BYTES) != 0)
        return ERR_MISMATCH;
    share->holder = key->holder;
    modelled_share(session, key->holder, share->scalar);
    nonces->used = true;
    return OK;
}

static int modelled_share_verify(const struct frost_session *session,
                                 const struct frost_share *share,
                                 const uint8_t public_share[ELEMENT_BYTES]) {
    uint8_t expected[SCALAR_BYTES];
    (void)public_share;
    if (find(session, share->holder) == NULL)
        return ERR_NOT_MEMBER;
    modelled_share(session, share->holder, expected);
    return memcmp(expected, share->scalar, SCALAR_BYTES) == 0 ? OK : ERR_SIGNATURE;
}

static int modelled_aggregate(const struct frost_session *session, const struct group_keys *keys,
                              const struct frost_share *shares,
                              uint8_t signature[FROST_SIGNATURE_BYTES]) {
    for (size_t i = 0; i < session->count; i++)
        if (shares[i].holder != session->commitments[i].holder)
            return ERR_CONFLICT;
    for (size_t i = 0; i < session->count; i++)
        if (modelled_share_verify(session, &shares[i], keys->public_shares[shares[i].holder - 1]) !=
            OK)
            return ERR_SIGNATURE;
    memset(signature, 0, FROST_SIGNATURE_BYTES);
    memcpy(signature, session->group_commitment, ELEMENT_BYTES);
    return OK;
}

const struct threshold_signing threshold_signing_modelled = {
    .commit = modelled_commit,
    .session_init = modelled_session_init,
    .sign = modelled_sign,
    .share_verify = modelled_share_verify,
    .commitment_is_valid = modelled_commitment_is_valid,
    .aggregate = modelled_aggregate,
};
