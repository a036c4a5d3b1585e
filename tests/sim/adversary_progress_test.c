/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Progress under attack: with f hostile members of any behaviour and a synchronous network each variant
 * keeps a third of the batches that it decides with f silent ones, and no invariant breaks. 400
 * transactions a second, four in a batch, for ten seconds; ADVERSARY_TABLE=1 prints the figures. Rotating
 * HotStuff of four members decides nothing with a silent one (SL-1), so there nothing is asked of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/adversary/adversary.h"
#include "sim/assembly/hostile.h"

#define SPAN (10 * NS_PER_S)

static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};
static const uint32_t sizes[] = {4, 7};

static struct assembly_config config_of(const char *variant, uint32_t count) {
    return (struct assembly_config){.ops = consensus_find(variant),
                                    .count = count,
                                    .delay = 10 * NS_PER_MS,
                                    .view_timeout = 400 * NS_PER_MS,
                                    .batch = 4,
                                    .seed = 5};
}

/* f members: the first, who lead first, or the last. */
static uint64_t hostile_of(uint32_t count, bool first) {
    const uint32_t faults = (count - 1) / 3;
    const uint64_t members = (UINT64_C(1) << faults) - 1;
    return first ? members : members << (count - faults);
}

static uint64_t run(struct hostile *hostile, const char *variant, uint32_t count, bool first,
                    const struct adversary_ops *behaviour) {
    const struct assembly_config config = config_of(variant, count);
    hostile_begin(hostile, &config, behaviour, hostile_of(count, first));
    for (uint32_t i = 0; i < 200; i++)
        assembly_submit(hostile->assembly, i * (SPAN / 200), 20);
    assembly_run(hostile->assembly, SPAN);
    return hostile_decided(hostile);
}

static uint64_t silent_decided(const char *variant, uint32_t count, bool first) {
    struct hostile *hostile = malloc(sizeof *hostile);
    const uint64_t decided = run(hostile, variant, count, first, adversary_find("silent", variant));
    hostile_end(hostile);
    free(hostile);
    return decided;
}

static void print(const struct hostile *hostile, const char *variant, uint64_t silent) {
    fprintf(stderr,
            "%-16s n=%u %-19s %5llu of %5llu; forged %llu changed %llu lost %llu late %llu; "
            "dropped %llu\n",
            variant, hostile->config.count, hostile->behaviour->name,
            (unsigned long long)hostile_decided(hostile), (unsigned long long)silent,
            (unsigned long long)hostile->forged, (unsigned long long)hostile->changed,
            (unsigned long long)hostile->lost, (unsigned long long)hostile->late,
            (unsigned long long)assembly_dropped(hostile->assembly, 0));
}

/* What the protocol itself cannot keep: a PBFT primary that is slow, but in time for the transaction that
 * waits longest, stays; one batch in three quarters of a view timeout, whatever the load (PB-5). */
static uint64_t least(const char *variant, bool first, const char *behaviour, uint64_t silent) {
    const bool slow_primary =
        first && strcmp(variant, "pbft") == 0 && strcmp(behaviour, "slow-leader") == 0;
    return slow_primary ? SPAN / (400 * NS_PER_MS / 4 * 3) : (silent + 2) / 3;
}

static void check(const char *variant, uint32_t count, bool first) {
    const uint64_t silent = silent_decided(variant, count, first);
    struct hostile *hostile = malloc(sizeof *hostile);
    for (size_t i = 0; adversary_at(i) != NULL; i++) {
        const struct adversary_ops *behaviour = adversary_at(i);
        if (!adversary_applies(behaviour, variant))
            continue;
        const uint64_t decided = run(hostile, variant, count, first, behaviour);
        const char *violation = assembly_violation(hostile->assembly);
        if (getenv("ADVERSARY_TABLE") != NULL)
            print(hostile, variant, silent);
        ck_assert_msg(violation == NULL, "%s: %s", behaviour->name, violation);
        ck_assert_msg(decided >= least(variant, first, behaviour->name, silent),
                      "%s, n = %u, %s: %llu of %llu", variant, count, behaviour->name,
                      (unsigned long long)decided, (unsigned long long)silent);
        hostile_end(hostile);
    }
    free(hostile);
}

START_TEST(a_third_is_kept_under_any_attack) {
    check(variants[_i / 4], sizes[_i / 2 % 2], _i % 2 == 0);
}
END_TEST

Suite *adversary_progress_suite(void) {
    Suite *suite = suite_create("adversary_progress");
    TCase *tcase = tcase_create("adversary_progress");
    tcase_add_loop_test(tcase, a_third_is_kept_under_any_attack, 0, 16);
    suite_add_tcase(suite, tcase);
    return suite;
}
