/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/assignment.h"

#include <assert.h>

#include "base/cursor.h"
#include "base/rng.h"
#include "select/rendezvous.h"

uint16_t shard_of_account(uint64_t account, uint16_t shards) {
    uint8_t key[8];
    struct writer writer;
    uint64_t best = 0;
    uint16_t owner = 0;
    assert(shards > 0);
    writer_init(&writer, key, sizeof key);
    write_u64(&writer, account);
    for (uint16_t shard = 0; shard < shards; shard++) {
        uint64_t hash = rendezvous_hash(shard, key, sizeof key);
        if (hash >= best) { /* the larger id on a tie, as rendezvous_before */
            best = hash;
            owner = shard;
        }
    }
    return owner;
}

void shard_deal(const struct digest *beacon, node_id *nodes, size_t count) {
    struct reader reader;
    struct rng rng;
    uint64_t seed = 0;
    reader_init(&reader, beacon->bytes, sizeof beacon->bytes);
    for (size_t i = 0; i < DIGEST_BYTES / 8; i++)
        seed = hash_combine(seed, read_u64(&reader));
    rng_init(&rng, seed, 0, "shard deal");
    rng_shuffle(&rng, nodes, count, sizeof *nodes);
}
