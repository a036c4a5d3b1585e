/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each behaviour of the library does what its line says: messages of that kind leave, or don't, or leave
 * late or changed; the honest members stay in agreement, with a network that reorders. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/adversary/adversary.h"
#include "sim/assembly/hostile.h"

#define JITTER (500 * NS_PER_MS) /* more than a view timeout: views fail, inputs differ */

enum deed { FORGES, CHANGES, WITHHOLDS, DELAYS };

/* What it does at least; a type that it forges; 0: any. */
static const struct expected {
    const char *behaviour, *variant;
    enum deed deed;
    uint16_t type;
} table[] = {
    {"mute-leader", "pbft", WITHHOLDS, 0},
    {"mute-leader", "hotstuff", WITHHOLDS, 0},
    {"mute-leader", "hotstuff", CHANGES, 0}, /* NEW_VIEW without the certificate that it formed */
    {"mute-leader", "honeybadger", WITHHOLDS, 0},
    {"slow-leader", "pbft", DELAYS, 0},
    {"slow-leader", "hotstuff", DELAYS, 0},
    {"slow-leader", "honeybadger", DELAYS, 0},
    {"tell-one", "pbft", WITHHOLDS, 0},
    {"tell-one", "hotstuff", WITHHOLDS, 0},
    {"tell-one", "honeybadger", WITHHOLDS, 0},
    {"late-vote", "pbft", DELAYS, 0},
    {"late-vote", "hotstuff", DELAYS, 0},
    {"late-vote", "honeybadger", DELAYS, 0},
    {"equivocate", "pbft", CHANGES, 0},
    {"equivocate", "hotstuff", CHANGES, 0},
    {"equivocate", "honeybadger", CHANGES, 0},
    {"censor", "pbft", CHANGES, 0},
    {"censor", "hotstuff", CHANGES, 0},
    {"censor", "honeybadger", CHANGES, 0},
    {"double-vote", "pbft", FORGES, MESSAGE_PBFT_COMMIT},
    {"double-vote", "hotstuff", FORGES, MESSAGE_HOTSTUFF_VOTE},
    {"double-vote", "honeybadger", FORGES, MESSAGE_BROADCAST_READY},
    {"double-vote", "honeybadger", FORGES, MESSAGE_ABBA_AUX},
    {"amnesia", "pbft", FORGES, MESSAGE_PBFT_PREPARE},
    {"amnesia", "hotstuff", FORGES, MESSAGE_HOTSTUFF_VOTE},
    {"amnesia", "honeybadger", FORGES, MESSAGE_ABBA_TERM},
    {"forged-certificate", "pbft", FORGES, MESSAGE_PBFT_NEW_VIEW},
    {"forged-certificate", "pbft", FORGES, MESSAGE_PBFT_DECIDED},
    {"forged-certificate", "hotstuff", FORGES, MESSAGE_HOTSTUFF_NEW_VIEW},
    {"forged-certificate", "hotstuff", FORGES, MESSAGE_HOTSTUFF_BLOCKS},
    {"forged-certificate", "honeybadger", FORGES, MESSAGE_HONEYBADGER_DECIDED},
    {"flood-old", "pbft", FORGES, MESSAGE_PBFT_PREPARE},
    {"flood-old", "hotstuff", FORGES, MESSAGE_HOTSTUFF_PROPOSAL},
    {"flood-old", "honeybadger", FORGES, MESSAGE_BROADCAST_ECHO},
    {"flood-fetch", "pbft", FORGES, MESSAGE_PBFT_FETCH},
    {"flood-fetch", "hotstuff", FORGES, MESSAGE_HOTSTUFF_FETCH},
    {"flood-fetch", "honeybadger", FORGES, MESSAGE_HONEYBADGER_FETCH},
    {"early-timeout", "hotstuff", FORGES, MESSAGE_HOTSTUFF_NEW_VIEW},
    {"early-timeout", "hotstuff-sticky", FORGES, MESSAGE_HOTSTUFF_NEW_VIEW},
    {"early-timeout", "pbft", FORGES, MESSAGE_PBFT_VIEW_CHANGE},
    {"stale-certificate", "hotstuff-sticky", CHANGES, 0},
    {"watermark-jump", "pbft", CHANGES, 0},
    {"invented-claim", "pbft", FORGES, MESSAGE_PBFT_VIEW_CHANGE},
    {"bad-shares", "honeybadger", CHANGES, 0},
    {"open-epochs", "honeybadger", FORGES, MESSAGE_BROADCAST_VAL},
    {"mitm-coin", "honeybadger", FORGES, MESSAGE_ABBA_BVAL},
    {"random", "pbft", FORGES, MESSAGE_PBFT_NEW_VIEW},
    {"random", "hotstuff", FORGES, MESSAGE_HOTSTUFF_BLOCKS},
    {"random", "honeybadger", FORGES, MESSAGE_ABBA_COIN},
};

static void play(struct hostile *hostile, const char *behaviour, const char *variant,
                 uint64_t members, time_ns jitter) {
    const struct adversary_ops *ops = adversary_find(behaviour, variant);
    const struct assembly_config config = {.ops = consensus_find(variant),
                                           .count = 4,
                                           .delay = 10 * NS_PER_MS,
                                           .view_timeout = 300 * NS_PER_MS,
                                           .batch = 2,
                                           .seed = 3};
    ck_assert_msg(ops != NULL, "%s", behaviour);
    hostile_begin(hostile, &config, ops, members);
    hostile->jitter = jitter;
    for (uint32_t i = 0; i < 100; i++)
        assembly_submit(hostile->assembly, i * (NS_PER_S / 10), 4);
    assembly_run(hostile->assembly, 10 * NS_PER_S);
}

static uint64_t done(const struct hostile *hostile, enum deed deed, uint16_t type) {
    switch (deed) {
    case CHANGES:
        return hostile->changed;
    case WITHHOLDS:
        return hostile->lost;
    case DELAYS:
        return hostile->late;
    default:
        return type == 0 ? hostile->forged : hostile->forged_types[type & 0xfff];
    }
}

START_TEST(it_does_what_it_says) {
    const struct expected *row = &table[_i];
    struct hostile *hostile = malloc(sizeof *hostile);
    uint64_t deeds = 0;
    for (node_id node = 0; node < 4; node++) {
        play(hostile, row->behaviour, row->variant, UINT64_C(1) << node, JITTER);
        const char *violation = assembly_violation(hostile->assembly);
        ck_assert_msg(violation == NULL, "%s: %s", row->behaviour, violation);
        deeds += done(hostile, row->deed, row->type);
        hostile_end(hostile);
    }
    ck_assert_msg(deeds > 0, "%s of %s does nothing", row->behaviour, row->variant);
    free(hostile);
}
END_TEST

/* Every row but the silent one stands in the table; coins are attacked in adversary_coin_test.c. */
START_TEST(every_behaviour_is_tried) {
    for (size_t i = 1; adversary_at(i) != NULL; i++) {
        bool found = strcmp("bad-coin", adversary_at(i)->name) == 0;
        for (size_t j = 0; j < ARRAY_LEN(table); j++)
            found |= strcmp(table[j].behaviour, adversary_at(i)->name) == 0 &&
                     adversary_applies(adversary_at(i), table[j].variant);
        ck_assert_msg(found, "%s", adversary_at(i)->name);
        ck_assert(adversary_at(i)->description != NULL && adversary_at(i)->source != NULL);
    }
}
END_TEST

/* SL-1, to three digits: a leader that votes but neither proposes nor publishes. 3-chain, votes to the
 * next leader: 0 of 4, 5/7 of 7 blocks a view. A block of every view that has a certificate commits. */
START_TEST(a_mute_leader_costs_what_beegees_says) {
    static const struct {
        uint32_t count;
        uint64_t thousandths;
    } rows[] = {{4, 0}, {7, 714}};
    struct hostile *hostile = malloc(sizeof *hostile);
    struct consensus_view from, to;
    const struct assembly_config config = {.ops = consensus_find("hotstuff"),
                                           .count = rows[_i].count,
                                           .delay = 10 * NS_PER_MS,
                                           .view_timeout = 100 * NS_PER_MS,
                                           .batch = 1,
                                           .seed = 3};
    hostile_begin(hostile, &config, adversary_find("mute-leader", "hotstuff"),
                  UINT64_C(1) << (rows[_i].count - 1));
    assembly_submit(hostile->assembly, 0, 12000);
    assembly_run(hostile->assembly, 20 * NS_PER_S);
    assembly_observe(hostile->assembly, 0, &from);
    do
        assembly_run(hostile->assembly, loop_now(assembly_loop(hostile->assembly)) + NS_PER_MS);
    while ((assembly_observe(hostile->assembly, 0, &to), to.view) <
           from.view + 100 * rows[_i].count);
    const uint64_t blocks = to.height - from.height, views = to.view - from.view;
    ck_assert_msg((blocks * 2000 + views) / (2 * views) == rows[_i].thousandths,
                  "%llu blocks of %llu views", (unsigned long long)blocks,
                  (unsigned long long)views);
    ck_assert_ptr_null(assembly_violation(hostile->assembly));
    hostile_end(hostile);
    free(hostile);
}
END_TEST

Suite *adversary_suite(void) {
    Suite *suite = suite_create("adversary");
    TCase *tcase = tcase_create("adversary");
    tcase_add_loop_test(tcase, it_does_what_it_says, 0, ARRAY_LEN(table));
    tcase_add_test(tcase, every_behaviour_is_tried);
    tcase_add_loop_test(tcase, a_mute_leader_costs_what_beegees_says, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
