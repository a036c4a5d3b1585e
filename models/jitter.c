/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/jitter.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "models/data.h"
#include "models/random.h"

#define PARETO_SHAPE    1.4
#define PARETO_LOCATION (-0.3 * (double)NS_PER_MS)
#define PARETO_SCALE    (0.35 * (double)NS_PER_MS)
#define PARETO_LAST     0.99

static double measured_excess(const struct jitter_class *class, double u) {
    return quantiles_at(&class->excess, u);
}

static double heavy_excess(const struct jitter_class *class, double u) {
    double tail = pow(1 - fmin(u, PARETO_LAST), -PARETO_SHAPE) - 1;
    return fmax(0, PARETO_LOCATION + PARETO_SCALE * tail / PARETO_SHAPE);
}

static const struct jitter_ops laws[] = {
    {.name = "none", .description = "no jitter, no path diversity", .source = "-"},
    {.name = "measured",
     .description = "measured quantiles by class of path, and measured path diversity",
     .source = "ouroboros-leios, 52 AWS nodes, 2026-01",
     .measured = true,
     .excess = measured_excess},
    {.name = "heavy",
     .description = "generalised Pareto of home access lines, cut at 99 %",
     .source = "Wittgenstein, core.ac.uk 19439477",
     .measured = true,
     .excess = heavy_excess},
};

const struct jitter_ops *jitter_at(size_t index) {
    return index < ARRAY_LEN(laws) ? &laws[index] : NULL;
}

static void scale(struct quantiles *quantiles, double factor) {
    for (size_t i = 0; i < quantiles->count; i++)
        quantiles->value[i] *= factor;
}

/* Both tables have the same classes in the same order, the shortest round trips first. */
static int read_row(struct jitter_class *class, struct csv *excess, struct csv *spread) {
    int name = csv_column(excess, "class"), round_trip = csv_column(excess, "rtt");
    int mean = csv_column(excess, "mean");
    double excess_mean;
    int other_name = csv_column(spread, "class");
    char text[CSV_NAME_BYTES];
    if (name < 0 || round_trip < 0 || mean < 0 || other_name < 0)
        return ERR_MISMATCH;
    if (csv_copy(excess->fields[name], text, sizeof text) != 0 ||
        !csv_equals(spread->fields[other_name], text))
        return ERR_MISMATCH;
    if (csv_number(excess->fields[round_trip], &class->round_trip) != 0 ||
        csv_number(excess->fields[mean], &excess_mean) != 0)
        return ERR_INVALID;
    int error = quantiles_read(&class->excess, excess);
    if (error == 0)
        error = quantiles_fit(&class->excess, excess_mean);
    if (error == 0)
        error = quantiles_read(&class->spread, spread);
    class->round_trip *= (double)NS_PER_US;
    scale(&class->excess, (double)NS_PER_US);
    scale(&class->spread, 1e-5);
    return error;
}

static int read_tables(struct jitter_model *model) {
    const struct data_file *excess_file = data_find("net/jitter_excess.csv");
    const struct data_file *spread_file = data_find("net/path_spread.csv");
    struct csv excess, spread;
    if (excess_file == NULL || spread_file == NULL)
        return ERR_UNKNOWN;
    int error = csv_init(&excess, excess_file->text, excess_file->size);
    if (error == 0)
        error = csv_init(&spread, spread_file->text, spread_file->size);
    while (error == 0) {
        int more = csv_next(&excess);
        if (csv_next(&spread) != more)
            return ERR_MISMATCH;
        if (more <= 0)
            return more;
        if (model->class_count == JITTER_CLASSES)
            return ERR_LIMIT;
        error = read_row(&model->classes[model->class_count++], &excess, &spread);
    }
    return error;
}

int jitter_init(struct jitter_model *model, const char *name) {
    *model = (struct jitter_model){0};
    for (size_t i = 0; i < ARRAY_LEN(laws); i++)
        if (strcmp(laws[i].name, name) == 0)
            model->ops = &laws[i];
    if (model->ops == NULL)
        return ERR_UNKNOWN;
    return model->ops->measured ? read_tables(model) : 0;
}

/* The class whose round trip has the smallest ratio to the path's. */
static const struct jitter_class *class_of(const struct jitter_model *model, time_ns base) {
    const struct jitter_class *class = model->classes;
    double round_trip = 2 * (double)base;
    for (size_t i = 1; i < model->class_count; i++)
        if (round_trip * round_trip > class->round_trip * model->classes[i].round_trip)
            class = &model->classes[i];
    return class;
}

time_ns jitter_sample(const struct jitter_model *model, struct rng *rng, time_ns base) {
    if (model->ops->excess == NULL)
        return 0;
    bool this_way = rng_next(rng) >> 63;
    double u = draw_uniform(rng);
    return this_way ? (time_ns)llround(model->ops->excess(class_of(model, base), u)) : 0;
}

time_ns jitter_path(const struct jitter_model *model, uint64_t seed, node_id a, node_id b,
                    time_ns base) {
    if (!model->ops->measured)
        return 0;
    const struct jitter_class *class = class_of(model, base);
    uint64_t pair = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    uint64_t bits = hash_combine(hash_combine(mix64(seed), pair), hash_name("path diversity"));
    double spread = quantiles_at(&class->spread, unit_interval(bits));
    return (time_ns)llround(spread * fmin((double)base, class->round_trip / 2));
}
