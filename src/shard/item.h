/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a shard's chain orders for the sake of transfers: u8 kind, then
 *
 *   PREPARE  a transfer (transfer.h): try to lock what it needs here
 *   PROOF    that another shard said something (statement.h)
 *   TICK     u64 number: nothing; lets the height rise where there is no traffic
 *
 * Whether an item is valid depends on the item alone, not on the state that it will meet: members
 * that are not equally far must judge alike. */
#ifndef TIERCHAIN_SHARD_ITEM_H
#define TIERCHAIN_SHARD_ITEM_H

#include "shard/statement.h"
#include "shard/transfer.h"

enum shard_item_kind { SHARD_ITEM_PREPARE = 1, SHARD_ITEM_PROOF, SHARD_ITEM_TICK };

struct shard_item {
    enum shard_item_kind kind;
    struct transfer transfer;
    struct digest session; /* PREPARE, PROOF */
    struct shard_proof proof;
    uint64_t tick;
};

/* A frame without envelope; the caller gets the reference. */
struct frame *shard_item_encode(const struct shard_item *item, const struct shard_map *map,
                                size_t signature_bytes);

/* Reads one in place. Errors: of its parts; ERR_UNKNOWN_TYPE. */
int shard_item_decode(struct shard_item *item, const uint8_t *bytes, size_t size,
                      const struct shard_map *map, size_t signature_bytes);

/* The key under which the item is ordered once. It leaves the signatures out, so that the same
 * transfer or proof with other signatures is the same item. */
void shard_item_key(const struct shard_item *item, struct digest *key);

/* Whether @shard may order it. 0; ERR_STALE (another epoch), ERR_INVALID (not for this shard, a
 * shard that does not exist), ERR_SIGNATURE. */
int shard_item_verify(struct env *env, const struct shard_item *item, const struct shard_map *map,
                      uint16_t shard);

#endif
