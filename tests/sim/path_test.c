/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the click to the continent's order with something gone on the way: whatever is lost, cut off or
 * crashed within the limits costs time, and no transaction. Whole runs of the program. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"

/* A transaction each 50 ms for 3 s, one city, one place of representatives. */
#define BASE                                                                                       \
    "schema: 1\nduration: 3 s\nwarmup: 0 s\n"                                                      \
    "places: [{id: komatsu, nodes: 16}]\n"                                                         \
    "city: {committee: 4, consensus: pbft}\n"                                                      \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"                       \
    "workload: {model: constant, rate: 20/s, size: 512 B}\n"                                       \
    "network: {latency: uniform, delay: 5 ms, local_delay: 250 us, jitter: none}\n"                \
    "crypto: {provider: modelled}\n"

#define HOTSTUFF "drain: 60 s\ncontinent: {committee: 4, places: [tokyo], consensus: hotstuff}\n"

/* Runs BASE with @more; the exit code says whether all its expectations were met. */
static void ends_with(int expected, const char *more) {
    char path[] = "/tmp/tierchain-path-XXXXXX", arguments[256], hashes[PROGRAM_HASHES];
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    ck_assert_ptr_nonnull(file);
    fputs(BASE, file);
    fputs(more, file);
    ck_assert_int_eq(fclose(file), 0);
    snprintf(arguments, sizeof arguments, "--quiet %s", path);
    int code = program_run(program_path(), arguments, hashes);
    unlink(path);
    ck_assert_msg(code == expected, "exit code %d:\n%s", code, more);
}

static void passes(const char *more) {
    ends_with(0, more);
}

/* The replies of a whole moment are lost at one user: members say it again. */
START_TEST(a_reply_that_is_lost_is_given_again) {
    passes(HOTSTUFF "faults: [{kind: loss, at: 1004 ms, until: 1400 ms, rate: 100 %,"
                    " nodes: {place: komatsu, index: 11}}]\n"
                    "expect: [commits == 59, felt.max < 4 s, felt.p50 < 20 ms]\n");
}
END_TEST

/* Statements on their way up and acknowledgements on their way down. */
START_TEST(what_is_lost_at_the_representatives_goes_up_and_comes_down_again) {
    passes(HOTSTUFF "faults: [{kind: loss, at: 1004 ms, until: 1400 ms, rate: 100 %,"
                    " nodes: {tier: continent}}]\n"
                    "expect: [commits == 59, felt.max < 4 s, felt.p50 < 20 ms]\n");
}
END_TEST

START_TEST(a_cut_between_city_and_continent_delays) {
    passes(HOTSTUFF "faults: [{kind: partition, at: 500 ms, until: 2500 ms,"
                    " groups: [{place: komatsu}, {place: tokyo}]}]\n"
                    "expect: [commits == 59, felt.max < 8 s, felt.max > 1900 ms]\n");
}
END_TEST

/* No other message of the two hops gets through half of the time, for the whole load. */
START_TEST(heavy_loss_delays) {
    passes(HOTSTUFF
           "faults: [{kind: loss, at: 0 s, until: 3 s, rate: 30 %, nodes: {place: komatsu}}]\n"
           "expect: [commits == 59, felt.max > 900 ms]\n");
}
END_TEST

/* f members gone: the tokens that they were asked for cost a repetition. The senders among them are
 * gone themselves, and five transactions with them. */
START_TEST(f_crashed_members_cost_a_repetition_each) {
    passes(HOTSTUFF
           "faults: [{kind: crash, at: 0 s, nodes: {tier: city, index: 2}}]\n"
           "expect: [token.p90 < 1100 ms, token.p90 > 990 ms, token.p50 < 2 ms, commits == 54]\n");
}
END_TEST

/* The continent's members all at once, with batches on the way; they start anew with what they had
 * made durable. */
START_TEST(representatives_that_start_anew_lose_nothing) {
    passes(HOTSTUFF "faults: [{kind: restart, at: 1 s, until: 2 s, nodes: {tier: continent}}]\n"
                    "expect: [commits == 59]\n");
}
END_TEST

/* The user may close the page when the acknowledgement says what the scenario wants, and not before:
 * one persist, and the order's three hops later. */
START_TEST(an_acknowledgement_says_what_is_so) {
    passes(
        "drain: 3 s\ncontinent: {committee: 4, places: [tokyo], consensus: pbft, ack: received}\n"
        "expect: [felt.max < 17400 us, durable.p50 < 5.3 ms, stuck == 0, backlog.end == 0]\n");
    passes("drain: 3 s\ncontinent: {committee: 4, places: [tokyo], consensus: pbft, ack: durable}\n"
           "expect: [felt.p50 > 17400 us, felt.max < 18 ms, stuck == 0]\n");
    passes("drain: 3 s\ncontinent: {committee: 4, places: [tokyo], consensus: pbft, ack: ordered}\n"
           "expect: [felt.p50 > 23 ms, felt.max < 24 ms, ordered.p50 > 11 ms, stuck == 0]\n");
}
END_TEST

/* Three of seven representatives are more than f: nothing is ordered any more. */
START_TEST(what_is_not_ordered_is_said_to_be_stuck) {
    static const char crash[] =
        "faults: [{kind: crash, at: 0 s, nodes: {tier: continent, index: 0..2}}]\n";
    char text[1024];
    snprintf(text, sizeof text,
             "%sdrain: 5 s\ncontinent: {committee: 7, places: [tokyo], ack: ordered}\n"
             "expect: [commits == 0, stuck == 59]\n",
             crash);
    passes(text);
    snprintf(text, sizeof text,
             "%sdrain: 5 s\ncontinent: {committee: 7, places: [tokyo], ack: ordered}\n", crash);
    ends_with(1, text); /* nobody expected that */
    snprintf(text, sizeof text,
             "%sdrain: 5 s\ncontinent: {committee: 7, places: [tokyo], ack: durable}\n"
             "expect: [commits == 59, stuck == 59, invariants.violations == 59]\n",
             crash);
    ends_with(1, text); /* acknowledged and in no order: a violation, expected or not */
}
END_TEST

Suite *path_suite(void) {
    Suite *suite = suite_create("path");
    TCase *tcase = tcase_create("path");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_reply_that_is_lost_is_given_again);
    tcase_add_test(tcase, what_is_lost_at_the_representatives_goes_up_and_comes_down_again);
    tcase_add_test(tcase, a_cut_between_city_and_continent_delays);
    tcase_add_test(tcase, heavy_loss_delays);
    tcase_add_test(tcase, f_crashed_members_cost_a_repetition_each);
    tcase_add_test(tcase, representatives_that_start_anew_lose_nothing);
    tcase_add_test(tcase, an_acknowledgement_says_what_is_so);
    tcase_add_test(tcase, what_is_not_ordered_is_said_to_be_stuck);
    suite_add_tcase(suite, tcase);
    return suite;
}
