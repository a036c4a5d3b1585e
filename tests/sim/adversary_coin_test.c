/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadger's common coin under attack. Two of three coins are known beforehand, and agreements end
 * with one of these as long as inputs agree. Here they don't, and the network is the adversary's:
 *
 *   - 3 is hostile and proposes. READYs of its lane reach 1 and 2 late, so that 0 alone has delivered and
 *     puts in 1, while the others have seen three lanes accepted and put in 0.
 *   - What is said in that lane's agreement waits in a pool. The scheduler of AB-1 (checks.md 3.6,
 *     abba_attack_test.c) keeps B = 0 apart from A = 1, 2 in every round whose coin it knows in time.
 *
 * So the third round is reached, in which shares are given. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/abba_messages.h"
#include "agreement/broadcast_messages.h"
#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/instance.h"
#include "sim/assembly/hostile.h"

enum {
    B,
    A0,
    A1,
    X,
    MEMBERS,
    HELD = 4096,
    FAR = 12 /* rounds, four of them with the common coin */
};

#define LANE ((UINT64_C(1) << 8) | X)

struct held {
    node_id from, to;
    struct frame *frame;
    struct abba_message said;
};

struct scene {
    struct hostile hostile;
    bool holding;
    struct held held[HELD];
    size_t count;
};

static uint64_t instance_of(const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    return read_u64(&reader);
}

static bool is_agreement(uint16_t type) {
    return type >= MESSAGE_ABBA_BVAL && type <= MESSAGE_ABBA_TERM;
}

static time_ns network(void *context, const struct assembly_message *message) {
    struct scene *scene = context;
    struct message in;
    if (message_parse(&in, message->frame) != OK || instance_of(&in) != LANE)
        return message->delay;
    if (in.type == MESSAGE_BROADCAST_READY && message->to != B)
        return message->delay + NS_PER_S / 2;
    if (!is_agreement(in.type) || message->to == X)
        return message->delay;
    if (message->from == X) /* what its code says; its shares come first */
        return in.type == MESSAGE_ABBA_COIN ? message->delay / 4 : -1;
    if (!scene->holding)
        return message->delay;
    ck_assert_uint_lt(scene->count, HELD);
    struct held *held = &scene->held[scene->count++];
    *held =
        (struct held){message->from, message->to, frame_ref((struct frame *)message->frame), {0}};
    ck_assert_int_eq(abba_decode(&held->said, &in), OK);
    return -1;
}

static const struct abba *agreement(const struct scene *scene, node_id node) {
    const struct honeybadger *self =
        honeybadger_of(assembly_consensus(scene->hostile.assembly, node));
    const struct epoch *epoch = self->number == 1 ? self->current : self->previous;
    return &epoch->lanes[X].agreement;
}

static void arrive(struct scene *scene, node_id from, node_id to, struct frame *frame) {
    struct assembly *assembly = scene->hostile.assembly;
    const time_ns at = assembly_now(assembly) + 1;
    assembly_inject(assembly, from, to, at, frame);
    assembly_run(assembly, at + 1);
}

static bool matches(const struct held *held, node_id from, node_id to, uint16_t type, uint8_t set,
                    uint32_t round) {
    return (from == NODE_NONE || held->from == from) && held->to == to &&
           (type == 0 || held->said.type == type) && (set == 0 || held->said.set == set) &&
           held->said.round <= round;
}

/* All that waits and matches (NODE_NONE, 0: any), and what it leads to. */
static void deliver(struct scene *scene, node_id from, node_id to, uint16_t type, uint8_t set,
                    uint32_t round) {
    for (size_t i = 0; i < scene->count; i++) {
        const struct held held = scene->held[i];
        if (!matches(&held, from, to, type, set, round))
            continue;
        scene->count--;
        memmove(&scene->held[i], &scene->held[i + 1], (scene->count - i) * sizeof held);
        arrive(scene, held.from, held.to, held.frame);
        i = SIZE_MAX; /* from the beginning: more may wait now */
    }
}

/* X says it and it arrives at once. */
static void speak(struct scene *scene, node_id to, uint16_t type, uint32_t round, uint8_t set) {
    const struct abba_message message = {
        .type = type, .instance = LANE, .round = (uint16_t)round, .set = set};
    arrive(scene, X, to, abba_encode(&message, ASSEMBLY_CHANNEL));
}

static uint8_t only(bool value) {
    return value ? SET_TRUE : SET_FALSE;
}

/* AB-1, 1 to 3: both A finish AUX with both values. They hold @value, B the other one. */
static void split_the_pair(struct scene *scene, uint32_t round, bool value) {
    const uint8_t same = only(value), other = only(!value);
    speak(scene, A0, MESSAGE_ABBA_BVAL, round, other);
    deliver(scene, B, A0, MESSAGE_ABBA_BVAL, other, round); /* A0: AUX(other) */
    speak(scene, A1, MESSAGE_ABBA_BVAL, round, same);
    deliver(scene, A0, A1, MESSAGE_ABBA_BVAL, same, round); /* A1: AUX(same) */
    for (node_id a = A0; a <= A1; a++) {
        const node_id peer = a == A0 ? A1 : A0;
        speak(scene, a, MESSAGE_ABBA_BVAL, round, a == A0 ? same : other);
        deliver(scene, B, a, MESSAGE_ABBA_BVAL, other, round);
        deliver(scene, peer, a, MESSAGE_ABBA_BVAL, 0, round);
        deliver(scene, peer, a, MESSAGE_ABBA_AUX, 0, round);
        speak(scene, a, MESSAGE_ABBA_AUX, round, same);
    }
    for (node_id a = A0; a <= A1 && round % 3 == 2; a++) {
        speak(scene, a, MESSAGE_ABBA_CONF, round, SET_BOTH);
        deliver(scene, a == A0 ? A1 : A0, a, MESSAGE_ABBA_CONF, 0, round);
    }
}

/* 4: the coin that will be, once A0 has given its share. Modelled: the secret is all it takes. */
static bool learn_coin(struct scene *scene, uint32_t round) {
    struct honeybadger *self = honeybadger_of(assembly_consensus(scene->hostile.assembly, A0));
    uint8_t name[2 + 8 + 2], value[COIN_VALUE_BYTES];
    struct writer writer;
    if (round % 3 != 2)
        return round % 3 == 0;
    ck_assert(agreement(scene, A0)->round > round ||
              agreement(scene, A0)->rounds[round]->said_coin);
    writer_init(&writer, name, sizeof name);
    write_u16(&writer, ASSEMBLY_CHANNEL);
    write_u64(&writer, LANE);
    write_u16(&writer, (uint16_t)round);
    ck_assert_int_eq(coin_reveal(value, self->coin.secret, name, sizeof name), OK);
    return (value[0] & 1) != 0;
}

/* 5: B is given the value that the coin does not show. */
static void mislead(struct scene *scene, uint32_t round, bool coin) {
    const uint8_t wrong = only(!coin);
    speak(scene, B, MESSAGE_ABBA_BVAL, round, wrong);
    deliver(scene, A0, B, MESSAGE_ABBA_BVAL, wrong, round);
    deliver(scene, A1, B, MESSAGE_ABBA_BVAL, wrong, round);
    speak(scene, B, MESSAGE_ABBA_AUX, round, wrong);
    deliver(scene, NODE_NONE, B, MESSAGE_ABBA_AUX, wrong, round);
    if (round % 3 == 2)
        speak(scene, B, MESSAGE_ABBA_CONF, round, wrong);
}

static void attack(struct scene *scene, uint32_t round) {
    split_the_pair(scene, round, agreement(scene, A0)->estimate);
    mislead(scene, round, learn_coin(scene, round));
    deliver(scene, NODE_NONE, B, 0, 0, round);
    for (node_id a = A0; a <= A1; a++)
        deliver(scene, NODE_NONE, a, 0, 0, round);
    deliver(scene, NODE_NONE, B, 0, 0, round);
}

static bool is_split(const struct scene *scene, uint32_t round) {
    const struct abba *a0 = agreement(scene, A0), *a1 = agreement(scene, A1);
    const struct abba *b = agreement(scene, B);
    return a0->round == round && a1->round == round && b->round == round && !a0->decided &&
           a0->estimate == a1->estimate && a0->estimate != b->estimate;
}

static struct scene *open_scene(const char *behaviour, const char *provider, uint64_t seed) {
    struct scene *scene = memory_new(1, sizeof *scene);
    const struct assembly_config config = {.ops = consensus_find("honeybadger"),
                                           .count = MEMBERS,
                                           .delay = 10 * NS_PER_MS,
                                           .view_timeout = 400 * NS_PER_MS,
                                           .batch = 3,
                                           .provider = provider,
                                           .seed = seed,
                                           .route = network,
                                           .context = scene};
    scene->holding = true;
    hostile_begin(&scene->hostile, &config, adversary_find(behaviour, "honeybadger"), 1u << X);
    assembly_submit(scene->hostile.assembly, NS_PER_S, 24);
    assembly_run(scene->hostile.assembly, NS_PER_S + 65 * NS_PER_MS);
    ck_assert(is_split(scene, 0));
    ck_assert(agreement(scene, B)->estimate);
    return scene;
}

/* The network is a good one from here on: all that was held arrives, and everything is decided. */
static void release(struct scene *scene) {
    struct assembly *assembly = scene->hostile.assembly;
    scene->holding = false;
    for (size_t i = 0; i < scene->count; i++)
        assembly_inject(assembly, scene->held[i].from, scene->held[i].to,
                        assembly_now(assembly) + 1, scene->held[i].frame);
    scene->count = 0;
    assembly_run(assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 24);
    ck_assert_uint_eq(hostile_decided(&scene->hostile), assembly_log_height(assembly));
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

static void close_scene(struct scene *scene) {
    hostile_end(&scene->hostile);
    free(scene);
}

static uint32_t rounds_held_apart(struct scene *scene, uint32_t limit) {
    uint32_t round = 0;
    while (round < limit && is_split(scene, round))
        attack(scene, round++);
    return round;
}

/* AB-1 against the whole protocol: the two known coins are of use to the scheduler, the common one is not,
 * since B takes no value alone whose opposite the A's CONF holds. Without CONF it goes on for ever. */
START_TEST(ab1_ends_with_the_first_common_coin) {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct scene *scene = open_scene("mitm-coin", "modelled", seed);
        ck_assert_uint_eq(rounds_held_apart(scene, FAR), 3);
        ck_assert_uint_gt(scene->hostile.forged_types[MESSAGE_ABBA_BVAL & 0xfff], 0);
        ck_assert_uint_gt(scene->hostile.forged_types[MESSAGE_ABBA_AUX & 0xfff], 0);
        ck_assert_uint_gt(scene->hostile.forged_types[MESSAGE_ABBA_CONF & 0xfff], 0);
        release(scene);
        close_scene(scene);
    }
}
END_TEST

static uint64_t refused(const struct scene *scene) {
    return assembly_dropped(scene->hostile.assembly, ERR_PROOF) +
           assembly_dropped(scene->hostile.assembly, ERR_NON_CANONICAL);
}

/* AB-4 likewise: the hostile share comes first at all, proves nothing, and is refused by all. */
START_TEST(ab4_bad_shares_are_refused) {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct scene *scene = open_scene("bad-coin", "real", seed);
        attack(scene, 0);
        attack(scene, 1);
        ck_assert(is_split(scene, 2));
        ck_assert_uint_eq(refused(scene), 0);
        release(scene);
        ck_assert_uint_ge(scene->hostile.changed, 3);
        ck_assert_uint_eq(refused(scene), 3);
        close_scene(scene);
    }
}
END_TEST

Suite *adversary_coin_suite(void) {
    Suite *suite = suite_create("adversary_coin");
    TCase *tcase = tcase_create("adversary_coin");
    tcase_add_test(tcase, ab1_ends_with_the_first_common_coin);
    tcase_add_test(tcase, ab4_bad_shares_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
