/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Known attacks with their known outcomes (checks.md 3): each card's schedule, and what must hold. The
 * rule that a card needs is broken in tests/mutants/attacks.mutants, and then this suite fails. One way
 * takes 10 ms; members are 0 … n - 1. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"
#include "sim/assembly/hostile.h"

#define DELTA HOSTILE_DELAY

static void end(struct hostile *hostile) {
    const char *violation = assembly_violation(hostile->assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
    hostile_free(hostile);
}

static uint64_t first_number(const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    return read_u64(&reader);
}

/* CH-2, no lock. 3 is hostile. Views 1 to 3 certify b1 and b2. In view 4 it shows the certificate of b3
 * to 1 alone, who commits b1 and is cut off. The proposals of the next three views are lost; with the
 * time-out certificate of view 7 it proposes on genesis: 0 and 2 are locked on b1 and must refuse. */

enum { FORK_BEFORE, FORK_HIDDEN, FORK_PROPOSED };

/* Whoever gives up shows nothing. */
static bool fork_new_view(struct mind *mind, node_id as, struct frame **frame,
                          const struct message *message) {
    struct new_view in;
    struct certificate genesis = forge_genesis(&mind->forger);
    if (new_view_decode(&in, &mind->forger.certification, message) == OK)
        (void)mind_replace(
            frame, forge_hotstuff_new_view(&mind->forger, as, in.view, &genesis, &in.timeout));
    certificate_drop(&genesis);
    return true;
}

static bool fork_proposal(struct hostile *hostile, struct mind *mind, node_id to,
                          struct frame **frame, const struct message *message) {
    struct proposal in;
    if (proposal_decode(&in, &mind->forger.certification, message) != OK)
        return false;
    if (in.block.view == 4)
        hostile->phase = FORK_HIDDEN;
    if (in.block.view == 4 || in.block.view != 8 || in.timeout.frame == NULL)
        return in.block.view == 4 ? to == 1 : in.block.view != 8;
    struct certificate genesis = forge_genesis(&mind->forger);
    hostile->phase = FORK_PROPOSED;
    in.block.parent_view = 0;
    in.block.parent = genesis.statement.block;
    in.justify = genesis;
    (void)mind_replace(frame, proposal_encode(&in, &mind->forger.certification));
    certificate_drop(&genesis);
    return true;
}

static bool fork_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    struct hostile *hostile = adversary->view.context;
    const struct message message = mind_parse(*frame);
    if (message.type == MESSAGE_HOTSTUFF_NEW_VIEW)
        return fork_new_view(mind, from, frame, &message);
    if (message.type == MESSAGE_HOTSTUFF_PROPOSAL)
        return fork_proposal(hostile, mind, to, frame, &message);
    return message.type == MESSAGE_HOTSTUFF_VOTE;
}

static const struct adversary_ops fork_behaviour = {
    .name = "fork",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = fork_tamper,
    .deinit = mind_deinit,
};

static bool fork_loses(struct hostile *hostile, node_id from, node_id to,
                       const struct message *message) {
    if (loop_now(assembly_loop(hostile->assembly)) > 5 * NS_PER_S || hostile->phase == FORK_BEFORE)
        return false;
    const bool early = message->type == MESSAGE_HOTSTUFF_PROPOSAL && first_number(message) < 8;
    return from == 1 || to == 1 || early;
}

START_TEST(ch2_the_lock_refuses_a_fork) {
    struct hostile *hostile = hostile_new("hotstuff", 4, 100 * NS_PER_MS, &fork_behaviour, 8);
    hostile->loses = fork_loses;
    assembly_submit(hostile->assembly, 0, 3000);
    assembly_run(hostile->assembly, 4 * NS_PER_S);
    ck_assert_uint_eq(assembly_height(hostile->assembly, 1), 1);
    ck_assert_uint_eq(hostile->phase, FORK_PROPOSED);
    ck_assert_uint_gt(assembly_dropped(hostile->assembly, ERR_UNSAFE), 0);
    assembly_run(hostile->assembly, 15 * NS_PER_S);
    ck_assert_uint_gt(hostile_decided(hostile), 50);
    end(hostile);
}
END_TEST

/* CH-6 and CH-7: in each half of {0, 1} | {2, 3} members are one short of a quorum, also when the
 * hostile one votes for itself and its twin in both: nothing is certified, for no variant. */

static bool half_loses(struct hostile *hostile, node_id from, node_id to,
                       const struct message *message) {
    return from / 2 != to / 2;
}

START_TEST(ch7_half_is_no_quorum) {
    static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};
    struct hostile *hostile = hostile_new(variants[_i], 4, 200 * NS_PER_MS,
                                          adversary_find("double-vote", variants[_i]), 2);
    hostile->loses = half_loses;
    assembly_submit(hostile->assembly, 0, 100);
    assembly_run(hostile->assembly, 10 * NS_PER_S);
    ck_assert_uint_eq(assembly_traced(hostile->assembly, TRACE_DECIDED), 0);
    if (_i < 3)
        ck_assert_uint_eq(assembly_traced(hostile->assembly, TRACE_CERTIFIED), 0);
    hostile->loses = NULL;
    assembly_run(hostile->assembly, 60 * NS_PER_S);
    ck_assert_uint_gt(hostile_decided(hostile), 0);
    end(hostile);
}
END_TEST

/* QA-3: n = 5, {1, 2, B} | {3, 4, B}, B = 0 proposes and votes for both: three of five is no quorum. */

static void both_start(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    uint8_t bytes[8];
    mind_start(adversary);
    for (node_id to = 1; to < 5; to++) {
        const struct pbft_value value = forge_value(to < 3 ? 1 : 2, 0, bytes);
        const struct statement commit = {VOTE_PBFT_COMMIT, ASSEMBLY_CHANNEL, 0, 1,
                                         forge_digest(&mind->forger, 1, &value)};
        mind_send(mind, 0, to, DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &value));
        mind_send(mind, 0, to, 2 * DELTA, forge_pbft_vote(&mind->forger, 0, &commit));
    }
}

static const struct adversary_ops both_behaviour = {
    .name = "both",
    .size = sizeof(struct mind),
    .start = both_start,
    .hear = mind_hear,
    .deinit = mind_deinit,
};

static bool pairs_lose(struct hostile *hostile, node_id from, node_id to,
                       const struct message *message) {
    return (from < 3) != (to < 3) && loop_now(assembly_loop(hostile->assembly)) < NS_PER_S;
}

START_TEST(qa3_three_of_five_fork) {
    struct hostile *hostile = hostile_new("pbft", 5, 400 * NS_PER_MS, &both_behaviour, 1);
    hostile->loses = pairs_lose;
    assembly_submit(hostile->assembly, 0, 10);
    assembly_run(hostile->assembly, 300 * NS_PER_MS);
    ck_assert_uint_eq(assembly_traced(hostile->assembly, TRACE_DECIDED), 0);
    assembly_run(hostile->assembly, 20 * NS_PER_S);
    ck_assert_uint_eq(hostile_decided(hostile), 10);
    end(hostile);
}
END_TEST

/* PB-1: B = 0 is primary; PREPAREs reach 1 alone, which is prepared and then cut off. 0 hides what it
 * has. 1 must not have decided by itself, for the others order something else. */

static bool hide_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    if (message.type == MESSAGE_PBFT_VIEW_CHANGE) {
        const struct forge_change empty = {
            .sender = from, .signer = from, .view = first_number(&message)};
        return mind_replace(frame, forge_view_change(&mind->forger, &empty));
    }
    return message.type != MESSAGE_PBFT_COMMIT || first_number(&message) > 0;
}

static const struct adversary_ops hide_behaviour = {
    .name = "hide",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = hide_tamper,
    .deinit = mind_deinit,
};

static bool prepared_alone(struct hostile *hostile, node_id from, node_id to,
                           const struct message *message) {
    if (loop_now(assembly_loop(hostile->assembly)) > 8 * NS_PER_S)
        return false;
    return from == 1 || (to == 1 && message->type != MESSAGE_PBFT_PREPARE) ||
           (message->type == MESSAGE_PBFT_PREPARE && first_number(message) == 0 && to != 1);
}

START_TEST(pb1_prepared_is_not_committed) {
    struct hostile *hostile = hostile_new("pbft", 4, 400 * NS_PER_MS, &hide_behaviour, 1);
    hostile->loses = prepared_alone;
    assembly_submit(hostile->assembly, 0, 6);
    assembly_run(hostile->assembly, 350 * NS_PER_MS);
    ck_assert_uint_gt(assembly_traced(hostile->assembly, TRACE_CERTIFIED), 0); /* it is prepared */
    ck_assert_uint_eq(assembly_height(hostile->assembly, 1), 0);
    assembly_run(hostile->assembly, 7 * NS_PER_S);
    ck_assert_uint_eq(assembly_height(hostile->assembly, 2), 6);
    assembly_run(hostile->assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(hostile_decided(hostile), 6);
    end(hostile);
}
END_TEST

/* Runs a behaviour of the library under load: what all honest members decide in ten seconds. */
static struct hostile *under_load(const char *variant, uint32_t count, const char *behaviour,
                                  uint64_t members, time_ns jitter) {
    struct hostile *hostile =
        hostile_new(variant, count, 400 * NS_PER_MS, adversary_find(behaviour, variant), members);
    hostile->jitter = jitter;
    for (uint32_t i = 0; i < 100; i++)
        assembly_submit(hostile->assembly, i * (NS_PER_S / 10), 10);
    assembly_run(hostile->assembly, 10 * NS_PER_S);
    return hostile;
}

/* PB-2: an invented claim is refused for its signatures. */
START_TEST(pb2_an_invented_claim_is_refused) {
    struct hostile *hostile = under_load("pbft", 4, "invented-claim", 8, 0);
    ck_assert_uint_gt(hostile->forged_types[MESSAGE_PBFT_VIEW_CHANGE & 0xfff], 0);
    ck_assert_uint_gt(assembly_dropped(hostile->assembly, ERR_SIGNATURE), 0);
    ck_assert_uint_eq(hostile_decided(hostile), 1000);
    end(hostile);
}
END_TEST

/* PB-5: with one transaction at a time a primary that takes three quarters of the view timeout for each
 * stays in office: one batch in 0.3 s, and no view change. */
START_TEST(pb5_a_slow_primary_stays) {
    struct hostile *hostile =
        hostile_new("pbft", 4, 400 * NS_PER_MS, adversary_find("slow-leader", "pbft"), 1);
    struct consensus_view view;
    for (uint32_t i = 0; i < 30; i++)
        assembly_submit(hostile->assembly, i * 340 * NS_PER_MS, 1);
    for (uint32_t i = 0; i < 30; i++) {
        assembly_run(hostile->assembly, i * 340 * NS_PER_MS + 299 * NS_PER_MS);
        ck_assert_uint_eq(assembly_height(hostile->assembly, 1), i);
        assembly_run(hostile->assembly, i * 340 * NS_PER_MS + 339 * NS_PER_MS);
        ck_assert_uint_eq(assembly_height(hostile->assembly, 1), i + 1);
    }
    assembly_observe(hostile->assembly, 1, &view);
    ck_assert_uint_eq(view.view, 0);
    end(hostile);
}
END_TEST

/* PB-7: proposals at the high water mark alone: the view change fills nothing in for ever, the next
 * primary orders all. */
START_TEST(pb7_the_watermark_is_no_weapon) {
    struct hostile *hostile = under_load("pbft", 4, "watermark-jump", 1, 0);
    ck_assert_uint_gt(hostile->changed, 0);
    ck_assert_uint_eq(hostile_decided(hostile), 1000);
    end(hostile);
}
END_TEST

/* PM-1: a forged time-out certificate moves nobody: as many decisions as with a silent member. */
START_TEST(pm1_a_forged_timeout_certificate_moves_nobody) {
    struct hostile *silent = under_load("hotstuff", 7, "silent", 64, 0);
    struct hostile *forged = under_load("hotstuff", 7, "forged-certificate", 64, 0);
    struct consensus_view quiet, attacked;
    assembly_observe(silent->assembly, 0, &quiet);
    assembly_observe(forged->assembly, 0, &attacked);
    ck_assert_uint_gt(forged->forged_types[MESSAGE_HOTSTUFF_NEW_VIEW & 0xfff], 0);
    ck_assert_uint_eq(attacked.view, quiet.view);
    ck_assert_uint_eq(hostile_decided(forged), hostile_decided(silent));
    end(silent);
    end(forged);
}
END_TEST

/* Issue 9, A5: time-outs of f members, given out with each proposal, cost nothing. */
START_TEST(pm3_early_timeouts_of_few_cost_nothing) {
    static const char *const variants[] = {"hotstuff", "hotstuff-sticky"};
    struct hostile *hostile = under_load(variants[_i], 7, "early-timeout", 3u << 5, 0);
    ck_assert_uint_gt(hostile->forged, 1000);
    ck_assert_uint_ge(hostile_decided(hostile), 490);
    end(hostile);
}
END_TEST

/* FK-1: HotStuff with a leader in each view, n = 7, 6 proposes on the oldest block that gets votes. A gap
 * needs a time-out certificate, so alone it can't overwrite anything; with 5, who keeps the certificate of
 * each fifth block to itself, the one certified block before that is lost as well: 4 of 7 instead of the 5
 * that a mute 5 leaves. Without that rule it is two for each of its views (Bamboo). */

static bool forking_tamper(struct adversary *adversary, node_id from, node_id to,
                           struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    const struct certificate *older = &mind->facts.older;
    struct proposal in;
    if (from == 5 || message.type != MESSAGE_HOTSTUFF_PROPOSAL) /* nor does 6 tell what 5 told it */
        return behaviour_mute_leader.tamper(adversary, from, to, frame, delay);
    if (proposal_decode(&in, &mind->forger.certification, &message) != OK ||
        in.timeout.frame == NULL)
        return true;
    in.block.parent_view = older->statement.view;
    in.block.parent = older->statement.block;
    in.justify = *older;
    return mind_replace(frame, proposal_encode(&in, &mind->forger.certification));
}

static const struct adversary_ops forking_behaviour = {
    .name = "forking",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = forking_tamper,
    .deinit = mind_deinit,
};

START_TEST(fk1_forking_costs_what_the_lock_leaves) {
    static const struct {
        const struct adversary_ops *behaviour;
        uint64_t members, blocks; /* blocks of seven views */
    } rows[] = {{&behaviour_stale_certificate, 1 << 6, 7},
                {&behaviour_mute_leader, 1 << 5, 5},
                {&forking_behaviour, 3 << 5, 4}};
    struct hostile *hostile =
        hostile_new("hotstuff", 7, 100 * NS_PER_MS, rows[_i].behaviour, rows[_i].members);
    struct consensus_view from, to;
    assembly_submit(hostile->assembly, 0, 3000);
    assembly_run(hostile->assembly, 5 * NS_PER_S);
    assembly_observe(hostile->assembly, 0, &from);
    do {
        assembly_run(hostile->assembly, loop_now(assembly_loop(hostile->assembly)) + NS_PER_MS);
        assembly_observe(hostile->assembly, 0, &to);
    } while (to.view < from.view + 20 * 7);
    ck_assert_uint_eq(to.height - from.height, 20 * rows[_i].blocks);
    /* What it proposes is safe, or it would be as good as silent: also 4 of 7, but others'. */
    ck_assert_uint_eq(assembly_dropped(hostile->assembly, ERR_UNSAFE), 0);
    if (rows[_i].behaviour == &forking_behaviour)
        ck_assert_uint_gt(hostile->changed, 20);
    end(hostile);
}
END_TEST

/* RB-1: fragments under one root that are no codeword, with a network that reorders. RB-2: two roots. */
START_TEST(rb1_rb2_all_deliver_the_same_or_nothing) {
    static const char *const behaviours[] = {"bad-shares", "equivocate"};
    for (uint32_t n = 4; n <= 7; n += 3) {
        struct hostile *hostile =
            under_load("honeybadger", n, behaviours[_i], UINT64_C(1) << (n - 1), 3 * DELTA);
        ck_assert_uint_gt(hostile->changed, 0);
        ck_assert_uint_gt(hostile_decided(hostile), 100);
        end(hostile);
    }
}
END_TEST

/* ST-1: B = 0 is primary and sends A to 2 and 3; 3 votes, and loses its power. When it is back B sends
 * it A'. It must remember: one vote a number and view, over all lives. */

static void twice_start(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    uint8_t bytes[8];
    mind_start(adversary);
    const struct pbft_value first = forge_value(1, 0, bytes);
    mind_send(mind, 0, 2, DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &first));
    mind_send(mind, 0, 3, DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &first));
    const struct pbft_value second = forge_value(2, 0, bytes);
    mind_send(mind, 0, 1, 10 * DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &second));
    mind_send(mind, 0, 3, 10 * DELTA, forge_pre_prepare(&mind->forger, 0, 0, 1, &second));
}

static const struct adversary_ops twice_behaviour = {
    .name = "twice",
    .size = sizeof(struct mind),
    .start = twice_start,
    .hear = mind_hear,
    .deinit = mind_deinit,
};

/* Nothing is prepared, or the proof would remember the vote. */
static bool prepares_are_lost(struct hostile *hostile, node_id from, node_id to,
                              const struct message *message) {
    return message->type == MESSAGE_PBFT_PREPARE &&
           loop_now(assembly_loop(hostile->assembly)) < NS_PER_S;
}

START_TEST(st1_a_vote_outlives_the_power) {
    struct hostile *hostile = hostile_new("pbft", 4, 2 * NS_PER_S, &twice_behaviour, 1);
    hostile->loses = prepares_are_lost;
    assembly_submit(hostile->assembly, 0, 4);
    assembly_run(hostile->assembly, 5 * DELTA);
    const uint64_t votes = assembly_traced(hostile->assembly, TRACE_VOTED);
    ck_assert_uint_eq(votes, 2); /* of 2 and 3 */
    assembly_crash(hostile->assembly, 3);
    assembly_restart(hostile->assembly, 3);
    assembly_run(hostile->assembly, NS_PER_S);
    ck_assert_uint_gt(assembly_traced(hostile->assembly, TRACE_VOTED), votes); /* of 1 */
    ck_assert(!assembly_violated(hostile->assembly, "one vote"));
    assembly_run(hostile->assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(hostile_decided(hostile), 4);
    end(hostile);
}
END_TEST

/* Issue 9, A13: f members who open epochs for nothing wake nobody. */
START_TEST(a13_an_idle_chain_stays_idle) {
    struct hostile *hostile = hostile_new("honeybadger", 4, 400 * NS_PER_MS,
                                          adversary_find("open-epochs", "honeybadger"), 8);
    assembly_run(hostile->assembly, 10 * NS_PER_S);
    ck_assert_uint_gt(hostile->forged, 100);
    ck_assert_uint_eq(assembly_traced(hostile->assembly, TRACE_PROPOSED), 0);
    assembly_submit(hostile->assembly, 10 * NS_PER_S, 20);
    assembly_run(hostile->assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(hostile_decided(hostile), 20);
    end(hostile);
}
END_TEST

Suite *attacks_suite(void) {
    Suite *suite = suite_create("attacks");
    TCase *tcase = tcase_create("attacks");
    tcase_add_test(tcase, ch2_the_lock_refuses_a_fork);
    tcase_add_loop_test(tcase, ch7_half_is_no_quorum, 0, 4);
    tcase_add_test(tcase, qa3_three_of_five_fork);
    tcase_add_test(tcase, pb1_prepared_is_not_committed);
    tcase_add_test(tcase, pb2_an_invented_claim_is_refused);
    tcase_add_test(tcase, pb5_a_slow_primary_stays);
    tcase_add_test(tcase, pb7_the_watermark_is_no_weapon);
    tcase_add_test(tcase, pm1_a_forged_timeout_certificate_moves_nobody);
    tcase_add_loop_test(tcase, pm3_early_timeouts_of_few_cost_nothing, 0, 2);
    tcase_add_loop_test(tcase, fk1_forking_costs_what_the_lock_leaves, 0, 3);
    tcase_add_loop_test(tcase, rb1_rb2_all_deliver_the_same_or_nothing, 0, 2);
    tcase_add_test(tcase, st1_a_vote_outlives_the_power);
    tcase_add_test(tcase, a13_an_idle_chain_stays_idle);
    suite_add_tcase(suite, tcase);
    return suite;
}
