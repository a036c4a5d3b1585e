/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare_stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/cli/run.h"
#include "sim/cli/variants.h"
#include "sim/compare/differs.h"
#include "sim/compare/stored.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/suggest.h"

/* A word that names no key would allow nothing, and nobody would notice. */
static int check_name(const char *name) {
    size_t length = strlen(name);
    struct suggestion near;
    char message[200];
    suggestion_init(&near, name);
    for (const struct key_row *row = scenario_keys; row->path != NULL; row++) {
        size_t known = strlen(row->path);
        size_t shared = size_min(known, length);
        if (strncmp(row->path, name, shared) == 0 &&
            (row->path[shared] == '\0' || row->path[shared] == '.') &&
            (name[shared] == '\0' || name[shared] == '.'))
            return EXIT_DONE;
        suggestion_offer(&near, row->path);
    }
    snprintf(message, sizeof message, "unknown key '%.48s'%s%s%s", name,
             near.found ? "; did you mean '" : "", near.found ? near.best : "",
             near.found ? "'?" : "; see `tierchain list keys`");
    option_fault("--differs", name, 0, message);
    return EXIT_USAGE;
}

static bool is_named(const struct command *command, const struct difference *difference) {
    for (size_t i = 0; i < command->differ_count; i++)
        if (difference_is_named(difference, command->differs[i]))
            return true;
    return false;
}

/* "  city.consensus: pbft (a/scenario.resolved.yaml:21), hotstuff (b/scenario.resolved.yaml:21)" */
static void tell(const struct command *command, const struct difference *difference) {
    fprintf(stderr, "  %s:", difference->key);
    for (size_t i = 0; i < 2; i++)
        if (difference->values[i] != NULL)
            fprintf(stderr, "%s %s (%s/scenario.resolved.yaml:%u)", i > 0 ? "," : "",
                    difference->values[i], command->operands[i], difference->lines[i]);
        else
            fprintf(stderr, "%s nothing in %s", i > 0 ? "," : "", command->operands[i]);
    fputc('\n', stderr);
}

static int check_scenarios(const struct command *command, const struct study *study) {
    struct differences differences;
    size_t unnamed = 0;
    if (differences_find(study->variants[0].scenario_text, study->variants[1].scenario_text,
                         &differences) != OK) {
        fputs("tierchain: compare: a resolved scenario cannot be read\n", stderr);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < differences.count; i++) {
        if (is_named(command, &differences.list[i]))
            continue;
        if (unnamed++ == 0)
            fputs("tierchain: compare: the scenarios differ in keys that no --differs names:\n",
                  stderr);
        tell(command, &differences.list[i]);
    }
    differences_deinit(&differences);
    return unnamed > 0 ? EXIT_USAGE : EXIT_DONE;
}

static int read_both(const struct command *command, const struct metric *metric,
                     struct study *study) {
    char message[200];
    for (; study->variant_count < 2; study->variant_count++) {
        size_t v = study->variant_count;
        char *name;
        if (stored_read(command->operands[v], metric, &study->variants[v], &name, message,
                        sizeof message) != OK) {
            fprintf(stderr, "tierchain: compare: %s: %s\n", command->operands[v], message);
            return EXIT_USAGE;
        }
        vary_letter(v, study->variants[v].letter);
        if (v == 0)
            study->name = name;
        else
            free(name);
    }
    return EXIT_DONE;
}

int compare_read(const struct command *command, const struct metric *metric, struct study *study) {
    size_t alone[2];
    *study = (struct study){.variants = memory_new(2, sizeof *study->variants)};
    for (size_t i = 0; i < command->differ_count; i++)
        if (check_name(command->differs[i]) != EXIT_DONE)
            return EXIT_USAGE;
    int code = read_both(command, metric, study);
    if (code == EXIT_DONE)
        code = check_scenarios(command, study);
    if (code != EXIT_DONE)
        return code;
    study->unpaired = !stored_pair(study->variants, alone);
    for (size_t v = 0; v < 2 && !study->unpaired; v++)
        if (alone[v] > 0)
            fprintf(stderr,
                    "tierchain: compare: %zu runs of %s have no partner of the same seed, and are "
                    "left out\n",
                    alone[v], command->operands[v]);
    return EXIT_DONE;
}
