/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules of the coordinator, of proofs and of requests, one by one: what each is for shows only when the
 * others do not make up for it (tests/mutants/shards.mutants). And the control with f + 1 liars. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "shard/shard_messages.h"
#include "tests/lib/company.h"
#include "tests/lib/shard_world.h"
#include "tests/lib/steps.h"

#define MS NS_PER_MS

enum { MEMBERS = 4 };

static struct shard_world *calm(uint16_t shards, uint64_t patience) {
    return shard_world_new(&(struct shard_world_config){.shards = shards,
                                                        .members = MEMBERS,
                                                        .origins = 3,
                                                        .patience = patience,
                                                        .retry = 500 * MS,
                                                        .delay = 10 * MS,
                                                        .order_delay = 70 * MS});
}

static void run_for(struct shard_world *world, time_ns span) {
    shard_world_run(world, loop_now(shard_world_loop(world)) + span);
}

static void end(struct shard_world *world) {
    ck_assert_ptr_null(shard_world_violation(world));
    shard_world_free(world);
}

/* A statement by @signer, sent by @from to @to. */
static void state(struct shard_world *world, node_id signer, node_id from, node_id to,
                  const struct shard_statement *statement) {
    struct env *env = shard_world_forger(world, signer);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    const struct shard_signed message = {*statement, signature};
    shard_statement_sign(env, statement, signature);
    env->out.count = 0;
    loop_inject(shard_world_loop(world), from, to, loop_now(shard_world_loop(world)),
                shard_signed_encode(&message, SHARD_WORLD_CHANNEL, identity_signature_bytes(env)));
}

/* A transfer of account 0 of shard 0 to account 0 of shard 1, said by @from to @to. */
static void say_transfer(struct shard_world *world, uint16_t asker, node_id from, node_id to) {
    const uint64_t account = shard_world_account(world, 0, 0);
    const node_id origin = shard_world_owner(world, account);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct digest session;
    const struct shard_prepare prepare = {
        .asker = asker,
        .ticket = asker == SHARD_NONE ? 0 : 1,
        .transfer = {.epoch = shard_world_map(world)->epoch,
                     .origin = origin,
                     .number = 1,
                     .part_count = 2,
                     .parts = {{0, true, account, 40},
                               {1, false, shard_world_account(world, 1, 0), 40}},
                     .signature = signature},
    };
    struct env *env = shard_world_forger(world, origin);
    transfer_session(&prepare.transfer, &session);
    transfer_sign(env, &session, signature);
    loop_inject(shard_world_loop(world), from, to, loop_now(shard_world_loop(world)),
                shard_prepare_encode(&prepare, SHARD_WORLD_CHANNEL, identity_signature_bytes(env)));
}

static void crash_shard(struct shard_world *world, uint16_t shard) {
    for (node_id i = 0; i < MEMBERS; i++)
        shard_world_crash(world, shard * MEMBERS + i);
}

/* The only session that a member of shard 0 has open. */
static const struct session *open_session(struct shard_world *world) {
    return shard_world_coordinator(world, 0)->participant.sessions;
}

/* With shard 1 away: shard 0 holds its lock and waits. */
static struct shard_world *waiting(void) {
    struct shard_world *world = calm(2, 100);
    crash_shard(world, 1);
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0),
                         shard_world_account(world, 1, 0), 40);
    shard_world_run(world, 200 * MS);
    ck_assert_ptr_nonnull(open_session(world));
    return world;
}

static struct shard_statement accepted(struct shard_world *world, uint64_t ticket) {
    return (struct shard_statement){
        SHARD_ACCEPT, shard_world_map(world)->epoch, 1, 0, open_session(world)->id, ticket};
}

START_TEST(a_signature_under_an_open_session_is_checked) {
    struct shard_world *world = waiting();
    const struct shard_statement said = accepted(world, 1);
    state(world, 5, 6, 0, &said); /* 6 shows the signature of 5 */
    run_for(world, MS);
    ck_assert_uint_eq(shard_world_dropped(world, ERR_SIGNATURE), 1);
    const uint64_t dropped = shard_world_dropped(world, 0);
    state(world, 6, 6, 0, &said);
    run_for(world, MS);
    ck_assert_uint_eq(shard_world_dropped(world, 0), dropped);
    end(world);
}
END_TEST

/* Member 4 names another lock than the others do: its word is no part of their proof. */
START_TEST(words_about_another_lock_do_not_spoil_a_proof) {
    struct shard_world *world = waiting();
    const struct shard_statement other = accepted(world, 99), said = accepted(world, 1);
    for (node_id to = 0; to < MEMBERS; to++) {
        state(world, 4, 4, to, &other);
        state(world, 5, 5, to, &said);
        state(world, 6, 6, to, &said);
    }
    run_for(world, 200 * MS);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_COMMITS), 1);
    shard_world_free(world); /* shard 1 is away, and was spoken for */
}
END_TEST

/* A commit of a lock that was never given is not confirmed: it may yet be given. */
START_TEST(what_was_never_locked_is_not_settled) {
    struct shard_world *world = calm(2, 100);
    const struct shard_statement said = {
        SHARD_COMMIT, shard_world_map(world)->epoch, 1, 0, {{9}}, 5};
    state(world, 5, 5, 0, &said);
    run_for(world, MS);
    ck_assert_uint_eq(loop_messages(shard_world_loop(world), MESSAGE_SHARD_STATEMENT), 0);
    end(world);
}
END_TEST

/* A transfer is put up for its origin, or for a member of the shard that asks. */
START_TEST(only_who_may_puts_a_transfer_up) {
    struct shard_world *world = calm(2, 100);
    const node_id origin = shard_world_owner(world, shard_world_account(world, 0, 0));
    say_transfer(world, SHARD_NONE, origin == 8 ? 9 : 8, 0);
    say_transfer(world, 1, 2, 0); /* 2 is of shard 0 */
    run_for(world, 200 * MS);
    ck_assert_uint_eq(shard_world_dropped(world, ERR_NOT_MEMBER), 2);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_LOCKS), 0);
    say_transfer(world, SHARD_NONE, origin, 0);
    run_for(world, 200 * MS);
    ck_assert_uint_ge(shard_world_changes(world, SESSION_LOCKS), 1);
    end(world);
}
END_TEST

/* Shard 1 alone hears of a transfer; what it says of its lock reaches home before home has one, and
 * counts when it has: within 70 ms for the order, not after the next pause. */
START_TEST(early_words_count) {
    struct shard_world *world = calm(2, 100);
    const node_id origin = shard_world_owner(world, shard_world_account(world, 0, 0));
    say_transfer(world, SHARD_NONE, origin, 5);
    shard_world_run(world, 1100 * MS);
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 0)), 140);
    end(world);
}
END_TEST

/* Shard 2 is away until home gives up; shard 1 is told at once, a delay and its order later, and need not
 * ask, which it does ever more rarely. */
START_TEST(an_abort_is_told_to_who_holds_a_lock) {
    struct shard_world *world = calm(3, 3);
    struct transfer transfer = {
        .part_count = 3,
        .parts = {{0, true, shard_world_account(world, 0, 0), 40},
                  {1, false, shard_world_account(world, 1, 0), 20},
                  {2, false, shard_world_account(world, 2, 0), 20}},
    };
    crash_shard(world, 2);
    shard_world_submit(world, 0, &transfer, CONDUCT_CORRECT);
    while (shard_world_changes(world, SESSION_ABORTS) == 0 &&
           loop_now(shard_world_loop(world)) < 60 * NS_PER_S)
        run_for(world, MS);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_LOCKS), 2);
    run_for(world, 100 * MS);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_ABORTS), 2);
    end(world);
}
END_TEST

/* The key of an item is its own. */
START_TEST(an_item_has_one_name) {
    struct shard_world *world = calm(2, 100);
    struct coordinator *coordinator = shard_world_coordinator(world, 0);
    const struct shard_item item = {.kind = SHARD_ITEM_TICK, .tick = 7};
    struct digest key;
    struct frame *frame =
        shard_item_encode(&item, shard_world_map(world), coordinator->signature_bytes);
    shard_item_key(&item, &key);
    ck_assert(coordinator_valid(coordinator, &key, frame->bytes, frame->size));
    key.bytes[0] ^= 1;
    ck_assert(!coordinator_valid(coordinator, &key, frame->bytes, frame->size));
    frame_unref(frame);
    end(world);
}
END_TEST

/* All members are down when a transfer is sent: its origin sends it again. */
START_TEST(an_origin_asks_again) {
    struct shard_world *world = calm(2, 100);
    crash_shard(world, 0);
    crash_shard(world, 1);
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0),
                         shard_world_account(world, 1, 0), 40);
    shard_world_run(world, NS_PER_S);
    for (node_id node = 0; node < 2 * MEMBERS; node++)
        shard_world_restart(world, node);
    shard_world_run(world, 10 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 0)), 140);
    end(world);
}
END_TEST

/* An origin believes f + 1 members of the home shard, each once. */

static uint32_t told;

static void note(void *context, struct shard_request *request, bool commit) {
    told++;
}

static int tell(struct shard_request *request, node_id from, enum shard_word word) {
    const struct shard_result result = {word, request->session};
    struct frame *frame = shard_result_encode(&result, 0);
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    const int error = shard_request_receive(request, from, &message);
    frame_unref(frame);
    return error;
}

START_TEST(an_origin_believes_f_plus_one) {
    static const node_id members[2][MEMBERS] = {{0, 1, 2, 3}, {4, 5, 6, 7}};
    static const struct committee committees[2] = {{members[0], MEMBERS}, {members[1], MEMBERS}};
    static const struct shard_map map = {7, 2, SHARD_WORLD_CHANNEL, committees};
    const struct transfer transfer = {
        .number = 1, .part_count = 2, .parts = {{0, true, 11, 50}, {1, false, 12, 50}}};
    struct company company;
    struct shard_request request;
    company_init(&company, 9, "ed25519", "modelled");
    const struct shard_request_config config = {
        .env = &company.envs[8], .map = &map, .retry = NS_PER_S, .done = note};
    told = 0;
    ck_assert_int_eq(shard_request_start(&request, &config, &transfer), OK);
    ck_assert_int_eq(tell(&request, 0, SHARD_COMMIT), OK);
    ck_assert_uint_eq(told, 0);
    ck_assert_int_eq(tell(&request, 0, SHARD_COMMIT), ERR_DUPLICATE);
    ck_assert_int_eq(tell(&request, 4, SHARD_COMMIT), ERR_NOT_MEMBER); /* not of the home shard */
    ck_assert_int_eq(tell(&request, 1, SHARD_ABORT), OK);
    ck_assert_uint_eq(told, 0);
    ck_assert_int_eq(tell(&request, 2, SHARD_COMMIT), OK);
    ck_assert_uint_eq(told, 1);
    steps_drain(&company.envs[8]);
    company_deinit(&company);
}
END_TEST

/* SH-3, the control: f + 1 members of shard 1, who have locked nothing, say they have. Home commits what
 * shard 1 never does, and the checker says so; f of them say it in vain. */
START_TEST(control_f_plus_one_break_a_transfer) {
    const node_id liars = _i == 0 ? 1 : 2;
    struct shard_world *world = waiting();
    const struct shard_statement lie = accepted(world, 1);
    for (node_id to = 0; to < MEMBERS; to++)
        for (node_id liar = 4; liar < 4 + liars; liar++)
            state(world, liar, liar, to, &lie);
    run_for(world, 5 * NS_PER_S);
    ck_assert(shard_world_violated(world, "atomic") == (liars == 2));
    ck_assert_uint_eq(shard_world_changes(world, SESSION_COMMITS), liars == 2);
    shard_world_free(world);
}
END_TEST

Suite *shard_rules_suite(void) {
    Suite *suite = suite_create("shard_rules");
    TCase *tests = tcase_create("rules");
    tcase_add_test(tests, a_signature_under_an_open_session_is_checked);
    tcase_add_test(tests, words_about_another_lock_do_not_spoil_a_proof);
    tcase_add_test(tests, what_was_never_locked_is_not_settled);
    tcase_add_test(tests, only_who_may_puts_a_transfer_up);
    tcase_add_test(tests, early_words_count);
    tcase_add_test(tests, an_abort_is_told_to_who_holds_a_lock);
    tcase_add_test(tests, an_item_has_one_name);
    tcase_add_test(tests, an_origin_asks_again);
    tcase_add_test(tests, an_origin_believes_f_plus_one);
    tcase_add_loop_test(tests, control_f_plus_one_break_a_transfer, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
