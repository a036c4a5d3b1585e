/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/forge.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "wire/message.h"

struct env *forge_env(const struct forger *forger, node_id node) {
    const struct committee *committee = &forger->certification.committee;
    struct env *env = forger->signer(forger->context, node);
    for (uint32_t i = 0; env == NULL && i < committee->count; i++)
        env = forger->signer(forger->context, committee->members[i]);
    assert(env != NULL); /* an adversary holds one key at least */
    return env;
}

bool forge_sign(const struct forger *forger, node_id node, const struct statement *statement,
                uint8_t signature[LIMIT_SIGNATURE_BYTES]) {
    struct env *env = forge_env(forger, node);
    memset(signature, 0, LIMIT_SIGNATURE_BYTES);
    statement_sign(env, statement, signature);
    return env->self == node;
}

/* A group signature takes a quorum: fewer can only make one up. */
static struct certificate invent(const struct forger *forger, const struct statement *statement) {
    uint8_t proof[256] = {2};
    struct certificate certificate;
    const struct certification *certification = &forger->certification;
    assert(certification->scheme->proof_bytes(certification, 0) <= sizeof proof);
    certificate_make(certification, statement, proof, &certificate);
    return certificate;
}

struct certificate forge_certify(const struct forger *forger,
                                 const struct forge_certificate *forged) {
    struct certification votes = forger->certification;
    if (forged->statement.kind == VOTE_HOTSTUFF_TIMEOUT)
        votes = certification_without_round(&forger->certification);
    if (votes.scheme->signing_hops > 0 && forged->signers != 0)
        return invent(forger, &forged->statement);
    struct vote_set set;
    struct certificate certificate;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct statement other = forged->statement;
    uint32_t count = 0;
    other.sequence += 1000;
    vote_set_init(&set, &votes);
    for (uint32_t i = 0; i < votes.committee.count && i < 64; i++) {
        if ((forged->signers >> i & 1) == 0)
            continue;
        const bool truly = (forged->false_signers >> i & 1) == 0;
        (void)forge_sign(forger, votes.committee.members[i], truly ? &forged->statement : &other,
                         signature);
        vote_set_add(&set, i, &forged->statement.block, signature);
        count++;
    }
    int error = vote_set_certify(&set, forge_env(forger, votes.committee.members[0]),
                                 &forged->statement, count, &certificate);
    assert(error == OK);
    vote_set_deinit(&set);
    return certificate;
}

struct frame *forge_message(const struct forger *forger, uint16_t type, const void *bytes,
                            size_t size) {
    struct writer writer;
    struct frame *frame = message_new(type, forger->certification.channel, size, &writer);
    if (frame != NULL)
        write_bytes(&writer, bytes, size);
    return frame;
}
