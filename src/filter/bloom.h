/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bloom filters in two layouts over the same bits:
 *   classic   every hash may fall anywhere: the textbook rate (1 - e^(-kn/m))^k;
 *   blocked   all hashes of an item fall into one cache line (Putze, Sanders, Singler 2007): one
 *             cache miss per look-up, for a somewhat higher rate since the lines fill unevenly.
 * Hashes g_i = h1 + i * h2 (Kirsch, Mitzenmacher 2006) of the two halves of a 128-bit SipHash-2-4.
 * The key must be unknown to whoever chooses the items, or they can be chosen to collide. */
#ifndef TIERCHAIN_FILTER_BLOOM_H
#define TIERCHAIN_FILTER_BLOOM_H

#include "base/cursor.h"
#include "base/types.h"

#define BLOOM_KEY_BYTES    16
#define BLOOM_BLOCK_BYTES  64 /* a cache line */
#define BLOOM_BLOCK_BITS   512
#define BLOOM_HASHES_MAX   32
#define BLOOM_BLOCKS_MAX   (1u << 24) /* 1 GiB of bits */
#define BLOOM_HEADER_BYTES (1 + 1 + 4 + BLOOM_KEY_BYTES)

enum bloom_layout { BLOOM_CLASSIC, BLOOM_BLOCKED, BLOOM_LAYOUTS };

struct bloom {
    enum bloom_layout layout;
    unsigned hashes; /* k */
    uint32_t blocks; /* m = blocks * BLOOM_BLOCK_BITS */
    uint8_t key[BLOOM_KEY_BYTES];
    uint8_t *bits; /* bit i is bit i % 8 of byte i / 8 */
};

/* The blocks that give @items items at least @bits_per_item bits each; 0 when it would need more
 * than BLOOM_BLOCKS_MAX. */
uint32_t bloom_blocks(uint64_t items, unsigned bits_per_item);

/* The best number of hashes, bits_per_item * ln 2 rounded, between 1 and BLOOM_HASHES_MAX. */
unsigned bloom_hashes(unsigned bits_per_item);

/* Starts an empty filter in @bits, which has @blocks * BLOOM_BLOCK_BYTES bytes (best on a cache
 * line's boundary) and outlives the filter. 0, or ERR_INVALID for a number out of range. */
int bloom_init(struct bloom *bloom, enum bloom_layout layout, unsigned hashes, uint32_t blocks,
               const uint8_t key[BLOOM_KEY_BYTES], uint8_t *bits);

size_t bloom_size(const struct bloom *bloom); /* bytes of the bits */

void bloom_add(struct bloom *bloom, const void *item, size_t size);

/* True for every item added; for another one true at the false-positive rate. */
bool bloom_has(const struct bloom *bloom, const void *item, size_t size);

/* Adds everything in @other. 0, or ERR_MISMATCH unless layout, hashes, size and key are equal. */
int bloom_unite(struct bloom *bloom, const struct bloom *other);

/* Layout u8, hashes u8, blocks u32, key, bits: BLOOM_HEADER_BYTES + bloom_size. */
void bloom_write(struct writer *writer, const struct bloom *bloom);

/* Reads a filter, its bits into @bits with room for @room bytes. 0 or the reader's error:
 * ERR_TRUNCATED, ERR_NON_CANONICAL for a number out of range, ERR_LIMIT when @room is too small. */
int bloom_read(struct reader *reader, struct bloom *bloom, uint8_t *bits, size_t room);

#endif
