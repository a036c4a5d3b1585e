/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A study as people and programs read it: the terminal's table, CSV, JSON, the page. */
#ifndef TIERCHAIN_SIM_COMPARE_TABLE_H
#define TIERCHAIN_SIM_COMPARE_TABLE_H

#include "sim/compare/bound.h"
#include "sim/compare/figure.h"
#include "sim/compare/study.h"
#include "sim/report/text.h"

/* The variants, their headline measures, and the differences from the first. */
void table_print(const struct study *study, bool colour, struct text *out);

/* compare.csv: a row for each variant and measure, values in the measure's unit; an empty field: nothing, or
 * open. runs.csv: a row for each run and measure. */
void table_csv(const struct study *study, struct text *out);
void table_csv_runs(const struct study *study, struct text *out);

/* compare.json. */
void table_json(const struct study *study, const struct bound *bounds, size_t bound_count,
                struct text *out);

/* The page; its figures are taken from, and links made to, what @dir holds now. */
void table_page(const struct study *study, const struct bound *bounds, size_t bound_count,
                const struct figure_note *notes, size_t note_count, const char *dir,
                struct text *out);

/* "20.906 ± 0.012 ms", "24", "> T in 3 of 10": what one measure of one variant is. */
void table_value(const struct measure *measure, const struct cell *cell, char *out, size_t size);

#endif
