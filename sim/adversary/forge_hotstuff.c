/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/forge_hotstuff.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct block_content forge_block(uint64_t view, const struct certificate *justify,
                                 struct batch payload) {
    return (struct block_content){view, justify->statement.view, justify->statement.block, payload};
}

struct frame *forge_proposal(const struct forger *forger, const struct block_content *block,
                             const struct certificate *justify, const struct certificate *timeout) {
    struct proposal proposal = {.block = *block, .justify = *justify};
    if (timeout != NULL)
        proposal.timeout = *timeout;
    return proposal_encode(&proposal, &forger->certification);
}

struct digest forge_block_id(const struct forger *forger, const struct block_content *block) {
    struct digest id;
    block_content_id(forge_env(forger, forger->certification.committee.members[0]),
                     forger->certification.channel, block, &id);
    return id;
}

struct statement forge_about(const struct forger *forger, enum vote_kind kind, uint64_t view,
                             const struct digest *block) {
    struct statement statement = {
        .kind = kind, .channel = forger->certification.channel, .view = view};
    if (block != NULL)
        statement.block = *block;
    return statement;
}

/* Elements of the group that nobody knows the logarithm of: points of some public keys would do as
 * well. */
static void make_up(const struct forger *forger, uint8_t *bytes, size_t count) {
    const struct group_keys *group = forger->certification.group;
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + i * ELEMENT_BYTES, group->public_shares[i % group->members], ELEMENT_BYTES);
}

static bool signs_in_rounds(const struct forger *forger) {
    return forger->certification.scheme->signing_hops > 0;
}

struct frame *forge_hotstuff_vote(const struct forger *forger, node_id signer, uint64_t view,
                                  const struct digest *block) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES], commitment[HOTSTUFF_COMMITMENT_BYTES];
    const struct statement statement = forge_about(forger, VOTE_HOTSTUFF, view, block);
    struct vote vote = {view, *block, signature, NULL};
    (void)forge_sign(forger, signer, &statement, signature);
    if (signs_in_rounds(forger)) {
        make_up(forger, commitment, 2);
        vote.commitment = commitment;
    }
    return vote_encode(&vote, &forger->certification);
}

struct frame *forge_hotstuff_new_view(const struct forger *forger, node_id signer, uint64_t view,
                                      const struct certificate *high,
                                      const struct certificate *timeout) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    const struct statement statement = forge_about(forger, VOTE_HOTSTUFF_TIMEOUT, view, NULL);
    struct new_view new_view = {view, signature, *high, {.frame = NULL}};
    (void)forge_sign(forger, signer, &statement, signature);
    if (timeout != NULL && timeout->statement.view > high->statement.view)
        new_view.timeout = *timeout;
    return new_view_encode(&new_view, &forger->certification);
}

struct frame *forge_blocks(const struct forger *forger, const struct block_content *list,
                           uint32_t count, const struct certificate *certificate) {
    struct blocks *blocks = memory_new(1, sizeof *blocks);
    blocks->count = count;
    memcpy(blocks->list, list, count * sizeof *list);
    blocks->certificate = *certificate;
    struct frame *frame = blocks_encode(blocks, &forger->certification);
    free(blocks);
    return frame;
}

struct frame *forge_hotstuff_fetch(const struct forger *forger, uint64_t view,
                                   const struct digest *block, const struct certificate *high) {
    const struct fetch fetch = {view, *block, *high};
    return fetch_encode(&fetch, &forger->certification);
}

struct frame *forge_sign_request(const struct forger *forger, uint64_t view,
                                 const struct digest *block, uint32_t attempt) {
    uint8_t signers[BITMAP_BYTES_MAX] = {0};
    const uint32_t count = committee_quorum(&forger->certification.committee);
    uint8_t *commitments = memory_new(count, HOTSTUFF_COMMITMENT_BYTES);
    for (uint32_t i = 0; i < count; i++)
        bitmap_add(signers, i);
    make_up(forger, commitments, 2 * (size_t)count);
    const struct sign_request request = {view, *block, attempt, signers, count, commitments};
    struct frame *frame = sign_encode(&request, &forger->certification);
    free(commitments);
    return frame;
}

struct frame *forge_share(const struct forger *forger, uint64_t view, uint32_t attempt) {
    uint8_t commitment[HOTSTUFF_COMMITMENT_BYTES], scalar[SCALAR_BYTES] = {1};
    make_up(forger, commitment, 2);
    const struct sign_share share = {view, attempt, scalar, commitment};
    return share_encode(&share, &forger->certification);
}

struct certificate forge_genesis(const struct forger *forger) {
    const struct forge_certificate nobody = {forge_about(forger, VOTE_HOTSTUFF, 0, NULL), 0, 0};
    return forge_certify(forger, &nobody);
}
