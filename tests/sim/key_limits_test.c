/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A limit that a key names is one that the stack keeps: every numeric key is set to its least and
 * to its greatest value, and then there is either an error where it stands or a run that works. */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "consensus/consensus.h"
#include "models/places.h"
#include "sim/run/run_one.h"
#include "sim/scenario/keys.h"
#include "tier/batch.h"
#include "tier/mempool.h"

static const char base[] = "schema: 1\n"
                           "duration: 400 ms\n"
                           "warmup: 0 s\n"
                           "drain: 1 s\n"
                           "places: [{id: komatsu, nodes: 16}]\n"
                           "city: {committee: 4, consensus: pbft}\n"
                           "continent: {committee: 4, places: [tokyo], consensus: pbft}\n"
                           "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
                           "workload: {model: constant, rate: 20/s, size: 512 B}\n"
                           "network: {latency: uniform, delay: 5 ms, jitter: none}\n";

#define SETS 6

/* What is special about a key at one of its ends. */
enum { LEAST, GREATEST };
enum outcome { COMMITS, SILENT, CHECKED };
struct special {
    const char *key;
    int end;
    enum outcome
        outcome; /* SILENT: it runs, but nothing need come of it. CHECKED: too long to run */
    const char *sets[SETS]; /* what the value needs elsewhere, or one that needs it */
};

#define WIDE       "places=[{id: komatsu, nodes: 300}]"
#define TWO_PLACES "places=[{id: komatsu, nodes: 16}, {id: osaka, nodes: 16}]"
#define ALL_64                                                                                     \
    "pipeline.candidates=64", "pipeline.holders=64", "pipeline.pieces=64", "pipeline.acks=64"
#define ALL_1 "pipeline.holders=1", "pipeline.pieces=1", "pipeline.needed=1", "pipeline.acks=1"

static const struct special specials[] = {
    {"duration", LEAST, SILENT, {0}},
    {"duration", GREATEST, CHECKED, {0}},
    {"drain", GREATEST, CHECKED, {0}},
    {"repetitions", GREATEST, CHECKED, {0}},
    {"city.committee", GREATEST, COMMITS, {WIDE, "duration=60 ms"}},
    {"continent.committee", GREATEST, COMMITS, {"duration=60 ms"}},
    {"city.delegates", LEAST, COMMITS, {0}},
    {"city.batch.delay", GREATEST, SILENT, {0}}, /* nobody keeps a lone transaction company */
    {"city.timeout", LEAST, SILENT, {0}},        /* shorter than a round trip */
    {"continent.batch.delay", GREATEST, COMMITS, {"drain=70 s"}}, /* to be ordered at last */
    {"continent.acks", GREATEST, COMMITS, {"continent.committee=256", "duration=60 ms"}},
    {"pipeline.candidates", LEAST, COMMITS, {ALL_1}},
    {"pipeline.candidates", GREATEST, COMMITS, {WIDE}},
    {"pipeline.holders", LEAST, COMMITS, {ALL_1}},
    {"pipeline.holders", GREATEST, COMMITS, {WIDE, ALL_64}},
    {"pipeline.pieces", LEAST, COMMITS, {ALL_1}},
    {"pipeline.pieces", GREATEST, COMMITS, {WIDE, ALL_64}},
    {"pipeline.needed", LEAST, COMMITS, {ALL_1}},
    {"pipeline.needed", GREATEST, COMMITS, {WIDE, ALL_64}},
    {"pipeline.acks", LEAST, COMMITS, {ALL_1}},
    {"pipeline.acks", GREATEST, COMMITS, {WIDE, ALL_64}},
    {"pipeline.hold_ttl", LEAST, SILENT, {0}},                 /* shorter than a round trip */
    {"workload.rate", LEAST, SILENT, {0}},                     /* one in twelve days */
    {"workload.rate", GREATEST, COMMITS, {"duration=500 us"}}, /* 500 at once */
    {"workload.cross_city", GREATEST, COMMITS, {TWO_PLACES}},
    {"network.delay", LEAST, COMMITS, {"network.local_delay=0 s"}},
    {"network.delay", GREATEST, SILENT, {0}},
    {"network.local_delay", GREATEST, SILENT, {"network.delay=60 s"}},
    {"network.loss", GREATEST, SILENT, {0}},
    {"network.nic", LEAST, SILENT, {0}},
    {"network.backbone", LEAST, SILENT, {0}},
    {"cpu.speed", LEAST, SILENT, {0}},
    {"clock.offset", GREATEST, SILENT, {0}}, /* beyond LIMIT_CLOCK_AHEAD_MS nobody is heard */
    {"clock.noise", GREATEST, SILENT, {0}},
    {"clock.periodic.amplitude", GREATEST, SILENT, {0}},
    {"clock.asymmetry", GREATEST, COMMITS, {"clock.sync=ptp"}},
};

static int64_t value_at(const struct key_row *row, int end) {
    return end == LEAST ? row->min : row->max;
}

static bool is_numeric(const struct key_row *row) {
    return row->type == KEY_NUMBER;
}

/* Two cases a numeric row. */
static const struct key_row *row_of(int number) {
    for (const struct key_row *row = scenario_keys; row->path != NULL; row++)
        if (is_numeric(row) && number-- == 0)
            return row;
    return NULL;
}

static int row_count(void) {
    int count = 0;
    while (row_of(count) != NULL)
        count++;
    return count;
}

static const struct special *special_of(const char *key, int end) {
    for (size_t i = 0; i < ARRAY_LEN(specials); i++)
        if (strcmp(specials[i].key, key) == 0 && specials[i].end == end)
            return &specials[i];
    return NULL;
}

static int load(struct scenario *scenario, const char *const *sets, size_t count,
                struct diagnostics *told) {
    const struct scenario_options options = {
        .sets = sets, .set_count = count, .place_at = places_name_at};
    return scenario_load_text(scenario, "base.yaml", base, sizeof base - 1, &options, told);
}

/* Runs it; how many transactions were done, and how many were not. */
static size_t run(const struct scenario *scenario, size_t *open) {
    struct run_result result;
    const struct run_request request = {.scenario = scenario, .seed = 1};
    size_t done = 0;
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(run_one(&request, &result), OK);
    ck_assert(result.complete);
    for (size_t i = 0; i < result.invariant_count; i++)
        ck_assert_msg(result.invariants[i].passed, "%s is broken", result.invariants[i].name);
    for (size_t i = 0; i < result.transaction_count; i++)
        done += result.transactions[i].done != TIME_NEVER;
    *open = result.transaction_count - done;
    run_result_free(&result);
    return done;
}

START_TEST(a_key_at_its_limit_is_refused_or_works) {
    const struct key_row *row = row_of(_i / 2);
    int end = _i % 2;
    char text[QUANTITY_BYTES], set[128];
    const char *sets[SETS + 1] = {set};
    size_t count = 1;
    struct scenario scenario;
    struct diagnostics told;
    const struct special *special = special_of(row->path, end);
    quantity_format(value_at(row, end), row->unit, text);
    snprintf(set, sizeof set, "%s=%s", row->path, text);
    for (size_t i = 0; special != NULL && i < SETS && special->sets[i] != NULL; i++)
        sets[count++] = special->sets[i];
    if (load(&scenario, sets, count, &told) != OK) {
        /* Where it stands, and why; never after all that it needs was given. */
        ck_assert_str_eq(told.items[0].name, SCENARIO_SETS);
        ck_assert_uint_eq(told.items[0].line, 1);
        ck_assert_msg(special == NULL, "%s: %s", set, told.items[0].message);
        return;
    }
    enum outcome outcome = special != NULL ? special->outcome : COMMITS;
    if (outcome != CHECKED) {
        size_t open, done = run(&scenario, &open);
        ck_assert_msg(done > 0 || outcome == SILENT, "%s: nothing is done", set);
    }
    scenario_deinit(&scenario);
}
END_TEST

/* What lies outside is refused where it stands, with the range that `list keys` shows. */
START_TEST(a_key_beyond_its_limit_is_refused_with_its_range) {
    const struct key_row *row = row_of(_i / 2);
    int end = _i % 2;
    int64_t value = end == LEAST ? row->min - 1 : row->max + 1;
    char text[QUANTITY_BYTES], set[128], low[QUANTITY_BYTES], high[QUANTITY_BYTES],
        range[KEY_RANGE_BYTES];
    const char *sets[] = {set};
    struct scenario scenario;
    struct diagnostics told;
    if (value < 0 || row->max == INT64_MAX)
        return; /* no text says that */
    quantity_format(value, row->unit, text);
    snprintf(set, sizeof set, "%s=%s", row->path, text);
    if (row->choices != NULL && value == row->word)
        return;
    ck_assert_msg(load(&scenario, sets, 1, &told) == ERR_INVALID, "%s is taken", set);
    quantity_format(row->min, row->unit, low);
    quantity_format(row->max, row->unit, high);
    const char *message = told.items[0].message;
    ck_assert_msg(strstr(message, low) != NULL && strstr(message, high) != NULL, "%s", message);
    key_range_text(row, range);
    ck_assert(strncmp(range, low, strlen(low)) == 0);
    ck_assert_str_eq(range + strlen(range) - strlen(high), high);
}
END_TEST

/* 4,999 transactions wait and a batch may be as large as it can: all of them go through, in a full
 * batch and another. (65,536 were allowed, and what was beyond 4,096 was stuck.) */
START_TEST(the_largest_batch_is_acknowledged) {
    char size[64];
    snprintf(size, sizeof size, "city.batch.size=%d", BATCH_ORIGINS_MAX);
    const char *const sets[] = {
        size,        "city.batch.delay=100 ms", "workload.rate=49990/s", "duration=100 ms",
        "drain=3 s", "cpu.table=zero"};
    struct scenario scenario;
    struct diagnostics told;
    ck_assert_msg(load(&scenario, sets, ARRAY_LEN(sets), &told) == OK, "%s", told.items[0].message);
    size_t open, done = run(&scenario, &open);
    ck_assert_uint_ge(done, 4998); /* the last of 4,999 falls on the end of the load */
    ck_assert_uint_eq(open, 0);
    scenario_deinit(&scenario);
}
END_TEST

/* The greatest committee of each variant and kind of certificate. */
static const struct {
    const char *consensus, *certificates, *suite;
    int members;
    bool runs; /* checked only: HoneyBadger sends n^3 messages a block; a proposal with 171 ML-DSA
                * votes takes its leader longer than a view */
} greatest[] = {
    {"pbft", "list", "ed25519", 256, true},
    {"pbft", "list", "ml-dsa-65", 256, false},
    {"hotstuff", "list", "ed25519", 256, true},
    {"hotstuff", "aggregate", "bls12-381", 256, true},
    {"hotstuff", "frost", "ed25519", 256, true},
    {"hotstuff-sticky", "list", "ml-dsa-65", 256, false},
    {"honeybadger", "list", "ed25519", 255, false},
};

START_TEST(the_greatest_committee_of_each_variant_works) {
    char consensus[64], certificates[64], suite[64], committee[64];
    const char *const sets[] = {consensus, certificates,     suite,       committee,
                                WIDE,      "duration=60 ms", "drain=1 s", "cpu.table=zero"};
    struct scenario scenario;
    struct diagnostics told;
    size_t open;
    for (int more = 0; more < 2; more++) {
        snprintf(consensus, sizeof consensus, "city.consensus=%s", greatest[_i].consensus);
        snprintf(certificates, sizeof certificates, "city.certificates=%s",
                 greatest[_i].certificates);
        snprintf(suite, sizeof suite, "crypto.suite=%s", greatest[_i].suite);
        snprintf(committee, sizeof committee, "city.committee=%d", greatest[_i].members + more);
        int result = load(&scenario, sets, ARRAY_LEN(sets), &told);
        ck_assert_msg(result == (more ? ERR_INVALID : OK), "%s", told.items[0].message);
        if (!more && greatest[_i].runs)
            ck_assert_uint_gt(run(&scenario, &open), 0);
        scenario_deinit(&scenario);
    }
}
END_TEST

/* A record is ordered whole: what no batch could hold is refused before the run. */
START_TEST(a_record_that_no_batch_could_hold_is_refused) {
    const char *const sets[] = {
        "city.consensus=honeybadger", "crypto.suite=ml-dsa-65", "city.committee=100", WIDE, ALL_64,
        "pipeline.needed=64"};
    struct scenario scenario;
    struct diagnostics told;
    ck_assert_int_eq(load(&scenario, sets, ARRAY_LEN(sets), &told), ERR_INVALID);
    ck_assert_ptr_nonnull(
        strstr(told.items[0].message, "a record with the promises of 64 holders"));
    ck_assert_uint_eq(told.items[0].line, 6); /* where the holders are */
    scenario_deinit(&scenario);
    const char *const fewer[] = {
        "city.consensus=honeybadger", "crypto.suite=ml-dsa-65", "city.committee=55", WIDE, ALL_64,
        "pipeline.needed=64"};
    ck_assert_int_eq(load(&scenario, fewer, ARRAY_LEN(fewer), &told), OK);
    scenario_deinit(&scenario);
    /* What goes up of the largest batch fits into a continent of any size. */
    const size_t statement = 2 + 8 + DIGEST_BYTES + 4 + (size_t)BATCH_ORIGINS_MAX * (4 + 8);
    ck_assert_uint_le(mempool_batch_bytes(statement),
                      consensus_batch_limit(consensus_find("honeybadger"), LIMIT_PIECES));
}
END_TEST

Suite *key_limits_suite(void) {
    Suite *suite = suite_create("key_limits");
    TCase *tcase = tcase_create("key_limits");
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, a_key_at_its_limit_is_refused_or_works, 0, 2 * row_count());
    tcase_add_loop_test(tcase, a_key_beyond_its_limit_is_refused_with_its_range, 0,
                        2 * row_count());
    tcase_add_test(tcase, the_largest_batch_is_acknowledged);
    tcase_add_loop_test(tcase, the_greatest_committee_of_each_variant_works, 0,
                        (int)ARRAY_LEN(greatest));
    tcase_add_test(tcase, a_record_that_no_batch_could_hold_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
