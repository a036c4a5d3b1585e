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

/* A file that was read. */
struct manifest_file {
    const char *path, *sha256; /* hexadecimal */
};

/* A repetition without a result. */
struct manifest_failure {
    uint32_t repetition;
    uint64_t seed;
    const char *reason; /* "killed by SIGKILL" */
};

/* What only the program's outermost layer knows. Any pointer may be NULL: unknown. */
struct manifest_facts {
    const char *status;     /* wins over what the runs say: "running", "aborted" */
    const char *version;    /* of Tierchain */
    const char *git_commit; /* with a mark when the tree was changed */
    const char *compiler;
    const char *simgrid_version;
    const char *simgrid_configuration; /* every pinned setting */
    const struct library_fact *libraries;
    size_t library_count;
    int argument_count;
    const char *const *arguments;
    const char *directory;       /* where the program was called */
    const char *reproduce;       /* a line for a shell */
    const char *started, *ended; /* UTC, RFC 3339 */
    double wall_s;               /* from start to end; 0: unknown */
    const char *host, *cpu, *kernel;
    const struct manifest_file *files;
    size_t file_count;
    const struct manifest_failure *failures;
    size_t failure_count;
};

/* "complete" only when there are runs and every one is complete. */
const char *manifest_status(const struct run_result *runs, size_t count);

#define MANIFEST_SHA256_BYTES 65

void manifest_sha256(const void *bytes, size_t size, char hex[MANIFEST_SHA256_BYTES]);

/* Appends the manifest. @scenario_text (resolved) and @facts may be NULL. */
void manifest_json(const struct manifest_facts *facts, const char *scenario_text,
                   const struct run_result *runs, size_t count, struct text *out);

#endif
