/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/variants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "models/places.h"
#include "sim/cli/run.h"
#include "sim/run/faults.h"
#include "sim/run/terminal.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/suggest.h"

void option_fault(const char *option, const char *value, size_t at, const char *message) {
    struct diagnostics diagnostics = {0};
    const struct source source = {
        .name = option, .text = value, .size = strlen(value), .first_line = 1};
    uint32_t column = 1;
    for (size_t i = 0; i < at && i < source.size; i++)
        column += ((unsigned char)value[i] & 0xc0) != 0x80;
    diagnostics_add(&diagnostics, &source, 1, column, "%s", message);
    diagnostics_print(&diagnostics, stderr, terminal_colours(STDERR_FILENO));
}

static int seeds_fault(const char *text, size_t at, const char *message) {
    option_fault("--seeds", text, at, message);
    return EXIT_USAGE;
}

/* "1..20", or "7" alone. */
static int read_seeds(struct variants *variants, const char *text) {
    char first[40], message[160];
    const char *dots = strstr(text, "..");
    size_t length = dots != NULL ? (size_t)(dots - text) : strlen(text);
    int64_t from, to;
    if (length >= sizeof first)
        return seeds_fault(text, 0, "expected A..B, such as 1..10");
    snprintf(first, sizeof first, "%.*s", (int)length, text);
    if (quantity_parse(first, UNIT_COUNT, &from, message, sizeof message) != OK)
        return seeds_fault(text, 0, message);
    if (dots != NULL && quantity_parse(dots + 2, UNIT_COUNT, &to, message, sizeof message) != OK)
        return seeds_fault(text, length + 2, message);
    to = dots != NULL ? to : from;
    if (to < from)
        return seeds_fault(text, length + 2, "the last seed is below the first");
    if (to - from >= SEEDS_MAX)
        return seeds_fault(text, length + 2, "more than 1000 seeds");
    variants->seed_count = (size_t)(to - from) + 1;
    variants->seeds = memory_new(variants->seed_count, sizeof *variants->seeds);
    for (size_t s = 0; s < variants->seed_count; s++)
        variants->seeds[s] = (uint64_t)from + s;
    return EXIT_DONE;
}

int read_metric(const char *name, const struct metric **metric) {
    char message[200];
    struct suggestion near;
    *metric = name != NULL ? metric_find(name) : NULL;
    if (name == NULL || (*metric != NULL && (*metric)->kind == METRIC_DURATION))
        return EXIT_DONE;
    suggestion_init(&near, name);
    for (size_t m = 0; m < metric_count; m++)
        if (metrics[m].kind == METRIC_DURATION)
            suggestion_offer(&near, metrics[m].name);
    if (*metric != NULL)
        snprintf(message, sizeof message, "'%.48s' is no duration", name);
    else
        snprintf(message, sizeof message, "unknown metric '%.48s'%s%s%s", name,
                 near.found ? "; did you mean '" : "", near.found ? near.best : "",
                 near.found ? "'?" : "; `tierchain list metrics` shows all");
    option_fault("--metric", name, 0, message);
    return EXIT_USAGE;
}

static int read_vary(struct variants *variants, const struct command *command) {
    char message[240];
    size_t bad, at;
    if (vary_parse(&variants->vary, command->varies, command->vary_count, message, sizeof message,
                   &bad, &at) == OK)
        return EXIT_DONE;
    option_fault("--vary", command->varies[bad], at, message);
    return EXIT_USAGE;
}

/* What only a run's world shows, for every seed. */
static bool check_worlds(const struct variants *variants, const struct scenario *scenario) {
    int error = OK;
    for (size_t s = 0; s < variants->seed_count && error == OK; s++)
        error = faults_check(scenario, variants->seeds[s]);
    return error == OK;
}

static int load_one(struct variants *variants, const struct command *command, size_t at) {
    struct diagnostics diagnostics;
    size_t count = command->set_count;
    const char **sets = memory_new(count + vary_set_count(&variants->vary), sizeof *sets);
    if (count > 0)
        memcpy(sets, command->sets, count * sizeof *sets);
    count += vary_sets(&variants->vary, at, sets + count);
    const struct scenario_options options = {
        .sets = sets, .set_count = count, .place_at = places_name_at};
    int error =
        scenario_load(&variants->scenarios[at], command->operands[0], &options, &diagnostics);
    free(sets);
    if (error == OK)
        return check_worlds(variants, &variants->scenarios[at]) ? EXIT_DONE : EXIT_USAGE;
    diagnostics_print(&diagnostics, stderr, terminal_colours(STDERR_FILENO));
    char *label = vary_label(&variants->vary, at);
    if (label[0] != '\0')
        fprintf(stderr, "tierchain: so the variant %s cannot be\n", label);
    free(label);
    return EXIT_USAGE;
}

int variants_load(struct variants *variants, const struct command *command) {
    *variants = (struct variants){0};
    int code = read_vary(variants, command);
    if (code == EXIT_DONE)
        code = read_seeds(variants, command->seeds != NULL ? command->seeds : SEEDS_DEFAULT);
    if (code == EXIT_DONE)
        code = read_metric(command->metric, &variants->metric);
    if (code == EXIT_DONE && strcmp(command->operands[0], "-") == 0) {
        fputs("tierchain: every variant reads the scenario anew, so it must be a file\n", stderr);
        code = EXIT_USAGE;
    }
    if (code != EXIT_DONE)
        return code;
    variants->scenarios = memory_new(variants->vary.variant_count, sizeof *variants->scenarios);
    for (; variants->count < variants->vary.variant_count && code == EXIT_DONE; variants->count++)
        code = load_one(variants, command, variants->count);
    return code;
}

void variants_deinit(struct variants *variants) {
    for (size_t v = 0; v < variants->count; v++)
        scenario_deinit(&variants->scenarios[v]);
    free(variants->scenarios);
    free(variants->seeds);
    vary_deinit(&variants->vary);
}

static char *resolve(const struct scenario *scenario) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        abort();
    scenario_write_resolved(scenario, stream, false);
    fclose(stream);
    return text;
}

void variants_study(const struct variants *variants, struct study *study) {
    *study = (struct study){
        .name = variants->scenarios[0].name,
        .variants = memory_new(variants->count, sizeof *study->variants),
        .variant_count = variants->count,
    };
    for (size_t v = 0; v < variants->count; v++) {
        vary_letter(v, study->variants[v].letter);
        study->variants[v].label = vary_label(&variants->vary, v);
        study->variants[v].scenario_text = resolve(&variants->scenarios[v]);
    }
}
