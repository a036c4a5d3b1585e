/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one node has made durable, as every driver keeps it: one record a slot, in order of slots.
 * Writing to a slot replaces what was there at once and as a whole; a crash leaves all records as
 * they are. */
#ifndef TIERCHAIN_ENV_DISK_H
#define TIERCHAIN_ENV_DISK_H

#include "env/env.h"

struct disk {
    struct record *records; /* ascending slots; NULL when there are none */
    size_t count;
    size_t capacity;
};

/* Takes over the reference to @frame. A NULL frame empties the slot. */
void disk_write(struct disk *disk, uint32_t slot, struct frame *frame);

/* @copy (empty) holds what @disk holds now: a snapshot, for who restores an old one. */
void disk_copy(struct disk *copy, const struct disk *disk);

/* Drops everything; the disk can be used again. */
void disk_clear(struct disk *disk);

#endif
