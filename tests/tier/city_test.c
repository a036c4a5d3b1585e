/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A member's finished batches on their way up, repetition by repetition, and what is enough. */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"
#include "tier/uplink.h"

enum { SELF, FIRST, REPRESENTATIVES = 4, COMPANY = FIRST + REPRESENTATIVES };

#define RETRY   (100 * NS_PER_MS)
#define CHANNEL 3

struct bench {
    struct process process; /* first; its env stands for the member's */
    struct company company;
    node_id representatives[REPRESENTATIVES];
    struct uplink uplink;
};

static struct bench bench;
static const uint16_t apart[REPRESENTATIVES] = {0, 0, 1, 1};
static struct batch_origin origin = {7, 70};

static void no_step(struct process *process, const struct event *event) {
}

static struct env *env(void) {
    return &bench.process.env;
}

static void open_bench(const uint16_t *places) {
    bench = (struct bench){.process.step = no_step};
    company_init(&bench.company, COMPANY, "ed25519", "modelled");
    env_init(env(), SELF, 1);
    env()->stepping = true; /* takes effects between steps, too */
    env()->identity = &bench.company.identities[SELF];
    for (node_id i = 0; i < REPRESENTATIVES; i++)
        bench.representatives[i] = FIRST + i;
    uplink_init(&bench.uplink,
                &(struct uplink_config){
                    env(), {bench.representatives, REPRESENTATIVES}, {2, places}, RETRY});
}

static void close_bench(void) {
    uplink_deinit(&bench.uplink);
    ck_assert_int_eq(timers_deadline(&env()->timers), TIME_NEVER);
    steps_drain(env());
    env_deinit(env());
    company_deinit(&bench.company);
}

static struct batch_up statement(uint64_t height) {
    return (struct batch_up){CHANNEL, height, {{9}}, 1, &origin};
}

static void send(uint64_t height) {
    const struct batch_up up = statement(height);
    steps_drain(env());
    uplink_send(&bench.uplink, &up);
}

static int receipt(node_id from, uint64_t height, uint8_t flaw) {
    const struct batch_up up = statement(height);
    struct batch_receipt receipt = {.channel = CHANNEL, .height = height};
    struct message message;
    frame_unref(batch_up_frame(&bench.company.envs[SELF], &up, &receipt.key));
    steps_drain(&bench.company.envs[SELF]);
    receipt.key.bytes[0] ^= flaw;
    struct frame *frame = batch_receipt_frame(&receipt);
    ck_assert_int_eq(message_parse(&message, frame), OK);
    steps_drain(env());
    int error = uplink_receipt(&bench.uplink, from, &message);
    frame_unref(frame);
    return error;
}

static size_t sent(uint32_t representative) {
    return steps_sent(env(), FIRST + representative, MESSAGE_BATCH_UP);
}

static void tick(void) {
    env()->stepping = false;
    steps_timer(&bench.process, timers_deadline(&env()->timers));
    env()->stepping = true;
}

START_TEST(it_goes_up_again_to_those_that_have_not_answered) {
    open_bench(NULL);
    send(1);
    for (uint32_t i = 0; i < REPRESENTATIVES; i++)
        ck_assert_uint_eq(sent(i), 1);
    ck_assert_int_eq(timers_deadline(&env()->timers), RETRY);
    ck_assert_int_eq(receipt(FIRST + 1, 1, 0), OK);
    tick();
    ck_assert_uint_eq(sent(0), 1);
    ck_assert_uint_eq(sent(1), 0);
    ck_assert_uint_eq(sent(3), 1);
    for (int i = 0; i < 20; i++) { /* without end */
        tick();
        ck_assert_uint_eq(sent(0), 1);
    }
    ck_assert_int_eq(receipt(FIRST + 3, 1, 0), OK);
    ck_assert_uint_eq(uplink_count(&bench.uplink), 0);
    ck_assert_int_eq(timers_deadline(&env()->timers), TIME_NEVER);
    ck_assert_int_eq(receipt(FIRST + 0, 1, 0), OK); /* late */
    close_bench();
}
END_TEST

START_TEST(one_answer_is_not_enough_and_one_place_neither) {
    open_bench(apart);
    send(1);
    ck_assert_int_eq(receipt(FIRST, 1, 0), OK);
    ck_assert_int_eq(receipt(FIRST, 1, 0), OK);
    ck_assert_uint_eq(uplink_count(&bench.uplink), 1);
    ck_assert_int_eq(receipt(FIRST + 1, 1, 0), OK); /* of the same place */
    ck_assert_uint_eq(uplink_count(&bench.uplink), 1);
    ck_assert_int_eq(receipt(FIRST + 2, 1, 0), OK);
    ck_assert_uint_eq(uplink_count(&bench.uplink), 0);
    close_bench();
}
END_TEST

START_TEST(answers_to_something_else_do_not_count) {
    open_bench(NULL);
    send(1);
    ck_assert_int_eq(receipt(FIRST, 1, 1), ERR_MISMATCH);
    ck_assert_int_eq(receipt(FIRST + 1, 1, 1), ERR_MISMATCH);
    ck_assert_int_eq(receipt(SELF, 1, 0), ERR_NOT_MEMBER);
    ck_assert_int_eq(receipt(FIRST, 2, 0), OK); /* of a batch that is not under way */
    ck_assert_int_eq(receipt(FIRST + 1, 2, 0), OK);
    ck_assert_uint_eq(uplink_count(&bench.uplink), 1);
    close_bench();
}
END_TEST

START_TEST(a_window_is_under_way_and_the_others_follow_in_order) {
    open_bench(NULL);
    for (uint64_t height = 1; height <= UPLINK_WINDOW; height++) {
        send(height);
        ck_assert_uint_eq(sent(0), 1);
    }
    send(UPLINK_WINDOW + 1);
    send(UPLINK_WINDOW + 2);
    ck_assert_uint_eq(sent(0), 0);
    ck_assert_uint_eq(uplink_count(&bench.uplink), UPLINK_WINDOW + 2);
    receipt(FIRST, 500, 0);
    receipt(FIRST + 1, 500, 0);
    ck_assert_uint_eq(sent(2), 1); /* the first that waited */
    ck_assert_uint_eq(uplink_count(&bench.uplink), UPLINK_WINDOW + 1);
    receipt(FIRST, UPLINK_WINDOW + 1, 0);
    receipt(FIRST + 1, UPLINK_WINDOW + 1, 0);
    ck_assert_uint_eq(sent(2), 1);
    ck_assert_uint_eq(uplink_count(&bench.uplink), UPLINK_WINDOW);
    close_bench();
}
END_TEST

Suite *city_suite(void) {
    Suite *suite = suite_create("city");
    TCase *tests = tcase_create("uplink");
    tcase_add_test(tests, it_goes_up_again_to_those_that_have_not_answered);
    tcase_add_test(tests, one_answer_is_not_enough_and_one_place_neither);
    tcase_add_test(tests, answers_to_something_else_do_not_count);
    tcase_add_test(tests, a_window_is_under_way_and_the_others_follow_in_order);
    suite_add_tcase(suite, tests);
    return suite;
}
