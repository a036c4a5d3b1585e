/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/draw.h"

#include <check.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "select/sortition.h"

static const char *const providers[] = {"real", "modelled"};

struct prover {
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t public_key[VRF_KEY_SIZE];
    uint8_t proof[VRF_PROOF_SIZE];
    uint8_t output[VRF_OUTPUT_SIZE];
};

static void prove(struct prover *prover, const struct suite *suite, uint8_t number,
                  const uint8_t input[DRAW_INPUT_BYTES]) {
    memset(prover->seed, number, sizeof prover->seed);
    suite->vrf_keypair(prover->seed, prover->public_key);
    suite->vrf_prove(prover->seed, prover->public_key, input, DRAW_INPUT_BYTES, prover->proof,
                     prover->output);
}

START_TEST(only_the_registered_key_and_the_right_input_prove) {
    const struct suite *suite = suite_find("ed25519", providers[_i]);
    struct digest epoch = {{1}};
    uint8_t input[DRAW_INPUT_BYTES], other[DRAW_INPUT_BYTES];
    uint8_t output[VRF_OUTPUT_SIZE] = {0}, untouched[VRF_OUTPUT_SIZE] = {0};
    struct prover prover, lucky;
    ck_assert_int_ge(sodium_init(), 0);
    draw_input(&epoch, DRAW_MEMBER, 3, input);
    prove(&prover, suite, 1, input);
    for (size_t byte = 0; byte < VRF_PROOF_SIZE; byte++) {
        prover.proof[byte] ^= 1;
        ck_assert_int_eq(draw_output(suite, prover.public_key, input, prover.proof, output),
                         ERR_PROOF);
        prover.proof[byte] ^= 1;
    }
    /* Another channel, epoch or role is another throw. */
    draw_input(&epoch, DRAW_MEMBER, 4, other);
    ck_assert_int_eq(draw_output(suite, prover.public_key, other, prover.proof, output), ERR_PROOF);
    draw_input(&epoch, (enum draw_role)2, 3, other);
    ck_assert_int_eq(draw_output(suite, prover.public_key, other, prover.proof, output), ERR_PROOF);
    epoch.bytes[31] = 1;
    draw_input(&epoch, DRAW_MEMBER, 3, other);
    ck_assert_int_eq(draw_output(suite, prover.public_key, other, prover.proof, output), ERR_PROOF);
    /* A grinder finds a key whose output is lower; but that is not the key that it registered. */
    uint8_t number = 2;
    do {
        prove(&lucky, suite, number++, input);
    } while (memcmp(lucky.output, prover.output, sizeof lucky.output) >= 0);
    ck_assert_int_eq(draw_output(suite, prover.public_key, input, lucky.proof, output), ERR_PROOF);
    ck_assert_mem_eq(output, untouched, sizeof output);
    ck_assert_int_eq(draw_output(suite, prover.public_key, input, prover.proof, output), OK);
    ck_assert_mem_eq(output, prover.output, sizeof output);
}
END_TEST

static struct draw_ticket ticket(uint32_t delegate, uint64_t stake, uint8_t first) {
    return (struct draw_ticket){.delegate = delegate, .stake = stake, .output = {first, 7}};
}

START_TEST(seats_rank_and_outputs_order) {
    /* Total 1000, 2 expected seats. Seats rise with the output: P(no seat of 100 units) = 0.82. */
    struct draw_ticket tickets[] = {ticket(1, 100, 0x10), ticket(2, 100, 0xf0),
                                    ticket(3, 100, 0xe8), ticket(4, 100, 0x08),
                                    ticket(5, 600, 0x80)};
    ck_assert_int_eq(draw_committee(tickets, 5, 2), OK);
    ck_assert_uint_eq(tickets[0].delegate, 5); /* one seat, the lowest output of those with one */
    ck_assert_uint_eq(tickets[1].delegate, 3); /* before 2, whose output is higher */
    ck_assert_uint_eq(tickets[1].seats, 1);
    struct draw_ticket poor[] = {ticket(1, 100, 0x10), ticket(2, 100, 0x30), ticket(3, 100, 0x20),
                                 ticket(4, 700, 0x00)};
    ck_assert_int_eq(draw_committee(poor, 4, 3), OK); /* nobody has a seat: the lowest outputs */
    ck_assert_uint_eq(poor[0].delegate, 4);
    ck_assert_uint_eq(poor[1].delegate, 1);
    ck_assert_uint_eq(poor[2].delegate, 3);
}
END_TEST

START_TEST(what_cannot_be_drawn_is_said) {
    struct draw_ticket tickets[] = {ticket(1, 1, 0x10), ticket(2, 1, 0x20), ticket(3, 1, 0x30)};
    ck_assert_int_eq(draw_committee(tickets, 3, 4), ERR_NOT_ENOUGH);
    ck_assert_int_eq(draw_committee(tickets, 3, 3), ERR_INVALID);
    tickets[1].stake = tickets[2].stake = UINT64_MAX / 2 + 1;
    ck_assert_int_eq(draw_committee(tickets, 3, 2), ERR_LIMIT);
}
END_TEST

static void check_frequency(unsigned hits, unsigned count, double chance) {
    double deviation = sqrt(chance * (1 - chance) / count);
    ck_assert_msg(fabs((double)hits / count - chance) <= 3.29 * deviation, "%u of %u, not %g", hits,
                  count, chance);
}

/* P(more than limit of m are bad), drawn without replacement from n with t bad. */
static double hypergeometric_tail(int n, int t, int m, int limit) {
    double sum = 0;
    for (int bad = limit + 1; bad <= m && bad <= t; bad++)
        sum += exp(lgamma(t + 1) - lgamma(bad + 1) - lgamma(t - bad + 1) + lgamma(n - t + 1) -
                   lgamma(m - bad + 1) - lgamma(n - t - m + bad + 1) - lgamma(n + 1) +
                   lgamma(m + 1) + lgamma(n - m + 1));
    return sum;
}

/* checks.md 5.7: the rows as published. */
START_TEST(committee_failure_formula) {
    static const struct {
        int n, bad, m;
        double chance;
    } rows[] = {{1000, 250, 50, 9.2686e-2},   {1000, 250, 100, 2.1436e-2},
                {1000, 250, 200, 1.5817e-3},  {4000, 1000, 400, 3.583e-5},
                {10000, 2500, 600, 1.437e-6}, {1000, 333, 100, 0.47819}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double chance = hypergeometric_tail(rows[i].n, rows[i].bad, rows[i].m, (rows[i].m - 1) / 3);
        ck_assert_msg(fabs(chance / rows[i].chance - 1) < 2e-4, "row %zu: %g", i, chance);
    }
}
END_TEST

/* Committees drawn from equal delegates fail as often as the formula says. */
START_TEST(committee_failure_frequency) {
    enum { DELEGATES = 100, DRAWS = 2000 };
    static const struct { int bad, size; } rows[] = {{25, 10}, {33, 20}};
    struct draw_ticket *tickets = calloc(DELEGATES, sizeof *tickets);
    unsigned failed = 0;
    struct rng rng;
    ck_assert_ptr_nonnull(tickets);
    rng_init(&rng, 5, (uint64_t)_i, "committee failure");
    for (unsigned draw = 0; draw < DRAWS; draw++) {
        for (uint32_t i = 0; i < DELEGATES; i++) {
            tickets[i] = (struct draw_ticket){.delegate = i, .stake = 1000};
            rng_fill(&rng, tickets[i].output, sizeof tickets[i].output);
        }
        ck_assert_int_eq(draw_committee(tickets, DELEGATES, (size_t)rows[_i].size), OK);
        int bad = 0;
        for (int i = 0; i < rows[_i].size; i++)
            bad += tickets[i].delegate < (uint32_t)rows[_i].bad;
        failed += bad > (rows[_i].size - 1) / 3;
    }
    free(tickets);
    check_frequency(
        failed, DRAWS,
        hypergeometric_tail(DELEGATES, rows[_i].bad, rows[_i].size, (rows[_i].size - 1) / 3));
}
END_TEST

/* Twice the stake wins a place about twice as often while places are few. */
START_TEST(stake_raises_the_chance) {
    enum { DELEGATES = 100, SIZE = 5, DRAWS = 2000 };
    struct draw_ticket tickets[DELEGATES];
    unsigned rich = 0;
    struct rng rng;
    rng_init(&rng, 6, 0, "stake draw");
    for (unsigned draw = 0; draw < DRAWS; draw++) {
        for (uint32_t i = 0; i < DELEGATES; i++) {
            tickets[i] = (struct draw_ticket){.delegate = i, .stake = i < 10 ? 2000 : 1000};
            rng_fill(&rng, tickets[i].output, sizeof tickets[i].output);
        }
        ck_assert_int_eq(draw_committee(tickets, DELEGATES, SIZE), OK);
        for (int i = 0; i < SIZE; i++)
            rich += tickets[i].delegate < 10;
    }
    /* 10 x 2000 of 110 000 units: 18.2 % of the places by stake, 10 % by heads. */
    double share = (double)rich / (DRAWS * SIZE);
    ck_assert_double_ge(share, 0.15);
    ck_assert_double_le(share, 0.20);
}
END_TEST

/* checks.md 5.7: the chance that k leaders in a row are among f of n is (f/n)^k. */
START_TEST(runs_of_byzantine_leaders) {
    enum { N = 10, F = 3, DRAWS = 60000, LONGEST = 4 };
    unsigned run = 0, runs[LONGEST + 1] = {0};
    struct rng rng;
    rng_init(&rng, 7, 0, "leaders");
    for (unsigned view = 0; view < DRAWS; view++) {
        uint8_t outputs[N][SORTITION_OUTPUT_BYTES];
        rng_fill(&rng, outputs, sizeof outputs);
        run = sortition_lowest(outputs, N) < F ? run + 1 : 0;
        for (unsigned k = 1; k <= LONGEST && k <= run; k++)
            runs[k]++; /* the last k leaders were all bad */
    }
    for (unsigned k = 1; k <= LONGEST; k++) {
        /* Overlapping windows: at most k of them depend on one another. */
        double chance = pow((double)F / N, k);
        double deviation = sqrt(k * chance * (1 - chance) / DRAWS);
        ck_assert_double_eq_tol((double)runs[k] / DRAWS, chance, 3.29 * deviation);
    }
}
END_TEST

Suite *draw_suite(void) {
    Suite *suite = suite_create("draw");
    TCase *tcase = tcase_create("draw");
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, only_the_registered_key_and_the_right_input_prove, 0, 2);
    tcase_add_test(tcase, seats_rank_and_outputs_order);
    tcase_add_test(tcase, what_cannot_be_drawn_is_said);
    tcase_add_test(tcase, committee_failure_formula);
    tcase_add_loop_test(tcase, committee_failure_frequency, 0, 2);
    tcase_add_test(tcase, stake_raises_the_chance);
    tcase_add_test(tcase, runs_of_byzantine_leaders);
    suite_add_tcase(suite, tcase);
    return suite;
}
