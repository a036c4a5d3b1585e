/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The first record whose slot is not below @slot. */
static size_t lower_bound(const struct disk *disk, uint32_t slot) {
    size_t low = 0, high = disk->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (disk->records[middle].slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct disk *disk, size_t at, struct record record) {
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity == 0 ? 8 : 2 * disk->capacity;
        disk->records = memory_resize(disk->records, disk->capacity, sizeof *disk->records);
    }
    memmove(&disk->records[at + 1], &disk->records[at], (disk->count - at) * sizeof *disk->records);
    disk->records[at] = record;
    disk->count++;
}

static void drop(struct disk *disk, size_t at) {
    disk->count--;
    memmove(&disk->records[at], &disk->records[at + 1], (disk->count - at) * sizeof *disk->records);
}

void disk_write(struct disk *disk, uint32_t slot, struct frame *frame) {
    size_t at = lower_bound(disk, slot);
    bool present = at < disk->count && disk->records[at].slot == slot;
    if (present)
        frame_unref(disk->records[at].frame);
    if (present && frame != NULL)
        disk->records[at].frame = frame;
    else if (present)
        drop(disk, at);
    else if (frame != NULL)
        insert(disk, at, (struct record){slot, frame});
}

void disk_copy(struct disk *copy, const struct disk *disk) {
    for (size_t i = 0; i < disk->count; i++)
        disk_write(copy, disk->records[i].slot, frame_ref(disk->records[i].frame));
}

void disk_clear(struct disk *disk) {
    for (size_t i = 0; i < disk->count; i++)
        frame_unref(disk->records[i].frame);
    free(disk->records);
    *disk = (struct disk){0};
}
