/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole nodes and the bytes of others: what they send each other comes again with bits turned over, cut
 * short or made longer, from the very node that sent it; and every type of the registry comes with
 * random bodies to every node. Whatever reads a body within a node, wherever that is, survives. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "tests/lib/small_world.h"

#define KEPT   64 /* genuine messages in each span */
#define BODY   4096
#define SPANS  60
#define RANDOM 40 /* bodies of each type */

struct copy {
    node_id from, to;
    uint16_t type, channel;
    uint32_t size;
    uint8_t body[BODY];
};

struct fixture {
    struct small_world small;
    struct rng rng;
    struct copy copies[KEPT];
    size_t seen, injected;
};

/* A fair sample of the span: each message is kept with the same probability. */
static bool keep(void *context, node_id from, node_id to, const struct message *message) {
    struct fixture *f = context;
    uint64_t slot = rng_below(&f->rng, ++f->seen);
    if (slot < KEPT && message->size <= BODY) {
        struct copy *copy = &f->copies[slot];
        *copy = (struct copy){from, to, message->type, message->channel, message->size, {0}};
        for (uint32_t i = 0; i < message->size; i++)
            copy->body[i] = message->body[i];
    }
    return false;
}

static void inject(struct fixture *f, const struct copy *copy) {
    struct writer writer;
    struct frame *frame = message_new(copy->type, copy->channel, copy->size, &writer);
    write_bytes(&writer, copy->body, copy->size);
    loop_inject(f->small.loop, copy->from, copy->to, loop_now(f->small.loop) + 1, frame);
    f->injected++;
}

static void spoil(struct rng *rng, struct copy *copy) {
    switch (rng_below(rng, 4)) {
    case 0:
        copy->size = (uint32_t)rng_below(rng, copy->size + 1);
        break;
    case 1:
        while (copy->size < BODY && rng_chance(rng, 9, 10))
            copy->body[copy->size++] = (uint8_t)rng_next(rng);
        break;
    default:
        for (uint64_t i = 1 + rng_below(rng, 4); copy->size > 0 && i > 0; i--)
            copy->body[rng_below(rng, copy->size)] ^= (uint8_t)(1 << rng_below(rng, 8));
    }
}

static void random_bodies(struct fixture *f) {
    for (size_t index = 0; index < message_count(); index++)
        for (size_t i = 0; i < RANDOM; i++) {
            struct copy copy = {.type = message_at(index),
                                .channel = (uint16_t)rng_below(&f->rng, 3),
                                .size = (uint32_t)rng_below(&f->rng, 400)};
            copy.from = (node_id)rng_below(&f->rng, f->small.world.node_count);
            copy.to = (node_id)rng_below(&f->rng, f->small.world.node_count);
            rng_fill(&f->rng, copy.body, copy.size);
            inject(f, &copy);
        }
}

static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};

START_TEST(nodes_survive_what_others_send) {
    static struct fixture f;
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nduration: 4 s\nwarmup: 0 s\nplaces: [{id: komatsu, nodes: 16}]\n"
             "city: {committee: 4, consensus: %s}\n"
             "continent: {committee: 4, places: [tokyo, osaka], consensus: %s}\n"
             "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
             "network: {latency: uniform, delay: 5 ms, jitter: none}\n",
             variants[_i], variants[_i]);
    small_world_open(&f.small, yaml, 1);
    rng_init(&f.rng, 1, 0, "hostile bytes");
    f.small.lose = keep;
    f.small.context = &f;
    small_world_submit(&f.small, 60, 512, 50 * NS_PER_MS);
    for (size_t span = 0; span < SPANS; span++) {
        f.seen = 0;
        small_world_run(&f.small, (time_ns)(span + 1) * 60 * NS_PER_MS);
        size_t kept = f.seen < KEPT ? f.seen : KEPT;
        for (size_t i = 0; i < kept; i++) {
            spoil(&f.rng, &f.copies[i]);
            inject(&f, &f.copies[i]);
        }
        if (span % 20 == 10)
            random_bodies(&f);
    }
    small_world_run(&f.small, 5 * NS_PER_S);
    ck_assert_uint_ge(f.injected, SPANS * KEPT / 2 + 3 * RANDOM * message_count());
    uint64_t dropped = 0;
    for (int reason = 1; reason < ERROR_COUNT; reason++)
        dropped += small_world_dropped(&f.small, 0, -reason);
    ck_assert_uint_gt(dropped, f.injected / 2);
    small_world_close(&f.small);
}
END_TEST

Suite *hostile_bytes_suite(void) {
    Suite *suite = suite_create("hostile_bytes");
    TCase *tcase = tcase_create("hostile_bytes");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, nodes_survive_what_others_send, 0, ARRAY_LEN(variants));
    suite_add_tcase(suite, tcase);
    return suite;
}
