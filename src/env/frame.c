/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

struct frame *frame_new(size_t size) {
    if (size > LIMIT_FRAME_BYTES)
        return NULL;
    struct frame *frame = memory_new(1, sizeof *frame + size);
    frame->references = 1;
    frame->size = (uint32_t)size;
    return frame;
}

struct frame *frame_copy(const void *bytes, size_t size) {
    struct frame *frame = frame_new(size);
    if (frame != NULL && size > 0)
        memcpy(frame->bytes, bytes, size);
    return frame;
}

struct frame *frame_ref(struct frame *frame) {
    assert(frame->references > 0);
    frame->references++;
    return frame;
}

void frame_unref(struct frame *frame) {
    if (frame == NULL)
        return;
    assert(frame->references > 0);
    if (--frame->references == 0)
        free(frame);
}
