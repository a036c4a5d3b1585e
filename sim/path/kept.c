/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which paths' parts are kept when there is no room for all: of the slower ones, so that the slowest are always there. */
#include <stdlib.h>

#include "base/memory.h"
#include "sim/path/inside.h"

/* The parts of one path. */
struct kept {
    size_t first, count;
    time_ns latency;
    bool stays;
};

static int slower_first(const void *left, const void *right) {
    const struct kept *a = *(const struct kept *const *)left;
    const struct kept *b = *(const struct kept *const *)right;
    if (a->latency != b->latency)
        return a->latency > b->latency ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

static struct kept *list_kept(const struct path_recorder *paths, size_t *count) {
    struct kept *list = memory_new(paths->part_count, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < paths->part_count; i++) {
        const struct path_part *part = &paths->parts[i];
        if (i == 0 || part->transaction != paths->parts[i - 1].transaction)
            list[(*count)++] = (struct kept){.first = i};
        list[*count - 1].count++;
        list[*count - 1].latency += part->duration;
    }
    return list;
}

void path_thin_out(struct path_recorder *paths) {
    size_t count, left = 0;
    struct kept *list = list_kept(paths, &count);
    struct kept **sorted = memory_new(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &list[i];
    if (count > 0)
        qsort(sorted, count, sizeof *sorted, slower_first);
    for (size_t i = 0; i < count / 2; i++)
        sorted[i]->stays = true;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; list[i].stays && k < list[i].count; k++)
            paths->parts[left++] = paths->parts[list[i].first + k];
    paths->part_count = left;
    free(sorted);
    free(list);
}
