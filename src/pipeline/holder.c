/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/holder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/fragment.h"
#include "hold/audit.h"
#include "pipeline/held_piece.h"

#define HELD_LIMIT 65536

static void forget_piece(struct held_piece *held) {
    frame_unref(held->piece);
    free(held->leaves);
    held->piece = NULL;
    held->leaves = NULL;
}

static void held_free(struct holder *holder, struct held_piece *held) {
    HASH_DEL(holder->pieces, held);
    forget_piece(held);
    frame_unref(held->answer);
    free(held);
}

/* Entries lie in order of arrival; their expiries need not, so a full pass once a second. */
static void drop_expired(struct timer *timer) {
    struct holder *holder = container_of(timer, struct holder, expiry);
    struct held_piece *held, *next;
    uint64_t dropped = 0;
    HASH_ITER(hh, holder->pieces, held, next) {
        if (held->drop_at > env_clock(holder->env))
            continue;
        held_free(holder, held);
        dropped++;
    }
    if (dropped > 0)
        env_trace(holder->env, TRACE_HOLD_EXPIRED, dropped, holder_count(holder));
    if (holder->pieces != NULL)
        env_timer_start(holder->env, &holder->expiry, NS_PER_S);
}

void holder_init(struct holder *holder, struct env *env) {
    *holder = (struct holder){.env = env};
    timer_init(&holder->expiry, drop_expired);
}

void holder_deinit(struct holder *holder) {
    struct held_piece *held, *next;
    env_timer_stop(holder->env, &holder->expiry);
    HASH_ITER(hh, holder->pieces, held, next)
    held_free(holder, held);
}

size_t holder_count(const struct holder *holder) {
    return HASH_COUNT(holder->pieces);
}

struct held_piece *holder_find(const struct holder *holder, const struct digest *id) {
    struct held_piece *held;
    HASH_FIND(hh, holder->pieces, id, sizeof *id, held);
    return held;
}

static struct held_piece *find_or_add(struct holder *holder, const struct digest *id,
                                      node_id owner) {
    struct held_piece *held = holder_find(holder, id);
    if (held != NULL)
        return held->owner == owner ? held : NULL;
    if (HASH_COUNT(holder->pieces) == HELD_LIMIT)
        return NULL;
    held = memory_new(1, sizeof *held);
    held->id = *id;
    held->owner = owner;
    held->drop_at = env_clock(holder->env) + NS_PER_S; /* until a request says for how long */
    HASH_ADD(hh, holder->pieces, id, sizeof held->id, held);
    if (!timer_running(&holder->expiry))
        env_timer_start(holder->env, &holder->expiry, NS_PER_S);
    return held;
}

/* Does the piece belong under the commitment at the place that was asked for, and is it the one
 * whose blocks the sender has hashed? */
static int check_piece(struct holder *holder, struct held_piece *held) {
    const struct promise *terms = &held->request.terms;
    struct env *env = holder->env;
    struct fragment fragment;
    struct digest commitment, root;
    int error = fragment_decode(&fragment, held->piece->bytes, held->piece->size);
    if (error != OK)
        return error;
    env_charge_hash(env, held->piece->size);
    env_charge(env, WORK_MERKLE_LEAF, fragment.branch_count);
    fragment_commitment(&fragment, &commitment);
    if (fragment.index != terms->index || fragment.piece_size != terms->size ||
        memcmp(&commitment, &terms->commitment, sizeof commitment) != 0 ||
        fragment_verify(&fragment) != OK)
        return ERR_MISMATCH;
    size_t blocks = audit_block_count(terms->size);
    held->leaves = memory_new(blocks, sizeof *held->leaves);
    env_charge_hash(env, terms->size);
    env_charge(env, WORK_MERKLE_LEAF, blocks);
    audit_leaves(fragment.bytes, terms->size, held->leaves);
    audit_root(held->leaves, blocks, &root);
    held->bytes = held->piece->bytes + (fragment.bytes - held->piece->bytes);
    return memcmp(&root, &terms->root, sizeof root) == 0 ? OK : ERR_MISMATCH;
}

/* With both here: one promise, and the same bytes for whoever asks again. */
static int promise(struct holder *holder, struct held_piece *held) {
    struct env *env = holder->env;
    if (!held->requested || held->piece == NULL)
        return OK;
    if (held->answer == NULL) {
        int error = check_piece(holder, held);
        if (error != OK) {
            forget_piece(held); /* the right one may still come */
            return error;
        }
        env_trace(env, TRACE_PIECE_HELD, held->request.number, held->request.terms.index);
        struct promise promise = held->request.terms;
        error = env_stamp(env, &promise.stamp);
        if (error != OK)
            return error;
        held->answer = hold_ack_frame(env, held->request.number, &promise);
        if (held->answer == NULL)
            return ERR_EXPIRED; /* our hybrid time is beyond the expiry */
        held->drop_at = promise.expiry;
        holder_lapse(holder, held);
    }
    env_send(env, held->owner, frame_ref(held->answer));
    return OK;
}

int holder_request(struct holder *holder, node_id from, const struct message *message) {
    struct hold_request request;
    time_ns now = env_clock(holder->env);
    int error = hold_request_open(holder->env, from, message, now, &request);
    if (error != OK)
        return error;
    if (request.terms.expiry - now > HOLDER_TTL_MAX)
        return ERR_LIMIT;
    struct held_piece *held = find_or_add(holder, &request.terms.id, from);
    if (held == NULL)
        return ERR_LIMIT;
    if (held->answer != NULL && !hold_request_equal(&request, &held->request))
        return ERR_CONFLICT; /* we are bound already */
    held->request = request;
    held->requested = true;
    if (held->drop_at < request.terms.expiry)
        held->drop_at = request.terms.expiry;
    return promise(holder, held);
}

int holder_piece(struct holder *holder, node_id from, const struct message *message) {
    struct reader reader;
    struct digest id;
    size_t size;
    reader_init(&reader, message->body, message->size);
    read_digest(&reader, &id);
    const uint8_t *bytes = read_blob(&reader, LIMIT_TRANSACTION_BYTES, &size);
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    struct held_piece *held = find_or_add(holder, &id, from);
    if (held == NULL)
        return ERR_LIMIT;
    if (held->piece == NULL)
        held->piece = frame_copy(bytes, size);
    return promise(holder, held);
}
