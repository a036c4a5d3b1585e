/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/csv.h"

#include "sim/report/metric.h"
#include "sim/report/series.h"
#include "sim/report/stamp.h"
#include "sim/report/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void csv_field(struct text *out, const char *value) {
    if (strpbrk(value, ",\"\r\n") == NULL) {
        text_add(out, value);
        return;
    }
    text_add(out, "\"");
    for (; *value != '\0'; value++)
        text_append(out, *value == '"' ? "\"\"" : value, *value == '"' ? 2 : 1);
    text_add(out, "\"");
}

void csv_transactions(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,id,origin,size_bytes");
    for (size_t s = 0; s < stamp_count; s++)
        text_format(out, ",%s_ns", stamps[s].name);
    text_add(out, "\n");
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            text_format(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32, runs[r].repetition,
                        t->id, t->origin, t->size);
            for (size_t s = 0; s < stamp_count; s++) {
                time_ns at = stamp_at(t, stamps[s].offset);
                text_add(out, ",");
                if (at != TIME_NEVER)
                    text_format(out, "%" PRId64, at);
            }
            text_add(out, "\n");
        }
}

/* One value; an empty field = nothing, or among those that never got there. */
static void put_value(uint32_t repetition, const struct metric *metric, const char *statistic,
                      int64_t value, const char *unit, struct text *out) {
    text_format(out, "%" PRIu32 ",%s,%s,", repetition, metric->name, statistic);
    if (value != METRIC_NOTHING && value != STATISTIC_CENSORED)
        text_format(out, "%" PRId64, value);
    text_format(out, ",%s\n", unit);
}

static void put_metric(const struct metric *metric, const struct run_result *run,
                       struct text *out) {
    const char *unit = metric_unit(metric);
    if (metric->kind != METRIC_DURATION) {
        put_value(run->repetition, metric, "value", metric->value(run), unit, out);
        return;
    }
    struct summary_row row;
    summary_measure(metric, run, 1, &row);
    for (size_t q = 0; q < summary_quantile_count; q++)
        put_value(run->repetition, metric, summary_quantiles[q].name, row.values[q], unit, out);
    put_value(run->repetition, metric, "n", (int64_t)row.n, "samples", out);
    put_value(run->repetition, metric, "censored", (int64_t)row.censored, "samples", out);
}

void csv_metrics(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,metric,statistic,value,unit\n");
    for (size_t r = 0; r < count; r++) {
        for (size_t m = 0; m < metric_count; m++)
            if (metric_present(&metrics[m], &runs[r], 1))
                put_metric(&metrics[m], &runs[r], out);
        for (size_t i = 0; i < runs[r].counter_count; i++) {
            text_format(out, "%" PRIu32 ",", runs[r].repetition);
            csv_field(out, runs[r].counters[i].name);
            text_format(out, ",count,%" PRIu64 ",", runs[r].counters[i].value);
            csv_field(out, runs[r].counters[i].unit);
            text_add(out, "\n");
        }
    }
}

static void put_optional(int64_t value, struct text *out) {
    text_add(out, ",");
    if (value != METRIC_NOTHING)
        text_format(out, "%" PRId64, value);
}

void csv_series(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,second,submitted,done,p50_ns,p99_ns,in_flight\n");
    for (size_t r = 0; r < count; r++) {
        size_t length;
        struct second *seconds = series_make(&runs[r], &length);
        for (size_t s = 0; s < length; s++) {
            text_format(out, "%" PRIu32 ",%zu,%" PRIu64 ",%" PRIu64, runs[r].repetition, s,
                        seconds[s].submitted, seconds[s].done);
            put_optional(seconds[s].p50, out);
            put_optional(seconds[s].p99, out);
            text_format(out, ",%" PRIu64 "\n", seconds[s].in_flight);
        }
        free(seconds);
    }
}

void csv_nodes(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,node,place,role,cpu_busy_ns,messages_in,messages_out,bytes_in,"
                  "bytes_out,queue_max\n");
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].node_count; i++) {
            const struct node_record *n = &runs[r].nodes[i];
            text_format(out, "%" PRIu32 ",%" PRIu32 ",", runs[r].repetition, n->node);
            csv_field(out, n->place);
            text_add(out, ",");
            csv_field(out, n->role);
            text_format(
                out, ",%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
                n->cpu_busy_ns, n->messages_in, n->messages_out, n->bytes_in, n->bytes_out,
                n->queue_max);
        }
}

void csv_messages(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "repetition,message,count,bytes\n");
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].message_count; i++) {
            text_format(out, "%" PRIu32 ",", runs[r].repetition);
            csv_field(out, runs[r].messages[i].name);
            text_format(out, ",%" PRIu64 ",%" PRIu64 "\n", runs[r].messages[i].count,
                        runs[r].messages[i].bytes);
        }
}
