/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/continent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"

/* Statements about one batch, counted by distinct member. The signed body is the key, so statements
 * that differ in anything are counted apart. */
struct arrival {
    struct digest key;
    UT_hash_handle hh;
    uint64_t members[LIMIT_COMMITTEE / 64];
    uint32_t count;
    bool acknowledged;
};

#define ARRIVALS_MAX 65536

/* An item is a statement's signed body. Its proof is what this representative has counted itself;
 * one
 * that has not counted f + 1 statements yet does not vote, and the others' quorum goes ahead. */
static bool item_valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    const struct continent *continent = context;
    const struct arrival *arrival;
    HASH_FIND(hh, continent->arrivals, key, sizeof *key, arrival);
    return arrival != NULL && arrival->acknowledged && size > 0;
}

static void item_ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                         uint64_t height) {
    struct continent *continent = context;
    struct reader reader;
    reader_init(&reader, bytes, size);
    uint16_t channel = read_u16(&reader);
    if (!continent->chain.again)
        env_trace(continent->env, TRACE_BATCH_ORDERED, trace_pair(channel, read_u64(&reader)),
                  height);
}

static void block_decided(void *context, const struct decision *decision) {
    struct continent *continent = context;
    if (continent->client.decided != NULL && !continent->chain.again)
        continent->client.decided(continent->client.context, decision);
}

/* The chain below and the height: the key is a hash that depends on the provider. */
static uint64_t item_lot(const struct digest *key, const uint8_t *bytes, size_t size) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint16_t channel = read_u16(&reader);
    return hash_combine(channel, read_u64(&reader));
}

/* f + 1 members of a city made the statement, so there is one for its channel and height. */
static struct once_term item_term(void *context, const struct digest *key, const uint8_t *bytes,
                                  size_t size) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint16_t channel = read_u16(&reader);
    return (struct once_term){ONCE_NUMBERED, .source = channel, .number = read_u64(&reader)};
}

void continent_init(struct continent *continent, struct env *env,
                    const struct continent_config *config, const struct continent_client *client,
                    const struct record *records, size_t record_count) {
    *continent = (struct continent){.env = env, .config = *config, .client = *client};
    struct chain_client below = {item_valid, item_ordered, block_decided,
                                 item_lot,   item_term,    continent};
    chain_init(&continent->chain, env, &config->chain, &below, records, record_count);
}

void continent_deinit(struct continent *continent) {
    struct arrival *arrival, *next;
    chain_deinit(&continent->chain);
    HASH_ITER(hh, continent->arrivals, arrival, next) {
        HASH_DEL(continent->arrivals, arrival);
        free(arrival);
    }
}

static struct arrival *find_or_add(struct continent *continent, const struct digest *key) {
    struct arrival *arrival;
    HASH_FIND(hh, continent->arrivals, key, sizeof *key, arrival);
    if (arrival != NULL)
        return arrival;
    if (HASH_COUNT(continent->arrivals) == ARRIVALS_MAX) {
        arrival = continent->arrivals; /* the oldest */
        HASH_DEL(continent->arrivals, arrival);
        free(arrival);
    }
    arrival = memory_new(1, sizeof *arrival);
    arrival->key = *key;
    HASH_ADD(hh, continent->arrivals, key, sizeof arrival->key, arrival);
    return arrival;
}

static const struct committee *city_of(const struct continent *continent, uint16_t channel) {
    uint32_t group = channel & 0xfff;
    bool known = channel >> 12 == TIER_CHAIN_CITY && group < continent->config.city_count;
    return known ? &continent->config.cities[group] : NULL;
}

int continent_batch_up(struct continent *continent, node_id from, const struct message *message) {
    struct env *env = continent->env;
    struct batch_up up;
    const uint8_t *signature;
    size_t signed_bytes;
    int error = batch_up_read(message, identity_signature_bytes(env), &up, continent->origins,
                              &signature, &signed_bytes);
    if (error != OK)
        return error;
    const struct committee *city = city_of(continent, up.channel);
    uint32_t member = city == NULL ? MEMBER_NONE : committee_index(city, from);
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    struct digest key;
    identity_hash(env, &key, message->body, signed_bytes);
    struct arrival *arrival = find_or_add(continent, &key);
    uint64_t bit = UINT64_C(1) << (member % 64);
    if (arrival->members[member / 64] & bit)
        return ERR_DUPLICATE;
    if (arrival->acknowledged)
        return OK; /* f + 1 were enough; the rest need not be checked */
    if (!batch_up_verify(env, from, message->body, signed_bytes, signature))
        return ERR_SIGNATURE;
    arrival->members[member / 64] |= bit;
    if (++arrival->count < committee_validity(city))
        return OK;
    arrival->acknowledged = true;
    batch_ack_send(env, continent->chain.config.channel, &up);
    return chain_submit(&continent->chain, &key, message->body, signed_bytes);
}
