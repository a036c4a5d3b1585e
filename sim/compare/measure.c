/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/measure.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/report/stamp.h"
#include "sim/report/statistics.h"
#include "sim/run/expectations.h"

#define MEASURES_MAX 256

static double counter(const struct run_result *run, const char *name) {
    for (size_t i = 0; i < run->counter_count; i++)
        if (strcmp(run->counters[i].name, name) == 0)
            return (double)run->counters[i].value;
    return 0;
}

/* The sum over kinds of work, NULL behind the last, for each decision. */
static double work_for_decision(const struct run_result *run, const char *const *kinds) {
    double sum = 0, decisions = counter(run, "decisions");
    for (; *kinds != NULL; kinds++)
        sum += counter(run, *kinds);
    return decisions > 0 ? sum / decisions : NAN;
}

static double throughput(const struct run_result *run) {
    double seconds = (double)(run->load_end_ns - run->warmup_ns) / (double)NS_PER_S, done = 0;
    for (size_t i = 0; i < run->transaction_count; i++)
        done += run->transactions[i].done < run->load_end_ns;
    return seconds > 0 ? done / seconds : NAN;
}

static double messages(const struct run_result *run) {
    double sum = 0, decisions = counter(run, "decisions");
    for (size_t i = 0; i < run->message_count; i++)
        sum += (double)run->messages[i].count;
    return decisions > 0 ? sum / decisions : NAN;
}

static double bytes(const struct run_result *run) {
    double sum = 0, decisions = counter(run, "decisions");
    for (size_t i = 0; i < run->message_count; i++)
        sum += (double)run->messages[i].bytes;
    return decisions > 0 ? sum / decisions : NAN;
}

/* A share of a threshold signature counts like a signature. */
static double signatures_made(const struct run_result *run) {
    static const char *const kinds[] = {"work.sign", "work.frost_sign", "work.coin_share", NULL};
    return work_for_decision(run, kinds);
}

static double signatures_checked(const struct run_result *run) {
    static const char *const kinds[] = {"work.verify", "work.aggregate_verify", "work.frost_verify",
                                        "work.coin_verify", NULL};
    return work_for_decision(run, kinds);
}

/* Who only sends is no node that a committee loads. */
static bool is_server(const struct node_record *node) {
    return strcmp(node->role, "user") != 0;
}

static double cpu_mean(const struct run_result *run) {
    double busy = 0, servers = 0;
    for (size_t i = 0; i < run->node_count; i++) {
        servers += is_server(&run->nodes[i]);
        busy += is_server(&run->nodes[i]) ? (double)run->nodes[i].cpu_busy_ns : 0;
    }
    return servers > 0 && run->simulated_ns > 0 ? busy / servers / (double)run->simulated_ns * PPM
                                                : NAN;
}

static double cpu_max(const struct run_result *run) {
    double most = 0;
    for (size_t i = 0; i < run->node_count; i++)
        most = fmax(most, (double)run->nodes[i].cpu_busy_ns);
    return run->node_count > 0 && run->simulated_ns > 0 ? most / (double)run->simulated_ns * PPM
                                                        : NAN;
}

static double view_changes(const struct run_result *run) {
    return counter(run, "view_changes");
}

/* The last in the list, shown beside the latencies. */
static const struct measure rows[] = {
    {"throughput", "transactions/s", UNIT_COUNT,
     "transactions finished in a second, from the warm-up's to the load's end", true, NULL,
     STATISTIC_NONE, throughput},
    {"messages_per_decision", "messages", UNIT_COUNT,
     "messages sent by all nodes for each block that a committee decided", true, NULL,
     STATISTIC_NONE, messages},
    {"bytes_per_decision", "bytes", UNIT_COUNT, "bytes on the wire, likewise", true, NULL,
     STATISTIC_NONE, bytes},
    {"signed_per_decision", "signatures", UNIT_COUNT,
     "signatures and shares of such that were made, likewise", true, NULL, STATISTIC_NONE,
     signatures_made},
    {"checked_per_decision", "signatures", UNIT_COUNT,
     "signatures and shares of such that were checked, likewise", true, NULL, STATISTIC_NONE,
     signatures_checked},
    {"cpu", "ppm", UNIT_SHARE,
     "work of those who serve, as a share of one core's time: eight cores have 800 %", true, NULL,
     STATISTIC_NONE, cpu_mean},
    {"cpu.busiest", "ppm", UNIT_SHARE, "the same of the busiest node", true, NULL, STATISTIC_NONE,
     cpu_max},
    {"view_changes", "views", UNIT_COUNT, "views that a member gave up", true, NULL, STATISTIC_NONE,
     view_changes},
};

static struct {
    size_t count;
    struct measure list[MEASURES_MAX];
} all; /* built once, then only read */

static void add(const struct measure *measure) {
    assert(all.count < MEASURES_MAX);
    all.list[all.count++] = *measure;
}

static void add_statistic(const struct metric *metric, enum statistic statistic) {
    static const enum unit_kind kinds[] = {[METRIC_DURATION] = UNIT_DURATION,
                                           [METRIC_NUMBER] = UNIT_COUNT,
                                           [METRIC_SHARE] = UNIT_SHARE};
    static const bool tested[STATISTIC_COUNT] = {[STATISTIC_NONE] = true,
                                                 [STATISTIC_P50] = true,
                                                 [STATISTIC_P95] = true,
                                                 [STATISTIC_P99] = true};
    struct measure measure = {.unit = metric_unit(metric),
                              .kind = kinds[metric->kind],
                              .help = metric->help,
                              .tested = tested[statistic],
                              .metric = metric,
                              .statistic = statistic};
    int length = snprintf(measure.name, sizeof measure.name, "%s%s%s", metric->name,
                          statistic == STATISTIC_NONE ? "" : ".", statistic_name(statistic));
    assert(length < (int)sizeof measure.name);
    add(&measure);
}

static void build(void) {
    for (size_t m = 0; m < metric_count; m++)
        if (metrics[m].kind != METRIC_DURATION)
            add_statistic(&metrics[m], STATISTIC_NONE);
        else
            for (unsigned s = STATISTIC_NONE + 1; s < STATISTIC_COUNT; s++)
                add_statistic(&metrics[m], (enum statistic)s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        add(&rows[i]);
}

size_t measure_count(void) {
    if (all.count == 0)
        build();
    return all.count;
}

const struct measure *measure_at(size_t index) {
    assert(index < measure_count());
    return &all.list[index];
}

static bool is_called(const struct measure *measure, const char *name) {
    const char *also = measure->metric != NULL ? measure->metric->also : NULL;
    if (strcmp(measure->name, name) == 0)
        return true;
    size_t length = also != NULL ? strlen(also) : 0;
    return length > 0 && strncmp(name, also, length) == 0 &&
           strcmp(name + length, measure->name + strlen(measure->metric->name)) == 0;
}

size_t measure_find(const char *name) {
    size_t at = 0;
    while (at < measure_count() && !is_called(measure_at(at), name))
        at++;
    return at;
}

static double of_samples(enum statistic statistic, const int64_t *samples, size_t count,
                         size_t censored) {
    if (count + censored == 0)
        return NAN;
    int64_t value = expectations_statistic(statistic, samples, count, censored);
    return value == STATISTIC_CENSORED ? INFINITY : (double)value;
}

void measure_run(const struct run_result *run, double *values) {
    const struct metric *sampled = NULL;
    int64_t *samples = NULL;
    size_t population = 0, count = 0;
    for (size_t i = 0; i < measure_count(); i++) {
        const struct measure *measure = measure_at(i);
        if (measure->metric == NULL) {
            values[i] = measure->value(run);
        } else if (measure->metric->kind != METRIC_DURATION) {
            int64_t value = measure->metric->value(run);
            values[i] = value == METRIC_NOTHING ? NAN : (double)value;
        } else {
            if (measure->metric != sampled) { /* its statistics follow each other */
                sampled = measure->metric;
                population = metric_population(sampled, run);
                free(samples);
                samples = memory_new(population, sizeof *samples);
                count = metric_samples(sampled, run, samples);
            }
            values[i] = of_samples(measure->statistic, samples, count, population - count);
        }
    }
    free(samples);
}

void measure_format(const struct measure *measure, double value, char text[MEASURE_TEXT_BYTES]) {
    if (isnan(value))
        snprintf(text, MEASURE_TEXT_BYTES, "-");
    else if (isinf(value))
        snprintf(text, MEASURE_TEXT_BYTES, "> T");
    else if (measure->kind == UNIT_DURATION)
        snprintf(text, MEASURE_TEXT_BYTES, "%.3f ms", value / (double)NS_PER_MS);
    else if (measure->kind == UNIT_SHARE)
        snprintf(text, MEASURE_TEXT_BYTES, "%.4g %%", value * 100 / PPM);
    else
        snprintf(text, MEASURE_TEXT_BYTES, fabs(value) < 1000 ? "%.4g" : "%.0f", value);
}

void measure_format_difference(const struct measure *measure, double value,
                               char text[MEASURE_TEXT_BYTES]) {
    char plain[MEASURE_TEXT_BYTES];
    measure_format(measure, value, plain);
    if (!isfinite(value))
        snprintf(text, MEASURE_TEXT_BYTES, "%s", isinf(value) ? "?" : "-");
    else if (measure->kind == UNIT_SHARE)
        snprintf(text, MEASURE_TEXT_BYTES, "%+.3g points", value * 100 / PPM);
    else
        snprintf(text, MEASURE_TEXT_BYTES, "%s%.*s", value > 0 ? "+" : "", MEASURE_TEXT_BYTES - 2,
                 plain);
}
