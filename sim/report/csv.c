/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/csv.h"

#include "sim/report/budget.h"
#include "sim/report/summary.h"

#include <inttypes.h>
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
    text_add(out, "repetition,id,origin,size_bytes,intended_ns,token_ns,s1_ns,s2_ns,s3_ns,s4_ns,"
                  "s5_ns,city_commit_ns,continent_ack_ns,done_ns\n");
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            const time_ns stamps[] = {
                t->intended,    t->token,         t->s1,  t->s2, t->s3, t->s4, t->s5,
                t->city_commit, t->continent_ack, t->done};
            text_format(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32, runs[r].repetition,
                        t->id, t->origin, t->size);
            for (size_t s = 0; s < ARRAY_LEN(stamps); s++)
                if (stamps[s] == TIME_NEVER)
                    text_add(out, ",");
                else
                    text_format(out, ",%" PRId64, stamps[s]);
            text_add(out, "\n");
        }
}

static void put_row(uint32_t repetition, const char *name, const struct summary_row *row,
                    struct text *out) {
    for (size_t q = 0; q < summary_quantile_count; q++)
        if (row->values[q] != STATISTIC_CENSORED)
            text_format(out, "%" PRIu32 ",%s,%s,%" PRId64 ",ns\n", repetition, name,
                        summary_quantiles[q].name, row->values[q]);
    text_format(out, "%" PRIu32 ",%s,censored,%zu,1\n", repetition, name, row->censored);
}

void csv_metrics(const struct run_result *runs, size_t count, struct text *out) {
    struct summary_row row;
    text_add(out, "repetition,metric,statistic,value,unit\n");
    for (size_t r = 0; r < count; r++) {
        for (size_t b = 0; b < budget_count; b++) {
            summary_measure(&budgets[b], &runs[r], 1, &row);
            put_row(runs[r].repetition, budgets[b].name, &row, out);
        }
        if (summary_transferred(&runs[r], 1)) {
            summary_measure(&budget_settle, &runs[r], 1, &row);
            put_row(runs[r].repetition, budget_settle.name, &row, out);
        }
        if (summary_announced(&runs[r], 1)) {
            summary_measure_announcements(&runs[r], 1, &row);
            put_row(runs[r].repetition, announce_budget.name, &row, out);
        }
        if (summary_clocks_watched(&runs[r], 1)) {
            summary_measure_clocks(&runs[r], 1, &row);
            put_row(runs[r].repetition, clock_budget.name, &row, out);
        }
        for (size_t i = 0; i < runs[r].counter_count; i++) {
            text_format(out, "%" PRIu32 ",", runs[r].repetition);
            csv_field(out, runs[r].counters[i].name);
            text_format(out, ",count,%" PRIu64 ",", runs[r].counters[i].value);
            csv_field(out, runs[r].counters[i].unit);
            text_add(out, "\n");
        }
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
