/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The waterfall: two transactions, chosen by rank of their felt latency, step by step. */
#include "sim/report/figures.h"
#include "sim/report/stamp.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    time_ns felt; /* TIME_NEVER sorts last, as the censored must */
    uint32_t repetition;
    const struct transaction_record *record;
};

/* Ties are broken by repetition and id, so that the choice never depends on qsort. */
static int compare(const void *left, const void *right) {
    const struct choice *a = left, *b = right;
    if (a->felt != b->felt)
        return a->felt < b->felt ? -1 : 1;
    if (a->repetition != b->repetition)
        return a->repetition < b->repetition ? -1 : 1;
    return (a->record->id > b->record->id) - (a->record->id < b->record->id);
}

static struct choice *sort_all(const struct run_result *runs, size_t count, size_t *total) {
    *total = 0;
    for (size_t r = 0; r < count; r++)
        *total += runs[r].transaction_count;
    struct choice *all = malloc((*total + 1) * sizeof *all);
    assert(all != NULL);
    size_t n = 0;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            all[n++] = (struct choice){
                .felt = metric_span(metric_find("felt"), t),
                .repetition = runs[r].repetition,
                .record = t,
            };
        }
    qsort(all, n, sizeof *all, compare);
    return all;
}

/* The steps stand from top to bottom; the lowest row is 1. */
static size_t step_count(void) {
    size_t count = 0;
    for (size_t m = 0; m < metric_count; m++)
        count += metrics[m].look.place != STEP_NONE;
    return count;
}

/* A bar or mark outside the axes keeps a block from being empty. */
static void start_block(struct text *data) {
    text_add(data, data->size > 0 ? "\n\n" : "");
    text_add(data, "-1 -1 -1 0 \"\"\n");
}

/* The UI may close when both branches are through: the later one is the critical path. */
static bool is_critical(const struct transaction_record *t, const struct metric *step) {
    bool token_is_last = t->token > t->continent_ack;
    return (step->look.place == STEP_BESIDE) == token_is_last;
}

/* Returns when the last drawn bar ends, in ns after the click. */
static time_ns write_steps(const struct transaction_record *t, struct text *data) {
    time_ns latest = 0;
    size_t row = step_count();
    for (size_t m = 0; m < metric_count; m++) {
        const struct metric *step = &metrics[m];
        if (step->look.place == STEP_NONE)
            continue;
        time_ns length = metric_span(step, t);
        if (length != TIME_NEVER) {
            time_ns from = stamp_at(t, step->from) - t->intended;
            text_format(data, "%.17g %.17g %zu %d \"%.1f\"\n", (double)from / NS_PER_MS,
                        (double)(from + length) / NS_PER_MS, row, is_critical(t, step),
                        (double)length / NS_PER_MS);
            latest = from + length > latest ? from + length : latest;
        }
        row--;
    }
    return latest;
}

/* The city's commit and the close, each on the row of the step that ends with it. */
static void write_marks(const struct transaction_record *t, struct text *data) {
    size_t row = step_count();
    for (size_t m = 0; m < metric_count; m++) {
        const struct metric *step = &metrics[m];
        if (step->look.place == STEP_NONE)
            continue;
        bool last = step->to == STAMP_OFFSET(token) || step->to == STAMP_OFFSET(continent_ack);
        time_ns at = step->to == STAMP_OFFSET(s5)   ? t->city_commit
                     : last && is_critical(t, step) ? t->done
                                                    : TIME_NEVER;
        if (at != TIME_NEVER)
            text_format(data, "%.17g %zu\n", (double)(at - t->intended) / NS_PER_MS, row);
        row--;
    }
}

/* The names on the y axis. */
static void write_names(struct text *variables) {
    size_t row = step_count();
    text_format(variables, "y_end = %zu.7\nsteps = \"", row);
    for (size_t m = 0; m < metric_count; m++)
        if (metrics[m].look.place != STEP_NONE) {
            text_format(variables, "'%s' %zu%s", metrics[m].look.label, row, row > 1 ? ", " : "");
            row--;
        }
    text_add(variables, "\"\n");
}

static void write_title(const char *quantile, size_t panel, const struct choice *choice,
                        struct text *variables) {
    text_format(variables, "panel_titles[%zu] = '%s: ", panel, quantile);
    if (choice == NULL) {
        text_add(variables, "no transaction'\n");
        return;
    }
    if (choice->felt == TIME_NEVER)
        text_add(variables, "never closed");
    else
        text_format(variables, "%.1f ms", (double)choice->felt / NS_PER_MS);
    text_format(variables, " (transaction %" PRIu64 ", repetition %" PRIu32 ")'\n",
                choice->record->id, choice->repetition);
}

void figure_waterfall(const struct run_result *runs, size_t count, struct text *data,
                      struct text *variables) {
    static const size_t quantiles[] = {0, 2}; /* p50 and p99 */
    const struct choice *choices[ARRAY_LEN(quantiles)] = {NULL};
    size_t total;
    struct choice *all = sort_all(runs, count, &total);
    time_ns latest = 0;
    write_names(variables);
    text_add(variables, "array panel_titles[2]\n");
    text_add(data, "# from_ms to_ms row critical length_ms, a block a transaction; at_ms row; "
                   "felt_ms row\n");
    for (size_t q = 0; q < ARRAY_LEN(quantiles); q++) {
        const struct summary_quantile *quantile = &summary_quantiles[quantiles[q]];
        if (total > 0)
            choices[q] = &all[nearest_rank(total, quantile->ppm) - 1];
        write_title(quantile->name, q + 1, choices[q], variables);
        start_block(data);
        time_ns end = choices[q] == NULL ? 0 : write_steps(choices[q]->record, data);
        latest = end > latest ? end : latest;
    }
    for (size_t q = 0; q < ARRAY_LEN(quantiles); q++) {
        start_block(data);
        if (choices[q] != NULL)
            write_marks(choices[q]->record, data);
    }
    time_ns longest = 0;
    start_block(data);
    for (size_t q = 0; q < ARRAY_LEN(quantiles); q++) {
        time_ns felt = choices[q] == NULL ? TIME_NEVER : choices[q]->felt;
        if (felt == TIME_NEVER)
            continue;
        text_format(data, "%.17g %zu\n", (double)felt / NS_PER_MS, ARRAY_LEN(quantiles) - q);
        longest = felt > longest ? felt : longest;
    }
    text_format(variables, "strip_to = %.17g\n", figure_strip_to(longest));
    /* As wide as what is shown: a fast transaction fills the picture. */
    double end = (double)latest * 1.2 / NS_PER_MS;
    text_format(variables, "x_end = %.17g\n", end > 1 ? end : 1);
    free(all);
}
