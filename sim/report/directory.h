/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result directory: results/<scenario>/<UTC stamp>-<8 hex of the config digest>/. It is made
 * before anything is simulated, with a manifest that says "running"; that is all that is left when
 * the program is killed. Every file is written whole or not at all, and the manifest says
 * "complete" only when all are there. */
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

/* Makes the directory <parent>/<stem>, or <stem>-2, -3, … when others have it: that mkdir succeeds
 * is what decides, so that runs of the same second each have their own. Makes @parent too. The path
 * goes to @dir. 0, or REPORT_ERROR after a message on stderr. */
int report_begin(const char *parent, const char *stem, char *dir, size_t size);

/* Writes manifest and resolved scenario, before the runs or in the place of their results. Status:
 * facts->status. 0 or REPORT_ERROR after a message. */
int report_announce(const struct report *report, const char *dir);

/* Whether about @bytes of results fit below @dir, the largest file having @largest: free space and
 * the process's limits are asked. 0, or REPORT_ERROR after a message. */
int report_room(const char *dir, uint64_t bytes, uint64_t largest);

/* Writes every file of @report into @dir, which is made if it is missing, and points the parent's
 * "latest" at it. A directory that has results already is never touched. What cannot be written is
 * named on stderr and the rest is written all the same; "latest" then stays, the manifest's status
 * is "incomplete", and REPORT_ERROR is returned. Without a working gnuplot the figures are missing,
 * everything else is there, and 0 returned. */
int report_write(const struct report *report, const char *dir);

/* One file of a result directory, whole or not at all; 0, or an error after a message. */
int report_put(const char *dir, const char *name, const struct text *content);

/* Points "latest" beside @dir at it; false after a message. */
bool report_point_latest(const char *dir);

#endif
