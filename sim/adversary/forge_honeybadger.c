/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/forge_honeybadger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/erasure.h"
#include "crypto/merkle.h"

void forge_pieces_init(struct forge_pieces *pieces, const struct committee *committee,
                       struct batch batch, bool consistent) {
    const uint32_t n = committee->count;
    struct erasure_code code;
    struct merkle_tree tree;
    struct fragment fragment;
    *pieces = (struct forge_pieces){.members = n, .size = 1 + batch.size};
    pieces->needed = n - 2 * committee_faults(committee);
    pieces->piece_size = erasure_piece_size(pieces->needed, pieces->size);
    pieces->bytes = memory_new(n, pieces->piece_size);
    pieces->nodes = memory_new(merkle_tree_nodes(n), sizeof *pieces->nodes);
    if (batch.size > 0)
        memcpy(pieces->bytes + 1, batch.bytes, batch.size); /* form 0 before it: plain */
    int error = erasure_code_init(&code, pieces->needed, n, 1);
    if (error == OK)
        error = erasure_encode(&code, pieces->bytes, pieces->size);
    assert(error == OK);
    erasure_code_deinit(&code);
    for (uint32_t i = pieces->needed; i < n && !consistent; i++)
        pieces->bytes[i * pieces->piece_size] ^= (uint8_t)(0x40 + i);
    fragment_commit(&tree, pieces->nodes, pieces->bytes, pieces->piece_size, n);
    fragment_make(&fragment, &tree, pieces->bytes, (uint32_t)pieces->size, pieces->needed, n, 0);
    fragment_commitment(&fragment, &pieces->commitment);
}

void forge_pieces_deinit(struct forge_pieces *pieces) {
    free(pieces->bytes);
    free(pieces->nodes);
    *pieces = (struct forge_pieces){0};
}

struct frame *forge_piece(const struct forger *forger, const struct forge_pieces *pieces,
                          uint16_t type, uint64_t instance, uint32_t index) {
    struct broadcast_message message = {.type = type, .instance = instance};
    struct merkle_tree tree;
    fragment_commit(&tree, pieces->nodes, pieces->bytes, pieces->piece_size, pieces->members);
    fragment_make(&message.fragment, &tree, pieces->bytes, (uint32_t)pieces->size, pieces->needed,
                  pieces->members, index);
    return broadcast_encode(&message, forger->certification.channel);
}

struct frame *forge_ready(const struct forger *forger, uint64_t instance,
                          const struct digest *commitment) {
    const struct broadcast_message message = {
        .type = MESSAGE_BROADCAST_READY, .instance = instance, .commitment = *commitment};
    return broadcast_encode(&message, forger->certification.channel);
}

struct frame *forge_abba(const struct forger *forger, uint16_t type, uint64_t instance,
                         uint16_t round, uint8_t set) {
    const struct abba_message message = {
        .type = type, .instance = instance, .round = round, .set = set};
    return abba_encode(&message, forger->certification.channel);
}

struct frame *forge_coin(const struct forger *forger, uint64_t instance, uint16_t round) {
    struct abba_message message = {.type = MESSAGE_ABBA_COIN, .instance = instance, .round = round};
    memset(&message.share.element, 5, sizeof message.share.element);
    return abba_encode(&message, forger->certification.channel);
}

struct frame *forge_honeybadger_fetch(const struct forger *forger, uint64_t epoch, bool open) {
    uint8_t progress[LIMIT_COMMITTEE] = {0};
    const struct honeybadger_fetch fetch = {epoch, open, progress};
    return honeybadger_write_fetch(forger->certification.channel,
                                   forger->certification.committee.count, &fetch);
}

struct frame *forge_outcome(const struct forger *forger, uint64_t first, struct batch batch) {
    const struct committee *committee = &forger->certification.committee;
    struct batch batches[LIMIT_COMMITTEE] = {{NULL, 0}};
    for (uint32_t i = 0; i < committee_quorum(committee); i++)
        batches[i] = batch;
    struct frame *outcome = honeybadger_write_outcome(first, batches, committee->count);
    struct honeybadger_decided decided = {.first = first, .count = 1};
    decided.outcomes[0] = (struct honeybadger_outcome){outcome->bytes + 8, outcome->size - 8};
    struct frame *frame = honeybadger_write_decided(forger->certification.channel, &decided);
    frame_unref(outcome);
    return frame;
}
