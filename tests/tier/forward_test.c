/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chain's members in the loop driver: what a single correct member has is ordered, under every
 * variant, and then the chain is quiet. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"
#include "sim/loop/loop.h"
#include "tier/chain.h"

#define MEMBERS 4
#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *forward_suite(void);

struct chains;

struct node {
    struct process process;
    struct identity identity;
    struct chains *world;
    struct chain chain;
    bool started;
    uint32_t ordered;
    time_ns last; /* when it ordered an item last */
};

struct chains {
    struct key_directory directory;
    struct loop *loop;
    node_id members[MEMBERS];
    const char *consensus;
    uint64_t forwards, to_others; /* messages; those to nodes that do not lead view 0 of PBFT */
    uint64_t refused;             /* an item that member 2 alone holds for invalid; 0: none */
    bool shy;                     /* nobody but member 3 holds anything for valid */
    time_ns expiry;               /* of all items; 0: never */
    struct node nodes[MEMBERS];
};

static struct digest key_of(uint64_t number) {
    struct digest key = {{0}};
    struct writer writer;
    writer_init(&writer, key.bytes, sizeof key.bytes);
    write_u64(&writer, number * 7);
    write_u64(&writer, number);
    return key;
}

/* Items from this number on look good to member 0 alone. */
#define FALSE_ITEMS 1000

static bool is_false(const struct digest *key) {
    struct reader reader;
    reader_init(&reader, key->bytes, sizeof key->bytes);
    return read_u64(&reader) >= 7 * FALSE_ITEMS;
}

static bool valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    const struct node *node = context;
    if (is_false(key))
        return node->process.env.self == 0;
    const struct digest refused = key_of(node->world->refused);
    if (node->world->shy)
        return node->process.env.self == 3;
    return node->process.env.self != 2 || memcmp(key, &refused, sizeof refused) != 0;
}

static void ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                    uint64_t height) {
    struct node *node = context;
    node->ordered++;
    node->last = node->process.env.now;
}

static struct once_term term(void *context, const struct digest *key, const uint8_t *bytes,
                             size_t size) {
    const struct node *node = context;
    if (node->world->expiry == 0)
        return (struct once_term){.kind = ONCE_HARMLESS};
    return (struct once_term){.kind = ONCE_EXPIRES, .expiry = node->world->expiry};
}

static void begin(struct node *node, const struct event *event) {
    struct chains *world = node->world;
    const struct chain_client client = {valid, ordered, NULL, NULL, term, node};
    const struct chain_config config = {
        .life = 10 * NS_PER_S,
        .consensus = consensus_find(world->consensus),
        .channel = tier_channel(TIER_CHAIN_CITY, 0),
        .committee = {world->members, MEMBERS},
        .view_timeout = TIMEOUT,
        .batch_items = 10,
    };
    chain_init(&node->chain, &node->process.env, &config, &client, event->records,
               event->record_count);
    node->started = true;
    chain_start(&node->chain);
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (event->type == EVENT_START) {
        begin(node, event);
    } else if (event->type == EVENT_SUBMIT) {
        const struct digest key = key_of(event->transaction);
        ck_assert_int_eq(chain_submit(&node->chain, &key, "item", 4), OK);
    } else if (event->type == EVENT_MESSAGE) {
        ck_assert_int_eq(message_parse(&message, event->frame), OK);
        chain_receive(&node->chain, event->from, &message);
    }
}

static time_ns carry(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    struct chains *world = context;
    struct message message;
    if (message_parse(&message, frame) == OK && message.type == MESSAGE_CHAIN_FORWARD) {
        world->forwards++;
        world->to_others += to != 0;
    }
    return DELTA;
}

static void chains_init(struct chains *world, const char *consensus) {
    *world = (struct chains){.consensus = consensus};
    const struct loop_config config = {.count = MEMBERS, .context = world, .delay = carry};
    key_directory_init(&world->directory, suite_find("ed25519", "modelled"), MEMBERS, 5);
    world->loop = loop_new(&config);
    for (node_id i = 0; i < MEMBERS; i++)
        world->members[i] = i;
    for (node_id i = 0; i < MEMBERS; i++) {
        struct node *node = &world->nodes[i];
        node->world = world;
        node->process.step = step;
        env_init(&node->process.env, i, 5);
        identity_init(&node->identity, &world->directory, i);
        node->process.env.identity = &node->identity;
        loop_start(world->loop, i, &node->process);
    }
}

static void chains_deinit(struct chains *world) {
    loop_free(world->loop);
    for (node_id i = 0; i < MEMBERS; i++) {
        if (world->nodes[i].started)
            chain_deinit(&world->nodes[i].chain);
        env_deinit(&world->nodes[i].process.env);
        identity_deinit(&world->nodes[i].identity);
    }
    key_directory_deinit(&world->directory);
}

static void check_ordered(const struct chains *world, uint32_t count) {
    for (node_id i = 0; i < MEMBERS; i++) {
        ck_assert_uint_eq(world->nodes[i].ordered, count);
        ck_assert_uint_eq(world->nodes[i].chain.pool.waiting, 0);
    }
}

START_TEST(what_one_member_has_is_ordered_and_then_it_is_quiet) {
    for (node_id holder = 0; holder < MEMBERS; holder++) {
        struct chains world;
        chains_init(&world, consensus_at((size_t)_i)->name);
        loop_submit(world.loop, holder, NS_PER_S, 1 + holder, 4);
        loop_run(world.loop, 60 * NS_PER_S);
        check_ordered(&world, 1);
        const uint64_t messages = loop_messages(world.loop, 0);
        loop_run(world.loop, 1000 * NS_PER_S);
        ck_assert_uint_eq(loop_messages(world.loop, 0), messages);
        chains_deinit(&world);
    }
}
END_TEST

/* The leader gets it after a quarter of the timeout, decides, and nobody changes the view. */
START_TEST(the_leader_hears_of_it_first) {
    struct chains world;
    chains_init(&world, "pbft");
    loop_submit(world.loop, 3, NS_PER_S, 1, 4);
    loop_run(world.loop, 60 * NS_PER_S);
    check_ordered(&world, 1);
    ck_assert_uint_eq(world.forwards, 1);
    ck_assert_uint_eq(world.to_others, 0);
    ck_assert_int_eq(world.nodes[3].last, NS_PER_S + TIMEOUT / 4 + 4 * DELTA);
    ck_assert_uint_eq(loop_messages(world.loop, MESSAGE_PBFT_VIEW_CHANGE), 0);
    chains_deinit(&world);
}
END_TEST

/* In the good case nothing is forwarded. */
START_TEST(what_moves_is_not_forwarded) {
    struct chains world;
    chains_init(&world, consensus_at((size_t)_i)->name);
    for (uint64_t number = 1; number <= 100; number++)
        for (node_id i = 0; i < MEMBERS; i++)
            loop_submit(world.loop, i, NS_PER_S + (time_ns)number * 20 * NS_PER_MS, number, 4);
    loop_run(world.loop, 60 * NS_PER_S);
    check_ordered(&world, 100);
    ck_assert_uint_eq(world.forwards, 0);
    chains_deinit(&world);
}
END_TEST

/* What is not valid elsewhere is not taken in there, what comes with it is; and the pause grows. */
START_TEST(an_item_that_others_refuse_is_forwarded_ever_more_rarely) {
    struct chains world;
    chains_init(&world, "pbft");
    world.refused = 1;
    loop_crash(world.loop, 0); /* the leader: so all are asked */
    loop_submit(world.loop, 3, NS_PER_S, 1, 4);
    loop_submit(world.loop, 3, NS_PER_S, 2, 4);
    loop_run(world.loop, NS_PER_S + TIMEOUT);
    ck_assert_uint_eq(world.nodes[2].chain.pool.waiting, 1);
    ck_assert_uint_eq(world.nodes[1].chain.pool.waiting, 2);
    /* 3 waits 1/4, 2/4, 1, 2, 4, 4, 4 … timeouts: it sends to one, then to three; so do the others. */
    loop_run(world.loop, NS_PER_S + 100 * TIMEOUT);
    ck_assert_uint_ge(world.forwards, 130);
    ck_assert_uint_le(world.forwards, 250);
    chains_deinit(&world);
}
END_TEST

/* PB-6: a client whose items only the primary accepts. A batch with one in it gets no vote; the primary is
 * replaced, once, for its successor never takes them in, and all else is ordered. */
START_TEST(pb6_what_only_the_primary_accepts_costs_one_view) {
    struct chains world;
    struct consensus_view view;
    chains_init(&world, "pbft");
    for (uint64_t number = 1; number <= 100; number++) {
        const time_ns at = NS_PER_S + (time_ns)number * 20 * NS_PER_MS;
        loop_submit(world.loop, 0, at, FALSE_ITEMS + number, 4);
        for (node_id i = 0; i < MEMBERS; i++)
            loop_submit(world.loop, i, at, number, 4);
    }
    loop_run(world.loop, 60 * NS_PER_S);
    for (node_id i = 0; i < MEMBERS; i++) {
        ck_assert_uint_eq(world.nodes[i].ordered, 100);
        consensus_observe(world.nodes[i].chain.consensus, &view);
        if (i > 0)
            ck_assert_uint_eq(view.view, 1);
    }
    chains_deinit(&world);
}
END_TEST

/* What has expired keeps nobody waiting, nor talking; but HoneyBadger goes on asking, ever more rarely,
 * for the end of the epoch that was opened for it, which nobody else has reason to enter. */
START_TEST(an_item_that_can_not_be_ordered_any_more_is_let_go) {
    struct chains world;
    chains_init(&world, consensus_at((size_t)_i)->name);
    world.shy = true;
    world.expiry = 5 * NS_PER_S;
    loop_submit(world.loop, 3, NS_PER_S, 1, 4);
    loop_run(world.loop, 4 * NS_PER_S);
    ck_assert_uint_eq(world.nodes[3].chain.pool.waiting, 1);
    loop_run(world.loop, 60 * NS_PER_S);
    ck_assert_uint_eq(world.nodes[3].ordered, 0);
    ck_assert_uint_eq(world.nodes[3].chain.pool.waiting, 0);
    const uint64_t messages = loop_messages(world.loop, 0);
    loop_run(world.loop, 1000 * NS_PER_S);
    const bool asks = strcmp(world.consensus, "honeybadger") == 0;
    ck_assert_uint_le(loop_messages(world.loop, 0) - messages, asks ? 300 : 0);
    chains_deinit(&world);
}
END_TEST

/* Only members are heard. */
START_TEST(strangers_and_nonsense_are_dropped) {
    struct chains world;
    chains_init(&world, "pbft");
    const uint16_t channel = tier_channel(TIER_CHAIN_CITY, 0);
    const struct digest key = key_of(9);
    for (uint32_t i = 0; i < 3; i++) {
        struct writer writer;
        struct frame *frame =
            message_new(MESSAGE_CHAIN_FORWARD, channel, mempool_batch_bytes(4) + (i == 0), &writer);
        write_u64(&writer, 0);
        write_u32(&writer, 1);
        write_digest(&writer, &key);
        write_blob(&writer, "item", 4);
        loop_inject(world.loop, i == 1 ? 77 : 2, 1, NS_PER_S + (time_ns)i, frame);
    }
    loop_run(world.loop, NS_PER_S + 1);
    ck_assert_uint_eq(world.nodes[1].chain.pool.waiting, 0);
    loop_run(world.loop, NS_PER_S + 2);
    ck_assert_uint_eq(world.nodes[1].chain.pool.waiting, 1);
    chains_deinit(&world);
}
END_TEST

Suite *forward_suite(void) {
    Suite *suite = suite_create("forward");
    TCase *tests = tcase_create("forward");
    int variants = 0;
    while (consensus_at((size_t)variants) != NULL)
        variants++;
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, what_one_member_has_is_ordered_and_then_it_is_quiet, 0, variants);
    tcase_add_test(tests, the_leader_hears_of_it_first);
    tcase_add_loop_test(tests, what_moves_is_not_forwarded, 0, variants);
    tcase_add_test(tests, an_item_that_others_refuse_is_forwarded_ever_more_rarely);
    tcase_add_test(tests, pb6_what_only_the_primary_accepts_costs_one_view);
    tcase_add_loop_test(tests, an_item_that_can_not_be_ordered_any_more_is_let_go, 0, variants);
    tcase_add_test(tests, strangers_and_nonsense_are_dropped);
    suite_add_tcase(suite, tests);
    return suite;
}
