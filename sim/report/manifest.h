/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * manifest.json: what is needed to run the same again and to judge the result: program, libraries,
 * inputs, arguments, trace hashes. The only result file that holds wall-clock data; all others are
 * equal to the byte when a run is repeated. */
#ifndef TIERCHAIN_SIM_REPORT_MANIFEST_H
#define TIERCHAIN_SIM_REPORT_MANIFEST_H

#include "sim/report/run_result.h"
#include "sim/report/text.h"

struct library_fact {
    const char *name, *version;
};

/* What only the program's outermost layer knows. Any pointer may be NULL: unknown. */
struct manifest_facts {
    const char *version;    /* of Tierchain */
    const char *git_commit; /* with a mark when the tree was changed */
    const char *compiler;
    const char *simgrid_version;
    const char *simgrid_configuration; /* every pinned setting */
    const struct library_fact *libraries;
    size_t library_count;
    int argument_count;
    const char *const *arguments;
    const char *started, *ended; /* UTC, RFC 3339 */
};

/* "complete" only when there are runs and every one is complete. */
const char *manifest_status(const struct run_result *runs, size_t count);

/* Appends the manifest. @scenario_text (resolved) and @facts may be NULL. */
void manifest_json(const struct manifest_facts *facts, const char *scenario_text,
                   const struct run_result *runs, size_t count, struct text *out);

#endif
