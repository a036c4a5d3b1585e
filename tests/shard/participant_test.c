/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One shard's machine by hand, item after item: shard 0, in the home and in the other role. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "shard/participant.h"

#define OWNER    5
#define PATIENCE 4

static const uint8_t signature[1];

struct bench {
    struct participant participant;
    enum session_change last;
    int changes;
};

static void note(void *context, const struct session *session, enum session_change change) {
    struct bench *bench = context;
    bench->last = change;
    bench->changes++;
}

/* Accounts 1 and 2 of OWNER and 3 of another, with 100 each. */
static void bench_init(struct bench *bench) {
    *bench = (struct bench){0};
    struct participant_config config = {.shard = 0, .patience = PATIENCE, .client = {note, bench}};
    participant_init(&bench->participant, &config);
    for (uint64_t account = 1; account <= 3; account++)
        ck_assert_int_eq(
            participant_open(&bench->participant, account, account < 3 ? OWNER : OWNER + 1, 100),
            OK);
    participant_advance(&bench->participant, 1);
}

static void bench_deinit(struct bench *bench) {
    participant_deinit(&bench->participant);
}

/* From @from in shard 0 to account 9 in shard 1: shard 0 is home. */
static struct transfer outgoing(uint64_t number, uint64_t from, uint64_t amount) {
    return (struct transfer){.origin = OWNER,
                             .number = number,
                             .part_count = 2,
                             .parts = {{0, true, from, amount}, {1, false, 9, amount}},
                             .signature = signature};
}

/* From account 9 in shard 1 to @to in shard 0: shard 1 is home. */
static struct transfer incoming(uint64_t number, uint64_t to, uint64_t amount) {
    return (struct transfer){.origin = OWNER,
                             .number = number,
                             .sender = 1,
                             .part_count = 2,
                             .parts = {{0, false, to, amount}, {1, true, 9, amount}},
                             .signature = signature};
}

static struct digest name(const struct transfer *transfer) {
    struct digest session;
    transfer_session(transfer, &session);
    return session;
}

static int prepare(struct bench *bench, const struct transfer *transfer) {
    struct digest session = name(transfer);
    return participant_prepare(&bench->participant, transfer, &session);
}

static int prove(struct bench *bench, const struct transfer *transfer, enum shard_word word,
                 uint16_t speaker, uint64_t ticket) {
    struct shard_statement statement = {
        .word = word, .speaker = speaker, .session = name(transfer), .ticket = ticket};
    return participant_prove(&bench->participant, &statement);
}

static uint64_t balance(const struct bench *bench, uint64_t account) {
    const struct session *lock;
    uint64_t amount;
    ck_assert_int_eq(participant_account(&bench->participant, account, &amount, &lock), OK);
    return amount;
}

static bool is_locked(const struct bench *bench, uint64_t account) {
    const struct session *lock;
    uint64_t amount;
    ck_assert_int_eq(participant_account(&bench->participant, account, &amount, &lock), OK);
    return lock != NULL;
}

START_TEST(home_commits_when_all_accept) {
    struct bench bench;
    struct transfer transfer = outgoing(1, 1, 30);
    transfer.part_count = 3;
    transfer.parts[0].amount = 60;
    transfer.parts[2] = (struct transfer_part){2, false, 10, 30};
    bench_init(&bench);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    ck_assert_int_eq(bench.last, SESSION_LOCKS);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 1, 7), OK);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 1, 7), ERR_STALE);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 3, 7), ERR_MISMATCH);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_SETTLED, 1, 7), ERR_STALE);
    ck_assert_int_eq(bench.changes, 1);
    ck_assert_uint_eq(balance(&bench, 1), 100);
    ck_assert(is_locked(&bench, 1));
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 2, 8), OK);
    ck_assert_int_eq(bench.last, SESSION_COMMITS);
    ck_assert_uint_eq(balance(&bench, 1), 40);
    ck_assert(!is_locked(&bench, 1));
    /* Decided: no rejection and no height can change it. */
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_REJECT, 1, 0), ERR_STALE);
    participant_advance(&bench.participant, 1000);
    ck_assert_int_eq(bench.changes, 2);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_SETTLED, 1, 6), ERR_MISMATCH);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_SETTLED, 1, 7), OK);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_SETTLED, 1, 7), ERR_STALE);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_SETTLED, 2, 8), OK);
    ck_assert_int_eq(bench.last, SESSION_RETIRES);
    ck_assert_ptr_null(bench.participant.sessions);
    bench_deinit(&bench);
}
END_TEST

START_TEST(home_aborts_on_one_rejection) {
    struct bench bench;
    struct transfer transfer = outgoing(1, 1, 30);
    bench_init(&bench);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_REJECT, 1, 0), OK);
    ck_assert_int_eq(bench.last, SESSION_ABORTS);
    ck_assert_uint_eq(balance(&bench, 1), 100);
    ck_assert(!is_locked(&bench, 1));
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 1, 7), ERR_UNKNOWN);
    ck_assert_int_eq(prepare(&bench, &transfer), ERR_STALE); /* decided once */
    bench_deinit(&bench);
}
END_TEST

START_TEST(home_waits_exactly_so_many_heights) {
    struct bench bench;
    struct transfer transfer = outgoing(1, 1, 30);
    bench_init(&bench);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    participant_advance(&bench.participant, 1 + PATIENCE - 1);
    ck_assert(is_locked(&bench, 1));
    participant_advance(&bench.participant, 1 + PATIENCE);
    ck_assert_int_eq(bench.last, SESSION_ABORTS);
    ck_assert(!is_locked(&bench, 1));
    bench_deinit(&bench);
}
END_TEST

/* However long it takes: another shard's lock ends with the home shard's decision, for this lock. */
START_TEST(others_wait_for_the_decision) {
    struct bench bench;
    struct transfer transfer = incoming(1, 1, 30);
    bench_init(&bench);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    ck_assert_int_eq(bench.last, SESSION_LOCKS);
    ck_assert_int_eq(prepare(&bench, &transfer), ERR_DUPLICATE);
    participant_advance(&bench.participant, 100000);
    ck_assert(is_locked(&bench, 1));
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 2, 1), ERR_MISMATCH); /* not home */
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 1, 2), ERR_MISMATCH); /* no such lock */
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ACCEPT, 1, 1), ERR_STALE);
    ck_assert_int_eq(bench.changes, 1);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 1, 1), OK);
    ck_assert_int_eq(bench.last, SESSION_COMMITS);
    ck_assert_uint_eq(balance(&bench, 1), 130);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 1, 1), ERR_UNKNOWN);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ABORT, 1, 1), ERR_UNKNOWN);
    ck_assert_uint_eq(balance(&bench, 1), 130);
    bench_deinit(&bench);
}
END_TEST

/* A replayed request may lock again, but no decision about an earlier lock settles it. */
START_TEST(tickets_are_never_given_again) {
    struct bench bench;
    struct transfer transfer = incoming(1, 1, 30);
    bench_init(&bench);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 1, 1), OK);
    ck_assert_int_eq(prepare(&bench, &transfer), OK);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_COMMIT, 1, 1), ERR_MISMATCH);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ABORT, 1, 1), ERR_MISMATCH);
    ck_assert_int_eq(prove(&bench, &transfer, SHARD_ABORT, 1, 2), OK);
    ck_assert_uint_eq(balance(&bench, 1), 130);
    ck_assert(!is_locked(&bench, 1));
    bench_deinit(&bench);
}
END_TEST

static void expect_refused(struct bench *bench, const struct transfer *transfer,
                           enum session_change change) {
    struct session *before = bench->participant.sessions;
    ck_assert_int_eq(prepare(bench, transfer), OK);
    ck_assert_int_eq(bench->last, change);
    ck_assert_ptr_eq(bench->participant.sessions, before);
}

START_TEST(what_is_not_possible_is_refused_at_once) {
    struct bench bench;
    struct transfer poor = outgoing(1, 1, 101), locks = outgoing(2, 1, 100);
    struct transfer conflict = incoming(1, 1, 1), unknown = incoming(2, 77, 1);
    struct transfer thief = outgoing(3, 2, 1), full = incoming(3, 2, 1);
    bench_init(&bench);
    expect_refused(&bench, &poor, SESSION_ABORTS);
    ck_assert_int_eq(prepare(&bench, &locks), OK);
    expect_refused(&bench, &conflict, SESSION_REJECTS);
    expect_refused(&bench, &unknown, SESSION_REJECTS);
    thief.parts[0].account = 3; /* another's account as second debit */
    thief.part_count = 3;
    thief.parts[2] = thief.parts[1];
    thief.parts[1] = thief.parts[0];
    thief.parts[0] = (struct transfer_part){0, true, 2, 1};
    expect_refused(&bench, &thief, SESSION_ABORTS);
    ck_assert_int_eq(participant_open(&bench.participant, 8, OWNER, ACCOUNT_BALANCE_MAX), OK);
    full.parts[0].account = 8;
    expect_refused(&bench, &full, SESSION_REJECTS);
    ck_assert_uint_eq(HASH_COUNT(bench.participant.sessions), 1);
    bench_deinit(&bench);
}
END_TEST

/* The home shard's memory of the past is one number per account; others can't spend it. */
START_TEST(numbers_are_taken_once) {
    struct bench bench;
    struct transfer first = outgoing(5, 1, 101), again = outgoing(5, 1, 1);
    struct transfer earlier = outgoing(4, 1, 1), later = outgoing(6, 1, 1);
    struct transfer stranger = outgoing(9, 1, 1), elsewhere = outgoing(1, 1, 1);
    bench_init(&bench);
    ck_assert(!participant_stale(&bench.participant, &first));
    expect_refused(&bench, &first, SESSION_ABORTS); /* takes its number all the same */
    ck_assert(participant_stale(&bench.participant, &first));
    ck_assert_int_eq(prepare(&bench, &first), ERR_STALE);
    ck_assert_int_eq(prepare(&bench, &again), ERR_STALE);
    ck_assert_int_eq(prepare(&bench, &earlier), ERR_STALE);
    stranger.origin = OWNER + 1;
    ck_assert_int_eq(prepare(&bench, &stranger), ERR_STALE);
    elsewhere.parts[0].account = 66;
    ck_assert_int_eq(prepare(&bench, &elsewhere), ERR_STALE);
    ck_assert_int_eq(prepare(&bench, &later), OK);
    ck_assert_int_eq(bench.last, SESSION_LOCKS);
    struct transfer foreign = incoming(7, 1, 1);
    foreign.parts[0].shard = 2;
    foreign.sender = 1;
    ck_assert_int_eq(prepare(&bench, &foreign), ERR_INVALID); /* nothing of it is here */
    bench_deinit(&bench);
}
END_TEST

START_TEST(the_table_is_bounded) {
    struct bench bench;
    bench_init(&bench);
    for (uint64_t i = 0; i <= LIMIT_SHARD_SESSIONS; i++) {
        struct transfer transfer = incoming(i + 1, 1000 + i, 1);
        ck_assert_int_eq(participant_open(&bench.participant, 1000 + i, OWNER, 0), OK);
        ck_assert_int_eq(prepare(&bench, &transfer), OK);
        ck_assert_int_eq(bench.last, i < LIMIT_SHARD_SESSIONS ? SESSION_LOCKS : SESSION_REJECTS);
    }
    ck_assert_uint_eq(HASH_COUNT(bench.participant.sessions), LIMIT_SHARD_SESSIONS);
    bench_deinit(&bench);
}
END_TEST

static struct digest state_of(const struct bench *bench) {
    struct digest state;
    participant_digest(&bench->participant, &state);
    return state;
}

/* The digest moves with every transition, and not with what was refused. */
START_TEST(the_digest_is_the_state) {
    struct bench bench, twin;
    struct digest seen[8];
    size_t count = 0;
    struct transfer out = outgoing(1, 1, 30), in = incoming(1, 2, 5);
    bench_init(&bench);
    bench_init(&twin);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prepare(&bench, &out), OK);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prepare(&bench, &in), OK);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prove(&bench, &out, SHARD_ACCEPT, 1, 3), OK);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prove(&bench, &in, SHARD_COMMIT, 1, 1), OK);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prove(&bench, &out, SHARD_SETTLED, 1, 3), OK);
    seen[count++] = state_of(&bench);
    ck_assert_int_eq(prove(&bench, &out, SHARD_SETTLED, 1, 3), ERR_UNKNOWN);
    struct digest same = state_of(&bench);
    ck_assert_mem_eq(&same, &seen[count - 1], sizeof same);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_mem_ne(&seen[i], &seen[k], sizeof seen[0]);
    (void)prepare(&twin, &out);
    (void)prepare(&twin, &in);
    struct digest half = state_of(&twin);
    ck_assert_mem_eq(&half, &seen[2], sizeof half);
    bench_deinit(&twin);
    bench_deinit(&bench);
}
END_TEST

Suite *participant_suite(void) {
    Suite *suite = suite_create("participant");
    TCase *tests = tcase_create("participant");
    tcase_add_test(tests, home_commits_when_all_accept);
    tcase_add_test(tests, home_aborts_on_one_rejection);
    tcase_add_test(tests, home_waits_exactly_so_many_heights);
    tcase_add_test(tests, others_wait_for_the_decision);
    tcase_add_test(tests, tickets_are_never_given_again);
    tcase_add_test(tests, what_is_not_possible_is_refused_at_once);
    tcase_add_test(tests, numbers_are_taken_once);
    tcase_add_test(tests, the_table_is_bounded);
    tcase_add_test(tests, the_digest_is_the_state);
    suite_add_tcase(suite, tests);
    return suite;
}
