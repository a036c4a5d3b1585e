/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold in whole nodes: promises, audits, liars, expiry. Node 0 … of a small city in the
 * test loop; nothing costs time, so that every count is exact. */
#include <check.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hold/audit.h"
#include "pipeline/hold_messages.h"
#include "tests/lib/small_world.h"

#define NEEDED 6
#define BLOCKS 20 /* of each piece */
#define SIZE   (NEEDED * BLOCKS * AUDIT_BLOCK_BYTES)
#define TTL    (10 * NS_PER_S)

static struct small_world small;

/* The answers that were seen so far, by digest. */
static struct {
    struct digest seen[64];
    size_t count;
    size_t repeated;
} answers;

static void open_world(const char *pipeline, uint64_t seed) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nduration: 1 s\nwarmup: 0 s\n"
             "places: [{id: komatsu, nodes: 30}]\n"
             "city: {committee: 4, batch: {size: 8, delay: 2 ms}}\n"
             "continent: {committee: 4, places: [tokyo]}\n"
             "pipeline: {%s}\n"
             "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n",
             pipeline);
    answers.count = answers.repeated = 0;
    small = (struct small_world){0};
    small_world_open(&small, yaml, seed);
}

static void everyone_forgets(uint32_t share_ppm) {
    for (node_id node = 0; node < small.world.node_count; node++)
        node_forget(small_world_node(&small, node), share_ppm);
}

/* What is still remembered of transactions, by anybody. */
static size_t remembered(void) {
    size_t sum = 0;
    for (node_id node = 0; node < small.world.node_count; node++) {
        const struct holder *holder = node_holder(small_world_node(&small, node));
        const struct sender *sender = node_sender(small_world_node(&small, node));
        if (holder != NULL)
            sum += holder_count(holder) + piece_index_count(&sender->index) +
                   sender->auditor.count + (sender->open != NULL);
    }
    return sum;
}

START_TEST(honest_holders_never_fail) {
    open_world("hold_ttl: 10 s, audit: {share: 100 %, blocks: 16}", 3);
    small_world_submit(&small, 60, SIZE, 20 * NS_PER_MS);
    small_world_run(&small, 3 * NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 60);
    ck_assert_uint_gt(remembered(), 60);
    small_world_run(&small, 40 * NS_PER_S);
    ck_assert_uint_ge(small.points[TRACE_AUDIT_ASKED], 60 * 7);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_PASSED], small.points[TRACE_AUDIT_ASKED]);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_LATE], 0);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_WRONG], 0);
    small_world_close(&small);
}
END_TEST

static const char *const indexes[] = {"cuckoo", "bloom"};

START_TEST(what_has_expired_is_forgotten) {
    char pipeline[96];
    snprintf(pipeline, sizeof pipeline, "hold_ttl: 10 s, index: %s, audit: {share: 50 %%}",
             indexes[_i]);
    open_world(pipeline, 4);
    small_world_submit(&small, 40, SIZE, 100 * NS_PER_MS);
    small_world_run(&small, 4500 * NS_PER_MS);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 40);
    ck_assert_uint_eq(small.points[TRACE_HOLD_EXPIRED], 0);
    ck_assert_uint_ge(remembered(), 2 * 40 * 10); /* pieces held, and pieces in an index */
    small_world_run(&small, 4 * NS_PER_S + TTL + 2 * NS_PER_S);
    for (node_id node = 0; node < small.world.places[0].users; node++)
        ck_assert_uint_eq(holder_count(node_holder(small_world_node(&small, node))), 0);
    small_world_run(&small, 4 * NS_PER_S + 2 * TTL + 2 * NS_PER_S);
    ck_assert_uint_eq(remembered(), 0); /* a Bloom generation lasts up to twice as long */
    ck_assert_uint_eq(small_world_dropped(&small, 0, ERR_UNKNOWN), 0);
    small_world_close(&small);
}
END_TEST

/* Loses each answer's first copy, and compares the second with it. */
static bool lose_first_answer(void *context, node_id from, node_id to,
                              const struct message *message) {
    struct digest id;
    if (message->type != MESSAGE_HOLD_ACK)
        return false;
    crypto_generichash(id.bytes, sizeof id.bytes, message->body, message->size, NULL, 0);
    for (size_t i = 0; i < answers.count; i++)
        if (memcmp(&answers.seen[i], &id, sizeof id) == 0) {
            answers.repeated++;
            return false;
        }
    ck_assert_uint_lt(answers.count, ARRAY_LEN(answers.seen));
    answers.seen[answers.count++] = id;
    return true;
}

/* One encapsulation for each promise: who asks again gets the same bytes. */
START_TEST(a_repeated_request_gets_the_same_answer) {
    open_world("retry: 100 ms", 5);
    small.lose = lose_first_answer;
    small_world_submit(&small, 4, 500, 10 * NS_PER_MS);
    small_world_run(&small, 5 * NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 4);
    ck_assert_uint_eq(answers.count, 4 * 10);
    ck_assert_uint_ge(answers.repeated, 4 * 10);
    small_world_close(&small);
}
END_TEST

static uint64_t dropped_answers(int reason) {
    return small_world_dropped(&small, MESSAGE_HOLD_ACK, reason);
}

/* Late answers and strange ones are told apart without a decapsulation. */
START_TEST(stray_answers_are_dropped_by_the_index) {
    struct writer writer;
    open_world("hold_ttl: 10 s", 6);
    small_world_submit(&small, 1, 500, NS_PER_MS);
    small_world_run(&small, NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 1);
    ck_assert_uint_eq(dropped_answers(ERR_STALE), 3); /* ten answers, seven awaited */
    const node_id sender = world_user(&small.world, 0, 0), stranger = sender + 1;
    for (uint64_t number = 0; number < 2; number++) {
        size_t size = 10 + promise_sealed_bytes(small.world.directory.suite);
        struct frame *frame = message_new(MESSAGE_HOLD_ACK, 0, size, &writer);
        write_u64(&writer, number);
        loop_inject(small.loop, stranger, sender, 2 * NS_PER_S, frame);
    }
    small_world_run(&small, 3 * NS_PER_S);
    ck_assert_uint_eq(dropped_answers(ERR_STALE), 4);
    ck_assert_uint_eq(dropped_answers(ERR_UNKNOWN), 1);
    small_world_close(&small);
}
END_TEST

/* Requests take 1 ms, promises another; at 3 ms the record is there and the hold over. */
START_TEST(records_of_expired_holds_are_refused) {
    open_world("hold_ttl: 3 ms", 8);
    small_world_submit(&small, 1, 500, NS_PER_MS);
    small_world_run(&small, 500 * NS_PER_MS);
    ck_assert_uint_eq(small.points[TRACE_TX_S4], 1);
    ck_assert_uint_eq(small.points[TRACE_TX_ORDERED], 0);
    ck_assert_uint_eq(small_world_dropped(&small, MESSAGE_TX_SUBMIT, ERR_EXPIRED), 4);
    small_world_close(&small);
}
END_TEST

START_TEST(who_is_gone_is_late) {
    open_world("hold_ttl: 10 s, audit: {share: 100 %, deadline: 200 ms}", 7);
    small_world_submit(&small, 20, SIZE, 10 * NS_PER_MS);
    small_world_run(&small, 2 * NS_PER_S); /* audits spread over 10 s */
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 20);
    const uint64_t passed = small.points[TRACE_AUDIT_PASSED];
    for (node_id node = 20; node < small.world.places[0].users; node++)
        loop_crash(small.loop, node); /* holders that are no senders */
    small_world_run(&small, 20 * NS_PER_S);
    ck_assert_uint_gt(passed, 0);
    ck_assert_uint_gt(small.points[TRACE_AUDIT_PASSED], passed);
    ck_assert_uint_gt(small.points[TRACE_AUDIT_LATE], 9);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_WRONG], 0);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_PASSED] + small.points[TRACE_AUDIT_LATE],
                      small.points[TRACE_AUDIT_ASKED]);
    small_world_close(&small);
}
END_TEST

static const struct lie {
    uint32_t lost; /* of BLOCKS */
    uint16_t asked;
} lies[] = {{2, 1}, {2, 7}, {6, 1}, {6, 4}, {10, 1}, {10, 3}, {1, 16}};

START_TEST(liars_are_found_as_often_as_the_formula_says) {
    char pipeline[96];
    const struct lie *lie = &lies[_i];
    snprintf(pipeline, sizeof pipeline, "hold_ttl: 10 s, audit: {share: 100 %%, blocks: %u}",
             lie->asked);
    open_world(pipeline, 50 + (uint64_t)_i);
    everyone_forgets(1000000 / BLOCKS * lie->lost);
    small_world_submit(&small, 100, SIZE, 10 * NS_PER_MS);
    small_world_run(&small, 40 * NS_PER_S);
    const double audits = (double)small.points[TRACE_AUDIT_ASKED];
    const double found = (double)small.points[TRACE_AUDIT_WRONG];
    const double chance = 1 - pow(1 - (double)lie->lost / BLOCKS, lie->asked);
    ck_assert_uint_ge(small.points[TRACE_AUDIT_ASKED], 100 * 7);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_LATE], 0);
    ck_assert_uint_eq(small.points[TRACE_AUDIT_PASSED] + small.points[TRACE_AUDIT_WRONG],
                      small.points[TRACE_AUDIT_ASKED]);
    const double band = 3.29 * sqrt(chance * (1 - chance) / audits);
    ck_assert_msg(fabs(found / audits - chance) <= band, "%.4f of %.0f, not %.4f +- %.4f",
                  found / audits, audits, chance, band);
    ck_assert_uint_eq(small_world_dropped(&small, MESSAGE_AUDIT_RESPONSE, ERR_PROOF),
                      small.points[TRACE_AUDIT_WRONG]);
    small_world_close(&small);
}
END_TEST

Suite *audits_suite(void) {
    Suite *suite = suite_create("audits");
    TCase *tcase = tcase_create("audits");
    tcase_set_timeout(tcase, 20);
    tcase_add_test(tcase, honest_holders_never_fail);
    tcase_add_loop_test(tcase, what_has_expired_is_forgotten, 0, ARRAY_LEN(indexes));
    tcase_add_test(tcase, a_repeated_request_gets_the_same_answer);
    tcase_add_test(tcase, stray_answers_are_dropped_by_the_index);
    tcase_add_test(tcase, records_of_expired_holds_are_refused);
    tcase_add_test(tcase, who_is_gone_is_late);
    tcase_add_loop_test(tcase, liars_are_found_as_often_as_the_formula_says, 0, ARRAY_LEN(lies));
    suite_add_tcase(suite, tcase);
    return suite;
}
