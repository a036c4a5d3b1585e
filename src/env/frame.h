/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A frame: one encoded message, immutable once sent, counted by reference so that all receivers of
 * a broadcast share it and decode it in place. */
#ifndef TIERCHAIN_ENV_FRAME_H
#define TIERCHAIN_ENV_FRAME_H

#include "base/types.h"

struct frame {
    uint32_t references;
    uint32_t size;
    uint8_t bytes[];
};

/* A frame of @size bytes with one reference, its bytes zero; NULL beyond LIMIT_FRAME_BYTES. Aborts
 * when there is no memory: a simulation can't go on without. */
struct frame *frame_new(size_t size);

/* A frame that holds a copy of @size bytes. */
struct frame *frame_copy(const void *bytes, size_t size);

struct frame *frame_ref(struct frame *frame);

/* Gives one reference back; frees with the last. NULL is allowed. */
void frame_unref(struct frame *frame);

#endif
