/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cuckoo filter (Fan, Andersen, Kaminsky, Mitzenmacher, CoNEXT 2014): a set that also forgets. It
 * keeps an f-bit fingerprint of each item in one of two buckets of 4; the second bucket follows
 * from the first and the fingerprint alone, i2 = i1 XOR H(fingerprint). Loads of 95 % are reached.
 * Rate of false positives at full load: 1 - (1 - 2^-f)^8.
 *
 * The key must be unknown to whoever chooses the items, or two buckets can be flooded. Delete only
 * what was inserted: another item with the same fingerprint and buckets would vanish instead. */
#ifndef TIERCHAIN_FILTER_CUCKOO_H
#define TIERCHAIN_FILTER_CUCKOO_H

#include "base/cursor.h"
#include "base/rng.h"
#include "base/types.h"

#define CUCKOO_KEY_BYTES       16
#define CUCKOO_SLOTS           4
#define CUCKOO_KICKS           500
#define CUCKOO_BUCKET_BITS_MAX 24
#define CUCKOO_HEADER_BYTES    (1 + 1 + CUCKOO_KEY_BYTES + 4 + 2)

/* A fingerprint and one of its two buckets; no fingerprint is 0. */
struct cuckoo_entry {
    uint32_t bucket;
    uint16_t fingerprint;
};

struct cuckoo {
    unsigned fingerprint_bits; /* 8, 12 or 16 */
    unsigned bucket_bits;      /* 2^bucket_bits buckets */
    uint8_t key[CUCKOO_KEY_BYTES];
    struct cuckoo_entry victim; /* found no place; {0, 0}: there is none */
    uint64_t count;             /* items, the victim included */
    uint8_t *slots;             /* buckets of 4 f bits, little endian; slot 0 has the lowest bits */
};

/* The bucket bits that hold @items at a load of at most 95 %; -1 above CUCKOO_BUCKET_BITS_MAX. */
int cuckoo_bucket_bits(uint64_t items);

/* The bytes of the slots: 2^bucket_bits * f / 2. */
size_t cuckoo_size(unsigned fingerprint_bits, unsigned bucket_bits);

/* Starts an empty filter in @slots, cuckoo_size bytes that outlive it. 0; ERR_INVALID for other
 * fingerprint bits than 8, 12, 16 or too many buckets. */
int cuckoo_init(struct cuckoo *cuckoo, unsigned fingerprint_bits, unsigned bucket_bits,
                const uint8_t key[CUCKOO_KEY_BYTES], uint8_t *slots);

/* Inserts one more copy; both buckets together hold at most 8. @rng decides who is kicked out.
 * 0, or ERR_LIMIT when the filter is full: then nothing has changed. */
int cuckoo_insert(struct cuckoo *cuckoo, const void *item, size_t size, struct rng *rng);

/* True for every item inserted and not deleted. */
bool cuckoo_has(const struct cuckoo *cuckoo, const void *item, size_t size);

/* Removes one copy; a victim then tries for a place again. 0, or ERR_UNKNOWN. */
int cuckoo_delete(struct cuckoo *cuckoo, const void *item, size_t size, struct rng *rng);

/* Fingerprint bits u8, bucket bits u8, key, victim (bucket u32, fingerprint u16), slots. */
void cuckoo_write(struct writer *writer, const struct cuckoo *cuckoo);

/* Reads a filter, its slots into @slots with room for @room bytes. 0 or the reader's error:
 * ERR_TRUNCATED, ERR_NON_CANONICAL for a number out of range, ERR_LIMIT when @room is too small. */
int cuckoo_read(struct reader *reader, struct cuckoo *cuckoo, uint8_t *slots, size_t room);

#endif
