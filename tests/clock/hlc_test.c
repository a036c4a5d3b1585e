/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every event of vectors/hlc_derived.txt, the causality and bound of the paper on random traces. */
#include "clock/hlc.h"
#include "base/error.h"
#include "base/rng.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct event {
    uint64_t physical;
    int64_t remote_l; /* -1: a local event */
    uint16_t remote_c;
    uint64_t l;
    uint16_t c;
};

static void apply(struct hlc *hlc, const struct event *event) {
    uint64_t stamp;
    time_ns now = (time_ns)event->physical * NS_PER_MS;
    if (event->remote_l < 0) {
        ck_assert_int_eq(hlc_tick(hlc, now, &stamp), OK);
    } else {
        uint64_t remote = hlc_stamp((uint64_t)event->remote_l, event->remote_c);
        ck_assert_int_eq(hlc_receive(hlc, now, remote, 500 * NS_PER_MS, &stamp), OK);
    }
    ck_assert_uint_eq(hlc_milliseconds(stamp), event->l);
    ck_assert_uint_eq(hlc_counter(stamp), event->c);
}

START_TEST(published_sequences) {
    static const struct event local[] = {{5, -1, 0, 5, 0}, {6, -1, 0, 6, 0}, {6, -1, 0, 6, 1},
                                         {3, -1, 0, 6, 2}, {6, -1, 0, 6, 3}, {7, -1, 0, 7, 0}};
    static const struct event receive[] = {
        {10, 10, 5, 10, 6},  {7, -1, 0, 10, 7},  {8, 10, 4, 10, 8},  {10, 10, 99, 10, 100},
        {11, 10, 31, 11, 0}, {11, -1, 0, 11, 1}, {11, 50, 2, 50, 3}, {12, -1, 0, 50, 4},
        {50, 50, 7, 50, 8},  {51, 3, 9, 51, 0}};
    struct hlc hlc = {0};
    for (size_t i = 0; i < ARRAY_LEN(local); i++)
        apply(&hlc, &local[i]);
    hlc = (struct hlc){0};
    for (size_t i = 0; i < ARRAY_LEN(receive); i++)
        apply(&hlc, &receive[i]);
}
END_TEST

/* The key "event" repeats within a record, in order, so the file is read line by line. */
START_TEST(vector_file) {
    const char *folder = getenv("TIERCHAIN_VECTORS");
    if (folder == NULL)
        return;
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/hlc_derived.txt", folder);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    struct hlc hlc = {0};
    size_t events = 0, sequences = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long long physical, l, remote;
        unsigned c, remote_c;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (strncmp(line, "sequence = ", 11) == 0) {
            hlc = (struct hlc){0};
            sequences++;
        } else if (sscanf(line, "event = %llu<-%llu,%u -> %llu,%u", &physical, &remote, &remote_c,
                          &l, &c) == 5) {
            apply(&hlc,
                  &(struct event){physical, (int64_t)remote, (uint16_t)remote_c, l, (uint16_t)c});
            events++;
        } else {
            ck_assert_int_eq(sscanf(line, "event = %llu -> %llu,%u", &physical, &l, &c), 3);
            apply(&hlc, &(struct event){physical, -1, 0, l, (uint16_t)c});
            events++;
        }
    }
    fclose(file);
    ck_assert_uint_eq(sequences, 2);
    ck_assert_uint_eq(events, 16);
}
END_TEST

START_TEST(future_is_refused_and_changes_nothing) {
    struct hlc hlc = {hlc_stamp(100, 7)};
    uint64_t stamp;
    ck_assert_int_eq(hlc_receive(&hlc, 100 * NS_PER_MS, hlc_stamp(601, 0), 500 * NS_PER_MS, &stamp),
                     ERR_FUTURE);
    ck_assert_uint_eq(hlc.last, hlc_stamp(100, 7));
    ck_assert_int_eq(hlc_receive(&hlc, 100 * NS_PER_MS, hlc_stamp(600, 0), 500 * NS_PER_MS, &stamp),
                     OK);
    ck_assert_uint_eq(stamp, hlc_stamp(600, 1));
}
END_TEST

START_TEST(full_counter_carries) {
    struct hlc hlc = {hlc_stamp(5, UINT16_MAX)};
    uint64_t stamp;
    ck_assert_int_eq(hlc_tick(&hlc, 5 * NS_PER_MS, &stamp), OK);
    ck_assert_uint_eq(stamp, hlc_stamp(6, 0));
    hlc.last = UINT64_MAX;
    ck_assert_int_eq(hlc_tick(&hlc, -1, &stamp), ERR_LIMIT);
    ck_assert_uint_eq(hlc.last, UINT64_MAX);
}
END_TEST

#define NODES   6
#define EVENTS  20000
#define EPSILON 40 /* ms by which two physical clocks differ at most */

/* Each event follows the previous one of its node and, at a receipt, a send: checking these two
 * edges checks all happens-before pairs, since < is transitive. */
START_TEST(causality_and_bound) {
    static uint64_t sent[EVENTS];
    struct rng rng;
    struct hlc nodes[NODES] = {{0}};
    time_ns skew[NODES];
    rng_init(&rng, 1, 0, "hlc-test");
    for (int i = 0; i < NODES; i++)
        skew[i] = (time_ns)rng_below(&rng, EPSILON + 1) * NS_PER_MS;
    for (size_t i = 0; i < EVENTS; i++) {
        size_t node = rng_below(&rng, NODES);
        time_ns now = (time_ns)(1000 + i / 8) * NS_PER_MS + skew[node];
        uint64_t before = nodes[node].last;
        uint64_t remote = i > 0 && rng_chance(&rng, 1, 2) ? sent[rng_below(&rng, i)] : 0;
        int result = remote != 0 ? hlc_receive(&nodes[node], now, remote, 500 * NS_PER_MS, &sent[i])
                                 : hlc_tick(&nodes[node], now, &sent[i]);
        ck_assert_int_eq(result, OK);
        ck_assert(sent[i] > before && sent[i] > remote);
        int64_t lead = (int64_t)hlc_milliseconds(sent[i]) - now / NS_PER_MS;
        ck_assert(lead >= 0 && lead <= EPSILON);
    }
}
END_TEST

Suite *hlc_suite(void) {
    Suite *suite = suite_create("hlc");
    TCase *tcase = tcase_create("hlc");
    tcase_add_test(tcase, published_sequences);
    tcase_add_test(tcase, vector_file);
    tcase_add_test(tcase, future_is_refused_and_changes_nothing);
    tcase_add_test(tcase, full_counter_carries);
    tcase_add_test(tcase, causality_and_bound);
    suite_add_tcase(suite, tcase);
    return suite;
}
