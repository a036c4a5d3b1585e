/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/suggest.h"

#include <string.h>

void suggestion_init(struct suggestion *suggestion, const char *wanted) {
    *suggestion = (struct suggestion){.wanted = wanted};
}

static size_t min3(size_t a, size_t b, size_t c) {
    return size_min(size_min(a, b), c);
}

/* Optimal string alignment: three rolling rows of the usual table. */
size_t edit_distance(const char *a, const char *b) {
    size_t rows[3][SUGGESTION_BYTES];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    size_t width = strlen(b);
    for (size_t j = 0; j <= width; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = min3(change, above[j] + 1, row[j - 1] + 1);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped)
                row[j] = size_min(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[width];
}

void suggestion_offer(struct suggestion *suggestion, const char *name) {
    size_t wanted = strlen(suggestion->wanted);
    if (wanted >= SUGGESTION_BYTES || strlen(name) >= SUGGESTION_BYTES)
        return;
    size_t distance = edit_distance(suggestion->wanted, name);
    bool like = distance < wanted && distance <= size_max(2, wanted / 3);
    if (!like || (suggestion->found && distance >= suggestion->distance))
        return;
    memcpy(suggestion->best, name, strlen(name) + 1);
    suggestion->distance = distance;
    suggestion->found = true;
}
