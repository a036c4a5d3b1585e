/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that is there or the program ends: a simulation can't go on without, and a node that lost
 * part of its state would be worse than none. Free with free(). */
#ifndef TIERCHAIN_BASE_MEMORY_H
#define TIERCHAIN_BASE_MEMORY_H

#include <stddef.h>

/* @count elements of @size bytes, all zero; never NULL, also for nothing. */
void *memory_new(size_t count, size_t size);

/* @memory with room for @count elements of @size bytes; what is added is not set. */
void *memory_resize(void *memory, size_t count, size_t size);

#endif
