/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --fail-if: what it means, what is refused and where, and what CI systems read. */
#include "sim/compare/bound.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

static struct bound parse(const char *text) {
    struct bound bound;
    char message[240];
    size_t at;
    ck_assert_msg(bound_parse(text, &bound, message, sizeof message, &at) == OK, "%s: %s", text,
                  message);
    return bound;
}

START_TEST(grammar) {
    struct bound bound = parse("felt.p99 > +5 %");
    ck_assert_str_eq(measure_at(bound.measure)->name, "felt.p99");
    ck_assert(bound.above && bound.relative);
    ck_assert_double_eq_tol(bound.limit, 0.05, 1e-12);
    bound = parse("total.p50<-2ms");
    ck_assert_str_eq(measure_at(bound.measure)->name, "felt.p50");
    ck_assert(!bound.above && !bound.relative);
    ck_assert_double_eq(bound.limit, -2e6);
    bound = parse("  throughput <  - 0.5 % ");
    ck_assert_double_eq_tol(bound.limit, -0.005, 1e-12);
    bound = parse("view_changes > +3");
    ck_assert_double_eq(bound.limit, 3);
    bound = parse("cpu.busiest > +10 %");
    ck_assert(bound.relative);
}
END_TEST

START_TEST(located_errors) {
    static const struct {
        const char *text;
        size_t at;
        const char *part;
    } rows[] = {
        {"", 0, "expected a measure"},
        {"> +5 %", 0, "expected a measure"},
        {"fellt.p99 > +5 %", 0, "did you mean 'felt.p99'?"},
        {"felt > +5 %", 0, "is a distribution"},
        {"felt.p99", 8, "expected > or <"},
        {"felt.p99 >= +5 %", 9, "expected > or <"},
        {"felt.p99 = +5 %", 9, "expected > or <"},
        {"felt.p99 > 5 %", 11, "has a sign"},
        {"felt.p99 > +5", 11, "needs a unit"},
        {"felt.p99 > +5 MB", 11, "ms"},
        {"throughput > +5 ms", 13, "number"},
        {"committed_share < -1", 18, "percentage"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bound bound;
        char message[240] = "";
        size_t at = 99;
        ck_assert_msg(bound_parse(rows[i].text, &bound, message, sizeof message, &at) ==
                          ERR_INVALID,
                      "%s", rows[i].text);
        ck_assert_msg(at == rows[i].at, "%s: %zu", rows[i].text, at);
        ck_assert_msg(strstr(message, rows[i].part) != NULL, "%s: %s", rows[i].text, message);
    }
}
END_TEST

/* First values 100 ms; the second is that much longer in each pair. */
static enum bound_outcome judge(const char *text, double a, double b, double c, double d) {
    const double first[] = {100e6, 100e6, 100e6, 100e6};
    const double second[] = {100e6 + a * 1e6, 100e6 + b * 1e6, 100e6 + c * 1e6, 100e6 + d * 1e6};
    struct bound bound = parse(text);
    struct cell cell = {.n = 4, .from_first = paired_compare(first, second, 4)};
    return bound_judge(&bound, &cell);
}

START_TEST(judgement) {
    ck_assert_int_eq(judge("felt.p99 > +5 %", 6, 6.1, 5.9, 6), BOUND_BROKEN);
    ck_assert_int_eq(judge("felt.p99 > +5 %", 5.2, 5.2, 5.1, 5.2), BOUND_BROKEN); /* of the first */
    ck_assert_int_eq(judge("felt.p99 > +5 %", 5, 5, 5, 5), BOUND_KEPT);           /* not beyond */
    ck_assert_int_eq(judge("felt.p99 > +5 %", 40, -20, 30, -10),
                     BOUND_UNDECIDED); /* perhaps chance */
    ck_assert_int_eq(judge("felt.p99 > +5 %", -6, -6, -6, -6), BOUND_KEPT);
    ck_assert_int_eq(judge("felt.p99 < -5 %", -6, -6, -6, -6), BOUND_BROKEN);
    ck_assert_int_eq(judge("felt.p99 > +2 ms", 2.1, 2.2, 2.1, 2.2), BOUND_BROKEN);
    ck_assert_int_eq(judge("felt.p99 > +3 ms", 2.1, 2.2, 2.1, 2.2), BOUND_KEPT);
    /* It must become 5 ms faster at least. */
    ck_assert_int_eq(judge("felt.p99 > -5 ms", -4, -4.1, -4, -4.1), BOUND_BROKEN);
    ck_assert_int_eq(judge("felt.p99 > -5 ms", -6, -6.1, -6, -6.1), BOUND_KEPT);
}
END_TEST

START_TEST(what_cannot_be_judged) {
    const double first[8] = {1, 1, 1, 1, 1, 1, 1, 1},
                 none[8] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    double open[8];
    struct bound above = parse("felt.p99 > +5 %"), below = parse("felt.p99 < -5 %");
    struct cell cell = {.from_first = paired_compare(first, first, 1)};
    ck_assert_int_eq(bound_judge(&above, &cell), BOUND_UNKNOWN);
    cell.from_first = paired_compare(first, none, 8);
    ck_assert_int_eq(bound_judge(&above, &cell), BOUND_UNKNOWN);
    for (size_t i = 0; i < 8; i++)
        open[i] = INFINITY;
    cell.from_first = paired_compare(first, open, 8);
    ck_assert_int_eq(bound_judge(&above, &cell), BOUND_BROKEN);
    ck_assert_int_eq(bound_judge(&below, &cell), BOUND_KEPT);
    cell.from_first = paired_compare(open, first, 8);
    ck_assert_int_eq(bound_judge(&below, &cell), BOUND_BROKEN);
    cell.from_first = paired_compare(first, open, 3); /* of three pairs nothing follows */
    ck_assert_int_eq(bound_judge(&above, &cell), BOUND_UNDECIDED);
}
END_TEST

/* From nothing, every step is more than any percentage. */
START_TEST(relative_to_nothing) {
    const double first[] = {0, 0, 0}, second[] = {2, 2, 2};
    struct bound bound = parse("view_changes > +500 %");
    struct cell cell = {.from_first = paired_compare(first, second, 3)};
    ck_assert_int_eq(bound_judge(&bound, &cell), BOUND_BROKEN);
    cell.from_first = paired_compare(first, first, 3);
    ck_assert_int_eq(bound_judge(&bound, &cell), BOUND_KEPT);
}
END_TEST

Suite *bound_suite(void) {
    Suite *suite = suite_create("bound");
    TCase *tests = tcase_create("bound");
    tcase_add_test(tests, grammar);
    tcase_add_test(tests, located_errors);
    tcase_add_test(tests, judgement);
    tcase_add_test(tests, what_cannot_be_judged);
    tcase_add_test(tests, relative_to_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
