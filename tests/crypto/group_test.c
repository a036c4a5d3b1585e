/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee's threshold signatures, from both providers: any quorum signs, fewer don't, nonces are
 * good for once, a wrong share is named, and the same work is charged. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "crypto/group.h"
#include "crypto/identity.h"

#define MEMBERS   7
#define THRESHOLD 5

static const char *const providers[] = {"real", "modelled"};
static const char message[] = "a statement";

struct fixture {
    struct key_directory directory;
    struct identity identities[MEMBERS];
    struct env envs[MEMBERS];
    struct group_keys keys;
    struct frost_nonces nonces[MEMBERS];
};

/* Two uses that differ in their last byte only. */
static const uint8_t uses[2][44] = {{1, 2, 3}, {1, 2, 3, [43] = 1}};

static void fixture_init(struct fixture *fixture, int provider) {
    *fixture = (struct fixture){0};
    key_directory_init(&fixture->directory, suite_find("ed25519", providers[provider]), MEMBERS, 3);
    ck_assert_int_eq(
        group_keys_deal(&fixture->keys, &frost_ed25519, MEMBERS, THRESHOLD, 3, 1, "certificates"),
        OK);
    for (node_id node = 0; node < MEMBERS; node++) {
        struct env *env = &fixture->envs[node];
        env_init(env, node, 3);
        identity_init(&fixture->identities[node], &fixture->directory, node);
        env->identity = &fixture->identities[node];
        env->stepping = true;
        group_commit(env, &fixture->keys, node, uses[0], sizeof uses[0], &fixture->nonces[node]);
    }
}

static void fixture_deinit(struct fixture *fixture) {
    for (node_id node = 0; node < MEMBERS; node++) {
        env_deinit(&fixture->envs[node]);
        identity_deinit(&fixture->identities[node]);
    }
    group_keys_deinit(&fixture->keys);
    key_directory_deinit(&fixture->directory);
}

static uint64_t charged(const struct fixture *fixture, enum work work) {
    uint64_t count = 0;
    for (node_id node = 0; node < MEMBERS; node++)
        for (size_t i = 0; i < fixture->envs[node].out.count; i++) {
            const struct effect *effect = &fixture->envs[node].out.list[i];
            if (effect->type == EFFECT_CHARGE && effect->number == work)
                count += effect->a;
        }
    return count;
}

/* One signature under way, by the members in @signers. */
struct round {
    struct frost_commitment list[MEMBERS];
    struct frost_share shares[MEMBERS];
    struct frost_session session;
    size_t count;
    uint8_t signature[FROST_SIGNATURE_BYTES];
};

static int open_round(struct fixture *fixture, struct round *round, uint32_t signers) {
    round->count = 0;
    for (uint32_t member = 0; member < MEMBERS; member++)
        if ((signers >> member & 1) != 0)
            round->list[round->count++] = fixture->nonces[member].commitment;
    return group_session(&fixture->envs[0], &fixture->keys, &round->session, round->list,
                         round->count, message, sizeof message);
}

static void sign_all(struct fixture *fixture, struct round *round) {
    for (size_t i = 0; i < round->count; i++) {
        const uint32_t member = round->list[i].holder - 1;
        ck_assert_int_eq(group_sign(&fixture->envs[member], &fixture->keys, member, &round->session,
                                    &fixture->nonces[member], &round->shares[i]),
                         OK);
    }
}

static int combine(struct fixture *fixture, struct round *round) {
    return group_aggregate(&fixture->envs[0], &fixture->keys, &round->session, round->shares,
                           round->signature);
}

static bool verifies(struct fixture *fixture, const struct round *round) {
    return group_verify(&fixture->envs[0], &fixture->keys, message, sizeof message,
                        round->signature);
}

/* All quorums of 5 to 7 members; every one's signature is good, no smaller set starts. */
START_TEST(any_quorum_signs) {
    for (uint32_t signers = 0; signers < 1u << MEMBERS; signers++) {
        struct fixture fixture;
        struct round round;
        if (__builtin_popcount(signers) < THRESHOLD - 1)
            continue;
        fixture_init(&fixture, _i);
        int error = open_round(&fixture, &round, signers);
        if (__builtin_popcount(signers) < THRESHOLD) {
            ck_assert_int_eq(error, ERR_NOT_ENOUGH);
        } else {
            ck_assert_int_eq(error, OK);
            sign_all(&fixture, &round);
            ck_assert_int_eq(combine(&fixture, &round), OK);
            ck_assert(verifies(&fixture, &round));
        }
        fixture_deinit(&fixture);
    }
}
END_TEST

START_TEST(signatures_bind_message_group_and_every_byte) {
    struct fixture fixture;
    struct group_keys other;
    struct round round;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(open_round(&fixture, &round, 0x1f), OK);
    sign_all(&fixture, &round);
    ck_assert_int_eq(combine(&fixture, &round), OK);
    ck_assert(!group_verify(&fixture.envs[0], &fixture.keys, message, sizeof message - 1,
                            round.signature));
    ck_assert_int_eq(
        group_keys_deal(&other, &frost_ed25519, MEMBERS, THRESHOLD, 3, 2, "certificates"), OK);
    ck_assert(!group_verify(&fixture.envs[0], &other, message, sizeof message, round.signature));
    for (size_t bit = 0; bit < 8 * sizeof round.signature; bit++) {
        round.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert(!verifies(&fixture, &round));
        round.signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert(verifies(&fixture, &round));
    group_keys_deinit(&other);
    fixture_deinit(&fixture);
}
END_TEST

/* RFC 9591 5.2: "each participant MUST delete the nonce and corresponding commitment after
 * completing sign". */
START_TEST(nonces_are_good_for_once) {
    struct fixture fixture;
    struct round round;
    struct frost_share again;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(open_round(&fixture, &round, 0x1f), OK);
    struct frost_nonces other = fixture.nonces[5];
    ck_assert_int_eq(group_sign(&fixture.envs[5], &fixture.keys, 5, &round.session, &other, &again),
                     ERR_NOT_MEMBER);
    group_commit(&fixture.envs[2], &fixture.keys, 2, uses[1], sizeof uses[1], &other);
    ck_assert_int_eq(group_sign(&fixture.envs[2], &fixture.keys, 2, &round.session, &other, &again),
                     ERR_MISMATCH);
    ck_assert(!other.used);
    sign_all(&fixture, &round);
    for (uint32_t member = 0; member < THRESHOLD; member++)
        ck_assert_int_eq(group_sign(&fixture.envs[member], &fixture.keys, member, &round.session,
                                    &fixture.nonces[member], &again),
                         ERR_UNSAFE);
    fixture_deinit(&fixture);
}
END_TEST

/* Equal uses give equal nonces; other uses, members and groups others. */
START_TEST(nonces_derive_from_use_member_and_group) {
    struct fixture fixture;
    struct group_keys other;
    struct frost_nonces again, use, member, group;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(
        group_keys_deal(&other, &frost_ed25519, MEMBERS, THRESHOLD, 3, 2, "certificates"), OK);
    group_commit(&fixture.envs[0], &fixture.keys, 0, uses[0], sizeof uses[0], &again);
    group_commit(&fixture.envs[0], &fixture.keys, 0, uses[1], sizeof uses[1], &use);
    group_commit(&fixture.envs[1], &fixture.keys, 1, uses[0], sizeof uses[0], &member);
    group_commit(&fixture.envs[0], &other, 0, uses[0], sizeof uses[0], &group);
    const struct frost_nonces *first = &fixture.nonces[0];
    ck_assert_mem_eq(again.hiding, first->hiding, SCALAR_BYTES);
    ck_assert_mem_eq(again.binding, first->binding, SCALAR_BYTES);
    const struct frost_nonces *others[] = {&use, &member, &group};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        ck_assert_mem_ne(others[i]->hiding, first->hiding, SCALAR_BYTES);
        ck_assert_mem_ne(others[i]->binding, first->binding, SCALAR_BYTES);
        ck_assert_mem_ne(others[i]->commitment.hiding, first->commitment.hiding, ELEMENT_BYTES);
    }
    ck_assert_mem_ne(first->hiding, first->binding, SCALAR_BYTES);
    group_keys_deinit(&other);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(wrong_shares_are_named) {
    for (uint32_t culprit = 0; culprit < THRESHOLD; culprit++) {
        struct fixture fixture;
        struct round round;
        fixture_init(&fixture, _i);
        ck_assert_int_eq(open_round(&fixture, &round, 0x1f), OK);
        sign_all(&fixture, &round);
        round.shares[culprit].scalar[culprit] ^= 1;
        ck_assert_int_eq(combine(&fixture, &round), ERR_SIGNATURE);
        for (uint32_t i = 0; i < THRESHOLD; i++)
            ck_assert_int_eq(group_share_verify(&fixture.envs[0], &fixture.keys, &round.session,
                                                &round.shares[i]),
                             i == culprit ? ERR_SIGNATURE : OK);
        /* Another's share under his name is as wrong. */
        round.shares[culprit] = round.shares[(culprit + 1) % THRESHOLD];
        ck_assert_int_eq(combine(&fixture, &round), ERR_CONFLICT);
        round.shares[culprit].holder = culprit + 1;
        ck_assert_int_eq(combine(&fixture, &round), ERR_SIGNATURE);
        fixture_deinit(&fixture);
    }
}
END_TEST

START_TEST(bad_lists_start_nothing) {
    struct fixture fixture;
    struct round round;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(open_round(&fixture, &round, 0x1f), OK);
    const struct frost_commitment first = round.list[0];
    round.list[0] = round.list[1];
    ck_assert_int_eq(group_session(&fixture.envs[0], &fixture.keys, &round.session, round.list,
                                   round.count, message, sizeof message),
                     ERR_INVALID);
    round.list[0] = first;
    memset(round.list[2].binding, 0xff, ELEMENT_BYTES);
    ck_assert(!group_commitment_is_valid(&fixture.envs[0], &round.list[2]));
    ck_assert(group_commitment_is_valid(&fixture.envs[0], &round.list[3]));
    ck_assert_int_eq(group_session(&fixture.envs[0], &fixture.keys, &round.session, round.list,
                                   round.count, message, sizeof message),
                     ERR_NON_CANONICAL);
    struct frost_share nobody = {.holder = MEMBERS + 1};
    ck_assert_int_eq(group_share_verify(&fixture.envs[0], &fixture.keys, &round.session, &nobody),
                     ERR_NOT_MEMBER);
    nobody.holder = 0;
    ck_assert_int_eq(group_share_verify(&fixture.envs[0], &fixture.keys, &round.session, &nobody),
                     ERR_NOT_MEMBER);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(what_is_charged) {
    struct fixture fixture;
    struct round round;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(open_round(&fixture, &round, 0x1f), OK);
    sign_all(&fixture, &round);
    ck_assert_int_eq(combine(&fixture, &round), OK);
    ck_assert(verifies(&fixture, &round));
    ck_assert_uint_eq(charged(&fixture, WORK_FROST_COMMIT), MEMBERS);
    ck_assert_uint_eq(charged(&fixture, WORK_FROST_SESSION), THRESHOLD);
    ck_assert_uint_eq(charged(&fixture, WORK_FROST_SIGN), THRESHOLD);
    ck_assert_uint_eq(charged(&fixture, WORK_FROST_AGGREGATE), THRESHOLD);
    ck_assert_uint_eq(charged(&fixture, WORK_FROST_VERIFY), 0);
    ck_assert_uint_eq(charged(&fixture, WORK_VERIFY), 1);
    fixture_deinit(&fixture);
}
END_TEST

Suite *group_suite(void) {
    Suite *suite = suite_create("group");
    TCase *tcase = tcase_create("group");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, any_quorum_signs, 0, 2);
    tcase_add_loop_test(tcase, signatures_bind_message_group_and_every_byte, 0, 2);
    tcase_add_loop_test(tcase, nonces_are_good_for_once, 0, 2);
    tcase_add_loop_test(tcase, nonces_derive_from_use_member_and_group, 0, 2);
    tcase_add_loop_test(tcase, wrong_shares_are_named, 0, 2);
    tcase_add_loop_test(tcase, bad_lists_start_nothing, 0, 2);
    tcase_add_loop_test(tcase, what_is_charged, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
