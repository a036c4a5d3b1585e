/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <unistd.h>

#include "sim/cli/run.h"
#include "sim/run/interrupt.h"
#include "sim/run/terminal.h"
#include "sim/sweep/sweep.h"

static void tell(const char *file, const struct stage_ops *stage, const struct trial *trial) {
    const struct outcome *outcome = &trial->outcome;
    printf("%s on %s: %s\n", file, stage->name,
           trial->verdict.kind == FAILURE_NONE ? "as expected" : trial->verdict.cause);
    if (trial->verdict.kind != FAILURE_NONE)
        printf("  %s\n", trial->verdict.words);
    if (trial->verdict.kind == FAILURE_ABORT)
        return;
    printf("  %" PRIu64 " batches at heal, %" PRIu64 " of %" PRIu64 " transactions in the end",
           outcome->decided, outcome->ordered, outcome->submitted);
    if (outcome->recovered != TIME_NEVER)
        printf(", all after %.3f s and %" PRIu64 " messages",
               (double)outcome->recovered / (double)NS_PER_S, outcome->sent_after);
    if (outcome->idle > 0)
        printf("; %" PRIu64 " messages in %.0f s of rest", outcome->sent_idle,
               (double)outcome->idle / (double)NS_PER_S);
    printf("\n  trace %016" PRIx64 "\n", outcome->trace_hash);
}

int sweep_replay(const char *file, const struct stage_ops *stage) {
    struct diagnostics diagnostics;
    struct plan plan;
    struct trial trial;
    if (plan_read(&plan, file, &diagnostics) != 0) {
        diagnostics_print(&diagnostics, stderr, terminal_colours(STDERR_FILENO));
        return EXIT_USAGE;
    }
    interrupt_catch(true);
    const bool played = trial_run(&plan, stage, &trial);
    if (played)
        tell(file, stage, &trial);
    plan_deinit(&plan);
    if (!played)
        return interrupt_exit_code();
    return trial.verdict.kind == FAILURE_NONE ? EXIT_DONE : EXIT_MISSED;
}
