/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "models/data.h"
#include "models/random.h"

#define TRACE_COUNT_LIMIT 1000000000 /* in one second */

static int check_rate(struct workload *workload) {
    int64_t rate = workload->settings.rate;
    return rate >= 1 && rate <= WORKLOAD_RATE_LIMIT ? 0 : ERR_INVALID;
}

static bool poisson_next(struct workload *workload, struct workload_item *item) {
    double mean = (double)NS_PER_S * (double)WORKLOAD_RATE_ONE / (double)workload->settings.rate;
    item->intended = workload->now + (time_ns)llround(mean * draw_exponential(&workload->arrivals));
    return true;
}

static bool constant_next(struct workload *workload, struct workload_item *item) {
    /* k · period as one division, so that rounding doesn't add up. */
    unsigned __int128 span =
        (unsigned __int128)(workload->count + 1) * (uint64_t)(NS_PER_S * WORKLOAD_RATE_ONE);
    item->intended = (time_ns)(span / (uint64_t)workload->settings.rate);
    return true;
}

static int closed_loop_init(struct workload *workload) {
    const struct workload_settings *settings = &workload->settings;
    bool valid =
        settings->clients >= 1 && settings->clients <= WORKLOAD_CLIENTS_MAX && settings->think >= 0;
    return valid ? 0 : ERR_INVALID;
}

static bool closed_loop_next(struct workload *workload, struct workload_item *item) {
    if (workload->count == workload->settings.clients)
        return false;
    uint64_t think = (uint64_t)workload->settings.think;
    item->intended = (time_ns)rng_below(&workload->arrivals, think + 1);
    return true;
}

/* One row: the current second's count. 1, 0 at the end, or an error. */
static int trace_row(struct workload *workload, int64_t *second, int64_t *count) {
    struct csv *csv = &workload->trace.csv;
    int more = csv_next(csv);
    if (more <= 0)
        return more;
    struct csv_field time = csv->fields[csv_column(csv, "t_s")];
    struct csv_field arrivals = csv->fields[csv_column(csv, "count")];
    if (csv_integer(time, second) != 0)
        return csv_wrong(csv, time, ERR_INVALID, "t_s must be a whole number of seconds");
    if (csv_integer(arrivals, count) != 0 || *count < 0 || *count > TRACE_COUNT_LIMIT)
        return csv_wrong(csv, arrivals, ERR_INVALID, "count must be a whole number from 0 to %d",
                         TRACE_COUNT_LIMIT);
    return 1;
}

/* Checks the whole table, so that the run needn't. */
static int trace_init(struct workload *workload) {
    struct workload_settings *settings = &workload->settings;
    struct csv *csv = &workload->trace.csv;
    int64_t second, count;
    int more;
    if (settings->rate < 0 || settings->rate > WORKLOAD_RATE_LIMIT)
        return ERR_INVALID;
    if (settings->trace == NULL) {
        const struct data_file *file = data_find("wl/nasdaq.csv");
        if (file == NULL)
            return ERR_UNKNOWN;
        settings->trace = file->text;
        settings->trace_size = file->size;
    }
    int error = csv_init(csv, settings->trace, settings->trace_size);
    if (error != 0)
        return error;
    if (csv_column(csv, "t_s") < 0 || csv_column(csv, "count") < 0)
        return csv_wrong(csv, csv->columns[0], ERR_MISMATCH,
                         "a trace has the columns t_s and count");
    while ((more = trace_row(workload, &second, &count)) > 0) {
        if (second != (int64_t)workload->trace.seconds)
            return csv_wrong(csv, csv->fields[csv_column(csv, "t_s")], ERR_MISMATCH,
                             "seconds must follow each other from 0 on; here %llu is due",
                             (unsigned long long)workload->trace.seconds);
        workload->trace.seconds++;
        workload->trace.total += (uint64_t)count;
    }
    if (more < 0)
        return more;
    if (workload->trace.total == 0)
        return csv_wrong(csv, (struct csv_field){csv->line_start, 0}, ERR_NOT_ENOUGH,
                         "the trace ends without a single arrival");
    return csv_init(csv, settings->trace, settings->trace_size);
}

/* Of the first @seen arrivals of the table, how many a run has at its rate: rounded down, so that
 * the whole trace has rate · seconds of them. */
static uint64_t trace_scaled(const struct workload *workload, uint64_t seen) {
    if (workload->settings.rate == 0)
        return seen;
    unsigned __int128 wanted = (unsigned __int128)workload->settings.rate *
                               workload->trace.seconds / (uint64_t)WORKLOAD_RATE_ONE;
    return (uint64_t)(wanted * seen / workload->trace.total);
}

static bool trace_next(struct workload *workload, struct workload_item *item) {
    int64_t second = 0, count;
    while (workload->trace.left == 0) {
        if (trace_row(workload, &second, &count) != 1)
            return false;
        workload->trace.seen += (uint64_t)count;
        workload->trace.left =
            trace_scaled(workload, workload->trace.seen) - workload->trace.emitted;
        workload->trace.emitted += workload->trace.left;
        workload->trace.second = (uint64_t)second;
        workload->now = second * NS_PER_S;
    }
    /* The smallest of n uniform points in what remains of the second: 1 - (1 - u)^(1/n). */
    double u = draw_uniform(&workload->arrivals);
    double part = -expm1(log1p(-u) / (double)workload->trace.left);
    time_ns end = (time_ns)(workload->trace.second + 1) * NS_PER_S;
    item->intended = workload->now + (time_ns)((double)(end - workload->now) * part);
    workload->trace.left--;
    return true;
}

static const struct workload_ops processes[] = {
    {.name = "poisson",
     .description = "independent users: exponential gaps",
     .source = "textbook",
     .init = check_rate,
     .next = poisson_next},
    {.name = "constant",
     .description = "equal gaps",
     .source = "textbook",
     .init = check_rate,
     .next = constant_next},
    {.name = "closed-loop",
     .description = "clients that wait for the answer, then think",
     .source = "textbook",
     .closed = true,
     .init = closed_loop_init,
     .next = closed_loop_next},
    {.name = "trace",
     .description =
         "counts per second of a table, as recorded or scaled; default: NASDAQ's opening half hour",
     .source = "diablo-benchmark, January 2021",
     .init = trace_init,
     .next = trace_next},
};

const struct workload_ops *workload_at(size_t index) {
    return index < ARRAY_LEN(processes) ? &processes[index] : NULL;
}

static int read_sizes(struct workload *workload) {
    const struct data_file *file = data_find("wl/cardano_tx_size.csv");
    struct csv csv;
    int more;
    if (file == NULL)
        return ERR_UNKNOWN;
    int error = csv_init(&csv, file->text, file->size);
    int size = csv_column(&csv, "size"), weight = csv_column(&csv, "weight");
    if (error != 0 || size < 0 || weight < 0)
        return ERR_MISMATCH;
    while ((more = csv_next(&csv)) > 0) {
        int64_t bytes, share;
        if (workload->size_count == WORKLOAD_SIZES)
            return ERR_LIMIT;
        if (csv_integer(csv.fields[size], &bytes) != 0 || bytes < 1 || bytes > UINT32_MAX ||
            csv_integer(csv.fields[weight], &share) != 0 || share < 1)
            return ERR_INVALID;
        workload->size_table[workload->size_count].bytes = (uint32_t)bytes;
        workload->size_table[workload->size_count++].below = workload->size_total;
        workload->size_total += (uint64_t)share;
    }
    return more;
}

static uint32_t draw_size(struct workload *workload) {
    if (workload->settings.size != WORKLOAD_SIZE_DRAWN)
        return workload->settings.size;
    uint64_t point = rng_below(&workload->sizes, workload->size_total);
    size_t low = 0, high = workload->size_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (workload->size_table[middle].below <= point)
            low = middle;
        else
            high = middle;
    }
    return workload->size_table[low].bytes;
}

int workload_init(struct workload *workload, const char *name,
                  const struct workload_settings *settings, uint64_t seed) {
    *workload = (struct workload){.settings = *settings};
    for (size_t i = 0; i < ARRAY_LEN(processes); i++)
        if (strcmp(processes[i].name, name) == 0)
            workload->ops = &processes[i];
    if (workload->ops == NULL)
        return ERR_UNKNOWN;
    rng_init(&workload->arrivals, seed, 0, "workload arrivals");
    rng_init(&workload->origins, seed, 0, "workload origins");
    rng_init(&workload->sizes, seed, 0, "workload sizes");
    int error = workload->ops->init(workload);
    if (error == 0 && settings->size == WORKLOAD_SIZE_DRAWN)
        error = read_sizes(workload);
    return error;
}

bool workload_next(struct workload *workload, struct workload_item *item) {
    if (!workload->ops->next(workload, item))
        return false;
    item->origin = workload->ops->closed ? workload->count : rng_next(&workload->origins);
    item->size = draw_size(workload);
    workload->now = item->intended;
    workload->count++;
    return true;
}

void workload_answered(struct workload *workload, uint64_t client, time_ns now,
                       struct workload_item *item) {
    assert(workload->ops->closed);
    assert(client < workload->settings.clients);
    *item = (struct workload_item){
        .intended = now + workload->settings.think, .origin = client, .size = draw_size(workload)};
}
