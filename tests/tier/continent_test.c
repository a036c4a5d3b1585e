/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A representative, statement by statement: what it takes for a batch to be proven, what is durable
 * before whom it tells, and what it says when asked again, also in its next life. */
#include "tier/continent.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"

enum { CITY = 4, FIRST = CITY, REPRESENTATIVES = 4, SENDER = CITY + REPRESENTATIVES, COMPANY };

#define SELF    FIRST
#define CHANNEL tier_channel(TIER_CHAIN_CITY, 0)

struct bench {
    struct company company;
    node_id members[CITY], representatives[REPRESENTATIVES];
    struct committee city;
    struct continent_config config;
    struct continent *continent;
};

static struct bench bench;

static struct env *env(void) {
    return &bench.company.envs[SELF];
}

static void start(const struct record *records, size_t count) {
    bench.continent = memory_new(1, sizeof *bench.continent);
    continent_init(bench.continent, env(), &bench.config, &(struct continent_client){NULL, NULL},
                   records, count);
    continent_start(bench.continent);
    steps_drain(env());
}

static void stop(void) {
    continent_deinit(bench.continent);
    free(bench.continent);
    steps_drain(env());
}

static void open_bench(enum ack_level level) {
    bench = (struct bench){0};
    company_init(&bench.company, COMPANY, "ed25519", "real");
    for (node_id i = 0; i < CITY; i++)
        bench.members[i] = i;
    for (node_id i = 0; i < REPRESENTATIVES; i++)
        bench.representatives[i] = FIRST + i;
    bench.city = (struct committee){bench.members, CITY};
    bench.config = (struct continent_config){
        .chain = {.consensus = consensus_find("pbft"),
                  .channel = tier_channel(TIER_CHAIN_CONTINENT, 0),
                  .committee = {bench.representatives, REPRESENTATIVES},
                  .view_timeout = NS_PER_S,
                  .batch_items = 10,
                  .batch_delay = NS_PER_S}, /* nothing is proposed by itself here */
        .cities = &bench.city,
        .city_count = 1,
        .level = level,
    };
    start(NULL, 0);
}

static void close_bench(void) {
    stop();
    for (node_id node = 0; node < COMPANY; node++)
        steps_drain(&bench.company.envs[node]);
    company_deinit(&bench.company);
}

static struct batch_origin origins[2] = {{SENDER, 100}, {SENDER, 101}};

static struct frame *statement(node_id member, uint64_t height, uint8_t root) {
    const struct batch_up up = {CHANNEL, height, {{root}}, 2, origins};
    struct digest key;
    struct frame *frame = batch_up_frame(&bench.company.envs[member], &up, &key);
    steps_drain(&bench.company.envs[member]);
    return frame;
}

typedef int handler(struct continent *continent, node_id from, const struct message *message);

/* Hands a frame over and forgets it; the effects stay. */
static int give(handler *handle, node_id from, struct frame *frame) {
    struct message message;
    steps_drain(env());
    ck_assert_int_eq(message_parse(&message, frame), OK);
    int error = handle(bench.continent, from, &message);
    frame_unref(frame);
    return error;
}

static int state(node_id member, uint64_t height) {
    return give(continent_batch_up, member, statement(member, height, 6));
}

static int ask(uint64_t height) {
    return give(continent_batch_ask, SENDER,
                batch_ask_frame(0, &(struct batch_ask){100, CHANNEL, height}));
}

/* Where the first effect of the kind stands, a message's by type; -1: nowhere. */
static int position(enum effect_type type, uint16_t message_type) {
    for (size_t i = 0; i < env()->out.count; i++) {
        const struct effect *effect = &env()->out.list[i];
        struct message message;
        if (effect->type != type)
            continue;
        if (type != EFFECT_SEND ||
            (message_parse(&message, effect->frame) == OK && message.type == message_type))
            return (int)i;
    }
    return -1;
}

static struct record persisted(void) {
    int at = position(EFFECT_PERSIST, 0);
    ck_assert_int_ge(at, 0);
    const struct effect *effect = &env()->out.list[at];
    return (struct record){effect->number, frame_ref(effect->frame)};
}

/* The chain decides what waits. */
static void decide(uint64_t height) {
    struct chain *chain = &bench.continent->chain;
    struct frame *batch = mempool_batch(&chain->pool, 10, NULL, 0, PART_ALL, env_clock(env()));
    ck_assert_ptr_nonnull(batch);
    const struct decision decision = {.height = height, .batch = {batch->bytes, batch->size}};
    steps_drain(env());
    chain->consensus->client.decide(chain->consensus->client.context, &decision);
    frame_unref(batch);
}

START_TEST(f_plus_1_statements_prove_a_batch_and_one_does_not) {
    open_bench(ACK_DURABLE);
    ck_assert_int_eq(state(0, 5), OK);
    ck_assert_int_eq(position(EFFECT_SEND, 0), -1);
    ck_assert_int_eq(position(EFFECT_PERSIST, 0), -1);
    ck_assert_int_eq(state(0, 5), OK); /* the same member again */
    ck_assert_int_eq(position(EFFECT_PERSIST, 0), -1);
    ck_assert_uint_eq(bench.continent->chain.pool.waiting, 0);
    ck_assert_int_eq(state(2, 5), OK);
    ck_assert_uint_eq(bench.continent->chain.pool.waiting, 1);
    ck_assert_uint_eq(steps_sent(env(), 0, MESSAGE_BATCH_RECEIPT), 1);
    ck_assert_uint_eq(steps_sent(env(), 2, MESSAGE_BATCH_RECEIPT), 1);
    ck_assert_uint_eq(steps_sent(env(), 1, MESSAGE_BATCH_RECEIPT), 0);
    ck_assert_uint_eq(steps_sent(env(), SENDER, MESSAGE_BATCH_ACK), 2);
    close_bench();
}
END_TEST

START_TEST(statements_that_differ_are_counted_apart) {
    open_bench(ACK_DURABLE);
    ck_assert_int_eq(give(continent_batch_up, 0, statement(0, 5, 6)), OK);
    ck_assert_int_eq(give(continent_batch_up, 1, statement(1, 5, 7)), OK);
    ck_assert_int_eq(position(EFFECT_PERSIST, 0), -1);
    ck_assert_int_eq(give(continent_batch_up, 2, statement(2, 5, 6)), OK);
    ck_assert_int_ge(position(EFFECT_PERSIST, 0), 0);
    /* Now the height has its batch. */
    ck_assert_int_eq(give(continent_batch_up, 1, statement(1, 5, 7)), ERR_CONFLICT);
    ck_assert_int_eq(position(EFFECT_SEND, MESSAGE_BATCH_RECEIPT), -1);
    close_bench();
}
END_TEST

START_TEST(what_a_member_did_not_sign_is_refused) {
    open_bench(ACK_DURABLE);
    struct frame *frame = statement(0, 5, 6);
    frame->bytes[frame->size - 1] ^= 1;
    ck_assert_int_eq(give(continent_batch_up, 0, frame), ERR_SIGNATURE);
    ck_assert_int_eq(give(continent_batch_up, 1, statement(0, 5, 6)), ERR_SIGNATURE);
    ck_assert_int_eq(give(continent_batch_up, SENDER, statement(SENDER, 5, 6)), ERR_NOT_MEMBER);
    ck_assert_int_eq(state(0, 5), OK);
    ck_assert_int_eq(position(EFFECT_PERSIST, 0), -1); /* none of these counted */
    close_bench();
}
END_TEST

START_TEST(each_level_says_what_is_so) {
    open_bench(ACK_DURABLE);
    state(0, 5);
    state(1, 5);
    ck_assert_int_lt(position(EFFECT_PERSIST, 0), position(EFFECT_SEND, MESSAGE_BATCH_ACK));
    ck_assert_int_lt(position(EFFECT_PERSIST, 0), position(EFFECT_SEND, MESSAGE_BATCH_RECEIPT));
    decide(1);
    ck_assert_int_eq(position(EFFECT_SEND, MESSAGE_BATCH_ACK), -1); /* told already */
    close_bench();
    open_bench(ACK_RECEIVED);
    state(0, 5);
    state(1, 5);
    int ack = position(EFFECT_SEND, MESSAGE_BATCH_ACK);
    ck_assert_int_ge(ack, 0);
    ck_assert_int_lt(ack, position(EFFECT_PERSIST, 0)); /* told before, made durable all the same */
    ck_assert_int_lt(position(EFFECT_PERSIST, 0), position(EFFECT_SEND, MESSAGE_BATCH_RECEIPT));
    close_bench();
    open_bench(ACK_ORDERED);
    state(0, 5);
    state(1, 5);
    ck_assert_int_ge(position(EFFECT_PERSIST, 0), 0);
    ck_assert_int_eq(position(EFFECT_SEND, MESSAGE_BATCH_ACK), -1);
    ck_assert_int_eq(ask(5), ERR_UNKNOWN);
    decide(1);
    ck_assert_uint_eq(steps_sent(env(), SENDER, MESSAGE_BATCH_ACK), 2);
    ck_assert_int_eq(ask(5), OK);
    ck_assert_uint_eq(steps_sent(env(), SENDER, MESSAGE_BATCH_ACK), 1);
    close_bench();
}
END_TEST

/* Before the order and after it, as often as it takes. */
START_TEST(whoever_asks_again_is_answered_again) {
    open_bench(ACK_DURABLE);
    ck_assert_int_eq(ask(5), ERR_UNKNOWN);
    state(0, 5);
    state(1, 5);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(state(0, 5), OK);
        ck_assert_uint_eq(steps_sent(env(), 0, MESSAGE_BATCH_RECEIPT), 1);
        ck_assert_int_eq(state(3, 5), OK);
        ck_assert_uint_eq(steps_sent(env(), 3, MESSAGE_BATCH_RECEIPT), 1);
        ck_assert_int_eq(ask(5), OK);
        ck_assert_uint_eq(steps_sent(env(), SENDER, MESSAGE_BATCH_ACK), 1);
        if (round == 1)
            decide(1);
    }
    ck_assert_int_eq(ask(6), ERR_UNKNOWN);
    close_bench();
}
END_TEST

START_TEST(a_new_life_has_its_batches_back_until_they_are_ordered) {
    open_bench(ACK_DURABLE);
    state(0, 5);
    state(1, 5);
    struct record record = persisted();
    stop();
    start(&record, 1);
    ck_assert_uint_eq(bench.continent->chain.pool.waiting, 1); /* put up again */
    ck_assert_int_eq(state(2, 5), OK);
    ck_assert_uint_eq(steps_sent(env(), 2, MESSAGE_BATCH_RECEIPT), 1);
    ck_assert_int_eq(ask(5), OK);
    decide(1);
    ck_assert_uint_eq(bench.continent->backlog_count, 0);
    frame_unref(record.frame);
    close_bench();
}
END_TEST

/* Slots are as many as batches ever waited at once. */
START_TEST(an_ordered_batch_gives_its_slot_to_the_next) {
    open_bench(ACK_DURABLE);
    state(0, 5);
    state(1, 5);
    struct record first = persisted();
    state(0, 6);
    state(1, 6);
    struct record second = persisted();
    ck_assert_uint_ne(first.slot, second.slot);
    decide(1);
    for (uint64_t height = 7; height < 60; height++) {
        state(0, height);
        state(1, height);
        struct record record = persisted();
        ck_assert(record.slot == first.slot || record.slot == second.slot);
        frame_unref(record.frame);
        decide(height);
    }
    frame_unref(first.frame);
    frame_unref(second.frame);
    close_bench();
}
END_TEST

/* An item for the chain with the signatures of the first @count members. */
static struct frame *item_of(uint32_t count, struct digest *key) {
    struct batch_up up = {CHANNEL, 5, {{6}}, 2, origins};
    struct batch_item item = {.up = up, .signature_count = count};
    struct frame *frames[CITY];
    size_t signature_bytes = identity_signature_bytes(env());
    for (uint16_t i = 0; i < count; i++) {
        frames[i] = statement(i, 5, 6);
        item.signers[i] = i;
        item.signatures[i] = frames[i]->bytes + frames[i]->size - signature_bytes;
    }
    item.signed_bytes = frames[0]->size - MESSAGE_HEADER_BYTES - signature_bytes;
    struct frame *out =
        batch_item_frame(&item, frames[0]->bytes + MESSAGE_HEADER_BYTES, signature_bytes);
    identity_hash(env(), key, out->bytes, item.signed_bytes);
    for (uint32_t i = 0; i < count; i++)
        frame_unref(frames[i]);
    return out;
}

static bool valid(const struct digest *key, const struct frame *item) {
    const struct chain *chain = &bench.continent->chain;
    return chain->client.valid(chain->client.context, key, item->bytes, item->size);
}

START_TEST(an_item_carries_its_proof) {
    open_bench(ACK_DURABLE);
    struct digest key, other = {{1}};
    struct frame *enough = item_of(2, &key), *few = item_of(1, &key);
    ck_assert(valid(&key, enough));
    ck_assert(!valid(&other, enough));
    ck_assert(!valid(&key, few));
    enough->bytes[enough->size - 1] ^= 1;
    ck_assert(!valid(&key, enough)); /* a signature is wrong */
    state(0, 5);
    state(1, 5);
    ck_assert(valid(&key, few)); /* proven here */
    frame_unref(enough);
    frame_unref(few);
    close_bench();
}
END_TEST

Suite *continent_suite(void) {
    Suite *suite = suite_create("continent");
    TCase *tests = tcase_create("continent");
    tcase_add_test(tests, f_plus_1_statements_prove_a_batch_and_one_does_not);
    tcase_add_test(tests, statements_that_differ_are_counted_apart);
    tcase_add_test(tests, what_a_member_did_not_sign_is_refused);
    tcase_add_test(tests, each_level_says_what_is_so);
    tcase_add_test(tests, whoever_asks_again_is_answered_again);
    tcase_add_test(tests, a_new_life_has_its_batches_back_until_they_are_ordered);
    tcase_add_test(tests, an_ordered_batch_gives_its_slot_to_the_next);
    tcase_add_test(tests, an_item_carries_its_proof);
    suite_add_tcase(suite, tests);
    return suite;
}
