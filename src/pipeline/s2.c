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

/* The index of pieces handed out: room for 1,024 of them at 10 bits each, 0.82 % false positives.
 * */
#define INDEX_ITEMS         1024
#define INDEX_BITS_PER_ITEM 10

int sender_index_init(struct sender *sender) {
    uint8_t key[BLOOM_KEY_BYTES];
    uint32_t blocks = bloom_blocks(INDEX_ITEMS, INDEX_BITS_PER_ITEM);
    rng_fill(&sender->env->rng, key, sizeof key);
    sender->index_bits = memory_new(blocks, BLOOM_BLOCK_BYTES);
    int error = bloom_init(&sender->index, BLOOM_BLOCKED, bloom_hashes(INDEX_BITS_PER_ITEM), blocks,
                           key, sender->index_bits);
    if (error != OK)
        return error;
    return erasure_code_init(&sender->code, sender->config.needed, sender->config.holders, 1);
}

void sender_index_deinit(struct sender *sender) {
    if (sender->index_bits == NULL)
        return;
    erasure_code_deinit(&sender->code);
    free(sender->index_bits);
    sender->index_bits = NULL;
}

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

static void enter_in_index(struct sender *sender, const struct open_tx *tx, uint8_t index) {
    uint8_t item[DIGEST_BYTES + 1];
    memcpy(item, tx->id.bytes, DIGEST_BYTES);
    item[DIGEST_BYTES] = index;
    bloom_add(&sender->index, item, sizeof item);
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

int s2_shard(struct sender *sender, struct open_tx *tx, const uint8_t *content) {
    struct env *env = sender->env;
    unsigned k = sender->config.needed, n = sender->config.holders;
    struct digest nodes[2 * LIMIT_CANDIDATES + 64];
    struct merkle_tree tree;
    if (sender->index_bits == NULL) {
        int error = sender_index_init(sender); /* on first use: most nodes never send */
        if (error != OK)
            return error;
    }
    size_t piece_size = erasure_piece_size(k, tx->size);
    tx->piece_size = (uint32_t)piece_size;
    uint8_t *pieces = memory_new(1, n * piece_size);
    memcpy(pieces, content, tx->size);
    env_charge(env, WORK_LAYER_S2, 1);
    env_charge(env, WORK_RS_ENCODE_KIB, (tx->size + 1023) / 1024);
    int error = erasure_encode(&sender->code, pieces, tx->size);
    assert(error == OK);
    env_charge_hash(env, n * piece_size);
    env_charge(env, WORK_MERKLE_LEAF, n);
    fragment_commit(&tree, nodes, pieces, piece_size, n);
    env_charge(env, WORK_FILTER_INSERT, n);
    for (unsigned i = 0; i < n; i++) {
        struct fragment fragment;
        fragment_make(&fragment, &tree, pieces, tx->size, k, n, i);
        if (i == 0)
            fragment_commitment(&fragment, &tx->commitment);
        tx->slots[i].piece = piece_frame(sender, tx, &fragment);
        enter_in_index(sender, tx, (uint8_t)i);
    }
    hash_blocks(sender, tx, pieces);
    free(pieces);
    env_trace(env, TRACE_TX_S2, tx->number, n);
    return OK;
}
