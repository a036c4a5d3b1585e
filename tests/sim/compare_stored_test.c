/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two results from disk beside each other: what is read, what is refused, which runs are pairs; and the sample CI
 * gate. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/types.h"
#include "base/memory.h"
#include "base/rng.h"
#include "sim/compare/differs.h"
#include "sim/compare/stored.h"
#include "tests/lib/program.h"

#define RUN                                                                                        \
    "PATH=/nonexistent:/bin:/usr/bin $T run scenarios/smoke/pbft.yaml --set "                      \
    "network.jitter=measured -q "
#define COMPARE "PATH=/nonexistent:/bin:/usr/bin $T compare "
#define LATEST  "/pbft/latest"

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/tierchain-stored-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static int shell(const char *command) {
    char line[2048];
    snprintf(line, sizeof line, "D=%s; T=%s; export D T; %s", directory, program_path(), command);
    int status = system(line);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(const char *command) {
    ck_assert_msg(shell(command) == 0, "%s", command);
}

START_TEST(differences) {
    struct differences found;
    ck_assert_int_eq(
        differences_find(
            "a: 1\nseed: 1\nname: x\nexpect:\n  - commits > 1\nc: {d: 2, e: 3}\nl: [1, 2]\n",
            "a: 1\nseed: 2\nname: y\nc: {d: 4}\nl: [1, 2, 3]\nn: 5\n", &found),
        OK);
    static const struct {
        const char *key, *first, *second;
        uint32_t lines[2];
    } rows[] = {{"c.d", "2", "4", {6, 4}},
                {"c.e", "3", NULL, {6, 0}},
                {"l.2", NULL, "3", {0, 5}},
                {"n", NULL, "5", {0, 6}}};
    ck_assert_uint_eq(found.count, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const wanted[2] = {rows[i].first, rows[i].second};
        ck_assert_str_eq(found.list[i].key, rows[i].key);
        for (size_t v = 0; v < 2; v++) {
            ck_assert_uint_eq(found.list[i].lines[v], rows[i].lines[v]);
            ck_assert(wanted[v] == NULL ? found.list[i].values[v] == NULL
                                        : strcmp(found.list[i].values[v], wanted[v]) == 0);
        }
    }
    ck_assert(difference_is_named(&found.list[0], "c"));
    ck_assert(difference_is_named(&found.list[0], "c.d"));
    ck_assert(!difference_is_named(&found.list[0], "c.e"));
    ck_assert(!difference_is_named(&found.list[3], ""));
    differences_deinit(&found);
    ck_assert_int_eq(differences_find("a: 1\n", "a: [\n", &found), ERR_INVALID);
    differences_deinit(&found);
}
END_TEST

/* What is read back is what compare measures itself, of transactions that were lost too: all but what only the run
 * knew, p90 and mean of samples that are not about transactions. */
START_TEST(what_is_read_is_what_was_measured) {
    expect(RUN "--set city.batch.size=7 --set network.loss='5 %' --seed 7 -o $D/run >$D/out 2>&1; "
               "test $? -le 1");
    expect(COMPARE
           "scenarios/smoke/pbft.yaml --set network.jitter=measured --set network.loss='5 %'"
           " --vary city.batch.size=7,8 --seeds 7 -q -o $D/live >$D/out 2>&1");
    expect(COMPARE "$D/run" LATEST " $D/run" LATEST " -o $D/read >$D/out 2>&1");
    expect("for k in live read; do grep '^A,' $D/$k/compare-pbft/latest/runs.csv"
           " | grep -v -e ,announce.p90, -e ,announce.mean, > $D/$k.csv; done;"
           " test $(wc -l < $D/read.csv) -gt 80 && cmp $D/live.csv $D/read.csv");
}
END_TEST

START_TEST(differing_scenarios) {
    expect(RUN "--seed 3 --repetitions 3 -o $D/a >$D/out 2>&1");
    expect(RUN "--seed 3 --repetitions 4 --set city.consensus=hotstuff --set expect=[] -o $D/b "
               ">$D/out 2>&1");
    ck_assert_int_eq(shell(COMPARE "$D/a" LATEST " $D/b" LATEST " -o $D/c >$D/out 2>$D/err"), 2);
    expect("line=$(grep -n consensus: $D/a" LATEST
           "/scenario.resolved.yaml | head -1 | cut -d: -f1);"
           " grep -qxF \"  city.consensus: pbft ($D/a" LATEST "/scenario.resolved.yaml:$line), "
           "hotstuff ($D/b" LATEST
           "/scenario.resolved.yaml:$line)\" $D/err && test $(wc -l < $D/err) -eq 2");
    expect("test ! -e $D/c");
    ck_assert_int_eq(
        shell(COMPARE "$D/a" LATEST " $D/b" LATEST " --differs city.consensu 2>$D/err"), 2);
    expect("grep -qF \"did you mean 'city.consensus'\" $D/err");
    /* Named, it is compared; the fourth run of B has no partner. */
    expect(COMPARE "$D/a" LATEST " $D/b" LATEST " --differs city -o $D/c >$D/out 2>$D/err");
    expect("grep -q '^tierchain: compare: 1 runs of .*/b/pbft/latest have no partner' $D/err");
    expect("grep -c '^what decided: A is quickest, B slowest, by .* propagation ' $D/out | grep "
           "-qx 2");
    expect(
        "grep -q '^B,.*,felt.p99,ns,3,0,.*paired\",.*,1$' $D/c/compare-pbft/latest/compare.csv ||"
        " grep -q \"^B,.*,felt.p99,ns,3,0,.*,3,\\\"Student's t, paired\\\",\" "
        "$D/c/compare-pbft/latest/compare.csv");
}
END_TEST

/* A variant with itself under other seeds: no pairs, and no difference. */
START_TEST(without_common_seeds) {
    expect(RUN "--seed 3 --repetitions 4 -o $D/a >$D/out 2>&1");
    expect(RUN "--seed 4 --repetitions 4 -o $D/b >$D/out 2>&1");
    expect(COMPARE "$D/a" LATEST " $D/b" LATEST
                   " -o $D/c --fail-if 'felt.p99 > +3 %' >$D/out 2>$D/err");
    expect("grep -q 'no seed in common, so not paired' $D/out");
    expect("! grep -q '[*]$' $D/out");
    expect("grep -q \"^B,.*,felt.p99,.*,4,Welch's t,\" $D/c/compare-pbft/latest/compare.csv");
}
END_TEST

START_TEST(refused) {
    ck_assert_int_eq(shell("mkdir $D/empty; " COMPARE "$D/empty $D/empty 2>$D/err"), 2);
    expect("grep -q 'there is no results.sqlite' $D/err");
    ck_assert_int_eq(
        shell("printf nonsense > $D/empty/results.sqlite; " COMPARE "$D/empty $D/empty 2>$D/err"),
        2);
    expect("grep -q 'results.sqlite cannot be read' $D/err");
    ck_assert_int_eq(shell(COMPARE "$D/empty $D/empty --seeds 1..2 2>$D/err"), 2);
    expect("grep -q 'results are what they are' $D/err");
    ck_assert_int_eq(shell(COMPARE "$D/empty $D/empty $D/empty 2>$D/err"), 2);
    ck_assert_int_eq(
        shell(COMPARE "scenarios/smoke/pbft.yaml --vary n=4,7 --differs city 2>$D/err"), 2);
}
END_TEST

/* scenarios/ci/gate.sh as a CI server runs it: the same build passes, one that is slower fails. */
static uint8_t *file_bytes(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    uint8_t *bytes = memory_new(*size, 1);
    rewind(file);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static int read_damaged(const uint8_t *bytes, size_t size, char *message, size_t room) {
    char path[128], *name = NULL;
    struct variant variant;
    snprintf(path, sizeof path, "%s/results.sqlite", directory);
    FILE *file = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    message[0] = '\0';
    const int error = stored_read(directory, NULL, &variant, &name, message, room);
    for (size_t r = 0; error == OK && r < variant.run_count; r++)
        observation_deinit(&variant.runs[r]);
    free(variant.runs);
    free(variant.label);
    free(variant.scenario_text);
    free(name);
    return error;
}

/* Sixteen bytes of the database are anything: it is read, or refused with a reason. */
START_TEST(a_damaged_database) {
    char path[256], message[256];
    size_t size, turned_away = 0;
    struct rng rng;
    expect(RUN "--seed 3 --set 'duration=1 s' -o $D/a >$D/out 2>&1; test $? -le 1");
    snprintf(path, sizeof path, "%s/a" LATEST "/results.sqlite", directory);
    uint8_t *bytes = file_bytes(path, &size), *damaged = memory_new(size, 1);
    ck_assert_int_eq(read_damaged(bytes, size, message, sizeof message), OK);
    rng_init(&rng, 1, 0, "test.damage");
    for (size_t i = 0; i < 400; i++) {
        memcpy(damaged, bytes, size);
        for (size_t b = 0; b < 16; b++)
            damaged[rng_below(&rng, size)] = (uint8_t)rng_below(&rng, 256);
        if (read_damaged(damaged, size, message, sizeof message) != OK) {
            ck_assert_str_ne(message, "");
            turned_away++;
        }
    }
    ck_assert_uint_gt(turned_away, 20);
    free(bytes);
    free(damaged);
}
END_TEST

START_TEST(the_sample_gate) {
    expect("cd $D && ln -s $OLDPWD/scenarios . && ln -s $(realpath $OLDPWD/$T) program");
    expect("cd $D && PATH=/nonexistent:/bin:/usr/bin BASE=./program NEW=./program SEEDS=3 OUT=same "
           "scenarios/ci/gate.sh >out");
    expect("grep -q 'tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"0\"' "
           "$D/same/gate/*/latest/junit.xml");
    ck_assert_int_eq(
        shell(
            "cd $D && PATH=/nonexistent:/bin:/usr/bin BASE=./program NEW=./program SEEDS=3 OUT=slow"
            " NEW_OPTIONS='--set network.delay=6ms' DIFFERS='--differs network.delay'"
            " scenarios/ci/gate.sh >out"),
        1);
    expect("grep -q 'tests=\"3\" failures=\"1\"' $D/slow/gate/*/latest/junit.xml");
    expect("grep -q 'run: .*scenarios/ci/gate.sh' $D/scenarios/ci/github-actions.yml");
}
END_TEST

Suite *compare_stored_suite(void) {
    Suite *suite = suite_create("compare_stored");
    TCase *tests = tcase_create("compare_stored");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_add_test(tests, differences);
    tcase_add_test(tests, what_is_read_is_what_was_measured);
    tcase_add_test(tests, differing_scenarios);
    tcase_add_test(tests, without_common_seeds);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, a_damaged_database);
    tcase_add_test(tests, the_sample_gate);
    suite_add_tcase(suite, tests);
    return suite;
}
