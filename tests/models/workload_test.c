/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "models/workload.h"

#define ARRIVALS 100000

static void init(struct workload *workload, const char *name, int64_t rate, uint32_t size,
                 uint64_t seed) {
    struct workload_settings settings = {.rate = rate, .size = size};
    ck_assert_int_eq(workload_init(workload, name, &settings, seed), OK);
}

START_TEST(constant_has_no_rounding_drift) {
    struct workload workload;
    struct workload_item item;
    init(&workload, "constant", 3 * WORKLOAD_RATE_ONE, 512, 1);
    static const time_ns first[] = {333333333, 666666666, 1000000000};
    for (size_t i = 0; i < 3; i++) {
        ck_assert(workload_next(&workload, &item));
        ck_assert_int_eq(item.intended, first[i]);
        ck_assert_uint_eq(item.size, 512);
    }
    for (int i = 3; i < 3000000; i++)
        workload_next(&workload, &item);
    ck_assert_int_eq(item.intended, 1000000 * NS_PER_S);
}
END_TEST

/* Gaps: mean 1 / rate, variance its square; the number of gaps in ten classes of equal probability
 * is chi-squared with 9 degrees of freedom: 27.88 is its 99.9 % quantile. */
START_TEST(poisson_gaps_are_exponential) {
    struct workload workload;
    struct workload_item item;
    size_t classes[10] = {0};
    double sum = 0, squares = 0, mean = 1e9 / 200;
    time_ns before = 0;
    init(&workload, "poisson", 200 * WORKLOAD_RATE_ONE, 512, 2);
    for (size_t i = 0; i < ARRIVALS; i++) {
        ck_assert(workload_next(&workload, &item));
        ck_assert_int_ge(item.intended, before);
        double gap = (double)(item.intended - before);
        before = item.intended;
        sum += gap;
        squares += (gap - mean) * (gap - mean);
        size_t class = (size_t)(10 * (1 - exp(-gap / mean)));
        classes[class < 10 ? class : 9]++;
    }
    double chi = 0;
    for (size_t i = 0; i < 10; i++)
        chi += ((double)classes[i] - ARRIVALS / 10.0) * ((double)classes[i] - ARRIVALS / 10.0) /
               (ARRIVALS / 10.0);
    ck_assert_double_lt(chi, 27.88);
    ck_assert_double_le(fabs(sum / ARRIVALS / mean - 1), 3.29 / sqrt(ARRIVALS));
    /* the square of a deviation has variance 8 mean^4: the fourth central moment is 9 mean^4 */
    ck_assert_double_le(fabs(squares / ARRIVALS / (mean * mean) - 1), 3.29 * sqrt(8.0 / ARRIVALS));
}
END_TEST

/* Counts in seconds are Poisson: mean and variance agree (index of dispersion, chi-squared). */
START_TEST(poisson_counts) {
    struct workload workload;
    struct workload_item item;
    enum { SECONDS = 1000 };
    static size_t counts[SECONDS];
    init(&workload, "poisson", 50 * WORKLOAD_RATE_ONE, 512, 3);
    while (workload_next(&workload, &item) && item.intended < SECONDS * NS_PER_S)
        counts[item.intended / NS_PER_S]++;
    double dispersion = 0;
    for (size_t i = 0; i < SECONDS; i++)
        dispersion += ((double)counts[i] - 50) * ((double)counts[i] - 50) / 50;
    /* nearly normal with mean 1000 and variance 2000 (+ 20 for the small mean) */
    ck_assert_double_le(fabs(dispersion - SECONDS), 3.29 * sqrt(2020));
}
END_TEST

START_TEST(the_trace_is_conserved) {
    static const struct {
        int64_t rate;
        uint64_t total, first_second;
    } rows[] = {{0, 133460, 34762},                    /* as it is */
                {10 * WORKLOAD_RATE_ONE, 18000, 4688}, /* 18000 · 34762 / 133460 */
                {WORKLOAD_RATE_ONE / 2, 900, 234},
                {200 * WORKLOAD_RATE_ONE, 360000, 93768}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct workload workload;
        struct workload_item item;
        uint64_t total = 0, first_second = 0;
        time_ns before = 0;
        init(&workload, "trace", rows[i].rate, 512, 4);
        while (workload_next(&workload, &item)) {
            ck_assert_int_ge(item.intended, before);
            before = item.intended;
            total++;
            first_second += item.intended < NS_PER_S;
        }
        ck_assert_int_lt(before, 1800 * NS_PER_S);
        ck_assert_uint_eq(total, rows[i].total);
        ck_assert_uint_eq(first_second, rows[i].first_second);
        ck_assert(!workload_next(&workload, &item));
    }
}
END_TEST

/* Within a second arrivals are uniform: their mean lies in the middle. */
START_TEST(a_traced_second_is_uniform) {
    static const char text[] = "t_s,count\n0,0\n1,50000\n2,0\n";
    struct workload_settings settings = {.size = 1, .trace = text, .trace_size = strlen(text)};
    struct workload workload;
    struct workload_item item;
    double sum = 0, squares = 0;
    size_t count = 0;
    ck_assert_int_eq(workload_init(&workload, "trace", &settings, 5), OK);
    while (workload_next(&workload, &item)) {
        double part = (double)item.intended / 1e9 - 1;
        ck_assert_double_ge(part, 0);
        ck_assert_double_lt(part, 1);
        sum += part;
        squares += (part - 0.5) * (part - 0.5);
        count++;
    }
    ck_assert_uint_eq(count, 50000);
    ck_assert_double_le(fabs(sum / 50000 - 0.5), 3.29 * sqrt(1 / 12.0 / 50000));
    ck_assert_double_le(fabs(squares / 50000 - 1 / 12.0), 3.29 * sqrt(1 / 180.0 / 50000));
}
END_TEST

START_TEST(malformed_traces) {
    static const struct {
        const char *text;
        int error;
    } rows[] = {{"t_s,count\n", ERR_NOT_ENOUGH},      {"t_s,count\n0,0\n", ERR_NOT_ENOUGH},
                {"t,count\n0,1\n", ERR_MISMATCH},     {"t_s,count\n1,1\n", ERR_MISMATCH},
                {"t_s,count\n0,-1\n", ERR_INVALID},   {"t_s,count\n0,1.5\n", ERR_INVALID},
                {"t_s,count\n0\n", ERR_NON_CANONICAL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct workload_settings settings = {
            .size = 1, .trace = rows[i].text, .trace_size = strlen(rows[i].text)};
        struct workload workload;
        ck_assert_int_eq(workload_init(&workload, "trace", &settings, 1), rows[i].error);
    }
}
END_TEST

START_TEST(closed_loop) {
    struct workload_settings settings = {.clients = 1000, .think = NS_PER_S, .size = 100};
    struct workload workload;
    struct workload_item item;
    double sum = 0;
    ck_assert_int_eq(workload_init(&workload, "closed-loop", &settings, 6), OK);
    for (uint64_t client = 0; client < 1000; client++) {
        ck_assert(workload_next(&workload, &item));
        ck_assert_uint_eq(item.origin, client);
        ck_assert_int_le(item.intended, NS_PER_S);
        sum += (double)item.intended;
    }
    ck_assert(!workload_next(&workload, &item));
    ck_assert_double_le(fabs(sum / 1000 - 5e8), 3.29 * 1e9 / sqrt(12 * 1000.0));
    workload_answered(&workload, 7, 5 * NS_PER_S, &item);
    ck_assert_int_eq(item.intended, 6 * NS_PER_S);
    ck_assert_uint_eq(item.origin, 7);
    ck_assert_uint_eq(item.size, 100);
}
END_TEST

/* cardano_tx_size_edf.csv: mean 2,063 bytes, second moment 10,715,956; 82.7 % are of 1,146 bytes
 * (0.681651 + 0.144984). */
START_TEST(cardano_sizes) {
    struct workload workload;
    struct workload_item item;
    double sum = 0;
    size_t common = 0;
    init(&workload, "constant", WORKLOAD_RATE_ONE, WORKLOAD_SIZE_DRAWN, 7);
    for (size_t i = 0; i < ARRIVALS; i++) {
        ck_assert(workload_next(&workload, &item));
        ck_assert_uint_ge(item.size, 582);
        ck_assert_uint_le(item.size, 16051);
        sum += item.size;
        common += item.size == 1146;
    }
    double sigma = sqrt((10715956 - 2063.14 * 2063.14) / ARRIVALS);
    ck_assert_double_le(fabs(sum / ARRIVALS - 2063.46), 3.29 * sigma);
    ck_assert_double_le(fabs((double)common / ARRIVALS - 0.826635),
                        3.29 * sqrt(0.826635 * 0.173365 / ARRIVALS));
}
END_TEST

/* Drawing sizes shifts neither times nor origins; origins are uniform. */
START_TEST(streams_are_independent) {
    struct workload plain, drawn, other;
    struct workload_item a, b, c;
    size_t halves = 0;
    init(&plain, "poisson", WORKLOAD_RATE_ONE, 512, 8);
    init(&drawn, "poisson", WORKLOAD_RATE_ONE, WORKLOAD_SIZE_DRAWN, 8);
    init(&other, "poisson", WORKLOAD_RATE_ONE, 512, 9);
    double product = 0;
    for (size_t i = 0; i < ARRIVALS; i++) {
        workload_next(&plain, &a);
        workload_next(&drawn, &b);
        workload_next(&other, &c);
        ck_assert_int_eq(a.intended, b.intended);
        ck_assert_uint_eq(a.origin, b.origin);
        halves += a.origin >> 63;
        /* the correlation of two seeds' and of origin and size draws vanishes */
        product += ((double)a.origin * 0x1p-64 - 0.5) * ((double)c.origin * 0x1p-64 - 0.5);
    }
    ck_assert_double_le(fabs((double)halves - ARRIVALS / 2.0), 3.29 * sqrt(ARRIVALS / 4.0));
    ck_assert_double_le(fabs(product * 12 / ARRIVALS), 3.29 / sqrt(ARRIVALS));
}
END_TEST

START_TEST(settings_are_checked) {
    struct workload workload;
    struct workload_settings none = {.size = 1};
    struct workload_settings fast = {.size = 1, .rate = WORKLOAD_RATE_LIMIT + 1};
    ck_assert_int_eq(workload_init(&workload, "poisson", &none, 1), ERR_INVALID);
    ck_assert_int_eq(workload_init(&workload, "constant", &fast, 1), ERR_INVALID);
    ck_assert_int_eq(workload_init(&workload, "closed-loop", &none, 1), ERR_INVALID);
    ck_assert_int_eq(workload_init(&workload, "trace", &fast, 1), ERR_INVALID);
    ck_assert_int_eq(workload_init(&workload, "pareto", &none, 1), ERR_UNKNOWN);
}
END_TEST

Suite *workload_suite(void) {
    Suite *suite = suite_create("workload");
    TCase *tcase = tcase_create("workload");
    tcase_add_test(tcase, constant_has_no_rounding_drift);
    tcase_add_test(tcase, poisson_gaps_are_exponential);
    tcase_add_test(tcase, poisson_counts);
    tcase_add_test(tcase, the_trace_is_conserved);
    tcase_add_test(tcase, a_traced_second_is_uniform);
    tcase_add_test(tcase, malformed_traces);
    tcase_add_test(tcase, closed_loop);
    tcase_add_test(tcase, cardano_sizes);
    tcase_add_test(tcase, streams_are_independent);
    tcase_add_test(tcase, settings_are_checked);
    suite_add_tcase(suite, tcase);
    return suite;
}
