/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/table.h"

#include "sim/compare/reason.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define COLUMN   26 /* characters of "12.345 ± 0.012 ms" and what is between */
#define LABEL    24 /* likewise, of a measure's name */
#define FEW      4  /* variants, for which all headlines' differences are printed */
#define AT_LEAST 5  /* seeds, below which an interval says little */

/* Pads with blanks to @width characters; a byte that continues one is none. */
static void add_cell(struct text *out, const char *value, size_t width) {
    size_t characters = 0;
    for (const char *at = value; *at != '\0'; at++)
        characters += ((unsigned char)*at & 0xc0) != 0x80;
    text_add(out, value);
    do
        text_add(out, width > 0 ? " " : ""); /* one at least between two */
    while (++characters < width);
}

void table_value(const struct measure *measure, const struct cell *cell, char *out, size_t size) {
    char mean[MEASURE_TEXT_BYTES], half[MEASURE_TEXT_BYTES];
    if (cell->open > 0) {
        snprintf(out, size, "> T in %zu of %zu", cell->open, cell->n);
        return;
    }
    measure_format(measure, cell->n > 0 ? cell->own.mean : NAN, mean);
    measure_format(measure, cell->own.half_width, half);
    char *blank = strchr(mean, ' '); /* the unit stands behind both */
    if (cell->n < 2)
        snprintf(out, size, "%s", mean);
    else if (blank != NULL)
        snprintf(out, size, "%.*s ± %s", (int)(blank - mean), mean, half);
    else
        snprintf(out, size, "%s ± %s", mean, half);
}

/* ", seeds 1 … 10" */
static void print_seeds(const struct variant *variant, struct text *out) {
    if (variant->run_count == 0)
        return;
    uint64_t first = variant->runs[0].seed, last = variant->runs[variant->run_count - 1].seed;
    if (first == last)
        text_format(out, ", seed %" PRIu64, first);
    else if (last - first == variant->run_count - 1)
        text_format(out, ", seeds %" PRIu64 " … %" PRIu64, first, last);
    else
        text_format(out, ", %zu seeds", variant->run_count);
}

static void print_head(const struct study *study, struct text *out) {
    size_t planned, there = study_runs(study, &planned);
    text_format(out, "%s: %zu variants, %zu runs", study->name, study->variant_count, there);
    print_seeds(&study->variants[0], out);
    text_add(out, "; 95 % intervals over seeds\n");
    for (size_t v = 0; v < study->variant_count; v++)
        text_format(out, "  %-2s  %s\n", study->variants[v].letter, study->variants[v].label);
    if (there < planned)
        text_format(out, "%zu of %zu runs are missing from these results\n", planned - there,
                    planned);
}

/* A row for each variant, a column for each of @count measures from the @from-th headline on. */
static void print_block(const struct study *study, const size_t *measures, size_t count,
                        struct text *out) {
    char value[96];
    add_cell(out, "", 4);
    for (size_t m = 0; m < count; m++)
        add_cell(out, measure_at(measures[m])->name, m + 1 < count ? COLUMN : 0);
    text_add(out, "\n");
    for (size_t v = 0; v < study->variant_count; v++) {
        add_cell(out, study->variants[v].letter, 4);
        for (size_t m = 0; m < count; m++) {
            table_value(measure_at(measures[m]), study_cell(study, v, measures[m]), value,
                        sizeof value);
            add_cell(out, value, m + 1 < count ? COLUMN : 0);
        }
        text_add(out, "\n");
    }
}

static void print_values(const struct study *study, struct text *out) {
    size_t measures[STUDY_HEADLINES], count;
    study_headlines(study, measures, &count);
    for (size_t from = 0; from < count; from += 4) {
        text_add(out, "\n");
        print_block(study, measures + from, size_min(4, count - from), out);
    }
}

static void print_p(double p, struct text *out) {
    if (p < 0.0001)
        text_add(out, "p < 0.0001");
    else
        text_format(out, "p = %.4f", p);
}

/* "B  felt.p99   +4.735 ms (+22.6 %)   +4.73 … +4.74   p < 0.0001 *" */
static void print_difference(const struct study *study, size_t variant, size_t measure, bool colour,
                             struct text *out) {
    const struct cell *cell = study_cell(study, variant, measure);
    const struct paired *paired = &cell->from_first;
    const struct measure *about = measure_at(measure);
    char mean[MEASURE_TEXT_BYTES], low[MEASURE_TEXT_BYTES], high[MEASURE_TEXT_BYTES];
    char text[192], share[32] = "";
    add_cell(out, study->variants[variant].letter, 4);
    add_cell(out, about->name, LABEL);
    measure_format_difference(about, paired->mean, mean);
    measure_format_difference(about, paired->low, low);
    measure_format_difference(about, paired->high, high);
    if (!isnan(cell_relative(cell)))
        snprintf(share, sizeof share, " (%+.2f %%)", 100 * cell_relative(cell));
    snprintf(text, sizeof text, "%s%s", mean, share);
    add_cell(out, paired->open > 0 ? "open" : text, COLUMN + 2);
    snprintf(text, sizeof text, "%s … %s", low, high);
    add_cell(out, paired->test == TEST_STUDENT || paired->test == TEST_WELCH ? text : "",
             COLUMN + 6);
    if (!isnan(cell->p_holm))
        print_p(cell->p_holm, out);
    else if (paired->test != TEST_NONE && paired->mean == 0)
        text_add(out, "the same");
    if (cell_significant(cell))
        text_add(out, colour ? " \033[33m*\033[0m" : " *");
    text_add(out, "\n");
}

/* Of many variants only what most look for. */
static bool is_shown(const struct study *study, size_t measure) {
    const struct measure *about = measure_at(measure);
    return study->variant_count <= FEW || about->metric != NULL ||
           strcmp(about->name, "throughput") == 0;
}

/* What else differs, by name: a hint where to look. */
static void print_others(const struct study *study, struct text *out) {
    size_t measures[STUDY_HEADLINES], count, others = 0;
    struct text names = {0};
    study_headlines(study, measures, &count);
    for (size_t m = 0; m < measure_count(); m++) {
        bool shown = false, differs = false;
        for (size_t h = 0; h < count; h++)
            shown = shown || (measures[h] == m && is_shown(study, m));
        for (size_t v = 1; v < study->variant_count; v++)
            differs = differs || cell_significant(study_cell(study, v, m));
        if (shown || !differs)
            continue;
        others++;
        if (others <= 8)
            text_format(&names, "%s%s", others > 1 ? ", " : "", measure_at(m)->name);
    }
    if (others > 0)
        text_format(out, "%zu other measures differ significantly: %s%s (compare.csv)\n", others,
                    names.bytes, others > 8 ? " …" : "");
    text_deinit(&names);
}

static void print_differences(const struct study *study, bool colour, struct text *out) {
    size_t measures[STUDY_HEADLINES], count;
    study_headlines(study, measures, &count);
    if (study->variant_count < 2)
        return;
    text_format(out,
                "\ndifference from %s, 95 %% interval; *: p < %.2f after Holm's correction for %zu "
                "tests%s\n",
                study->variants[0].letter, PAIRED_LEVEL, study->tests,
                study->unpaired ? "; no seed in common, so not paired" : "");
    for (size_t v = 1; v < study->variant_count; v++)
        for (size_t m = 0; m < count; m++)
            if (is_shown(study, measures[m]) && study_cell(study, v, measures[m])->from_first.n > 0)
                print_difference(study, v, measures[m], colour, out);
    print_others(study, out);
}

/* Pairs of the variant that has fewest. */
static size_t least_pairs(const struct study *study) {
    size_t least = SIZE_MAX;
    for (size_t v = 0; v < study->variant_count; v++) {
        size_t there = 0;
        for (size_t r = 0; r < study->variants[v].run_count; r++)
            there += study->variants[v].runs[r].there;
        least = size_min(least, there);
    }
    return least;
}

static void print_warnings(const struct study *study, bool colour, struct text *out) {
    const char *mark = colour ? "\033[33mwarning:\033[0m" : "warning:";
    size_t pairs = least_pairs(study);
    if (pairs < 2)
        text_format(out, "%s one seed says nothing about others: no intervals, no tests\n", mark);
    else if (pairs < AT_LEAST)
        text_format(out, "%s %zu seeds make wide intervals; take %d or more\n", mark, pairs,
                    AT_LEAST);
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t r = 0; r < study->variants[v].run_count; r++)
            if (study->variants[v].runs[r].violations > 0)
                text_format(out, "BROKEN invariants in variant %s, seed %" PRIu64 ": %" PRIu64 "\n",
                            study->variants[v].letter, study->variants[v].runs[r].seed,
                            study->variants[v].runs[r].violations);
}

void table_print(const struct study *study, bool colour, struct text *out) {
    print_head(study, out);
    print_values(study, out);
    print_differences(study, colour, out);
    reason_print(study, out);
    print_warnings(study, colour, out);
}
