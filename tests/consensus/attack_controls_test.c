/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Positive controls (checks.md CH-8): with f + 1 hostile members agreement can be broken, and the
 * checkers must say so; a sweep that finds nothing rests on that. And PM-4: how soon members who were
 * apart for long come together; and how long a leader can hold up what it does not like. */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"
#include "sim/assembly/hostile.h"

#define DELTA HOSTILE_DELAY

enum { N = 4, LEFT = 2, RIGHT = 3 }; /* 0 and 1 are hostile */

static bool apart(struct hostile *hostile, node_id from, node_id to,
                  const struct message *message) {
    return from >= LEFT && to >= LEFT;
}

/* PBFT: each honest member gets a proposal of its own, with the votes of both hostile ones. */
static void control_pbft_start(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    uint8_t bytes[8];
    mind_start(adversary);
    for (node_id to = LEFT; to <= RIGHT; to++) {
        const struct pbft_value value = forge_value(to, 0, bytes);
        struct statement vote = {VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 0, 1,
                                 forge_digest(&mind->forger, 1, &value)};
        mind_send(mind, 0, to, DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &value));
        mind_send(mind, 1, to, 2 * DELTA, forge_pbft_vote(&mind->forger, 1, &vote));
        vote.kind = VOTE_PBFT_COMMIT;
        for (node_id as = 0; as < LEFT; as++)
            mind_send(mind, as, to, 3 * DELTA, forge_pbft_vote(&mind->forger, as, &vote));
    }
}

static const struct adversary_ops control_pbft = {
    .name = "control",
    .size = sizeof(struct mind),
    .start = control_pbft_start,
    .hear = mind_hear,
    .deinit = mind_deinit,
};

/* HotStuff: each honest member is led along a chain of its own; its vote and those of the hostile two
 * certify every block. */
static void lead(struct mind *mind, node_id to, uint64_t view, const struct certificate *justify) {
    uint8_t bytes[8];
    const struct pbft_value number = forge_value(to + 10 * view, 0, bytes);
    const struct block_content block =
        forge_block(view, justify, (struct batch){number.bytes, number.size});
    mind_send(mind, mind_leader(mind, view), to, 0,
              forge_proposal(&mind->forger, &block, justify, NULL));
}

static void control_hotstuff_start(struct adversary *adversary) {
    mind_start(adversary);
    mind_wake(mind_of(adversary), DELTA);
}

static void control_hotstuff_wake(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    struct certificate genesis = forge_genesis(&mind->forger);
    lead(mind, LEFT, 1, &genesis);
    lead(mind, RIGHT, 1, &genesis);
    certificate_drop(&genesis);
}

static void control_hotstuff_hear(struct adversary *adversary, node_id from, node_id to,
                                  const struct message *message, const struct frame *frame) {
    struct mind *mind = mind_of(adversary);
    const struct certification *certification = &mind->forger.certification;
    struct vote vote;
    struct vote_set set;
    struct certificate certificate;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    if (message->type != MESSAGE_HOTSTUFF_VOTE ||
        vote_decode(&vote, certification, message) != OK || vote.view > 4)
        return;
    const struct statement statement =
        forge_about(&mind->forger, VOTE_HOTSTUFF, vote.view, &vote.block);
    vote_set_init(&set, certification);
    for (node_id as = 0; as < LEFT; as++) {
        ck_assert(forge_sign(&mind->forger, as, &statement, signature));
        vote_set_add(&set, as, &vote.block, signature);
    }
    vote_set_add(&set, from, &vote.block, vote.signature);
    ck_assert_int_eq(
        vote_set_certify(&set, forge_env(&mind->forger, 0), &statement, 3, &certificate), OK);
    lead(mind, from, vote.view + 1, &certificate);
    certificate_drop(&certificate);
    vote_set_deinit(&set);
}

static const struct adversary_ops control_hotstuff = {
    .name = "control",
    .size = sizeof(struct mind),
    .start = control_hotstuff_start,
    .hear = control_hotstuff_hear,
    .wake = control_hotstuff_wake,
    .deinit = mind_deinit,
};

/* HoneyBadger: each honest member is given an epoch of its own. The hostile two complete its broadcast and
 * their own empty ones, and its agreements: in for those three lanes, out for the other honest member's. */
static void pass(struct mind *mind, node_id as, const struct message *message) {
    struct broadcast_message in;
    if (broadcast_decode(&in, message) != OK)
        return;
    const node_id to = (node_id)(in.instance & 0xff);
    in.type = MESSAGE_BROADCAST_ECHO;
    mind_send(mind, as, to, 0, broadcast_encode(&in, ASSEMBLY_CHANNEL));
    struct digest commitment;
    fragment_commitment(&in.fragment, &commitment);
    mind_send(mind, as, to, 0, forge_ready(&mind->forger, in.instance, &commitment));
}

static void complete_empty(struct mind *mind, const struct forge_pieces *empty, node_id lane,
                           node_id to) {
    const uint64_t instance = 1 << 8 | lane;
    mind_send(mind, lane, to, 0,
              forge_piece(&mind->forger, empty, MESSAGE_BROADCAST_VAL, instance, to));
    for (node_id as = 0; as < LEFT; as++) {
        mind_send(mind, as, to, 0,
                  forge_piece(&mind->forger, empty, MESSAGE_BROADCAST_ECHO, instance, as));
        mind_send(mind, as, to, 0, forge_ready(&mind->forger, instance, &empty->commitment));
    }
}

static void settle_lane(struct mind *mind, node_id lane, node_id to) {
    const uint8_t set = lane < LEFT || lane == to ? SET_TRUE : SET_FALSE;
    for (node_id as = 0; as < LEFT; as++)
        for (uint16_t round = 0; round < 2; round++) /* whose coins are true and false */
            for (uint16_t type = MESSAGE_ABBA_BVAL; type <= MESSAGE_ABBA_AUX; type++)
                mind_send(mind, as, to, DELTA * (1 + type - MESSAGE_ABBA_BVAL),
                          forge_abba(&mind->forger, type, 1 << 8 | lane, round, set));
}

static void control_honeybadger_hear(struct adversary *adversary, node_id from, node_id to,
                                     const struct message *message, const struct frame *frame) {
    struct mind *mind = mind_of(adversary);
    struct forge_pieces empty;
    if (message->type != MESSAGE_BROADCAST_VAL || to >= LEFT)
        return;
    pass(mind, to, message);
    if (to > 0)
        return;
    forge_pieces_init(&empty, &adversary->view.committee, (struct batch){NULL, 0}, true);
    for (node_id lane = 0; lane < N; lane++) {
        if (lane < LEFT)
            complete_empty(mind, &empty, lane, from);
        settle_lane(mind, lane, from);
    }
    forge_pieces_deinit(&empty);
}

static const struct adversary_ops control_honeybadger = {
    .name = "control",
    .size = sizeof(struct mind),
    .start = mind_start,
    .hear = control_honeybadger_hear,
    .deinit = mind_deinit,
};

START_TEST(f_plus_one_are_reported) {
    static const struct {
        const char *variant;
        const struct adversary_ops *behaviour;
    } rows[] = {{"pbft", &control_pbft},
                {"hotstuff-sticky", &control_hotstuff},
                {"honeybadger", &control_honeybadger}};
    struct hostile *hostile =
        hostile_new(rows[_i].variant, N, 400 * NS_PER_MS, rows[_i].behaviour, 3);
    hostile->loses = apart;
    assembly_submit(hostile->assembly, 0, 100);
    assembly_run(hostile->assembly, NS_PER_S);
    ck_assert_uint_ge(assembly_height(hostile->assembly, LEFT), 1);
    ck_assert_uint_ge(assembly_height(hostile->assembly, RIGHT), 1);
    ck_assert(assembly_violated(hostile->assembly, "agreement"));
    ck_assert(assembly_violated(hostile->assembly, "one certificate"));
    ck_assert(!assembly_violated(hostile->assembly, "one vote")); /* no honest member is accused */
    hostile_free(hostile);
}
END_TEST

/* PM-4: {0, 1} | {2, 3} for a minute; the first decision after it is at most so many view timeouts away. */
static bool halves(struct hostile *hostile, node_id from, node_id to,
                   const struct message *message) {
    return from / 2 != to / 2 && loop_now(assembly_loop(hostile->assembly)) < 60 * NS_PER_S;
}

START_TEST(pm4_halves_find_each_other) {
    static const struct {
        const char *variant;
        uint32_t timeouts;
    } rows[] = {{"pbft", 1}, {"hotstuff", 1}, {"hotstuff-sticky", 1}, {"honeybadger", 13}};
    struct hostile *hostile = hostile_new(rows[_i].variant, N, 400 * NS_PER_MS,
                                          adversary_find("silent", rows[_i].variant), 0);
    hostile->loses = halves;
    assembly_submit(hostile->assembly, NS_PER_S, 100);
    assembly_run(hostile->assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_log_height(hostile->assembly), 0);
    time_ns now = 60 * NS_PER_S;
    while (hostile_decided(hostile) == 0 && now < 120 * NS_PER_S)
        assembly_run(hostile->assembly, now += DELTA);
    ck_assert_msg(now - 60 * NS_PER_S <= rows[_i].timeouts * 400 * NS_PER_MS, "%s: %lld ms",
                  rows[_i].variant, (long long)(now / NS_PER_MS - 60000));
    ck_assert_ptr_null(assembly_violation(hostile->assembly));
    hostile_free(hostile);
}
END_TEST

/* The same with seven members, of whom two in a row are silent for good. The back-off of that minute is
 * over when halves meet; a silent leader of several views pays one long wait, not one for each. */
static bool uneven_halves(struct hostile *hostile, node_id from, node_id to,
                          const struct message *message) {
    return from / 4 != to / 4 && loop_now(assembly_loop(hostile->assembly)) < 60 * NS_PER_S;
}

static void check_without_two(const char *variant, uint32_t first, time_ns most) {
    struct hostile *hostile = hostile_new(variant, 7, 400 * NS_PER_MS,
                                          adversary_find("silent", variant), UINT64_C(3) << first);
    hostile->loses = uneven_halves;
    assembly_submit(hostile->assembly, NS_PER_S, 100);
    assembly_run(hostile->assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_log_height(hostile->assembly), 0);
    assembly_run(hostile->assembly, 60 * NS_PER_S + most);
    ck_assert_msg(hostile_decided(hostile) > 0, "%s, %u and %u silent", variant, first, first + 1);
    ck_assert_ptr_null(assembly_violation(hostile->assembly));
    hostile_free(hostile);
}

START_TEST(pm4_halves_find_each_other_without_f) {
    static const struct {
        const char *variant;
        uint32_t timeouts;
    } rows[] = {{"pbft", 7}, {"hotstuff", 7}, {"hotstuff-sticky", 11}, {"honeybadger", 13}};
    for (uint32_t first = 0; first + 1 < 7; first++)
        check_without_two(rows[_i].variant, first, rows[_i].timeouts * 400 * NS_PER_MS);
}
END_TEST

/* A9: a member that never proposes an even number, among others that do, under load: 50 transactions a
 * second, one in a batch. No number waits for longer than the row says: PBFT's primary is replaced by the
 * timer of the oldest (a view timeout), HotStuff's leads one view or four, HoneyBadger has none. */
START_TEST(who_censors_holds_up_for_so_long) {
    static const struct {
        const char *variant;
        time_ns longest;
    } rows[] = {{"pbft", 500 * NS_PER_MS},
                {"hotstuff", 150 * NS_PER_MS},
                {"hotstuff-sticky", 250 * NS_PER_MS},
                {"honeybadger", 200 * NS_PER_MS}};
    enum { COUNT = 200 };
    const struct assembly_config config = {.ops = consensus_find(rows[_i].variant),
                                           .count = N,
                                           .delay = DELTA,
                                           .view_timeout = 400 * NS_PER_MS,
                                           .seed = 3,
                                           .censors = 1};
    struct assembly *assembly = assembly_new(&config);
    for (uint32_t i = 0; i < COUNT; i++)
        assembly_submit(assembly, i * 2 * DELTA, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        assembly_run(assembly, i * 2 * DELTA + rows[_i].longest);
        ck_assert_msg(assembly_has_decided(assembly, 1, i + 1), "%s: number %u waits",
                      rows[_i].variant, i + 1);
    }
    ck_assert_ptr_null(assembly_violation(assembly));
    assembly_free(assembly);
}
END_TEST

Suite *attack_controls_suite(void) {
    Suite *suite = suite_create("attack_controls");
    TCase *tcase = tcase_create("attack_controls");
    tcase_add_loop_test(tcase, f_plus_one_are_reported, 0, 3);
    tcase_add_loop_test(tcase, pm4_halves_find_each_other, 0, 4);
    tcase_add_loop_test(tcase, pm4_halves_find_each_other_without_f, 0, 4);
    tcase_add_loop_test(tcase, who_censors_holds_up_for_so_long, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite;
}
