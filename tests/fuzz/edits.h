/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random bytes never make a group element or a proof. So a cryptographic target starts from honest
 * data, and its input says what to change: entries of offset (u16) and value (u8). */
#ifndef TIERCHAIN_TESTS_FUZZ_EDITS_H
#define TIERCHAIN_TESTS_FUZZ_EDITS_H

#include "base/cursor.h"

enum { EDIT_BYTES = 3 };

/* Flips bits of @target as up to @limit of the entries left in @edits say; offsets wrap around. */
static inline void edit(struct reader *edits, size_t limit, void *target, size_t size) {
    uint8_t *bytes = target;
    for (size_t i = 0; i < limit && reader_left(edits) >= EDIT_BYTES; i++) {
        size_t offset = read_u16(edits);
        bytes[offset % size] ^= read_u8(edits);
    }
}

#endif
