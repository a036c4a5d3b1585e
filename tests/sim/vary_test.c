/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --vary: values, combinations, and what is refused, where. */
#include "sim/compare/vary.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static struct vary vary;
static char message[240];
static size_t bad, at;

static int parse(const char *first, const char *second) {
    const char *options[] = {first, second};
    return vary_parse(&vary, options, second != NULL ? 2 : 1, message, sizeof message, &bad, &at);
}

static void expect_sets(size_t variant, const char *wanted) {
    const char *sets[16];
    char joined[256] = "";
    size_t count = vary_sets(&vary, variant, sets);
    for (size_t i = 0; i < count; i++) {
        strcat(joined, i > 0 ? " " : "");
        strcat(joined, sets[i]);
    }
    ck_assert_str_eq(joined, wanted);
    ck_assert_uint_le(count, vary_set_count(&vary));
}

static void expect_label(size_t variant, const char *wanted) {
    char *label = vary_label(&vary, variant);
    ck_assert_str_eq(label, wanted);
    free(label);
}

START_TEST(every_combination) {
    ck_assert_int_eq(parse("city.consensus=pbft,hotstuff", "city.committee=4,7,13"), OK);
    ck_assert_uint_eq(vary.variant_count, 6);
    expect_sets(0, "city.consensus=pbft city.committee=4");
    expect_sets(2, "city.consensus=pbft city.committee=13");
    expect_sets(3, "city.consensus=hotstuff city.committee=4");
    expect_label(5, "city.consensus=hotstuff city.committee=13");
    vary_deinit(&vary);
}
END_TEST

/* n is the committee of the tier that another axis is about; what was typed stays the label. */
START_TEST(n_is_the_committee_spoken_of) {
    ck_assert_int_eq(parse("n=4,16", "continent.consensus=pbft,hotstuff"), OK);
    expect_sets(3, "continent.committee=16 continent.consensus=hotstuff");
    expect_label(3, "n=16 continent.consensus=hotstuff");
    vary_deinit(&vary);
    ck_assert_int_eq(parse("city.consensus=pbft,hotstuff", "n=4,16"), OK);
    expect_sets(1, "city.consensus=pbft city.committee=16");
    vary_deinit(&vary);
}
END_TEST

START_TEST(values_with_commas_and_company) {
    ck_assert_int_eq(
        parse("faults=[],[{at: 1 s, kind: crash, nodes: {tier: city, index: 0}}]",
              "city.certificates=list,aggregate+crypto.suite=bls12-381+crypto.provider=modelled"),
        OK);
    ck_assert_uint_eq(vary.variant_count, 4);
    expect_sets(0, "faults=[] city.certificates=list");
    expect_sets(3, "faults=[{at: 1 s, kind: crash, nodes: {tier: city, index: 0}}] "
                   "city.certificates=aggregate crypto.suite=bls12-381 crypto.provider=modelled");
    vary_deinit(&vary);
}
END_TEST

START_TEST(refused) {
    static const struct {
        const char *first, *second;
        size_t bad, at;
        const char *part;
    } rows[] = {
        {"city.consensus", NULL, 0, 0, "expected KEY=VALUE"},
        {"=a,b", NULL, 0, 0, "expected KEY=VALUE"},
        {"city.consensus=pbft", NULL, 0, 15, "two values at least"},
        {"city.consensus=pbft,,hotstuff", NULL, 0, 20, "a value is missing"},
        {"city.consensus=pbft,pbft", NULL, 0, 20, "twice"},
        {"city.consensu=pbft,hotstuff", NULL, 0, 0, "did you mean 'city.consensus'?"},
        {"seed=1,2", NULL, 0, 0, "cannot be varied"},
        {"n=4,16", NULL, 0, 0, "say which"},
        {"city.timeout=1 s,2 s", "city.timeout=3 s,4 s", 1, 0, "varied twice"},
        {"city.committee=4,7", "n=4,16", 1, 0, "varied twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_msg(parse(rows[i].first, rows[i].second) == ERR_INVALID, "%s", rows[i].first);
        ck_assert_msg(strstr(message, rows[i].part) != NULL, "%s: %s", rows[i].first, message);
        ck_assert_uint_eq(bad, rows[i].bad);
        ck_assert_uint_eq(at, rows[i].at);
        vary_deinit(&vary);
    }
    const char *both[] = {"city.consensus=pbft,hotstuff", "continent.timeout=1 s,2 s", "n=4,7"};
    ck_assert_int_eq(vary_parse(&vary, both, 3, message, sizeof message, &bad, &at), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(message, "both tiers"));
    vary_deinit(&vary);
}
END_TEST

START_TEST(letters) {
    static const struct {
        size_t variant;
        const char *letter;
    } rows[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {27, "AB"}, {51, "AZ"}, {52, "BA"}, {255, "IV"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char letter[VARY_LETTERS];
        vary_letter(rows[i].variant, letter);
        ck_assert_str_eq(letter, rows[i].letter);
    }
}
END_TEST

Suite *vary_suite(void) {
    Suite *suite = suite_create("vary");
    TCase *tests = tcase_create("vary");
    tcase_add_test(tests, every_combination);
    tcase_add_test(tests, n_is_the_committee_spoken_of);
    tcase_add_test(tests, values_with_commas_and_company);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, letters);
    suite_add_tcase(suite, tests);
    return suite;
}
