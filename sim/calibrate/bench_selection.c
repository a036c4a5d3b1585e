/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/rng.h"
#include "select/rendezvous.h"
#include "select/sortition.h"
#include "sim/calibrate/rows.h"

enum { NODES = 20, HOLDERS = 10, KEY_BYTES = 32, OUTPUTS = 256 };

struct selection {
    node_id ids[NODES];
    struct rendezvous_node nodes[NODES];
    struct rendezvous_rank holders[HOLDERS];
    uint8_t key[KEY_BYTES];
    uint8_t outputs[OUTPUTS][SORTITION_OUTPUT_BYTES];
    uint64_t calls;
    uint64_t seats;
    size_t lowest;
};

static bool run_plain(void *state) {
    struct selection *bench = state;
    return rendezvous_select(bench->ids, NODES, bench->key, sizeof bench->key, bench->holders,
                             HOLDERS) == HOLDERS;
}

static bool run_weighted(void *state) {
    struct selection *bench = state;
    return rendezvous_select_weighted(bench->nodes, NODES, bench->key, sizeof bench->key,
                                      bench->holders, HOLDERS) == HOLDERS;
}

/* The number of seats differs from output to output, and with it the work. */
static bool run_seats(void *state) {
    struct selection *bench = state;
    return sortition_seats(bench->outputs[bench->calls++ % OUTPUTS], 10000, 1000000, 100,
                           &bench->seats) == OK;
}

static bool run_lowest(void *state) {
    struct selection *bench = state;
    bench->lowest =
        sortition_lowest((const uint8_t(*)[SORTITION_OUTPUT_BYTES])bench->outputs, OUTPUTS);
    return true;
}

static int prepare(void *state, const struct bench_row *row) {
    struct selection *bench = state;
    struct rng rng;
    rng_init(&rng, 1, 0, "bench");
    rng_fill(&rng, bench->outputs, sizeof bench->outputs);
    for (uint32_t i = 0; i < NODES; i++) {
        bench->ids[i] = i * 5;
        bench->nodes[i] = (struct rendezvous_node){i * 5, 1 + i};
    }
    return OK;
}

static const struct bench_row rows[] = {
    {.kind = "rendezvous",
     .name = "rendezvous hashing",
     .note = "10 best of 20; per candidate; src over libsodium",
     .units = NODES,
     .run = run_plain},
    {.name = "rendezvous hashing weighted",
     .note = "10 best of 20; per candidate; src over libsodium",
     .units = NODES,
     .run = run_weighted},
    {.name = "sortition seats",
     .note = "1 % of the stake and 100 seats; mean; src",
     .units = 1,
     .mean = true,
     .run = run_seats},
    {.name = "sortition lowest output",
     .note = "of 256; per output; src",
     .units = OUTPUTS,
     .run = run_lowest},
};

const struct bench_family bench_selection = {.name = "selection",
                                             .rows = rows,
                                             .row_count = ARRAY_LEN(rows),
                                             .state_bytes = sizeof(struct selection),
                                             .prepare = prepare};
