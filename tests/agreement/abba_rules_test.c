/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Binary agreement rule by rule: member 0 is ours, and what the others say is handed to it message by
 * message. A schedule of random faults hardly ever tells a quorum from one vote less. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/agreement_world.h"

enum { BVAL, AUX, CONF, COIN, TERM, OTHERS = 6 }; /* seven members, f = 2 */

static struct agreement_world *alone(enum abba_coins coins, uint64_t seed) {
    struct agreement_world *world = malloc(sizeof *world);
    ck_assert_ptr_nonnull(world);
    agreement_world_init(world,
                         &(struct agreement_config){
                             .count = 1 + OTHERS, .faulty = 0x7e, .coins = coins, .seed = seed});
    return world;
}

static void end(struct agreement_world *world) {
    agreement_world_deinit(world);
    free(world);
}

static const struct abba *own(const struct agreement_world *world) {
    return &world->members[0].abba;
}

static int hand(struct agreement_world *world, uint32_t from, int step, uint32_t round,
                uint8_t set) {
    return agreement_hand(world, from, 0, (uint16_t)(MESSAGE_ABBA_BVAL + step), round, set);
}

/* The members from @first to @last say the same. */
static void all_say(struct agreement_world *world, uint32_t first, uint32_t last, int step,
                    uint32_t round, uint8_t set) {
    for (uint32_t from = first; from <= last; from++)
        ck_assert_int_eq(hand(world, from, step, round, set), OK);
}

/* "On f + 1 BVAL: multicast it. On 2f + 1: add v to bin_values." The own relay counts. */
START_TEST(bval_is_relayed_by_f_plus_one_and_kept_by_2f_plus_one) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    all_say(world, 1, 2, BVAL, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[BVAL], 0);
    all_say(world, 3, 3, BVAL, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[BVAL], OTHERS);
    ck_assert_uint_eq(own(world)->rounds[0]->bin_values, 0);
    ck_assert_uint_eq(world->sent[AUX], 0);
    all_say(world, 4, 4, BVAL, 0, SET_TRUE);
    ck_assert_uint_eq(own(world)->rounds[0]->bin_values, SET_TRUE);
    ck_assert_uint_eq(world->sent[AUX], OTHERS);
    end(world);
}
END_TEST

/* "Also for the second value", not for rounds ahead, and also for rounds that it has left or that come
 * after its decision: bin_values must become the same everywhere. */
START_TEST(relays_end_only_with_the_instance) {
    struct agreement_world *world = alone(ABBA_COINS_CHEAP, 3);
    all_say(world, 1, 3, BVAL, 2, SET_TRUE);
    ck_assert_uint_eq(world->sent[BVAL], 0);
    agreement_input(world, 0, true);
    all_say(world, 1, 4, BVAL, 0, SET_TRUE);
    all_say(world, 1, 4, AUX, 0, SET_TRUE);
    ck_assert(own(world)->decided && own(world)->stopped && !own(world)->halted);
    const uint64_t before = world->sent[BVAL];
    all_say(world, 1, 3, BVAL, 0, SET_FALSE);
    ck_assert_uint_eq(world->sent[BVAL], before + OTHERS);
    all_say(world, 1, 3, BVAL, 1, SET_FALSE);
    ck_assert_uint_eq(world->sent[BVAL], before + 2 * OTHERS);
    end(world);
}
END_TEST

/* "Wait until n - f AUX whose values are all in bin_values." */
START_TEST(aux_count_from_n_minus_f_on_if_they_are_bin_values) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    all_say(world, 1, 5, BVAL, 0, SET_TRUE);
    all_say(world, 1, 2, AUX, 0, SET_FALSE); /* of what only faulty members have */
    all_say(world, 3, 5, AUX, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[CONF], 0); /* the own one is the fourth */
    all_say(world, 6, 6, AUX, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[CONF], OTHERS);
    ck_assert_uint_eq(own(world)->rounds[0]->said_conf, SET_TRUE);
    end(world);
}
END_TEST

/* "vals := set of those values", which is not bin_values (AB-2; HoneyBadgerBFT-Python issue 57). */
START_TEST(conf_says_what_aux_said) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    all_say(world, 1, 5, BVAL, 0, SET_TRUE);
    all_say(world, 1, 5, BVAL, 0, SET_FALSE);
    all_say(world, 1, 4, AUX, 0, SET_TRUE);
    ck_assert_uint_eq(own(world)->rounds[0]->bin_values, SET_BOTH);
    ck_assert_uint_eq(own(world)->rounds[0]->said_conf, SET_TRUE);
    end(world);
}
END_TEST

/* Brings it to its CONF of round 0, with both values. */
static void say_both(struct agreement_world *world) {
    all_say(world, 1, 5, BVAL, 0, SET_TRUE);
    all_say(world, 1, 5, BVAL, 0, SET_FALSE);
    all_say(world, 1, 2, AUX, 0, SET_FALSE);
    all_say(world, 3, 4, AUX, 0, SET_TRUE);
}

/* "Wait for n - f CONF whose sets are subsets of bin_values; only now release the coin share." */
START_TEST(the_share_waits_for_n_minus_f_conf) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    say_both(world);
    ck_assert_uint_eq(own(world)->rounds[0]->said_conf, SET_BOTH);
    all_say(world, 1, 3, CONF, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[COIN], 0); /* the own one is the fourth */
    all_say(world, 4, 4, CONF, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[COIN], OTHERS);
    ck_assert_uint_eq(own(world)->rounds[0]->vals, SET_BOTH); /* the union, with the own */
    end(world);
    world = alone(ABBA_COINS_REAL, 3);
    all_say(world, 1, 5, BVAL, 0, SET_TRUE);
    all_say(world, 1, 4, AUX, 0, SET_TRUE);
    all_say(world, 1, 3, CONF, 0, SET_TRUE);
    all_say(world, 4, 4, CONF, 0, SET_BOTH);
    all_say(world, 5, 5, CONF, 0, SET_FALSE);
    ck_assert_uint_eq(world->sent[COIN], 0);
    all_say(world, 6, 6, CONF, 0, SET_TRUE);
    ck_assert_uint_eq(world->sent[COIN], OTHERS);
    ck_assert_uint_eq(own(world)->rounds[0]->vals, SET_TRUE);
    end(world);
}
END_TEST

/* Takes a member through round 0 to vals = @vals, all of one mind, and tosses its coin. */
static struct agreement_world *through_one_round(uint64_t seed, uint8_t vals) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, seed);
    if (vals == SET_BOTH) {
        say_both(world);
    } else {
        all_say(world, 1, 5, BVAL, 0, vals);
        all_say(world, 1, 4, AUX, 0, vals);
    }
    all_say(world, 1, 4, CONF, 0, vals);
    ck_assert_uint_eq(own(world)->round, 0);
    ck_assert(!own(world)->decided);
    all_say(world, 1, 1, COIN, 0, 0);
    ck_assert_uint_eq(own(world)->round, 0); /* with the own share two; the threshold is three */
    all_say(world, 2, 2, COIN, 0, 0);
    return world;
}

/* "vals = {b}: est := b; if b = s decide b. else est := s." The coin of a seed is the same for all. */
START_TEST(the_coin_decides) {
    uint32_t heads = 0;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct agreement_world *yes = through_one_round(seed, SET_TRUE);
        struct agreement_world *no = through_one_round(seed, SET_FALSE);
        struct agreement_world *both = through_one_round(seed, SET_BOTH);
        const bool coin = own(both)->estimate;
        ck_assert(!own(both)->decided && own(both)->round == 1);
        ck_assert(own(yes)->decided == coin && own(yes)->estimate);
        ck_assert(own(no)->decided == !coin && !own(no)->estimate);
        ck_assert(own(coin ? yes : no)->value == coin);
        ck_assert(own(coin ? yes : no)->round == 0 && own(coin ? no : yes)->round == 1);
        heads += coin;
        end(yes);
        end(no);
        end(both);
    }
    ck_assert(heads > 2 && heads < 14);
}
END_TEST

/* Of three rounds the first two have coins that everybody knows beforehand. In the third CONF and shares
 * are said: whoever sees the whole schedule could keep members apart for ever without. */
START_TEST(every_third_cheap_coin_is_common) {
    struct agreement_world *world = alone(ABBA_COINS_CHEAP, 3);
    for (uint32_t round = 0; round < 3; round++) {
        ck_assert_uint_eq(own(world)->round, round);
        ck_assert_int_eq(hand(world, 6, CONF, round, SET_TRUE), round < 2 ? ERR_INVALID : OK);
        all_say(world, 1, 5, BVAL, round, SET_TRUE);
        all_say(world, 1, 5, BVAL, round, SET_FALSE);
        all_say(world, 1, 2, AUX, round, SET_FALSE);
        all_say(world, 3, 4, AUX, round, SET_TRUE);
        if (round < 2)
            ck_assert(own(world)->estimate == (round == 0));
    }
    ck_assert_uint_eq(own(world)->round, 2);
    ck_assert_uint_eq(world->sent[CONF], OTHERS);
    all_say(world, 1, 3, CONF, 2, SET_BOTH);
    ck_assert_uint_eq(world->sent[COIN], OTHERS);
    end(world);
}
END_TEST

/* One AUX, one CONF and one TERM of a member count: the first. */
START_TEST(a_member_votes_once) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    for (int step = AUX; step <= TERM; step += step == CONF ? 2 : 1) {
        ck_assert_int_eq(hand(world, 1, step, 0, SET_TRUE), OK);
        ck_assert_int_eq(hand(world, 1, step, 0, SET_FALSE), ERR_CONFLICT);
    }
    ck_assert_int_eq(hand(world, 1, CONF, 0, SET_BOTH), ERR_CONFLICT);
    const struct abba_round *round = own(world)->rounds[0];
    ck_assert_uint_eq(member_set_count(&round->aux[0]), 0);
    ck_assert_uint_eq(member_set_count(&round->conf[SET_FALSE - 1]), 0);
    ck_assert_uint_eq(member_set_count(&round->conf[SET_BOTH - 1]), 0);
    ck_assert_uint_eq(member_set_count(&own(world)->term[0]), 0);
    ck_assert_uint_eq(member_set_count(&own(world)->term[1]), 1);
    end(world);
}
END_TEST

/* "On f + 1 TERM(b): decide b; on 2f + 1 stop." Who decides so joins the round that it is in. */
START_TEST(terms_decide_at_f_plus_one_and_end_at_2f_plus_one) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    all_say(world, 1, 2, TERM, 5, SET_TRUE);
    ck_assert(!own(world)->decided);
    all_say(world, 3, 3, TERM, 1, SET_TRUE);
    ck_assert(own(world)->decided && own(world)->value && !own(world)->halted);
    ck_assert_uint_eq(world->sent[TERM], OTHERS);
    ck_assert_uint_eq(world->sent[BVAL], OTHERS);
    ck_assert(!own(world)->halted); /* four with the own */
    all_say(world, 4, 4, TERM, 0, SET_TRUE);
    ck_assert(own(world)->halted);
    end(world);
}
END_TEST

/* A TERM stands for the rounds after the one that it names, whenever they are entered. */
START_TEST(a_term_says_nothing_of_its_own_round) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    ck_assert_int_eq(hand(world, 1, TERM, 2, SET_TRUE), OK);
    for (uint32_t round = 1; round <= 3; round++) {
        ck_assert_int_eq(hand(world, 2, BVAL, round, SET_FALSE), OK);
        const struct abba_round *state = own(world)->rounds[round];
        ck_assert(member_set_has(&state->bval[1], 1) == (round == 3));
        ck_assert(member_set_has(&state->aux[1], 1) == (round == 3));
        ck_assert(member_set_has(&state->conf[SET_TRUE - 1], 1) == (round == 3));
    }
    end(world);
}
END_TEST

/* Rounds are kept so far ahead, and only this instance's. */
START_TEST(far_and_foreign_messages_are_dropped) {
    struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
    ck_assert_int_eq(hand(world, 1, BVAL, LIMIT_FUTURE_MESSAGES, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 1, BVAL, LIMIT_FUTURE_MESSAGES + 1, SET_TRUE), ERR_FUTURE);
    agreement_say(world, 1, 0, MESSAGE_ABBA_BVAL, 0, SET_TRUE);
    world->pool[world->pool_count - 1].frame->bytes[MESSAGE_HEADER_BYTES] ^= 4;
    agreement_deliver(world, world->pool_count - 1);
    ck_assert_uint_eq(world->dropped[-ERR_UNKNOWN], 1);
    ck_assert_uint_eq(member_set_count(&own(world)->rounds[0]->bval[1]), 0);
    end(world);
}
END_TEST

/* What makes a member say @vals in round 0: BVAL, AUX and CONF, as far as it is up. */
static void push(struct agreement_world *world, uint8_t vals) {
    for (int step = BVAL; step <= CONF; step++)
        for (uint32_t from = 1; from <= OTHERS && world->members[0].alive; from++)
            (void)hand(world, from, step, 0, vals);
}

/* The power fails after every single effect, and the next life is pushed the other way: what has left
 * is said otherwise by no life. */
START_TEST(what_has_left_binds_the_next_life) {
    uint32_t crashes = 0;
    for (uint64_t effects = 0; effects < 60; effects++) {
        struct agreement_world *world = alone(ABBA_COINS_REAL, 3);
        world->members[0].effects_left = effects;
        push(world, SET_TRUE);
        if (!world->members[0].alive) {
            crashes++;
            agreement_restart(world, 0, false);
        }
        world->members[0].effects_left = UINT64_MAX;
        push(world, SET_FALSE);
        ck_assert_msg(!world->contradiction, "after %u effects", (unsigned)effects);
        end(world);
    }
    ck_assert_uint_gt(crashes, 24);
}
END_TEST

static void crash_and_restart(struct agreement_world *world) {
    agreement_crash(world, 0);
    agreement_restart(world, 0, false);
}

/* A new life says all of it again to who asks: nobody else can. */
START_TEST(a_new_life_repeats_what_was_said) {
    uint64_t seed = 1;
    struct agreement_world *world = through_one_round(seed, SET_TRUE);
    while (!own(world)->decided) {
        end(world);
        world = through_one_round(++seed, SET_TRUE);
    }
    uint64_t before[ARRAY_LEN(world->sent)];
    crash_and_restart(world);
    ck_assert(own(world)->decided && own(world)->value);
    memcpy(before, world->sent, sizeof before);
    agreement_repeat(world, 5);
    for (size_t step = BVAL; step <= TERM; step++)
        ck_assert_uint_eq(world->sent[step], before[step] + 1);
    end(world);
}
END_TEST

/* The control: 2 and 3, f + 1 of four, tell 0 and 1 different things while these do not hear each other,
 * and the checker says so. The two known coins suffice. */
START_TEST(control_f_plus_one_divide) {
    struct agreement_world *world = malloc(sizeof *world);
    ck_assert_ptr_nonnull(world);
    agreement_world_init(world,
                         &(struct agreement_config){
                             .count = 4, .faulty = 0xc, .coins = ABBA_COINS_CHEAP, .seed = 3});
    for (uint32_t to = 0; to < 2; to++) {
        agreement_input(world, to, to == 0);
        for (uint32_t round = 0; round < 2; round++)
            for (uint32_t from = 2; from < 4; from++)
                for (int step = BVAL; step <= AUX; step++)
                    (void)agreement_hand(world, from, to, (uint16_t)(MESSAGE_ABBA_BVAL + step),
                                         round, to == 0 ? SET_TRUE : SET_FALSE);
    }
    ck_assert(world->members[0].decided && world->members[0].value);
    ck_assert(world->members[1].decided && !world->members[1].value);
    ck_assert(!world->contradiction); /* nobody honest has voted twice */
    ck_assert(!agreement_holds(world));
    end(world);
}
END_TEST

Suite *abba_rules_suite(void) {
    Suite *suite = suite_create("abba_rules");
    TCase *test = tcase_create("abba_rules");
    tcase_add_test(test, bval_is_relayed_by_f_plus_one_and_kept_by_2f_plus_one);
    tcase_add_test(test, relays_end_only_with_the_instance);
    tcase_add_test(test, aux_count_from_n_minus_f_on_if_they_are_bin_values);
    tcase_add_test(test, conf_says_what_aux_said);
    tcase_add_test(test, the_share_waits_for_n_minus_f_conf);
    tcase_add_test(test, the_coin_decides);
    tcase_add_test(test, every_third_cheap_coin_is_common);
    tcase_add_test(test, a_member_votes_once);
    tcase_add_test(test, terms_decide_at_f_plus_one_and_end_at_2f_plus_one);
    tcase_add_test(test, a_term_says_nothing_of_its_own_round);
    tcase_add_test(test, far_and_foreign_messages_are_dropped);
    tcase_add_test(test, what_has_left_binds_the_next_life);
    tcase_add_test(test, a_new_life_repeats_what_was_said);
    tcase_add_test(test, control_f_plus_one_divide);
    suite_add_tcase(suite, test);
    return suite;
}
