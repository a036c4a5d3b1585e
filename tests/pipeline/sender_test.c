/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sender's hops one by one, with whole nodes around it: what is not answered is asked again, of
 * whom, how long, and what a transaction ends with when there is no answer. */
#include <check.h>
#include <string.h>

#include "pipeline/gateway.h"
#include "tests/lib/small_world.h"
#include "tier/batch.h"

#define ORIGIN 0 /* the node that small_world_submit takes first */

#define WORLD(pipeline, continent)                                                                 \
    "schema: 1\nduration: 1 s\nwarmup: 0 s\n"                                                      \
    "places: [{id: komatsu, nodes: 12}]\n"                                                         \
    "city: {committee: 4, consensus: pbft}\n"                                                      \
    "continent: {committee: 4, consensus: pbft, " continent "}\n"                                  \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4, " pipeline "}\n"         \
    "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n"                                \
    "overlay: {use: off}\n"

/* What a test loses, and what it saw on the way. */
struct watch {
    struct small_world small;
    uint16_t lost;         /* messages of this type … */
    node_id from, to;      /* … from and to this node; NODE_NONE: any */
    time_ns until;         /* … so long */
    uint32_t kept;         /* … but so many of them */
    node_id receivers[64]; /* of messages of that type */
    uint32_t count;
};

static bool lose(void *context, node_id from, node_id to, const struct message *message) {
    struct watch *watch = context;
    if (message->type != watch->lost || (watch->from != NODE_NONE && watch->from != from) ||
        (watch->to != NODE_NONE && watch->to != to))
        return false;
    if (watch->count < ARRAY_LEN(watch->receivers))
        watch->receivers[watch->count++] = to;
    if (loop_now(watch->small.loop) >= watch->until)
        return false;
    if (watch->kept == 0)
        return true;
    watch->kept--;
    return false;
}

static struct watch watch;

static struct small_world *open_world(const char *yaml, uint16_t lost, time_ns until) {
    watch = (struct watch){.lost = lost, .from = NODE_NONE, .to = NODE_NONE, .until = until};
    small_world_open(&watch.small, yaml, 3);
    watch.small.lose = lose;
    watch.small.context = &watch;
    return &watch.small;
}

static uint64_t reached(enum trace_point point) {
    return watch.small.points[point];
}

START_TEST(a_token_is_checked_by_the_next_member_when_one_is_silent) {
    struct small_world *small =
        open_world(WORLD("retry: 100 ms", "places: [tokyo]"), MESSAGE_TOKEN_CHECK, 600 * NS_PER_MS);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 3 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    ck_assert_uint_eq(watch.count, 4); /* at 0, 100, 300 ms in vain, then after 700 ms */
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < i; j++)
            ck_assert_uint_ne(watch.receivers[i], watch.receivers[j]);
    small_world_close(small);
}
END_TEST

/* The answer of any member that was asked counts, of no other. */
START_TEST(only_a_member_that_was_asked_vouches_for_a_token) {
    struct small_world *small =
        open_world(WORLD("retry: 10 s", "places: [tokyo]"), MESSAGE_TOKEN_OK, TIME_NEVER);
    const struct committee *city = &small->world.city_committees[0];
    uint32_t first = gateway_choose(ORIGIN, 0, 0, city->count);
    struct writer writer;
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, NS_PER_S);
    for (uint32_t i = 0; i < 2; i++) {
        struct frame *frame = message_new(MESSAGE_TOKEN_OK, 0, 8, &writer);
        write_u64(&writer, 0);
        loop_inject(small->loop, city->members[(first + 1 - i) % city->count], ORIGIN,
                    NS_PER_S + (i + 1) * NS_PER_MS, frame);
        small_world_run(small, NS_PER_S + (i + 1) * NS_PER_MS);
        ck_assert_uint_eq(reached(TRACE_TX_TOKEN), i);
    }
    ck_assert_uint_eq(small_world_dropped(small, MESSAGE_TOKEN_OK, ERR_NOT_MEMBER), 1);
    small_world_close(small);
}
END_TEST

START_TEST(holders_are_asked_again) {
    struct small_world *small =
        open_world(WORLD("retry: 100 ms", "places: [tokyo]"), MESSAGE_HOLD_ACK, 500 * NS_PER_MS);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 3 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    ck_assert_uint_eq(reached(TRACE_TX_S3), 1); /* the same round of promises */
    small_world_close(small);
}
END_TEST

/* Two of five holders are gone: once their time-out is over and the sender has read the list anew, the
 * four promises come from others whom the lot names instead. */
START_TEST(a_holder_that_has_left_is_replaced) {
    struct small_world *small =
        open_world(WORLD("retry: 100 ms}\npresence: {heartbeat: 1 s, timeout: 3 s, refresh: 1 s",
                         "places: [tokyo]"),
                   MESSAGE_HOLD_REQUEST, 50 * NS_PER_MS);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 50 * NS_PER_MS); /* the five requests are lost, and show whom to crash */
    ck_assert_uint_eq(watch.count, 5);
    uint32_t crashed = 0;
    for (uint32_t i = 0; i < 5 && crashed < 2; i++) {
        if (committee_index(&small->world.city_committees[0], watch.receivers[i]) != MEMBER_NONE)
            continue;
        loop_crash(small->loop, watch.receivers[i]);
        crashed++;
    }
    ck_assert_uint_eq(crashed, 2);
    small_world_run(small, 2 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 0);
    small_world_run(small, 12 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    ck_assert_uint_eq(reached(TRACE_TX_S3), 1);
    small_world_close(small);
}
END_TEST

/* Nobody's promise arrives for longer than promises live: a round with new ones. */
START_TEST(promises_that_would_expire_are_asked_for_anew) {
    struct small_world *small = open_world(WORLD("retry: 100 ms, hold_ttl: 1 s", "places: [tokyo]"),
                                           MESSAGE_HOLD_ACK, 2200 * NS_PER_MS);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 20 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    ck_assert_uint_gt(reached(TRACE_TX_S3), 1);
    ck_assert_uint_eq(reached(TRACE_TX_ORDERED), 4); /* once at each member */
    small_world_close(small);
}
END_TEST

static void fails_with(const char *yaml, uint16_t lost, int reason) {
    struct small_world *small = open_world(yaml, lost, TIME_NEVER);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 120 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 0);
    ck_assert_uint_eq(reached(TRACE_TX_FAILED), 1);
    ck_assert_uint_eq(small->last[TRACE_TX_FAILED].b, (uint64_t)-reason);
    small_world_close(small);
}

START_TEST(what_cannot_be_had_ends_with_its_reason) {
    fails_with(WORLD("retry: 100 ms, hold_ttl: 1 s", "places: [tokyo]"), MESSAGE_HOLD_ACK,
               ERR_NOT_ENOUGH);
    fails_with(WORLD("retry: 100 ms, hold_ttl: 1 s", "places: [tokyo]"), MESSAGE_TX_SUBMIT,
               ERR_EXPIRED);
}
END_TEST

/* What is ordered is never given up, however long the continent is silent. */
START_TEST(acknowledgements_are_asked_for_without_end) {
    struct small_world *small = open_world(WORLD("retry: 100 ms, hold_ttl: 1 s", "places: [tokyo]"),
                                           MESSAGE_BATCH_ACK, 60 * NS_PER_S);
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 59 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 0);
    ck_assert_uint_eq(reached(TRACE_TX_S5), 1);
    small_world_run(small, 64 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    small_world_close(small);
}
END_TEST

/* f + 1 = 2 of 4. */
START_TEST(one_acknowledgement_is_not_enough) {
    struct small_world *small =
        open_world(WORLD("retry: 100 ms", "places: [tokyo]"), MESSAGE_BATCH_ACK, TIME_NEVER);
    watch.kept = 1;
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_CONTINENT), 0);
    watch.until = 0;
    small_world_run(small, 4 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    small_world_close(small);
}
END_TEST

static bool far(node_id node) {
    return strcmp(watch.small.world.places[watch.small.world.place_of[node]].id, "mumbai") == 0;
}

static bool lose_far_acks(void *context, node_id from, node_id to, const struct message *message) {
    return message->type == MESSAGE_BATCH_ACK && far(from) &&
           loop_now(watch.small.loop) < watch.until;
}

/* Two representatives in each of two places: the two of one place are not enough. */
START_TEST(acknowledgements_of_one_place_are_not_enough) {
    struct small_world *small =
        open_world(WORLD("retry: 100 ms", "places: [tokyo, mumbai]"), 0, 2 * NS_PER_S);
    small->lose = lose_far_acks;
    small_world_submit(small, 1, 500, NS_PER_MS);
    small_world_run(small, 1900 * NS_PER_MS);
    ck_assert_uint_eq(reached(TRACE_TX_S5), 1);
    ck_assert_uint_eq(reached(TRACE_TX_CONTINENT), 0);
    small_world_run(small, 6 * NS_PER_S);
    ck_assert_uint_eq(reached(TRACE_TX_DONE), 1);
    small_world_close(small);
}
END_TEST

/* Signed by two representatives, as each may sign what it likes: of another height, another city, a
 * lower level. None counts; the right one does. */
START_TEST(acknowledgements_of_something_else_do_not_count) {
    static const struct {
        uint16_t channel;
        uint64_t height;
        enum ack_level level;
        uint64_t done;
    } said[] = {
        {0, 2, ACK_DURABLE, 0},
        {1, 1, ACK_DURABLE, 0},
        {0, 1, ACK_RECEIVED, 0},
        {0, 1, ACK_DURABLE, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        struct small_world *small =
            open_world(WORLD("retry: 10 s", "places: [tokyo]"), MESSAGE_BATCH_ACK, TIME_NEVER);
        small_world_submit(small, 1, 500, NS_PER_MS);
        small_world_run(small, NS_PER_S);
        ck_assert_uint_eq(reached(TRACE_TX_S5), 1);
        ck_assert_uint_eq(small->last[TRACE_TX_S5].b, 1); /* the height */
        for (uint32_t r = 0; r < 2; r++) {
            node_id from = small->world.representatives[r];
            struct env *env = &node_process(small_world_node(small, from))->env;
            uint8_t signature[LIMIT_SIGNATURE_BYTES];
            struct batch_ack ack = {said[i].channel, said[i].height, {{5}}, said[i].level, 0,
                                    signature};
            bool stepping = env->stepping;
            env->stepping = true;
            batch_ack_sign(env, &ack, signature);
            env->stepping = stepping;
            env->out.count = 0; /* what the signing charged */
            loop_inject(small->loop, from, ORIGIN, NS_PER_S + (r + 1) * NS_PER_MS,
                        batch_ack_frame(0, &ack, identity_signature_bytes(env)));
        }
        small_world_run(small, NS_PER_S + 10 * NS_PER_MS);
        ck_assert_msg(reached(TRACE_TX_DONE) == said[i].done, "row %zu", i);
        small_world_close(small);
    }
}
END_TEST

Suite *sender_suite(void) {
    Suite *suite = suite_create("sender");
    TCase *tests = tcase_create("hops");
    tcase_add_test(tests, a_token_is_checked_by_the_next_member_when_one_is_silent);
    tcase_add_test(tests, only_a_member_that_was_asked_vouches_for_a_token);
    tcase_add_test(tests, holders_are_asked_again);
    tcase_add_test(tests, a_holder_that_has_left_is_replaced);
    tcase_add_test(tests, promises_that_would_expire_are_asked_for_anew);
    tcase_add_test(tests, what_cannot_be_had_ends_with_its_reason);
    tcase_add_test(tests, acknowledgements_are_asked_for_without_end);
    tcase_add_test(tests, one_acknowledgement_is_not_enough);
    tcase_add_test(tests, acknowledgements_of_one_place_are_not_enough);
    tcase_add_test(tests, acknowledgements_of_something_else_do_not_count);
    suite_add_tcase(suite, tests);
    return suite;
}
