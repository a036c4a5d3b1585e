/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include "sim/cli/run.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"
#include "sim/sweep/sweep.h"

#define DIRECTORY "results/sweep"
#define SEEDS     "1..10"

const char sweep_more[] =
    "For each variant, kind of certificates, size and seed a plan is drawn: faults, then a "
    "perfect\n"
    "network on which at most f members stay silent or hostile. All must be decided within a "
    "bound, then\n"
    "it must be quiet, then wake up, within a budget of messages; checkers outside watch all of "
    "it. Each\n"
    "plan is played in a process of its own. Failures are counted by cause; the first of each "
    "cause is\n"
    "made as small as it gets and kept in results/sweep, or where -o says, for --replay. The table "
    "tells\n"
    "what the plans contained.\n\n"
    "Exit status: 0 nothing found, or the file's expectations are met; 1 found or not met; 2 usage "
    "or a\n"
    "plan that is not right; 4 a file could not be written; 129, 130, 143 ended by a signal.\n";

static bool usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* False, so that a parser can end with it. */
static bool usage(const char *format, ...) {
    va_list arguments;
    char message[400];
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_clean(message);
    fprintf(stderr, "tierchain: %s\n", message);
    return false;
}

static bool read_number(const char *option, const char *text, struct sweep_range within,
                        int64_t *number) {
    char message[160];
    if (quantity_parse(text, UNIT_COUNT, number, message, sizeof message) < 0)
        return usage("--%s: %s", option, message);
    if (*number < within.first || *number > within.last)
        return usage("--%s: it goes from %" PRId64 " to %" PRId64, option, within.first,
                     within.last);
    return true;
}

/* "4" or "4..10" */
static bool read_range(const char *option, const char *text, struct sweep_range within,
                       struct sweep_range *range) {
    char first[64];
    const char *dots = strstr(text, "..");
    snprintf(first, sizeof first, "%.*s", dots == NULL ? 60 : (int)(dots - text), text);
    if (!read_number(option, first, within, &range->first) ||
        !read_number(option, dots == NULL ? text : dots + 2, within, &range->last))
        return false;
    return range->first <= range->last || usage("--%s: %s ends before it begins", option, text);
}

/* A name of a list that ends with NULL; NULL stands for all. */
static bool is_known(const char *option, const char *name, const char *(*name_at)(size_t index)) {
    struct suggestion near;
    if (name == NULL)
        return true;
    suggestion_init(&near, name);
    for (size_t i = 0; name_at(i) != NULL; i++) {
        suggestion_offer(&near, name_at(i));
        if (strcmp(name_at(i), name) == 0)
            return true;
    }
    return usage("--%s: unknown name '%.48s'%s%s%s", option, name,
                 near.found ? "; did you mean '" : "", near.found ? near.best : "",
                 near.found ? "'?" : "");
}

static const char *variant_at(size_t index) {
    return consensus_at(index) == NULL ? NULL : consensus_at(index)->name;
}

static const char *certificates_at(size_t index) {
    return certificate_scheme_at(index) == NULL ? NULL : certificate_scheme_at(index)->name;
}

static const struct stage_ops *const stages[] = {&stage_loop, &stage_simgrid};

static const char *stage_at(size_t index) {
    return index < ARRAY_LEN(stages) ? stages[index]->name : NULL;
}

static bool read_sweep(const struct command *command, struct sweep *sweep) {
    const struct sweep_range members = {SWEEP_LEAST, PLAN_MEMBERS}, seeds = {0, INT64_MAX - 1};
    *sweep = (struct sweep){
        .variant = command->variant,
        .certificates = command->certificates,
        .n = {SWEEP_LEAST, SWEEP_MOST},
        .faulty = PLAN_UNSET,
        .jobs = command->jobs,
        .directory = command->output != NULL ? command->output : DIRECTORY,
        .quiet = command->quiet,
        .dry_run = command->dry_run,
    };
    if (command->driver != NULL)
        return usage("--driver goes with --replay; a sweep runs on the loop");
    if (!is_known("variant", command->variant, variant_at) ||
        !is_known("certificates", command->certificates, certificates_at) ||
        !read_range("seeds", command->seeds != NULL ? command->seeds : SEEDS, seeds, &sweep->seeds))
        return false;
    if (command->members != NULL && !read_range("n", command->members, members, &sweep->n))
        return false;
    return command->faulty == NULL ||
           read_number("faulty", command->faulty, (struct sweep_range){0, sweep->n.first - 1},
                       &sweep->faulty);
}

static int replay(const struct command *command) {
    if (command->seeds != NULL || command->variant != NULL || command->certificates != NULL ||
        command->members != NULL || command->faulty != NULL || command->dry_run) {
        usage("--replay plays what the file says; only --driver goes with it");
        return EXIT_USAGE;
    }
    if (!is_known("driver", command->driver, stage_at))
        return EXIT_USAGE;
    for (size_t i = 0; i < ARRAY_LEN(stages); i++)
        if (command->driver != NULL && strcmp(stages[i]->name, command->driver) == 0)
            return sweep_replay(command->replay, stages[i]);
    return sweep_replay(command->replay, &stage_loop);
}

int sweep_verb(const struct command *command) {
    struct sweep sweep;
    if (command->operand_count > 0) {
        usage("sweep takes no argument; a file goes with --replay");
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return EXIT_ABORTED;
    if (command->replay != NULL)
        return replay(command);
    return read_sweep(command, &sweep) ? sweep_run(&sweep) : EXIT_USAGE;
}
