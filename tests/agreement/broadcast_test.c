/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable broadcast: costs, delivery, and restarts; rule by rule in broadcast_rules_test.c. */
#include "agreement/broadcast.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/broadcast_world.h"
#include "tests/lib/property.h"

static void assert_message_delivered(const struct broadcast_world *world) {
    for (uint32_t i = 0; i < world->count; i++) {
        if (broadcast_world_is_faulty(world, i))
            continue;
        ck_assert_uint_eq(world->members[i].delivered, 1);
        ck_assert_uint_eq(world->members[i].size, world->message_size);
        ck_assert_mem_eq(world->members[i].bytes, world->message, world->message_size);
    }
}

/* checks.md 5.1, 5.2: 3 hops, (n - 1)(2n + 1) messages; all sizes. */
START_TEST(three_hops_and_exact_counts) {
    for (uint32_t n = 1; n <= BROADCAST_MEMBERS; n++) {
        struct broadcast_world *world = broadcast_world_new(n, 0, n);
        broadcast_world_ask(world, 0, BROADCAST_INPUT, 0);
        broadcast_world_run(world);
        assert_message_delivered(world);
        for (uint32_t i = 0; i < n && n >= 4; i++) /* with f = 0 some know earlier */
            ck_assert_uint_eq(world->members[i].hop, 3);
        ck_assert_uint_eq(world->sent[0], n - 1);
        ck_assert_uint_eq(world->sent[1], n * (n - 1));
        ck_assert_uint_eq(world->sent[2], n * (n - 1));
        ck_assert_uint_eq(world->sent[0] + world->sent[1] + world->sent[2], (n - 1) * (2 * n + 1));
        broadcast_world_free(world);
    }
}
END_TEST

/* A correct sender is heard whatever the order, with f members silent. */
START_TEST(correct_sender_reaches_all) {
    for (uint64_t seed = 0; seed < 2000; seed++) {
        const uint32_t n = 4 + 3 * (uint32_t)(seed % 3);
        struct broadcast_world *world = broadcast_world_new(n,
                                                            n == 4   ? 2
                                                            : n == 7 ? 0x12
                                                                     : 0x92,
                                                            seed);
        broadcast_world_ask(world, 0, BROADCAST_INPUT, 0);
        broadcast_world_run_at_random(world);
        assert_message_delivered(world);
        broadcast_world_free(world);
    }
}
END_TEST

/* checks.md RB-1: pieces that are no codeword under one root. All abort, or nobody gets so far; with
 * the unchecked rule members deliver different messages. */
static void run_inconsistent(uint64_t seed, bool unchecked, uint32_t *delivered,
                             uint32_t *disagreed) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    bool all;
    struct broadcast_world *world = broadcast_world_new(4, 1, seed);
    for (uint32_t i = 1; i < 4; i++)
        world->members[i].broadcast.config.unchecked = unchecked;
    broadcast_world_pieces(world, pieces, 40, false);
    for (uint32_t i = 1; i < 4; i++)
        broadcast_world_feed(world, i, pieces, 40);
    broadcast_world_run_at_random(world);
    *disagreed += !broadcast_world_all_or_none(world, &all);
    for (uint32_t i = 1; i < 4; i++)
        *delivered += world->members[i].delivered;
    if (!unchecked)
        for (uint32_t i = 1; i < 4; i++)
            ck_assert(world->members[i].broadcast.aborted);
    broadcast_world_free(world);
}

START_TEST(inconsistent_fragments_are_delivered_by_nobody) {
    uint32_t delivered = 0, disagreed = 0;
    for (uint64_t seed = 0; seed < 1000; seed++)
        run_inconsistent(seed, false, &delivered, &disagreed);
    ck_assert_uint_eq(delivered, 0);
    ck_assert_uint_eq(disagreed, 0);
    for (uint64_t seed = 0; seed < 1000; seed++)
        run_inconsistent(seed, true, &delivered, &disagreed);
    ck_assert_uint_gt(delivered, 1000);
    ck_assert_uint_gt(disagreed, 100);
}
END_TEST

/* checks.md RB-2: two messages, each to a half. */
START_TEST(two_roots_are_delivered_by_nobody) {
    for (uint64_t seed = 0; seed < 500; seed++) {
        uint8_t pieces[2][BROADCAST_ROOM] = {{0}};
        bool all;
        struct broadcast_world *world = broadcast_world_new(7, 1, seed);
        for (int i = 0; i < 2; i++)
            broadcast_world_pieces(world, pieces[i], 60, true);
        for (uint32_t i = 1; i < 7; i++)
            broadcast_world_feed(world, i, pieces[i % 2], 60);
        broadcast_world_run_at_random(world);
        ck_assert(broadcast_world_all_or_none(world, &all) && !all);
        broadcast_world_free(world);
    }
}
END_TEST

/* A faulty sender that reaches only some: all of the others, or none. */
START_TEST(partial_senders_reach_all_or_none) {
    uint32_t delivered = 0, runs = 3000;
    for (uint64_t seed = 0; seed < runs; seed++) {
        uint8_t pieces[BROADCAST_ROOM] = {0};
        bool all = false;
        struct broadcast_world *world = broadcast_world_new(7, 1, seed);
        broadcast_world_pieces(world, pieces, 100, true);
        for (uint32_t i = 1; i < 7; i++)
            if (rng_chance(&world->rng, 3, 4))
                broadcast_world_feed(world, i, pieces, 100);
        broadcast_world_run_at_random(world);
        ck_assert_msg(broadcast_world_all_or_none(world, &all), "seed %u", (unsigned)seed);
        delivered += all;
        broadcast_world_free(world);
    }
    ck_assert_uint_gt(delivered, runs / 10);
    ck_assert_uint_lt(delivered, runs * 9 / 10);
}
END_TEST

/* checks.md RB-3: f READY are not enough to join, f + 1 are; 2f + 1 without fragments deliver
 * nothing. */
START_TEST(ready_is_joined_at_f_plus_one) {
    struct broadcast_world *world = broadcast_world_new(7, 0x7e, 1);
    ck_assert_int_eq(broadcast_world_hand(world, 1, 0, broadcast_world_ready_with(1)), OK);
    ck_assert_int_eq(broadcast_world_hand(world, 2, 0, broadcast_world_ready_with(1)), OK);
    ck_assert_int_eq(broadcast_world_hand(world, 3, 0, broadcast_world_ready_with(2)), OK);
    ck_assert_uint_eq(world->sent[2], 0);
    ck_assert_int_eq(broadcast_world_hand(world, 4, 0, broadcast_world_ready_with(1)), OK);
    ck_assert_uint_eq(world->sent[2], 6);
    ck_assert_int_eq(broadcast_world_hand(world, 5, 0, broadcast_world_ready_with(1)), OK);
    ck_assert_int_eq(broadcast_world_hand(world, 6, 0, broadcast_world_ready_with(1)), OK);
    ck_assert_uint_eq(world->members[0].delivered, 0);
    broadcast_world_free(world);
}
END_TEST

/* With all fragments at hand and two READY, one its own, a member has not delivered: of f + 1 only one
 * need be correct, and then the others might never. With 2f + 1 it has. */
START_TEST(f_plus_one_ready_deliver_nothing) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    struct broadcast_world *world = broadcast_world_new(4, 0xd, 1); /* member 1 is ours, 0 sends */
    broadcast_world_pieces(world, pieces, 50, true);
    struct frame *echo = broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, 50, 0);
    struct frame *ready[2] = {broadcast_world_ready_for(echo), broadcast_world_ready_for(echo)};
    ck_assert_int_eq(
        broadcast_world_hand(world, 0, 1,
                             broadcast_world_fragment(world, MESSAGE_BROADCAST_VAL, pieces, 50, 1)),
        OK);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, echo), OK);
    ck_assert_int_eq(
        broadcast_world_hand(
            world, 2, 1, broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, 50, 2)),
        OK);
    ck_assert_uint_eq(world->sent[2], 3); /* three ECHO: the own READY */
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, ready[0]), OK);
    ck_assert_uint_eq(world->members[1].delivered, 0);
    ck_assert_int_eq(broadcast_world_hand(world, 3, 1, ready[1]), OK);
    ck_assert_uint_eq(world->members[1].delivered, 1);
    broadcast_world_free(world);
}
END_TEST

START_TEST(each_mistake_has_its_reason) {
    uint8_t pieces[2][BROADCAST_ROOM] = {{0}};
    struct broadcast_world *world = broadcast_world_new(4, 0xd, 1); /* member 1 is ours, 0 sends */
    broadcast_world_pieces(world, pieces[0], 50, true);
    broadcast_world_pieces(world, pieces[1], 50, true);
#define FRAGMENT(type, which, index) broadcast_world_fragment(world, type, pieces[which], 50, index)
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)),
                     ERR_NOT_LEADER);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 2)),
                     ERR_INVALID);
    struct frame *broken = FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1);
    broken->bytes[broken->size - 1] ^= 1;
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, broken), ERR_PROOF);
    ck_assert_uint_eq(world->sent[1], 0);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)), OK);
    ck_assert_uint_eq(world->sent[1], 3);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)),
                     ERR_DUPLICATE);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 1, 1)),
                     ERR_CONFLICT);
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 0, 3)),
                     ERR_INVALID);
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 1, 2)), OK);
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 1, 2)),
                     ERR_DUPLICATE);
    ck_assert_int_eq(broadcast_world_hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 0, 2)),
                     ERR_CONFLICT);
    ck_assert_int_eq(broadcast_world_hand(world, 3, 1, broadcast_world_ready_with(1)), OK);
    ck_assert_int_eq(broadcast_world_hand(world, 3, 1, broadcast_world_ready_with(1)),
                     ERR_DUPLICATE);
    ck_assert_int_eq(broadcast_world_hand(world, 3, 1, broadcast_world_ready_with(2)),
                     ERR_CONFLICT);
#undef FRAGMENT
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(member_set_has(&world->members[1].broadcast.faulty, i) == (i != 1));
    broadcast_world_free(world);
}
END_TEST

/* The power of one member fails in the middle of a step; its next life goes on from the record, and
 * everything is sent again. */
static bool crash_and_restart(uint64_t seed, bool forget) {
    const uint32_t victim = forget ? 3 : (uint32_t)(seed % 2);
    bool all;
    uint8_t pieces[2][BROADCAST_ROOM] = {{0}};
    struct broadcast_world *world = broadcast_world_new(4, forget ? 1 : 4, seed);
    struct broadcast_member *member = &world->members[victim];
    member->effects_left = rng_below(&world->rng, 25);
    for (int i = 0; i < 2; i++)
        broadcast_world_pieces(world, pieces[i], 60, true);
    if (forget) /* the sender is faulty and sends the victim one message in each life */
        for (uint32_t i = 1; i < 4; i++)
            broadcast_world_feed(world, i, pieces[0], 60);
    else
        broadcast_world_ask(world, 0, BROADCAST_INPUT, 0);
    broadcast_world_run_at_random(world);
    member->effects_left = UINT64_MAX;
    if (!member->alive) {
        if (forget) {
            frame_unref(member->record);
            member->record = NULL;
        }
        broadcast_world_start(world, victim);
        member->delivered = 0; /* a new life delivers again */
        if (forget)
            broadcast_world_feed(world, 3, pieces[1], 60);
        else if (victim == 0)
            broadcast_world_ask(world, 0, BROADCAST_INPUT, 0);
    }
    for (uint32_t round = 0; round < 2 && !forget; round++)
        for (uint32_t from = 0; from < 4; from++)
            for (uint32_t to = 0; to < 4; to++)
                if (from != to && !broadcast_world_is_faulty(world, from))
                    broadcast_world_ask(world, from, BROADCAST_REPEAT, to);
    broadcast_world_run_at_random(world);
    const bool sound = forget ? !world->contradiction : broadcast_world_all_or_none(world, &all);
    if (!forget)
        assert_message_delivered(world);
    broadcast_world_free(world);
    return sound;
}

START_TEST(a_restarted_member_never_contradicts_itself) {
    for (uint64_t seed = 0; seed < 1000; seed++)
        ck_assert_msg(crash_and_restart(seed, false), "seed %u", (unsigned)seed);
}
END_TEST

/* The control. */
START_TEST(a_member_that_forgets_contradicts_itself) {
    uint32_t contradictions = 0;
    for (uint64_t seed = 0; seed < 200; seed++)
        contradictions += !crash_and_restart(seed, true);
    ck_assert_uint_gt(contradictions, 20);
}
END_TEST

START_TEST(sizes_are_bounded) {
    struct broadcast_world *world = broadcast_world_new(4, 0, 1);
    struct env *env = &world->members[0].process.env;
    struct broadcast *broadcast = &world->members[0].broadcast;
    env->stepping = true;
    ck_assert_int_eq(broadcast_start(broadcast, world->message, 0), ERR_LIMIT);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, BROADCAST_ROOM + 1), ERR_LIMIT);
    ck_assert_uint_eq(env->out.count, 0);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, BROADCAST_ROOM), OK);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, BROADCAST_ROOM), ERR_DUPLICATE);
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
    broadcast_world_free(world);
}
END_TEST

static enum verdict decode_is_canonical(void *context, const uint8_t *bytes, size_t size) {
    struct message message;
    struct broadcast_message decoded;
    enum verdict verdict = VERDICT_REFUSED;
    struct frame *frame = frame_copy(bytes, size);
    if (message_parse(&message, frame) == OK && broadcast_decode(&decoded, &message) == OK) {
        struct frame *again = broadcast_encode(&decoded, message.channel);
        bool equal = again->size == size && memcmp(again->bytes, bytes, size) == 0;
        verdict = equal ? VERDICT_ACCEPTED : VERDICT_BROKEN;
        frame_unref(again);
    }
    frame_unref(frame);
    return verdict;
}

START_TEST(decoding_is_canonical) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    struct broadcast_world *world = broadcast_world_new(7, 0, 1);
    broadcast_world_pieces(world, pieces, 40, true);
    struct frame *frames[] = {
        broadcast_world_fragment(world, MESSAGE_BROADCAST_VAL, pieces, 40, 3),
        broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, 40, 6),
        broadcast_world_ready_with(9)};
    struct sample samples[ARRAY_LEN(frames)];
    struct property_result result;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        samples[i] = (struct sample){frames[i]->bytes, frames[i]->size};
    const struct property property = {.name = "broadcast",
                                      .samples = samples,
                                      .sample_count = ARRAY_LEN(samples),
                                      .check = decode_is_canonical};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        frame_unref(frames[i]);
    broadcast_world_free(world);
}
END_TEST

Suite *broadcast_suite(void) {
    Suite *suite = suite_create("broadcast");
    TCase *test = tcase_create("broadcast");
    tcase_set_timeout(test, 60);
    tcase_add_test(test, three_hops_and_exact_counts);
    tcase_add_test(test, correct_sender_reaches_all);
    tcase_add_test(test, inconsistent_fragments_are_delivered_by_nobody);
    tcase_add_test(test, two_roots_are_delivered_by_nobody);
    tcase_add_test(test, partial_senders_reach_all_or_none);
    tcase_add_test(test, ready_is_joined_at_f_plus_one);
    tcase_add_test(test, f_plus_one_ready_deliver_nothing);
    tcase_add_test(test, each_mistake_has_its_reason);
    tcase_add_test(test, a_restarted_member_never_contradicts_itself);
    tcase_add_test(test, a_member_that_forgets_contradicts_itself);
    tcase_add_test(test, sizes_are_bounded);
    tcase_add_test(test, decoding_is_canonical);
    suite_add_tcase(suite, test);
    return suite;
}
