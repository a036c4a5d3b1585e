/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cost of every primitive here; those with a kind of work are what `make calibrate` writes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sim/calibrate/measure.h"
#include "tests/bench/parts.h"

static const struct calibration quick = {.samples = 9, .sample_ns = 5 * NS_PER_MS};

static void print_row(const struct bench_row *row, double unit_ns) {
    char speed[32] = "-";
    if (row->bytes > 0)
        snprintf(speed, sizeof speed, "%.1f", (double)row->bytes / unit_ns * 1e3);
    printf("%14.1f %10s  %-32s %-22s %s\n", unit_ns, speed, row->name,
           row->kind != NULL ? row->kind : "-", row->note);
    fflush(stdout);
}

void bench_primitives(void) {
    const struct bench_family *family;
    printf("\nEvery primitive of src on this machine: CPU time of one thread, the median of %u "
           "samples\nof at least %.0f ms (or the mean where it is said), and the kind of work that "
           "it stands for.\n\n"
           "       ns/unit       MB/s  primitive                        kind of work           a "
           "unit\n",
           quick.samples, (double)quick.sample_ns / (double)NS_PER_MS);
    for (size_t f = 0; (family = bench_family_at(f)) != NULL; f++) {
        printf("%s\n", family->name);
        for (size_t i = 0; i < family->row_count; i++) {
            double unit_ns;
            int error = measure_row(&quick, family, &family->rows[i], &unit_ns);
            if (error != OK) {
                fprintf(stderr, "bench: %s: %s\n", family->rows[i].name, error_text(error));
                exit(EXIT_FAILURE);
            }
            print_row(&family->rows[i], unit_ns);
        }
    }
}
