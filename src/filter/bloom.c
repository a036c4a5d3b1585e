/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter/bloom.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

__extension__ typedef unsigned __int128 uint128;

_Static_assert(BLOOM_KEY_BYTES == crypto_shorthash_siphashx24_KEYBYTES, "SipHash key");

struct hashes {
    uint64_t first;
    uint64_t second;
};

static struct hashes hash(const struct bloom *bloom, const void *item, size_t size) {
    uint8_t output[crypto_shorthash_siphashx24_BYTES];
    struct reader reader;
    crypto_shorthash_siphashx24(output, item, size, bloom->key);
    reader_init(&reader, output, sizeof output);
    struct hashes hashes = {.first = read_u64(&reader)};
    hashes.second = read_u64(&reader);
    return hashes;
}

/* Maps a uniform 64-bit value to [0, bound) by its upper part, without a division. */
static uint64_t scale(uint64_t value, uint64_t bound) {
    return (uint64_t)((uint128)value * bound >> 64);
}

static uint64_t position(const struct bloom *bloom, const struct hashes *hashes, unsigned i) {
    uint64_t mixed = hashes->first + i * hashes->second;
    if (bloom->layout == BLOOM_CLASSIC)
        return scale(mixed, (uint64_t)bloom->blocks * BLOOM_BLOCK_BITS);
    /* Arithmetic progressions modulo 512 are so few that equal ones would dominate the rate of a
     * good filter; mixing once more makes the positions of a block independent. */
    uint64_t block = scale(hashes->first, bloom->blocks);
    return block * BLOOM_BLOCK_BITS + scale(mix64(mixed), BLOOM_BLOCK_BITS);
}

uint32_t bloom_blocks(uint64_t items, unsigned bits_per_item) {
    uint128 bits = (uint128)items * bits_per_item;
    uint128 blocks = (bits + BLOOM_BLOCK_BITS - 1) / BLOOM_BLOCK_BITS;
    if (blocks > BLOOM_BLOCKS_MAX)
        return 0;
    return blocks > 0 ? (uint32_t)blocks : 1;
}

unsigned bloom_hashes(unsigned bits_per_item) {
    uint64_t hashes = ((uint64_t)bits_per_item * 693147 + 500000) / 1000000; /* ln 2 */
    return (unsigned)size_max(1, size_min(hashes, BLOOM_HASHES_MAX));
}

static bool in_range(unsigned layout, unsigned hashes, uint32_t blocks) {
    return layout < BLOOM_LAYOUTS && hashes >= 1 && hashes <= BLOOM_HASHES_MAX && blocks >= 1 &&
           blocks <= BLOOM_BLOCKS_MAX;
}

int bloom_init(struct bloom *bloom, enum bloom_layout layout, unsigned hashes, uint32_t blocks,
               const uint8_t key[BLOOM_KEY_BYTES], uint8_t *bits) {
    if (!in_range(layout, hashes, blocks))
        return ERR_INVALID;
    *bloom = (struct bloom){.layout = layout, .hashes = hashes, .blocks = blocks, .bits = bits};
    memcpy(bloom->key, key, BLOOM_KEY_BYTES);
    memset(bits, 0, bloom_size(bloom));
    return OK;
}

size_t bloom_size(const struct bloom *bloom) {
    return (size_t)bloom->blocks * BLOOM_BLOCK_BYTES;
}

void bloom_add(struct bloom *bloom, const void *item, size_t size) {
    struct hashes hashes = hash(bloom, item, size);
    for (unsigned i = 0; i < bloom->hashes; i++) {
        uint64_t at = position(bloom, &hashes, i);
        bloom->bits[at / 8] |= (uint8_t)(1u << at % 8);
    }
}

bool bloom_has(const struct bloom *bloom, const void *item, size_t size) {
    struct hashes hashes = hash(bloom, item, size);
    for (unsigned i = 0; i < bloom->hashes; i++) {
        uint64_t at = position(bloom, &hashes, i);
        if (!(bloom->bits[at / 8] >> at % 8 & 1))
            return false;
    }
    return true;
}

int bloom_unite(struct bloom *bloom, const struct bloom *other) {
    if (bloom->layout != other->layout || bloom->hashes != other->hashes ||
        bloom->blocks != other->blocks || memcmp(bloom->key, other->key, BLOOM_KEY_BYTES) != 0)
        return ERR_MISMATCH;
    for (size_t i = 0; i < bloom_size(bloom); i++)
        bloom->bits[i] |= other->bits[i];
    return OK;
}

void bloom_write(struct writer *writer, const struct bloom *bloom) {
    write_u8(writer, (uint8_t)bloom->layout);
    write_u8(writer, (uint8_t)bloom->hashes);
    write_u32(writer, bloom->blocks);
    write_bytes(writer, bloom->key, BLOOM_KEY_BYTES);
    write_bytes(writer, bloom->bits, bloom_size(bloom));
}

int bloom_read(struct reader *reader, struct bloom *bloom, uint8_t *bits, size_t room) {
    unsigned layout = read_u8(reader), hashes = read_u8(reader);
    uint32_t blocks = read_u32(reader);
    if (reader->error == OK && !in_range(layout, hashes, blocks))
        reader_fail(reader, ERR_NON_CANONICAL);
    if (reader->error == OK && (size_t)blocks * BLOOM_BLOCK_BYTES > room)
        reader_fail(reader, ERR_LIMIT);
    if (reader->error != OK)
        return reader->error;
    *bloom = (struct bloom){.layout = layout, .hashes = hashes, .blocks = blocks, .bits = bits};
    read_bytes(reader, bloom->key, BLOOM_KEY_BYTES);
    const uint8_t *view = read_view(reader, bloom_size(bloom));
    if (view != NULL)
        memcpy(bits, view, bloom_size(bloom));
    return reader->error;
}
