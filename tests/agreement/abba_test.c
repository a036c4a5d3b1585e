/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/abba.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/agreement_world.h"
#include "tests/lib/property.h"

enum { BVAL, AUX, CONF, COIN, TERM };

static const uint32_t sizes[] = {4, 7, 10};

static struct agreement_world *new_world(const struct agreement_config *config) {
    struct agreement_world *world = malloc(sizeof *world);
    ck_assert_ptr_nonnull(world);
    agreement_world_init(world, config);
    return world;
}

static void free_world(struct agreement_world *world) {
    agreement_world_deinit(world);
    free(world);
}

static void input_all(struct agreement_world *world, uint32_t ones) {
    for (uint32_t i = 0; i < world->config.count; i++)
        if (!agreement_is_faulty(world, i))
            agreement_input(world, i, i < ones);
}

/* checks.md 5.1, 5.2: BVAL, AUX, and it is decided; nothing of a coin. */
START_TEST(unanimous_true_with_the_cheap_coin_takes_two_hops) {
    const uint32_t n = sizes[_i];
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = n, .coins = ABBA_COINS_CHEAP, .seed = 1});
    input_all(world, n);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    for (uint32_t i = 0; i < n; i++) {
        ck_assert(world->members[i].value);
        ck_assert_uint_eq(world->members[i].decided_hop, 2);
        ck_assert(world->members[i].abba.halted);
    }
    const uint64_t step = (uint64_t)n * (n - 1);
    const uint64_t expected[5] = {[BVAL] = step, [AUX] = step, [TERM] = step};
    ck_assert_mem_eq(world->sent, expected, sizeof expected);
    ck_assert_uint_eq(world->charged[WORK_COIN_SHARE], 0);
    free_world(world);
}
END_TEST

/* Unanimous false decides in the second round of the cheap schedule: 4 hops. */
START_TEST(unanimous_false_waits_for_the_second_cheap_coin) {
    const uint32_t n = sizes[_i];
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = n, .coins = ABBA_COINS_CHEAP, .seed = 1});
    input_all(world, 0);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    for (uint32_t i = 0; i < n; i++) {
        ck_assert(!world->members[i].value);
        ck_assert_uint_eq(world->members[i].decided_hop, 4);
    }
    const uint64_t step = (uint64_t)n * (n - 1);
    const uint64_t expected[5] = {[BVAL] = 2 * step, [AUX] = 2 * step, [TERM] = step};
    ck_assert_mem_eq(world->sent, expected, sizeof expected);
    free_world(world);
}
END_TEST

/* A round with the common coin: 4 hops and 4n(n-1) messages, 3 of each without CONF. */
static void check_counts(uint32_t n, enum abba_rule rule, uint64_t seed, bool value) {
    const uint32_t steps = rule == ABBA_WITHOUT_CONF ? 3 : 4;
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = n, .rule = rule, .seed = seed});
    input_all(world, value ? n : 0);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    const uint64_t rounds = world->members[0].decided_round + 1;
    uint64_t messages = 0;
    for (size_t type = BVAL; type <= COIN; type++)
        messages += world->sent[type];
    ck_assert_uint_eq(messages, rounds * steps * n * (n - 1));
    ck_assert_uint_eq(world->sent[TERM], (uint64_t)n * (n - 1));
    for (uint32_t i = 0; i < n; i++) {
        ck_assert(world->members[i].value == value);
        ck_assert_uint_eq(world->members[i].decided_round + 1, rounds);
        ck_assert_uint_eq(world->members[i].decided_hop, steps * rounds);
    }
    ck_assert_uint_eq(world->charged[WORK_COIN_SHARE], rounds * n);
    ck_assert_uint_eq(world->charged[WORK_SHARE_COMBINE], rounds * n * world->keys->threshold);
    free_world(world);
}

START_TEST(message_counts_are_exact) {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        check_counts(sizes[_i], ABBA_SOUND, seed, seed % 2 == 0);
        check_counts(sizes[_i], ABBA_WITHOUT_CONF, seed, seed % 2 == 0);
    }
}
END_TEST

/* Every size, also those that are not 3f + 1. */
START_TEST(all_sizes_decide_what_all_put_in) {
    for (uint32_t n = 1; n <= AGREEMENT_MEMBERS; n++)
        for (uint32_t coins = ABBA_COINS_REAL; coins <= ABBA_COINS_CHEAP; coins++)
            for (uint32_t value = 0; value < 2; value++) {
                struct agreement_world *world = new_world(&(struct agreement_config){
                    .count = n, .coins = (enum abba_coins)coins, .seed = n});
                input_all(world, value ? n : 0);
                agreement_run(world);
                ck_assert(agreement_all_decided(world));
                ck_assert(world->members[0].value == (value == 1));
                ck_assert(world->members[n - 1].abba.halted);
                free_world(world);
            }
}
END_TEST

/* P(more than R rounds) = 2^-R when inputs agree: the coin decides each round. */
START_TEST(rounds_are_geometric) {
    enum { RUNS = 2048, LONGEST = 8 };
    uint32_t longer[LONGEST + 1] = {0};
    double sum = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct agreement_world *world =
            new_world(&(struct agreement_config){.count = 4, .seed = seed});
        input_all(world, seed % 2 == 0 ? 4 : 0);
        agreement_run(world);
        ck_assert(agreement_all_decided(world));
        const uint32_t rounds = world->members[0].decided_round + 1;
        sum += rounds;
        for (uint32_t r = 1; r <= LONGEST; r++)
            longer[r] += rounds > r;
        free_world(world);
    }
    for (uint32_t r = 1; r <= LONGEST; r++) {
        const double p = ldexp(1, -(int)r), sigma = sqrt(RUNS * p * (1 - p));
        ck_assert_double_le(fabs(longer[r] - RUNS * p), 3.29 * sigma);
    }
    ck_assert_double_le(fabs(sum / RUNS - 2), 3.29 * sqrt(2.0 / RUNS)); /* mean 2, variance 2 */
}
END_TEST

/* What a faulty member does. */
enum behaviour { SILENT, BABBLING, DOUBLE_TONGUED, BEHAVIOURS };

static void babble(struct agreement_world *world, uint32_t from) {
    static const uint16_t types[] = {MESSAGE_ABBA_BVAL, MESSAGE_ABBA_AUX, MESSAGE_ABBA_CONF,
                                     MESSAGE_ABBA_COIN, MESSAGE_ABBA_TERM};
    const uint32_t to = (uint32_t)rng_below(&world->rng, world->config.count);
    const uint32_t round = (uint32_t)rng_below(&world->rng, 5);
    const uint16_t type = types[rng_below(&world->rng, ARRAY_LEN(types))];
    const uint8_t set = (uint8_t)(1 + rng_below(&world->rng, type == MESSAGE_ABBA_CONF ? 3 : 2));
    if (type == MESSAGE_ABBA_COIN && rng_chance(&world->rng, 1, 2))
        agreement_say_bad_share(world, from, to, round);
    else
        agreement_say(world, from, to, type, round, set);
}

/* Tells every member its own favourite in all steps of the first rounds. */
static void flatter(struct agreement_world *world, uint32_t from) {
    for (uint32_t to = 0; to < world->config.count; to++)
        for (uint32_t round = 0; round < 4; round++) {
            const uint8_t set = to % 2 == 0 ? SET_TRUE : SET_FALSE;
            agreement_say(world, from, to, MESSAGE_ABBA_BVAL, round, set);
            agreement_say(world, from, to, MESSAGE_ABBA_AUX, round, set);
            agreement_say(world, from, to, MESSAGE_ABBA_CONF, round, set);
            agreement_say_bad_share(world, from, to, round);
        }
}

/* Delivers in random order to the end; faulty members interfere in between. */
static void run_at_random(struct agreement_world *world, enum behaviour behaviour) {
    uint32_t said = 0;
    for (uint32_t i = 0; i < world->config.count && behaviour == DOUBLE_TONGUED; i++)
        if (agreement_is_faulty(world, i))
            flatter(world, i);
    while (world->pool_count > 0) {
        agreement_deliver(world, (size_t)rng_below(&world->rng, world->pool_count));
        if (behaviour != BABBLING || said == 200 || !rng_chance(&world->rng, 1, 3))
            continue;
        for (uint32_t i = 0; i < world->config.count; i++)
            if (agreement_is_faulty(world, i))
                babble(world, i);
        said++;
    }
}

static bool inputs_were(const struct agreement_world *world, uint32_t ones, bool value) {
    for (uint32_t i = 0; i < world->config.count; i++)
        if (!agreement_is_faulty(world, i) && (i < ones) == value)
            return true;
    return false;
}

/* Agreement, validity and an end, for 12 000 schedules with f faulty members. */
START_TEST(random_schedules_agree) {
    enum { RUNS = 12000 };
    double rounds = 0;
    uint32_t mixed = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        const uint32_t n = seed % 8 == 0 ? 7 : 4;
        const uint32_t ones = (uint32_t)(seed / 8 % (n + 1));
        const enum behaviour behaviour = (enum behaviour)(seed / 3 % BEHAVIOURS);
        struct agreement_world *world = new_world(&(struct agreement_config){
            .count = n,
            .faulty = n == 7 ? 0x22 : UINT64_C(1) << seed % 4,
            .coins = seed % 3 > 0 ? ABBA_COINS_CHEAP : ABBA_COINS_REAL,
            .seed = seed,
        });
        input_all(world, ones);
        run_at_random(world, behaviour);
        ck_assert_msg(agreement_all_decided(world), "seed %u", (unsigned)seed);
        for (uint32_t i = 0; i < n; i++) {
            if (agreement_is_faulty(world, i))
                continue;
            ck_assert_msg(inputs_were(world, ones, world->members[i].value), "seed %u",
                          (unsigned)seed);
            if (world->config.coins == ABBA_COINS_REAL && inputs_were(world, ones, true) &&
                inputs_were(world, ones, false)) {
                rounds += world->members[i].decided_round + 1;
                mixed++;
            }
        }
        free_world(world);
    }
    ck_assert_uint_gt(mixed, 5000);
    ck_assert_double_le(rounds / mixed, 4); /* mixed inputs: expected at most 4 */
}
END_TEST

START_TEST(a_bad_share_is_named) {
    static const char *const providers[] = {"real", "modelled"};
    struct agreement_world *world = new_world(
        &(struct agreement_config){.count = 4, .faulty = 1, .provider = providers[_i], .seed = 7});
    for (uint32_t to = 1; to < 4; to++)
        agreement_say_bad_share(world, 0, to, 0);
    input_all(world, 4);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    ck_assert_uint_eq(world->dropped[-ERR_PROOF], 3);
    for (uint32_t i = 1; i < 4; i++) {
        ck_assert(member_set_has(&world->members[i].abba.faulty, 0));
        ck_assert_uint_eq(member_set_count(&world->members[i].abba.faulty), 1);
    }
    free_world(world);
}
END_TEST

START_TEST(providers_take_the_same_course) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        uint64_t hashes[2];
        for (int real = 0; real < 2; real++) {
            struct agreement_world *world = new_world(&(struct agreement_config){
                .count = 4, .provider = real ? "real" : "modelled", .seed = seed});
            input_all(world, 2);
            run_at_random(world, SILENT);
            ck_assert(agreement_all_decided(world));
            hashes[real] = world->trace_hash;
            for (int work = 0; work < WORK_COUNT; work++)
                hashes[real] = hash_combine(hashes[real], world->charged[work]);
            free_world(world);
        }
        ck_assert_uint_eq(hashes[0], hashes[1]);
    }
}
END_TEST

static int hand(struct agreement_world *world, uint32_t from, uint16_t type, uint32_t round,
                uint8_t set) {
    return agreement_hand(world, from, 0, type, round, set);
}

START_TEST(each_mistake_has_its_reason) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .faulty = 0xe, .seed = 3});
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_BVAL, 0, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_BVAL, 0, SET_TRUE), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_BVAL, 0, SET_FALSE), OK); /* a relay, maybe */
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_AUX, 0, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_AUX, 0, SET_TRUE), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_AUX, 0, SET_FALSE), ERR_CONFLICT);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_CONF, 0, SET_BOTH), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_CONF, 0, SET_TRUE), ERR_CONFLICT);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_COIN, 0, 0), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_COIN, 0, 0), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_AUX, LIMIT_FUTURE_MESSAGES, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_AUX, LIMIT_FUTURE_MESSAGES + 1, SET_TRUE),
                     ERR_FUTURE);
    ck_assert(member_set_has(&world->members[0].abba.faulty, 1));
    ck_assert(!member_set_has(&world->members[0].abba.faulty, 2));
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_TERM, 0, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_TERM, 1, SET_TRUE), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_TERM, 0, SET_FALSE), ERR_CONFLICT);
    free_world(world);
}
END_TEST

/* f TERM say nothing, f + 1 decide, 2f + 1 end it; the own one counts. */
START_TEST(terms_decide_and_end) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 7, .faulty = 0x7e, .seed = 3});
    const struct agreement_member *member = &world->members[0];
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_TERM, 4, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_TERM, 9, SET_TRUE), OK);
    ck_assert(!member->decided);
    ck_assert_int_eq(hand(world, 3, MESSAGE_ABBA_TERM, 0, SET_TRUE), OK);
    ck_assert(member->decided && member->value && !member->abba.halted);
    ck_assert_uint_eq(world->sent[TERM], 6);
    ck_assert_uint_eq(world->sent[BVAL], 6); /* it completes the round with the value */
    ck_assert_int_eq(hand(world, 4, MESSAGE_ABBA_TERM, 0, SET_TRUE), OK);
    ck_assert(member->abba.halted);
    ck_assert_int_eq(hand(world, 5, MESSAGE_ABBA_BVAL, 0, SET_TRUE), ERR_STALE);
    free_world(world);
}
END_TEST

/* A TERM stands for BVAL, AUX and CONF of later rounds, and of those only. */
START_TEST(a_term_stands_for_later_rounds) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .faulty = 0xe, .seed = 3});
    struct abba *abba = &world->members[0].abba;
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_BVAL, 1, SET_FALSE), OK);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_TERM, 0, SET_TRUE), OK);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_BVAL, 0, SET_FALSE), OK);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_BVAL, 2, SET_FALSE), OK);
    for (uint32_t round = 0; round <= 2; round++) {
        ck_assert(member_set_has(&abba->rounds[round]->bval[1], 1) == (round > 0));
        ck_assert(member_set_has(&abba->rounds[round]->aux[1], 1) == (round > 0));
        ck_assert(member_set_has(&abba->rounds[round]->conf[SET_TRUE - 1], 1) == (round > 0));
    }
    free_world(world);
}
END_TEST

/* "Send vals, not bin_values" (HoneyBadgerBFT-Python issue 57). */
START_TEST(conf_says_the_aux_values) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .faulty = 0xe, .seed = 3});
    for (uint32_t from = 1; from < 4; from++)
        ck_assert_int_eq(hand(world, from, MESSAGE_ABBA_BVAL, 0, SET_TRUE), OK);
    for (uint32_t from = 1; from < 4; from++)
        ck_assert_int_eq(hand(world, from, MESSAGE_ABBA_BVAL, 0, SET_FALSE), OK);
    ck_assert_uint_eq(world->members[0].abba.rounds[0]->bin_values, SET_BOTH);
    for (uint32_t from = 1; from < 3; from++)
        ck_assert_int_eq(hand(world, from, MESSAGE_ABBA_AUX, 0, SET_TRUE), OK);
    ck_assert_uint_eq(world->members[0].abba.rounds[0]->said_conf, SET_TRUE);
    free_world(world);
}
END_TEST

/* AUX that were too early count once bin_values has grown. */
START_TEST(aux_is_counted_again_when_bin_values_grows) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .faulty = 0xe, .seed = 3});
    const struct abba_round *round;
    for (uint32_t from = 1; from < 4; from++)
        ck_assert_int_eq(hand(world, from, MESSAGE_ABBA_AUX, 0, SET_TRUE), OK);
    round = world->members[0].abba.rounds[0];
    ck_assert_uint_eq(round->said_conf, 0);
    ck_assert_int_eq(hand(world, 1, MESSAGE_ABBA_BVAL, 0, SET_TRUE), OK);
    ck_assert_uint_eq(round->bin_values, 0);
    ck_assert_int_eq(hand(world, 2, MESSAGE_ABBA_BVAL, 0, SET_TRUE), OK); /* and the own relay */
    ck_assert_uint_eq(round->said_conf, SET_TRUE);
    ck_assert(!round->said_coin); /* the coin waits for CONF */
    free_world(world);
}
END_TEST

START_TEST(a_flood_of_future_rounds_is_bounded) {
    struct agreement_world *world =
        new_world(&(struct agreement_config){.count = 4, .faulty = 1, .seed = 3});
    for (uint32_t round = 0; round < ABBA_ROUNDS; round++)
        for (uint16_t type = MESSAGE_ABBA_BVAL; type <= MESSAGE_ABBA_COIN; type++)
            for (uint8_t set = SET_FALSE; set <= SET_TRUE; set++)
                agreement_say(world, 0, 1, type, round, set);
    agreement_run(world);
    const struct abba *abba = &world->members[1].abba;
    uint32_t rounds = 0;
    for (uint32_t i = 0; i < abba->round_capacity; i++)
        rounds += abba->rounds[i] != NULL;
    ck_assert_uint_eq(rounds, LIMIT_FUTURE_MESSAGES + 1);
    ck_assert_uint_ge(world->dropped[-ERR_FUTURE], 4 * (ABBA_ROUNDS - LIMIT_FUTURE_MESSAGES - 1));
    input_all(world, 4);
    agreement_run(world);
    ck_assert(agreement_all_decided(world));
    free_world(world);
}
END_TEST

/* Random schedules in which one member's power fails in the middle of a step. Its next life goes on
 * from the record, after the others have sent everything again. */
static bool crash_and_restart(uint64_t seed, bool forget) {
    struct agreement_world *world = new_world(
        &(struct agreement_config){.count = 4,
                                   .faulty = 1,
                                   .coins = seed % 2 == 0 ? ABBA_COINS_CHEAP : ABBA_COINS_REAL,
                                   .seed = seed});
    world->members[2].effects_left = rng_below(&world->rng, 60);
    input_all(world, 2 + (uint32_t)(seed % 3));
    while (world->pool_count > 0) {
        agreement_deliver(world, (size_t)rng_below(&world->rng, world->pool_count));
        if (!world->members[2].alive && rng_chance(&world->rng, 1, 10)) {
            agreement_restart(world, 2, forget);
            if (forget)
                agreement_input(world, 2, seed % 2 == 0);
            agreement_repeat(world, 2);
        }
    }
    if (!world->members[2].alive) { /* it crashed with the last message */
        agreement_restart(world, 2, forget);
        agreement_repeat(world, 2);
    }
    world->members[2].effects_left = UINT64_MAX;
    for (uint32_t to = 1; to < 4; to++)
        agreement_repeat(world, to);
    agreement_run(world);
    if (!forget && !world->members[2].abba.has_input && !world->members[2].decided)
        agreement_input(world, 2, true); /* it crashed before its input was durable */
    agreement_run(world);
    const bool sound = agreement_holds(world);
    if (!forget)
        ck_assert_msg(agreement_all_decided(world), "seed %u", (unsigned)seed);
    free_world(world);
    return sound;
}

START_TEST(a_restarted_member_never_contradicts_itself) {
    for (uint64_t seed = 0; seed < 2000; seed++)
        ck_assert_msg(crash_and_restart(seed, false), "seed %u", (unsigned)seed);
}
END_TEST

/* The control: without its record it does. */
START_TEST(a_member_that_forgets_contradicts_itself) {
    uint32_t contradictions = 0;
    for (uint64_t seed = 0; seed < 1000; seed++)
        contradictions += !crash_and_restart(seed, true);
    ck_assert_uint_gt(contradictions, 0);
}
END_TEST

/* Decoding: whatever is taken encodes to the same bytes. */
static enum verdict decode_is_canonical(void *context, const uint8_t *bytes, size_t size) {
    struct message message;
    struct abba_message decoded;
    enum verdict verdict = VERDICT_REFUSED;
    struct frame *frame = frame_copy(bytes, size);
    if (message_parse(&message, frame) == OK && abba_decode(&decoded, &message) == OK) {
        struct frame *again = abba_encode(&decoded, message.channel);
        bool same = again->size == size && memcmp(again->bytes, bytes, size) == 0;
        verdict = same ? VERDICT_ACCEPTED : VERDICT_BROKEN;
        frame_unref(again);
    }
    frame_unref(frame);
    return verdict;
}

START_TEST(decoding_is_canonical) {
    struct abba_message messages[5] = {
        {.type = MESSAGE_ABBA_BVAL, .instance = 3, .round = 1, .set = SET_TRUE},
        {.type = MESSAGE_ABBA_AUX, .instance = 3, .round = 2, .set = SET_FALSE},
        {.type = MESSAGE_ABBA_CONF, .instance = UINT64_MAX, .round = 3, .set = SET_BOTH},
        {.type = MESSAGE_ABBA_COIN, .instance = 3, .round = ABBA_ROUNDS - 1},
        {.type = MESSAGE_ABBA_TERM, .instance = 3, .round = 4, .set = SET_TRUE}};
    struct frame *frames[5];
    struct sample samples[5];
    struct property_result result;
    for (size_t i = 0; i < 5; i++) {
        frames[i] = abba_encode(&messages[i], AGREEMENT_CHANNEL);
        samples[i] = (struct sample){frames[i]->bytes, frames[i]->size};
    }
    const struct property property = {
        .name = "abba", .samples = samples, .sample_count = 5, .check = decode_is_canonical};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
    for (size_t i = 0; i < 5; i++)
        frame_unref(frames[i]);
}
END_TEST

Suite *abba_suite(void) {
    Suite *suite = suite_create("abba");
    TCase *test = tcase_create("abba");
    const int count = ARRAY_LEN(sizes);
    tcase_set_timeout(test, 60);
    tcase_add_loop_test(test, unanimous_true_with_the_cheap_coin_takes_two_hops, 0, count);
    tcase_add_loop_test(test, unanimous_false_waits_for_the_second_cheap_coin, 0, count);
    tcase_add_loop_test(test, message_counts_are_exact, 0, count);
    tcase_add_test(test, all_sizes_decide_what_all_put_in);
    tcase_add_test(test, rounds_are_geometric);
    tcase_add_test(test, random_schedules_agree);
    tcase_add_loop_test(test, a_bad_share_is_named, 0, 2);
    tcase_add_test(test, providers_take_the_same_course);
    tcase_add_test(test, each_mistake_has_its_reason);
    tcase_add_test(test, terms_decide_and_end);
    tcase_add_test(test, a_term_stands_for_later_rounds);
    tcase_add_test(test, conf_says_the_aux_values);
    tcase_add_test(test, aux_is_counted_again_when_bin_values_grows);
    tcase_add_test(test, a_flood_of_future_rounds_is_bounded);
    tcase_add_test(test, a_restarted_member_never_contradicts_itself);
    tcase_add_test(test, a_member_that_forgets_contradicts_itself);
    tcase_add_test(test, decoding_is_canonical);
    suite_add_tcase(suite, test);
    return suite;
}
