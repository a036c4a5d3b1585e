/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/state.h"

#include <stdio.h>
#include <string.h>

/* What the correct members that are up have in common. */
struct picture {
    uint32_t up, waiting, behind;
    uint64_t view_least, view_most;
};

static bool is_counted(const struct assembly *assembly, const uint32_t *down, node_id station) {
    return !assembly_faulty(assembly, station) && down[station] == 0 &&
           assembly_alive(assembly, station) && assembly_consensus(assembly, station) != NULL;
}

static void look_at(const struct assembly *assembly, node_id station, struct picture *picture) {
    struct consensus_view seen;
    assembly_observe(assembly, station, &seen);
    picture->up++;
    picture->waiting += assembly_waiting(assembly, station) > 0;
    picture->behind += assembly_height(assembly, station) < assembly_log_height(assembly);
    if (seen.view < picture->view_least)
        picture->view_least = seen.view;
    if (seen.view > picture->view_most)
        picture->view_most = seen.view;
}

static void write_member(const struct assembly *assembly, node_id station, char *text,
                         size_t size) {
    struct consensus_view seen;
    const size_t used = strlen(text);
    assembly_observe(assembly, station, &seen);
    snprintf(text + used, size - used, "%s%u: height %llu, view %llu, lock %llu, %llu wait",
             used > 0 ? "; " : "", station, (unsigned long long)assembly_height(assembly, station),
             (unsigned long long)seen.view, (unsigned long long)seen.locked_view,
             (unsigned long long)assembly_waiting(assembly, station));
}

/* Kinds of states, the first that fits. A known cause of trouble would get a row of its own. */
static bool nobody_waits(const struct picture *picture) {
    return picture->waiting == 0 && picture->behind == 0;
}

static bool nobody_waits_but_some_lag(const struct picture *picture) {
    return picture->waiting == 0;
}

static bool some_have_all(const struct picture *picture) {
    return picture->behind > 0 && picture->behind < picture->up && picture->waiting < picture->up;
}

static bool views_differ(const struct picture *picture) {
    return picture->view_least != picture->view_most;
}

static bool all_the_rest(const struct picture *picture) {
    return picture->up > 0;
}

static const struct {
    bool (*fits)(const struct picture *picture);
    const char *name;
} causes[] = {
    {nobody_waits, "nobody waits for anything"},
    {nobody_waits_but_some_lag, "some lag and do not know"},
    {some_have_all, "some have everything, others lag"},
    {views_differ, "views apart"},
    {all_the_rest, "in one view"},
};

void state_describe(const struct assembly *assembly, const uint32_t *down,
                    struct outcome *outcome) {
    struct picture picture = {.view_least = UINT64_MAX};
    outcome->state[0] = '\0';
    for (node_id station = 0; station < assembly_stations(assembly); station++) {
        if (!is_counted(assembly, down, station))
            continue;
        look_at(assembly, station, &picture);
        write_member(assembly, station, outcome->state, sizeof outcome->state);
    }
    snprintf(outcome->cause, sizeof outcome->cause, "nobody is up");
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].fits(&picture)) {
            snprintf(outcome->cause, sizeof outcome->cause, "%s", causes[i].name);
            return;
        }
}
