/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/paths.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

/* The listed transaction of that number; they are in order. NULL: it is from the warm-up. */
static const struct transaction_record *find(const struct run_result *result, uint64_t id) {
    size_t low = 0, high = result->transaction_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (result->transactions[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < result->transaction_count && result->transactions[low].id == id
               ? &result->transactions[low]
               : NULL;
}

void paths_collect(const struct path_recorder *paths, struct run_result *result) {
    size_t count, part_count;
    const struct path_record *records = path_records(paths, &count);
    const struct path_part *parts = path_parts(paths, &part_count);
    struct path_record *kept = memory_new(count, sizeof *kept);
    struct path_part *kept_parts = memory_new(part_count, sizeof *kept_parts);
    for (size_t i = 0; i < count; i++) {
        const struct transaction_record *transaction = find(result, records[i].transaction);
        if (transaction == NULL)
            continue;
        assert(records[i].latency == transaction->done - transaction->intended);
        kept[result->path_count++] = records[i];
    }
    for (size_t i = 0; i < part_count; i++)
        if (find(result, parts[i].transaction) != NULL)
            kept_parts[result->path_part_count++] = parts[i];
    result->paths = kept;
    result->path_parts = kept_parts;
}
