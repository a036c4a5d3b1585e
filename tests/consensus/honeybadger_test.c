/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadger: closed forms exactly, and what faults must not and must do. The assembly's checkers see
 * ECHO, READY, AUX, CONF of all lives (one vote) and what was delivered and agreed (one certificate).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/abba_messages.h"
#include "agreement/broadcast_messages.h"
#include "base/error.h"
#include "consensus/honeybadger/honeybadger.h"
#include "consensus/honeybadger/instance.h"
#include "crypto/merkle.h"
#include "sim/assembly/assembly.h"
#include "tests/lib/property.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

/* What the network does; everything is a field. */
struct net {
    struct rng rng;
    time_ns faults_end; /* the faults below end then */
    uint32_t loss;      /* per cent */
    uint32_t spread;    /* the delay is up to so many times longer */
    uint64_t side;      /* bit i: node i is on the one side of a partition */
    bool flapping;      /* the partition changes every now and then */
    uint16_t lost_type; /* messages of this type are lost */
    node_id lost_to;    /* to this node */
};

static time_ns route(void *context, const struct assembly_message *message) {
    struct net *net = context;
    if (message->now >= net->faults_end)
        return message->delay;
    if (net->flapping && rng_chance(&net->rng, 1, 2000))
        net->side = rng_next(&net->rng);
    if (((net->side >> message->from ^ net->side >> message->to) & 1) != 0 ||
        rng_chance(&net->rng, net->loss, 100))
        return -1;
    if (net->lost_type == message->type && net->lost_to == message->to)
        return -1;
    return message->delay + (time_ns)rng_below(&net->rng, 1 + net->spread * (uint64_t)DELTA);
}

static struct assembly *make(struct net *net, uint32_t count, uint64_t seed, uint64_t outside) {
    const struct assembly_config config = {
        .ops = &honeybadger_ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .batch = 3,
        .seed = seed,
        .outside = outside,
        .route = net == NULL ? NULL : route,
        .context = net,
    };
    if (net != NULL)
        rng_init(&net->rng, seed, 0, "test network");
    return assembly_new(&config);
}

static bool is_outside(uint64_t outside, node_id node) {
    return (outside >> node & 1) != 0;
}

static void assert_all_decided(const struct assembly *assembly, uint32_t count, uint64_t outside,
                               uint64_t transactions) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
    ck_assert_uint_eq(assembly_decided(assembly), transactions);
    for (node_id node = 0; node < count; node++)
        if (!is_outside(outside, node))
            ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
}

/* checks.md 5.2: n broadcasts of (n - 1)(2n + 1) messages, n agreements of BVAL, AUX and TERM. */
START_TEST(message_counts_are_exact) {
    for (uint32_t n = 4; n <= 10; n += 3) {
        struct assembly *assembly = make(NULL, n, 1, 0);
        const uint64_t all = (uint64_t)n * (n - 1);
        assembly_submit(assembly, NS_PER_S, 1);
        assembly_run(assembly, 10 * NS_PER_S);
        assert_all_decided(assembly, n, 0, 1);
        const struct loop *loop = assembly_loop(assembly);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_BROADCAST_VAL), all);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_BROADCAST_ECHO), n * all);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_BROADCAST_READY), n * all);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_ABBA_BVAL), n * all);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_ABBA_AUX), n * all);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_ABBA_TERM), n * all);
        ck_assert_uint_eq(loop_messages(loop, 0), n * (n - 1) * (2 * n + 1) + 3 * n * all);
        assembly_free(assembly);
    }
}
END_TEST

/* One epoch decides what all members propose: up to n batches, each transaction once. */
START_TEST(an_epoch_decides_every_members_batch) {
    struct assembly *assembly = make(NULL, 4, 1, 0);
    struct consensus_view view;
    assembly_submit(assembly, NS_PER_S, 12); /* 4 members, batches of 3 */
    assembly_run(assembly, 10 * NS_PER_S);
    assert_all_decided(assembly, 4, 0, 12);
    ck_assert_uint_eq(assembly_log_height(assembly), 4);
    assembly_observe(assembly, 0, &view);
    ck_assert_uint_eq(view.view, 2); /* the second epoch has not started */
    assembly_free(assembly);
}
END_TEST

/* f members are silent from the start: no view change, no time-out, the others go on. */
START_TEST(silent_members_stop_nobody) {
    static const struct {
        uint32_t count;
        uint64_t outside;
    } cases[] = {{4, 0x2}, {7, 0x12}, {10, 0x124}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct net net = {.faults_end = TIME_NEVER, .spread = 2};
        struct assembly *assembly = make(&net, cases[i].count, i, cases[i].outside);
        for (uint32_t k = 1; k <= 10; k++)
            assembly_submit(assembly, k * NS_PER_S, 3);
        assembly_run(assembly, 200 * NS_PER_S);
        assert_all_decided(assembly, cases[i].count, cases[i].outside, 30);
        const uint64_t messages = loop_messages(assembly_loop(assembly), 0);
        assembly_run(assembly, 5000 * NS_PER_S);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages); /* and is quiet */
        assembly_free(assembly);
    }
}
END_TEST

/* Loss, jitter, partitions that come and go, and members that crash in the middle of a step. Safety
 * all the time; after the faults everything is decided. */
static void chaos(uint64_t seed) {
    const uint32_t count = seed % 3 == 0 ? 7 : 4, faults = (count - 1) / 3;
    struct net net = {.faults_end = 60 * NS_PER_S,
                      .loss = (uint32_t)(seed % 4) * 5,
                      .spread = (uint32_t)(seed % 5) * 4,
                      .flapping = seed % 2 == 0};
    struct assembly *assembly = make(&net, count, seed, 0);
    for (uint32_t k = 1; k <= 40; k++)
        assembly_submit(assembly, k * NS_PER_S, 2);
    for (time_ns at = 2; at < 60; at += 2) {
        assembly_run(assembly, at * NS_PER_S);
        for (node_id node = 0; node < count; node++)
            if (!assembly_alive(assembly, node))
                assembly_restart(assembly, node);
        for (uint32_t i = 0; i < faults && seed % 4 != 1; i++)
            assembly_crash_after(assembly, (node_id)rng_below(&net.rng, count),
                                 rng_below(&net.rng, 400));
    }
    assembly_run(assembly, 62 * NS_PER_S);
    for (node_id node = 0; node < count; node++) {
        if (assembly_alive(assembly, node))
            assembly_crash(assembly, node); /* takes back a crash that has not come yet */
        assembly_restart(assembly, node);
    }
    assembly_run(assembly, 1000 * NS_PER_S);
    assert_all_decided(assembly, count, 0, 80);
    assembly_free(assembly);
}

START_TEST(chaos_is_survived) {
    for (uint64_t seed = 1; seed <= 24; seed++)
        chaos(seed);
}
END_TEST

/* A member's power fails after every single effect of an epoch, and comes back. */
START_TEST(crash_at_every_effect) {
    for (uint64_t effects = 0; effects < 150; effects++) {
        struct net net = {.faults_end = TIME_NEVER, .spread = effects % 3 == 0 ? 2 : 0};
        struct assembly *assembly = make(&net, 4, effects, 0);
        assembly_submit(assembly, NS_PER_S, 5);
        assembly_crash_after(assembly, (node_id)(effects % 4), effects);
        assembly_run(assembly, NS_PER_S + 300 * NS_PER_MS);
        if (!assembly_alive(assembly, (node_id)(effects % 4)))
            assembly_restart(assembly, (node_id)(effects % 4));
        assembly_submit(assembly, 2 * NS_PER_S, 5);
        assembly_run(assembly, 100 * NS_PER_S);
        assert_all_decided(assembly, 4, 0, 10);
        assembly_free(assembly);
    }
}
END_TEST

/* All at once: the chain and what was said are durable. */
START_TEST(all_crash_at_once) {
    for (uint32_t count = 1; count <= 7; count += 3)
        for (time_ns pause = 0; pause < 8; pause++) {
            struct assembly *assembly = make(NULL, count, (uint64_t)pause, 0);
            for (uint32_t k = 0; k < 10; k++)
                assembly_submit(assembly, NS_PER_S + k * 100 * NS_PER_MS, 2);
            assembly_run(assembly, NS_PER_S + 300 * NS_PER_MS + pause * DELTA + DELTA / 2);
            for (node_id node = 0; node < count; node++)
                assembly_crash(assembly, node);
            assembly_run(assembly, 3 * NS_PER_S);
            for (node_id node = 0; node < count; node++)
                assembly_restart(assembly, node);
            assembly_submit(assembly, 4 * NS_PER_S, 2);
            assembly_run(assembly, 100 * NS_PER_S);
            assert_all_decided(assembly, count, 0, 22);
            assembly_free(assembly);
        }
}
END_TEST

/* The control: who restarts without its records says something else than before. */
START_TEST(amnesia_says_two_things) {
    uint32_t contradictions = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct net net = {.faults_end = TIME_NEVER, .spread = 3};
        struct assembly *assembly = make(&net, 4, seed, 0);
        assembly_submit(assembly, NS_PER_S, 1);
        assembly_submit(assembly, NS_PER_S + DELTA, 9);
        assembly_crash_after(assembly, 1, 20 + seed);
        assembly_run(assembly, NS_PER_S + 60 * NS_PER_MS);
        if (!assembly_alive(assembly, 1))
            assembly_restart_empty(assembly, 1);
        assembly_run(assembly, 20 * NS_PER_S);
        contradictions += assembly_violated(assembly, "one vote");
        assembly_free(assembly);
    }
    ck_assert_uint_gt(contradictions, 0);
}
END_TEST

/* One member never gets a kind of message until late: it asks, and takes others' outcomes. */
START_TEST(a_deaf_member_catches_up) {
    static const uint16_t types[] = {MESSAGE_BROADCAST_VAL,   MESSAGE_BROADCAST_ECHO,
                                     MESSAGE_BROADCAST_READY, MESSAGE_ABBA_BVAL,
                                     MESSAGE_ABBA_AUX,        MESSAGE_ABBA_TERM};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct net net = {.faults_end = TIME_NEVER, .lost_type = types[i], .lost_to = 2};
        struct assembly *assembly = make(&net, 4, 1, 0);
        for (uint32_t k = 1; k <= 20; k++)
            assembly_submit(assembly, k * NS_PER_S, 2);
        assembly_run(assembly, 100 * NS_PER_S);
        assert_all_decided(assembly, 4, 0, 40);
        assembly_free(assembly);
    }
}
END_TEST

/* Far behind: hundreds of epochs are fetched in a few messages. */
START_TEST(down_for_300_epochs) {
    struct net net = {.faults_end = 400 * NS_PER_S, .side = 0x2};
    struct assembly *assembly = make(&net, 4, 1, 0);
    for (uint32_t k = 1; k <= 300; k++)
        assembly_submit(assembly, k * NS_PER_S, 1);
    assembly_run(assembly, 399 * NS_PER_S);
    ck_assert_uint_eq(assembly_log_height(assembly), 300);
    ck_assert_uint_eq(assembly_height(assembly, 1), 0);
    assembly_run(assembly, 800 * NS_PER_S);
    assert_all_decided(assembly, 4, 0, 300);
    assembly_free(assembly);
}
END_TEST

/* A faulty member, in the test's hand. */
struct liar {
    struct assembly *assembly;
    struct rng rng;
    node_id self;
    uint32_t count;
    struct erasure_code code;
    uint64_t rounds;
};

static void send_frame(struct liar *liar, node_id to, struct frame *frame) {
    if (to != liar->self)
        loop_inject(assembly_loop(liar->assembly), liar->self, to,
                    loop_now(assembly_loop(liar->assembly)) + 1, frame);
    else
        frame_unref(frame);
}

/* A proposal of its own for each half: other transactions, the right part or not. */
static void say_values(struct liar *liar, uint64_t epoch) {
    for (node_id to = 0; to < liar->count; to++) {
        uint8_t pieces[512] = {0};
        struct digest nodes[2 * 16 + 64];
        struct merkle_tree tree;
        struct writer writer;
        struct broadcast_message message = {.type = MESSAGE_BROADCAST_VAL,
                                            .instance = epoch << 8 | liar->self};
        writer_init(&writer, pieces, 17);
        write_u8(&writer, rng_chance(&liar->rng, 1, 8));
        write_u64(&writer, 1 + rng_below(&liar->rng, 30));
        write_u64(&writer, 1 + rng_below(&liar->rng, 30));
        const size_t size = rng_chance(&liar->rng, 1, 2) ? 9 : 17;
        ck_assert_int_eq(erasure_encode(&liar->code, pieces, size), OK);
        fragment_commit(&tree, nodes, pieces, erasure_piece_size(liar->code.k, size), liar->count);
        fragment_make(&message.fragment, &tree, pieces, (uint32_t)size, liar->code.k, liar->count,
                      to);
        send_frame(liar, to, broadcast_encode(&message, ASSEMBLY_CHANNEL));
        message.type = MESSAGE_BROADCAST_ECHO;
        fragment_make(&message.fragment, &tree, pieces, (uint32_t)size, liar->code.k, liar->count,
                      liar->self);
        send_frame(liar, to, broadcast_encode(&message, ASSEMBLY_CHANNEL));
        fragment_commitment(&message.fragment, &message.commitment);
        message.type = MESSAGE_BROADCAST_READY;
        send_frame(liar, to, broadcast_encode(&message, ASSEMBLY_CHANNEL));
    }
}

static void say_votes(struct liar *liar, uint64_t epoch) {
    for (uint32_t i = 0; i < 30; i++) {
        struct abba_message message = {.type =
                                           (uint16_t)(MESSAGE_ABBA_BVAL + rng_below(&liar->rng, 5)),
                                       .instance = epoch << 8 | rng_below(&liar->rng, liar->count),
                                       .round = (uint16_t)rng_below(&liar->rng, 4)};
        message.set = (uint8_t)(1 + rng_below(&liar->rng, 2));
        send_frame(liar, (node_id)rng_below(&liar->rng, liar->count),
                   abba_encode(&message, ASSEMBLY_CHANNEL));
    }
}

/* An outcome that nobody decided. */
static void say_outcome(struct liar *liar, uint64_t epoch) {
    static const uint8_t bytes[] = {9, 0, 0, 0, 0, 0, 0, 0};
    struct batch batches[16] = {{NULL, 0}};
    for (uint32_t i = 0; i < liar->count; i++)
        batches[i] = (struct batch){bytes, sizeof bytes};
    struct frame *outcome = honeybadger_write_outcome(epoch, batches, liar->count);
    struct honeybadger_decided decided = {
        .first = epoch, .count = 1, .outcomes = {{outcome->bytes + 8, outcome->size - 8}}};
    for (node_id to = 0; to < liar->count; to++)
        send_frame(liar, to, honeybadger_write_decided(ASSEMBLY_CHANNEL, &decided));
    frame_unref(outcome);
}

static void say_fetch(struct liar *liar, uint64_t epoch) {
    const uint8_t progress[16] = {0};
    const struct honeybadger_fetch fetch = {epoch, true, progress};
    for (node_id to = 0; to < liar->count; to++)
        send_frame(liar, to, honeybadger_write_fetch(ASSEMBLY_CHANNEL, liar->count, &fetch));
}

static void lie(struct liar *liar) {
    struct consensus_view view;
    assembly_observe(liar->assembly, liar->self == 0 ? 1 : 0, &view);
    for (uint64_t epoch = view.view; epoch <= view.view + 1; epoch++) {
        say_values(liar, epoch);
        say_votes(liar, epoch);
        say_outcome(liar, epoch);
    }
    say_fetch(liar, 1 + rng_below(&liar->rng, view.view + 2));
}

START_TEST(liars_neither_divide_nor_stop) {
    for (uint64_t seed = 0; seed < 16; seed++) {
        struct net net = {.faults_end = TIME_NEVER, .spread = (uint32_t)(seed % 4)};
        const uint32_t count = seed % 4 == 0 ? 7 : 4, faults = (count - 1) / 3;
        const uint64_t outside = count == 7 ? 0x28 : UINT64_C(1) << seed % 4;
        struct assembly *assembly = make(&net, count, seed, outside);
        struct liar liars[2];
        for (uint32_t i = 0; i < faults; i++) {
            liars[i] = (struct liar){.assembly = assembly, .count = count};
            liars[i].self = count == 7 ? (i == 0 ? 3 : 5) : (node_id)(seed % 4);
            rng_init(&liars[i].rng, seed, i, "liar");
            ck_assert_int_eq(erasure_code_init(&liars[i].code, count - 2 * faults, count, 1), OK);
        }
        for (uint32_t k = 1; k <= 10; k++)
            assembly_submit(assembly, k * NS_PER_S, 3);
        assembly_run(assembly, NS_PER_S / 2);
        for (time_ns at = 50; at <= 1200; at++) {
            assembly_run(assembly, at * DELTA * 2);
            for (uint32_t i = 0; i < faults; i++)
                lie(&liars[i]);
        }
        assembly_run(assembly, 200 * NS_PER_S);
        assert_all_decided(assembly, count, outside, 30);
        for (uint32_t i = 0; i < faults; i++)
            erasure_code_deinit(&liars[i].code);
        assembly_free(assembly);
    }
}
END_TEST

/* f members report an outcome that nobody decided to one who has lost everything: not believed. The
 * control: f + 1 are. */
START_TEST(reports_count_from_f_plus_one_on) {
    for (uint32_t liars_count = 1; liars_count <= 2; liars_count++) {
        struct assembly *assembly = make(NULL, 4, 1, liars_count == 1 ? 0x2 : 0x6);
        for (uint32_t i = 1; i <= liars_count; i++) {
            struct liar liar = {.assembly = assembly, .self = i, .count = 4};
            say_outcome(&liar, 1);
        }
        assembly_submit(assembly, NS_PER_S / 2, 1);
        assembly_run(assembly, NS_PER_S);
        ck_assert(assembly_violated(assembly, "validity") == (liars_count == 2));
        assembly_free(assembly);
    }
}
END_TEST

/* Messages of the next epoch are kept, within limits; of later ones not at all. */
START_TEST(early_messages_are_bounded) {
    struct assembly *assembly = make(NULL, 4, 1, 0x8);
    struct liar liar = {.assembly = assembly, .self = 3, .count = 4};
    struct abba_message message = {.type = MESSAGE_ABBA_BVAL, .set = SET_TRUE};
    for (uint32_t i = 0; i < 1000; i++) {
        message.instance = UINT64_C(2) << 8;
        message.round = (uint16_t)i;
        send_frame(&liar, 0, abba_encode(&message, ASSEMBLY_CHANNEL));
        message.instance = (UINT64_C(3) + i) << 8;
        send_frame(&liar, 0, abba_encode(&message, ASSEMBLY_CHANNEL));
    }
    assembly_run(assembly, NS_PER_S);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_FUTURE), 1000);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_LIMIT), 1000 - 16 * 4);
    assembly_submit(assembly, NS_PER_S, 3);
    assembly_run(assembly, 20 * NS_PER_S);
    assert_all_decided(assembly, 4, 0x8, 3);
    assembly_free(assembly);
}
END_TEST

/* Altered copies of everything that travels to one member. */
struct mutator {
    struct net net;
    struct assembly *assembly;
    uint32_t left;
};

static time_ns route_and_mutate(void *context, const struct assembly_message *message) {
    struct mutator *mutator = context;
    struct rng *rng = &mutator->net.rng;
    for (uint32_t i = 0; i < 3 && message->to == 0 && mutator->left > 0; i++, mutator->left--) {
        const uint32_t size = rng_chance(rng, 1, 8) ? (uint32_t)rng_below(rng, message->frame->size)
                                                    : message->frame->size;
        struct frame *frame = frame_copy(message->frame->bytes, size);
        if (size > MESSAGE_HEADER_BYTES)
            frame->bytes[MESSAGE_HEADER_BYTES + rng_below(rng, size - MESSAGE_HEADER_BYTES)] ^=
                (uint8_t)(1 + rng_below(rng, 255));
        /* Always in the name of member 3, the one that may be faulty. */
        loop_inject(assembly_loop(mutator->assembly), 3, message->to, message->now + message->delay,
                    frame);
    }
    return message->delay;
}

START_TEST(altered_messages_change_nothing) {
    struct mutator mutator = {.left = 100000};
    const struct assembly_config config = {.ops = &honeybadger_ops,
                                           .count = 4,
                                           .delay = DELTA,
                                           .view_timeout = TIMEOUT,
                                           .batch = 3,
                                           .seed = 5,
                                           .outside = 0x8,
                                           .route = route_and_mutate,
                                           .context = &mutator};
    rng_init(&mutator.net.rng, 5, 0, "mutator");
    struct assembly *assembly = mutator.assembly = assembly_new(&config);
    for (uint32_t k = 1; k <= 800; k++)
        assembly_submit(assembly, k * NS_PER_S, 3);
    assembly_run(assembly, 1000 * NS_PER_S);
    ck_assert_uint_eq(mutator.left, 0);
    assert_all_decided(assembly, 4, 0x8, 2400);
    assembly_free(assembly);
}
END_TEST

/* Decoding: whatever is taken encodes to the same bytes. */
static enum verdict decode_is_canonical(void *context, const uint8_t *bytes, size_t size) {
    static const node_id ids[4] = {0, 1, 2, 3};
    const struct committee committee = {ids, 4};
    struct honeybadger_decided decided;
    struct honeybadger_fetch fetch;
    struct message message;
    struct frame *again = NULL, *frame = frame_copy(bytes, size);
    enum verdict verdict = VERDICT_REFUSED;
    if (message_parse(&message, frame) == OK) {
        if (message.type == MESSAGE_HONEYBADGER_FETCH &&
            honeybadger_read_fetch(&message, 4, &fetch) == OK)
            again = honeybadger_write_fetch(message.channel, 4, &fetch);
        if (message.type == MESSAGE_HONEYBADGER_DECIDED &&
            honeybadger_read_decided(&message, &committee, &decided) == OK)
            again = honeybadger_write_decided(message.channel, &decided);
    }
    if (again != NULL) {
        const bool equal = again->size == size && memcmp(again->bytes, bytes, size) == 0;
        verdict = equal ? VERDICT_ACCEPTED : VERDICT_BROKEN;
    }
    frame_unref(again);
    frame_unref(frame);
    return verdict;
}

START_TEST(decoding_is_canonical) {
    static const uint8_t bytes[] = {1, 2, 3}, progress[4] = {0, HAS_VALUE, HAS_ALL, HAS_AGREED};
    const struct batch batches[4] = {{bytes, 3}, {NULL, 0}, {bytes, 0}, {bytes, 1}};
    struct frame *outcome = honeybadger_write_outcome(7, batches, 4);
    const struct honeybadger_outcome part = {outcome->bytes + 8, outcome->size - 8};
    const struct honeybadger_decided decided = {.first = 7, .count = 2, .outcomes = {part, part}};
    const struct honeybadger_fetch fetch = {3, true, progress};
    struct frame *frames[] = {honeybadger_write_fetch(ASSEMBLY_CHANNEL, 4, &fetch),
                              honeybadger_write_decided(ASSEMBLY_CHANNEL, &decided)};
    struct sample samples[ARRAY_LEN(frames)];
    struct property_result result;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        samples[i] = (struct sample){frames[i]->bytes, frames[i]->size};
    const struct property property = {.name = "honeybadger",
                                      .samples = samples,
                                      .sample_count = ARRAY_LEN(samples),
                                      .check = decode_is_canonical};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        frame_unref(frames[i]);
    frame_unref(outcome);
}
END_TEST

static struct frame *asks(struct assembly *assembly, uint64_t epoch, bool open) {
    const uint8_t progress[LIMIT_COMMITTEE] = {0};
    const struct honeybadger_fetch fetch = {epoch, open, progress};
    return honeybadger_write_fetch(ASSEMBLY_CHANNEL, assembly_committee(assembly).count, &fetch);
}

/* f members that say to have opened an epoch open it for nobody else; f + 1 do. */
START_TEST(f_members_open_no_epoch) {
    for (uint32_t count = 4; count <= 10; count += 3) {
        const uint32_t faults = (count - 1) / 3;
        const uint64_t outside = ((UINT64_C(1) << (faults + 1)) - 1) << (count - faults - 1);
        struct assembly *assembly = make(NULL, count, count, outside);
        assembly_run(assembly, NS_PER_S);
        for (uint32_t reasons = 1; reasons <= faults + 1; reasons++) {
            for (node_id to = 0; to < count - faults - 1; to++)
                loop_inject(assembly_loop(assembly), count - reasons, to, reasons * NS_PER_S,
                            asks(assembly, 1, true));
            assembly_run(assembly, (reasons + 1) * NS_PER_S);
            ck_assert_uint_eq(assembly_traced(assembly, TRACE_PROPOSED),
                              reasons <= faults ? 0 : count - faults - 1);
        }
        assembly_free(assembly);
    }
}
END_TEST

/* What member 1 sends while member 0 asks 200 times within a time-out for what follows @epoch. */
static uint64_t answers_to_200(struct assembly *assembly, uint64_t epoch) {
    const time_ns now = loop_now(assembly_loop(assembly));
    const uint64_t before = loop_messages(assembly_loop(assembly), 0);
    for (int times = 0; times < 200; times++)
        loop_inject(assembly_loop(assembly), 0, 1, now + times * TIMEOUT / 200,
                    asks(assembly, epoch, false));
    assembly_run(assembly, now + TIMEOUT - 1);
    return loop_messages(assembly_loop(assembly), 0) - before;
}

/* Whoever asks how often gets so many answers and no more. */
START_TEST(questions_are_answered_so_often) {
    struct assembly *assembly = make(NULL, 4, 1, 0);
    struct consensus_view view;
    assembly_submit(assembly, NS_PER_S, 60);
    assembly_run(assembly, 10 * NS_PER_S);
    assembly_observe(assembly, 1, &view);
    ck_assert_uint_gt(view.view, 3);
    const uint64_t outcomes = answers_to_200(assembly, 1);
    ck_assert_uint_ge(outcomes, HONEYBADGER_TOLD);
    ck_assert_uint_le(outcomes, 2 * HONEYBADGER_TOLD);
    assembly_run(assembly, 20 * NS_PER_S);
    /* All that was said of the last epoch: BVAL, AUX and TERM, ECHO and READY of four lanes, VAL. */
    const uint64_t repeats = answers_to_200(assembly, view.view - 1);
    ck_assert_uint_ge(repeats, HONEYBADGER_REPEATS * 4 * 5);
    ck_assert_uint_le(repeats, 2 * (HONEYBADGER_TOLD + HONEYBADGER_REPEATS * (4 * 5 + 1)));
    assembly_free(assembly);
}
END_TEST

/* A new life reports again what is kept, marked as such. */
START_TEST(a_new_life_reports_again) {
    struct assembly *assembly = make(NULL, 4, 1, 0);
    assembly_submit(assembly, NS_PER_S, 30);
    assembly_run(assembly, 10 * NS_PER_S);
    const uint64_t height = assembly_height(assembly, 2),
                   decided = assembly_traced(assembly, TRACE_DECIDED);
    assembly_crash(assembly, 2);
    assembly_restart(assembly, 2);
    assembly_run(assembly, 20 * NS_PER_S);
    ck_assert_uint_eq(assembly_repeated(assembly, 2), height);
    ck_assert_uint_eq(assembly_traced(assembly, TRACE_DECIDED), decided);
    assert_all_decided(assembly, 4, 0, 30);
    assembly_free(assembly);
}
END_TEST

Suite *honeybadger_suite(void) {
    Suite *suite = suite_create("honeybadger");
    TCase *test = tcase_create("honeybadger");
    tcase_set_timeout(test, 60);
    tcase_add_test(test, message_counts_are_exact);
    tcase_add_test(test, an_epoch_decides_every_members_batch);
    tcase_add_test(test, silent_members_stop_nobody);
    tcase_add_test(test, chaos_is_survived);
    tcase_add_test(test, crash_at_every_effect);
    tcase_add_test(test, all_crash_at_once);
    tcase_add_test(test, amnesia_says_two_things);
    tcase_add_test(test, a_deaf_member_catches_up);
    tcase_add_test(test, down_for_300_epochs);
    tcase_add_test(test, liars_neither_divide_nor_stop);
    tcase_add_test(test, reports_count_from_f_plus_one_on);
    tcase_add_test(test, early_messages_are_bounded);
    tcase_add_test(test, f_members_open_no_epoch);
    tcase_add_test(test, questions_are_answered_so_often);
    tcase_add_test(test, a_new_life_reports_again);
    tcase_add_test(test, altered_messages_change_nothing);
    tcase_add_test(test, decoding_is_canonical);
    suite_add_tcase(suite, test);
    return suite;
}
