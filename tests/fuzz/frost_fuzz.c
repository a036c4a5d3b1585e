/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: suite, number of edits to commitments and to shares, edits. Three signers run FROST, then
 * the coordinator sees altered commitments and altered shares. What it accepts must verify, and
 * whom it blames must have cheated. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/threshold/frost.h"
#include "tests/fuzz/edits.h"

enum { SIGNERS = 3, THRESHOLD = 2 };

struct group {
    const struct frost_suite *suite;
    uint8_t public_key[ELEMENT_BYTES];
    struct shamir_share keys[SIGNERS];
    uint8_t public_shares[SIGNERS][ELEMENT_BYTES];
    struct frost_nonces nonces[SIGNERS];
    struct frost_commitment commitments[SIGNERS];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void group_init(struct group *group) {
    static const uint8_t coefficients[THRESHOLD][SCALAR_BYTES] = {{7}, {11}};
    static const uint8_t random[2][FROST_RANDOMNESS_BYTES] = {{1}, {2}};
    require(frost_public_key(group->suite, group->public_key, coefficients[0]) == OK);
    for (uint32_t i = 0; i < SIGNERS; i++) {
        struct shamir_share *key = &group->keys[i];
        require(shamir_share_of(key, i + 1, coefficients, THRESHOLD) == OK);
        require(frost_public_key(group->suite, group->public_shares[i], key->scalar) == OK);
        require(frost_commit(group->suite, &group->nonces[i], key, random[0], random[1]) == OK);
        group->commitments[i] = group->nonces[i].commitment;
    }
}

static int start(struct frost_session *session, const struct group *group,
                 const struct frost_commitment *list) {
    return frost_session_init(session, group->suite, group->public_key, list, SIGNERS, THRESHOLD,
                              "message", 7);
}

/* A signer that sees another list signs only if his own commitment is in it. */
static void sign_altered(const struct group *group, struct reader *edits, size_t limit) {
    struct frost_commitment list[SIGNERS];
    struct frost_session session;
    memcpy(list, group->commitments, sizeof list);
    edit(edits, limit, list, sizeof list);
    if (start(&session, group, list) != OK)
        return;
    for (size_t i = 0; i < SIGNERS; i++) {
        struct frost_nonces nonces = group->nonces[i];
        struct frost_share share;
        bool listed = false;
        for (size_t k = 0; k < SIGNERS; k++)
            listed = listed || memcmp(&list[k], &group->commitments[i], sizeof list[k]) == 0;
        int error = frost_sign(&session, &group->keys[i], &nonces, &share);
        require((error == OK) == listed && nonces.used == listed);
        if (listed)
            require(frost_share_verify(&session, &share, group->public_shares[i]) == OK &&
                    frost_sign(&session, &group->keys[i], &nonces, &share) == ERR_UNSAFE);
    }
}

static void aggregate_altered(struct group *group, struct reader *edits, size_t limit) {
    struct frost_share honest[SIGNERS], shares[SIGNERS];
    struct frost_session session;
    uint8_t signature[FROST_SIGNATURE_BYTES];
    uint32_t culprit;
    require(start(&session, group, group->commitments) == OK);
    for (size_t i = 0; i < SIGNERS; i++)
        require(frost_sign(&session, &group->keys[i], &group->nonces[i], &honest[i]) == OK);
    memcpy(shares, honest, sizeof shares);
    edit(edits, limit, shares, sizeof shares);
    int error = frost_aggregate(&session, shares, group->public_shares, &culprit, signature);
    bool verifies =
        error == OK && frost_verify(group->suite, group->public_key, "message", 7, signature) == OK;
    require(verifies == (error == OK));
    if (memcmp(shares, honest, sizeof shares) == 0)
        require(error == OK);
    if (error == ERR_SIGNATURE)
        require(culprit >= 1 && culprit <= SIGNERS &&
                memcmp(&shares[culprit - 1], &honest[culprit - 1], sizeof *shares) != 0);
    if (error != OK)
        return;
    edit(edits, SIZE_MAX, signature, sizeof signature);
    error = frost_verify(group->suite, group->public_key, "message", 7, signature);
    if (error == OK && group->suite == &frost_ed25519)
        require(crypto_sign_verify_detached(signature, (const uint8_t *)"message", 7,
                                            group->public_key) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct group group;
    struct reader edits;
    if (sodium_init() < 0)
        return 0;
    reader_init(&edits, data, size);
    group.suite = read_u8(&edits) % 2 ? &frost_ed25519 : &frost_ristretto255;
    const size_t commitment_edits = read_u8(&edits), share_edits = read_u8(&edits);
    group_init(&group);
    sign_altered(&group, &edits, commitment_edits);
    aggregate_altered(&group, &edits, share_edits);
    return 0;
}
