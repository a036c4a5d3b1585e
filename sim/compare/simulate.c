/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/simulate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/run/run_one.h"

#define LABEL_BYTES 128

struct reduction {
    const struct simulate *simulate;
    struct variant *variants;
};

/* The pool's runs are seed by seed. */
static void reduce(void *context, size_t index, struct run_result *result) {
    const struct reduction *work = context;
    size_t variant = index % work->simulate->variant_count;
    size_t seed = index / work->simulate->variant_count;
    observation_init(&work->variants[variant].runs[seed], result, work->simulate->metric);
    run_result_free(result);
}

static struct run_request *make_requests(const struct simulate *simulate,
                                         const struct variant *variants,
                                         char (*labels)[LABEL_BYTES]) {
    size_t at = 0;
    struct run_request *requests =
        memory_new(simulate->variant_count * simulate->seed_count, sizeof *requests);
    for (size_t v = 0; v < simulate->variant_count; v++)
        snprintf(labels[v], LABEL_BYTES, "%s %s", simulate->scenarios[v].name, variants[v].letter);
    for (size_t s = 0; s < simulate->seed_count; s++)
        for (size_t v = 0; v < simulate->variant_count; v++)
            requests[at++] = (struct run_request){.scenario = &simulate->scenarios[v],
                                                  .seed = simulate->seeds[s],
                                                  .repetition = (uint32_t)s,
                                                  .label = labels[v]};
    return requests;
}

size_t simulate_variants(const struct simulate *simulate, struct variant *variants,
                         struct pool_end *ends) {
    size_t count = simulate->variant_count * simulate->seed_count;
    struct reduction work = {simulate, variants};
    char(*labels)[LABEL_BYTES] = memory_new(simulate->variant_count, sizeof *labels);
    struct run_request *requests = make_requests(simulate, variants, labels);
    struct run_result *results = memory_new(count, sizeof *results);
    struct pool_end *by_seed = memory_new(count, sizeof *by_seed);
    for (size_t v = 0; v < simulate->variant_count; v++) {
        variants[v].runs = memory_new(simulate->seed_count, sizeof *variants[v].runs);
        variants[v].run_count = simulate->seed_count;
        for (size_t s = 0; s < simulate->seed_count; s++)
            variants[v].runs[s].seed = simulate->seeds[s];
    }
    const struct pool pool = {
        .requests = requests,
        .count = count,
        .jobs = simulate->jobs,
        .progress = simulate->progress,
        .directory = simulate->directory,
        .done = reduce,
        .context = &work,
    };
    size_t failed = pool_run(&pool, results, by_seed);
    for (size_t i = 0; i < count; i++)
        ends[i % simulate->variant_count * simulate->seed_count + i / simulate->variant_count] =
            by_seed[i];
    free(by_seed);
    free(results);
    free(requests);
    free(labels);
    return failed;
}
