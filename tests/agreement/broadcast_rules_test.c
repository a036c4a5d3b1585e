/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable broadcast rule by rule, where a schedule of random faults hardly ever tells it from a weaker
 * one: one member's messages are handed over one by one. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/merkle.h"
#include "tests/lib/broadcast_world.h"

enum { ECHO = 1, READY = 2, SIZE = 60 };

/* Member 1 of 4 is ours; the sender and the two others are in the test's hand. */
static struct broadcast_world *alone(void) {
    return broadcast_world_new(4, 0xd, 1);
}

static struct frame *val(const struct broadcast_world *world, uint8_t *pieces) {
    return broadcast_world_fragment(world, MESSAGE_BROADCAST_VAL, pieces, SIZE, 1);
}

static int hand_echo(struct broadcast_world *world, uint8_t *pieces, uint32_t from) {
    return broadcast_world_hand(
        world, from, 1,
        broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, SIZE, from));
}

static int hand_ready(struct broadcast_world *world, uint8_t *pieces, uint32_t from) {
    struct frame *echo =
        broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, SIZE, from);
    struct frame *ready = broadcast_world_ready_for(echo);
    frame_unref(echo);
    return broadcast_world_hand(world, from, 1, ready);
}

/* "Interpolate all fragments from k of them, recompute the root; mismatch: abort" before READY, and for
 * good: a fragment that comes late is passed on, and that is all. */
START_TEST(what_is_no_codeword_gets_no_ready) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    struct broadcast_world *world = alone();
    broadcast_world_pieces(world, pieces, SIZE, false);
    for (uint32_t from = 0; from < 4; from++)
        if (from != 1)
            ck_assert_int_eq(hand_echo(world, pieces, from), OK);
    ck_assert(world->members[1].broadcast.aborted);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, val(world, pieces)), OK);
    ck_assert_uint_eq(world->sent[ECHO], 3);
    ck_assert_uint_eq(world->sent[READY], 0);
    broadcast_world_free(world);
}
END_TEST

/* Whoever delivers late needs the fragment of whoever delivered without it. */
START_TEST(a_late_fragment_is_echoed) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    struct broadcast_world *world = alone();
    broadcast_world_pieces(world, pieces, SIZE, true);
    for (uint32_t from = 0; from < 4; from++)
        if (from != 1)
            ck_assert_int_eq(hand_echo(world, pieces, from), OK);
    for (uint32_t from = 2; from < 4; from++)
        ck_assert_int_eq(hand_ready(world, pieces, from), OK);
    ck_assert_uint_eq(world->members[1].delivered, 1);
    ck_assert_uint_eq(world->sent[ECHO], 0);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, val(world, pieces)), OK);
    ck_assert_uint_eq(world->sent[ECHO], 3);
    broadcast_world_free(world);
}
END_TEST

/* A VAL for member 1 of a message of @size bytes, any @needed of the four pieces of which suffice. */
static struct frame *foreign(uint32_t needed, uint32_t size) {
    const size_t piece_size = erasure_piece_size(needed, size);
    struct digest nodes[2 * BROADCAST_MEMBERS + 64];
    struct erasure_code code;
    struct merkle_tree tree;
    struct broadcast_message message = {.type = MESSAGE_BROADCAST_VAL,
                                        .instance = BROADCAST_INSTANCE};
    uint8_t *pieces = calloc(4, piece_size);
    ck_assert_int_eq(erasure_code_init(&code, needed, 4, 1), OK);
    ck_assert_int_eq(erasure_encode(&code, pieces, size), OK);
    fragment_commit(&tree, nodes, pieces, piece_size, 4);
    fragment_make(&message.fragment, &tree, pieces, size, needed, 4, 1);
    struct frame *frame = broadcast_encode(&message, BROADCAST_CHANNEL);
    erasure_code_deinit(&code);
    free(pieces);
    return frame;
}

/* Of n - 2f pieces, or they would not be there; of no more than the owner has room for; of this
 * instance. */
START_TEST(foreign_fragments_are_refused) {
    struct broadcast_world *world = alone();
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, foreign(1, SIZE)), ERR_INVALID);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, foreign(3, SIZE)), ERR_INVALID);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, foreign(2, BROADCAST_ROOM + 1)),
                     ERR_INVALID);
    struct frame *elsewhere = foreign(2, SIZE);
    elsewhere->bytes[MESSAGE_HEADER_BYTES] ^= 1; /* the instance's lowest byte */
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, elsewhere), ERR_UNKNOWN);
    ck_assert_uint_eq(world->sent[ECHO], 0);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, foreign(2, BROADCAST_ROOM)), OK);
    ck_assert_uint_eq(world->sent[ECHO], 3);
    broadcast_world_free(world);
}
END_TEST

/* The power fails after every single effect; the sender is faulty and sends another message then. What
 * has left binds the next life. */
START_TEST(what_has_left_binds_the_next_life) {
    uint32_t crashes = 0;
    for (uint64_t effects = 0; effects < 20; effects++) {
        uint8_t first[BROADCAST_ROOM] = {0}, second[BROADCAST_ROOM] = {0};
        struct broadcast_world *world = alone();
        broadcast_world_pieces(world, first, SIZE, true);
        broadcast_world_pieces(world, second, SIZE, true);
        world->members[1].effects_left = effects;
        (void)broadcast_world_hand(world, 0, 1, val(world, first));
        for (uint32_t from = 2; from < 4 && world->members[1].alive; from++)
            (void)hand_echo(world, first, from);
        if (!world->members[1].alive) {
            crashes++;
            broadcast_world_start(world, 1);
        }
        world->members[1].effects_left = UINT64_MAX;
        (void)broadcast_world_hand(world, 0, 1, val(world, second));
        for (uint32_t from = 2; from < 4; from++)
            (void)hand_ready(world, second, from);
        ck_assert_msg(!world->contradiction, "after %u effects", (unsigned)effects);
        broadcast_world_free(world);
    }
    ck_assert_uint_gt(crashes, 8);
}
END_TEST

/* A new life says again what the last one said: whoever missed it has nobody else to ask. */
START_TEST(a_new_life_repeats_echo_and_ready) {
    uint8_t pieces[BROADCAST_ROOM] = {0};
    struct broadcast_world *world = alone();
    broadcast_world_pieces(world, pieces, SIZE, true);
    ck_assert_int_eq(broadcast_world_hand(world, 0, 1, val(world, pieces)), OK);
    for (uint32_t from = 2; from < 4; from++)
        ck_assert_int_eq(hand_echo(world, pieces, from), OK);
    ck_assert_uint_eq(world->sent[ECHO], 3);
    ck_assert_uint_eq(world->sent[READY], 3);
    world->members[1].effects_left = 0;
    broadcast_world_ask(world, 1, BROADCAST_REPEAT, 3); /* and the power fails */
    ck_assert(!world->members[1].alive);
    broadcast_world_start(world, 1);
    broadcast_world_ask(world, 1, BROADCAST_REPEAT, 3);
    ck_assert_uint_eq(world->sent[ECHO], 4);
    ck_assert_uint_eq(world->sent[READY], 4);
    ck_assert(!world->contradiction);
    broadcast_world_free(world);
}
END_TEST

/* RB-3, in every order: the faulty f give all their READY, and fragments enough to one member alone. With
 * a threshold of f for joining, all would say READY, and that member alone deliver. */
START_TEST(rb3_the_faulty_alone_start_nothing) {
    for (uint64_t seed = 0; seed < 600; seed++) {
        const uint32_t n = seed % 2 == 0 ? 4 : 7;
        uint8_t pieces[BROADCAST_ROOM] = {0};
        bool all;
        struct broadcast_world *world = broadcast_world_new(n, n == 4 ? 1 : 0x41, seed);
        broadcast_world_pieces(world, pieces, SIZE, true);
        broadcast_world_add(
            world, 0, 1, broadcast_world_fragment(world, MESSAGE_BROADCAST_VAL, pieces, SIZE, 1));
        for (uint32_t from = 0; from < n; from++) {
            if (!broadcast_world_is_faulty(world, from))
                continue;
            struct frame *echo =
                broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, SIZE, from);
            for (uint32_t to = 1; to < n; to++)
                if (!broadcast_world_is_faulty(world, to))
                    broadcast_world_add(world, from, to, broadcast_world_ready_for(echo));
            broadcast_world_add(world, from, 1, echo);
        }
        broadcast_world_run_at_random(world);
        ck_assert(broadcast_world_all_or_none(world, &all) && !all);
        ck_assert_uint_eq(world->sent[READY], 0);
        broadcast_world_free(world);
    }
}
END_TEST

/* The control: with the sender and one more, f + 1 of four, 1 and 2 deliver what they were told each, and
 * the checker says so. */
START_TEST(control_f_plus_one_divide) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint8_t pieces[3][BROADCAST_ROOM] = {{0}};
        bool all;
        struct broadcast_world *world = broadcast_world_new(4, 0x9, seed);
        for (uint32_t to = 1; to < 3; to++) {
            broadcast_world_pieces(world, pieces[to], SIZE, true);
            broadcast_world_feed(world, to, pieces[to], SIZE);
            struct frame *echo =
                broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces[to], SIZE, 3);
            broadcast_world_add(world, 3, to, broadcast_world_ready_for(echo));
            broadcast_world_add(world, 3, to, echo);
        }
        for (size_t i = world->pool_count; i > 0; i--) /* what 1 and 2 say to each other is late */
            broadcast_world_carry(world, 0);
        ck_assert_uint_eq(world->members[1].delivered, 1);
        ck_assert_uint_eq(world->members[2].delivered, 1);
        ck_assert(!broadcast_world_all_or_none(world, &all));
        ck_assert(!world->contradiction); /* nobody honest has said two things */
        broadcast_world_free(world);
    }
}
END_TEST

Suite *broadcast_rules_suite(void) {
    Suite *suite = suite_create("broadcast_rules");
    TCase *test = tcase_create("broadcast_rules");
    tcase_add_test(test, what_is_no_codeword_gets_no_ready);
    tcase_add_test(test, a_late_fragment_is_echoed);
    tcase_add_test(test, foreign_fragments_are_refused);
    tcase_add_test(test, what_has_left_binds_the_next_life);
    tcase_add_test(test, a_new_life_repeats_echo_and_ready);
    tcase_add_test(test, rb3_the_faulty_alone_start_nothing);
    tcase_add_test(test, control_f_plus_one_divide);
    suite_add_tcase(suite, test);
    return suite;
}
