/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/city.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/record.h"
#include "tier/batch.h"

static bool record_valid(void *context, const struct digest *key, const uint8_t *bytes,
                         size_t size) {
    struct city *city = context;
    struct tx_record record;
    if (tx_record_read(bytes, size, identity_signature_bytes(city->env), &record) != OK)
        return false;
    return memcmp(&record.id, key, sizeof *key) == 0 &&
           tx_record_verify(city->env, &record, city->config.acks) == OK;
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

static void record_ordered(void *context, const struct digest *key, const uint8_t *bytes,
                           size_t size, uint64_t height) {
    struct city *city = context;
    struct tx_record record;
    if (tx_record_read(bytes, size, identity_signature_bytes(city->env), &record) != OK)
        return;
    env_trace(city->env, TRACE_TX_ORDERED, record.number,
              trace_pair(city->chain.config.channel, height));
    reply(city, record.origin, record.number, height);
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
    identity_hash(city->env, &up.root, decision->batch.bytes, decision->batch.size);
    if (city->origin_count > 0 && city->config.continent.count > 0)
        batch_up_send(city->env, &city->config.continent, &up);
    city->origin_count = 0;
}

void city_init(struct city *city, struct env *env, const struct city_config *config,
               const struct record *records, size_t record_count) {
    *city = (struct city){.env = env, .config = *config};
    struct chain_client client = {record_valid, record_ordered, batch_ordered, city};
    chain_init(&city->chain, env, &config->chain, &client, records, record_count);
}

void city_deinit(struct city *city) {
    chain_deinit(&city->chain);
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
    if (mempool_holds(&city->chain.pool, &record.id, message->body, message->size))
        return ERR_DUPLICATE; /* before the costly check */
    if (record.expiry <= env_clock(city->env))
        return ERR_EXPIRED; /* its promises bind no one any more */
    error = tx_record_verify(city->env, &record, city->config.acks);
    if (error != OK)
        return error;
    return chain_submit(&city->chain, &record.id, message->body, message->size);
}
