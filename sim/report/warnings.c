/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/warnings.h"

#include "sim/report/metric.h"
#include "sim/report/statistics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define REPETITIONS_FEW 5  /* behind a ±; below, Student's t more than doubles it */
#define STEADY_SAMPLES  50 /* fewer say nothing about a warm-up */

static struct text *add(struct warnings *warnings, const char *id) {
    assert(warnings->count < WARNINGS_MAX);
    struct warning *warning = &warnings->list[warnings->count++];
    *warning = (struct warning){.id = id};
    return &warning->text;
}

/* How many transactions were under way between @from and @until, on average. */
static double under_way(const struct run_result *run, time_ns from, time_ns until) {
    double sum = 0;
    for (size_t i = 0; i < run->transaction_count; i++) {
        const struct transaction_record *t = &run->transactions[i];
        time_ns start = t->intended > from ? t->intended : from;
        time_ns end = t->done < until ? t->done : until;
        sum += end > start ? (double)(end - start) : 0;
    }
    return sum / (double)(until - from);
}

bool run_overloaded(const struct run_result *run) {
    time_ns end = run->load_end_ns < run->simulated_ns ? run->load_end_ns : run->simulated_ns;
    time_ns quarter = (end - run->warmup_ns) / 4;
    if (quarter <= 0)
        return false;
    time_ns second = run->warmup_ns + quarter;
    double before = under_way(run, second, second + quarter);
    return under_way(run, end - quarter, end) > 1.5 * before + 4;
}

static int by_intention(const void *left, const void *right) {
    const struct transaction_record *a = *(const struct transaction_record *const *)left;
    const struct transaction_record *b = *(const struct transaction_record *const *)right;
    return (a->intended > b->intended) - (a->intended < b->intended);
}

static double mean_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

time_ns run_steady_from(const struct run_result *run) {
    const struct transaction_record **done = malloc((run->transaction_count + 1) * sizeof *done);
    double *felt = malloc((run->transaction_count + 1) * sizeof *felt);
    assert(done != NULL && felt != NULL);
    size_t count = 0;
    for (size_t i = 0; i < run->transaction_count; i++)
        if (run->transactions[i].done != TIME_NEVER)
            done[count++] = &run->transactions[i];
    if (count > 0)
        qsort(done, count, sizeof *done, by_intention);
    for (size_t i = 0; i < count; i++)
        felt[i] = (double)(done[i]->done - done[i]->intended);
    size_t length = count < STEADY_SAMPLES ? 0 : warm_up_length(felt, count);
    time_ns from = TIME_NEVER;
    if (length > 0) {
        double rest = mean_of(felt + length, count - length);
        if (fabs(mean_of(felt, length) - rest) > rest / 10)
            from = done[length]->intended;
    }
    free(done);
    free(felt);
    return from;
}

static void warn_of_repetitions(struct warnings *warnings, size_t count) {
    if (count >= 2 && count < REPETITIONS_FEW)
        text_format(add(warnings, "few_repetitions"),
                    "%zu repetitions are behind each ±; it takes %d for it to say much", count,
                    REPETITIONS_FEW);
}

/* A percentile needs as many samples as let one lie above it. */
static void warn_of_samples(struct warnings *warnings, const struct run_result *runs,
                            size_t count) {
    static const struct {
        const char *name;
        size_t needed;
    } quantiles[] = {{"p99", 100}, {"p99.9", 1000}};
    for (size_t q = 0; q < ARRAY_LEN(quantiles); q++) {
        struct text *text = NULL;
        for (size_t m = 0; m < metric_count; m++) {
            size_t population = 0;
            for (size_t r = 0; r < count && metrics[m].kind == METRIC_DURATION; r++)
                population += metric_population(&metrics[m], &runs[r]);
            if (population == 0 || population >= quantiles[q].needed)
                continue;
            if (text == NULL)
                text_format(text = add(warnings, "few_samples"),
                            "%s takes %zu samples; fewer are behind that of ", quantiles[q].name,
                            quantiles[q].needed);
            else
                text_add(text, ", ");
            text_format(text, "%s (%zu)", metrics[m].name, population);
        }
    }
}

static void warn_of_queues(struct warnings *warnings, const struct run_result *runs, size_t count) {
    size_t overloaded = 0, unsteady = count;
    time_ns from = 0;
    for (size_t r = 0; r < count; r++) {
        overloaded += run_overloaded(&runs[r]);
        time_ns steady = run_steady_from(&runs[r]);
        if (steady != TIME_NEVER && steady > from) {
            from = steady;
            unsteady = r;
        }
    }
    if (overloaded > 0)
        text_format(add(warnings, "overload"),
                    "overload: more was under way when the load ended than before, in %zu of %zu "
                    "repetitions; latencies grow with the duration",
                    overloaded, count);
    else if (unsteady < count)
        text_format(add(warnings, "short_warmup"),
                    "the warm-up of %.3g s is too short: latencies are steady from %.3g s on "
                    "(MSER-5); set warmup: %lld ms",
                    (double)runs[unsteady].warmup_ns / NS_PER_S, (double)from / NS_PER_S,
                    (long long)((from + NS_PER_MS - 1) / NS_PER_MS));
}

static void warn_of_scenario(struct warnings *warnings, unsigned cautions) {
    static const struct {
        enum caution caution;
        const char *id, *text;
    } rows[] = {
        {CAUTION_CITY_STALLS, "city_stalls",
         "one silent member keeps a city's committee from deciding: chained HotStuff needs four "
         "live leaders in a row; take hotstuff-sticky, or more members"},
        {CAUTION_CONTINENT_STALLS, "continent_stalls",
         "one silent representative keeps the continent from deciding: chained HotStuff needs four "
         "live leaders in a row; take hotstuff-sticky, or more representatives"},
        {CAUTION_ONE_PLACE, "one_place",
         "all representatives stand in one place: when it is cut off, the continent is gone"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if ((cautions & rows[i].caution) != 0)
            text_add(add(warnings, rows[i].id), rows[i].text);
}

void warnings_init(struct warnings *warnings, const struct run_result *runs, size_t count) {
    *warnings = (struct warnings){0};
    if (count == 0)
        return;
    warn_of_repetitions(warnings, count);
    warn_of_samples(warnings, runs, count);
    warn_of_queues(warnings, runs, count);
    warn_of_scenario(warnings, runs[0].cautions);
}

void warnings_deinit(struct warnings *warnings) {
    for (size_t i = 0; i < warnings->count; i++)
        text_deinit(&warnings->list[i].text);
    *warnings = (struct warnings){0};
}
