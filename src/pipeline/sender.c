/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/sender.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/acks.h"
#include "pipeline/gateway.h"
#include "pipeline/s1.h"
#include "pipeline/s2.h"
#include "pipeline/s3.h"
#include "pipeline/s4.h"
#include "pipeline/s5.h"

void sender_init(struct sender *sender, struct env *env, const struct sender_config *config) {
    *sender = (struct sender){.env = env, .config = *config};
    piece_index_init(&sender->index, env, config->index, config->hold_ttl);
    auditor_init(&sender->auditor, env, &config->audit);
}

static void open_tx_free(struct open_tx *tx) {
    ask_end(&tx->check);
    ask_end(&tx->ask);
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        frame_unref(tx->slots[i].request);
        frame_unref(tx->slots[i].piece);
        free(tx->slots[i].signature);
    }
    frame_unref(tx->record);
    HASH_DEL(tx->sender->open, tx);
    free(tx);
}

void sender_deinit(struct sender *sender) {
    struct open_tx *tx, *next;
    HASH_ITER(hh, sender->open, tx, next)
    open_tx_free(tx);
    auditor_deinit(&sender->auditor);
    piece_index_deinit(&sender->index);
    erasure_code_deinit(&sender->code);
}

struct open_tx *sender_find(const struct sender *sender, uint64_t number) {
    struct open_tx *tx;
    HASH_FIND(hh, sender->open, &number, sizeof number, tx);
    return tx;
}

static void fail(struct open_tx *tx, int reason) {
    env_trace(tx->sender->env, TRACE_TX_FAILED, tx->number, (uint64_t)-reason);
    open_tx_free(tx);
}

static void check_token(const struct open_tx *tx) {
    const struct sender *sender = tx->sender;
    const struct committee *city = &sender->config.city;
    struct writer writer;
    uint32_t member =
        gateway_choose(sender->env->self, tx->number, tx->check.repeated, city->count);
    struct frame *frame =
        message_new(MESSAGE_TOKEN_CHECK, sender->config.city_channel, 8 + TOKEN_BYTES, &writer);
    write_u64(&writer, tx->number);
    env_send(sender->env, city->members[member], frame);
}

static void check_again(struct ask *ask) {
    const struct open_tx *tx = container_of(ask, struct open_tx, check);
    env_trace(tx->sender->env, TRACE_TX_RETRIED, tx->number, ask->repeated);
    check_token(tx);
}

/* The same pieces under another id. Frames that were sent are immutable. */
static void rename_pieces(struct open_tx *tx) {
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        struct frame *old = tx->slots[i].piece;
        tx->slots[i].piece = frame_copy(old->bytes, old->size);
        memcpy(tx->slots[i].piece->bytes + MESSAGE_HEADER_BYTES, &tx->id, sizeof tx->id);
        frame_unref(old);
    }
}

/* An id binds its expiry: with a new one it is another, of which no record has been sent yet, so
 * nothing is ordered twice. Other holders by another lot, and they all have to promise. */
static int hold_anew(struct open_tx *tx) {
    struct sender *sender = tx->sender;
    if (++tx->rounds == SENDER_ROUNDS)
        return ERR_NOT_ENOUGH;
    tx->expiry = env_clock(sender->env) + sender->config.hold_ttl;
    tx->acked = 0;
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        struct hold_slot *slot = &tx->slots[i];
        frame_unref(slot->request);
        free(slot->signature);
        slot->request = NULL;
        slot->signature = NULL;
        slot->acked = false;
    }
    transaction_id(&tx->id, sender->env->self, tx->number, tx->expiry, &tx->content);
    int error = piece_index_add(&sender->index, tx->number, tx->slot_count);
    if (error == OK)
        error = s1_select(sender, tx);
    if (error != OK)
        return error;
    rename_pieces(tx);
    s3_request(sender, tx);
    s4_distribute(sender, tx);
    ask_begin(&tx->ask);
    return OK;
}

static void hold_again(struct open_tx *tx) {
    struct sender *sender = tx->sender;
    if (tx->expiry > env_clock(sender->env)) {
        s1_replace(sender, tx);
        s3_again(sender, tx);
        s4_again(sender, tx);
        return;
    }
    int error = hold_anew(tx); /* promises that have expired bind no one */
    if (error != OK)
        fail(tx, error);
}

static void order_again(struct open_tx *tx) {
    struct sender *sender = tx->sender;
    if (tx->asked_late) {
        fail(tx, ERR_EXPIRED);
        return;
    }
    tx->asked_late = tx->expiry <= env_clock(sender->env);
    s5_again(sender, tx);
}

static void ask_again(struct ask *ask) {
    struct open_tx *tx = container_of(ask, struct open_tx, ask);
    env_trace(tx->sender->env, TRACE_TX_RETRIED, tx->number, ask->repeated);
    if (tx->stage == TX_HOLDING)
        hold_again(tx);
    else if (tx->stage == TX_ORDERING)
        order_again(tx);
    else
        acks_ask(tx);
}

static void consider_audits(const struct open_tx *tx) {
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        struct promise promise;
        if (!tx->slots[i].acked)
            continue;
        s3_terms(tx, i, &promise);
        promise.stamp = tx->slots[i].stamp;
        auditor_consider(&tx->sender->auditor, tx->number, &promise);
    }
}

/* Closes the page once all that the user waits for is there. */
static void settle(struct open_tx *tx) {
    struct sender *sender = tx->sender;
    if (tx->stage == TX_ORDERED && !tx->acknowledged && acks_enough(tx)) {
        tx->acknowledged = true;
        ask_end(&tx->ask);
        env_trace(sender->env, TRACE_TX_CONTINENT, tx->number, tx->height);
    }
    if (!tx->token || !tx->acknowledged)
        return;
    env_trace(sender->env, TRACE_TX_DONE, tx->number, 0);
    consider_audits(tx);
    open_tx_free(tx);
}

static int run_layers(struct open_tx *tx, const uint8_t *content) {
    struct sender *sender = tx->sender;
    int error = s1_select(sender, tx);
    if (error != OK)
        return error;
    error = s2_shard(sender, tx, content);
    if (error != OK)
        return error;
    s3_request(sender, tx);
    s4_distribute(sender, tx);
    return OK;
}

static uint8_t *make_content(struct env *env, uint32_t size) {
    uint8_t *content = memory_new(1, size > 0 ? size : 1);
    rng_fill(&env->rng, content, size);
    return content;
}

static struct open_tx *open_tx_new(struct sender *sender, uint64_t number, uint32_t size) {
    struct open_tx *tx = memory_new(1, sizeof *tx);
    const struct ask_config check = {
        .env = sender->env, .base = sender->config.retry, .again = check_again};
    const struct ask_config ask = {
        .env = sender->env, .base = sender->config.retry, .again = ask_again};
    tx->number = number;
    tx->sender = sender;
    tx->size = size;
    tx->expiry = env_clock(sender->env) + sender->config.hold_ttl;
    ask_init(&tx->check, &check);
    ask_init(&tx->ask, &ask);
    HASH_ADD(hh, sender->open, number, sizeof tx->number, tx);
    return tx;
}

void sender_submit(struct sender *sender, uint64_t number, uint32_t size) {
    struct env *env = sender->env;
    env_trace(env, TRACE_TX_SUBMITTED, number, size);
    if (sender_find(sender, number) != NULL ||
        HASH_COUNT(sender->open) == LIMIT_OPEN_TRANSACTIONS || size == 0 ||
        size > LIMIT_TRANSACTION_BYTES) {
        env_trace(env, TRACE_TX_FAILED, number, (uint64_t)-ERR_LIMIT);
        return;
    }
    struct open_tx *tx = open_tx_new(sender, number, size);
    check_token(tx); /* first, so that it runs beside the layers */
    ask_begin(&tx->check);
    uint8_t *content = make_content(env, size);
    env_charge_hash(env, size);
    transaction_content(&tx->content, content, size);
    transaction_id(&tx->id, env->self, number, tx->expiry, &tx->content);
    int error = run_layers(tx, content);
    free(content);
    if (error != OK)
        fail(tx, error);
    else
        ask_begin(&tx->ask);
}

/* Whether that member was asked to check the token: the first @repeated + 1 in turn. */
static bool was_asked(const struct open_tx *tx, uint32_t member) {
    const struct sender *sender = tx->sender;
    const uint32_t count = sender->config.city.count;
    uint32_t first = gateway_choose(sender->env->self, tx->number, 0, count);
    return (member + count - first) % count <= tx->check.repeated;
}

int sender_token_ok(struct sender *sender, node_id from, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    struct open_tx *tx = sender_find(sender, read_u64(&reader));
    int error = reader_finish(&reader);
    uint32_t member = committee_index(&sender->config.city, from);
    if (error != OK)
        return error;
    if (tx == NULL || tx->token)
        return ERR_STALE;
    if (member == MEMBER_NONE || !was_asked(tx, member))
        return ERR_NOT_MEMBER;
    tx->token = true;
    ask_end(&tx->check);
    env_trace(sender->env, TRACE_TX_TOKEN, tx->number, 0);
    settle(tx);
    return OK;
}

int sender_hold_ack(struct sender *sender, node_id from, const struct message *message) {
    struct hold_ack ack;
    int error = hold_ack_read(sender->env, message, &ack);
    if (error != OK)
        return error;
    if (!piece_index_has(&sender->index, ack.number, ack.index))
        return ERR_UNKNOWN;
    struct open_tx *tx = sender_find(sender, ack.number);
    if (tx == NULL || tx->stage != TX_HOLDING)
        return ERR_STALE;
    error = s3_promise(sender, tx, from, &ack);
    if (error != OK || tx->acked < sender->config.acks)
        return error;
    env_trace(sender->env, TRACE_TX_S4, tx->number, tx->acked);
    tx->stage = TX_ORDERING;
    s5_submit(sender, tx);
    ask_begin(&tx->ask);
    return OK;
}

int sender_reply(struct sender *sender, node_id from, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    struct open_tx *tx = sender_find(sender, read_u64(&reader));
    uint64_t height = read_u64(&reader);
    int error = reader_finish(&reader);
    uint32_t member = committee_index(&sender->config.city, from);
    if (error != OK)
        return error;
    if (member == MEMBER_NONE || height == 0)
        return ERR_NOT_MEMBER;
    if (tx == NULL || tx->stage != TX_ORDERING)
        return ERR_STALE;
    tx->height = s5_reply(sender, tx, member, height);
    if (tx->height == 0)
        return OK;
    env_trace(sender->env, TRACE_TX_S5, tx->number, tx->height);
    if (sender->settlement != NULL)
        settlement_submit(sender->settlement, tx->number);
    tx->stage = TX_ORDERED;
    ask_begin(&tx->ask);
    settle(tx);
    return OK;
}

int sender_batch_ack(struct sender *sender, node_id from, const struct message *message) {
    struct open_tx *tx;
    int error = acks_take(sender, from, message, &tx);
    if (error != OK)
        return error;
    settle(tx);
    return OK;
}
