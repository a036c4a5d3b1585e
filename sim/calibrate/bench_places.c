/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/rng.h"
#include "models/place.h"
#include "sim/calibrate/rows.h"

enum { CANDIDATES = 100, KEPT = 20, POINTS = 1024 };

struct places {
    struct place_model model;
    struct point points[POINTS];
    struct place_candidate candidates[CANDIDATES];
    struct place_rank best[KEPT];
    uint64_t calls;
    uint32_t area;
};

static bool run_find(void *state) {
    struct places *bench = state;
    bench->area = place_find(&bench->model.map, bench->points[bench->calls++ % POINTS]);
    return true;
}

static bool run_rank(void *state) {
    struct places *bench = state;
    const struct place_query query = {.area = 0, .at = bench->candidates[0].at};
    return place_rank(&query, bench->candidates, CANDIDATES, bench->best, KEPT) == KEPT;
}

static int32_t between(struct rng *rng, int32_t low, int32_t high) {
    return low + (int32_t)rng_below(rng, (uint64_t)(high - low) + 1);
}

/* Each point lies in the box around some municipality, and mostly in that or a neighbour. */
static int prepare(void *state, const struct bench_row *row) {
    struct places *bench = state;
    struct rng rng;
    int error = place_model_init(&bench->model);
    if (error != OK)
        return error;
    rng_init(&rng, 1, 0, "bench");
    for (size_t i = 0; i < POINTS; i++) {
        uint64_t area = rng_below(&rng, bench->model.area_count);
        struct box box = polygon_box(&bench->model.areas[area].shape);
        bench->points[i].lon = between(&rng, box.west, box.east);
        bench->points[i].lat = between(&rng, box.south, box.north);
    }
    for (uint32_t i = 0; i < CANDIDATES; i++)
        bench->candidates[i] =
            (struct place_candidate){i, i % 4, {(int32_t)(i * 7919 % 1000), (int32_t)(i * 31)}};
    return OK;
}

static void release(void *state) {
    struct places *bench = state;
    place_model_deinit(&bench->model);
}

static const struct bench_row rows[] = {
    {.name = "place find",
     .note = "R-tree over the 196 shipped municipalities; mean; src",
     .units = 1,
     .mean = true,
     .run = run_find},
    {.kind = "place_rank",
     .name = "place rank",
     .note = "20 best of 100; per candidate; src",
     .units = CANDIDATES,
     .run = run_rank},
};

const struct bench_family bench_places = {.name = "places",
                                          .rows = rows,
                                          .row_count = ARRAY_LEN(rows),
                                          .state_bytes = sizeof(struct places),
                                          .prepare = prepare,
                                          .release = release};
