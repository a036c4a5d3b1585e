/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `list models` shows changes a run: each row of a family another trace hash than its other rows. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/registry.h"
#include "tests/lib/program.h"

#define BASE                                                                                       \
    "schema: 1\nduration: 1500 ms\nwarmup: 0 s\ndrain: 2 s\n"                                      \
    "places: [{id: tokyo, nodes: 16}]\n"                                                           \
    "city: {committee: 4, consensus: pbft}\n"                                                      \
    "continent: {committee: 4, places: [osaka, mumbai], consensus: pbft}\n"                        \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"                       \
    "overlay: {use: off}\n"
#define TRACE "models/data/wl/nasdaq.csv"

/* What a family, or one row of it, needs for its choice to matter. */
static const struct {
    const char *family, *name, *sets;
} needs[] = {
    {"loss", NULL, "--set network.loss=5%"},
    {"bandwidth", NULL, "--set network.nic=100Gbps --set network.jitter=none"},
    {"clock", NULL, "--set clock.sync=ntp --set clock.poll=100ms"},
    {"workload", "trace", "--set workload.trace=$PWD/" TRACE " --set workload.rate=6/min"},
};

static const char *needed(const char *family, const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(needs); i++)
        if (strcmp(needs[i].family, family) == 0 &&
            (needs[i].name == NULL || strcmp(needs[i].name, name) == 0))
            return needs[i].sets;
    return "";
}

START_TEST(each_row_of_a_family_runs_differently) {
    static char hashes[64][PROGRAM_HASHES];
    static struct model_row rows[64];
    char path[] = "/tmp/tierchain-models-XXXXXX";
    size_t count = 0;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, BASE, sizeof BASE - 1), (ssize_t)sizeof BASE - 1);
    close(file);
    for (; model_at(count, &rows[count]); count++) {
        char arguments[512];
        const struct model_row *row = &rows[count];
        const char *value = strcmp(row->family, "clock") == 0 ? "100ppm" : row->name;
        snprintf(arguments, sizeof arguments, "%s %s --set %s=%s", path,
                 needed(row->family, row->name), row->key, value);
        ck_assert_msg(program_run(program_path(), arguments, hashes[count]) == 0, "%s", arguments);
        ck_assert_uint_gt(strlen(hashes[count]), 0);
        for (size_t i = 0; i < count; i++)
            ck_assert_msg(strcmp(rows[i].family, row->family) != 0 ||
                              strcmp(strstr(hashes[i], "trace hash"),
                                     strstr(hashes[count], "trace hash")) != 0,
                          "%s: %s and %s run alike", row->family, rows[i].name, row->name);
    }
    char arguments[512], without[PROGRAM_HASHES];
    snprintf(arguments, sizeof arguments, "%s %s", path, needed("clock", ""));
    ck_assert_int_eq(program_run(program_path(), arguments, without), 0);
    ck_assert_str_ne(strstr(without, "trace hash"), strstr(hashes[count - 1], "trace hash"));
    unlink(path);
}
END_TEST

/* Flows share what the platform's links have, so the choice must reach SimGrid as well. */
START_TEST(rates_reach_the_fluid_model) {
    char path[] = "/tmp/tierchain-models-XXXXXX", hashes[3][PROGRAM_HASHES];
    static const char *const choices[] = {"uniform", "measured", "stream"};
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, BASE, sizeof BASE - 1), (ssize_t)sizeof BASE - 1);
    close(file);
    for (size_t i = 0; i < 3; i++) {
        char arguments[512];
        snprintf(arguments, sizeof arguments,
                 "%s --set network.mode=fluid --set network.bandwidth=%s --set network.nic=100Gbps "
                 "--set network.jitter=none",
                 path, choices[i]);
        ck_assert_int_eq(program_run(program_path(), arguments, hashes[i]), 0);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(strstr(hashes[k], "trace hash"), strstr(hashes[i], "trace hash"));
    }
    unlink(path);
}
END_TEST

Suite *models_in_runs_suite(void) {
    Suite *suite = suite_create("models_in_runs");
    TCase *tcase = tcase_create("models_in_runs");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, each_row_of_a_family_runs_differently);
    tcase_add_test(tcase, rates_reach_the_fluid_model);
    suite_add_tcase(suite, tcase);
    return suite;
}
