/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/latency.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "models/geo.h"

static double site_km(const struct site *a, const struct site *b) {
    return great_circle_km(a->lat, a->lon, b->lat, b->lon);
}

static time_ns stretched(double km) {
    return fibre_delay(km * LATENCY_STRETCH);
}

static time_ns at_least(time_ns delay, const struct site *from, const struct site *to) {
    time_ns least = fibre_delay(site_km(from, to) * LATENCY_LEAST_STRETCH) + LATENCY_LEAST;
    return delay > least ? delay : least;
}

static time_ns between_by_fibre(const struct latency_model *model, const struct site *from,
                                const struct site *to) {
    return at_least(model->parameters.local + stretched(site_km(from, to)), from, to);
}

static size_t point_of(const struct latency_model *model, const struct site *site) {
    const char *name = model->ops->point_name(site);
    return name != NULL ? matrix_find(&model->matrix, name)
                        : matrix_nearest(&model->matrix, site->lat, site->lon);
}

static time_ns access_leg(const struct matrix_point *point, const struct site *site) {
    return stretched(great_circle_km(point->lat, point->lon, site->lat, site->lon));
}

static time_ns between_by_matrix(const struct latency_model *model, const struct site *from,
                                 const struct site *to) {
    const struct matrix *matrix = &model->matrix;
    size_t p = point_of(model, from), q = point_of(model, to);
    assert(p < matrix->count);
    assert(q < matrix->count);
    time_ns round_trip = matrix->cells[p * matrix->count + q];
    if (p == q || round_trip == MATRIX_EMPTY)
        return between_by_fibre(model, from, to);
    return at_least(round_trip / 2 + access_leg(&matrix->points[p], from) +
                        access_leg(&matrix->points[q], to),
                    from, to);
}

static time_ns between_uniform(const struct latency_model *model, const struct site *from,
                               const struct site *to) {
    return model->parameters.delay;
}

static const char *aws_name(const struct site *site) {
    return site->aws_region;
}

static const char *azure_name(const struct site *site) {
    return site->azure_region;
}

static const char *city_name(const struct site *site) {
    return site->wonder_city;
}

static const struct latency_ops families[] = {
    {.name = "aws",
     .description = "33 AWS regions, half the median round trip of a year, fibre to the region",
     .source = "cloudping.co, year to 2025-07-17",
     .points = "net/aws_regions.csv",
     .round_trips = "net/aws_rtt.csv",
     .point_name = aws_name,
     .between = between_by_matrix},
    {.name = "azure",
     .description = "43 Azure regions, half the median round trip of a month, fibre to the region",
     .source = "Microsoft, 30 days to 2025-06-29, CC-BY-4.0",
     .points = "net/azure_regions.csv",
     .round_trips = "net/azure_rtt.csv",
     .point_name = azure_name,
     .between = between_by_matrix},
    {.name = "cities",
     .description = "110 cities over the public Internet, half the mean round trip of two days",
     .source = "WonderProxy, 2020-07-19 and 20",
     .points = "net/cities.csv",
     .round_trips = "net/cities_rtt.csv",
     .point_name = city_name,
     .between = between_by_matrix},
    {.name = "fibre",
     .description = "great circle at 200 km/ms, 1.778 times as long (median of AWS)",
     .source = "derived from cloudping.co",
     .between = between_by_fibre},
    {.name = "uniform",
     .description = "one constant delay between places, for closed forms",
     .source = "parameter",
     .between = between_uniform},
};

const struct latency_ops *latency_at(size_t index) {
    return index < ARRAY_LEN(families) ? &families[index] : NULL;
}

int latency_init(struct latency_model *model, const char *name,
                 const struct latency_parameters *parameters) {
    *model = (struct latency_model){.parameters = *parameters};
    if (parameters->local < 0 || parameters->delay < 0)
        return ERR_INVALID;
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (strcmp(families[i].name, name) == 0)
            model->ops = &families[i];
    if (model->ops == NULL)
        return ERR_UNKNOWN;
    if (model->ops->points == NULL)
        return 0;
    return matrix_init(&model->matrix, model->ops->points, model->ops->round_trips, NS_PER_US);
}

void latency_deinit(struct latency_model *model) {
    matrix_deinit(&model->matrix);
}

bool latency_knows(const struct latency_model *model, const struct site *site) {
    const char *name = model->ops->point_name != NULL ? model->ops->point_name(site) : NULL;
    return name == NULL || matrix_find(&model->matrix, name) < model->matrix.count;
}

time_ns latency_base(const struct latency_model *model, const struct site *from,
                     const struct site *to) {
    if (from->lat == to->lat && from->lon == to->lon)
        return model->parameters.local;
    return model->ops->between(model, from, to);
}
