/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/capacity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/run/interrupt.h"
#include "sim/run/pool.h"
#include "sim/scenario/keys.h"

#define LABEL_BYTES 128

/* One step of all searches that are under way. */
struct round {
    struct capacity *capacity;
    struct scenario *scenarios; /* each trial's own: the variant's at the trial's rate */
    struct run_request *requests;
    struct trial *trials;
    char (*labels)[LABEL_BYTES];
    size_t count;
};

static size_t search_count(const struct capacity *capacity) {
    return capacity->study->variant_count * capacity->seed_count;
}

static void add_trial(struct round *round, size_t at) {
    const struct capacity *capacity = round->capacity;
    size_t variant = at / capacity->seed_count, seed = at % capacity->seed_count,
           i = round->count++;
    double rate = capacity->searches[at].next;
    round->trials[i] = (struct trial){.variant = variant, .seed = seed, .rate = rate, .value = NAN};
    round->scenarios[i] = capacity->scenarios[variant]; /* its strings stay the variant's */
    round->scenarios[i].workload.rate = llround(rate * (double)MILLION);
    snprintf(round->labels[i], LABEL_BYTES, "%s %s at %.4g/s", capacity->study->name,
             capacity->study->variants[variant].letter, rate);
    round->requests[i] = (struct run_request){.scenario = &round->scenarios[i],
                                              .seed = capacity->seeds[seed],
                                              .repetition = (uint32_t)seed,
                                              .label = round->labels[i]};
}

static void open_round(struct round *round, struct capacity *capacity) {
    size_t most = search_count(capacity);
    *round = (struct round){.capacity = capacity,
                            .scenarios = memory_new(most, sizeof *round->scenarios),
                            .requests = memory_new(most, sizeof *round->requests),
                            .trials = memory_new(most, sizeof *round->trials),
                            .labels = memory_new(most, sizeof *round->labels)};
    for (size_t i = 0; i < most; i++)
        if (!capacity->searches[i].done)
            add_trial(round, i);
}

static void close_round(struct round *round) {
    free(round->scenarios);
    free(round->requests);
    free(round->trials);
    free(round->labels);
}

/* What a worker's run says of the bound. */
static void reduce(void *context, size_t index, struct run_result *result) {
    struct round *round = context;
    struct trial *trial = &round->trials[index];
    double *values = memory_new(measure_count(), sizeof *values);
    measure_run(result, values);
    trial->value = values[round->capacity->measure];
    trial->kept = result->complete && trial->value <= round->capacity->below;
    free(values);
    run_result_free(result);
}

/* A search whose run was lost ends where it is, unknown. */
static void learn(struct round *round, const struct pool_end *ends) {
    struct capacity *capacity = round->capacity;
    capacity->trials = memory_resize(capacity->trials, capacity->trial_count + round->count,
                                     sizeof *capacity->trials);
    for (size_t i = 0; i < round->count; i++) {
        const struct trial *trial = &round->trials[i];
        struct search *search =
            &capacity->searches[trial->variant * capacity->seed_count + trial->seed];
        if (ends[i].kind == POOL_DONE && !interrupt_pending()) {
            capacity->trials[capacity->trial_count++] = *trial;
            search_tell(search, trial->kept);
        } else if (ends[i].kind != POOL_DONE && ends[i].kind != POOL_NOT_STARTED) {
            capacity->lost++;
            search->done = true;
            search->kept = NAN;
        }
    }
}

static bool run_round(struct capacity *capacity) {
    struct round round;
    open_round(&round, capacity);
    size_t count = round.count;
    if (count > 0) {
        struct run_result *results = memory_new(count, sizeof *results);
        struct pool_end *ends = memory_new(count, sizeof *ends);
        const struct pool pool = {.requests = round.requests,
                                  .count = count,
                                  .jobs = capacity->jobs,
                                  .progress = capacity->progress,
                                  .directory = capacity->directory,
                                  .done = reduce,
                                  .context = &round};
        pool_run(&pool, results, ends);
        learn(&round, ends);
        free(results);
        free(ends);
    }
    close_round(&round);
    return count > 0;
}

/* Between loads that some transactions come of, and CAPACITY_SPAN times the scenario's. */
static void begin(const struct scenario *scenario, struct search *search) {
    const struct key_row *row = &scenario_keys[key_find("workload.rate")];
    double start = (double)scenario->workload.rate / (double)MILLION;
    double seconds = (double)(scenario->duration - scenario->warmup) / (double)NS_PER_S;
    double least = fmax(CAPACITY_TRANSACTIONS / seconds, (double)row->min / (double)MILLION);
    search_init(search, start, least,
                fmin(fmax(CAPACITY_SPAN * start, least), (double)row->max / (double)MILLION));
}

void capacity_search(struct capacity *capacity) {
    capacity->searches = memory_new(search_count(capacity), sizeof *capacity->searches);
    for (size_t i = 0; i < search_count(capacity); i++)
        begin(&capacity->scenarios[i / capacity->seed_count], &capacity->searches[i]);
    while (!interrupt_pending() && run_round(capacity))
        ;
}

void capacity_deinit(struct capacity *capacity) {
    free(capacity->searches);
    free(capacity->trials);
}

double *capacity_limits(const struct capacity *capacity, size_t variant) {
    double *limits = memory_new(capacity->seed_count, sizeof *limits);
    for (size_t s = 0; s < capacity->seed_count; s++) {
        const struct search *search = &capacity->searches[variant * capacity->seed_count + s];
        limits[s] = search->done ? search_result(search) : NAN;
    }
    return limits;
}
