/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/city.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/record.h"
#include "pipeline/settlement.h"

/* What a member would vote for: evidence of a hold by those that the lot names. */
static int check_record(struct city *city, const struct tx_record *record) {
    uint8_t lot[VRF_OUTPUT_SIZE];
    int error = tx_record_verify(city->env, record, city->config.acks, lot);
    if (error != OK)
        return error;
    const struct s1_rule *rule = &city->config.selection;
    if (city->service == NULL)
        return s1_confirm(city->env, city->config.presence, rule, record, lot);
    /* By the list as it is, or else by one that senders may still have. */
    const struct roster *list = presence_service_list(city->service, 0);
    error = s1_confirm(city->env, &list->presence, rule, record, lot);
    for (uint32_t age = 1; error != OK; age++) {
        list = presence_service_list(city->service, age);
        if (list == NULL)
            break;
        error = s1_confirm(city->env, &list->presence, rule, record, lot);
    }
    return error;
}

/* An item under the key of a record is a record, one under the key of a transfer's item is that. */
static bool item_valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    struct city *city = context;
    struct tx_record record;
    if (city->config.shards != NULL && coordinator_valid(&city->coordinator, key, bytes, size))
        return true;
    if (tx_record_read(bytes, size, identity_signature_bytes(city->env), &record) != OK)
        return false;
    return memcmp(&record.id, key, sizeof *key) == 0 && check_record(city, &record) == OK;
}

/* A record's key binds its expiry; items of transfers may come again (shard/participant.h). */
static struct once_term item_term(void *context, const struct digest *key, const uint8_t *bytes,
                                  size_t size) {
    const struct city *city = context;
    struct tx_record record;
    if (tx_record_read(bytes, size, identity_signature_bytes(city->env), &record) != OK ||
        memcmp(&record.id, key, sizeof *key) != 0)
        return (struct once_term){.kind = ONCE_HARMLESS};
    return (struct once_term){.kind = ONCE_EXPIRES, .expiry = record.expiry};
}

static void reply(struct city *city, node_id to, uint64_t number, uint64_t height) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TX_REPLY, city->chain.config.channel, 16, &writer);
    write_u64(&writer, number);
    write_u64(&writer, height);
    env_send(city->env, to, frame);
}

static void note_origin(struct city *city, node_id node, uint64_t number) {
    if (city->origin_count == city->origin_capacity) {
        city->origin_capacity = city->origin_capacity == 0 ? 64 : 2 * city->origin_capacity;
        city->origins = memory_resize(city->origins, city->origin_capacity, sizeof *city->origins);
    }
    city->origins[city->origin_count++] = (struct batch_origin){node, number};
}

/* Whether what is ordered at @height follows what was reported before, from the chain's beginning on,
 * so that this member has the state of transfers. A new life is reported the chain from the first
 * height that is kept; without the beginning a member would answer as if nothing had happened: it keeps
 * voting for batches, and counts among the f for transfers. */
static bool transfers_follow(struct city *city, uint64_t height) {
    city->silent = city->silent || height != city->height + 1;
    if (city->config.shards == NULL || city->silent)
        return false;
    coordinator_mute(&city->coordinator, city->chain.again);
    return true;
}

static void item_ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                         uint64_t height) {
    struct city *city = context;
    struct tx_record record;
    if (tx_record_read(bytes, size, identity_signature_bytes(city->env), &record) != OK ||
        memcmp(&record.id, key, sizeof *key) != 0) {
        if (transfers_follow(city, height))
            coordinator_ordered(&city->coordinator, bytes, size, height);
        return;
    }
    if (!city->chain.again) {
        env_trace(city->env, TRACE_TX_ORDERED, record.number,
                  trace_pair(city->chain.config.channel, height));
        reply(city, record.origin, record.number, height);
    }
    note_origin(city, record.origin, record.number);
}

static void batch_ordered(void *context, const struct decision *decision) {
    struct city *city = context;
    struct batch_up up = {
        .channel = city->chain.config.channel,
        .height = decision->height,
        .origin_count = (uint32_t)city->origin_count,
        .origins = city->origins,
    };
    if (transfers_follow(city, decision->height)) {
        coordinator_height(&city->coordinator, decision->height);
        coordinator_mute(&city->coordinator, false);
    }
    city->height = decision->height;
    /* Also what an earlier life had reported: whether enough representatives hold it is not known
     * here, and those that do answer at once. */
    identity_hash(city->env, &up.root, decision->batch.bytes, decision->batch.size);
    if (city->origin_count > 0)
        uplink_send(&city->uplink, &up);
    city->origin_count = 0;
}

static int submit_item(void *context, const struct digest *key, const void *bytes, size_t size) {
    struct city *city = context;
    return chain_submit(&city->chain, key, bytes, size);
}

static void transfer_changed(void *context, const struct session *session,
                             enum session_change change) {
    struct city *city = context;
    uint64_t number = session->transfer.number, channel = city->chain.config.channel;
    uint64_t transaction = settlement_transaction(number);
    if (change == SESSION_LOCKS)
        env_trace(city->env, TRACE_TX_PREPARED, transaction, trace_pair(channel, session->height));
    else if (change == SESSION_COMMITS || change == SESSION_ABORTS)
        env_trace(city->env, TRACE_TX_SETTLED, transaction,
                  trace_pair(channel, settlement_attempt(number) << 2 |
                                          (uint64_t)session->home << 1 |
                                          (change == SESSION_COMMITS)));
}

static void start_transfers(struct city *city) {
    struct coordinator_config config = {
        .env = city->env,
        .map = city->config.shards,
        .shard = city->config.shard,
        .patience = city->config.patience,
        .retry = city->config.retry,
        .tick = city->config.tick,
        .client = {submit_item, transfer_changed, city},
    };
    coordinator_init(&city->coordinator, &config);
    for (uint32_t i = 0; i < city->config.accounts; i++) {
        node_id owner = city->config.first_account + i;
        (void)participant_open(&city->coordinator.participant, owner, owner, SETTLEMENT_BALANCE);
    }
}

void city_init(struct city *city, struct env *env, const struct city_config *config,
               const struct record *records, size_t record_count) {
    *city = (struct city){.env = env, .config = *config};
    uplink_init(&city->uplink,
                &(struct uplink_config){env, config->continent, config->enough, config->up_retry});
    struct chain_client client = {item_valid, item_ordered, batch_ordered, NULL, item_term, city};
    chain_init(&city->chain, env, &config->chain, &client, records, record_count);
    if (config->shards != NULL)
        start_transfers(city);
}

void city_deinit(struct city *city) {
    chain_deinit(&city->chain);
    uplink_deinit(&city->uplink);
    if (city->config.shards != NULL)
        coordinator_deinit(&city->coordinator);
    free(city->origins);
}

int city_submit(struct city *city, node_id from, const struct message *message) {
    struct tx_record record;
    size_t signature_bytes = identity_signature_bytes(city->env);
    int error = tx_record_read(message->body, message->size, signature_bytes, &record);
    if (error != OK)
        return error;
    if (record.origin != from)
        return ERR_NOT_MEMBER;
    /* Its sender asks again, before the costly check. */
    uint64_t height;
    if (mempool_ordered_height(&city->chain.pool, &record.id, &height)) {
        reply(city, from, record.number, height);
        return OK;
    }
    if (mempool_holds(&city->chain.pool, &record.id, message->body, message->size))
        return OK;
    if (record.expiry <= env_clock(city->env))
        return ERR_EXPIRED; /* its promises bind no one any more */
    error = check_record(city, &record);
    if (error != OK)
        return error;
    return chain_submit(&city->chain, &record.id, message->body, message->size);
}

int city_batch_receipt(struct city *city, node_id from, const struct message *message) {
    return uplink_receipt(&city->uplink, from, message);
}

int city_shard_message(struct city *city, node_id from, const struct message *message) {
    if (city->config.shards == NULL || city->silent)
        return ERR_NOT_MEMBER;
    return coordinator_receive(&city->coordinator, from, message);
}
