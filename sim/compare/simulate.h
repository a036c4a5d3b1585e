/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs variants with common random numbers: every variant with the same seeds. A run is reduced as soon as it
 * has ended, so that memory holds one run a worker and not all.
 *
 * What a seed decides whatever the variant is: when which user sends what (models/workload.h), what becomes of the k-th
 * message from one node to another (sim/driver/network.h), where nodes stand and how wrong their clocks are, whom a
 * fault's random share hits. */
#ifndef TIERCHAIN_SIM_COMPARE_SIMULATE_H
#define TIERCHAIN_SIM_COMPARE_SIMULATE_H

#include "sim/compare/study.h"
#include "sim/run/pool.h"

struct simulate {
    const struct scenario *scenarios; /* of each variant */
    size_t variant_count;
    const uint64_t *seeds;
    size_t seed_count;
    size_t jobs;
    enum progress_mode progress;
    const char *directory;       /* see struct pool */
    const struct metric *metric; /* whose samples are kept; NULL: observation_init chooses */
};

/* Runs all, seed by seed, so that what an interruption leaves are whole pairs. Fills the runs of @variants,
 * whose letters are known, and @ends (zeroed, variant by variant). Returns how many failed. */
size_t simulate_variants(const struct simulate *simulate, struct variant *variants,
                         struct pool_end *ends);

#endif
