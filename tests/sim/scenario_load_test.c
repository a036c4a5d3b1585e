/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

static const char valid[] =
    "schema: 1\n"
    "name: \"a b\"\n"
    "x-batch: &b {size: 10, delay: 5 ms}\n"
    "seed: 012\n"
    "places:\n"
    "  - {id: komatsu, nodes: 50, share: 60 %}\n"
    "  - id: osaka\n"
    "    nodes: 40\n"
    "    share: 40 %\n"
    "city: {committee: 7, batch: {<<: *b, delay: 6 ms}}\n"
    "continent: {committee: 5, places: [tokyo, seoul]}\n"
    "workload: {model: closed-loop, clients: 9, size: cardano}\n"
    "network: {mode: hybrid, loss: 0.1 %, nic: 125 MB/s}\n"
    "cpu: {speed: 0.5, costs: {layer_s1: 80 ms, sign: 20 us}}\n"
    "faults:\n"
    "  - {at: 1 s, until: 2 s, kind: restart, nodes: {tier: city, index: 0..2}}\n"
    "  - {at: 1 s, kind: partition, groups: [{place: osaka}, {place: komatsu}]}\n"
    "  - {at: 2 s, kind: partition, groups: [[osaka, {tier: continent}], rest], one_way: true}\n"
    "  - {at: 3 s, kind: partition, isolate: osaka}\n"
    "  - {at: 4 s, kind: loss, from: [komatsu, {place: osaka, index: 2}], to: tokyo, rate: 1 %}\n"
    "expect: [total.p99 < 800 ms, commits >= 100]\n";

static int load(struct scenario *scenario, const char *text, size_t size, const char *const *sets,
                size_t set_count, struct diagnostics *diagnostics) {
    const struct scenario_options options = {.sets = sets, .set_count = set_count};
    return scenario_load_text(scenario, "valid.yaml", text, size, &options, diagnostics);
}

static char *resolved(const struct scenario *scenario, bool origins, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    ck_assert_ptr_nonnull(out);
    scenario_write_resolved(scenario, out, origins);
    fclose(out);
    return text;
}

START_TEST(values_arrive_in_base_units) {
    struct scenario s;
    struct diagnostics d;
    ck_assert_int_eq(load(&s, valid, sizeof valid - 1, NULL, 0, &d), OK);
    ck_assert_str_eq(s.name, "a b");
    ck_assert_int_eq(s.seed, 12); /* decimal, whatever YAML 1.1 thinks of 012 */
    ck_assert_uint_eq(s.place_count, 2);
    ck_assert_str_eq(s.places[1].id, "osaka");
    ck_assert_int_eq(s.places[0].share, 600000);
    ck_assert_int_eq(s.city.batch_size, 10); /* merged */
    ck_assert_int_eq(s.city.batch_delay, 6 * NS_PER_MS);
    ck_assert_str_eq(s.continent.consensus, "hotstuff-sticky");
    ck_assert_int_eq(s.targets, TARGETS_REPORT);
    ck_assert_int_eq(s.continent_acks, 2); /* f + 1 of 5 */
    ck_assert_uint_eq(s.continent_places.count, 2);
    ck_assert_int_eq(s.workload.model, WORKLOAD_CLOSED_LOOP);
    ck_assert_int_eq(s.workload.size, SIZE_CARDANO);
    ck_assert_int_eq(s.network.mode, NETWORK_HYBRID);
    ck_assert_int_eq(s.network.loss, 1000);
    ck_assert_int_eq(s.network.nic, 1000000000);
    ck_assert_int_eq(s.cpu.speed, MILLION / 2);
    ck_assert_int_eq(s.cpu.costs[WORK_LAYER_S1], 80 * NS_PER_MS);
    ck_assert_int_eq(s.cpu.costs[WORK_HASH], UNSET);
    ck_assert_uint_eq(s.fault_count, 5);
    ck_assert_int_eq(s.faults[0].nodes.terms[0].index_last, 2);
    ck_assert_int_eq(s.faults[0].nodes.terms[0].share, UNSET);
    ck_assert_uint_eq(s.faults[1].group_count, 2);
    ck_assert_int_eq(s.faults[1].until, UNSET);
    ck_assert_int_eq(s.faults[1].one_way, BOTH_WAYS);
    ck_assert_uint_eq(s.faults[2].groups[0].count, 2); /* a union */
    ck_assert_str_eq(s.faults[2].groups[0].terms[0].place, "osaka");
    ck_assert_int_eq(s.faults[2].groups[0].terms[1].tier, TIER_CONTINENT);
    ck_assert(s.faults[2].groups[1].rest);
    ck_assert_int_eq(s.faults[2].one_way, ONE_WAY);
    ck_assert_str_eq(s.faults[3].isolate.terms[0].place, "osaka"); /* a place's name alone */
    ck_assert_uint_eq(s.faults[4].from.count, 2);
    ck_assert_int_eq(s.faults[4].from.terms[1].index_first, 2);
    ck_assert_uint_eq(s.faults[4].to.count, 1);
    ck_assert_int_eq(s.expectations[0].bound.value, 800 * NS_PER_MS);
    ck_assert_int_eq(scenario_node_count(&s), 95);
    scenario_deinit(&s);
}
END_TEST

START_TEST(origins_tell_file_default_and_command_line) {
    struct scenario s;
    struct diagnostics d;
    const char *const sets[] = {"network.loss=2 %", "expect=[\"commits > 7\"]"};
    ck_assert_int_eq(load(&s, valid, sizeof valid - 1, sets, 2, &d), OK);
    const struct origin *seed = &s.origins[key_find("seed")];
    ck_assert_str_eq(seed->name, "valid.yaml");
    ck_assert_uint_eq(seed->line, 4);
    ck_assert_uint_eq(seed->column, 7);
    ck_assert_ptr_null(s.origins[key_find("duration")].name);
    ck_assert_str_eq(s.origins[key_find("network.loss")].name, "<command line>");
    ck_assert_int_eq(s.network.loss, 20000);
    ck_assert_int_eq(s.network.mode, NETWORK_HYBRID); /* its neighbours stay */
    ck_assert_uint_eq(s.expectation_count, 1);
    ck_assert_uint_eq(s.origins[key_find("city.batch.size")].line, 3); /* where it is written */
    scenario_deinit(&s);
}
END_TEST

START_TEST(bad_sets_are_located) {
    static const char *const sets[] = {"seed=1", "duration=60",     "city.comittee=7",
                                       "oops",   "expect=[commits", "places.0.nodes=7"};
    static const uint32_t columns[] = {0, 10, 6, 1, 0, 0};
    struct scenario s;
    struct diagnostics d;
    ck_assert_int_eq(load(&s, valid, sizeof valid - 1, sets, 6, &d), ERR_INVALID);
    ck_assert_uint_eq(d.count, 5);
    for (size_t i = 0; i < d.count; i++) {
        ck_assert_str_eq(d.items[i].name, "<command line>");
        ck_assert_uint_ge(d.items[i].line, 2);
        ck_assert_uint_le(d.items[i].line, 6);
        uint32_t column = columns[d.items[i].line - 1];
        ck_assert(column == 0 || column == d.items[i].column);
    }
    scenario_deinit(&s);
}
END_TEST

START_TEST(resolved_text_reads_back) {
    for (int origins = 0; origins < 2; origins++) {
        struct scenario first, second;
        struct diagnostics d;
        size_t size, again_size;
        const char *const sets[] = {"description=\"tab\\t quote \\\" back\\\\ é # no comment\""};
        ck_assert_int_eq(load(&first, valid, sizeof valid - 1, sets, 1, &d), OK);
        char *text = resolved(&first, origins != 0, &size);
        ck_assert_msg(load(&second, text, size, NULL, 0, &d) == OK, "%s\n%s", d.items[0].message,
                      text);
        ck_assert_str_eq(second.description, first.description);
        ck_assert_str_eq(second.description, "tab\t quote \" back\\ é # no comment");
        char *plain = resolved(&first, false, &size),
             *again = resolved(&second, false, &again_size);
        ck_assert_str_eq(again, plain);
        free(text);
        free(plain);
        free(again);
        scenario_deinit(&first);
        scenario_deinit(&second);
    }
}
END_TEST

START_TEST(all_errors_up_to_twenty_are_told) {
    char text[2000] = "schema: 1\nplaces: [{id: komatsu, nodes: 50}]\n";
    for (int i = 0; i < 25; i++)
        sprintf(text + strlen(text), "wrong%d: 1\n", i);
    struct scenario s;
    struct diagnostics d;
    ck_assert_int_eq(load(&s, text, strlen(text), NULL, 0, &d), ERR_INVALID);
    ck_assert_uint_eq(d.count, DIAGNOSTICS_MAX);
    ck_assert_uint_eq(d.omitted, 5);
    for (uint32_t i = 0; i < d.count; i++)
        ck_assert_uint_eq(d.items[i].line, i + 3);
    scenario_deinit(&s);
}
END_TEST

static const char *two_places(size_t index) {
    static const char *const names[] = {"komatsu", "osaka", NULL};
    return names[index];
}

START_TEST(places_are_those_of_the_model) {
    static const char text[] = "schema: 1\nplaces: [{id: komatsu, nodes: 50}]\n"
                               "continent: {places: [osaak]}\n";
    const struct scenario_options options = {.place_at = two_places};
    struct scenario s;
    struct diagnostics d;
    ck_assert_int_eq(scenario_load_text(&s, "t", text, sizeof text - 1, &options, &d), ERR_INVALID);
    ck_assert_uint_eq(d.count, 1);
    ck_assert_ptr_nonnull(strstr(d.items[0].message, "did you mean 'osaka'"));
    ck_assert_uint_eq(d.items[0].line, 3);
    ck_assert_uint_eq(d.items[0].column, 22);
    scenario_deinit(&s);
}
END_TEST

/* Whatever a text is, it is a scenario or it has errors; a scenario's resolved text is one again.
 */
static size_t try_text(const char *text, size_t size) {
    struct scenario s;
    struct diagnostics d;
    int result = load(&s, text, size, NULL, 0, &d);
    ck_assert_int_eq(result == OK, d.count == 0);
    if (result == OK) {
        size_t out_size;
        struct scenario again;
        char *out = resolved(&s, false, &out_size);
        ck_assert_msg(load(&again, out, out_size, NULL, 0, &d) == OK, "%s\n%s", d.items[0].message,
                      out);
        scenario_deinit(&again);
        free(out);
    }
    scenario_deinit(&s);
    return result == OK;
}

START_TEST(prefixes_and_substitutions_never_crash) {
    /* Bytes that mean something to YAML, to UTF-8 or to the units. */
    static const char bytes[] = "\0\n\t :-[]{},&*#!|>'\"%@`~\\09.a\x80\xc3\xff<=";
    char text[sizeof valid];
    size_t good = 0, tried = 0;
    for (size_t size = 0; size < sizeof valid; size++, tried++)
        good += try_text(valid, size);
    for (size_t at = 0; at < sizeof valid - 1; at++)
        for (size_t i = 0; i < sizeof bytes - 1; i++, tried++) {
            memcpy(text, valid, sizeof valid);
            text[at] = bytes[i];
            good += try_text(text, sizeof valid - 1);
        }
    ck_assert_uint_ge(tried, 10000);
    ck_assert_uint_gt(good, 0);
    ck_assert_uint_lt(good, tried);
}
END_TEST

Suite *scenario_load_suite(void) {
    Suite *suite = suite_create("scenario_load");
    TCase *tcase = tcase_create("scenario_load");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, values_arrive_in_base_units);
    tcase_add_test(tcase, origins_tell_file_default_and_command_line);
    tcase_add_test(tcase, bad_sets_are_located);
    tcase_add_test(tcase, resolved_text_reads_back);
    tcase_add_test(tcase, all_errors_up_to_twenty_are_told);
    tcase_add_test(tcase, places_are_those_of_the_model);
    tcase_add_test(tcase, prefixes_and_substitutions_never_crash);
    suite_add_tcase(suite, tcase);
    return suite;
}
