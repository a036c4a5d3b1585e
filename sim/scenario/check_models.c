/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario and the models must agree on before a run begins. */
#include <string.h>

#include "base/error.h"
#include "models/latency.h"
#include "models/places.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/resolve.h"

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

void check_models(struct resolver *resolver, const struct tree_node *root) {
    const struct inspection inspection = {resolver, resolver->scenario, root};
    check_local_delay(&inspection);
}
