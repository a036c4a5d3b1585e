/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report.html of a study. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/compare/reason.h"
#include "sim/compare/table.h"
#include "sim/report/page.h"

/* What decides at a glance. */
static void put_verdict(const struct study *study, const struct bound *bounds, size_t bound_count,
                        struct text *out) {
    size_t failed = bounds_failed(bounds, bound_count, study), significant = 0, planned;
    uint64_t broken = study_violations(study);
    size_t there = study_runs(study, &planned);
    bool good = failed == 0 && broken == 0 && there == planned;
    for (size_t v = 1; v < study->variant_count; v++)
        for (size_t m = 0; m < measure_count(); m++)
            significant += cell_significant(study_cell(study, v, m));
    text_format(out, "<p class=\"verdict %s\">", good ? "good" : "bad");
    if (there < planned)
        text_format(out, "%zu of %zu runs are missing. ", planned - there, planned);
    if (broken > 0)
        text_add(out, "Invariants BROKEN. ");
    if (bound_count > 0)
        text_format(out, "%zu of %zu bounds failed. ", failed,
                    bound_count * (study->variant_count - 1));
    text_format(out, "%zu of %zu tests are significant at %.2g, all together.</p>\n", significant,
                study->tests, PAIRED_LEVEL);
}

static void put_variants(const struct study *study, struct text *out) {
    text_add(
        out,
        "<h2>Variants</h2>\n<div class=\"wide\"><table>\n<thead><tr><th></th><th>what is varied"
        "</th><th>runs</th></tr></thead>\n");
    for (size_t v = 0; v < study->variant_count; v++) {
        const struct variant *variant = &study->variants[v];
        size_t there = 0;
        for (size_t r = 0; r < variant->run_count; r++)
            there += variant->runs[r].there;
        text_format(out, "<tr><td><a href=\"variants/%s.yaml\">%s</a></td>", variant->letter,
                    variant->letter);
        page_put(out, "<td>", variant->label, "</td>");
        text_format(out, "<td>%zu</td></tr>\n", there);
    }
    text_add(out, "</table></div>\n");
}

static void put_values(const struct study *study, struct text *out) {
    size_t measures[STUDY_HEADLINES], count;
    study_headlines(study, measures, &count);
    text_add(out, "<h2>Measured</h2>\n<p>Means over seeds and their 95 % intervals.</p>\n"
                  "<div class=\"wide\"><table>\n<thead><tr><th></th>");
    for (size_t m = 0; m < count; m++)
        page_put(out, "<th>", measure_at(measures[m])->name, "</th>");
    text_add(out, "</tr></thead>\n");
    for (size_t v = 0; v < study->variant_count; v++) {
        text_format(out, "<tr><td>%s</td>", study->variants[v].letter);
        for (size_t m = 0; m < count; m++) {
            char value[96];
            table_value(measure_at(measures[m]), study_cell(study, v, measures[m]), value,
                        sizeof value);
            page_put(out, "<td>", value, "</td>");
        }
        text_add(out, "</tr>\n");
    }
    text_add(out, "</table></div>\n");
}

static void put_difference(const struct study *study, size_t variant, size_t measure,
                           struct text *out) {
    const struct cell *cell = study_cell(study, variant, measure);
    const struct paired *paired = &cell->from_first;
    char mean[MEASURE_TEXT_BYTES], low[MEASURE_TEXT_BYTES], high[MEASURE_TEXT_BYTES];
    measure_format_difference(measure_at(measure), paired->mean, mean);
    measure_format_difference(measure_at(measure), paired->low, low);
    measure_format_difference(measure_at(measure), paired->high, high);
    text_format(out, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s … %s</td>",
                study->variants[variant].letter, measure_at(measure)->name, mean, low, high);
    if (isfinite(cell_relative(cell)))
        text_format(out, "<td>%+.2f %%</td>", 100 * cell_relative(cell));
    else
        text_add(out, "<td>–</td>");
    if (isnan(cell->p_holm))
        text_add(out, "<td>–</td></tr>\n");
    else
        text_format(out, "<td%s>%.4g</td></tr>\n", cell_significant(cell) ? " class=\"bad\"" : "",
                    cell->p_holm);
}

/* All that moved, the headlines among them, folded: it is long. */
static void put_differences(const struct study *study, struct text *out) {
    text_format(
        out,
        "<h2>Differences from %s</h2>\n<p>p is Holm's, over %zu tests%s.</p>\n"
        "<details open><summary>Show</summary><div class=\"wide\"><table>\n<thead><tr><th></th>"
        "<th>measure</th><th>difference</th><th>95 %% interval</th><th>relative</th><th>p</th>"
        "</tr></thead>\n",
        study->variants[0].letter, study->tests,
        study->unpaired ? "; no seed in common, so not paired (Welch)" : "");
    for (size_t v = 1; v < study->variant_count; v++)
        for (size_t m = 0; m < measure_count(); m++)
            if (!isnan(study_cell(study, v, m)->p_holm))
                put_difference(study, v, m, out);
    text_add(out, "</table></div></details>\n");
}

/* The same words as on the terminal. */
static void put_reasons(const struct study *study, struct text *out) {
    struct text lines = {0};
    reason_print(study, &lines);
    if (lines.bytes != NULL)
        page_put(out, "<h2>Why</h2>\n<pre>", lines.bytes, "</pre>\n");
    text_deinit(&lines);
}

static void put_bounds(const struct study *study, const struct bound *bounds, size_t bound_count,
                       struct text *out) {
    struct text lines = {0};
    if (bound_count == 0)
        return;
    bounds_print(bounds, bound_count, study, &lines);
    if (lines.bytes != NULL)
        page_put(out, "<h2>Bounds</h2>\n<pre>", lines.bytes, "</pre>\n");
    text_deinit(&lines);
}

void table_page(const struct study *study, const struct bound *bounds, size_t bound_count,
                const struct figure_note *notes, size_t note_count, const char *dir,
                struct text *out) {
    struct text title = {0};
    text_format(&title, "%s: %zu variants", study->name, study->variant_count);
    page_begin(title.bytes, out);
    text_deinit(&title);
    put_verdict(study, bounds, bound_count, out);
    put_bounds(study, bounds, bound_count, out);
    put_variants(study, out);
    put_values(study, out);
    put_reasons(study, out);
    text_add(out, "<h2>Figures</h2>\n");
    for (size_t f = 0; f < note_count; f++)
        page_figure(dir, notes[f].name, notes[f].caption, out);
    if (study->variant_count > 1)
        put_differences(study, out);
    page_files(dir, out);
    text_add(out, "</body>\n</html>\n");
}
