/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/holder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/fragment.h"
#include "pipeline/record.h"

/* Request and piece may come in either order; the promise follows the second of them. */
struct held_piece {
    struct digest id;
    UT_hash_handle hh;
    node_id owner;
    struct hold_request request;
    struct frame *piece; /* the fragment's bytes */
    time_ns drop_at;
    bool requested;
    bool promised;
};

#define HELD_LIMIT 65536

static void held_free(struct holder *holder, struct held_piece *held) {
    HASH_DEL(holder->pieces, held);
    frame_unref(held->piece);
    free(held);
}

/* Entries lie in order of arrival; their expiries need not, so a full pass once a second. */
static void drop_expired(struct timer *timer) {
    struct holder *holder = container_of(timer, struct holder, expiry);
    struct held_piece *held, *next;
    HASH_ITER(hh, holder->pieces, held, next)
    if (held->drop_at <= env_clock(holder->env))
        held_free(holder, held);
    if (holder->pieces != NULL)
        env_timer_start(holder->env, &holder->expiry, NS_PER_S);
}

void holder_init(struct holder *holder, struct env *env) {
    *holder = (struct holder){.env = env};
    timer_init(&holder->expiry, drop_expired);
}

void holder_deinit(struct holder *holder) {
    struct held_piece *held, *next;
    HASH_ITER(hh, holder->pieces, held, next)
    held_free(holder, held);
}

static struct held_piece *find_or_add(struct holder *holder, const struct digest *id,
                                      node_id owner) {
    struct held_piece *held;
    HASH_FIND(hh, holder->pieces, id, sizeof *id, held);
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

static void send_promise(struct holder *holder, const struct held_piece *held) {
    struct env *env = holder->env;
    size_t signature_bytes = identity_signature_bytes(env);
    uint8_t signed_bytes[HOLD_SIGNED_BYTES], signature[LIMIT_SIGNATURE_BYTES];
    struct hold_ack ack = {
        .id = held->id,
        .root = held->request.root,
        .number = held->request.number,
        .nonce = held->request.nonce,
        .expiry = held->request.expiry,
        .index = held->request.index,
    };
    if (env_stamp(env, &ack.stamp) != OK)
        return; /* no stamp, no promise */
    identity_sign(env, signed_bytes, hold_ack_signed(&ack, signed_bytes), signature);
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_HOLD_ACK, 0, HOLD_ACK_BYTES + signature_bytes, &writer);
    hold_ack_write(&writer, &ack);
    write_bytes(&writer, signature, signature_bytes);
    assert(writer.error == OK);
    env_send(env, held->owner, frame);
}

/* With both here: does the piece belong under the root at the place that was asked for? */
static int promise(struct holder *holder, struct held_piece *held) {
    struct fragment fragment;
    struct digest commitment;
    if (!held->requested || held->piece == NULL)
        return OK;
    if (!held->promised) {
        int error = fragment_decode(&fragment, held->piece->bytes, held->piece->size);
        if (error != OK)
            return error;
        env_charge_hash(holder->env, held->piece->size);
        env_charge(holder->env, WORK_MERKLE_LEAF, fragment.branch_count);
        fragment_commitment(&fragment, &commitment);
        if (fragment.index != held->request.index ||
            memcmp(&commitment, &held->request.root, sizeof commitment) != 0 ||
            fragment_verify(&fragment) != OK)
            return ERR_MISMATCH;
        held->promised = true;
        held->drop_at = held->request.expiry;
    }
    send_promise(holder, held);
    return OK;
}

int holder_request(struct holder *holder, node_id from, const struct message *message) {
    struct env *env = holder->env;
    struct hold_request request;
    struct reader reader;
    uint8_t signed_bytes[HOLD_SIGNED_BYTES];
    reader_init(&reader, message->body, message->size);
    hold_request_read(&reader, &request);
    const uint8_t *signature = read_view(&reader, identity_signature_bytes(env));
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    if (request.expiry <= env_clock(env))
        return ERR_EXPIRED;
    size_t size = hold_request_signed(&request, signed_bytes);
    if (!identity_verify(env, from, signed_bytes, size, signature))
        return ERR_SIGNATURE;
    struct held_piece *held = find_or_add(holder, &request.id, from);
    if (held == NULL)
        return ERR_LIMIT;
    held->request = request;
    held->requested = true;
    if (held->drop_at < request.expiry && held->piece == NULL)
        held->drop_at = request.expiry;
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
