/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages between nodes and their city's committee about who is present, little endian:
 *
 *   presence.beat   u32 area · i32 lon · i32 lat: the sender lives, and where; a login is the first
 *   presence.ask    u64 mark: what changed since the list of that mark? 0: the whole list
 *   presence.list   u64 base (0: from nothing) · u64 mark · u32 count, then by ascending node
 *                   u32 node · u8 present, and if so u32 area · i32 lon · i32 lat
 *
 * The channel says who is authentic: a node speaks for itself alone. */
#ifndef TIERCHAIN_MEMBERSHIP_PRESENCE_MESSAGES_H
#define TIERCHAIN_MEMBERSHIP_PRESENCE_MESSAGES_H

#include "membership/roster.h"
#include "wire/message.h"

struct frame *presence_beat_frame(uint16_t channel, const struct place_candidate *entry);
struct frame *presence_ask_frame(uint16_t channel, uint64_t mark);
struct frame *presence_list_frame(uint16_t channel, uint64_t base, uint64_t mark,
                                  const struct roster_changes *changes);

/* Errors: as of the cursor; of a list ERR_LIMIT, and ERR_NON_CANONICAL for nodes out of order or
 * what is neither present nor absent. @entry->node is left alone. @changes is replaced, and empty
 * after an error. */
int presence_beat_read(const struct message *message, struct place_candidate *entry);
int presence_ask_read(const struct message *message, uint64_t *mark);
int presence_list_read(const struct message *message, uint64_t *base, uint64_t *mark,
                       struct roster_changes *changes);

#endif
