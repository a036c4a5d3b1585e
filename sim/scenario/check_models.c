/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario and the models must agree on before a run begins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "models/cpu.h"
#include "models/latency.h"
#include "models/loss.h"
#include "models/places.h"
#include "models/workload.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/resolve.h"
#include "sim/scenario/user_file.h"

struct inspection {
    struct resolver *resolver;
    const struct scenario *scenario;
    const struct tree_node *root;
};

#define inspection_fail(inspection, paths, ...)                                                    \
    resolver_fail((inspection)->resolver, check_mark((inspection)->root, paths), __VA_ARGS__)

static const char *duration(const struct inspection *inspection, int64_t value) {
    char *text = arena_alloc(inspection->resolver->arena, QUANTITY_BYTES);
    quantity_format(value, UNIT_DURATION, text);
    return text;
}

static bool given(const struct scenario *scenario, const char *path) {
    return scenario->origins[key_find(path)].name != NULL;
}

/* The places where nodes stand, as the models see them. */
static size_t gather_sites(const struct scenario *scenario, const struct place_info **places) {
    size_t count = 0;
    for (size_t i = 0; i < scenario->place_count; i++)
        places[count++] = places_find(scenario->places[i].id);
    for (size_t i = 0; i < scenario->continent_places.count; i++)
        places[count++] = places_find(scenario->continent_places.names[i]);
    return count;
}

static time_ns delay_between(const struct latency_model *model, const struct place_info *a,
                             const struct place_info *b) {
    const struct site from = {.lat = a->lat, .lon = a->lon, .aws_region = a->aws_region};
    const struct site to = {.lat = b->lat, .lon = b->lon, .aws_region = b->aws_region};
    return latency_base(model, &from, &to);
}

/* A route between places starts and ends with half of their inner delays (driver/platform.h), so it
 * cannot be shorter than these. The default is below every pair that a model knows. */
static void check_local_delay(const struct inspection *inspection) {
    const struct scenario *s = inspection->scenario;
    const struct latency_parameters parameters = {s->network.local_delay, s->network.delay};
    struct latency_model model;
    bool uniform = strcmp(s->network.latency, "uniform") == 0;
    if (!uniform && !given(s, "network.local_delay"))
        return;
    size_t limit = s->place_count + s->continent_places.count;
    const struct place_info **places =
        arena_alloc(inspection->resolver->arena, limit * sizeof *places);
    size_t count = gather_sites(s, places);
    if (latency_init(&model, s->network.latency, &parameters) != OK)
        return;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            if (places[i] == NULL || places[k] == NULL || places[i] == places[k])
                continue;
            time_ns delay = delay_between(&model, places[i], places[k]);
            if (delay >= s->network.local_delay)
                continue;
            inspection_fail(
                inspection, "network.local_delay network.delay network.latency",
                "a message inside a place would take longer (%s) than from %s to %s (%s)",
                duration(inspection, s->network.local_delay), places[i]->id, places[k]->id,
                duration(inspection, delay));
            i = k = count; /* one is enough */
        }
    latency_deinit(&model);
}

static void check_loss(const struct inspection *inspection) {
    const struct scenario *s = inspection->scenario;
    struct loss_model model;
    if (s->network.loss_model == LOSS_BURSTS &&
        loss_init_bursts(&model, (double)s->network.loss / (double)MILLION,
                         (double)s->network.burst) != OK)
        inspection_fail(inspection, "network.loss network.burst",
                        "bursts of %lld messages cannot make up so large a share; %lld of %lld are "
                        "the most",
                        (long long)s->network.burst, (long long)s->network.burst,
                        (long long)s->network.burst + 1);
}

/* An error within a table of the user's: where and what its reader says. */
static void fail_in_file(const struct inspection *inspection, const char *path, const char *text,
                         size_t size, size_t line, size_t column, const char *problem) {
    const struct source source = {path, text, size, 1};
    diagnostics_add(inspection->resolver->diagnostics, &source, (uint32_t)line, (uint32_t)column,
                    "%s", problem);
}

static char *read_user_file(const struct inspection *inspection, const char *key, const char *path,
                            size_t *size) {
    char *text = user_file_read(path, size);
    if (text == NULL && errno == EFBIG)
        inspection_fail(inspection, key, "%s: the file is larger than %u MiB", key,
                        USER_FILE_MAX >> 20);
    else if (text == NULL)
        inspection_fail(inspection, key, "%s: the file cannot be read: %s", key, strerror(errno));
    return text;
}

static void check_cpu_table(const struct inspection *inspection) {
    const struct scenario *s = inspection->scenario;
    struct cpu_model model;
    struct cpu_error where;
    size_t size;
    if (s->cpu.table[0] != '/')
        return;
    char *text = read_user_file(inspection, "cpu.table", s->cpu.table, &size);
    if (text != NULL && cpu_init(&model, text, size, s->crypto.suite, &where) != OK)
        fail_in_file(inspection, s->cpu.table, text, size, where.line, where.column, where.text);
    free(text);
}

static void check_trace(const struct inspection *inspection) {
    const struct scenario *s = inspection->scenario;
    struct workload workload;
    struct workload_settings settings = {.rate = s->workload.rate, .size = 1};
    if (s->workload.model != WORKLOAD_TRACE || s->workload.trace == NULL)
        return;
    char *text =
        read_user_file(inspection, "workload.trace", s->workload.trace, &settings.trace_size);
    settings.trace = text;
    if (text != NULL && workload_init(&workload, "trace", &settings, 1) != OK) {
        const struct csv *csv = &workload.trace.csv;
        fail_in_file(inspection, s->workload.trace, text, settings.trace_size, csv->line,
                     csv->column, csv->problem);
    }
    free(text);
}

void check_models(struct resolver *resolver, const struct tree_node *root) {
    const struct inspection inspection = {resolver, resolver->scenario, root};
    check_local_delay(&inspection);
    check_loss(&inspection);
    check_cpu_table(&inspection);
    check_trace(&inspection);
}
