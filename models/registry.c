/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/registry.h"

#include <string.h>

#include "models/cpu.h"
#include "models/jitter.h"
#include "models/latency.h"
#include "models/workload.h"

/* The families whose variants have a name fill in name, description and source. */
static bool latency_row(size_t index, struct model_row *row) {
    const struct latency_ops *ops = latency_at(index);
    if (ops == NULL)
        return false;
    row->name = ops->name;
    row->description = ops->description;
    row->source = ops->source;
    return true;
}

static bool jitter_row(size_t index, struct model_row *row) {
    const struct jitter_ops *ops = jitter_at(index);
    if (ops == NULL)
        return false;
    row->name = ops->name;
    row->description = ops->description;
    row->source = ops->source;
    return true;
}

static bool workload_row(size_t index, struct model_row *row) {
    const struct workload_ops *ops = workload_at(index);
    if (ops == NULL)
        return false;
    row->name = ops->name;
    row->description = ops->description;
    row->source = ops->source;
    return true;
}

static bool cpu_row(size_t index, struct model_row *row) {
    const struct cpu_table *table = cpu_table_at(index);
    if (table == NULL)
        return false;
    row->name = table->name;
    row->description = table->description;
    row->source = table->source;
    return true;
}

/* Models that are looked up by no table. */
static const struct model_row single[] = {
    {"loss", "independent", "each message with the same probability", "parameter", "lost or not",
     "network.loss_model"},
    {"loss", "bursts", "a path is good or bad, and losses come in runs", "Gilbert 1960",
     "lost or not", "network.loss_model"},
    {"bandwidth", "uniform", "network.backbone between any two places", "parameter", "bit/s",
     "network.bandwidth"},
    {"bandwidth", "measured", "64 TCP connections between the two places' AWS regions",
     "Skyplane, 2022-11-28", "bit/s", "network.bandwidth"},
    {"bandwidth", "stream", "one TCP connection: window over round trip",
     "Linux tcp_wmem; ouroboros-leios 2025-09", "bit/s", "network.bandwidth"},
    {"clock", "drift", "offset, drift, one step, a periodic error and uniform noise",
     "project model", "ns", "clock.drift"},
};

static const struct {
    const char *family;
    const char *unit;
    const char *key;
    bool (*row_at)(size_t index, struct model_row *row);
} families[] = {
    {"latency", "ns one way", "network.latency", latency_row},
    {"jitter", "ns one way", "network.jitter", jitter_row},
    {"cpu", "ns per unit of work", "cpu.table", cpu_row},
    {"workload", "ns between arrivals, bytes", "workload.model", workload_row},
};

bool model_at(size_t index, struct model_row *row) {
    for (size_t f = 0; f < ARRAY_LEN(families); f++)
        for (size_t i = 0;; i++) {
            *row = (struct model_row){
                .family = families[f].family, .unit = families[f].unit, .key = families[f].key};
            if (!families[f].row_at(i, row))
                break;
            if (index-- == 0)
                return true;
        }
    if (index >= ARRAY_LEN(single))
        return false;
    *row = single[index];
    return true;
}

bool model_find(const char *family, const char *name, struct model_row *row) {
    for (size_t i = 0; model_at(i, row); i++)
        if (strcmp(row->family, family) == 0 && strcmp(row->name, name) == 0)
            return true;
    return false;
}
