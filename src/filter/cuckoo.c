/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter/cuckoo.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

_Static_assert(CUCKOO_KEY_BYTES == crypto_shorthash_siphashx24_KEYBYTES, "SipHash key");
_Static_assert(CUCKOO_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash key");

int cuckoo_bucket_bits(uint64_t items) {
    for (int bits = 0; bits <= CUCKOO_BUCKET_BITS_MAX; bits++)
        if (items <= (((uint64_t)CUCKOO_SLOTS << bits) * 95) / 100)
            return bits;
    return -1;
}

size_t cuckoo_size(unsigned fingerprint_bits, unsigned bucket_bits) {
    return (size_t)(fingerprint_bits * CUCKOO_SLOTS / 8) << bucket_bits;
}

static bool in_range(unsigned fingerprint_bits, unsigned bucket_bits) {
    return (fingerprint_bits == 8 || fingerprint_bits == 12 || fingerprint_bits == 16) &&
           bucket_bits <= CUCKOO_BUCKET_BITS_MAX;
}

int cuckoo_init(struct cuckoo *cuckoo, unsigned fingerprint_bits, unsigned bucket_bits,
                const uint8_t key[CUCKOO_KEY_BYTES], uint8_t *slots) {
    if (!in_range(fingerprint_bits, bucket_bits))
        return ERR_INVALID;
    *cuckoo = (struct cuckoo){
        .fingerprint_bits = fingerprint_bits,
        .bucket_bits = bucket_bits,
        .slots = slots,
    };
    memcpy(cuckoo->key, key, CUCKOO_KEY_BYTES);
    memset(slots, 0, cuckoo_size(fingerprint_bits, bucket_bits));
    return OK;
}

static uint32_t bucket_mask(const struct cuckoo *cuckoo) {
    return (UINT32_C(1) << cuckoo->bucket_bits) - 1;
}

static uint64_t fingerprint_mask(const struct cuckoo *cuckoo) {
    return (UINT64_C(1) << cuckoo->fingerprint_bits) - 1;
}

/* Bucket and fingerprint come from the two independent halves of a 128-bit SipHash-2-4. */
static struct cuckoo_entry entry_of(const struct cuckoo *cuckoo, const void *item, size_t size) {
    uint8_t output[crypto_shorthash_siphashx24_BYTES];
    struct reader reader;
    crypto_shorthash_siphashx24(output, item, size, cuckoo->key);
    reader_init(&reader, output, sizeof output);
    struct cuckoo_entry entry = {.bucket = (uint32_t)read_u64(&reader) & bucket_mask(cuckoo)};
    /* Uniform over 1 … 2^f - 1: 0 marks an empty slot. */
    entry.fingerprint = (uint16_t)(1 + read_u64(&reader) % fingerprint_mask(cuckoo));
    return entry;
}

static uint32_t other_bucket(const struct cuckoo *cuckoo, const struct cuckoo_entry *entry) {
    uint8_t input[2] = {(uint8_t)entry->fingerprint, (uint8_t)(entry->fingerprint >> 8)};
    uint8_t output[crypto_shorthash_BYTES];
    struct reader reader;
    crypto_shorthash(output, input, sizeof input, cuckoo->key);
    reader_init(&reader, output, sizeof output);
    return entry->bucket ^ (read_u32(&reader) & bucket_mask(cuckoo));
}

/* A bucket as one number, slot i from bit i * f. */
static uint64_t load(const struct cuckoo *cuckoo, uint32_t bucket) {
    size_t size = cuckoo_size(cuckoo->fingerprint_bits, 0);
    const uint8_t *bytes = cuckoo->slots + size * bucket;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static void store(struct cuckoo *cuckoo, uint32_t bucket, uint64_t value) {
    size_t size = cuckoo_size(cuckoo->fingerprint_bits, 0);
    uint8_t *bytes = cuckoo->slots + size * bucket;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

/* The first slot of @bucket that holds @fingerprint (0: is free), or CUCKOO_SLOTS. */
static unsigned find_slot(const struct cuckoo *cuckoo, uint32_t bucket, uint16_t fingerprint) {
    uint64_t value = load(cuckoo, bucket);
    unsigned slot = 0;
    while (slot < CUCKOO_SLOTS && (value & fingerprint_mask(cuckoo)) != fingerprint) {
        value >>= cuckoo->fingerprint_bits;
        slot++;
    }
    return slot;
}

/* Puts @fingerprint into the slot and returns what was there. */
static uint16_t swap_slot(struct cuckoo *cuckoo, uint32_t bucket, unsigned slot,
                          uint16_t fingerprint) {
    unsigned shift = slot * cuckoo->fingerprint_bits;
    uint64_t value = load(cuckoo, bucket);
    uint64_t old = value >> shift & fingerprint_mask(cuckoo);
    store(cuckoo, bucket, value ^ (old ^ fingerprint) << shift);
    return (uint16_t)old;
}

static bool replace(struct cuckoo *cuckoo, uint32_t bucket, uint16_t from, uint16_t to) {
    unsigned slot = find_slot(cuckoo, bucket, from);
    if (slot < CUCKOO_SLOTS)
        swap_slot(cuckoo, bucket, slot, to);
    return slot < CUCKOO_SLOTS;
}

/* Finds a place for the entry; the one that is left over after the last kick becomes the victim. */
static void settle(struct cuckoo *cuckoo, struct cuckoo_entry entry, struct rng *rng) {
    uint32_t other = other_bucket(cuckoo, &entry);
    if (replace(cuckoo, entry.bucket, 0, entry.fingerprint) ||
        replace(cuckoo, other, 0, entry.fingerprint))
        return;
    if (rng_chance(rng, 1, 2))
        entry.bucket = other;
    for (unsigned kick = 0; kick < CUCKOO_KICKS; kick++) {
        unsigned slot = (unsigned)rng_below(rng, CUCKOO_SLOTS);
        entry.fingerprint = swap_slot(cuckoo, entry.bucket, slot, entry.fingerprint);
        entry.bucket = other_bucket(cuckoo, &entry);
        if (replace(cuckoo, entry.bucket, 0, entry.fingerprint))
            return;
    }
    cuckoo->victim = entry;
}

int cuckoo_insert(struct cuckoo *cuckoo, const void *item, size_t size, struct rng *rng) {
    if (cuckoo->victim.fingerprint != 0)
        return ERR_LIMIT;
    settle(cuckoo, entry_of(cuckoo, item, size), rng);
    cuckoo->count++;
    return OK;
}

static bool is_victim(const struct cuckoo *cuckoo, const struct cuckoo_entry *entry,
                      uint32_t other) {
    const struct cuckoo_entry *victim = &cuckoo->victim;
    return victim->fingerprint == entry->fingerprint &&
           (victim->bucket == entry->bucket || victim->bucket == other);
}

bool cuckoo_has(const struct cuckoo *cuckoo, const void *item, size_t size) {
    struct cuckoo_entry entry = entry_of(cuckoo, item, size);
    uint32_t other = other_bucket(cuckoo, &entry);
    return find_slot(cuckoo, entry.bucket, entry.fingerprint) < CUCKOO_SLOTS ||
           find_slot(cuckoo, other, entry.fingerprint) < CUCKOO_SLOTS ||
           is_victim(cuckoo, &entry, other);
}

int cuckoo_delete(struct cuckoo *cuckoo, const void *item, size_t size, struct rng *rng) {
    struct cuckoo_entry entry = entry_of(cuckoo, item, size), victim = cuckoo->victim;
    uint32_t other = other_bucket(cuckoo, &entry);
    bool waiting = victim.fingerprint != 0;
    if (is_victim(cuckoo, &entry, other))
        waiting = false;
    else if (!replace(cuckoo, entry.bucket, entry.fingerprint, 0) &&
             !replace(cuckoo, other, entry.fingerprint, 0))
        return ERR_UNKNOWN;
    cuckoo->count--;
    cuckoo->victim = (struct cuckoo_entry){0};
    if (waiting)
        settle(cuckoo, victim, rng);
    return OK;
}

void cuckoo_write(struct writer *writer, const struct cuckoo *cuckoo) {
    write_u8(writer, (uint8_t)cuckoo->fingerprint_bits);
    write_u8(writer, (uint8_t)cuckoo->bucket_bits);
    write_bytes(writer, cuckoo->key, CUCKOO_KEY_BYTES);
    write_u32(writer, cuckoo->victim.bucket);
    write_u16(writer, cuckoo->victim.fingerprint);
    write_bytes(writer, cuckoo->slots, cuckoo_size(cuckoo->fingerprint_bits, cuckoo->bucket_bits));
}

static bool victim_in_range(const struct cuckoo *cuckoo) {
    const struct cuckoo_entry *victim = &cuckoo->victim;
    return victim->bucket <= bucket_mask(cuckoo) &&
           victim->fingerprint <= fingerprint_mask(cuckoo) &&
           (victim->fingerprint != 0 || victim->bucket == 0);
}

int cuckoo_read(struct reader *reader, struct cuckoo *cuckoo, uint8_t *slots, size_t room) {
    *cuckoo = (struct cuckoo){.fingerprint_bits = read_u8(reader), .slots = slots};
    cuckoo->bucket_bits = read_u8(reader);
    read_bytes(reader, cuckoo->key, CUCKOO_KEY_BYTES);
    cuckoo->victim.bucket = read_u32(reader);
    cuckoo->victim.fingerprint = read_u16(reader);
    if (reader->error == OK &&
        (!in_range(cuckoo->fingerprint_bits, cuckoo->bucket_bits) || !victim_in_range(cuckoo)))
        reader_fail(reader, ERR_NON_CANONICAL);
    if (reader->error != OK)
        return reader->error;
    size_t size = cuckoo_size(cuckoo->fingerprint_bits, cuckoo->bucket_bits);
    if (size > room)
        reader_fail(reader, ERR_LIMIT);
    const uint8_t *view = read_view(reader, size);
    if (view == NULL)
        return reader->error;
    memcpy(slots, view, size);
    cuckoo->count = cuckoo->victim.fingerprint != 0;
    for (uint32_t bucket = 0; bucket <= bucket_mask(cuckoo); bucket++)
        for (uint64_t value = load(cuckoo, bucket); value != 0; value >>= cuckoo->fingerprint_bits)
            cuckoo->count += (value & fingerprint_mask(cuckoo)) != 0;
    return OK;
}
