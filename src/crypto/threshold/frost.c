/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/frost.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

static bool is_canonical_ed25519(const uint8_t *element) {
    return crypto_core_ed25519_is_valid_point(element) == 1;
}

const struct frost_suite frost_ristretto255 = {
    .context = "FROST-RISTRETTO255-SHA512-v1",
    .challenge_context = "FROST-RISTRETTO255-SHA512-v1",
    .challenge_tag = "chal",
    .base = crypto_scalarmult_ristretto255_base,
    .multiply = crypto_scalarmult_ristretto255,
    .add = crypto_core_ristretto255_add,
    .subtract = crypto_core_ristretto255_sub,
    .is_canonical = element_is_canonical,
    .identity = {0},
};

const struct frost_suite frost_ed25519 = {
    .context = "FROST-ED25519-SHA512-v1",
    .challenge_context = "",
    .challenge_tag = "",
    .base = crypto_scalarmult_ed25519_base_noclamp,
    .multiply = crypto_scalarmult_ed25519_noclamp,
    .add = crypto_core_ed25519_add,
    .subtract = crypto_core_ed25519_sub,
    .is_canonical = is_canonical_ed25519,
    .identity = {1},
};

/* RFC 9591 3.1 (DeserializeElement): the identity is refused too. */
static bool is_element(const struct frost_suite *suite, const uint8_t bytes[ELEMENT_BYTES]) {
    return memcmp(bytes, suite->identity, ELEMENT_BYTES) != 0 && suite->is_canonical(bytes);
}

static void hash_text(crypto_hash_sha512_state *state, const char *text) {
    crypto_hash_sha512_update(state, (const uint8_t *)text, strlen(text));
}

static void hash_start(crypto_hash_sha512_state *state, const char *context, const char *tag) {
    crypto_hash_sha512_init(state);
    hash_text(state, context);
    hash_text(state, tag);
}

static void hash_to_scalar(crypto_hash_sha512_state *state, uint8_t out[SCALAR_BYTES]) {
    uint8_t hash[64];
    crypto_hash_sha512_final(state, hash);
    crypto_core_ristretto255_scalar_reduce(out, hash);
    sodium_memzero(hash, sizeof hash);
}

static void make_challenge(const struct frost_suite *suite, uint8_t out[SCALAR_BYTES],
                           const uint8_t group_commitment[ELEMENT_BYTES],
                           const uint8_t public_key[ELEMENT_BYTES], const void *message,
                           size_t message_size) {
    crypto_hash_sha512_state state;
    hash_start(&state, suite->challenge_context, suite->challenge_tag); /* H2 */
    crypto_hash_sha512_update(&state, group_commitment, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, public_key, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, message, message_size);
    hash_to_scalar(&state, out);
}

int frost_public_key(const struct frost_suite *suite, uint8_t element[ELEMENT_BYTES],
                     const uint8_t scalar[SCALAR_BYTES]) {
    if (!scalar_is_canonical(scalar))
        return ERR_NON_CANONICAL;
    return suite->base(element, scalar) == 0 ? OK : ERR_INVALID;
}

/* RFC 9591 4.1: the share is hashed along, against weak randomness. */
static void make_nonce(const struct frost_suite *suite, uint8_t out[SCALAR_BYTES],
                       const uint8_t random[FROST_RANDOMNESS_BYTES],
                       const uint8_t secret[SCALAR_BYTES]) {
    crypto_hash_sha512_state state;
    hash_start(&state, suite->context, "nonce"); /* H3 */
    crypto_hash_sha512_update(&state, random, FROST_RANDOMNESS_BYTES);
    crypto_hash_sha512_update(&state, secret, SCALAR_BYTES);
    hash_to_scalar(&state, out);
    sodium_memzero(&state, sizeof state);
}

int frost_commit(const struct frost_suite *suite, struct frost_nonces *nonces,
                 const struct shamir_share *key, const uint8_t hiding[FROST_RANDOMNESS_BYTES],
                 const uint8_t binding[FROST_RANDOMNESS_BYTES]) {
    if (key->holder == 0)
        return ERR_INVALID;
    nonces->used = false;
    nonces->commitment.holder = key->holder;
    make_nonce(suite, nonces->hiding, hiding, key->scalar);
    make_nonce(suite, nonces->binding, binding, key->scalar);
    if (suite->base(nonces->commitment.hiding, nonces->hiding) != 0 ||
        suite->base(nonces->commitment.binding, nonces->binding) != 0)
        return ERR_INVALID;
    return OK;
}

bool frost_commitment_is_valid(const struct frost_suite *suite,
                               const struct frost_commitment *commitment) {
    return is_element(suite, commitment->hiding) && is_element(suite, commitment->binding);
}

static int check_list(const struct frost_suite *suite, const struct frost_commitment *commitments,
                      size_t count) {
    uint32_t previous = 0;
    for (size_t i = 0; i < count; i++) {
        if (commitments[i].holder <= previous)
            return ERR_INVALID;
        previous = commitments[i].holder;
        if (!frost_commitment_is_valid(suite, &commitments[i]))
            return ERR_NON_CANONICAL;
    }
    return OK;
}

/* RFC 9591 4.4, without the identifier at the end. */
static void make_binding_input(struct frost_session *session, const void *message,
                               size_t message_size) {
    crypto_hash_sha512_state state;
    uint8_t *out = session->binding_input;
    memcpy(out, session->public_key, ELEMENT_BYTES);
    hash_start(&state, session->suite->context, "msg"); /* H4 */
    crypto_hash_sha512_update(&state, message, message_size);
    crypto_hash_sha512_final(&state, out + ELEMENT_BYTES);
    hash_start(&state, session->suite->context, "com"); /* H5 */
    for (size_t i = 0; i < session->count; i++) {
        uint8_t identifier[SCALAR_BYTES];
        scalar_from_number(identifier, session->commitments[i].holder);
        crypto_hash_sha512_update(&state, identifier, sizeof identifier);
        crypto_hash_sha512_update(&state, session->commitments[i].hiding, ELEMENT_BYTES);
        crypto_hash_sha512_update(&state, session->commitments[i].binding, ELEMENT_BYTES);
    }
    crypto_hash_sha512_final(&state, out + ELEMENT_BYTES + 64);
}

void frost_binding_factor(const struct frost_session *session, size_t index,
                          uint8_t out[SCALAR_BYTES]) {
    crypto_hash_sha512_state state;
    uint8_t identifier[SCALAR_BYTES];
    scalar_from_number(identifier, session->commitments[index].holder);
    hash_start(&state, session->suite->context, "rho"); /* H1 */
    crypto_hash_sha512_update(&state, session->binding_input, FROST_BINDING_BYTES);
    crypto_hash_sha512_update(&state, identifier, sizeof identifier);
    hash_to_scalar(&state, out);
}

/* The signer's part of R: hiding + factor * binding. */
static int signer_commitment(const struct frost_session *session, size_t index,
                             uint8_t out[ELEMENT_BYTES]) {
    const struct frost_commitment *commitment = &session->commitments[index];
    uint8_t factor[SCALAR_BYTES], bound[ELEMENT_BYTES];
    frost_binding_factor(session, index, factor);
    if (session->suite->multiply(bound, factor, commitment->binding) != 0 ||
        session->suite->add(out, commitment->hiding, bound) != 0)
        return ERR_INVALID;
    return OK;
}

int frost_session_init(struct frost_session *session, const struct frost_suite *suite,
                       const uint8_t public_key[ELEMENT_BYTES],
                       const struct frost_commitment *commitments, size_t count, size_t threshold,
                       const void *message, size_t message_size) {
    uint8_t *sum = session->group_commitment;
    if (threshold == 0)
        return ERR_INVALID;
    if (count < threshold)
        return ERR_NOT_ENOUGH;
    if (!is_element(suite, public_key))
        return ERR_NON_CANONICAL;
    int error = check_list(suite, commitments, count);
    if (error)
        return error;
    session->suite = suite;
    session->commitments = commitments;
    session->count = count;
    memcpy(session->public_key, public_key, ELEMENT_BYTES);
    make_binding_input(session, message, message_size);
    memcpy(sum, suite->identity, ELEMENT_BYTES);
    for (size_t i = 0; i < count; i++) {
        uint8_t part[ELEMENT_BYTES];
        error = signer_commitment(session, i, part);
        if (error)
            return error;
        if (suite->add(sum, sum, part) != 0)
            return ERR_INVALID;
    }
    if (!is_element(suite, sum))
        return ERR_INVALID;
    make_challenge(suite, session->challenge, sum, public_key, message, message_size);
    return OK;
}

static bool find_signer(const struct frost_session *session, uint32_t holder, size_t *index) {
    for (*index = 0; *index < session->count; ++*index)
        if (session->commitments[*index].holder == holder)
            return true;
    return false;
}

/* out = lambda * challenge, by which signer @index multiplies its key share. */
static int key_factor(const struct frost_session *session, size_t index,
                      uint8_t out[SCALAR_BYTES]) {
    const struct frost_commitment *list = session->commitments;
    int error = shamir_lagrange(out, &list->holder, sizeof *list, session->count, index);
    if (!error)
        crypto_core_ristretto255_scalar_mul(out, out, session->challenge);
    return error;
}

int frost_sign(const struct frost_session *session, const struct shamir_share *key,
               struct frost_nonces *nonces, struct frost_share *share) {
    uint8_t factor[SCALAR_BYTES], product[SCALAR_BYTES];
    size_t index;
    if (nonces->used)
        return ERR_UNSAFE;
    if (!find_signer(session, key->holder, &index))
        return ERR_NOT_MEMBER;
    const struct frost_commitment *listed = &session->commitments[index];
    if (nonces->commitment.holder != key->holder ||
        memcmp(nonces->commitment.hiding, listed->hiding, ELEMENT_BYTES) != 0 ||
        memcmp(nonces->commitment.binding, listed->binding, ELEMENT_BYTES) != 0)
        return ERR_MISMATCH;
    int error = key_factor(session, index, factor);
    if (error)
        return error;
    share->holder = key->holder;
    crypto_core_ristretto255_scalar_mul(product, factor, key->scalar);
    crypto_core_ristretto255_scalar_add(share->scalar, nonces->hiding, product);
    frost_binding_factor(session, index, factor);
    crypto_core_ristretto255_scalar_mul(product, factor, nonces->binding);
    crypto_core_ristretto255_scalar_add(share->scalar, share->scalar, product);
    nonces->used = true;
    sodium_memzero(nonces->hiding, sizeof nonces->hiding);
    sodium_memzero(nonces->binding, sizeof nonces->binding);
    sodium_memzero(product, sizeof product);
    return OK;
}

int frost_share_verify(const struct frost_session *session, const struct frost_share *share,
                       const uint8_t public_share[ELEMENT_BYTES]) {
    const struct frost_suite *suite = session->suite;
    uint8_t left[ELEMENT_BYTES], right[ELEMENT_BYTES], key[ELEMENT_BYTES], factor[SCALAR_BYTES];
    size_t index;
    if (!find_signer(session, share->holder, &index))
        return ERR_NOT_MEMBER;
    if (!scalar_is_canonical(share->scalar) || !is_element(suite, public_share))
        return ERR_NON_CANONICAL;
    /* RFC 9591 5.4: z * G = hiding + factor * binding + challenge * lambda * public share. */
    if (signer_commitment(session, index, right) != OK ||
        key_factor(session, index, factor) != OK ||
        suite->multiply(key, factor, public_share) != 0 || suite->add(right, right, key) != 0 ||
        suite->base(left, share->scalar) != 0)
        return ERR_SIGNATURE;
    return memcmp(left, right, sizeof left) == 0 ? OK : ERR_SIGNATURE;
}

/* response * G - challenge * public key = commitment. */
static bool schnorr_holds(const struct frost_suite *suite, const uint8_t *response,
                          const uint8_t *challenge, const uint8_t *public_key,
                          const uint8_t *commitment) {
    uint8_t left[ELEMENT_BYTES], right[ELEMENT_BYTES];
    return suite->base(left, response) == 0 && suite->multiply(right, challenge, public_key) == 0 &&
           suite->subtract(left, left, right) == 0 && memcmp(left, commitment, sizeof left) == 0;
}

int frost_aggregate(const struct frost_session *session, const struct frost_share *shares,
                    const uint8_t public_shares[][ELEMENT_BYTES], uint32_t *culprit,
                    uint8_t signature[FROST_SIGNATURE_BYTES]) {
    uint8_t sum[SCALAR_BYTES] = {0};
    bool canonical = true;
    *culprit = 0;
    for (size_t i = 0; i < session->count; i++) {
        if (shares[i].holder != session->commitments[i].holder)
            return ERR_CONFLICT;
        canonical = canonical && scalar_is_canonical(shares[i].scalar);
        crypto_core_ristretto255_scalar_add(sum, sum, shares[i].scalar);
    }
    if (canonical && schnorr_holds(session->suite, sum, session->challenge, session->public_key,
                                   session->group_commitment)) {
        memcpy(signature, session->group_commitment, ELEMENT_BYTES);
        memcpy(signature + ELEMENT_BYTES, sum, SCALAR_BYTES);
        return OK;
    }
    for (size_t i = 0; i < session->count && *culprit == 0; i++)
        if (frost_share_verify(session, &shares[i], public_shares[i]) != OK)
            *culprit = shares[i].holder;
    return ERR_SIGNATURE;
}

int frost_verify(const struct frost_suite *suite, const uint8_t public_key[ELEMENT_BYTES],
                 const void *message, size_t message_size,
                 const uint8_t signature[FROST_SIGNATURE_BYTES]) {
    const uint8_t *commitment = signature, *response = signature + ELEMENT_BYTES;
    uint8_t challenge[SCALAR_BYTES];
    if (!is_element(suite, public_key) || !is_element(suite, commitment) ||
        !scalar_is_canonical(response))
        return ERR_NON_CANONICAL;
    make_challenge(suite, challenge, commitment, public_key, message, message_size);
    return schnorr_holds(suite, response, challenge, public_key, commitment) ? OK : ERR_SIGNATURE;
}
