/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a holder answers audits (hold/audit.h), and how one that lies about holding fails them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "hold/audit.h"
#include "pipeline/held_piece.h"

#define MILLION 1000000

/* Only the sender may ask, and only about the piece that was promised. */
static int admit(const struct holder *holder, node_id from, const struct audit_challenge *challenge,
                 struct held_piece *held) {
    if (held == NULL || held->answer == NULL)
        return ERR_UNKNOWN;
    if (from != held->owner || challenge->auditor != from)
        return ERR_NOT_MEMBER;
    if (challenge->size != held->request.terms.size ||
        memcmp(&challenge->root, &held->request.terms.root, sizeof challenge->root) != 0)
        return ERR_MISMATCH;
    return audit_admit(challenge, holder->env->self, env_clock(holder->env), &held->audit_round);
}

static void answer(struct holder *holder, const struct held_piece *held,
                   const struct audit_challenge *challenge, const struct audit_draw *draw) {
    struct env *env = holder->env;
    size_t blocks = audit_block_count(challenge->size);
    struct digest *nodes = memory_new(merkle_tree_nodes(blocks), sizeof *nodes);
    struct merkle_tree tree;
    struct writer writer;
    memcpy(nodes, held->leaves, blocks * sizeof *nodes);
    merkle_tree_init(&tree, nodes, blocks);
    env_charge(env, WORK_MERKLE_LEAF, blocks);
    struct frame *frame =
        message_new(MESSAGE_AUDIT_RESPONSE, 0, audit_response_bytes(challenge, draw), &writer);
    audit_response_write(&writer, challenge, draw, &tree, held->bytes);
    assert(writer.error == OK && writer.at == writer.size);
    env_send(env, challenge->auditor, frame);
    free(nodes);
}

int holder_audit(struct holder *holder, node_id from, const struct message *message) {
    struct env *env = holder->env;
    struct audit_challenge challenge;
    struct audit_draw draw;
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    audit_challenge_read(&reader, &challenge);
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    struct held_piece *held = holder_find(holder, &challenge.id);
    uint64_t round = held == NULL ? 0 : held->audit_round;
    error = admit(holder, from, &challenge, held);
    if (error != OK)
        return error;
    env_charge(env, WORK_VRF_VERIFY, 1);
    error =
        audit_challenge_draw(identity_suite(env), identity_vrf_key(env, from), &challenge, &draw);
    if (error != OK) {
        held->audit_round = round; /* a forged lot must not use the round up */
        return error;
    }
    answer(holder, held, &challenge, &draw);
    return OK;
}

void holder_forget(struct holder *holder, uint32_t share_ppm, uint64_t seed) {
    holder->lapse_ppm = share_ppm;
    rng_init(&holder->lapses, seed, holder->env->self, "forget");
}

void holder_lapse(struct holder *holder, struct held_piece *held) {
    uint32_t size = held->request.terms.size;
    uint64_t blocks = audit_block_count(size), share = blocks * holder->lapse_ppm;
    uint16_t order[AUDIT_BLOCKS_MAX];
    if (holder->lapse_ppm == 0)
        return;
    uint64_t lost = share / MILLION + rng_chance(&holder->lapses, share % MILLION, MILLION);
    for (size_t i = 0; i < blocks; i++)
        order[i] = (uint16_t)i;
    rng_shuffle(&holder->lapses, order, blocks, sizeof *order);
    for (size_t i = 0; i < lost; i++) {
        size_t at = (size_t)order[i] * AUDIT_BLOCK_BYTES;
        memset(held->bytes + at, 0, size_min(AUDIT_BLOCK_BYTES, size - at));
    }
}
