/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/continent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/error.h"
#include "base/memory.h"

/* Statements about one batch, counted by distinct member. The signed body's digest is the key, so
 * statements that differ in anything are counted apart. */
struct tally {
    struct digest key;
    UT_hash_handle hh;
    struct member_set members;
    uint32_t count;
    uint8_t *signatures[LIMIT_COMMITTEE]; /* by member */
};

/* A batch that f + 1 members of its city have stated. */
struct carried {
    uint64_t id; /* channel and height of the chain below; only one batch stands there */
    UT_hash_handle hh;
    struct carried *prev, *next; /* backlog, or ordered */
    struct digest key;           /* of its statement */
    struct digest root;
    struct frame *item; /* batch_item; NULL once ordered */
    uint16_t slot;      /* of its durable record, until it is ordered */
};

/* Under a channel that no chain has: of its own, consensus may use every slot. */
#define FIRST_SLOT ((uint32_t)tier_channel(TIER_CHAINS, 0) << 16)

_Static_assert(CONTINENT_BACKLOG <= UINT16_MAX, "every slot has a number");

static uint64_t batch_id(uint16_t channel, uint64_t height) {
    return trace_pair(channel, height);
}

static const struct committee *city_of(const struct continent *continent, uint16_t channel) {
    uint32_t group = channel & 0xfff;
    bool known = channel >> 12 == TIER_CHAIN_CITY && group < continent->config.city_count;
    return known ? &continent->config.cities[group] : NULL;
}

static struct carried *find(const struct continent *continent, uint64_t id) {
    struct carried *carried;
    HASH_FIND(hh, continent->carried, &id, sizeof id, carried);
    return carried;
}

static int read_item(struct continent *continent, const uint8_t *bytes, size_t size,
                     struct batch_item *item) {
    return batch_item_read(bytes, size, identity_signature_bytes(continent->env), item,
                           continent->origins);
}

/* ---- answers ---- */

/* To every sender in the batch, or to one that asked: @origins says who. */
static void acknowledge(struct continent *continent, const struct carried *carried,
                        const struct batch_origin *origins, uint32_t count) {
    struct env *env = continent->env;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct batch_ack ack = {
        .channel = (uint16_t)(carried->id >> 48),
        .height = carried->id & UINT64_C(0xffffffffffff),
        .root = carried->root,
        .level = continent->config.level,
        .signature = signature,
    };
    batch_ack_sign(env, &ack, signature);
    for (uint32_t i = 0; i < count; i++) {
        ack.number = origins[i].number;
        env_send(
            env, origins[i].node,
            batch_ack_frame(continent->chain.config.channel, &ack, identity_signature_bytes(env)));
    }
}

static void answer_member(struct continent *continent, const struct carried *carried,
                          node_id member) {
    const struct batch_receipt receipt = {.channel = (uint16_t)(carried->id >> 48),
                                          .height = carried->id & UINT64_C(0xffffffffffff),
                                          .key = carried->key};
    env_send(continent->env, member, batch_receipt_frame(&receipt));
}

/* ---- what is carried ---- */

static uint16_t take_slot(struct continent *continent) {
    if (continent->free_count > 0)
        return continent->free_slots[--continent->free_count];
    return (uint16_t)continent->slot_count++;
}

static void give_slot(struct continent *continent, uint16_t slot) {
    if (continent->free_slots == NULL)
        continent->free_slots = memory_new(CONTINENT_BACKLOG, sizeof *continent->free_slots);
    continent->free_slots[continent->free_count++] = slot;
}

static struct carried *add(struct continent *continent, const struct batch_up *up,
                           const struct digest *key) {
    struct carried *carried = memory_new(1, sizeof *carried);
    carried->id = batch_id(up->channel, up->height);
    carried->key = *key;
    carried->root = up->root;
    HASH_ADD(hh, continent->carried, id, sizeof carried->id, carried);
    return carried;
}

static void forget(struct continent *continent, struct carried *carried) {
    HASH_DEL(continent->carried, carried);
    frame_unref(carried->item);
    free(carried);
}

static void wait_for_order(struct continent *continent, struct carried *carried) {
    DL_APPEND(continent->backlog, carried);
    continent->backlog_count++;
}

static void put_up(struct continent *continent, const struct carried *carried) {
    (void)chain_submit(&continent->chain, &carried->key, carried->item->bytes, carried->item->size);
}

/* A batch is proven: makes it durable, tells its senders, puts it up for ordering. */
static struct carried *carry(struct continent *continent, const struct batch_item *item,
                             const struct digest *key, struct frame *frame) {
    struct env *env = continent->env;
    const struct batch_up *up = &item->up;
    struct carried *carried = add(continent, up, key);
    carried->item = frame;
    carried->slot = take_slot(continent);
    env_trace(env, TRACE_BATCH_RECEIVED, carried->id, 0);
    if (continent->config.level == ACK_RECEIVED)
        acknowledge(continent, carried, up->origins, up->origin_count);
    env_persist(env, FIRST_SLOT + carried->slot, frame_ref(frame));
    env_trace(env, TRACE_BATCH_DURABLE, carried->id, 0);
    if (continent->config.level == ACK_DURABLE)
        acknowledge(continent, carried, up->origins, up->origin_count);
    wait_for_order(continent, carried);
    put_up(continent, carried);
    return carried;
}

/* ---- the chain's questions ---- */

/* What this representative has proven itself, or what carries its proof. */
static bool item_valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    struct continent *continent = context;
    struct batch_item item;
    struct digest own;
    if (read_item(continent, bytes, size, &item) != OK)
        return false;
    const struct committee *city = city_of(continent, item.up.channel);
    const struct carried *carried = find(continent, batch_id(item.up.channel, item.up.height));
    identity_hash(continent->env, &own, bytes, item.signed_bytes);
    if (memcmp(&own, key, sizeof own) != 0)
        return false;
    return carried != NULL ? memcmp(&carried->key, key, sizeof *key) == 0
                           : city != NULL && batch_item_verify(continent->env, &item, bytes, city);
}

static void remember_ordered(struct continent *continent, struct carried *carried) {
    if (continent->ordered_count == CONTINENT_ORDERED) {
        struct carried *oldest = continent->ordered;
        DL_DELETE(continent->ordered, oldest);
        forget(continent, oldest);
        continent->ordered_count--;
    }
    DL_APPEND(continent->ordered, carried);
    continent->ordered_count++;
}

static void item_ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                         uint64_t height) {
    struct continent *continent = context;
    struct batch_item item;
    if (read_item(continent, bytes, size, &item) != OK)
        return; /* a quorum found it valid; only more than f faults lead here */
    uint64_t id = batch_id(item.up.channel, item.up.height);
    struct carried *carried = find(continent, id);
    if (!continent->chain.again)
        env_trace(continent->env, TRACE_BATCH_ORDERED, id, height);
    if (carried == NULL) {
        carried = add(continent, &item.up, key);
    } else if (carried->item == NULL) {
        return; /* again, after the chain had forgotten it */
    } else {
        DL_DELETE(continent->backlog, carried);
        continent->backlog_count--;
        give_slot(continent, carried->slot);
        frame_unref(carried->item);
        carried->item = NULL;
        /* Whoever learns of a batch from the order alone, as after a restart, leaves it to those
         * that carried it: senders ask. */
        if (continent->config.level == ACK_ORDERED)
            acknowledge(continent, carried, item.up.origins, item.up.origin_count);
    }
    remember_ordered(continent, carried);
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

/* ---- a life's beginning and end ---- */

static void tally_free(struct continent *continent, struct tally *tally) {
    HASH_DEL(continent->tallies, tally);
    for (uint32_t i = 0; i < LIMIT_COMMITTEE; i++)
        free(tally->signatures[i]);
    free(tally);
}

static void recover(struct continent *continent, const struct record *record, uint16_t slot) {
    struct batch_item item;
    struct digest key;
    int error = read_item(continent, record->frame->bytes, record->frame->size, &item);
    assert(error == OK); /* our own */
    if (error != OK || find(continent, batch_id(item.up.channel, item.up.height)) != NULL) {
        give_slot(continent, slot);
        return;
    }
    identity_hash(continent->env, &key, record->frame->bytes, item.signed_bytes);
    struct carried *carried = add(continent, &item.up, &key);
    carried->item = frame_ref(record->frame);
    carried->slot = slot;
    wait_for_order(continent, carried);
}

void continent_init(struct continent *continent, struct env *env,
                    const struct continent_config *config, const struct continent_client *client,
                    const struct record *records, size_t record_count) {
    *continent = (struct continent){.env = env, .config = *config, .client = *client};
    struct chain_client below = {item_valid, item_ordered, block_decided,
                                 item_lot,   item_term,    continent};
    chain_init(&continent->chain, env, &config->chain, &below, records, record_count);
    const uint32_t first = FIRST_SLOT;
    for (size_t i = 0; i < record_count; i++) {
        if (records[i].slot < first || records[i].slot - first >= CONTINENT_BACKLOG)
            continue;
        const uint16_t slot = (uint16_t)(records[i].slot - first);
        if (slot >= continent->slot_count)
            continent->slot_count = slot + 1u;
        recover(continent, &records[i], slot);
    }
}

void continent_deinit(struct continent *continent) {
    struct tally *tally, *next_tally;
    struct carried *carried, *next_carried;
    chain_deinit(&continent->chain);
    HASH_ITER(hh, continent->tallies, tally, next_tally)
    tally_free(continent, tally);
    HASH_ITER(hh, continent->carried, carried, next_carried)
    forget(continent, carried);
    free(continent->free_slots);
}

void continent_start(struct continent *continent) {
    chain_start(&continent->chain);
    for (const struct carried *carried = continent->backlog; carried != NULL;
         carried = carried->next)
        put_up(continent, carried);
}

/* ---- messages ---- */

static struct tally *find_or_add_tally(struct continent *continent, const struct digest *key) {
    struct tally *tally;
    HASH_FIND(hh, continent->tallies, key, sizeof *key, tally);
    if (tally != NULL)
        return tally;
    if (HASH_COUNT(continent->tallies) == CONTINENT_TALLIES)
        tally_free(continent, continent->tallies); /* the oldest */
    tally = memory_new(1, sizeof *tally);
    tally->key = *key;
    HASH_ADD(hh, continent->tallies, key, sizeof tally->key, tally);
    return tally;
}

/* f + 1 statements are here. */
static void prove(struct continent *continent, struct tally *tally, const struct batch_up *up,
                  const uint8_t *statement, size_t signed_bytes, const struct committee *city) {
    struct batch_item item = {.up = *up, .signed_bytes = signed_bytes};
    for (uint32_t i = 0; i < city->count; i++) {
        if (!member_set_has(&tally->members, i))
            continue;
        item.signers[item.signature_count] = (uint16_t)i;
        item.signatures[item.signature_count++] = tally->signatures[i];
    }
    const struct carried *carried =
        carry(continent, &item, &tally->key,
              batch_item_frame(&item, statement, identity_signature_bytes(continent->env)));
    for (uint32_t i = 0; i < city->count; i++)
        if (member_set_has(&tally->members, i))
            answer_member(continent, carried, city->members[i]);
}

static int count_statement(struct continent *continent, const struct committee *city,
                           uint32_t member, const struct batch_up *up, const struct digest *key,
                           const struct message *message, size_t signed_bytes,
                           const uint8_t *signature) {
    size_t signature_bytes = identity_signature_bytes(continent->env);
    struct tally *tally;
    HASH_FIND(hh, continent->tallies, key, sizeof *key, tally);
    if (tally != NULL && member_set_has(&tally->members, member))
        return OK; /* it asks again before there is an answer */
    if (!batch_up_verify(continent->env, city->members[member], message->body, signed_bytes,
                         signature))
        return ERR_SIGNATURE;
    tally = find_or_add_tally(continent, key);
    member_set_add(&tally->members, member);
    tally->signatures[member] = memory_new(1, signature_bytes);
    memcpy(tally->signatures[member], signature, signature_bytes);
    if (++tally->count < committee_validity(city))
        return OK;
    prove(continent, tally, up, message->body, signed_bytes, city);
    tally_free(continent, tally);
    return OK;
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
    const struct carried *carried = find(continent, batch_id(up.channel, up.height));
    if (carried == NULL && continent->backlog_count == CONTINENT_BACKLOG)
        return ERR_LIMIT;
    if (carried == NULL)
        return count_statement(continent, city, member, &up, &key, message, signed_bytes,
                               signature);
    if (memcmp(&carried->key, &key, sizeof key) != 0)
        return ERR_CONFLICT;
    answer_member(continent, carried, from); /* f + 1 were enough; the rest need not be checked */
    return OK;
}

int continent_batch_ask(struct continent *continent, node_id from, const struct message *message) {
    struct batch_ask ask;
    int error = batch_ask_read(message, &ask);
    if (error != OK)
        return error;
    const struct carried *carried = find(continent, batch_id(ask.channel, ask.height));
    if (carried == NULL || (continent->config.level == ACK_ORDERED && carried->item != NULL))
        return ERR_UNKNOWN;
    acknowledge(continent, carried, &(struct batch_origin){from, ask.number}, 1);
    return OK;
}
