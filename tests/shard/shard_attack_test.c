/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Known attacks, each against the rule that lacks the repair and against ours: replays across
 * attempts and phases (Sonnino et al., EuroS&P 20), aborting alone, silent and equivocating origins,
 * floods. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "shard/shard_messages.h"
#include "tests/lib/shard_world.h"

#define MS NS_PER_MS

static struct shard_world *calm(uint16_t shards, bool forgetful, uint64_t patience,
                                enum shard_mutant mutant) {
    struct shard_world_config config = {
        .shards = shards,
        .members = 4,
        .origins = 3,
        .patience = patience,
        .retry = 500 * MS,
        .delay = 10 * MS,
        .order_delay = 70 * MS,
        .forgetful = forgetful,
        .mutant = mutant,
    };
    return shard_world_new(&config);
}

/* S-BAC with votes that name the transaction only, or the attempt at it as well. Two shards, one
 * input each; the vote of shard 1 on the first attempt is "abort", as its input was busy. */
struct naive_vote {
    int attempt;
    bool accept;
};

struct naive_shard {
    bool bound; /* a vote counts for its attempt only */
    bool decided, committed;
};

static void naive_hear(struct naive_shard *shard, int attempt, bool own_vote,
                       struct naive_vote other) {
    if (shard->decided || (shard->bound && other.attempt != attempt))
        return;
    shard->decided = true;
    shard->committed = own_vote && other.accept;
}

/* The second attempt: both vote "accept", but the adversary's recording reaches shard 0 first. */
static bool naive_is_atomic(bool bound) {
    struct naive_shard first = {.bound = bound}, second = {.bound = bound};
    struct naive_vote recorded = {1, false}, now = {2, true};
    naive_hear(&first, 2, true, recorded);
    naive_hear(&first, 2, true, now);
    naive_hear(&second, 2, true, now);
    return first.committed == second.committed;
}

START_TEST(votes_of_another_attempt_break_unbound_s_bac) {
    ck_assert(!naive_is_atomic(false));
    ck_assert(naive_is_atomic(true));
}
END_TEST

/* The same schedule here: the rejection of the first attempt is put up again and again while the
 * second one runs, and changes nothing. */
START_TEST(votes_of_another_attempt_do_nothing_here) {
    struct shard_world *world = calm(2, true, 100, MUTANT_NONE);
    uint64_t from = shard_world_account(world, 0, 0), to = shard_world_account(world, 1, 0);
    shard_world_transfer(world, 0, to, shard_world_account(world, 1, 1), 1);
    shard_world_transfer(world, 1 * MS, shard_world_account(world, 1, 2), to, 1);
    shard_world_run(world, 2 * NS_PER_S);
    /* A busy receiver: another transfer holds it while the first attempt comes. */
    shard_world_transfer(world, 2 * NS_PER_S, to, shard_world_account(world, 0, 1), 1);
    shard_world_transfer(world, 2 * NS_PER_S + 30 * MS, from, to, 40);
    shard_world_run(world, 4 * NS_PER_S);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_REJECTS), 1);
    ck_assert_uint_eq(shard_world_balance(world, from), 100);
    size_t recorded = shard_world_log_size(world, 0);
    shard_world_transfer(world, 4 * NS_PER_S, from, to, 40);
    for (int i = 1; i < 40; i++) {
        shard_world_run(world, 4 * NS_PER_S + i * 10 * MS);
        shard_world_replay(world, 0, (size_t)i % recorded);
    }
    shard_world_run(world, 60 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_eq(shard_world_balance(world, from), 60);
    shard_world_free(world);
}
END_TEST

/* After a transfer of 40 is over everywhere, everything that was ever ordered is ordered again, in
 * both shards, twice. Returns what the receiver has then; with our rules nothing else is wrong. */
static uint64_t replay_everything(enum shard_mutant mutant, const char **violation) {
    static char text[200];
    struct shard_world *world = calm(2, true, 100, mutant);
    uint64_t from = shard_world_account(world, 0, 0), to = shard_world_account(world, 1, 0);
    time_ns at = 5 * NS_PER_S;
    shard_world_transfer(world, 0, from, to, 40);
    shard_world_run(world, at);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_RETIRES), 1);
    for (int round = 0; round < 2; round++)
        for (uint16_t shard = 0; shard < 2; shard++)
            for (size_t i = 0, count = shard_world_log_size(world, shard); i < count; i++) {
                shard_world_replay(world, shard, i);
                shard_world_run(world, at += 10 * MS);
            }
    shard_world_run(world, at + 60 * NS_PER_S);
    shard_world_finish(world);
    *violation = NULL;
    if (shard_world_violation(world) != NULL)
        *violation = strcpy(text, shard_world_violation(world));
    uint64_t balance = shard_world_balance(world, to);
    shard_world_free(world);
    return balance;
}

/* Atomix and S-BAC create an output again when the old unlock is replayed to a shard that keeps
 * nothing about it; Byzcuit keeps dummy objects there, we a ticket. */
START_TEST(a_replayed_decision_pays_once) {
    const char *violation;
    ck_assert_uint_eq(replay_everything(MUTANT_NONE, &violation), 140);
    ck_assert_ptr_null(violation);
    ck_assert_uint_gt(replay_everything(MUTANT_NO_TICKET, &violation), 140);
    ck_assert_ptr_nonnull(violation);
    ck_assert_ptr_nonnull(strstr(violation, "once"));
    (void)replay_everything(MUTANT_NO_NUMBER, &violation);
    ck_assert_ptr_nonnull(violation);
}
END_TEST

/* The receiver's shard is busy, so its height runs ahead while the home shard decides. A shard that
 * gave up by its own height would let go of what the home shard then commits. */
static const char *busy_receiver(enum shard_mutant mutant, uint64_t *received) {
    static char text[200];
    struct shard_world *world = calm(2, false, 3, mutant);
    uint64_t to = shard_world_account(world, 1, 0);
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0), to, 40);
    for (int i = 0; i < 6; i++) /* the shard's own affairs */
        shard_world_transfer(world, (20 + 20 * i) * MS, shard_world_account(world, 1, 1),
                             shard_world_account(world, 1, 2), 1);
    shard_world_run(world, 60 * NS_PER_S);
    shard_world_finish(world);
    *received = shard_world_balance(world, to) - SHARD_WORLD_BALANCE;
    const char *violation = shard_world_violation(world);
    if (violation != NULL)
        violation = strcpy(text, violation);
    shard_world_free(world);
    return violation;
}

START_TEST(nobody_aborts_alone) {
    uint64_t received;
    ck_assert_ptr_null(busy_receiver(MUTANT_NONE, &received));
    ck_assert_uint_eq(received, 40);
    const char *violation = busy_receiver(MUTANT_LOCAL_TIMEOUT, &received);
    ck_assert_ptr_nonnull(violation);
    ck_assert_ptr_nonnull(strstr(violation, "atomic"));
    ck_assert_uint_eq(received, 0); /* paid by the sender, never received */
}
END_TEST

/* The owner of account 0 of shard 0 sends a transfer to account 0 of shard 1 to one node only. */
static void whisper(struct shard_world *world, node_id to, uint64_t number, uint64_t amount) {
    uint64_t from = shard_world_account(world, 0, 0);
    node_id origin = shard_world_owner(world, from);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct digest session;
    struct shard_prepare prepare = {
        .asker = SHARD_NONE,
        .transfer = {.epoch = shard_world_map(world)->epoch,
                     .origin = origin,
                     .number = number,
                     .part_count = 2,
                     .parts = {{0, true, from, amount},
                               {1, false, shard_world_account(world, 1, 0), amount}},
                     .signature = signature},
    };
    struct env *env = shard_world_forger(world, origin);
    transfer_session(&prepare.transfer, &session);
    transfer_sign(env, &session, signature);
    loop_inject(shard_world_loop(world), origin, to, loop_now(shard_world_loop(world)),
                shard_prepare_encode(&prepare, SHARD_WORLD_CHANNEL, identity_signature_bytes(env)));
}

/* One correct member of any touched shard suffices, without its origin: home or not. */
START_TEST(one_member_finishes_a_transfer) {
    for (node_id knows = 0; knows < 8; knows++) {
        struct shard_world *world = calm(2, false, 20, MUTANT_NONE);
        whisper(world, knows, 1, 40);
        shard_world_run(world, 30 * NS_PER_S);
        shard_world_finish(world);
        ck_assert_ptr_null(shard_world_violation(world));
        ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 0)), 140);
        shard_world_free(world);
    }
}
END_TEST

/* While the home shard is away the lock stays, for any number of heights; then it ends. */
START_TEST(a_lock_outlives_the_home_shard) {
    struct shard_world *world = calm(2, false, 20, MUTANT_NONE);
    uint64_t to = shard_world_account(world, 1, 0), balance;
    const struct session *lock;
    for (node_id node = 0; node < 4; node++)
        shard_world_crash(world, node);
    whisper(world, 5, 1, 40);
    for (int i = 0; i < 20; i++)
        shard_world_transfer(world, (1 + i) * NS_PER_S, shard_world_account(world, 1, 1),
                             shard_world_account(world, 1, 2), 1);
    shard_world_run(world, 30 * NS_PER_S);
    struct participant *participant = &shard_world_coordinator(world, 4)->participant;
    ck_assert_uint_gt(participant->height, 20);
    ck_assert_int_eq(participant_account(participant, to, &balance, &lock), OK);
    ck_assert_ptr_nonnull(lock);
    for (node_id node = 0; node < 4; node++)
        shard_world_restart(world, node);
    shard_world_run(world, 90 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_eq(shard_world_balance(world, to), 140);
    shard_world_free(world);
}
END_TEST

/* Two transfers under one number, one for each shard: neither can find all locks. */
START_TEST(an_equivocating_origin_gains_nothing) {
    struct shard_world *world = calm(2, false, 20, MUTANT_NONE);
    for (node_id node = 0; node < 8; node++)
        whisper(world, node, 1, node < 4 ? 40 : 90);
    shard_world_run(world, 60 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 0, 0)), 100);
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 0)), 100);
    whisper(world, 0, 2, 10); /* and its account is free again */
    shard_world_run(world, 120 * NS_PER_S);
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 0, 0)), 90);
    shard_world_free(world);
}
END_TEST

/* A statement by @signer, sent by @from to node 0 of shard 0. */
static void state(struct shard_world *world, node_id signer, node_id from,
                  const struct shard_statement *statement) {
    struct env *env = shard_world_forger(world, signer);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct shard_signed message = {*statement, signature};
    shard_statement_sign(env, statement, signature);
    env->out.count = 0;
    loop_inject(shard_world_loop(world), from, 0, loop_now(shard_world_loop(world)),
                shard_signed_encode(&message, SHARD_WORLD_CHANNEL, identity_signature_bytes(env)));
}

/* A member that talks about thousands of sessions that nobody knows fills its own ring only. */
START_TEST(a_flood_drowns_nobody_else) {
    struct shard_world *world = calm(2, false, 20, MUTANT_NONE);
    struct rng rng;
    rng_init(&rng, 1, 0, "flood");
    for (int i = 0; i < 5000; i++) {
        struct shard_statement statement = {SHARD_ACCEPT, 7, 1, 0, {{0}}, 1};
        rng_fill(&rng, &statement.session, sizeof statement.session);
        state(world, 7, 7, &statement);
    }
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0),
                         shard_world_account(world, 1, 0), 40);
    shard_world_run(world, 250 * MS); /* 3 D + 3 d = 240 ms */
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 0)), 140);
    const struct hearsay *hearsay = &shard_world_coordinator(world, 0)->hearsay;
    size_t rings = 0;
    for (size_t i = 0; i < hearsay->early_count; i++)
        rings += hearsay->early[i] != NULL;
    ck_assert_uint_eq(rings, 1);
    ck_assert_uint_le(HASH_COUNT(hearsay->talks), 1);
    shard_world_free(world);
}
END_TEST

static void expect_drop(struct shard_world *world, int reason, uint64_t *count) {
    shard_world_run(world, loop_now(shard_world_loop(world)) + MS);
    ck_assert_uint_eq(shard_world_dropped(world, 0), ++*count);
    ck_assert_uint_ge(shard_world_dropped(world, reason), 1);
}

/* Every bad statement is counted by its reason and changes nothing. */
START_TEST(bad_statements_are_dropped) {
    struct shard_world *world = calm(3, false, 20, MUTANT_NONE);
    struct shard_statement good = {SHARD_ACCEPT, 7, 1, 0, {{9}}, 1}, bad = good;
    uint64_t count = 0;
    state(world, 5, 5, &good);
    shard_world_run(world, MS);
    ck_assert_uint_eq(shard_world_dropped(world, 0), 0);
    state(world, 5, 5, &good);
    expect_drop(world, ERR_DUPLICATE, &count);
    state(world, 5, 6, &good); /* member 6 shows the signature of member 5 */
    expect_drop(world, ERR_SIGNATURE, &count);
    state(world, 9, 9, &good); /* of another shard */
    expect_drop(world, ERR_NOT_MEMBER, &count);
    bad.epoch = 6;
    state(world, 5, 5, &bad);
    expect_drop(world, ERR_STALE, &count);
    bad = good;
    bad.listener = 2;
    state(world, 5, 5, &bad);
    expect_drop(world, ERR_INVALID, &count);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_LOCKS), 0);
    shard_world_free(world);
}
END_TEST

Suite *shard_attack_suite(void) {
    Suite *suite = suite_create("shard_attack");
    TCase *tests = tcase_create("attacks");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, votes_of_another_attempt_break_unbound_s_bac);
    tcase_add_test(tests, votes_of_another_attempt_do_nothing_here);
    tcase_add_test(tests, a_replayed_decision_pays_once);
    tcase_add_test(tests, nobody_aborts_alone);
    tcase_add_test(tests, one_member_finishes_a_transfer);
    tcase_add_test(tests, a_lock_outlives_the_home_shard);
    tcase_add_test(tests, an_equivocating_origin_gains_nothing);
    tcase_add_test(tests, a_flood_drowns_nobody_else);
    tcase_add_test(tests, bad_statements_are_dropped);
    suite_add_tcase(suite, tests);
    return suite;
}
