/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bandwidth.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"

#define BPS_PER_MBPS 1000000

static int read_class(struct nic_class *class, const struct csv *csv) {
    int name = csv_column(csv, "class"), up = csv_column(csv, "up_bps"),
        down = csv_column(csv, "down_bps");
    int64_t up_bps, down_bps;
    if (name < 0 || up < 0 || down < 0)
        return ERR_MISMATCH;
    if (csv_copy(csv->fields[name], class->name, sizeof class->name) != 0)
        return ERR_LIMIT;
    if (csv_integer(csv->fields[up], &up_bps) != 0 || up_bps <= 0 ||
        csv_integer(csv->fields[down], &down_bps) != 0 || down_bps <= 0)
        return ERR_INVALID;
    class->up_bps = (uint64_t)up_bps;
    class->down_bps = (uint64_t)down_bps;
    return 0;
}

static int read_classes(struct bandwidth_model *model) {
    const struct data_file *file = data_find("bw/nic.csv");
    struct csv csv;
    int more;
    if (file == NULL)
        return ERR_UNKNOWN;
    int error = csv_init(&csv, file->text, file->size);
    if (error != 0)
        return error;
    while ((more = csv_next(&csv)) > 0) {
        if (model->class_count == BANDWIDTH_CLASSES)
            return ERR_LIMIT;
        error = read_class(&model->classes[model->class_count++], &csv);
        if (error != 0)
            return error;
    }
    return more;
}

int bandwidth_init(struct bandwidth_model *model) {
    *model = (struct bandwidth_model){0};
    int error = matrix_init(&model->pairs, "net/aws_regions.csv", "bw/aws_tcp.csv", BPS_PER_MBPS);
    if (error == 0)
        error = read_classes(model);
    if (error != 0)
        bandwidth_deinit(model);
    return error;
}

void bandwidth_deinit(struct bandwidth_model *model) {
    matrix_deinit(&model->pairs);
}

const struct nic_class *bandwidth_class(const struct bandwidth_model *model, const char *name) {
    for (size_t i = 0; i < model->class_count; i++)
        if (strcmp(model->classes[i].name, name) == 0)
            return &model->classes[i];
    return NULL;
}

uint64_t bandwidth_pair(const struct bandwidth_model *model, const char *from_region,
                        const char *to_region) {
    const struct matrix *pairs = &model->pairs;
    if (strcmp(from_region, to_region) == 0)
        return 0;
    size_t from = matrix_find(pairs, from_region), to = matrix_find(pairs, to_region);
    if (from == pairs->count || to == pairs->count)
        return BANDWIDTH_PAIR_DEFAULT;
    int64_t cell = pairs->cells[from * pairs->count + to];
    return cell != MATRIX_EMPTY ? (uint64_t)cell : BANDWIDTH_PAIR_DEFAULT;
}

uint64_t bandwidth_stream(time_ns round_trip) {
    assert(round_trip > 0);
    /* 2^25 bits · 10^9 fits into 64 bits. */
    return UINT64_C(8) * BANDWIDTH_TCP_WINDOW * (uint64_t)NS_PER_S / (uint64_t)round_trip;
}
