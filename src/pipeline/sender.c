/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/sender.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/open_tx.h"
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
    timers_stop(&tx->sender->env->timers, &tx->retry);
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

static struct open_tx *find(const struct sender *sender, uint64_t number) {
    struct open_tx *tx;
    HASH_FIND(hh, sender->open, &number, sizeof number, tx);
    return tx;
}

static void fail(struct open_tx *tx, int reason) {
    env_trace(tx->sender->env, TRACE_TX_FAILED, tx->number, (uint64_t)-reason);
    open_tx_free(tx);
}

/* Back-off doubles up to 16 times the base: a lost answer is asked for soon, an overload is not
 * fed. */
static void wait_for_answers(struct open_tx *tx) {
    uint32_t doublings = tx->attempts < 4 ? tx->attempts : 4;
    env_timer_start(tx->sender->env, &tx->retry, tx->sender->config.retry << doublings);
}

static void ask_again(struct timer *timer) {
    struct open_tx *tx = container_of(timer, struct open_tx, retry);
    struct sender *sender = tx->sender;
    if (++tx->attempts > SENDER_ATTEMPTS) {
        fail(tx, ERR_EXPIRED);
        return;
    }
    env_trace(sender->env, TRACE_TX_RETRIED, tx->number, tx->attempts);
    if (tx->stage == TX_HOLDING)
        s4_again(sender, tx);
    else
        s5_again(sender, tx);
    if (!tx->token)
        sender_check_token(sender, tx);
    wait_for_answers(tx);
}

void sender_check_token(struct sender *sender, const struct open_tx *tx) {
    const struct committee *city = &sender->config.city;
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_TOKEN_CHECK, sender->config.city_channel, 8 + TOKEN_BYTES, &writer);
    write_u64(&writer, tx->number);
    env_send(sender->env, city->members[tx->number % city->count], frame);
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
    if (!tx->token || tx->stage != TX_ORDERED || tx->continent_acks < sender->config.continent_acks)
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

void sender_submit(struct sender *sender, uint64_t number, uint32_t size) {
    struct env *env = sender->env;
    env_trace(env, TRACE_TX_SUBMITTED, number, size);
    if (find(sender, number) != NULL || HASH_COUNT(sender->open) == LIMIT_OPEN_TRANSACTIONS ||
        size == 0 || size > LIMIT_TRANSACTION_BYTES) {
        env_trace(env, TRACE_TX_FAILED, number, (uint64_t)-ERR_LIMIT);
        return;
    }
    struct open_tx *tx = memory_new(1, sizeof *tx);
    tx->number = number;
    tx->sender = sender;
    tx->size = size;
    tx->expiry = env_clock(env) + sender->config.hold_ttl;
    timer_init(&tx->retry, ask_again);
    HASH_ADD(hh, sender->open, number, sizeof tx->number, tx);
    sender_check_token(sender, tx); /* first, so that it runs beside the layers */
    uint8_t *content = make_content(env, size);
    env_charge_hash(env, size);
    transaction_content(&tx->content, content, size);
    transaction_id(&tx->id, env->self, number, tx->expiry, &tx->content);
    int error = run_layers(tx, content);
    free(content);
    if (error != OK)
        fail(tx, error);
    else
        wait_for_answers(tx);
}

int sender_token_ok(struct sender *sender, node_id from, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    struct open_tx *tx = find(sender, read_u64(&reader));
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    if (tx == NULL || tx->token)
        return ERR_STALE;
    if (sender->config.city.members[tx->number % sender->config.city.count] != from)
        return ERR_NOT_MEMBER;
    tx->token = true;
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
    struct open_tx *tx = find(sender, ack.number);
    if (tx == NULL || tx->stage != TX_HOLDING)
        return ERR_STALE;
    error = s3_promise(sender, tx, from, &ack);
    if (error != OK || tx->acked < sender->config.acks)
        return error;
    env_trace(sender->env, TRACE_TX_S4, tx->number, tx->acked);
    tx->stage = TX_ORDERING;
    tx->attempts = 0;
    s5_submit(sender, tx);
    wait_for_answers(tx);
    return OK;
}

int sender_reply(struct sender *sender, node_id from, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    struct open_tx *tx = find(sender, read_u64(&reader));
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
    tx->attempts = 0;
    wait_for_answers(tx);
    settle(tx);
    return OK;
}

int sender_continent_ack(struct sender *sender, uint32_t member, uint64_t number) {
    struct open_tx *tx = find(sender, number);
    if (tx == NULL || tx->continent_acked[member])
        return ERR_STALE;
    tx->continent_acked[member] = true;
    if (++tx->continent_acks == sender->config.continent_acks)
        env_trace(sender->env, TRACE_TX_CONTINENT, number, tx->continent_acks);
    settle(tx);
    return OK;
}
