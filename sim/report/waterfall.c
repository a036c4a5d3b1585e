/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The waterfall: two transactions, chosen by rank of their felt latency, step by step. */
#include "sim/report/figures.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* From top to bottom; a budget of each name exists. */
static const char *const steps[] = {"token", "s1", "s2", "s3", "s4", "s5", "continent"};

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
                .felt = budget_latency(&budgets[budget_count - 1], t),
                .repetition = runs[r].repetition,
                .record = t,
            };
        }
    qsort(all, n, sizeof *all, compare);
    return all;
}

static const struct budget *step_budget(size_t step) {
    size_t b = 0;
    while (strcmp(budgets[b].name, steps[step]) != 0)
        b++;
    return &budgets[b];
}

/* A bar or mark outside the axes keeps a block from being empty. */
static void start_block(struct text *data) {
    text_add(data, data->size > 0 ? "\n\n" : "");
    text_add(data, "-1 -1 -1 0 \"\"\n");
}

/* The UI may close when both branches are through: the later one is the critical path. */
static bool is_critical(const struct transaction_record *t, size_t step) {
    bool token_is_last = t->token > t->continent_ack;
    return (step == 0) == token_is_last;
}

/* Returns when the last drawn bar ends, in ns after the click. */
static time_ns write_steps(const struct transaction_record *t, struct text *data) {
    time_ns latest = 0;
    for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
        const struct budget *budget = step_budget(s);
        time_ns length = budget_latency(budget, t);
        if (length == TIME_NEVER)
            continue;
        time_ns from;
        memcpy(&from, (const char *)t + budget->from, sizeof from);
        from -= t->intended;
        text_format(data, "%.17g %.17g %zu %d \"%.1f\"\n", (double)from / NS_PER_MS,
                    (double)(from + length) / NS_PER_MS, ARRAY_LEN(steps) - s, is_critical(t, s),
                    (double)length / NS_PER_MS);
        latest = from + length > latest ? from + length : latest;
    }
    return latest;
}

/* City commit beside S5, close beside the step that it waited for. */
static void write_marks(const struct transaction_record *t, struct text *data) {
    const struct {
        time_ns at;
        unsigned row;
    } marks[] = {{t->city_commit, 2}, {t->done, is_critical(t, 0) ? 7 : 1}};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (marks[i].at != TIME_NEVER)
            text_format(data, "%.17g %u\n", (double)(marks[i].at - t->intended) / NS_PER_MS,
                        marks[i].row);
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
    text_add(variables, "array panel_titles[2]\n");
    text_add(data, "# from_ms to_ms row critical length_ms, a block a transaction; at_ms row\n");
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
    /* As wide as what is shown: a fast transaction fills the picture, and the budget lines come in
     * when they are near. */
    double end = (double)latest * 1.2 / NS_PER_MS;
    text_format(variables, "x_end = %.17g\n", end > 1 ? end : 1);
    free(all);
}
