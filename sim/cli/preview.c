/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "sim/cli/run.h"
#include "sim/scenario/quantity.h"

uint64_t run_seed(const struct scenario *scenario, int64_t repetition) {
    uint64_t seed = (uint64_t)scenario->seed;
    return repetition == 0 ? seed : hash_combine(mix64(seed), (uint64_t)repetition) >> 1;
}

int run_preview(const struct run_options *options) {
    printf("%-24s %4s %20s %7s %12s %12s\n", "scenario", "rep", "seed", "nodes", "simulated",
           "warm-up");
    for (size_t i = 0; i < options->scenario_count; i++) {
        const struct scenario *scenario = &options->scenarios[i];
        char length[QUANTITY_BYTES], warmup[QUANTITY_BYTES];
        quantity_format(scenario->duration + scenario->drain, UNIT_DURATION, length);
        quantity_format(scenario->warmup, UNIT_DURATION, warmup);
        for (int64_t repetition = 0; repetition < scenario->repetitions; repetition++)
            printf("%-24s %4" PRId64 " %20" PRIu64 " %7" PRId64 " %12s %12s\n", scenario->name,
                   repetition, run_seed(scenario, repetition), scenario_node_count(scenario),
                   length, warmup);
    }
    return EXIT_DONE;
}
