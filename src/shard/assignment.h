/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who belongs to which shard. An account has its shard by rendezvous hashing, so that one shard more
 * moves 1/(S+1) of the accounts. Nodes are dealt anew every epoch from a random beacon: what an
 * adversary can't foresee it can't aim at (protocols.md 22). */
#ifndef TIERCHAIN_SHARD_ASSIGNMENT_H
#define TIERCHAIN_SHARD_ASSIGNMENT_H

#include "base/types.h"

/* The shard, 0 … @shards - 1, of an account. @shards > 0. */
uint16_t shard_of_account(uint64_t account, uint16_t shards);

/* Deals @count nodes in place: shard i of S gets those from index i * count / S on. Uniform over all
 * permutations, a function of the beacon and of the order in which the nodes stand. */
void shard_deal(const struct digest *beacon, node_id *nodes, size_t count);

#endif
