/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include <stdlib.h>

void *memory_new(size_t count, size_t size) {
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (memory == NULL)
        abort();
    return memory;
}

void *memory_resize(void *memory, size_t count, size_t size) {
    void *resized = reallocarray(memory, count > 0 ? count : 1, size > 0 ? size : 1);
    if (resized == NULL)
        abort();
    return resized;
}
