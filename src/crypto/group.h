/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node's part in the threshold signatures of a group that it belongs to: identity.h for committees.
 * The functions charge the work that they do. Members count from 0; holders, inside, from 1. */
#ifndef TIERCHAIN_CRYPTO_GROUP_H
#define TIERCHAIN_CRYPTO_GROUP_H

#include "crypto/threshold/signing.h"
#include "env/env.h"

#define GROUP_USE_BYTES 64

/* Fresh nonces for @member, this node. All 512 bits of their randomness are SHA-512 of the member's
 * key share, the group's key and @use: the bytes, at most GROUP_USE_BYTES, must never come again in
 * this group, in no later life of the node either. */
void group_commit(struct env *env, const struct group_keys *keys, uint32_t member, const void *use,
                  size_t size, struct frost_nonces *nonces);

/* As frost_session_init. */
int group_session(struct env *env, const struct group_keys *keys, struct frost_session *session,
                  const struct frost_commitment *commitments, size_t count, const void *message,
                  size_t size);

/* As frost_sign, with the key of @member, this node. */
int group_sign(struct env *env, const struct group_keys *keys, uint32_t member,
               const struct frost_session *session, struct frost_nonces *nonces,
               struct frost_share *share);

/* As frost_share_verify. */
int group_share_verify(struct env *env, const struct group_keys *keys,
                       const struct frost_session *session, const struct frost_share *share);

bool group_commitment_is_valid(struct env *env, const struct frost_commitment *commitment);

/* The signature of the group; ERR_SIGNATURE when a share is wrong. */
int group_aggregate(struct env *env, const struct group_keys *keys,
                    const struct frost_session *session, const struct frost_share *shares,
                    uint8_t signature[FROST_SIGNATURE_BYTES]);

/* Whether the group signed the message: a signature of the suite like any other. */
bool group_verify(struct env *env, const struct group_keys *keys, const void *message, size_t size,
                  const uint8_t signature[FROST_SIGNATURE_BYTES]);

#endif
