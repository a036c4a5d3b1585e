/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"

#include <assert.h>
#include <string.h>

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

uint64_t mix64(uint64_t value) {
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t hash_combine(uint64_t hash, uint64_t value) {
    return mix64(mix64(hash + GOLDEN_GAMMA) ^ value);
}

uint64_t hash_name(const char *name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    return mix64(hash);
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t owner, const char *purpose) {
    uint64_t state = hash_combine(hash_combine(mix64(seed), owner), hash_name(purpose));
    for (size_t i = 0; i < ARRAY_LEN(rng->state); i++) {
        state += GOLDEN_GAMMA;
        rng->state[i] = mix64(state);
    }
}

static uint64_t rotate_left(uint64_t value, unsigned bits) {
    return (value << bits) | (value >> (64 - bits));
}

uint64_t rng_next(struct rng *rng) {
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound) {
    assert(bound > 0);
    /* Values below (2^64 mod bound) would make small results more likely: draw again. */
    uint64_t reject = (0 - bound) % bound;
    uint64_t value;
    do {
        value = rng_next(rng);
    } while (value < reject);
    return value % bound;
}

bool rng_chance(struct rng *rng, uint64_t numerator, uint64_t denominator) {
    return rng_below(rng, denominator) < numerator;
}

void rng_fill(struct rng *rng, void *out, size_t size) {
    uint8_t *bytes = out;
    while (size > 0) {
        uint64_t value = rng_next(rng);
        size_t part = size_min(size, sizeof value);
        for (size_t i = 0; i < part; i++)
            bytes[i] = (uint8_t)(value >> (8 * i));
        bytes += part;
        size -= part;
    }
}

void rng_shuffle(struct rng *rng, void *items, size_t count, size_t size) {
    uint8_t swap[64];
    uint8_t *bytes = items;
    assert(size <= sizeof swap);
    for (size_t left = count; left > 1; left--) {
        size_t pick = (size_t)rng_below(rng, left);
        memcpy(swap, bytes + (left - 1) * size, size);
        memmove(bytes + (left - 1) * size, bytes + pick * size, size);
        memcpy(bytes + pick * size, swap, size);
    }
}
