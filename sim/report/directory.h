/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result directory: results/<scenario>/<UTC stamp>-<8 hex of the config digest>/. It is filled
 * as <run>.tmp and renamed when complete; an existing one is never touched, but a <run>.tmp that a
 * crash left behind is replaced. */
#ifndef TIERCHAIN_SIM_REPORT_DIRECTORY_H
#define TIERCHAIN_SIM_REPORT_DIRECTORY_H

#include "sim/report/manifest.h"

#define REPORT_ERROR 4 /* the program's exit status when results cannot be written */

struct report {
    const struct run_result *runs; /* the repetitions, in order */
    size_t run_count;
    const char *scenario_text;          /* resolved; may be NULL */
    const struct manifest_facts *facts; /* may be NULL */
};

/* Writes every file of @report into the new directory @dir (its parent exists), and points the
 * parent's "latest" at it. 0, or REPORT_ERROR: nothing was written, or only "latest" could not be.
 * Without a working gnuplot the figures are missing, everything else is there, and 0 returned. */
int report_write(const struct report *report, const char *dir);

#endif
