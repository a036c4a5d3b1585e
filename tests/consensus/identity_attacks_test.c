/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Known attacks by one identity with two states (checks.md 3): twins, and a member whose disk is set back.
 * Real code is the adversary. CH-8 and CH-9 over and below the threshold, ST-2 and ST-3 likewise; the rules
 * they need are broken in tests/mutants/attacks.mutants. One way takes 10 ms; members are 0 … n - 1. */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"
#include "sim/assembly/hostile.h"

#define DELTA        HOSTILE_DELAY
#define VIEW_TIMEOUT (400 * NS_PER_MS)

enum { N = 7 };

static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};

static void assert_sound(const struct assembly *assembly) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

/* CH-8: n = 7, f + 1 twins: {0, 1, 2, 3, 4} | {5, 6, 0', 1', 2'} for ever. Each side knows transactions of
 * its own, and is a quorum of its own: both decide. (Of four members HotStuff with a leader in each view
 * decides nothing without the fourth: SL-1.) */

static bool is_right(node_id station) {
    return station >= 5;
}

static time_ns sides(void *context, const struct assembly_message *message) {
    return is_right(message->from) == is_right(message->to) ? message->delay : -1;
}

START_TEST(ch8_twins_above_the_threshold_fork) {
    struct assembly *assembly =
        assembly_new(&(struct assembly_config){.ops = consensus_find(variants[_i]),
                                               .count = N,
                                               .delay = DELTA,
                                               .view_timeout = VIEW_TIMEOUT,
                                               .seed = 8,
                                               .twins = 3,
                                               .twin_of = {0, 1, 2},
                                               .exact = true,
                                               .route = sides});
    assembly_submit_to(assembly, NS_PER_S, 16, 0x01f);
    assembly_submit_to(assembly, NS_PER_S, 16, 0x3e0);
    assembly_run(assembly, 20 * NS_PER_S);
    ck_assert_uint_gt(assembly_height(assembly, 3), 0);
    ck_assert_uint_gt(assembly_height(assembly, 5), 0);
    ck_assert(assembly_violated(assembly, "agreement"));
    ck_assert(!assembly_violated(assembly, "one vote")); /* no honest member is accused */
    assembly_free(assembly);
}
END_TEST

/* CH-9: n = 7, 0 leads and has a twin, no partition. 1 hears 0 first, the others hear the twin first; each
 * of the two has a transaction that nobody else knows: exactly one of their proposals commits. */

enum { TWIN = N };

static time_ns twin_is_closer(void *context, const struct assembly_message *message) {
    const bool far =
        (message->from == 0 && message->to != 1) || (message->from == TWIN && message->to == 1);
    return message->delay + (far ? DELTA : 0);
}

/* The numbers that HoneyBadger's first epoch takes from member 0: they are dealt by the committee's size. */
enum { ONE_S = 1, TWINS = 1 + N };

START_TEST(ch9_one_of_two_proposals_commits) {
    struct assembly *assembly =
        assembly_new(&(struct assembly_config){.ops = consensus_find(variants[_i]),
                                               .count = N,
                                               .delay = DELTA,
                                               .view_timeout = VIEW_TIMEOUT,
                                               .seed = 9,
                                               .twins = 1,
                                               .twin_of = {0},
                                               .exact = true,
                                               .route = twin_is_closer});
    assembly_submit_to(assembly, NS_PER_S, 1, 0x01);
    assembly_submit_to(assembly, NS_PER_S, N - 1, 0x7e);
    assembly_submit_to(assembly, NS_PER_S, 1, 0x80);
    time_ns now = NS_PER_S;
    uint32_t first = 0;
    while (first == 0 && now < 60 * NS_PER_S) {
        assembly_run(assembly, now += DELTA / 2);
        for (node_id node = 1; node < N; node++)
            first |= (uint32_t)assembly_has_decided(assembly, node, ONE_S) |
                     (uint32_t)assembly_has_decided(assembly, node, TWINS) << 1;
    }
    ck_assert_msg(first == 1 || first == 2, "%s: %u", variants[_i], first);
    assembly_run(assembly, 60 * NS_PER_S);
    for (node_id node = 2; node < N; node++) /* and nobody goes another way afterwards */
        ck_assert_uint_eq(assembly_height(assembly, node), assembly_height(assembly, 1));
    assert_sound(assembly);
    assembly_free(assembly);
}
END_TEST

/* ST-2: B = 0 leads and shows A to 3 alone. The power fails after each of 3's effects, so also between
 * what it writes, and between that and what it sends. When it is back B shows it A'. It votes once. */

enum { SMALL = 4, VOTER = 3, EFFECTS = 12 };

static void show_pbft(struct mind *mind, uint64_t number, time_ns after) {
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(number, 0, bytes);
    mind_send(mind, 0, VOTER, after, forge_pre_prepare(&mind->forger, 0, 0, 1, &value));
}

static void show_hotstuff(struct mind *mind, uint64_t number, time_ns after) {
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(number, 0, bytes);
    struct certificate genesis = forge_genesis(&mind->forger);
    const struct block_content block =
        forge_block(1, &genesis, (struct batch){value.bytes, value.size});
    mind_send(mind, 0, VOTER, after, forge_proposal(&mind->forger, &block, &genesis, NULL));
    certificate_drop(&genesis);
}

static void show_honeybadger(struct mind *mind, uint64_t number, time_ns after) {
    uint8_t bytes[8];
    struct forge_pieces pieces;
    const struct pbft_value value = forge_value(number, 0, bytes);
    forge_pieces_init(&pieces, &mind->base.view.committee, (struct batch){value.bytes, value.size},
                      true);
    mind_send(mind, 0, VOTER, after,
              forge_piece(&mind->forger, &pieces, MESSAGE_BROADCAST_VAL, 1 << 8, VOTER));
    forge_pieces_deinit(&pieces);
}

static void show_twice(struct adversary *adversary) {
    static void (*const shows[])(struct mind * mind, uint64_t number, time_ns after) = {
        [FAMILY_PBFT] = show_pbft,
        [FAMILY_HOTSTUFF] = show_hotstuff,
        [FAMILY_HONEYBADGER] = show_honeybadger,
    };
    struct mind *mind = mind_of(adversary);
    mind_start(adversary);
    shows[mind->family](mind, 1, DELTA);
    shows[mind->family](mind, 1 + SMALL, 10 * DELTA);
}

static const struct adversary_ops shows_twice = {
    .name = "shows-twice",
    .size = sizeof(struct mind),
    .start = show_twice,
    .hear = mind_hear,
    .deinit = mind_deinit,
};

/* What others know of its vote would remind it. */
static bool voter_is_cut_off(struct hostile *hostile, node_id from, node_id to,
                             const struct message *message) {
    return (from == VOTER || to == VOTER) && loop_now(assembly_loop(hostile->assembly)) < NS_PER_S;
}

static const char *const st2_variants[] = {"pbft", "hotstuff-sticky", "honeybadger"};

START_TEST(st2_a_step_cut_anywhere_makes_no_second_vote) {
    const char *variant = st2_variants[_i / EFFECTS];
    struct hostile *hostile = hostile_new(variant, SMALL, 2 * NS_PER_S, &shows_twice, 1);
    struct assembly *assembly = hostile->assembly;
    hostile->loses = voter_is_cut_off;
    assembly_submit(assembly, 0, 8);
    assembly_run(assembly, 3 * DELTA / 2);
    assembly_crash_after(assembly, VOTER, (uint64_t)(_i % EFFECTS));
    assembly_run(assembly, 5 * DELTA);
    if (assembly_alive(assembly, VOTER))
        assembly_crash(assembly, VOTER);
    assembly_restart(assembly, VOTER);
    assembly_run(assembly, NS_PER_S);
    if (_i % EFFECTS == EFFECTS - 1) /* the whole step was made */
        ck_assert_uint_gt(assembly_traced(assembly, TRACE_VOTED), 0);
    assert_sound(assembly);
    assembly_run(assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 8);
    assert_sound(assembly);
    hostile_free(hostile);
}
END_TEST

/* ST-3, the control: f Byzantine and one set back are f + 1. B = 0 is primary. All decide the first number,
 * and 3's disk is kept. 1 decides A with 0 and 3, which 2 does not hear. 3 crashes, and an old copy of its
 * disk is restored; then it helps 2 and 0 to decide A' at the same number. With its own disk it does not. */

#define KEPT_AT  (19 * DELTA)
#define BACK_AT  (50 * DELTA)
#define AGAIN_AT (60 * DELTA)

static void propose(struct mind *mind, node_id to, uint64_t sequence, uint64_t number,
                    time_ns after) {
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(number, 0, bytes);
    const struct statement commit = {VOTE_PBFT_COMMIT, ASSEMBLY_CHANNEL, 0, sequence,
                                     forge_digest(&mind->forger, sequence, &value)};
    mind_send(mind, 0, to, after, forge_pre_prepare(&mind->forger, 0, 0, sequence, &value));
    mind_send(mind, 0, to, after + 4 * DELTA, forge_pbft_vote(&mind->forger, 0, &commit));
}

static void rewind_start(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    mind_start(adversary);
    for (node_id to = 1; to < SMALL; to++)
        propose(mind, to, 1, 1, DELTA);
    propose(mind, 1, 2, 2, 20 * DELTA);
    propose(mind, VOTER, 2, 2, 20 * DELTA);
    propose(mind, 2, 2, 3, AGAIN_AT);
    propose(mind, VOTER, 2, 3, AGAIN_AT);
}

static const struct adversary_ops rewinds = {
    .name = "rewind",
    .size = sizeof(struct mind),
    .start = rewind_start,
    .hear = mind_hear,
    .deinit = mind_deinit,
};

static bool one_after_the_other(struct hostile *hostile, node_id from, node_id to,
                                const struct message *message) {
    const time_ns now = loop_now(assembly_loop(hostile->assembly));
    const node_id away = now < BACK_AT ? 2 : 1;
    return now > KEPT_AT && now < 2 * NS_PER_S && (from == away || to == away);
}

START_TEST(st3_f_and_one_set_back_fork) {
    const bool set_back = _i > 0;
    struct hostile hostile;
    struct disk old = {0};
    hostile_begin(&hostile,
                  &(struct assembly_config){.ops = consensus_find("pbft"),
                                            .count = SMALL,
                                            .delay = DELTA,
                                            .view_timeout = 5 * NS_PER_S,
                                            .seed = 3,
                                            .faulty = set_back ? 1 << VOTER : 0},
                  &rewinds, 1);
    struct assembly *assembly = hostile.assembly;
    hostile.loses = one_after_the_other;
    assembly_submit(assembly, 0, 8);
    assembly_run(assembly, KEPT_AT);
    ck_assert_uint_eq(assembly_height(assembly, VOTER), 1);
    loop_save(assembly_loop(assembly), VOTER, &old);
    assembly_run(assembly, BACK_AT);
    ck_assert_uint_eq(assembly_height(assembly, 1), 2);
    ck_assert_uint_eq(assembly_height(assembly, 2), 1);
    assembly_crash(assembly, VOTER);
    if (set_back)
        loop_roll_back(assembly_loop(assembly), VOTER, &old);
    disk_clear(&old);
    assembly_restart(assembly, VOTER);
    assembly_run(assembly, 2 * NS_PER_S);
    ck_assert_uint_eq(assembly_height(assembly, 2), 2); /* A' with its help, or A as it tells */
    ck_assert(assembly_violated(assembly, "agreement") == set_back);
    if (!set_back) {
        assembly_run(assembly, 60 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 8);
        assert_sound(assembly);
    }
    hostile_end(&hostile);
}
END_TEST

/* ST-3 below the threshold: one set back and nobody else faulty; it counts as the Byzantine one. */
START_TEST(st3_one_set_back_divides_nobody) {
    const char *variant = variants[_i / 8];
    struct assembly *assembly =
        assembly_new(&(struct assembly_config){.ops = consensus_find(variant),
                                               .count = SMALL,
                                               .delay = DELTA,
                                               .view_timeout = VIEW_TIMEOUT,
                                               .seed = (uint64_t)_i,
                                               .faulty = 1 << VOTER});
    struct disk old = {0};
    struct rng rng;
    rng_init(&rng, (uint64_t)_i, 0, "set back");
    for (time_ns at = 0; at < 4 * NS_PER_S; at += NS_PER_S / 20)
        assembly_submit(assembly, at, 1);
    for (time_ns now = NS_PER_S / 2; now < 4 * NS_PER_S; now += NS_PER_S / 2) {
        assembly_run(assembly, now + (time_ns)rng_below(&rng, NS_PER_S / 4));
        loop_save(assembly_loop(assembly), VOTER, &old);
        assembly_run(assembly, assembly_now(assembly) + (time_ns)rng_below(&rng, NS_PER_S / 4));
        assembly_crash(assembly, VOTER);
        loop_roll_back(assembly_loop(assembly), VOTER, &old);
        disk_clear(&old);
        assembly_restart(assembly, VOTER);
    }
    assembly_run(assembly, 120 * NS_PER_S);
    ck_assert_msg(assembly_decided(assembly) == 80, "%s: %llu decided", variant,
                  (unsigned long long)assembly_decided(assembly));
    assert_sound(assembly);
    assembly_free(assembly);
}
END_TEST

Suite *identity_attacks_suite(void) {
    Suite *suite = suite_create("identity_attacks");
    TCase *tcase = tcase_create("identity_attacks");
    tcase_add_loop_test(tcase, ch8_twins_above_the_threshold_fork, 0, 4);
    tcase_add_loop_test(tcase, ch9_one_of_two_proposals_commits, 0, 4);
    tcase_add_loop_test(tcase, st2_a_step_cut_anywhere_makes_no_second_vote, 0, 3 * EFFECTS);
    tcase_add_loop_test(tcase, st3_f_and_one_set_back_fork, 0, 2);
    tcase_add_loop_test(tcase, st3_one_set_back_divides_nobody, 0, 4 * 8);
    suite_add_tcase(suite, tcase);
    return suite;
}
