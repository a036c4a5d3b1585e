/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s2.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/fragment.h"
#include "hold/audit.h"
#include "crypto/merkle.h"

static struct frame *piece_frame(const struct sender *sender, const struct open_tx *tx,
                                 const struct fragment *fragment) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_HOLD_PIECE, sender->config.city_channel,
                                      sizeof tx->id + 4 + fragment_bytes(fragment), &writer);
    write_digest(&writer, &tx->id);
    write_u32(&writer, (uint32_t)fragment_bytes(fragment));
    fragment_write(&writer, fragment);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

/* What the promises name and audits are judged by: a root over the blocks of each piece. */
static void hash_blocks(struct sender *sender, struct open_tx *tx, const uint8_t *pieces) {
    size_t blocks = audit_block_count(tx->piece_size);
    struct digest *leaves = memory_new(blocks, sizeof *leaves);
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        audit_leaves(pieces + (size_t)i * tx->piece_size, tx->piece_size, leaves);
        audit_root(leaves, blocks, &tx->slots[i].root);
    }
    free(leaves);
    env_charge_hash(sender->env, (size_t)tx->slot_count * tx->piece_size);
    env_charge(sender->env, WORK_MERKLE_LEAF, tx->slot_count * blocks);
}

/* On first use: most nodes never send. */
static int sender_code_init(struct sender *sender) {
    if (sender->code.n > 0)
        return OK;
    return erasure_code_init(&sender->code, sender->config.needed, sender->config.holders, 1);
}

int s2_shard(struct sender *sender, struct open_tx *tx, const uint8_t *content) {
    struct env *env = sender->env;
    unsigned k = sender->config.needed, n = sender->config.holders;
    struct digest nodes[2 * LIMIT_CANDIDATES + 64];
    struct merkle_tree tree;
    int error = sender_code_init(sender);
    if (error == OK)
        error = piece_index_add(&sender->index, tx->number, n);
    if (error != OK)
        return error;
    size_t piece_size = erasure_piece_size(k, tx->size);
    tx->piece_size = (uint32_t)piece_size;
    uint8_t *pieces = memory_new(1, n * piece_size);
    memcpy(pieces, content, tx->size);
    env_charge(env, WORK_LAYER_S2, 1);
    env_charge(env, WORK_RS_ENCODE_KIB, (tx->size + 1023) / 1024);
    error = erasure_encode(&sender->code, pieces, tx->size);
    assert(error == OK);
    env_charge_hash(env, n * piece_size);
    env_charge(env, WORK_MERKLE_LEAF, n);
    fragment_commit(&tree, nodes, pieces, piece_size, n);
    for (unsigned i = 0; i < n; i++) {
        struct fragment fragment;
        fragment_make(&fragment, &tree, pieces, tx->size, k, n, i);
        if (i == 0)
            fragment_commitment(&fragment, &tx->commitment);
        tx->slots[i].piece = piece_frame(sender, tx, &fragment);
    }
    hash_blocks(sender, tx, pieces);
    free(pieces);
    env_trace(env, TRACE_TX_S2, tx->number, n);
    return OK;
}
