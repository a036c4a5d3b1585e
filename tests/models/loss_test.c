/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <math.h>

#include "base/error.h"
#include "models/loss.h"

#define MESSAGES 1000000

/* Counts losses and their runs. */
static void run(const struct loss_model *model, uint64_t stream, size_t *lost, size_t *runs) {
    struct loss_path path = {false};
    struct rng rng;
    bool before = false;
    rng_init(&rng, 9, stream, "loss test");
    *lost = *runs = 0;
    for (size_t i = 0; i < MESSAGES; i++) {
        bool now = loss_next(model, &path, &rng);
        *lost += now;
        *runs += now && !before;
        before = now;
    }
}

START_TEST(independent_loss) {
    struct loss_model model;
    size_t lost, runs;
    ck_assert_int_eq(loss_init_independent(&model, 0.1), OK);
    run(&model, 0, &lost, &runs);
    /* binomial; a run starts where a loss follows none: mean n p (1 - p) */
    ck_assert_double_le(fabs((double)lost - 0.1 * MESSAGES), 3.29 * sqrt(0.09 * MESSAGES));
    ck_assert_double_le(fabs((double)runs - 0.09 * MESSAGES), 3.29 * sqrt(0.09 * MESSAGES));
    ck_assert_int_eq(loss_init_independent(&model, 0), OK);
    run(&model, 1, &lost, &runs);
    ck_assert_uint_eq(lost, 0);
}
END_TEST

START_TEST(bursts) {
    struct loss_model model;
    size_t lost, runs;
    ck_assert_int_eq(loss_init_bursts(&model, 0.02, 5), OK);
    run(&model, 2, &lost, &runs);
    /* about rate · n / burst runs; the number of runs is nearly Poisson, each of variance 20 */
    double expected = 0.02 * MESSAGES / 5;
    ck_assert_double_le(fabs((double)runs - expected), 3.29 * sqrt(expected));
    ck_assert_double_le(fabs((double)lost - 0.02 * MESSAGES), 3.29 * sqrt(expected * (20 + 25)));
    ck_assert_double_eq_tol((double)lost / (double)runs, 5, 3.29 * sqrt(20 / expected));
}
END_TEST

START_TEST(limits) {
    struct loss_model model;
    ck_assert_int_eq(loss_init_independent(&model, 1), ERR_INVALID);
    ck_assert_int_eq(loss_init_independent(&model, -0.1), ERR_INVALID);
    ck_assert_int_eq(loss_init_independent(&model, NAN), ERR_INVALID);
    ck_assert_int_eq(loss_init_bursts(&model, 0.1, 0.5), ERR_INVALID);
    ck_assert_int_eq(loss_init_bursts(&model, 0.9, 2), ERR_INVALID); /* more than 2/3 can't be */
    ck_assert_int_eq(loss_init_bursts(&model, 0.6, 2), OK);
}
END_TEST

Suite *loss_suite(void) {
    Suite *suite = suite_create("loss");
    TCase *tcase = tcase_create("loss");
    tcase_add_test(tcase, independent_loss);
    tcase_add_test(tcase, bursts);
    tcase_add_test(tcase, limits);
    suite_add_tcase(suite, tcase);
    return suite;
}
