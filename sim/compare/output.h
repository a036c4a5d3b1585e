/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A study's result directory: compare.txt, compare.csv, runs.csv, compare.json, compare.sqlite, junit.xml, the variants'
 * scenarios, figures, report.html, manifest.json. Made and announced as the directory of a run is (sim/report/directory.h). */
#ifndef TIERCHAIN_SIM_COMPARE_OUTPUT_H
#define TIERCHAIN_SIM_COMPARE_OUTPUT_H

#include "sim/compare/bound.h"
#include "sim/report/directory.h"

struct output {
    const struct study *study; /* evaluated; of an announcement only the variants matter */
    const struct vary *vary;   /* the axes, for figures against them; NULL: two results from disk */
    const struct bound *bounds;
    size_t bound_count;
    const struct manifest_facts *facts;
};

/* The manifest, and every variant's resolved scenario; before the runs, or in the place of their results. 0 or
 * REPORT_ERROR after a message. */
int output_announce(const struct output *output, const char *dir);

/* Writes everything; what cannot be written is named, the rest is written all the same. 0 or REPORT_ERROR. */
int output_write(const struct output *output, const char *dir);

#endif
