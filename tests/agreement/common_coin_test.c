/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The common coin: what it is bound to, what its shares prove, and AB-4 (checks.md 3): a bad share among
 * f + 1. */
#include "agreement/common_coin.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/abba_internal.h"
#include "base/error.h"
#include "tests/lib/agreement_world.h"

static const char *const providers[] = {"real", "modelled"};

static struct agreement_world *new_world(const struct agreement_config *config) {
    struct agreement_world *world = malloc(sizeof *world);
    ck_assert_ptr_nonnull(world);
    agreement_world_init(world, config);
    return world;
}

static void end(struct agreement_world *world) {
    agreement_world_deinit(world);
    free(world);
}

/* Member @member's share of what an instance calls its coin. */
static void share_of(struct agreement_world *world, uint32_t member, const uint8_t *name,
                     struct dh_share *share) {
    struct env env;
    env_init(&env, member, 0);
    env.stepping = true;
    common_coin_share(&world->members[member].coin, &env, name, ABBA_COIN_NAME_BYTES, share);
    env_deinit(&env);
}

static bool toss(struct agreement_world *world, const uint8_t *name) {
    struct dh_share shares[2];
    struct env env;
    share_of(world, 0, name, &shares[0]);
    share_of(world, 3, name, &shares[1]);
    env_init(&env, 0, 0);
    env.stepping = true;
    const bool coin =
        common_coin_toss(&world->members[0].coin, &env, name, ABBA_COIN_NAME_BYTES, shares);
    env_deinit(&env);
    return coin;
}

/* Every channel, instance and round has a coin of its own: 48 of each are neither all heads nor all
 * tails, nor do two of them have the same name. */
START_TEST(each_round_has_a_coin_of_its_own) {
    enum { TOSSES = 48 };
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .provider = providers[_i], .seed = 5});
    for (int varied = 0; varied < 3; varied++) {
        uint8_t names[TOSSES][ABBA_COIN_NAME_BYTES];
        uint32_t heads = 0;
        for (uint32_t i = 0; i < TOSSES; i++) {
            struct abba abba = {.config = {.channel = (uint16_t)(7 + (varied == 0 ? i : 0)),
                                           .instance = 9 + (varied == 1 ? i : 0)}};
            abba_coin_name(&abba, 3 + (varied == 2 ? i : 0), names[i]);
            for (uint32_t j = 0; j < i; j++)
                ck_assert_mem_ne(names[i], names[j], sizeof names[i]);
            heads += toss(world, names[i]);
        }
        ck_assert_msg(heads > 8 && heads < 40, "%u heads", heads);
    }
    end(world);
}
END_TEST

/* One who knew two proofs with one nonce would know the key: r - r' = (c - c') x. */
START_TEST(no_nonce_serves_two_coins) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .provider = "real", .seed = 5});
    const uint8_t names[2][ABBA_COIN_NAME_BYTES] = {{1}, {2}};
    struct dh_share first, second;
    uint8_t responses[SCALAR_BYTES], challenges[SCALAR_BYTES], key[SCALAR_BYTES];
    share_of(world, 1, names[0], &first);
    share_of(world, 1, names[1], &second);
    crypto_core_ristretto255_scalar_sub(responses, first.proof.response, second.proof.response);
    crypto_core_ristretto255_scalar_sub(challenges, first.proof.challenge, second.proof.challenge);
    ck_assert_int_eq(crypto_core_ristretto255_scalar_invert(key, challenges), 0);
    crypto_core_ristretto255_scalar_mul(key, key, responses);
    ck_assert_mem_ne(key, world->keys->shares[1].scalar, sizeof key);
    share_of(world, 1, names[0], &second); /* but a coin's share is the same in each life */
    ck_assert_mem_eq(&first, &second, sizeof first);
    end(world);
}
END_TEST

/* A share counts for its holder: under another's number it would spoil the sum. */
START_TEST(a_share_is_its_holders) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .provider = providers[_i], .seed = 5});
    const uint8_t name[ABBA_COIN_NAME_BYTES] = {1};
    struct dh_share share;
    struct env env;
    env_init(&env, 0, 0);
    env.stepping = true;
    share_of(world, 1, name, &share);
#define VERIFY(member)                                                                             \
    common_coin_verify(&world->members[0].coin, &env, member, name, sizeof name, &share)
    ck_assert_int_eq(VERIFY(1), OK);
    ck_assert_int_eq(VERIFY(2), ERR_MISMATCH);
    share.holder = 3;
    ck_assert_int_eq(VERIFY(1), ERR_MISMATCH);
    ck_assert_int_eq(VERIFY(2), ERR_PROOF);
#undef VERIFY
    env_deinit(&env);
    end(world);
}
END_TEST

/* AB-4: the faulty member's share is the first to arrive in each round, and is bad. All put in the same
 * value, so that each decides in the first round whose coin shows it: the same one, and the one in which
 * they decide while that member is silent. */
static uint32_t decided_round(uint64_t seed, bool spoilt) {
    struct agreement_world *world = new_world(
        &(struct agreement_config){.count = 4, .faulty = 8, .provider = "real", .seed = seed});
    for (uint32_t round = 0; round < 12 && spoilt; round++)
        for (uint32_t to = 0; to < 3; to++)
            agreement_say_bad_share(world, 3, to, round);
    for (uint32_t i = 0; i < 3; i++)
        agreement_input(world, i, true);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    const uint32_t round = world->members[0].decided_round;
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(world->members[i].decided_round, round);
        ck_assert(member_set_has(&world->members[i].abba.faulty, 3) == spoilt);
    }
    ck_assert_uint_eq(world->dropped[-ERR_PROOF] > 0, spoilt);
    end(world);
    return round;
}

START_TEST(ab4_a_bad_share_changes_no_coin) {
    uint32_t later = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        const uint32_t round = decided_round(seed, false);
        ck_assert_uint_eq(decided_round(seed, true), round);
        later += round > 0;
    }
    ck_assert_uint_gt(later, 5);
}
END_TEST

Suite *common_coin_suite(void) {
    Suite *suite = suite_create("common_coin");
    TCase *test = tcase_create("common_coin");
    tcase_add_loop_test(test, each_round_has_a_coin_of_its_own, 0, 2);
    tcase_add_test(test, no_nonce_serves_two_coins);
    tcase_add_loop_test(test, a_share_is_its_holders, 0, 2);
    tcase_add_test(test, ab4_a_bad_share_changes_no_coin);
    suite_add_tcase(suite, test);
    return suite;
}
