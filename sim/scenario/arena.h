/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that is given back all at once: a scenario's strings, lists and syntax trees. */
#ifndef TIERCHAIN_SIM_SCENARIO_ARENA_H
#define TIERCHAIN_SIM_SCENARIO_ARENA_H

#include "base/types.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed memory, aligned for every type. Never NULL: running out of memory aborts. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of @size bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const char *bytes, size_t size);

char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
