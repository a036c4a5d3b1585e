/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cloud.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"
#include "models/random.h"

#define NORMAL_P99 2.3263478740408408 /* the standard normal's 99th percentile */
#define SIGMAS     8                  /* no draw lies further out: a guard against overflow */

/* The field of the column @name as a number >= 0. */
static int field(const struct csv *csv, const char *name, double *value) {
    int column = csv_column(csv, name);
    if (column < 0)
        return ERR_MISMATCH;
    return csv_number(csv->fields[column], value) != 0 || *value < 0 ? ERR_INVALID : 0;
}

static int read_operation(struct cloud_operation *operation, const struct csv *csv) {
    double p50, p99, floor_us, bytes, kib;
    int name = csv_column(csv, "op");
    if (name < 0)
        return ERR_MISMATCH;
    if (csv_copy(csv->fields[name], operation->name, sizeof operation->name) != 0)
        return ERR_LIMIT;
    if (field(csv, "p50", &p50) != 0 || field(csv, "p99", &p99) != 0 ||
        field(csv, "floor", &floor_us) != 0 || field(csv, "bytes", &bytes) != 0 ||
        field(csv, "kib", &kib) != 0 || p50 < 1 || p99 <= p50 || floor_us > p50)
        return ERR_INVALID;
    operation->mu = log(p50 * (double)NS_PER_US);
    operation->sigma = log(p99 / p50) / NORMAL_P99;
    operation->floor_ns = floor_us * (double)NS_PER_US;
    operation->kib_ns = kib * (double)NS_PER_US;
    operation->bytes = (uint64_t)bytes;
    return 0;
}

int cloud_init(struct cloud_model *model) {
    const struct data_file *file = data_find("svc/cloud.csv");
    struct csv csv;
    int more;
    *model = (struct cloud_model){0};
    if (file == NULL)
        return ERR_UNKNOWN;
    int error = csv_init(&csv, file->text, file->size);
    if (error != 0)
        return error;
    while ((more = csv_next(&csv)) > 0) {
        if (model->count == CLOUD_OPERATIONS)
            return ERR_LIMIT;
        error = read_operation(&model->operations[model->count++], &csv);
        if (error != 0)
            return error;
    }
    return more;
}

const struct cloud_operation *cloud_find(const struct cloud_model *model, const char *name) {
    for (size_t i = 0; i < model->count; i++)
        if (strcmp(model->operations[i].name, name) == 0)
            return &model->operations[i];
    return NULL;
}

time_ns cloud_sample(const struct cloud_operation *operation, uint64_t bytes, struct rng *rng) {
    double z = fmin(draw_normal(rng), SIGMAS);
    double ns = fmax(operation->floor_ns, exp(operation->mu + operation->sigma * z));
    if (bytes > operation->bytes)
        ns += operation->kib_ns * (double)(bytes - operation->bytes) / 1024;
    return (time_ns)llround(fmin(ns, 0x1p62));
}
