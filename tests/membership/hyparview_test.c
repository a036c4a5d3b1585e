/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "tests/lib/gossip.h"

#define SPREAD (30 * NS_PER_MS) /* above the smallest delay: messages overtake each other */

START_TEST(overlay_is_connected_and_symmetric) {
    static const uint32_t sizes[] = {2, 3, 6, 7, 100, 300};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct gossip_world *world = gossip_world_new(sizes[i], seed, seed == 1 ? 0 : SPREAD);
            gossip_quiet(world);
            gossip_check_views(world);
            gossip_world_free(world);
        }
    }
}
END_TEST

START_TEST(views_are_filled_by_shuffles) {
    struct gossip_world *world = gossip_world_new(200, 4, 0);
    size_t active = 0, passive = 0;
    for (node_id i = 0; i < world->count; i++) {
        active += world->nodes[i].hyparview.active.count;
        passive += world->nodes[i].hyparview.passive.count;
    }
    ck_assert_uint_ge(active, 200 * HYPARVIEW_ACTIVE * 8 / 10);
    ck_assert_uint_ge(passive, 200 * HYPARVIEW_PASSIVE / 2);
    gossip_world_free(world);
}
END_TEST

START_TEST(half_of_the_nodes_die) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct gossip_world *world = gossip_world_new(200, seed, seed == 1 ? 0 : SPREAD);
        for (node_id i = 1; i < world->count; i += 2)
            gossip_kill(world, i);
        gossip_announce_deaths(world);
        gossip_run(world, 30 * NS_PER_S);
        gossip_quiet(world);
        gossip_check_views(world);
        gossip_world_free(world);
    }
}
END_TEST

START_TEST(same_seed_same_trace) {
    uint64_t hashes[3];
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        struct gossip_world *world = gossip_world_new(100, i == 2 ? 8 : 7, SPREAD);
        (void)gossip_broadcast(world, 3);
        hashes[i] = world->trace_hash;
        gossip_world_free(world);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
    ck_assert_uint_ne(hashes[0], hashes[2]);
}
END_TEST

static int decode_body(uint16_t type, const void *body, uint32_t size) {
    struct hyparview_message decoded;
    return hyparview_decode(&decoded, &(struct message){.type = type, .body = body, .size = size});
}

START_TEST(decoder_names_what_is_wrong) {
    static const struct {
        uint16_t type;
        uint32_t size;
        uint8_t body[24];
        int error;
    } cases[] = {
        {MESSAGE_HYPARVIEW_JOIN, 0, {0}, OK},
        {MESSAGE_HYPARVIEW_JOIN, 1, {0}, ERR_TRAILING},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 0, {0}, ERR_TRUNCATED},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 1, {1}, OK},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 1, {2}, ERR_NON_CANONICAL},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 5, {1, 0, 0, 0, 6}, OK},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 5, {1, 0, 0, 0, 7}, ERR_LIMIT},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 5, {0, 0, 1, 0, 6}, ERR_INVALID},
        {MESSAGE_HYPARVIEW_SHUFFLE, 10, {1, 0, 0, 0, 6, 1, 2, 0, 0, 0}, OK},
        {MESSAGE_HYPARVIEW_SHUFFLE, 10, {1, 0, 0, 0, 6, 1, 1, 0, 0, 0}, ERR_DUPLICATE},
        {MESSAGE_HYPARVIEW_SHUFFLE, 6, {1, 0, 0, 0, 6, 8}, ERR_LIMIT},
        {MESSAGE_HYPARVIEW_SHUFFLE_REPLY, 9, {2, 3, 0, 0, 0, 3, 0, 0, 0}, ERR_DUPLICATE},
        {MESSAGE_HYPARVIEW_SHUFFLE_REPLY, 1, {9}, ERR_LIMIT},
        {MESSAGE_PLUMTREE_PRUNE, 0, {0}, ERR_UNKNOWN_TYPE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(decode_body(cases[i].type, cases[i].body, cases[i].size) == cases[i].error,
                      "case %zu", i);
}
END_TEST

/* Random bodies, mostly small numbers so that many are valid, into a node that has neighbours. */
START_TEST(random_messages_never_break_a_node) {
    struct gossip_world *world = gossip_world_new(20, 9, 0);
    struct rng rng;
    size_t accepted = 0;
    rng_init(&rng, 1, 0, "mutation");
    for (int round = 0; round < 20000; round++) {
        uint16_t type = (uint16_t)(MESSAGE_HYPARVIEW_JOIN + rng_below(&rng, 7));
        uint32_t size = (uint32_t)rng_below(&rng, rng_chance(&rng, 3, 4) ? 8 : 40);
        struct writer body;
        struct frame *frame = message_new(type, 0, size, &body);
        for (uint32_t i = 0; i < size; i++)
            write_u8(&body, rng_chance(&rng, 1, 2) ? 0 : (uint8_t)rng_below(&rng, 12));
        struct hyparview_message decoded;
        struct message message;
        ck_assert_int_eq(message_parse(&message, frame), OK);
        if (hyparview_decode(&decoded, &message) == OK) {
            struct frame *again = hyparview_encode(&decoded, 0);
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
            frame_unref(again);
            accepted++;
        }
        node_id to = (node_id)rng_below(&rng, world->count);
        loop_inject(world->loop, (to + 1 + (node_id)rng_below(&rng, 19)) % 20, to,
                    loop_now(world->loop), frame);
        gossip_run(world, NS_PER_MS);
    }
    ck_assert_uint_gt(accepted, 1000);
    /* Forged walks name nodes that don't exist; those requests time out and the overlay heals. */
    gossip_run(world, 300 * NS_PER_S);
    gossip_quiet(world);
    gossip_check_views(world);
    gossip_world_free(world);
}
END_TEST

Suite *hyparview_suite(void) {
    Suite *suite = suite_create("hyparview");
    TCase *tests = tcase_create("overlay");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, overlay_is_connected_and_symmetric);
    tcase_add_test(tests, views_are_filled_by_shuffles);
    tcase_add_test(tests, half_of_the_nodes_die);
    tcase_add_test(tests, same_seed_same_trace);
    tcase_add_test(tests, decoder_names_what_is_wrong);
    tcase_add_test(tests, random_messages_never_break_a_node);
    suite_add_tcase(suite, tests);
    return suite;
}
