/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/group.h"

#include <assert.h>
#include <sodium.h>

#include "base/cursor.h"
#include "base/error.h"
#include "crypto/identity.h"

static const struct suite *suite_of(const struct env *env) {
    return env->identity->directory->suite;
}

static const struct threshold_signing *signing_of(const struct env *env) {
    assert(suite_of(env)->threshold != NULL);
    return suite_of(env)->threshold;
}

static const uint8_t nonce_domain[16] = "tierchain/nonce1";

void group_commit(struct env *env, const struct group_keys *keys, uint32_t member, const void *use,
                  size_t size, struct frost_nonces *nonces) {
    uint8_t bytes[sizeof nonce_domain + SCALAR_BYTES + ELEMENT_BYTES + GROUP_USE_BYTES];
    uint8_t random[2 * FROST_RANDOMNESS_BYTES];
    struct writer writer;
    _Static_assert(sizeof random == crypto_hash_sha512_BYTES, "one hash gives both");
    writer_init(&writer, bytes, sizeof bytes);
    write_bytes(&writer, nonce_domain, sizeof nonce_domain);
    write_bytes(&writer, keys->shares[member].scalar, SCALAR_BYTES);
    write_bytes(&writer, keys->public_key, ELEMENT_BYTES);
    write_bytes(&writer, use, size);
    assert(writer.error == OK);
    crypto_hash_sha512(random, bytes, writer.at);
    env_charge(env, WORK_FROST_COMMIT, 1);
    int error = signing_of(env)->commit(nonces, &keys->shares[member], random,
                                        random + FROST_RANDOMNESS_BYTES);
    assert(error == OK); /* a nonce of zero has a chance of 2^-252 */
    sodium_memzero(bytes, sizeof bytes);
}

int group_session(struct env *env, const struct group_keys *keys, struct frost_session *session,
                  const struct frost_commitment *commitments, size_t count, const void *message,
                  size_t size) {
    env_charge(env, WORK_FROST_SESSION, count);
    return signing_of(env)->session_init(session, keys, commitments, count, message, size);
}

int group_sign(struct env *env, const struct group_keys *keys, uint32_t member,
               const struct frost_session *session, struct frost_nonces *nonces,
               struct frost_share *share) {
    env_charge(env, WORK_FROST_SIGN, 1);
    return signing_of(env)->sign(session, &keys->shares[member], nonces, share);
}

int group_share_verify(struct env *env, const struct group_keys *keys,
                       const struct frost_session *session, const struct frost_share *share) {
    if (share->holder == 0 || share->holder > keys->members)
        return ERR_NOT_MEMBER;
    env_charge(env, WORK_FROST_VERIFY, 1);
    return signing_of(env)->share_verify(session, share, keys->public_shares[share->holder - 1]);
}

bool group_commitment_is_valid(struct env *env, const struct frost_commitment *commitment) {
    return signing_of(env)->commitment_is_valid(commitment);
}

int group_aggregate(struct env *env, const struct group_keys *keys,
                    const struct frost_session *session, const struct frost_share *shares,
                    uint8_t signature[FROST_SIGNATURE_BYTES]) {
    env_charge(env, WORK_FROST_AGGREGATE, session->count);
    return signing_of(env)->aggregate(session, keys, shares, signature);
}

bool group_verify(struct env *env, const struct group_keys *keys, const void *message, size_t size,
                  const uint8_t signature[FROST_SIGNATURE_BYTES]) {
    const struct suite *suite = suite_of(env);
    env_charge(env, WORK_VERIFY, 1);
    return suite->verify(suite, keys->public_key, message, size, signature);
}
