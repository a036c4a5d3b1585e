/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/holdings.h"

#include <stdlib.h>

#include "base/memory.h"

_Static_assert(LIMIT_CANDIDATES <= 64, "a bit for each piece");

struct holding {
    uint64_t seen; /* by piece */
    uint32_t count;
    time_ns times[]; /* the smallest, ascending, at most as many as are enough */
};

void holdings_deinit(struct holdings *holdings) {
    for (size_t i = 0; i < holdings->capacity; i++)
        free(holdings->of[i]);
    free(holdings->of);
    *holdings = (struct holdings){0};
}

static struct holding *find_or_add(struct holdings *holdings, uint64_t transaction) {
    if (transaction >= holdings->capacity) {
        size_t capacity = 2 * (size_t)transaction + 64;
        holdings->of = memory_resize(holdings->of, capacity, sizeof *holdings->of);
        for (size_t i = holdings->capacity; i < capacity; i++)
            holdings->of[i] = NULL;
        holdings->capacity = capacity;
    }
    struct holding **of = &holdings->of[transaction];
    if (*of == NULL)
        *of = memory_new(1, sizeof **of + holdings->enough * sizeof(time_ns));
    return *of;
}

time_ns holdings_add(struct holdings *holdings, uint64_t transaction, uint64_t piece,
                     time_ns time) {
    struct holding *holding = find_or_add(holdings, transaction);
    bool known = piece >= LIMIT_CANDIDATES || (holding->seen >> piece & 1) != 0;
    if (!known) {
        holding->seen |= UINT64_C(1) << piece;
        uint32_t at = holding->count;
        if (at < holdings->enough)
            holding->count++;
        else if (time < holding->times[at - 1])
            at--;
        else
            return holding->times[at - 1];
        for (; at > 0 && holding->times[at - 1] > time; at--)
            holding->times[at] = holding->times[at - 1];
        holding->times[at] = time;
    }
    return holding->count == holdings->enough ? holding->times[holding->count - 1] : TIME_NEVER;
}

void holdings_forget(struct holdings *holdings, uint64_t transaction) {
    if (transaction >= holdings->capacity)
        return;
    free(holdings->of[transaction]);
    holdings->of[transaction] = NULL;
}
