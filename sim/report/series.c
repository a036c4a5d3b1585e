/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/series.h"

#include "sim/report/metric.h"
#include "sim/report/statistics.h"

#include <assert.h>
#include <stdlib.h>

static int by_close(const void *left, const void *right) {
    const struct transaction_record *a = *(const struct transaction_record *const *)left;
    const struct transaction_record *b = *(const struct transaction_record *const *)right;
    return (a->done > b->done) - (a->done < b->done);
}

static size_t second_of(time_ns at, size_t count) {
    return size_min((size_t)(at / NS_PER_S), count - 1);
}

/* Percentiles of those done in each second, from all in order of their closing. */
static void measure(struct second *seconds, const struct transaction_record *const *closed,
                    int64_t *felt) {
    for (; seconds->done > 0 || *closed != NULL; seconds++) {
        size_t n = seconds->done;
        for (size_t i = 0; i < n; i++)
            felt[i] = closed[i]->done - closed[i]->intended;
        statistics_sort(felt, n);
        if (n > 0) {
            seconds->p50 = percentile_sorted(felt, n, 0, 500000);
            seconds->p99 = percentile_sorted(felt, n, 0, 990000);
        }
        closed += n;
    }
}

struct second *series_make(const struct run_result *run, size_t *count) {
    time_ns last = run->simulated_ns;
    for (size_t i = 0; i < run->transaction_count; i++) {
        const struct transaction_record *t = &run->transactions[i];
        last = t->intended > last ? t->intended : last;
        last = t->done != TIME_NEVER && t->done > last ? t->done : last;
    }
    *count = (size_t)(last / NS_PER_S) + 1;
    struct second *seconds = calloc(*count + 1, sizeof *seconds);
    int64_t *felt = malloc((run->transaction_count + 1) * sizeof *felt);
    const struct transaction_record **closed = calloc(run->transaction_count + 1, sizeof *closed);
    assert(seconds != NULL && felt != NULL && closed != NULL);
    size_t n = 0;
    for (size_t i = 0; i < run->transaction_count; i++) {
        const struct transaction_record *t = &run->transactions[i];
        seconds[second_of(t->intended, *count)].submitted++;
        if (t->done == TIME_NEVER)
            continue;
        seconds[second_of(t->done, *count)].done++;
        closed[n++] = t;
    }
    uint64_t in_flight = 0;
    for (size_t s = 0; s < *count; s++) {
        in_flight += seconds[s].submitted - seconds[s].done;
        seconds[s].in_flight = in_flight;
        seconds[s].p50 = seconds[s].p99 = METRIC_NOTHING;
    }
    qsort(closed, n, sizeof *closed, by_close);
    measure(seconds, closed, felt);
    free(felt);
    free(closed);
    return seconds;
}
