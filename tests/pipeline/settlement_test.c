/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sender's transfers to other cities, driven by hand: node 20 of city 1, one of three. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "pipeline/settlement.h"
#include "tests/lib/steps.h"

#define SENDER 20

static const node_id members[3][4] = {{0, 1, 2, 3}, {10, 11, 12, 13}, {30, 31, 32, 33}};
static const struct committee committees[3] = {{members[0], 4}, {members[1], 4}, {members[2], 4}};
static const struct shard_map map = {0, 3, 0, committees};
static const struct settlement_city cities[3] = {{0, 10}, {10, 20}, {30, 30}};

struct bench {
    struct process process;
    struct key_directory directory;
    struct identity identity;
    struct settlement settlement;
    int error;
};

static void step(struct process *process, const struct event *event) {
    struct bench *bench = container_of(process, struct bench, process);
    struct message message;
    if (event->type == EVENT_SUBMIT)
        settlement_submit(&bench->settlement, event->transaction);
    else if (event->type == EVENT_MESSAGE && message_parse(&message, event->frame) == OK)
        bench->error = settlement_result(&bench->settlement, event->from, &message);
}

static void bench_init(struct bench *bench, uint32_t share) {
    *bench = (struct bench){.process.step = step};
    struct settlement_config config = {
        .map = &map, .cities = cities, .city = 1, .share = share, .retry = NS_PER_S};
    key_directory_init(&bench->directory, suite_find("ed25519", "modelled"), 60, 1);
    env_init(&bench->process.env, SENDER, 1);
    identity_init(&bench->identity, &bench->directory, SENDER);
    bench->process.env.identity = &bench->identity;
    settlement_init(&bench->settlement, &bench->process.env, &config);
}

static void bench_deinit(struct bench *bench) {
    settlement_deinit(&bench->settlement);
    identity_deinit(&bench->identity);
    env_deinit(&bench->process.env);
    key_directory_deinit(&bench->directory);
}

static void submit(struct bench *bench, uint64_t transaction) {
    struct event event = {.type = EVENT_SUBMIT, .transaction = transaction};
    steps_drain(&bench->process.env);
    process_step(&bench->process, &event, bench->process.env.now);
}

/* What the last step sent to @to as PREPARE; false when nothing. */
static bool sent(const struct bench *bench, node_id to, struct shard_prepare *prepare) {
    const struct effects *out = &bench->process.env.out;
    for (size_t i = 0; i < out->count; i++) {
        struct message message;
        if (out->list[i].type == EFFECT_SEND && out->list[i].number == to &&
            message_parse(&message, out->list[i].frame) == OK &&
            message.type == MESSAGE_SHARD_PREPARE) {
            ck_assert_int_eq(shard_prepare_decode(prepare, &message,
                                                  identity_signature_bytes(&bench->process.env)),
                             OK);
            return true;
        }
    }
    return false;
}

static const struct effect *traced(const struct bench *bench, enum trace_point point) {
    const struct effects *out = &bench->process.env.out;
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].type == EFFECT_TRACE && out->list[i].number == point)
            return &out->list[i];
    return NULL;
}

/* The own city's members say how the present transfer ended. */
static void answer(struct bench *bench, uint32_t count, bool commit) {
    struct shard_result result = {commit ? SHARD_COMMIT : SHARD_ABORT,
                                  bench->settlement.request.session};
    for (uint32_t i = 0; i < count; i++)
        steps_message(&bench->process, members[1][i], bench->process.env.now,
                      shard_result_encode(&result, 1));
}

/* Receivers live in other cities, in proportion to how many live there; the transfer is signed,
 * balanced and goes to all members of both cities. */
START_TEST(receivers_live_elsewhere) {
    struct bench bench;
    uint32_t first = 0;
    bench_init(&bench, 1000000);
    for (uint64_t i = 0; i < 2000; i++) {
        struct shard_prepare prepare;
        submit(&bench, i);
        node_id receiver = (node_id)traced(&bench, TRACE_TX_TRANSFER)->b;
        ck_assert(receiver < 10 || (receiver >= 30 && receiver < 60));
        uint16_t city = receiver < 10 ? 0 : 2;
        first += city == 0;
        for (int k = 0; k < 4; k++) {
            ck_assert(sent(&bench, members[city][k], &prepare));
            ck_assert(sent(&bench, members[1][k], &prepare));
            ck_assert(!sent(&bench, members[2 - city][k], &prepare));
        }
        ck_assert_uint_eq(transfer_home(&prepare.transfer), 1);
        ck_assert_uint_eq(settlement_transaction(prepare.transfer.number), i);
        bench.process.env.stepping = true;
        ck_assert(transfer_verify(&bench.process.env, &prepare.transfer,
                                  &bench.settlement.request.session));
        bench.process.env.stepping = false;
        answer(&bench, 2, true);
    }
    ck_assert_uint_ge(first, 500 - 78); /* 4 standard deviations of 19.4 */
    ck_assert_uint_le(first, 500 + 78);
    bench_deinit(&bench);
}
END_TEST

START_TEST(only_the_share_crosses) {
    struct bench bench;
    uint32_t crossing = 0;
    bench_init(&bench, 100000);
    for (uint64_t i = 0; i < 10000; i++) {
        submit(&bench, i);
        crossing += traced(&bench, TRACE_TX_TRANSFER) != NULL;
        if (bench.settlement.count > 0)
            answer(&bench, 2, true);
    }
    ck_assert_uint_ge(crossing, 1000 - 120); /* 4 standard deviations of 30 */
    ck_assert_uint_le(crossing, 1000 + 120);
    bench_deinit(&bench);
}
END_TEST

/* The second one waits for the first: both would lock the same account. */
START_TEST(one_at_a_time_in_rising_order) {
    struct bench bench;
    struct shard_prepare prepare;
    bench_init(&bench, 1000000);
    submit(&bench, 4);
    ck_assert(sent(&bench, 10, &prepare));
    submit(&bench, 7);
    ck_assert(!sent(&bench, 10, &prepare));
    answer(&bench, 1, true); /* one member is not f + 1 */
    ck_assert_uint_eq(bench.settlement.count, 2);
    answer(&bench, 2, true);
    ck_assert_uint_eq(bench.settlement.count, 1);
    ck_assert(sent(&bench, 10, &prepare));
    ck_assert_uint_eq(settlement_transaction(prepare.transfer.number), 7);
    bench_deinit(&bench);
}
END_TEST

/* A transaction may be ordered after a later one of its sender: the home shard takes rising numbers
 * only, and would never answer a lower one. */
START_TEST(numbers_rise_in_any_order) {
    static const uint64_t order[] = {7, 4, 3, 9, 8};
    struct bench bench;
    struct shard_prepare prepare;
    uint64_t last = 0;
    bench_init(&bench, 1000000);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        submit(&bench, order[i]);
        ck_assert(sent(&bench, 10, &prepare));
        ck_assert_uint_gt(prepare.transfer.number, last);
        ck_assert_uint_eq(settlement_transaction(prepare.transfer.number), order[i]);
        ck_assert_uint_eq(settlement_attempt(prepare.transfer.number), 0);
        last = prepare.transfer.number;
        answer(&bench, 2, true);
    }
    bench_deinit(&bench);
}
END_TEST

START_TEST(aborted_transfers_are_tried_again) {
    struct bench bench;
    struct shard_prepare prepare;
    uint64_t last = 0;
    bench_init(&bench, 1000000);
    submit(&bench, 4);
    submit(&bench, 5);
    for (uint32_t i = 0; i < SETTLEMENT_ATTEMPTS; i++) {
        if (i > 0) {
            time_ns due = timers_deadline(&bench.process.env.timers);
            ck_assert_int_gt(due, bench.process.env.now);
            steps_timer(&bench.process, due);
            ck_assert(sent(&bench, 10, &prepare));
            ck_assert_uint_gt(prepare.transfer.number, last);
            ck_assert_uint_eq(settlement_transaction(prepare.transfer.number), 4);
            ck_assert_uint_eq(settlement_attempt(prepare.transfer.number), i);
            last = prepare.transfer.number;
        }
        answer(&bench, 2, false);
    }
    ck_assert_ptr_nonnull(traced(&bench, TRACE_TX_UNSETTLED));
    ck_assert(sent(&bench, 10, &prepare)); /* the next one has its turn */
    ck_assert_uint_gt(prepare.transfer.number, last);
    ck_assert_uint_eq(settlement_transaction(prepare.transfer.number), 5);
    bench_deinit(&bench);
}
END_TEST

START_TEST(the_queue_is_bounded) {
    struct bench bench;
    bench_init(&bench, 1000000);
    for (uint64_t i = 0; i < LIMIT_OPEN_TRANSACTIONS; i++)
        submit(&bench, i);
    ck_assert_ptr_null(traced(&bench, TRACE_TX_UNSETTLED));
    submit(&bench, LIMIT_OPEN_TRANSACTIONS);
    ck_assert_ptr_nonnull(traced(&bench, TRACE_TX_UNSETTLED));
    ck_assert_uint_eq(bench.settlement.count, LIMIT_OPEN_TRANSACTIONS);
    bench_deinit(&bench);
}
END_TEST

Suite *settlement_suite(void) {
    Suite *suite = suite_create("settlement");
    TCase *tests = tcase_create("settlement");
    tcase_add_test(tests, receivers_live_elsewhere);
    tcase_add_test(tests, only_the_share_crosses);
    tcase_add_test(tests, one_at_a_time_in_rising_order);
    tcase_add_test(tests, numbers_rise_in_any_order);
    tcase_add_test(tests, aborted_transfers_are_tried_again);
    tcase_add_test(tests, the_queue_is_bounded);
    suite_add_tcase(suite, tests);
    return suite;
}
