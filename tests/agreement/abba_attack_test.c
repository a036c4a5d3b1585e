/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scheduler that keeps MMR14 from deciding (checks.md AB-1, HoneyBadgerBFT issue 59): n = 4, A0,
 * A1 and B are correct, X is faulty and learns the coin as soon as one correct member gives its
 * share. Every message between correct members arrives in the end. */
#include <check.h>
#include <stdlib.h>

#include "tests/lib/agreement_world.h"

enum { A0, A1, B, X, COUNT };
enum { LONG_RUN = 1000 };

static uint8_t only(bool value) {
    return value ? SET_TRUE : SET_FALSE;
}

static void deliver(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                    uint8_t set, uint32_t round) {
    agreement_deliver_all(world, from, to, type, set, round);
}

/* X says it and it arrives at once. */
static void speak(struct agreement_world *world, uint32_t to, uint16_t type, uint32_t round,
                  uint8_t set) {
    agreement_say(world, X, to, type, round, set);
    deliver(world, X, to, type, set, round);
}

/* Steps 1 to 3: both A finish AUX with both values, and give their coin shares as soon as the rules
 * let them. A0 and A1 hold @value, B the other one. */
static void split_the_pair(struct agreement_world *world, uint32_t round, bool value) {
    const uint8_t same = only(value), other = only(!value);
    speak(world, A0, MESSAGE_ABBA_BVAL, round, other);
    deliver(world, B, A0, MESSAGE_ABBA_BVAL, other, round); /* A0: AUX(other) */
    speak(world, A1, MESSAGE_ABBA_BVAL, round, same);
    deliver(world, A0, A1, MESSAGE_ABBA_BVAL, same, round); /* A1: AUX(same) */
    for (uint32_t a = A0; a <= A1; a++) {
        speak(world, a, MESSAGE_ABBA_BVAL, round, a == A0 ? same : other);
        deliver(world, B, a, MESSAGE_ABBA_BVAL, other, round);
        deliver(world, a == A0 ? A1 : A0, a, MESSAGE_ABBA_BVAL, 0, round);
        deliver(world, a == A0 ? A1 : A0, a, MESSAGE_ABBA_AUX, 0, round);
        speak(world, a, MESSAGE_ABBA_AUX, round, same);
    }
    for (uint32_t a = A0; a <= A1; a++) {
        speak(world, a, MESSAGE_ABBA_CONF, round, SET_BOTH);
        deliver(world, a == A0 ? A1 : A0, a, MESSAGE_ABBA_CONF, 0, round);
    }
}

/* The coin of the round as X computes it from its own share and one that it received; step 4. */
static bool learn_coin(struct agreement_world *world, uint32_t round) {
    uint8_t name[12];
    struct writer writer;
    struct env env;
    struct dh_share shares[2];
    size_t known = 0;
    for (size_t i = 0; i < world->pool_count; i++)
        if (world->pool[i].to == X && world->pool[i].message.type == MESSAGE_ABBA_COIN &&
            world->pool[i].message.round == round && known == 0) {
            shares[known++] = world->pool[i].message.share;
            shares[0].holder = world->pool[i].from + 1;
        }
    ck_assert_uint_eq(known, 1);
    env_init(&env, X, 0);
    env.stepping = true;
    writer_init(&writer, name, sizeof name);
    write_u16(&writer, AGREEMENT_CHANNEL);
    write_u64(&writer, world->config.seed);
    write_u16(&writer, (uint16_t)round);
    common_coin_share(&world->members[X].coin, &env, name, sizeof name, &shares[1]);
    bool coin = common_coin_toss(&world->members[X].coin, &env, name, sizeof name, shares);
    env_deinit(&env);
    return coin;
}

/* Step 5: B, which has heard nothing yet, is given the value that the coin does not show. */
static void mislead(struct agreement_world *world, uint32_t round, bool coin) {
    const uint8_t wrong = only(!coin);
    speak(world, B, MESSAGE_ABBA_BVAL, round, wrong);
    deliver(world, A0, B, MESSAGE_ABBA_BVAL, wrong, round);
    deliver(world, A1, B, MESSAGE_ABBA_BVAL, wrong, round);
    speak(world, B, MESSAGE_ABBA_AUX, round, wrong);
    deliver(world, MEMBER_NONE, B, MESSAGE_ABBA_AUX, wrong, round);
    speak(world, B, MESSAGE_ABBA_CONF, round, wrong);
}

/* One round of the attack; then everything of it arrives, and the A go on. */
static void attack(struct agreement_world *world, uint32_t round, bool value) {
    split_the_pair(world, round, value);
    const bool coin = learn_coin(world, round);
    mislead(world, round, coin);
    speak(world, B, MESSAGE_ABBA_COIN, round, 0);
    deliver(world, MEMBER_NONE, B, 0, 0, round);
    for (uint32_t a = A0; a <= A1; a++)
        speak(world, a, MESSAGE_ABBA_COIN, round, 0);
    for (uint32_t a = A0; a <= A1; a++)
        deliver(world, MEMBER_NONE, a, 0, 0, round);
    deliver(world, MEMBER_NONE, B, 0, 0, round);
    deliver(world, MEMBER_NONE, X, 0, 0, ABBA_ROUNDS);
}

static bool is_split(const struct agreement_world *world, uint32_t round) {
    const struct abba *a0 = &world->members[A0].abba, *a1 = &world->members[A1].abba;
    const struct abba *b = &world->members[B].abba;
    return a0->round == round && a1->round == round && b->round == round &&
           a0->estimate == a1->estimate && a0->estimate != b->estimate;
}

static void start(struct agreement_world *world, enum abba_rule rule, uint64_t seed) {
    const struct agreement_config config = {
        .count = COUNT, .faulty = 1u << X, .rule = rule, .seed = seed};
    agreement_world_init(world, &config);
    for (uint32_t i = A0; i < X; i++)
        agreement_input(world, i, i != B);
}

/* How many rounds the attack can be repeated; at most @limit. */
static uint32_t rounds_held_apart(struct agreement_world *world, uint32_t limit) {
    uint32_t round = 0;
    while (round < limit && is_split(world, round)) {
        attack(world, round, world->members[A0].abba.estimate);
        round++;
    }
    return round;
}

START_TEST(without_conf_nobody_ever_decides) {
    struct agreement_world *world = calloc(1, sizeof *world);
    start(world, ABBA_WITHOUT_CONF, 59);
    ck_assert_uint_eq(rounds_held_apart(world, LONG_RUN), LONG_RUN);
    for (uint32_t i = A0; i < X; i++)
        ck_assert(!world->members[i].decided);
    agreement_world_deinit(world);
    free(world);
}
END_TEST

/* protocols.md 11.1: CONF alone is not enough when the own AUX set is what counts afterwards. */
START_TEST(with_the_own_aux_set_nobody_ever_decides) {
    struct agreement_world *world = calloc(1, sizeof *world);
    start(world, ABBA_OWN_AUX_SET, 59);
    ck_assert_uint_eq(rounds_held_apart(world, LONG_RUN), LONG_RUN);
    for (uint32_t i = A0; i < X; i++)
        ck_assert(!world->members[i].decided);
    agreement_world_deinit(world);
    free(world);
}
END_TEST

/* The same scheduler against the sound rules: after one round all hold the coin's value. */
START_TEST(with_conf_and_union_the_attack_ends_at_once) {
    struct agreement_world *world = calloc(1, sizeof *world);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        start(world, ABBA_SOUND, seed);
        ck_assert_uint_eq(rounds_held_apart(world, LONG_RUN), 1);
        ck_assert(world->members[A0].abba.estimate == world->members[B].abba.estimate);
        agreement_run(world); /* X stays silent from here on */
        ck_assert(agreement_all_decided(world));
        for (uint32_t i = A0; i < X; i++)
            ck_assert_uint_lt(world->members[i].decided_round, 20);
        agreement_world_deinit(world);
    }
    free(world);
}
END_TEST

Suite *abba_attack_suite(void) {
    Suite *suite = suite_create("abba_attack");
    TCase *test = tcase_create("scheduler");
    tcase_set_timeout(test, 60);
    tcase_add_test(test, without_conf_nobody_ever_decides);
    tcase_add_test(test, with_the_own_aux_set_nobody_ever_decides);
    tcase_add_test(test, with_conf_and_union_the_attack_ends_at_once);
    suite_add_tcase(suite, test);
    return suite;
}
