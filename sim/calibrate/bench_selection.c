/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "place/place.h"
#include "select/rendezvous.h"
#include "sim/calibrate/rows.h"

enum { CANDIDATES = 100, CANDIDATES_KEPT = 20, HOLDERS = 10, KEY_BYTES = 32 };

struct selection {
    struct place_candidate candidates[CANDIDATES];
    struct place_rank best[CANDIDATES_KEPT];
    node_id ids[CANDIDATES_KEPT];
    struct rendezvous_rank holders[HOLDERS];
    uint8_t key[KEY_BYTES];
};

static bool run_rank(void *state) {
    struct selection *bench = state;
    const struct place_query query = {.area = 0, .at = bench->candidates[0].at};
    return place_rank(&query, bench->candidates, CANDIDATES, bench->best, CANDIDATES_KEPT) ==
           CANDIDATES_KEPT;
}

static bool run_rendezvous(void *state) {
    struct selection *bench = state;
    return rendezvous_select(bench->ids, CANDIDATES_KEPT, bench->key, sizeof bench->key,
                             bench->holders, HOLDERS) == HOLDERS;
}

static int prepare(void *state, const struct bench_row *row) {
    struct selection *bench = state;
    for (uint32_t i = 0; i < CANDIDATES; i++)
        bench->candidates[i] =
            (struct place_candidate){i, i % 4, {(int32_t)(i * 7919 % 1000), (int32_t)(i * 31)}};
    for (uint32_t i = 0; i < CANDIDATES_KEPT; i++)
        bench->ids[i] = i * 5;
    return OK;
}

static const struct bench_row rows[] = {
    {"place_rank", "place rank", "20 best of 100; per candidate; src", NULL, 0, CANDIDATES, 0,
     false, run_rank},
    {"rendezvous", "rendezvous hashing", "10 best of 20; per candidate; src", NULL, 0,
     CANDIDATES_KEPT, 0, false, run_rendezvous},
};

const struct bench_family bench_selection = {rows, ARRAY_LEN(rows), sizeof(struct selection),
                                             prepare, NULL};
