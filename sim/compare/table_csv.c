/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The study's tidy CSV (sim/report/csv.h). */
#include <inttypes.h>
#include <math.h>

#include "sim/compare/table.h"
#include "sim/report/csv.h"

static void put_double(struct text *out, double value) {
    text_add(out, ",");
    if (isfinite(value))
        text_format(out, "%.17g", value);
}

void table_csv(const struct study *study, struct text *out) {
    text_add(out, "variant,label,measure,unit,n,open,mean,half_width,difference,difference_low,"
                  "difference_high,relative,pairs,test,p,p_holm,significant\n");
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t m = 0; m < measure_count(); m++) {
            const struct cell *cell = study_cell(study, v, m);
            const struct paired *paired = &cell->from_first;
            if (cell->n == 0)
                continue;
            text_format(out, "%s,", study->variants[v].letter);
            csv_field(out, study->variants[v].label);
            text_format(out, ",%s,%s,%zu,%zu", measure_at(m)->name, measure_at(m)->unit, cell->n,
                        cell->open);
            put_double(out, cell->open > 0 ? NAN : cell->own.mean);
            put_double(out, cell->open > 0 ? NAN : cell->own.half_width);
            put_double(out, paired->mean);
            put_double(out, paired->low);
            put_double(out, paired->high);
            put_double(out, cell_relative(cell));
            text_format(out, ",%zu,", paired->n);
            csv_field(out, paired_test_name(paired->test));
            put_double(out, paired->p);
            put_double(out, cell->p_holm);
            text_format(out, ",%d\n", cell_significant(cell));
        }
}

void table_csv_runs(const struct study *study, struct text *out) {
    text_add(out, "variant,seed,trace_hash,measure,value,unit\n");
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t r = 0; r < study->variants[v].run_count; r++) {
            const struct observation *run = &study->variants[v].runs[r];
            for (size_t m = 0; run->there && m < measure_count(); m++) {
                if (isnan(run->values[m]))
                    continue;
                text_format(out, "%s,%" PRIu64 ",%016" PRIx64 ",%s", study->variants[v].letter,
                            run->seed, run->trace_hash, measure_at(m)->name);
                put_double(out, run->values[m]);
                text_format(out, ",%s\n", measure_at(m)->unit);
            }
        }
}
