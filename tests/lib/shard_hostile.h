/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a Byzantine member of a shard does beside its duty: lies in its own name, forges proofs,
 * replays what it has overheard anywhere, and puts old items up again. */
#ifndef TIERCHAIN_TESTS_SHARD_HOSTILE_H
#define TIERCHAIN_TESTS_SHARD_HOSTILE_H

#include "tests/lib/shard_world.h"

struct shard_member;

/* Within the member's START. */
void shard_hostile_start(struct shard_member *member);

/* All hostile members hear everything. */
void shard_hostile_overhear(struct shard_world *world, const struct frame *frame);

#endif
